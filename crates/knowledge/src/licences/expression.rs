//! Licence expressions of SPDX 2.3, annex D: ids, `+`, `WITH`, `AND`, `OR`, brackets.
//!
//! `AND` binds more closely than `OR`. Operators are taken in any case, as tools write them.

/// What an expression says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// One licence.
    Licence {
        /// Its id as written; `LicenseRef-…` and `DocumentRef-…:LicenseRef-…` are ids as well.
        id: String,
        /// Whether later versions may be chosen.
        or_later: bool,
        /// The exception to it.
        exception: Option<String>,
    },
    /// All of them hold.
    All(Vec<Expression>),
    /// One of them may be chosen.
    Any(Vec<Expression>),
}

/// Why a text is no expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Something stands where it cannot.
    #[error("`{0}` cannot stand there")]
    Unexpected(String),
    /// The text ends too early.
    #[error("the expression is not finished")]
    Unfinished,
    /// More brackets than anybody means, or a text that is too long.
    #[error("the expression is too deep or too long")]
    TooLarge,
}

/// Brackets inside brackets.
const DEPTH: u32 = 32;
/// Bytes of an expression.
const LENGTH: usize = 16 << 10;

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > LENGTH {
            return Err(ExpressionError::TooLarge);
        }
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let expression = any(&mut words, DEPTH)?;
        match words.next() {
            Some(word) => Err(ExpressionError::Unexpected(word.to_owned())),
            None => Ok(expression),
        }
    }

    /// Every licence in it, in the order in which they are written.
    pub fn licences(&self) -> Vec<&str> {
        match self {
            Self::Licence { id, .. } => vec![id],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::licences).collect(),
        }
    }
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn is(word: Option<&&str>, operator: &str) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case(operator))
}

fn any(words: &mut Words<'_>, depth: u32) -> Result<Expression, ExpressionError> {
    joined(words, "OR", Expression::Any, |words| {
        joined(words, "AND", Expression::All, |words| one(words, depth))
    })
}

/// One or more parts with an operator between them.
fn joined<'a>(
    words: &mut Words<'a>,
    operator: &str,
    join: fn(Vec<Expression>) -> Expression,
    part: impl Fn(&mut Words<'a>) -> Result<Expression, ExpressionError>,
) -> Result<Expression, ExpressionError> {
    let first = part(words)?;
    let mut parts = vec![first];
    while is(words.peek(), operator) {
        words.next();
        parts.push(part(words)?);
    }
    Ok(if parts.len() > 1 { join(parts) } else { parts.remove(0) })
}

fn one(words: &mut Words<'_>, depth: u32) -> Result<Expression, ExpressionError> {
    let word = words.next().ok_or(ExpressionError::Unfinished)?;
    if word == "(" {
        let inside = any(words, depth.checked_sub(1).ok_or(ExpressionError::TooLarge)?)?;
        return match words.next() {
            Some(")") => Ok(inside),
            Some(word) => Err(ExpressionError::Unexpected(word.to_owned())),
            None => Err(ExpressionError::Unfinished),
        };
    }
    let (id, or_later) = match word.strip_suffix('+') {
        // `openrail++` is a name of its own.
        Some(id) if !id.ends_with('+') => (id, true),
        _ => (word, false),
    };
    let mut exception = None;
    if is(words.peek(), "WITH") {
        words.next();
        exception = Some(named(words.next().ok_or(ExpressionError::Unfinished)?)?.to_owned());
    }
    Ok(Expression::Licence { id: named(id)?.to_owned(), or_later, exception })
}

fn named(word: &str) -> Result<&str, ExpressionError> {
    let operator = ["AND", "OR", "WITH"].iter().any(|operator| word.eq_ignore_ascii_case(operator));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '+');
    if word.is_empty() || operator || !word.chars().all(plain) {
        return Err(ExpressionError::Unexpected(word.to_owned()));
    }
    Ok(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(expression: &Expression) -> String {
        let list = |parts: &[Expression], word: &str| {
            format!("({})", parts.iter().map(show).collect::<Vec<_>>().join(word))
        };
        match expression {
            Expression::Licence { id, or_later, exception } => {
                let exception =
                    exception.as_ref().map(|exception| format!("/{exception}")).unwrap_or_default();
                format!("{id}{}{exception}", if *or_later { "+" } else { "" })
            }
            Expression::All(parts) => list(parts, "&"),
            Expression::Any(parts) => list(parts, "|"),
        }
    }

    #[test]
    fn operators_bind_as_the_standard_says() {
        for (text, wanted) in [
            ("MIT", "MIT"),
            ("GPL-2.0+", "GPL-2.0+"),
            ("MIT OR Apache-2.0 AND BSD-3-Clause", "(MIT|(Apache-2.0&BSD-3-Clause))"),
            ("(MIT or Apache-2.0) and BSD-3-Clause", "((MIT|Apache-2.0)&BSD-3-Clause)"),
            (
                "GPL-2.0-only WITH Classpath-exception-2.0 OR MIT",
                "(GPL-2.0-only/Classpath-exception-2.0|MIT)",
            ),
            ("LicenseRef-Proprietary", "LicenseRef-Proprietary"),
            ("DocumentRef-spdx:LicenseRef-MIT-like", "DocumentRef-spdx:LicenseRef-MIT-like"),
            ("openrail++", "openrail++"),
        ] {
            assert_eq!(
                Expression::parse(text).map(|expression| show(&expression)).as_deref(),
                Ok(wanted),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_expression_says_why() {
        for text in [
            "",
            "MIT OR",
            "AND MIT",
            "(MIT",
            "MIT)",
            "MIT Apache-2.0",
            "MIT WITH",
            "see LICENSE",
            "a/b",
            "()",
        ] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
        let deep = "(".repeat(10_000);
        assert_eq!(Expression::parse(&deep), Err(ExpressionError::TooLarge));
        let nested = format!("{}MIT{}", "(".repeat(100), ")".repeat(100));
        assert_eq!(Expression::parse(&nested), Err(ExpressionError::TooLarge));
    }
}
