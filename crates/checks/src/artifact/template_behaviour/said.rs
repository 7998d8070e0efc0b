//! What a branch of a template says, and how much of it is natural language.

use vauban_formats::jinja::{Expression, Kind, Operator, Statement};

use crate::artifact::template::statements;

/// Words of a conversation's frame rather than of what is said in it.
const FRAME: &[&str] = &[
    "assistant",
    "begin",
    "bos",
    "channel",
    "content",
    "end",
    "eos",
    "final",
    "function",
    "header",
    "human",
    "id",
    "im",
    "inst",
    "message",
    "model",
    "of",
    "response",
    "role",
    "sep",
    "start",
    "sys",
    "system",
    "text",
    "think",
    "thinking",
    "tool",
    "turn",
    "user",
    "analysis",
    "commentary",
    "date",
    "knowledge",
    "cutting",
    "today",
    "reasoning",
    "effort",
    "on",
    "off",
    "detailed",
    "true",
    "false",
    "no",
];

/// What a branch says and sets.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Texts that are printed.
    pub(super) texts: Vec<String>,
    /// Texts that variables are set to.
    pub(super) set: Vec<String>,
}

/// What an expression prints.
pub(super) fn said_by(expression: &Expression) -> Said {
    let mut said = Said::default();
    texts_in(expression, &mut said.texts);
    said
}

/// Adds what a body prints and sets.
pub(super) fn said_in(body: &[Statement], said: &mut Said) {
    statements(body, &mut |statement| match &statement.kind {
        Kind::Text(text) => said.texts.push(text.clone()),
        Kind::Output(value) => texts_in(value, &mut said.texts),
        Kind::Set(_, value) => texts_in(value, &mut said.set),
        _ => {}
    });
}

/// Texts that an expression may print: not those it compares with, looks up, splits at, or complains with.
fn texts_in(expression: &Expression, texts: &mut Vec<String>) {
    match expression {
        Expression::Text(text) => texts.push(text.clone()),
        Expression::Binary(
            Operator::Add
            | Operator::Concat
            | Operator::Modulo
            | Operator::Multiply
            | Operator::And
            | Operator::Or,
            left,
            right,
        ) => {
            texts_in(left, texts);
            texts_in(right, texts);
        }
        Expression::Choice(_, yes, no) => {
            texts_in(yes, texts);
            texts_in(no, texts);
        }
        Expression::Filter(value, name, arguments, _) => {
            texts_in(value, texts);
            if matches!(name.as_str(), "replace" | "default" | "d" | "format") {
                arguments.iter().for_each(|argument| texts_in(argument, texts));
            }
        }
        Expression::Call(callee, arguments, _) => match &**callee {
            Expression::Attribute(value, name) if matches!(name.as_str(), "format" | "replace" | "join") => {
                texts_in(value, texts);
                arguments.iter().for_each(|argument| texts_in(argument, texts));
            }
            _ => {}
        },
        Expression::List(items) => items.iter().for_each(|item| texts_in(item, texts)),
        Expression::Dict(pairs) => pairs.iter().for_each(|(_, value)| texts_in(value, texts)),
        _ => {}
    }
}

/// Words of natural language in a text: what stands in tags is not counted, nor, if `said`, the frame's own words.
pub(super) fn words(text: &str, said: bool) -> usize {
    let mut plain = String::new();
    let mut closing: Option<char> = None;
    for character in text.chars() {
        match (closing, character) {
            (None, '<') => closing = Some('>'),
            (None, '[') => closing = Some(']'),
            (Some(end), here) if here == end || here == '\n' => {
                closing = None;
                plain.push(' ');
            }
            (None, here) => plain.push(here),
            (Some(_), _) => {}
        }
    }
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= 2 && word.chars().all(char::is_alphabetic))
        .filter(|word| !said || !FRAME.contains(&word.to_lowercase().as_str()))
        .count()
}
