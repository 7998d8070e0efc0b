//! Which files are instructions for a language model, by name and folder: facts of the documentation of each client.

use super::Kind;

/// Files that are instructions whatever folder they lie in, in lower case.
const NAMES: &[(&str, Kind)] = &[
    (".clinerules", Kind::Instructions),
    (".cursorrules", Kind::Instructions),
    (".goosehints", Kind::Instructions),
    (".roorules", Kind::Instructions),
    (".rules", Kind::Instructions),
    (".windsurfrules", Kind::Instructions),
    ("agent.md", Kind::Instructions),
    ("agents.md", Kind::Instructions),
    ("agents.override.md", Kind::Instructions),
    ("claude.local.md", Kind::Instructions),
    ("claude.md", Kind::Instructions),
    ("conventions.md", Kind::Instructions),
    ("copilot-instructions.md", Kind::Instructions),
    ("crush.md", Kind::Instructions),
    ("gemini.md", Kind::Instructions),
    ("qwen.md", Kind::Instructions),
    ("skill.md", Kind::Skill),
    ("warp.md", Kind::Instructions),
];

/// Ends of names.
const ENDS: &[(&str, Kind)] = &[
    (".agent.md", Kind::Agent),
    (".chatmode.md", Kind::Agent),
    (".instructions.md", Kind::Instructions),
    (".prompt.md", Kind::Command),
];

/// Folders below which text files are instructions: two parts each, so that an `agents` folder alone says nothing.
const FOLDERS: &[(&str, &str, Kind)] = &[
    (".aiassistant", "rules", Kind::Instructions),
    (".amazonq", "rules", Kind::Instructions),
    (".augment", "rules", Kind::Instructions),
    (".claude", "agents", Kind::Agent),
    (".claude", "commands", Kind::Command),
    (".claude", "output-styles", Kind::Instructions),
    (".claude", "rules", Kind::Instructions),
    (".codex", "prompts", Kind::Command),
    (".continue", "prompts", Kind::Command),
    (".continue", "rules", Kind::Instructions),
    (".cursor", "agents", Kind::Agent),
    (".cursor", "commands", Kind::Command),
    (".cursor", "rules", Kind::Instructions),
    (".github", "agents", Kind::Agent),
    (".github", "chatmodes", Kind::Agent),
    (".github", "instructions", Kind::Instructions),
    (".junie", "guidelines.md", Kind::Instructions),
    (".kilocode", "rules", Kind::Instructions),
    (".kiro", "steering", Kind::Instructions),
    (".opencode", "agent", Kind::Agent),
    (".opencode", "agents", Kind::Agent),
    (".opencode", "command", Kind::Command),
    (".opencode", "commands", Kind::Command),
    (".qwen", "agents", Kind::Agent),
    (".roo", "commands", Kind::Command),
    (".trae", "rules", Kind::Instructions),
    (".windsurf", "rules", Kind::Instructions),
    (".windsurf", "workflows", Kind::Command),
];

/// What kind of instruction a path stands for; `head` is the beginning of the text.
pub(super) fn kind_of(path: &str, head: &[u8]) -> Option<Kind> {
    let mut parts = path.rsplit(['/', '\\']);
    let name = parts.next()?.to_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if let Some((_, kind)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*kind);
    }
    if matches!(extension, "prompt" | "prompty") {
        return Some(Kind::Prompt);
    }
    if extension == "mdc" {
        return Some(Kind::Instructions);
    }
    if !matches!(extension, "md" | "txt" | "j2" | "jinja" | "jinja2" | "tmpl" | "")
        && !name.starts_with(".clinerules")
        && !name.starts_with(".roorules")
    {
        return None;
    }
    if let Some((_, kind)) = ENDS.iter().find(|(end, _)| name.ends_with(end)) {
        return Some(*kind);
    }
    if name.starts_with("system_prompt") || name.starts_with("system-prompt") {
        return Some(Kind::Prompt);
    }
    let is_readme = name == "readme.md";
    let mut inner = name.as_str();
    for part in parts {
        if !is_readme && (part.eq_ignore_ascii_case("prompts") || part.eq_ignore_ascii_case("system_prompts"))
        {
            let codex = path.contains(".codex/prompts/");
            return Some(if codex { Kind::Command } else { Kind::Prompt });
        }
        let known = FOLDERS.iter().find(|(outer, second, _)| part == *outer && inner == *second);
        if let Some((_, _, kind)) = known.filter(|_| !is_readme && !extension.is_empty()) {
            return Some(*kind);
        }
        let rules = part == ".clinerules" || (part == ".roo" && inner.starts_with("rules"));
        if rules && !is_readme && !extension.is_empty() {
            return Some(Kind::Instructions);
        }
        // Plug-ins keep theirs in folders with plain names; their front matter tells them from documentation.
        if matches!(part, "agents" | "commands") && extension == "md" && has_front(head) {
            return Some(if part == "agents" { Kind::Agent } else { Kind::Command });
        }
        inner = part;
    }
    None
}

/// Whether a text begins with front matter that describes an agent or command.
fn has_front(head: &[u8]) -> bool {
    let head = String::from_utf8_lossy(head);
    let Some((front, _)) = head.strip_prefix("---").and_then(|rest| rest.split_once("\n---")) else {
        return false;
    };
    let has = |key: &str| front.lines().any(|line| line.starts_with(key));
    has("description:")
        && (has("name:") || has("tools:") || has("allowed-tools:") || has("model:") || has("argument-hint:"))
}
