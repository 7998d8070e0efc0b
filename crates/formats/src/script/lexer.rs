//! From text to tokens: strings, templates with what is computed inside them, regular expressions and JSX are told
//! from operators by what stands before them, as a parser would.
//!
//! What is written inside `${…}` and JSX braces comes behind the other tokens, so that brackets stay balanced.

use super::token::{Kind, Token};

/// Templates and elements inside one another.
const DEPTH: u32 = 48;
/// Bytes of one string or template that are kept.
const LONGEST: usize = 64 << 10;

/// Words behind which an expression begins.
const BEFORE_EXPRESSION: &[&str] = &[
    "await",
    "case",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
];

pub(super) struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line: u32,
    jsx: bool,
    left: usize,
    /// Whether a bound ended the reading.
    pub(super) stopped: bool,
    aside: Vec<Token>,
}

/// Tokens of a source, at most `most`; says whether there were more.
pub(super) fn tokens(text: &str, jsx: bool, most: usize) -> (Vec<Token>, bool) {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        jsx,
        left: most,
        stopped: false,
        aside: Vec::new(),
    };
    if text.starts_with("#!") {
        lexer.skip_line();
    }
    let mut all = lexer.run(false, 0);
    all.append(&mut lexer.aside);
    (all, lexer.stopped)
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) {
        if self.peek(0) == b'\n' {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        let to = to.min(self.text.len());
        self.text.get(from..to).unwrap_or_default()
    }

    /// Tokens up to the end, or up to the brace that closes what was opened before.
    fn run(&mut self, inside: bool, depth: u32) -> Vec<Token> {
        let mut out: Vec<Token> = Vec::new();
        let mut braces = 0_usize;
        while self.at < self.bytes.len() && !self.stopped {
            let (byte, line) = (self.peek(0), self.line);
            if byte.is_ascii_whitespace() {
                self.step();
                continue;
            }
            if byte == b'/' && self.peek(1) == b'/' {
                self.skip_line();
                continue;
            }
            if byte == b'/' && self.peek(1) == b'*' {
                self.comment();
                continue;
            }
            if self.left == 0 || depth > DEPTH {
                self.stopped = true;
                break;
            }
            self.left -= 1;
            let operand = out.last().is_some_and(|before| before.ends_operand(BEFORE_EXPRESSION));
            let token = match byte {
                b'"' | b'\'' => Token::new(Kind::Text, self.string(byte), line),
                b'`' => self.template(line, depth),
                b'0'..=b'9' => Token::new(Kind::Number, self.number(), line),
                b'.' if self.peek(1).is_ascii_digit() => Token::new(Kind::Number, self.number(), line),
                b'/' if !operand => {
                    self.regular_expression();
                    Token::new(Kind::Other, String::new(), line)
                }
                b'<' if self.jsx && !operand && self.begins_element() => {
                    self.element(depth);
                    Token::new(Kind::Other, String::new(), line)
                }
                b'}' if inside && braces == 0 => {
                    self.at += 1;
                    return out;
                }
                _ if byte.is_ascii_alphabetic()
                    || matches!(byte, b'_' | b'$' | b'#' | b'@')
                    || byte >= 0x80 =>
                {
                    Token::new(Kind::Name, self.name(), line)
                }
                _ => {
                    match byte {
                        b'{' => braces += 1,
                        b'}' => braces = braces.saturating_sub(1),
                        _ => {}
                    }
                    Token::new(Kind::Sign, self.sign().to_owned(), line)
                }
            };
            out.push(token);
        }
        out
    }

    fn comment(&mut self) {
        self.at += 2;
        while self.at < self.bytes.len() && !(self.peek(0) == b'*' && self.peek(1) == b'/') {
            self.step();
        }
        self.at += 2;
    }

    /// A name; `#private` and `@decorator` keep their mark.
    fn name(&mut self) -> String {
        let from = self.at;
        self.at += 1;
        while self.peek(0).is_ascii_alphanumeric()
            || matches!(self.peek(0), b'_' | b'$')
            || self.peek(0) >= 0x80
        {
            self.at += 1;
        }
        // The first byte may have begun a character.
        while !self.text.is_char_boundary(self.at.min(self.text.len())) {
            self.at += 1;
        }
        self.slice(from, self.at.min(from + 256)).to_owned()
    }

    fn number(&mut self) -> String {
        let from = self.at;
        while self.peek(0).is_ascii_alphanumeric() || matches!(self.peek(0), b'.' | b'_') {
            self.at += 1;
        }
        self.slice(from, self.at.min(from + 64)).replace('_', "")
    }

    fn sign(&mut self) -> &'static str {
        const SIGNS: &[&str] = &[
            "...", "===", "!==", "??=", "||=", "&&=", "=>", "?.", "??", "||", "&&", "==", "!=", "<=", ">=",
            "+=", "-=", "*=", "/=", "++", "--", "**", "{", "}", "(", ")", "[", "]", ";", ",", "<", ">", "+",
            "-", "*", "/", "%", "&", "|", "^", "!", "~", "?", ":", "=", ".",
        ];
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // `a ?.5 : b` is a condition.
        let found = SIGNS.iter().find(|sign| {
            rest.starts_with(sign.as_bytes())
                && !(**sign == "?." && rest.get(2).is_some_and(u8::is_ascii_digit))
        });
        match found {
            Some(sign) => {
                self.at += sign.len();
                sign
            }
            None => {
                self.at += 1;
                "?"
            }
        }
    }

    /// A string, up to its quote or the end of the line.
    fn string(&mut self, quote: u8) -> String {
        self.at += 1;
        let mut out = String::new();
        while self.at < self.bytes.len() {
            match self.peek(0) {
                byte if byte == quote => {
                    self.at += 1;
                    break;
                }
                b'\n' => break,
                b'\\' => self.escape(&mut out),
                _ => self.character(&mut out),
            }
        }
        out
    }

    fn character(&mut self, out: &mut String) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        match rest.chars().next() {
            Some(character) => {
                if out.len() < LONGEST {
                    out.push(character);
                }
                if character == '\n' {
                    self.line += 1;
                }
                self.at += character.len_utf8();
            }
            None => self.at += 1,
        }
    }

    fn escape(&mut self, out: &mut String) {
        self.at += 1;
        let (mut digits, mut braced) = (0, false);
        match self.peek(0) {
            b'n' => out.push('\n'),
            b't' => out.push('\t'),
            b'r' => out.push('\r'),
            b'x' => digits = 2,
            b'u' if self.peek(1) == b'{' => (digits, braced) = (6, true),
            b'u' => digits = 4,
            b'\n' => {
                self.step();
                return;
            }
            _ => return self.character(out),
        }
        self.at += 1 + usize::from(braced);
        if digits > 0 {
            let from = self.at;
            while self.at - from < digits && self.peek(0).is_ascii_hexdigit() {
                self.at += 1;
            }
            let code = u32::from_str_radix(self.slice(from, self.at), 16).ok().and_then(char::from_u32);
            out.extend(code);
            if braced && self.peek(0) == b'}' {
                self.at += 1;
            }
        }
    }

    /// A template; what stands in its holes is put aside.
    fn template(&mut self, line: u32, depth: u32) -> Token {
        self.at += 1;
        let mut out = String::new();
        let mut holes = false;
        while self.at < self.bytes.len() && !self.stopped {
            match self.peek(0) {
                b'`' => {
                    self.at += 1;
                    break;
                }
                b'\\' => self.escape(&mut out),
                b'$' if self.peek(1) == b'{' => {
                    self.at += 2;
                    holes = true;
                    let hole = self.run(true, depth + 1);
                    if out.len() < LONGEST {
                        out.push('{');
                        hole.iter().take(24).for_each(|token| out.push_str(token.written()));
                        out.push('}');
                    }
                    self.put_aside(hole);
                }
                _ => self.character(&mut out),
            }
        }
        Token::new(if holes { Kind::Template } else { Kind::Text }, out, line)
    }

    fn put_aside(&mut self, tokens: Vec<Token>) {
        if let Some(first) = tokens.first() {
            self.aside.push(Token::new(Kind::Sign, ";".to_owned(), first.line));
            self.aside.extend(tokens);
        }
    }

    fn regular_expression(&mut self) {
        self.at += 1;
        let mut class = false;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\n' => return,
                b'\\' => self.at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        while self.peek(0).is_ascii_alphabetic() {
            self.at += 1;
        }
    }

    /// `<Name`, `<>`; not `<T,>(` and `<T extends U>(`, which are type parameters.
    fn begins_element(&self) -> bool {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        if rest.starts_with('>') {
            return true;
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || "_$-.:".contains(c))).unwrap_or(rest.len());
        let behind = rest.get(end..).unwrap_or_default();
        end > 0
            && rest.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !behind.starts_with(',')
            && !behind.starts_with(" extends ")
    }

    /// An element with everything inside it.
    fn element(&mut self, depth: u32) {
        let mut open = 0_usize;
        while self.at < self.bytes.len() && !self.stopped {
            match self.peek(0) {
                b'<' if self.peek(1) == b'/' => {
                    while self.at < self.bytes.len() && self.peek(0) != b'>' {
                        self.step();
                    }
                    self.at += 1;
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return;
                    }
                }
                b'<' => {
                    self.at += 1;
                    if self.tag(depth) {
                        open += 1;
                    } else if open == 0 {
                        return;
                    }
                }
                b'{' => self.hole(depth),
                _ => self.step(),
            }
        }
    }

    fn hole(&mut self, depth: u32) {
        self.at += 1;
        let hole = self.run(true, depth + 1);
        self.put_aside(hole);
    }

    /// Name and attributes of a tag; true if it has children.
    fn tag(&mut self, depth: u32) -> bool {
        while self.at < self.bytes.len() && !self.stopped {
            match self.peek(0) {
                quote @ (b'"' | b'\'') => {
                    self.at += 1;
                    while self.at < self.bytes.len() && self.peek(0) != quote {
                        self.step();
                    }
                    self.at += 1;
                }
                b'{' => self.hole(depth),
                b'/' if self.peek(1) == b'>' => {
                    self.at += 2;
                    return false;
                }
                b'>' => {
                    self.at += 1;
                    return true;
                }
                _ => self.step(),
            }
        }
        false
    }
}
