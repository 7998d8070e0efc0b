//! Brackets and words.

use super::{Read, wrong};
use crate::Defect;

/// A word, or forms in brackets.
pub(super) enum Form<'a> {
    Word(&'a str),
    List(Vec<Form<'a>>),
}

/// Brackets inside brackets; later recursion over forms goes no deeper.
const DEPTH: usize = 32;

/// The forms of a text, of at most `most` words and brackets; a semicolon begins a comment.
pub(super) fn forms(text: &str, most: usize) -> Read<Vec<Form<'_>>> {
    let mut stack: Vec<Vec<Form<'_>>> = vec![Vec::new()];
    let mut count = 0;
    for line in text.lines() {
        let mut rest = line.split(';').next().unwrap_or_default();
        loop {
            rest = rest.trim_start();
            let Some(first) = rest.chars().next() else { break };
            count += 1;
            if count > most {
                return Err(Defect::whole("limit-nodes", format!("more than {most} words and brackets")));
            }
            match first {
                '(' => {
                    if stack.len() > DEPTH {
                        return Err(Defect::whole("limit-depth", format!("more than {DEPTH} brackets")));
                    }
                    stack.push(Vec::new());
                    rest = &rest[1..];
                }
                ')' => {
                    rest = &rest[1..];
                    let closed = stack.pop().unwrap_or_default();
                    match stack.last_mut() {
                        Some(outer) => outer.push(Form::List(closed)),
                        None => return wrong("a bracket closes that was not opened"),
                    }
                }
                _ => {
                    let end = rest.find(|char: char| char.is_whitespace() || char == '(' || char == ')');
                    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                    if let Some(open) = stack.last_mut() {
                        open.push(Form::Word(word));
                    }
                    rest = after;
                }
            }
        }
    }
    match (stack.pop(), stack.is_empty()) {
        (Some(forms), true) => Ok(forms),
        _ => wrong("a bracket is not closed"),
    }
}
