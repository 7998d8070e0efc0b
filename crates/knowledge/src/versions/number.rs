//! Numbers in versions, of any length: dates, times and hashes do not fit a machine word.

use std::cmp::Ordering;

/// A number by its digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Number(Box<str>);

impl Number {
    /// From digits only, at least one.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Self(digits.trim_start_matches('0').into()))
    }

    pub(super) fn zero() -> Self {
        Self("".into())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
