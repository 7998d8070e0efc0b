//! Shapes of credentials, described by prefix, alphabet, length, entropy and context instead of expressions.
//!
//! The table only says what a credential looks like; `checks` reads texts with it and knows placeholders.

use serde::Deserialize;

use crate::table::{rows, words};

/// What sort of secret a shape describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// A token of one provider.
    Token,
    /// The header of a private key.
    PrivateKey,
    /// A URL with user and password.
    ConnectionString,
    /// A literal given to a name that says it is secret.
    Password,
}

/// Characters that a credential is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alphabet {
    /// `0-9`.
    Digits,
    /// `0-9a-fA-F`.
    Hex,
    /// `A-Z0-9`.
    Upper,
    /// `A-Za-z0-9`.
    Alnum,
    /// `A-Za-z0-9+/=`.
    Base64,
    /// `A-Za-z0-9_-`.
    Base64url,
    /// `A-Za-z0-9_-.`.
    Dotted,
    /// Any visible ASCII character except quotes and angle brackets.
    Printable,
}

impl Alphabet {
    /// Whether the alphabet holds this byte.
    pub const fn contains(self, byte: u8) -> bool {
        let alnum = byte.is_ascii_alphanumeric();
        match self {
            Self::Digits => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Alnum => alnum,
            Self::Base64 => alnum || matches!(byte, b'+' | b'/' | b'='),
            Self::Base64url => alnum || matches!(byte, b'_' | b'-'),
            Self::Dotted => alnum || matches!(byte, b'_' | b'-' | b'.'),
            Self::Printable => byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>'),
        }
    }
}

/// The shape of one sort of credential.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretShape {
    /// Stable id, `huggingface-token`.
    pub id: String,
    /// Who issues it; `any` for shapes without an issuer.
    pub provider: String,
    /// What sort it is.
    pub kind: SecretKind,
    /// Literal beginnings, longest first; empty when only the context tells.
    pub prefixes: Vec<String>,
    /// What follows the prefix is made of these.
    pub alphabet: Alphabet,
    /// Fewest characters after the prefix.
    pub min_length: usize,
    /// Most characters after the prefix.
    pub max_length: usize,
    /// Bits per character (Shannon, over the part after the prefix) that it must reach.
    pub min_entropy: f64,
    /// One of these must stand on the same line, in any case; empty when the prefix is enough.
    pub context: Vec<String>,
    /// A few words more; may be empty.
    pub note: String,
}

/// Where a shape was recognised in a line, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretMatch<'a> {
    /// Start of the prefix.
    pub start: usize,
    /// End of the credential.
    pub end: usize,
    /// Prefix and credential. Never show it: quote the id and the first characters at most.
    pub text: &'a str,
}

impl SecretShape {
    /// All places in `line` that have this shape, left to right. Linear in the line for every prefix.
    pub fn matches<'a>(&self, line: &'a str) -> Vec<SecretMatch<'a>> {
        if !self.context_holds(line) {
            return Vec::new();
        }
        let bytes = line.as_bytes();
        let mut found: Vec<SecretMatch<'a>> = Vec::new();
        for start in self.starts(line) {
            let prefix = self.prefixes.iter().find(|prefix| line[start..].starts_with(prefix.as_str()));
            let body = start + prefix.map_or(0, String::len);
            let length = bytes[body..].iter().take_while(|byte| self.alphabet.contains(**byte)).count();
            let end = body + length;
            let overlaps = found.last().is_some_and(|last| start < last.end);
            if overlaps || length < self.min_length || length > self.max_length {
                continue;
            }
            if entropy(&bytes[body..end]) >= self.min_entropy {
                found.push(SecretMatch { start, end, text: &line[start..end] });
            }
        }
        found
    }

    fn context_holds(&self, line: &str) -> bool {
        let lower = line.to_ascii_lowercase();
        self.context.is_empty() || self.context.iter().any(|word| lower.contains(&word.to_ascii_lowercase()))
    }

    /// Places where a match may begin: at a prefix, or without prefixes at the first character of each run.
    fn starts(&self, line: &str) -> Vec<usize> {
        let bytes = line.as_bytes();
        let inside = |at: usize| at > 0 && bytes.get(at - 1).is_some_and(|byte| is_word(*byte));
        let mut starts: Vec<usize> = if self.prefixes.is_empty() {
            let member = |at: usize| bytes.get(at).is_some_and(|byte| self.alphabet.contains(*byte));
            (0..bytes.len()).filter(|at| member(*at) && (*at == 0 || !member(at - 1))).collect()
        } else {
            self.prefixes
                .iter()
                .flat_map(|prefix| line.match_indices(prefix.as_str()).map(move |(at, _)| (at, prefix)))
                .filter(|(at, prefix)| {
                    !prefix.starts_with(|c: char| c.is_ascii_alphanumeric()) || !inside(*at)
                })
                .map(|(at, _)| at)
                .collect()
        };
        starts.retain(|at| line.is_char_boundary(*at));
        starts.sort_unstable();
        starts.dedup();
        starts
    }
}

/// All tokens in `line`, left to right; where shapes overlap, the one with the longer prefix wins.
pub fn tokens<'s, 'l>(shapes: &'s [SecretShape], line: &'l str) -> Vec<(&'s SecretShape, SecretMatch<'l>)> {
    let prefix_length = |shape: &SecretShape, hit: &SecretMatch<'_>| {
        let begins = |prefix: &&String| hit.text.starts_with(prefix.as_str());
        shape.prefixes.iter().find(begins).map_or(0, String::len)
    };
    let mut hits: Vec<(&SecretShape, SecretMatch<'_>)> = shapes
        .iter()
        .filter(|shape| shape.kind == SecretKind::Token)
        .flat_map(|shape| shape.matches(line).into_iter().map(move |hit| (shape, hit)))
        .collect();
    hits.sort_by_key(|(shape, hit)| (std::cmp::Reverse(prefix_length(shape, hit)), hit.start, &shape.id));
    let mut kept: Vec<(&SecretShape, SecretMatch<'_>)> = Vec::new();
    for (shape, hit) in hits {
        if kept.iter().all(|(_, other)| hit.end <= other.start || other.end <= hit.start) {
            kept.push((shape, hit));
        }
    }
    kept.sort_by_key(|(_, hit)| hit.start);
    kept
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Shannon entropy of the bytes in bits per byte; 0 for nothing.
pub fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len() as f64;
    let bits = |count: u32| {
        let share = f64::from(count) / total;
        -share * share.log2()
    };
    counts.into_iter().filter(|count| *count > 0).map(bits).sum()
}

pub(crate) fn builtin() -> Vec<SecretShape> {
    let mut shapes: Vec<SecretShape> = rows::<Row>("secrets", include_str!("../data/secrets.csv"))
        .into_iter()
        .map(|row| {
            let mut prefixes = words(&row.prefixes);
            prefixes.sort_by_key(|prefix| std::cmp::Reverse(prefix.len()));
            SecretShape {
                id: row.id,
                provider: row.provider,
                kind: row.kind,
                prefixes,
                alphabet: row.alphabet,
                min_length: row.min,
                max_length: row.max,
                min_entropy: row.entropy,
                context: words(&row.context),
                note: row.note,
            }
        })
        .collect();
    shapes.sort_by(|left, right| left.id.cmp(&right.id));
    shapes
}

#[derive(Deserialize)]
struct Row {
    id: String,
    provider: String,
    kind: SecretKind,
    prefixes: String,
    alphabet: Alphabet,
    min: usize,
    max: usize,
    entropy: f64,
    context: String,
    note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Characters of an alphabet in a fixed order that visits all of them.
    fn body(alphabet: Alphabet, length: usize) -> String {
        let all: Vec<char> = (33u8..127)
            .filter(|byte| alphabet.contains(*byte))
            .map(char::from)
            .filter(|c| c.is_ascii_alphanumeric())
            .collect();
        (0..length).map(|at| all[(at * 37 + 11) % all.len()]).collect()
    }

    #[test]
    fn every_prefixed_token_is_recognised_and_its_neighbours_are_not() {
        for shape in builtin() {
            if shape.kind != SecretKind::Token {
                continue;
            }
            let context = shape.context.first().cloned().unwrap_or_default();
            let prefix = shape.prefixes.first().cloned().unwrap_or_default();
            let token = format!("{prefix}{}", body(shape.alphabet, shape.min_length));
            let line = format!("{context} = \"{token}\"");
            let found = shape.matches(&line);
            assert_eq!(
                found.iter().map(|hit| hit.text).collect::<Vec<_>>(),
                [token.as_str()],
                "{}",
                shape.id
            );
            let short = format!("{context} = \"{prefix}{}\"", &body(shape.alphabet, shape.min_length)[1..]);
            assert_eq!(shape.matches(&short), [], "{} is too short", shape.id);
            let flat = format!("{context} = \"{prefix}{}\"", "A".repeat(shape.min_length));
            assert_eq!(shape.matches(&flat), [], "{} without entropy", shape.id);
        }
    }

    #[test]
    fn the_more_telling_prefix_wins() {
        let line = format!("key: {}{}", concat!("sk-", "ant-api"), body(Alphabet::Alnum, 40));
        let shapes = builtin();
        let ids: Vec<&str> = tokens(&shapes, &line).iter().map(|(shape, _)| shape.id.as_str()).collect();
        assert_eq!(ids, ["anthropic-api-key"]);
    }

    #[test]
    fn text_beyond_ascii_does_not_break_the_scan() {
        for shape in builtin() {
            let _ = shape.matches("wandb cohere é 漢字 hf_é sk-漢 ://ü@ -----BEGIN ß PRIVATE");
        }
    }
}
