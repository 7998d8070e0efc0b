//! Expressions by the precedence of their operators, the loosest first.

use super::cursor::Reader;
use crate::jinja::expression::{Expression, Operator};
use crate::jinja::lexer::Token;

impl Reader<'_> {
    /// An expression, or several with commas between.
    pub(super) fn tuple(&mut self) -> Option<Expression> {
        let first = self.choice()?;
        if self.peek() != Some(&Token::Symbol(",")) {
            return Some(first);
        }
        let mut items = vec![first];
        while self.take(",") {
            if self.is_done() || matches!(self.peek(), Some(Token::Symbol(")" | "]" | "}" | "="))) {
                break;
            }
            items.push(self.choice()?);
        }
        Some(Expression::List(items))
    }

    /// `value if condition else other`, or what binds tighter.
    pub(super) fn choice(&mut self) -> Option<Expression> {
        self.below(|reader| {
            let mut value = reader.or()?;
            while reader.word("if") {
                reader.link()?;
                let condition = reader.or()?;
                let no = if reader.word("else") { reader.choice()? } else { Expression::None };
                value = Expression::Choice(Box::new(condition), Box::new(value), Box::new(no));
            }
            Some(value)
        })
    }

    fn binary(&mut self, operator: Operator, left: Expression, right: Expression) -> Option<Expression> {
        self.link()?;
        Some(Expression::Binary(operator, Box::new(left), Box::new(right)))
    }

    pub(super) fn or(&mut self) -> Option<Expression> {
        let mut left = self.and()?;
        while self.word("or") {
            let right = self.and()?;
            left = self.binary(Operator::Or, left, right)?;
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Expression> {
        let mut left = self.not()?;
        while self.word("and") {
            let right = self.not()?;
            left = self.binary(Operator::And, left, right)?;
        }
        Some(left)
    }

    fn not(&mut self) -> Option<Expression> {
        let mut times = 0;
        while self.word("not") {
            self.link()?;
            times += 1;
        }
        let mut value = self.comparison()?;
        for _ in 0..times {
            value = Expression::Unary(Operator::Not, Box::new(value));
        }
        Some(value)
    }

    fn comparison(&mut self) -> Option<Expression> {
        let first = self.sum()?;
        let mut left = first.clone();
        let mut whole = None;
        loop {
            let before = self.at;
            let operator = match self.peek() {
                Some(Token::Symbol("==")) => Operator::Equal,
                Some(Token::Symbol("!=")) => Operator::NotEqual,
                Some(Token::Symbol("<")) => Operator::Less,
                Some(Token::Symbol("<=")) => Operator::LessEqual,
                Some(Token::Symbol(">")) => Operator::Greater,
                Some(Token::Symbol(">=")) => Operator::GreaterEqual,
                Some(Token::Name(word)) if word == "in" => Operator::In,
                Some(Token::Name(word)) if word == "not" => Operator::NotIn,
                _ => break,
            };
            self.at += 1;
            if operator == Operator::NotIn && !self.word("in") {
                self.at = before;
                break;
            }
            let right = self.sum()?;
            let pair = self.binary(operator, left, right.clone())?;
            left = right;
            whole = Some(match whole {
                None => pair,
                Some(so_far) => self.binary(Operator::And, so_far, pair)?,
            });
        }
        Some(whole.unwrap_or(first))
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.concatenation()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("+")) => Operator::Add,
                Some(Token::Symbol("-")) => Operator::Subtract,
                _ => return Some(left),
            };
            self.at += 1;
            let right = self.concatenation()?;
            left = self.binary(operator, left, right)?;
        }
    }

    fn concatenation(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        while self.take("~") {
            let right = self.product()?;
            left = self.binary(Operator::Concat, left, right)?;
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.power()?;
        loop {
            let operator = match self.peek() {
                Some(Token::Symbol("*")) => Operator::Multiply,
                Some(Token::Symbol("/")) => Operator::Divide,
                Some(Token::Symbol("//")) => Operator::WholeDivide,
                Some(Token::Symbol("%")) => Operator::Modulo,
                _ => return Some(left),
            };
            self.at += 1;
            let right = self.power()?;
            left = self.binary(operator, left, right)?;
        }
    }

    fn power(&mut self) -> Option<Expression> {
        let mut left = self.unary()?;
        while self.take("**") {
            let right = self.unary()?;
            left = self.binary(Operator::Power, left, right)?;
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        let mut signs = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Symbol("-")) => signs.push(true),
                Some(Token::Symbol("+")) => signs.push(false),
                _ => break,
            }
            self.link()?;
            self.at += 1;
        }
        let mut value = self.postfix()?;
        for negative in signs {
            if negative {
                value = Expression::Unary(Operator::Negate, Box::new(value));
            }
        }
        Some(value)
    }
}
