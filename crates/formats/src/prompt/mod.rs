//! Prompts and instruction files for language models: what they say, and what in them no reader can see.
//!
//! Invisible, bidirectional and tag characters after Unicode Technical Standard 39 and Boucher and Anderson,
//! "Trojan Source: Invisible Vulnerabilities", USENIX Security 2023.

mod hidden;

use crate::yaml::text_of;
use crate::{Facts, Format, Input, Parsed, Recognised};

pub use hidden::{Hidden, HiddenKind, hidden};

/// The format.
pub const FORMAT: Format =
    Format { name: "prompt", extensions: &["prompt", "prompty", "mdc"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    /// The text.
    pub text: String,
    /// Number of characters.
    pub characters: usize,
    /// Number of words.
    pub words: usize,
    /// Characters that no reader sees, at most a hundred runs of them.
    pub hidden: Vec<Hidden>,
    /// Addresses in it, with lines, in the order written.
    pub urls: Vec<(String, u32)>,
    /// Names of variables that are filled in (`{name}`, `{{ name }}`, `${name}`), sorted.
    pub variables: Vec<String>,
}

/// Files that are instructions whatever folder they lie in, in lower case.
const NAMES: &[&str] = &[
    ".clinerules",
    ".cursorrules",
    ".windsurfrules",
    "agents.md",
    "claude.md",
    "copilot-instructions.md",
    "gemini.md",
    "skill.md",
];

fn recognise(input: &Input<'_>) -> Recognised {
    let name = input.file_name().to_lowercase();
    let extension = input.extension();
    let is_text = matches!(extension.as_str(), "md" | "txt" | "j2" | "jinja" | "jinja2" | "tmpl" | "");
    let in_folder = input
        .name
        .rsplit(['/', '\\'])
        .skip(1)
        .any(|part| part.eq_ignore_ascii_case("prompts") || part.eq_ignore_ascii_case("system_prompts"));
    let is_prompt = matches!(extension.as_str(), "prompt" | "prompty" | "mdc")
        || NAMES.contains(&name.as_str())
        || (is_text && (name.starts_with("system_prompt") || name.starts_with("system-prompt")))
        || (is_text && in_folder && name != "readme.md");
    let is_binary = input.head(1024).contains(&0);
    if is_prompt && !is_binary { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, defects) = text_of(input.bytes, &input.budget.limits);
    let facts = read_text(&text);
    Parsed { format: FORMAT.name, facts: Facts::Prompt(facts), defects, members: Vec::new() }
}

/// The facts of a prompt, for those that stand in other files too.
pub fn read_text(text: &str) -> Prompt {
    Prompt {
        characters: text.chars().count(),
        words: text.split_whitespace().count(),
        hidden: hidden(text),
        urls: urls(text),
        variables: variables(text),
        text: text.to_owned(),
    }
}

fn urls(text: &str) -> Vec<(String, u32)> {
    let mut found = Vec::new();
    for (line, number) in text.lines().zip(1_u32..) {
        let mut rest = line;
        while let Some(at) = rest.find("://") {
            let scheme = rest[..at].bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
            let start = at - scheme;
            let end = rest[at..]
                .find(|c: char| {
                    c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | ')' | ']' | '|')
                })
                .map_or(rest.len(), |length| at + length);
            if scheme > 0 && end > at + 3 && found.len() < 1000 {
                found.push((rest[start..end].trim_end_matches(['.', ',', ';']).to_owned(), number));
            }
            rest = &rest[end.max(at + 3)..];
        }
    }
    found
}

fn variables(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split('{').skip(1) {
        let Some((inner, _)) = part.split_once('}') else { continue };
        let name = inner.trim();
        let mut bytes = name.bytes();
        let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        if starts
            && name.len() <= 60
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte))
        {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    names.dedup();
    names.truncate(1000);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn facts_are_read() {
        let prompt = read_text("Hello {name}, {{ place }}.\nSee https://a.example/b?c=d. {not this}\n");
        assert_eq!(prompt.variables, ["name", "place"]);
        assert_eq!(prompt.urls, [("https://a.example/b?c=d".to_owned(), 2)]);
        assert_eq!(prompt.words, 9);
    }

    #[test]
    fn prompts_are_known_by_their_place() {
        let budget = Budget::default();
        let of = |name: &str| recognise(&Input::new(name, b"text", &budget));
        for name in
            ["a/prompts/x.md", "AGENTS.md", "b/SKILL.md", "x.prompt", "system_prompt.txt", ".cursorrules"]
        {
            assert_eq!(of(name), Recognised::ByShape, "{name}");
        }
        for name in ["README.md", "prompts/README.md", "prompts/a.py", "prompts.md"] {
            assert_eq!(of(name), Recognised::No, "{name}");
        }
    }

    #[test]
    fn odd_addresses_do_not_stop_it() {
        for text in ["://", "a://", "://://://", "é://é", "http://"] {
            let _ = read_text(text);
        }
    }
}
