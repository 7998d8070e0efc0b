//! From text to tokens: text outside tags, and names, numbers, texts and operators inside.

/// One token inside a tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Integer(i64),
    Float(f64),
    /// An operator or bracket, at most two characters.
    Symbol(&'static str),
    /// A character that no expression has.
    Other(char),
}

/// A piece of the template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece<'a> {
    /// Text that is printed as it stands.
    Text(&'a str),
    /// `{{ … }}`.
    Output { tokens: Vec<Token>, source: &'a str, line: u32 },
    /// `{% … %}`.
    Tag { tokens: Vec<Token>, source: &'a str, line: u32 },
}

/// Operators, longer ones first.
const SYMBOLS: &[&str] = &[
    "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ":", "|", ",", ";",
    "(", ")", "[", "]", "{", "}",
];

/// Splits a template. Comments are dropped, raw blocks become text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut at, mut line) = (0, 1_u32);
    let count = |part: &str| u32::try_from(part.matches('\n').count()).unwrap_or(u32::MAX);
    while at < text.len() {
        let rest = &text[at..];
        let Some(open) = next_open(rest) else {
            pieces.push(Piece::Text(rest));
            break;
        };
        if open > 0 {
            pieces.push(Piece::Text(&rest[..open]));
            line = line.saturating_add(count(&rest[..open]));
        }
        let inside = &rest[open + 2..];
        let (length, tokens) = match rest.as_bytes()[open + 1] {
            b'#' => (inside.find("#}").map_or(inside.len(), |end| end + 2), None),
            b'{' => tag(inside, "}}"),
            _ => tag(inside, "%}"),
        };
        let source = inside.get(..length).unwrap_or(inside);
        let mut end = at + open + 2 + source.len();
        if let Some(tokens) = tokens {
            let is_raw = tokens.first() == Some(&Token::Name("raw".to_owned()));
            if rest.as_bytes()[open + 1] == b'{' {
                pieces.push(Piece::Output { tokens, source, line });
            } else if is_raw {
                let body = &text[end..];
                let (close, after) = end_of_raw(body);
                pieces.push(Piece::Text(&body[..close]));
                end += after;
            } else {
                pieces.push(Piece::Tag { tokens, source, line });
            }
        }
        line = line.saturating_add(count(&text[at + open..end]));
        at = end;
    }
    pieces
}

fn next_open(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes.windows(2).position(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
}

/// Where the body of a raw block ends, and where the text goes on.
fn end_of_raw(body: &str) -> (usize, usize) {
    let mut from = 0;
    while let Some(open) = body[from..].find("{%") {
        let start = from + open;
        let inner = body[start + 2..].trim_start_matches(['-', '+']).trim_start();
        if inner.starts_with("endraw")
            && let Some(close) = body[start..].find("%}")
        {
            return (start, start + close + 2);
        }
        from = start + 2;
    }
    (body.len(), body.len())
}

/// Tokens up to the closing mark, and how many bytes that took, mark included.
fn tag(text: &str, close: &str) -> (usize, Option<Vec<Token>>) {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    // White space control behind the opening mark.
    let mut at = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let mut braces = 0_usize;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        let controlled = rest.strip_prefix(['-', '+']).is_some_and(|rest| rest.starts_with(close));
        if controlled && braces == 0 {
            return (at + 1 + close.len(), Some(tokens));
        }
        if rest.starts_with(close) && (braces == 0 || close == "%}") {
            return (at + close.len(), Some(tokens));
        }
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if first == '"' || first == '\'' {
            let (length, text) = quoted(rest, first);
            tokens.push(Token::Text(text));
            at += length;
        } else if first.is_ascii_digit() {
            let (length, token) = number(rest);
            tokens.push(token);
            at += length;
        } else if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..length].to_owned()));
            at += length;
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            match *symbol {
                "{" => braces += 1,
                "}" => braces = braces.saturating_sub(1),
                _ => {}
            }
            tokens.push(Token::Symbol(symbol));
            at += symbol.len();
        } else {
            tokens.push(Token::Other(first));
            at += first.len_utf8();
        }
    }
    (text.len(), Some(tokens))
}

/// A quoted text with Python's escapes undone, and the bytes it takes.
fn quoted(text: &str, quote: char) -> (usize, String) {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return (at + 1, out);
        }
        if character != '\\' {
            out.push(character);
            continue;
        }
        let Some((at, escape)) = characters.next() else { break };
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let code = text.get(at + 1..at + 1 + digits).filter(|_| digits > 0);
        match code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(decoded) => {
                out.push(decoded);
                characters.nth(digits - 1);
            }
            None => match escape {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                '\n' => {}
                '0'..='7' => {
                    let octal = &text[at..];
                    let length =
                        octal.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
                    let decoded = u32::from_str_radix(&octal[..length], 8).ok().and_then(char::from_u32);
                    out.extend(decoded);
                    if length > 1 {
                        characters.nth(length - 2);
                    }
                }
                '\\' | '\'' | '"' => out.push(escape),
                other => {
                    out.push('\\');
                    out.push(other);
                }
            },
        }
    }
    (text.len(), out)
}

fn number(text: &str) -> (usize, Token) {
    let bytes = text.as_bytes();
    let radix = match bytes.get(..2) {
        Some(b"0x" | b"0X") => 16,
        Some(b"0o" | b"0O") => 8,
        Some(b"0b" | b"0B") => 2,
        _ => 10,
    };
    if radix != 10 {
        let length =
            bytes[2..].iter().take_while(|byte| byte.is_ascii_hexdigit() || **byte == b'_').count() + 2;
        let digits = text[2..length].replace('_', "");
        return (length, Token::Integer(i64::from_str_radix(&digits, radix).unwrap_or(i64::MAX)));
    }
    let digits =
        |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let mut length = digits(0);
    let mut float = false;
    if bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(u8::is_ascii_digit) {
        float = true;
        length += 1 + digits(length + 1);
    }
    if matches!(bytes.get(length), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
        if bytes.get(length + 1 + sign).is_some_and(u8::is_ascii_digit) {
            float = true;
            length += 1 + sign + digits(length + 1 + sign);
        }
    }
    let plain = text[..length].replace('_', "");
    let token = if float {
        Token::Float(plain.parse().unwrap_or(f64::INFINITY))
    } else {
        Token::Integer(plain.parse().unwrap_or(i64::MAX))
    };
    (length, token)
}
