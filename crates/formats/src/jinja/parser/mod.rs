//! From tokens to statements: what a template consists of, and the bodies of its blocks.

mod cursor;
mod operands;
mod operators;
mod tags;

use cursor::Reader;

use super::expression::Expression;
use super::lexer::{Piece, Token, pieces};
use crate::{Budget, Defect};

/// Blocks or brackets inside one another.
const DEPTH: usize = 60;

/// One statement and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// One-based line.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
}

/// A parameter of a macro and its default.
pub type Parameter = (String, Option<Expression>);

/// What a statement is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Text printed as it stands.
    Text(String),
    /// `{{ … }}`.
    Output(Expression),
    /// Conditions with their bodies; the last may be without condition.
    If(Vec<(Option<Expression>, Vec<Statement>)>),
    /// A loop: targets, what is gone through, condition, body, body for nothing.
    For {
        /// Names bound.
        targets: Vec<String>,
        /// What is gone through.
        over: Expression,
        /// `if` behind it.
        only: Option<Expression>,
        /// Body.
        body: Vec<Statement>,
        /// `else`.
        otherwise: Vec<Statement>,
    },
    /// `set a, b.c = value`.
    Set(Vec<Expression>, Expression),
    /// `set a` … `endset`, with filters applied to the body.
    SetBlock(Expression, Vec<Statement>),
    /// A macro.
    Macro(String, Vec<Parameter>, Vec<Statement>),
    /// A `call` block: the call and the body it is given.
    CallBlock(Expression, Vec<Statement>),
    /// `with a = b`, `block name`, `filter …`, `generation`, `autoescape`, `trans`: a body with expressions before it.
    Body(String, Vec<Expression>, Vec<Statement>),
    /// `include`, `import`, `from`, `extends`: which and what file.
    Reach(String, Expression),
    /// `do expression`.
    Do(Expression),
    /// `break`, `continue`, `debug`.
    Word(String),
    /// What could not be parsed, as it was written.
    Unread(String),
}

/// Parses a template; the defect says that a bound was hit.
pub(super) fn parse(text: &str, budget: &Budget) -> (Vec<Statement>, Option<Defect>) {
    let pieces = pieces(text);
    let mut parser =
        Parser { pieces, at: 0, depth: 0, nodes: budget.limits.nodes.min(400_000), limit: None, budget };
    let mut body = Vec::new();
    loop {
        let mut more = parser.body(&[]);
        body.append(&mut more);
        if parser.at >= parser.pieces.len() || parser.limit.is_some() {
            break;
        }
        // An end tag without its beginning.
        parser.at += 1;
    }
    (body, parser.limit)
}

/// Where in the template the parser stands.
struct Parser<'a> {
    pieces: Vec<Piece<'a>>,
    at: usize,
    depth: usize,
    nodes: usize,
    limit: Option<Defect>,
    budget: &'a Budget,
}

/// Tags that end or divide a block; met elsewhere they end the body they stand in.
const DIVIDERS: &[&str] = &["elif", "else"];

impl Parser<'_> {
    /// Statements up to a tag of `ends`, or any end tag, which is left.
    fn body(&mut self, ends: &[&str]) -> Vec<Statement> {
        let mut body = Vec::new();
        if self.depth > DEPTH {
            let detail = "blocks nest deeper than is looked at";
            self.limit.get_or_insert_with(|| Defect::whole("limit-depth", detail));
            self.at = self.pieces.len();
            return body;
        }
        self.depth += 1;
        while let Some(piece) = self.pieces.get(self.at) {
            if self.at.is_multiple_of(1024) && self.budget.is_stopped() {
                self.limit = Some(Defect::whole("limit-time", "the time was over inside a template"));
                self.at = self.pieces.len();
                break;
            }
            match piece.clone() {
                Piece::Text(text) => {
                    self.at += 1;
                    body.push(Statement { line: 0, kind: Kind::Text(text.to_owned()) });
                }
                Piece::Output { tokens, source, line } => {
                    self.at += 1;
                    let kind = match self.expression(tokens) {
                        Some(expression) => Kind::Output(expression),
                        None => Kind::Unread(source.to_owned()),
                    };
                    body.push(Statement { line, kind });
                }
                Piece::Tag { tokens, source, line } => {
                    let word = match tokens.first() {
                        Some(Token::Name(word)) => word.clone(),
                        _ => String::new(),
                    };
                    if ends.contains(&word.as_str())
                        || word.starts_with("end")
                        || DIVIDERS.contains(&word.as_str())
                    {
                        break;
                    }
                    self.at += 1;
                    let kind = self.tag(&word, tokens).unwrap_or_else(|| Kind::Unread(source.to_owned()));
                    body.push(Statement { line, kind });
                }
            }
        }
        self.depth -= 1;
        body
    }

    /// Passes the end tag, if it is there.
    fn end(&mut self, name: &str) {
        if self.word_here().is_some_and(|word| word == name || word == "end") {
            self.at += 1;
        }
    }

    /// First word of the tag at hand.
    fn word_here(&self) -> Option<&str> {
        match self.pieces.get(self.at) {
            Some(Piece::Tag { tokens, .. }) => match tokens.first() {
                Some(Token::Name(word)) => Some(word),
                _ => None,
            },
            _ => None,
        }
    }

    fn expression(&mut self, tokens: Vec<Token>) -> Option<Expression> {
        let mut reader = self.reader(tokens);
        let expression = reader.tuple()?;
        reader.is_done().then_some(expression)
    }

    fn reader(&mut self, tokens: Vec<Token>) -> Reader<'_> {
        Reader::new(tokens, &mut self.nodes)
    }
}
