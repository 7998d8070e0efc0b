//! What operators stand between: literals, names, lists, with attributes, items, calls, filters and tests behind.

use super::cursor::Reader;
use crate::jinja::expression::Expression;
use crate::jinja::lexer::Token;

impl Reader<'_> {
    /// A primary with attributes, items, calls, filters and tests behind it.
    pub(super) fn postfix(&mut self) -> Option<Expression> {
        let mut value = self.primary()?;
        loop {
            self.link()?;
            if self.take(".") {
                value = match self.peek()?.clone() {
                    Token::Name(name) => Expression::Attribute(Box::new(value), name),
                    Token::Integer(index) => {
                        Expression::Item(Box::new(value), Box::new(Expression::Integer(index)))
                    }
                    _ => return None,
                };
                self.at += 1;
            } else if self.take("[") {
                let key = self.below(Self::subscript)?;
                if !self.take("]") {
                    return None;
                }
                value = Expression::Item(Box::new(value), Box::new(key));
            } else if self.peek() == Some(&Token::Symbol("(")) {
                let (arguments, keywords) = self.arguments()?;
                value = Expression::Call(Box::new(value), arguments, keywords);
            } else if self.take("|") {
                let name = self.dotted()?;
                let (arguments, keywords) = match self.peek() {
                    Some(Token::Symbol("(")) => self.arguments()?,
                    _ => (Vec::new(), Vec::new()),
                };
                value = Expression::Filter(Box::new(value), name, arguments, keywords);
            } else if self.word("is") {
                let negated = self.word("not");
                let name = match self.peek() {
                    Some(Token::Symbol(symbol))
                        if matches!(*symbol, "==" | "!=" | "<" | ">" | "<=" | ">=") =>
                    {
                        let symbol = (*symbol).to_owned();
                        self.at += 1;
                        symbol
                    }
                    _ => self.dotted()?,
                };
                let arguments = match self.peek() {
                    Some(Token::Symbol("(")) => self.arguments()?.0,
                    Some(Token::Name(word)) if !is_word(word) => vec![self.below(Self::postfix_plain)?],
                    Some(Token::Text(_) | Token::Integer(_) | Token::Float(_) | Token::Symbol("[" | "{")) => {
                        vec![self.below(Self::postfix_plain)?]
                    }
                    _ => Vec::new(),
                };
                value = Expression::Test(Box::new(value), name, arguments, negated);
            } else {
                return Some(value);
            }
        }
    }

    /// The argument of a test without brackets: no further test.
    fn postfix_plain(&mut self) -> Option<Expression> {
        let mut value = self.primary()?;
        loop {
            self.link()?;
            if self.take(".") {
                value = Expression::Attribute(Box::new(value), self.name()?);
            } else if self.take("[") {
                let key = self.below(Self::subscript)?;
                if !self.take("]") {
                    return None;
                }
                value = Expression::Item(Box::new(value), Box::new(key));
            } else if self.peek() == Some(&Token::Symbol("(")) {
                let (arguments, keywords) = self.arguments()?;
                value = Expression::Call(Box::new(value), arguments, keywords);
            } else {
                return Some(value);
            }
        }
    }

    /// `name` or `name.name`.
    fn dotted(&mut self) -> Option<String> {
        let mut name = self.name()?;
        while self.take(".") {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Some(name)
    }

    fn subscript(&mut self) -> Option<Expression> {
        let mut parts = vec![Expression::None];
        let mut slice = false;
        let mut tuple = false;
        loop {
            if self.take(":") {
                slice = true;
                parts.push(Expression::None);
            } else if self.take(",") {
                tuple = true;
                parts.push(Expression::None);
            } else if self.peek() == Some(&Token::Symbol("]")) {
                break;
            } else {
                let value = self.choice()?;
                *parts.last_mut()? = value;
            }
        }
        match (slice, tuple) {
            (true, false) => Some(Expression::Slice(parts)),
            (_, true) => Some(Expression::List(parts)),
            _ => parts.pop(),
        }
    }

    #[allow(
        clippy::type_complexity,
        reason = "positional and named arguments, as the variants of Expression hold them"
    )]
    fn arguments(&mut self) -> Option<(Vec<Expression>, Vec<(String, Expression)>)> {
        self.below(|reader| {
            let (mut arguments, mut keywords) = (Vec::new(), Vec::new());
            if !reader.take("(") {
                return None;
            }
            while !reader.take(")") {
                let named = match (reader.peek(), reader.tokens.get(reader.at + 1)) {
                    (Some(Token::Name(name)), Some(Token::Symbol("="))) => Some(name.clone()),
                    _ => None,
                };
                if let Some(name) = named {
                    reader.at += 2;
                    keywords.push((name, reader.choice()?));
                } else if reader.take("**") || reader.take("*") {
                    keywords.push(("*".to_owned(), reader.choice()?));
                } else {
                    arguments.push(reader.choice()?);
                }
                if !reader.take(",") && reader.peek() != Some(&Token::Symbol(")")) {
                    return None;
                }
            }
            Some((arguments, keywords))
        })
    }

    fn primary(&mut self) -> Option<Expression> {
        *self.nodes = self.nodes.checked_sub(1)?;
        let token = self.peek()?.clone();
        self.at += 1;
        Some(match token {
            Token::Name(name) => match name.as_str() {
                "true" | "True" => Expression::Bool(true),
                "false" | "False" => Expression::Bool(false),
                "none" | "None" => Expression::None,
                _ => Expression::Name(name),
            },
            Token::Text(mut text) => {
                while let Some(Token::Text(more)) = self.peek() {
                    text.push_str(more);
                    self.at += 1;
                }
                Expression::Text(text)
            }
            Token::Integer(integer) => Expression::Integer(integer),
            Token::Float(float) => Expression::Float(float),
            Token::Symbol("(") => {
                if self.take(")") {
                    return Some(Expression::List(Vec::new()));
                }
                let inner = self.below(Self::tuple)?;
                if !self.take(")") {
                    return None;
                }
                inner
            }
            Token::Symbol("[") => self.below(|reader| {
                let mut items = Vec::new();
                while !reader.take("]") {
                    items.push(reader.choice()?);
                    if !reader.take(",") && reader.peek() != Some(&Token::Symbol("]")) {
                        return None;
                    }
                }
                Some(Expression::List(items))
            })?,
            Token::Symbol("{") => self.below(|reader| {
                let mut pairs = Vec::new();
                while !reader.take("}") {
                    let key = reader.choice()?;
                    if !reader.take(":") {
                        return None;
                    }
                    pairs.push((key, reader.choice()?));
                    if !reader.take(",") && reader.peek() != Some(&Token::Symbol("}")) {
                        return None;
                    }
                }
                Some(Expression::Dict(pairs))
            })?,
            _ => return None,
        })
    }
}

/// Words that go on with an expression rather than being the argument of a test.
fn is_word(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "if" | "else" | "in" | "is" | "recursive")
}
