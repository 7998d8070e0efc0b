//! Jinja templates: chat templates of language models, and any other.
//!
//! A lexer and a parser for the syntax of Jinja 3 with the extensions that Hugging Face's renderer knows (`generation`
//! blocks, `break`, `continue`, `do`). What cannot be parsed is kept as [`Kind::Unread`] and the rest goes on.
//! Source: <https://jinja.palletsprojects.com/en/stable/templates/>, and `transformers/utils/chat_template_utils.py`.

mod expression;
mod lexer;
mod parser;
#[cfg(test)]
mod tests;

use crate::yaml::text_of;
use crate::{Budget, Defect, Facts, Format, Input, Member, Parsed, Recognised};

pub use expression::{Expression, Operator};
pub use parser::{Kind, Parameter, Statement};

/// How templates are found and read.
pub const FORMAT: Format =
    Format { name: "jinja", extensions: &["j2", "jinja", "jinja2"], recognise, parse: |input| parse(input) };

/// Longest template that is parsed, in bytes; the longest in use have about 100,000.
const LARGEST: usize = 2 << 20;

/// A template.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Jinja {
    /// Whether it is a language model's chat template, by its name or by what it reads.
    pub chat: bool,
    /// Its statements.
    pub body: Vec<Statement>,
    /// The template itself, cut to what is parsed.
    pub text: String,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let name = input.file_name();
    let named = name.starts_with("chat_template.") && !name.ends_with(".json") && !name.ends_with(".py");
    let extension = FORMAT.extensions.contains(&input.extension().as_str());
    if (named || extension) && !input.head(1024).contains(&0) && !input.bytes.is_empty() {
        Recognised::ByShape
    } else {
        Recognised::No
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let chat = input.file_name().contains("chat_template") || text.contains("messages");
    let (facts, mut more) = read(&text, chat, input.budget);
    defects.append(&mut more);
    Parsed { format: FORMAT.name, facts: Facts::Jinja(facts), defects, members: Vec::new() }
}

/// Hands on a template that stands in another file, under the key where it stands.
pub fn member(input: &Input<'_>, key: &str, text: &str) -> Member {
    let chat = key.contains("template") || text.contains("messages");
    let (facts, defects) = read(text, chat, input.budget);
    let parsed = Parsed { format: FORMAT.name, facts: Facts::Jinja(facts), defects, members: Vec::new() };
    Member { name: key.to_owned(), size: text.len() as u64, parsed }
}

/// Reads a template.
pub fn read(text: &str, chat: bool, budget: &Budget) -> (Jinja, Vec<Defect>) {
    let mut defects = Vec::new();
    let mut kept = text;
    if text.len() > LARGEST {
        let cut = (0..=LARGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        kept = &text[..cut];
        let detail = format!("template of {} bytes; the first {cut} were read", text.len());
        defects.push(Defect::whole("limit-text", detail));
    }
    let (body, limit) = parser::parse(kept, budget);
    defects.extend(limit);
    (Jinja { chat, body, text: kept.to_owned() }, defects)
}
