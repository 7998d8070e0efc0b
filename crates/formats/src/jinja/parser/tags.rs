//! Tags: the statement that each begins, with its body.

use super::cursor::Reader;
use super::{Kind, Parameter, Parser};
use crate::jinja::expression::Expression;
use crate::jinja::lexer::{Piece, Token};

/// The head of a loop: targets, what is gone through, condition.
type ForHead = (Vec<String>, Expression, Option<Expression>);

impl Parser<'_> {
    /// The statement of a tag; `None` if it cannot be parsed.
    pub(super) fn tag(&mut self, word: &str, tokens: Vec<Token>) -> Option<Kind> {
        let rest: Vec<Token> = tokens.into_iter().skip(1).collect();
        Some(match word {
            "if" => {
                let mut branches = Vec::new();
                let mut condition = self.expression(rest.clone()).or_else(|| Some(unread(&rest)));
                loop {
                    let body = self.body(&["elif", "else", "endif"]);
                    branches.push((condition.take(), body));
                    let tokens = match self.pieces.get(self.at) {
                        Some(Piece::Tag { tokens, .. }) => tokens.clone(),
                        _ => break,
                    };
                    match tokens.first() {
                        Some(Token::Name(word)) if word == "elif" => {
                            self.at += 1;
                            let rest: Vec<Token> = tokens.into_iter().skip(1).collect();
                            condition = self.expression(rest.clone()).or_else(|| Some(unread(&rest)));
                        }
                        Some(Token::Name(word)) if word == "else" => {
                            self.at += 1;
                            condition = None;
                        }
                        _ => break,
                    }
                }
                self.end("endif");
                Kind::If(branches)
            }
            "for" => {
                let mut reader = self.reader(rest.clone());
                let head = reader.for_head();
                let body = self.body(&["else", "endfor"]);
                let mut otherwise = Vec::new();
                if self.word_here() == Some("else") {
                    self.at += 1;
                    otherwise = self.body(&["endfor"]);
                }
                self.end("endfor");
                let (targets, over, only) = head.unwrap_or_else(|| (Vec::new(), unread(&rest), None));
                Kind::For { targets, over, only, body, otherwise }
            }
            "set" => {
                let mut reader = self.reader(rest);
                let mut targets = vec![reader.postfix()?];
                while reader.take(",") {
                    targets.push(reader.postfix()?);
                }
                if reader.take("=") {
                    let value = reader.tuple()?;
                    return reader.is_done().then_some(Kind::Set(targets, value));
                }
                let target = targets.pop()?;
                let body = self.body(&["endset"]);
                self.end("endset");
                Kind::SetBlock(target, body)
            }
            "macro" => {
                let mut reader = self.reader(rest);
                let name = reader.name()?;
                let parameters = reader.parameters().unwrap_or_default();
                let body = self.body(&["endmacro"]);
                self.end("endmacro");
                Kind::Macro(name, parameters, body)
            }
            "call" => {
                let mut reader = self.reader(rest);
                if reader.peek() == Some(&Token::Symbol("(")) {
                    reader.parameters()?;
                }
                let call = reader.choice()?;
                let body = self.body(&["endcall"]);
                self.end("endcall");
                Kind::CallBlock(call, body)
            }
            "with" => {
                let mut reader = self.reader(rest);
                let mut values = Vec::new();
                while !reader.is_done() {
                    let target = reader.postfix()?;
                    if !reader.take("=") {
                        return None;
                    }
                    values.push(target);
                    values.push(reader.choice()?);
                    reader.take(",");
                }
                let body = self.body(&["endwith"]);
                self.end("endwith");
                Kind::Body(word.to_owned(), values, body)
            }
            "filter" => {
                // `filter a|b(c)` reads as filters on nothing.
                let mut tokens = vec![Token::Text(String::new()), Token::Symbol("|")];
                tokens.extend(rest);
                let filters = self.expression(tokens);
                let body = self.body(&["endfilter"]);
                self.end("endfilter");
                Kind::Body(word.to_owned(), filters.into_iter().collect(), body)
            }
            "block" | "generation" | "autoescape" | "trans" | "blocktrans" | "spaceless" | "apply" => {
                let values = self.expression(rest);
                let ends = [format!("end{word}")];
                let ends: Vec<&str> = ends.iter().map(String::as_str).chain(["pluralize"]).collect();
                let mut body = self.body(&ends);
                if self.word_here() == Some("pluralize") {
                    self.at += 1;
                    body.extend(self.body(&ends));
                }
                self.end(ends[0]);
                Kind::Body(word.to_owned(), values.into_iter().collect(), body)
            }
            "include" | "extends" | "import" => {
                let mut reader = self.reader(rest);
                Kind::Reach(word.to_owned(), reader.choice()?)
            }
            "from" => {
                let mut reader = self.reader(rest);
                Kind::Reach("import".to_owned(), reader.choice()?)
            }
            "do" => Kind::Do(self.expression(rest)?),
            "break" | "continue" | "debug" => Kind::Word(word.to_owned()),
            _ => return None,
        })
    }
}

impl Reader<'_> {
    /// What stands behind `for`.
    fn for_head(&mut self) -> Option<ForHead> {
        let mut targets = Vec::new();
        let bracket = self.take("(");
        targets.push(self.name()?);
        while self.take(",") {
            targets.push(self.name()?);
        }
        if bracket && !self.take(")") {
            return None;
        }
        if !self.word("in") {
            return None;
        }
        // The condition of the loop is no choice.
        let mut over = self.or()?;
        if matches!(self.peek(), Some(Token::Symbol(","))) {
            let mut items = vec![over];
            while self.take(",") {
                items.push(self.or()?);
            }
            over = Expression::List(items);
        }
        let only = if self.word("if") { Some(self.choice()?) } else { None };
        self.word("recursive");
        self.is_done().then_some((targets, over, only))
    }

    /// The parameters of a macro, in brackets.
    fn parameters(&mut self) -> Option<Vec<Parameter>> {
        let mut parameters = Vec::new();
        if !self.take("(") {
            return None;
        }
        while !self.take(")") {
            let name = self.name()?;
            let default = if self.take("=") { Some(self.choice()?) } else { None };
            parameters.push((name, default));
            if !self.take(",") && self.peek() != Some(&Token::Symbol(")")) {
                return None;
            }
        }
        Some(parameters)
    }
}

/// What could not be parsed as an expression: its names and texts as a list, so that they are still looked at.
fn unread(tokens: &[Token]) -> Expression {
    let items = tokens.iter().filter_map(|token| match token {
        Token::Name(name) => Some(Expression::Name(name.clone())),
        Token::Text(text) => Some(Expression::Text(text.clone())),
        _ => None,
    });
    Expression::List(items.collect())
}
