//! From tokens to statements.

use super::expression::{Expression, Operator};
use super::lexer::{Piece, Token, pieces};
use crate::{Budget, Defect};

/// Blocks or brackets inside one another.
const DEPTH: usize = 60;
/// Operators in a row, which nest as deeply as they are many.
const CHAIN: usize = 400;

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

impl<'a> Parser<'a> {
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
        Reader { tokens, at: 0, depth: 0, chain: 0, nodes: &mut self.nodes }
    }

    fn tag(&mut self, word: &str, tokens: Vec<Token>) -> Option<Kind> {
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

/// What could not be parsed as an expression: its names and texts as a list, so that they are still looked at.
fn unread(tokens: &[Token]) -> Expression {
    let items = tokens.iter().filter_map(|token| match token {
        Token::Name(name) => Some(Expression::Name(name.clone())),
        Token::Text(text) => Some(Expression::Text(text.clone())),
        _ => None,
    });
    Expression::List(items.collect())
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    chain: usize,
    nodes: &'a mut usize,
}

/// The head of a loop: targets, what is gone through, condition.
type ForHead = (Vec<String>, Expression, Option<Expression>);

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(here)) if *here == symbol);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(here)) if here == word);
        self.at += usize::from(found);
        found
    }

    fn name(&mut self) -> Option<String> {
        match self.peek() {
            Some(Token::Name(name)) => {
                let name = name.clone();
                self.at += 1;
                Some(name)
            }
            _ => None,
        }
    }

    /// Counts one node of a chain; `None` once there are too many.
    fn link(&mut self) -> Option<()> {
        *self.nodes = self.nodes.checked_sub(1)?;
        self.chain += 1;
        (self.chain <= CHAIN).then_some(())
    }

    /// Goes one bracket deeper.
    fn below<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        let outer = std::mem::take(&mut self.chain);
        let result = if self.depth > DEPTH { None } else { read(self) };
        self.chain = outer;
        self.depth -= 1;
        result
    }

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

    /// An expression, or several with commas between.
    fn tuple(&mut self) -> Option<Expression> {
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

    fn choice(&mut self) -> Option<Expression> {
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

    fn or(&mut self) -> Option<Expression> {
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

    /// A primary with attributes, items, calls, filters and tests behind it.
    fn postfix(&mut self) -> Option<Expression> {
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
