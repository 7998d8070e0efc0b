//! Semantic versions, as npm, crates.io and Go order them.
//!
//! Read more widely than the standard writes them: a leading `v` (Go), missing parts as 0 (`1.2` in ranges of records),
//! `-0` as the earliest pre-release. What follows `+` is not part of the order.

use std::cmp::Ordering;

use super::number::Number;

/// A semantic version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SemVer {
    core: [Number; 3],
    pre: Vec<Identifier>,
}

/// A part of a pre-release: numbers are earlier than words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(Number),
    Word(String),
}

impl SemVer {
    /// Reads a version; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix(['v', 'V', '=']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or(text);
        let (numbers, pre) = match text.split_once('-') {
            Some((numbers, pre)) => (numbers, Some(pre)),
            None => (text, None),
        };
        let mut core = [Number::zero(), Number::zero(), Number::zero()];
        for (index, part) in numbers.split('.').enumerate() {
            *core.get_mut(index)? = Number::parse(part)?;
        }
        let pre = match pre {
            Some(pre) => pre.split('.').map(identifier).collect::<Option<_>>()?,
            None => Vec::new(),
        };
        Some(Self { core, pre })
    }
}

fn identifier(text: &str) -> Option<Identifier> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return None;
    }
    Some(Number::parse(text).map_or_else(|| Identifier::Word(text.to_owned()), Identifier::Number))
}

impl Ord for SemVer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.core
            .cmp(&other.core)
            .then_with(|| self.pre.is_empty().cmp(&other.pre.is_empty()))
            .then_with(|| self.pre.cmp(&other.pre))
    }
}

impl PartialOrd for SemVer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_as_the_standard_and_go_say() {
        let rising = [
            "0.0.0-0",
            "0.0.0-20190101000000-abcdefabcdef",
            "v0.0.0-20200101000000-000000000000",
            "0.1.0",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.2.3-0.20210101000000-abcdef123456",
            "1.2.3",
            "2.0.0",
            "10.0.0",
        ];
        let versions: Vec<SemVer> = rising.iter().map(|text| SemVer::parse(text).unwrap()).collect();
        for pair in versions.windows(2) {
            assert!(pair[0] < pair[1], "{pair:?}");
        }
    }

    #[test]
    fn spellings_are_one() {
        for (one, other) in
            [("v1.2.3", "1.2.3"), ("1.2", "1.2.0"), ("2.0.0+incompatible", "2.0.0"), ("1.0.0+b", "1.0.0+c")]
        {
            assert_eq!(SemVer::parse(one), SemVer::parse(other), "{one} {other}");
        }
    }

    #[test]
    fn ranges_and_words_are_no_versions() {
        for text in ["", "latest", "^1.0.0", "1.x", "1.2.3.4", ">=1", "1.0.0-", "1.0.0-a..b", "git+https://x"]
        {
            assert_eq!(SemVer::parse(text), None, "{text}");
        }
    }
}
