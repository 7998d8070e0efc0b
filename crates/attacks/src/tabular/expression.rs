//! Relations between columns as text: `income >= 12 * instalment implies term <= 60`.
//!
//! Lexer and recursive descent parser; names are resolved while parsing, so an error points at the name. Grammar, weakest
//! binding first: `implies`, `or`, `and`, `not`, one comparison (`<= < >= > = !=`), `+ -`, `* /`, unary minus, then
//! numbers, columns (`name` or `` `any name` ``), brackets, `min(a, b, ...)`, `max(...)`, `abs(a)`, `sum(group)` and
//! `if(condition, a, b)`.

use super::compile::{Comparison, Condition, Term};

/// Brackets and functions inside each other.
const DEPTH: usize = 48;
/// Tokens of one relation.
const TOKENS: usize = 1_024;

/// Why a relation cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {what}")]
pub struct ExpressionError {
    /// Which character of the text, from 1.
    pub position: usize,
    /// What is wrong there and what would be right.
    pub what: String,
}

/// What names mean.
pub(super) trait Names {
    /// Place of the column called `name`.
    fn column(&self, name: &str) -> Option<usize>;
    /// Places of the columns of the one-hot group called `name`.
    fn group(&self, name: &str) -> Option<Vec<usize>>;
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Name(String),
    Quoted(String),
    Sign(&'static str),
    End,
}

/// Longest first.
const SIGNS: [&str; 15] = ["<=", ">=", "==", "!=", "=>", "<", ">", "=", "+", "-", "*", "/", "(", ")", ","];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        let start = at;
        let wrong = |what: String| ExpressionError { position: start + 1, what };
        let run = |from: usize, belongs: fn(char) -> bool| {
            characters[from..].iter().take_while(|character| belongs(**character)).count()
        };
        if tokens.len() >= TOKENS {
            return Err(wrong(format!("more than {TOKENS} tokens; split the relation")));
        }
        if character.is_whitespace() {
            at += 1;
            continue;
        }
        let token = if character.is_ascii_digit() || *character == '.' {
            at += run(at, |c| c.is_ascii_digit() || c == '.' || c == '_');
            if matches!(characters.get(at), Some('e' | 'E')) {
                at += 1;
                at += usize::from(matches!(characters.get(at), Some('+' | '-')));
                at += run(at, |c| c.is_ascii_digit());
            }
            let digits: String = characters[start..at].iter().filter(|c| **c != '_').collect();
            match digits.parse::<f64>() {
                Ok(number) if number.is_finite() => Token::Number(number),
                _ => return Err(wrong(format!("`{digits}` is no number"))),
            }
        } else if character.is_alphabetic() || *character == '_' {
            at += run(at, |c| c.is_alphanumeric() || c == '_' || c == '.');
            Token::Name(characters[start..at].iter().collect())
        } else if *character == '`' {
            let length = run(at + 1, |c| c != '`');
            at += length + 2;
            if at > characters.len() {
                return Err(wrong("a quoted name does not end; close it with a backtick".to_owned()));
            }
            Token::Quoted(characters[start + 1..at - 1].iter().collect())
        } else {
            let starts =
                |sign: &&&str| sign.chars().enumerate().all(|(k, c)| characters.get(at + k) == Some(&c));
            let Some(sign) = SIGNS.iter().find(starts) else {
                return Err(wrong(format!("`{character}` has no meaning in a relation")));
            };
            at += sign.len();
            Token::Sign(sign)
        };
        tokens.push((start + 1, token));
    }
    tokens.push((characters.len() + 1, Token::End));
    Ok(tokens)
}

/// Reads a relation.
pub(super) fn parse(text: &str, names: &dyn Names) -> Result<Condition, ExpressionError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, names };
    let relation = parser.implication()?;
    let start = 1;
    match parser.peek() {
        Token::End => parser.condition(relation, start),
        other => parser.wrong(format!("expected the end, an operator or `and`, found {}", named(other))),
    }
}

fn named(token: &Token) -> String {
    match token {
        Token::Number(number) => format!("`{number}`"),
        Token::Name(name) | Token::Quoted(name) => format!("`{name}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::End => "the end".to_owned(),
    }
}

/// What brackets may hold: a truth or a number.
enum Either {
    Condition(Condition),
    Term(Term),
}

struct Parser<'a> {
    tokens: Vec<(usize, Token)>,
    at: usize,
    depth: usize,
    names: &'a dyn Names,
}

type Parsed<T> = Result<T, ExpressionError>;

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |(_, token)| token)
    }

    fn position(&self) -> usize {
        self.tokens.get(self.at.min(self.tokens.len() - 1)).map_or(1, |(position, _)| *position)
    }

    fn wrong<T>(&self, what: String) -> Parsed<T> {
        Err(ExpressionError { position: self.position(), what })
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(here) if *here == sign);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(here) if here == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.sign(sign) {
            return Ok(());
        }
        self.wrong(format!("expected `{sign}`, found {}", named(self.peek())))
    }

    fn condition(&self, either: Either, position: usize) -> Parsed<Condition> {
        match either {
            Either::Condition(condition) => Ok(condition),
            Either::Term(_) => Err(ExpressionError {
                position,
                what: "a number stands where a condition is needed; compare it, as in `x = 1`".to_owned(),
            }),
        }
    }

    fn term(&self, either: Either, position: usize) -> Parsed<Term> {
        match either {
            Either::Term(term) => Ok(term),
            Either::Condition(_) => Err(ExpressionError {
                position,
                what: "a condition stands where a number is needed; use `if(condition, 1, 0)`".to_owned(),
            }),
        }
    }

    /// Every way into the grammar comes through here, so this is where depth is counted.
    fn implication(&mut self) -> Parsed<Either> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.wrong(format!("nested deeper than {DEPTH} levels; split the relation"));
        }
        let start = self.position();
        let left = self.disjunction()?;
        let result = if self.word("implies") || self.sign("=>") {
            let left = self.condition(left, start)?;
            let start = self.position();
            let right = self.implication()?;
            Either::Condition(Condition::Or(vec![left.negated(), self.condition(right, start)?]))
        } else {
            left
        };
        self.depth -= 1;
        Ok(result)
    }

    fn disjunction(&mut self) -> Parsed<Either> {
        self.chain("or", Self::conjunction, Condition::Or)
    }

    fn conjunction(&mut self) -> Parsed<Either> {
        self.chain("and", Self::negation, Condition::And)
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Parsed<Either>,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Parsed<Either> {
        let start = self.position();
        let first = part(self)?;
        if !self.word(word) {
            return Ok(first);
        }
        let mut parts = vec![self.condition(first, start)?];
        loop {
            let start = self.position();
            let next = part(self)?;
            parts.push(self.condition(next, start)?);
            if !self.word(word) {
                return Ok(Either::Condition(join(parts)));
            }
        }
    }

    fn negation(&mut self) -> Parsed<Either> {
        let mut odd = false;
        let mut any = false;
        while self.word("not") {
            odd = !odd;
            any = true;
        }
        let start = self.position();
        let inner = self.comparison()?;
        if !any {
            return Ok(inner);
        }
        let condition = self.condition(inner, start)?;
        Ok(Either::Condition(if odd { condition.negated() } else { condition }))
    }

    fn operator(&mut self) -> Option<Comparison> {
        let operator = match self.peek() {
            Token::Sign("<=") => Comparison::AtMost,
            Token::Sign("<") => Comparison::Less,
            Token::Sign(">=") => Comparison::AtLeast,
            Token::Sign(">") => Comparison::More,
            Token::Sign("=" | "==") => Comparison::Equal,
            Token::Sign("!=") => Comparison::Unequal,
            _ => return None,
        };
        self.at += 1;
        Some(operator)
    }

    fn comparison(&mut self) -> Parsed<Either> {
        let start = self.position();
        let left = self.sum()?;
        let Some(operator) = self.operator() else { return Ok(left) };
        let left = self.term(left, start)?;
        let start = self.position();
        let right = self.sum()?;
        let right = self.term(right, start)?;
        if self.operator().is_some() {
            self.at -= 1;
            return self.wrong("comparisons do not chain; join two with `and`".to_owned());
        }
        Ok(Either::Condition(Condition::Compare(operator, left, right)))
    }

    fn sum(&mut self) -> Parsed<Either> {
        let start = self.position();
        let first = self.product()?;
        let mut parts = Vec::new();
        loop {
            let sign = match self.peek() {
                Token::Sign("+") => 1.0,
                Token::Sign("-") => -1.0,
                _ if parts.is_empty() => return Ok(first),
                _ => break,
            };
            self.at += 1;
            let start = self.position();
            let next = self.product()?;
            parts.push((sign, self.term(next, start)?));
        }
        parts.insert(0, (1.0, self.term(first, start)?));
        Ok(Either::Term(Term::Sum(parts)))
    }

    fn product(&mut self) -> Parsed<Either> {
        let start = self.position();
        let first = self.unary()?;
        let mut parts = Vec::new();
        loop {
            let inverse = match self.peek() {
                Token::Sign("*") => false,
                Token::Sign("/") => true,
                _ if parts.is_empty() => return Ok(first),
                _ => break,
            };
            self.at += 1;
            let start = self.position();
            let next = self.unary()?;
            parts.push((inverse, self.term(next, start)?));
        }
        parts.insert(0, (false, self.term(first, start)?));
        Ok(Either::Term(Term::Product(parts)))
    }

    fn unary(&mut self) -> Parsed<Either> {
        let mut sign = 1.0;
        let mut any = false;
        while self.sign("-") {
            sign = -sign;
            any = true;
        }
        let start = self.position();
        let inner = self.primary()?;
        if !any {
            return Ok(inner);
        }
        Ok(Either::Term(Term::Sum(vec![(sign, self.term(inner, start)?)])))
    }

    fn primary(&mut self) -> Parsed<Either> {
        let token = self.peek().clone();
        match token {
            Token::Number(number) => {
                self.at += 1;
                Ok(Either::Term(Term::Number(number)))
            }
            Token::Sign("(") => {
                self.at += 1;
                let inner = self.implication()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Name(name) if matches!(self.tokens.get(self.at + 1), Some((_, Token::Sign("(")))) => {
                self.function(&name)
            }
            Token::Name(name) | Token::Quoted(name) => {
                let Some(column) = self.names.column(&name) else {
                    return self.wrong(format!("no column is called `{name}`"));
                };
                self.at += 1;
                Ok(Either::Term(Term::Column(column)))
            }
            other => self.wrong(format!("expected a number, a column or `(`, found {}", named(&other))),
        }
    }

    fn function(&mut self, name: &str) -> Parsed<Either> {
        let place = self.position();
        self.at += 2;
        if name == "sum" {
            let (Token::Name(group) | Token::Quoted(group)) = self.peek().clone() else {
                return self.wrong("`sum` takes the name of a one-hot group".to_owned());
            };
            let Some(columns) = self.names.group(&group) else {
                return self.wrong(format!("no one-hot group is called `{group}`"));
            };
            self.at += 1;
            self.expect(")")?;
            let parts = columns.into_iter().map(|column| (1.0, Term::Column(column))).collect();
            return Ok(Either::Term(Term::Sum(parts)));
        }
        let mut arguments = Vec::new();
        loop {
            let start = self.position();
            arguments.push((start, self.implication()?));
            if !self.sign(",") {
                break;
            }
        }
        self.expect(")")?;
        let wrong = |what: String| Err(ExpressionError { position: place, what });
        if name == "if" {
            let count = arguments.len();
            let Ok([(a, condition), (b, yes), (c, no)]) = <[_; 3]>::try_from(arguments) else {
                return wrong(format!("`if` takes a condition and two numbers, found {count} arguments"));
            };
            let condition = self.condition(condition, a)?;
            let (yes, no) = (self.term(yes, b)?, self.term(no, c)?);
            return Ok(Either::Term(Term::If(Box::new(condition), Box::new(yes), Box::new(no))));
        }
        let mut terms = Vec::with_capacity(arguments.len());
        for (start, argument) in arguments {
            terms.push(self.term(argument, start)?);
        }
        match (name, terms.len()) {
            ("min", _) => Ok(Either::Term(Term::Min(terms))),
            ("max", _) => Ok(Either::Term(Term::Max(terms))),
            ("abs", 1) => Ok(Either::Term(Term::Abs(terms.pop().map(Box::new).unwrap_or_default()))),
            ("abs", count) => wrong(format!("`abs` takes one number, found {count}")),
            _ => wrong(format!("no function is called `{name}`; there are abs, if, max, min and sum")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Two;
    impl Names for Two {
        fn column(&self, name: &str) -> Option<usize> {
            ["a", "b", "the third"].iter().position(|known| *known == name)
        }
        fn group(&self, name: &str) -> Option<Vec<usize>> {
            (name == "g").then(|| vec![0, 1])
        }
    }

    #[test]
    fn relations_hold_as_they_read() {
        let cases = [
            ("a + 2 * b = 7", [1.0, 3.0, 0.0], true),
            ("a - b - 1 = -3", [1.0, 3.0, 0.0], true),
            ("a / b <= 0.5 and not a > b", [1.0, 3.0, 0.0], true),
            ("a = 1 implies b = 2", [1.0, 3.0, 0.0], false),
            ("a = 0 => b = 2", [1.0, 3.0, 0.0], true),
            ("max(a, b, 2) - min(a, b) = abs(-2)", [1.0, 3.0, 0.0], true),
            ("if(a < b, 10, 20) + `the third` >= 1e1", [1.0, 3.0, 0.0], true),
            ("sum(g) = 4 or a != a", [1.0, 3.0, 0.0], true),
            ("not (a = 1 and b = 3)", [1.0, 3.0, 0.0], false),
            ("a / 0 <= 1 or a / 0 > 1", [0.0, 3.0, 0.0], false),
        ];
        for (text, row, holds) in cases {
            let relation = parse(text, &Two).unwrap();
            assert_eq!(relation.holds(&row, 1e-6), holds, "{text}");
            assert_eq!(relation.violation(&row, 1e-6) == 0.0, holds, "penalty of {text}");
        }
    }

    #[test]
    fn errors_say_where() {
        let cases = [
            ("a + ", 5, "found the end"),
            ("a", 1, "compare it"),
            ("a < nobody", 5, "no column is called `nobody`"),
            ("a < b < 3", 7, "do not chain"),
            ("sum(h) = 1", 5, "no one-hot group"),
            ("sin(a) = 1", 1, "no function"),
            ("a ? b", 3, "no meaning"),
            ("a = 1.2.3", 5, "no number"),
            ("(a = b) + 1 = 2", 1, "a number is needed"),
            ("a = `b", 5, "does not end"),
        ];
        for (text, position, what) in cases {
            let error = parse(text, &Two).unwrap_err();
            assert!(error.position == position && error.what.contains(what), "{text}: {error}");
        }
    }

    #[test]
    fn hostile_relations_end() {
        for text in
            ["(".repeat(100_000), "not ".repeat(4_000) + "a = 1", "-".repeat(5_000), "a+".repeat(9_000)]
        {
            drop(parse(&text, &Two));
        }
        let deep = format!("{}a{} = 1", "abs(".repeat(60), ")".repeat(60));
        assert!(parse(&deep, &Two).unwrap_err().what.contains("nested deeper"));
        let implied = "a = 1 implies ".repeat(60) + "a = 1";
        assert!(parse(&implied, &Two).unwrap_err().what.contains("nested deeper"));
    }
}
