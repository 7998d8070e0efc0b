//! What a detection says about a client.

use vauban_domain::{RuleId, Text, Timestamp};

/// A client whose traffic a rule describes.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The rule.
    pub rule: RuleId,
    /// Who: the user or key, else the address.
    pub client: String,
    /// Name of the model or tool that was asked; empty if the log does not say.
    pub about: String,
    /// Time of the first event that counts towards it, nanoseconds since 1970-01-01T00:00:00Z.
    pub first_nano: i64,
    /// Time of the event that raised it, nanoseconds since 1970-01-01T00:00:00Z.
    pub raised_nano: i64,
    /// Time of the last event that counts towards it, nanoseconds since 1970-01-01T00:00:00Z.
    pub last_nano: i64,
    /// Events that count towards it.
    pub events: u64,
    /// How far beyond its threshold the rule is: 1 is just enough, larger is worse.
    pub score: f64,
    /// The numbers it stands on, by name, in the order to be read.
    pub numbers: Vec<Number>,
}

/// A named number of an alert.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// What it counts or measures, with unit.
    pub name: Text,
    /// Its value.
    pub value: f64,
}

impl Number {
    /// A named number.
    pub fn new(name: impl Into<Text>, value: f64) -> Self {
        Self { name: name.into(), value }
    }
}

impl Alert {
    /// When the last event happened.
    pub fn observed_at(&self) -> Timestamp {
        Timestamp(self.last_nano.div_euclid(1_000_000_000))
    }

    /// When the first event happened.
    pub fn began_at(&self) -> Timestamp {
        Timestamp(self.first_nano.div_euclid(1_000_000_000))
    }

    /// The numbers in words: `5 minutes, 64 requests, ...`.
    pub fn numbers_in_words(&self) -> String {
        let words: Vec<String> =
            self.numbers.iter().map(|number| format!("{} {}", number.name, short(number.value))).collect();
        words.join(", ")
    }
}

/// Whole numbers as they are, others with three decimals.
fn short(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}
