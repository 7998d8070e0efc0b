//! From lines to instructions.

use std::collections::BTreeMap;

use super::{Assignment, Dockerfile, Instruction, Stage};
use crate::Defect;

const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

pub(super) fn read(text: &str, most: usize) -> (Dockerfile, Vec<Defect>) {
    let mut file = Dockerfile::default();
    let mut defects = Vec::new();
    let escape = escape_character(text);
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let first = at;
        at += 1;
        let start = line.trim();
        if start.is_empty() || start.starts_with('#') {
            continue;
        }
        if file.instructions.len() >= most {
            defects.push(Defect::whole("limit-records", format!("more than {most} instructions")));
            break;
        }
        let mut whole = start.trim_end().to_owned();
        while let Some(stripped) = whole.strip_suffix(escape) {
            whole.truncate(stripped.trim_end().len());
            let Some(next) = lines.get(at) else { break };
            at += 1;
            let next = next.trim();
            if next.is_empty() || next.starts_with('#') {
                whole.push(escape);
                continue;
            }
            whole.push(' ');
            whole.push_str(next);
        }
        let (keyword, arguments) = whole.split_once(char::is_whitespace).unwrap_or((&whole, ""));
        let keyword = keyword.to_uppercase();
        let mut arguments = arguments.trim().to_owned();
        if !KEYWORDS.contains(&keyword.as_str()) {
            let shown: String = keyword.chars().take(20).collect();
            let detail = format!("line {}: `{shown}` is no instruction", first + 1);
            if !defects.iter().any(|known: &Defect| known.code == "dockerfile-instruction") {
                defects.push(Defect::whole("dockerfile-instruction", detail));
            }
            continue;
        }
        if matches!(keyword.as_str(), "RUN" | "COPY" | "ADD") {
            for word in here_words(&arguments) {
                let mut closed = false;
                while let Some(line) = lines.get(at) {
                    at += 1;
                    if line.trim() == word {
                        closed = true;
                        break;
                    }
                    arguments.push('\n');
                    arguments.push_str(line);
                }
                if !closed {
                    let detail = format!("line {}: the here-document `{word}` does not end", first + 1);
                    defects.push(Defect::whole("dockerfile-heredoc", detail));
                }
            }
        }
        let line = u32::try_from(first + 1).unwrap_or(u32::MAX);
        add(&mut file, Instruction { keyword, line, arguments, stage: None });
    }
    if file.stages.is_empty() {
        defects.push(Defect::whole("dockerfile-no-from", "no stage starts from an image"));
    }
    (file, defects)
}

/// The parser directive `# escape=` of the first lines.
fn escape_character(text: &str) -> char {
    for line in text.lines().map_while(|line| line.trim().strip_prefix('#')) {
        let directive = line.split_once('=').map(|(key, value)| (key.trim().to_lowercase(), value.trim()));
        match directive {
            Some((key, "`")) if key == "escape" => return '`',
            Some(_) => {}
            None => break,
        }
    }
    '\\'
}

/// The delimiters of here-documents in an instruction, in order.
fn here_words(arguments: &str) -> Vec<String> {
    arguments
        .split_whitespace()
        .filter_map(|word| {
            let (_, word) = word.split_once("<<")?;
            let word = word.trim_start_matches('-').trim_matches(['"', '\'']);
            let named = word.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
            (named && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
                .then(|| word.to_owned())
        })
        .collect()
}

fn add(file: &mut Dockerfile, mut instruction: Instruction) {
    if instruction.keyword == "FROM" {
        let mut words = instruction.arguments.split_whitespace().filter(|word| !word.starts_with("--"));
        let image = substitute(words.next().unwrap_or_default(), &file.variables);
        let name = match words.next() {
            Some(word) if word.eq_ignore_ascii_case("as") => words.next().map(str::to_lowercase),
            _ => None,
        };
        let parent =
            file.stages.iter().rposition(|stage| stage.name.as_deref() == Some(&image.to_lowercase()));
        file.stages.push(Stage { line: instruction.line, image, name, parent });
    }
    instruction.stage = file.stages.len().checked_sub(1);
    if matches!(instruction.keyword.as_str(), "ARG" | "ENV") {
        for assignment in instruction.assignments() {
            if let Some(value) = assignment.value {
                let value = substitute(&value, &file.variables);
                // A value that quotes itself over and over must not grow without end.
                if value.len() <= 4096 {
                    file.variables.insert(assignment.name, value);
                }
            }
        }
    }
    file.instructions.push(instruction);
}

pub(super) fn substitute(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        let (inner, length) = match rest.strip_prefix("${") {
            Some(braced) => match braced.find('}') {
                Some(end) => (&braced[..end], end + 3),
                None => break,
            },
            None => {
                let name = rest[1..]
                    .bytes()
                    .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
                    .count();
                (&rest[1..=name], name + 1)
            }
        };
        let (name, default) =
            inner.split_once(":-").map_or((inner, None), |(name, value)| (name, Some(value)));
        match variables.get(name).map(String::as_str).or(default) {
            Some(value) => out.push_str(value),
            None => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

pub(super) fn assignments(keyword: &str, arguments: &str) -> Vec<Assignment> {
    let tokens = shell_words(arguments);
    let legacy = keyword != "ARG" && tokens.first().is_some_and(|token| !token.contains('='));
    if legacy {
        return match arguments.split_once(char::is_whitespace) {
            Some((name, value)) => {
                vec![Assignment {
                    name: name.to_owned(),
                    value: Some(value.trim().trim_matches('"').to_owned()),
                }]
            }
            None => Vec::new(),
        };
    }
    tokens
        .into_iter()
        .map(|token| match token.split_once('=') {
            Some((name, value)) => Assignment { name: name.to_owned(), value: Some(value.to_owned()) },
            None => Assignment { name: token, value: None },
        })
        .collect()
}

pub(super) fn words(arguments: &str) -> Vec<String> {
    if arguments.starts_with('[') {
        let (node, defects) = crate::json::read_text(arguments, &crate::Limits::default());
        if defects.is_empty() {
            return node.items().iter().filter_map(|item| item.text().map(str::to_owned)).collect();
        }
    }
    let mut words = shell_words(arguments);
    let flags = words.iter().take_while(|word| word.starts_with("--")).count();
    words.drain(..flags);
    words
}

/// Words as a shell would split them, quotes removed, operators left as they are.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begun = false;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None | Some('"'), '\\') => {
                word.extend(characters.next());
                begun = true;
            }
            (Some(_), _) => word.push(character),
            (None, '"' | '\'') => {
                quote = Some(character);
                begun = true;
            }
            (None, _) if character.is_whitespace() => {
                if begun {
                    words.push(std::mem::take(&mut word));
                    begun = false;
                }
            }
            (None, _) => {
                word.push(character);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}
