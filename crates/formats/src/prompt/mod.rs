//! Prompts and instruction files for language models: what they say, and what in them no reader can see.
//!
//! Invisible, bidirectional and tag characters after Unicode Technical Standard 39 and Boucher and Anderson,
//! "Trojan Source: Invisible Vulnerabilities", USENIX Security 2023.

mod front;
mod hidden;
mod place;

use crate::yaml::text_of;
use crate::{Facts, Format, Input, Parsed, Recognised};

pub use front::Front;
pub use hidden::{Hidden, HiddenKind, hidden};

/// The format.
pub const FORMAT: Format =
    Format { name: "prompt", extensions: &["prompt", "prompty", "mdc"], recognise, parse };

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Prompt {
    /// What it is for, by its place.
    pub kind: Kind,
    /// What stands before the text.
    pub front: Option<Front>,
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

/// What an instruction text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// An agent or mode that another can call.
    Agent,
    /// A command that a person can call by name.
    Command,
    /// What holds for a project or a person.
    Instructions,
    /// A prompt of an application.
    #[default]
    Prompt,
    /// A skill that a model takes up by its description.
    Skill,
}

impl Kind {
    /// The lower-case word used in attributes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Command => "command",
            Self::Instructions => "instructions",
            Self::Prompt => "prompt",
            Self::Skill => "skill",
        }
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    let is_prompt = place::kind_of(input.name, input.head(4096)).is_some();
    let is_binary = input.head(1024).contains(&0);
    if is_prompt && !is_binary { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, defects) = text_of(input.bytes, &input.budget.limits);
    let facts = Prompt {
        kind: place::kind_of(input.name, input.head(4096)).unwrap_or_default(),
        front: front::read(&text, &input.budget.limits),
        ..read_text(&text)
    };
    Parsed { format: FORMAT.name, facts: Facts::Prompt(facts), defects, members: Vec::new() }
}

/// The facts of a prompt, for those that stand in other files too.
pub fn read_text(text: &str) -> Prompt {
    Prompt {
        kind: Kind::default(),
        front: None,
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
    fn clients_keep_instructions_in_folders_of_their_own() {
        let budget = Budget::default();
        for (name, wanted) in [
            (".claude/agents/a.md", Some(Kind::Agent)),
            ("x/.claude/skills/a/SKILL.md", Some(Kind::Skill)),
            (".claude/commands/git/a.md", Some(Kind::Command)),
            (".clinerules/a.md", Some(Kind::Instructions)),
            (".cursor/rules/a.mdc", Some(Kind::Instructions)),
            (".github/instructions/a.instructions.md", Some(Kind::Instructions)),
            (".github/prompts/a.prompt.md", Some(Kind::Command)),
            (".kiro/steering/a.md", Some(Kind::Instructions)),
            (".roo/rules-code/a.md", Some(Kind::Instructions)),
            ("docs/agents/a.md", None),
            (".claude/settings.json", None),
        ] {
            let found = place::kind_of(name, b"text");
            assert_eq!(found, wanted, "{name}");
        }
        let front = b"---\nname: a\ndescription: b\n---\ntext";
        assert_eq!(place::kind_of("plugin/agents/a.md", front), Some(Kind::Agent));
        let text = "---\nname: a\ndescription: does a\nallowed-tools: Bash(git add:*), Read\n---\nText.\n";
        let parsed = parse(&Input::new("SKILL.md", text.as_bytes(), &budget));
        let Facts::Prompt(prompt) = parsed.facts else { panic!("other facts") };
        let front = prompt.front.unwrap();
        assert_eq!((front.name.as_str(), front.description.as_str()), ("a", "does a"));
        let allowed: Vec<(&str, u32)> =
            front.settings.permissions.iter().map(|rule| (rule.what.as_str(), rule.line)).collect();
        assert_eq!(allowed, [("Bash(git add:*)", 4), ("Read", 4)]);
    }

    #[test]
    fn odd_addresses_do_not_stop_it() {
        for text in ["://", "a://", "://://://", "é://é", "http://"] {
            let _ = read_text(text);
        }
    }
}
