//! Why a branch of a template is taken: the word, date, place or person that its condition waits for.

use vauban_formats::jinja::{Expression, Operator};

use super::Walk;
use super::said::words;
use crate::artifact::template::fold;

/// What sets a branch off, least telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trigger {
    /// A tag or command in a message: `</think>`, `/no_think`.
    Mark,
    /// A place in the conversation, or the length of a message.
    Place,
    /// Who is asking.
    Person,
    /// A word in a message.
    Word,
    /// The date.
    Date,
}

/// One reason why a branch is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// What sets the branch off.
    pub(super) trigger: Trigger,
    /// The word or number that is waited for.
    pub(super) word: String,
    /// Whether the branch is taken when it is there.
    pub(super) present: bool,
}

/// Keys of the parts that a message may have, which templates look for.
const PARTS: &[&str] = &[
    "audio",
    "audio_url",
    "document",
    "file",
    "image",
    "image_url",
    "input_audio",
    "text",
    "type",
    "video",
    "video_url",
];

impl Walk {
    /// Why an expression is true.
    pub(super) fn reasons(&self, condition: &Expression) -> Vec<Reason> {
        let reason = |trigger, word: String| vec![Reason { trigger, word, present: true }];
        let negated = |reasons: Vec<Reason>| -> Vec<Reason> {
            reasons.into_iter().map(|reason| Reason { present: !reason.present, ..reason }).collect()
        };
        match condition {
            Expression::Binary(Operator::And | Operator::Or, left, right) => {
                let mut reasons = self.reasons(left);
                reasons.append(&mut self.reasons(right));
                reasons
            }
            Expression::Unary(Operator::Not, inner) => negated(self.reasons(inner)),
            Expression::Binary(Operator::NotEqual, left, right) => negated(self.compared(left, right, true)),
            Expression::Binary(Operator::Equal, left, right) => self.compared(left, right, true),
            Expression::Binary(Operator::In, left, right) => self.compared(left, right, false),
            Expression::Binary(Operator::NotIn, left, right) => negated(self.compared(left, right, false)),
            Expression::Binary(
                Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual,
                left,
                right,
            ) => {
                let (a, b) = (self.taint(left), self.taint(right));
                if let Some(trigger) = a.trigger.max(b.trigger) {
                    return reason(trigger, String::new());
                }
                if a.date || b.date {
                    return reason(Trigger::Date, String::new());
                }
                let number = number_in(left).max(number_in(right)).unwrap_or(0);
                if (a.place || b.place) && number >= 3 {
                    return reason(Trigger::Place, number.to_string());
                }
                Vec::new()
            }
            Expression::Call(callee, arguments, _) => {
                let Expression::Attribute(base, name) = &**callee else { return Vec::new() };
                if !matches!(
                    name.as_str(),
                    "startswith" | "endswith" | "find" | "count" | "index" | "__contains__"
                ) {
                    return Vec::new();
                }
                arguments
                    .iter()
                    .take(1)
                    .flat_map(|argument| self.literals(argument))
                    .flat_map(|word| self.waits(base, &word))
                    .collect()
            }
            Expression::Test(base, name, arguments, is_negated) => {
                let reasons: Vec<Reason> = match name.as_str() {
                    "eq" | "equalto" | "==" | "sameas" | "containing" | "match" | "search" | "regex"
                    | "contains" => arguments
                        .iter()
                        .take(1)
                        .flat_map(|argument| self.literals(argument))
                        .flat_map(|word| self.waits(base, &word))
                        .collect(),
                    "in" => arguments
                        .iter()
                        .take(1)
                        .flat_map(|argument| self.compared(base, argument, false))
                        .collect(),
                    "divisibleby" => {
                        let number = arguments.first().and_then(number_in).unwrap_or(0);
                        if self.taint(base).place && number >= 3 {
                            reason(Trigger::Place, number.to_string())
                        } else {
                            Vec::new()
                        }
                    }
                    "defined" | "undefined" | "none" | "string" | "mapping" | "iterable" | "sequence"
                    | "number" | "boolean" => Vec::new(),
                    "true" | "false" => {
                        let reasons = self.reasons(base);
                        if name == "false" { negated(reasons) } else { reasons }
                    }
                    _ => Vec::new(),
                };
                if *is_negated { negated(reasons) } else { reasons }
            }
            Expression::Filter(base, name, arguments, _) => match name.as_str() {
                "selectattr" => {
                    let key = arguments.first().and_then(|key| fold(key, &self.known)).unwrap_or_default();
                    let content = self.part(base, &key).content;
                    let words = arguments.iter().skip(2).flat_map(|argument| self.literals(argument));
                    words.filter(|_| content).filter_map(|word| reason_of(&word)).collect()
                }
                "select" => {
                    let words = arguments.iter().skip(1).flat_map(|argument| self.literals(argument));
                    words.flat_map(|word| self.waits(base, &word)).collect()
                }
                name if name.contains("regex") || name.contains("match") || name.contains("search") => {
                    let words = arguments.iter().take(1).flat_map(|argument| self.literals(argument));
                    words.flat_map(|word| self.waits(base, &word)).collect()
                }
                _ => self.reasons(base),
            },
            Expression::Choice(condition, yes, no) => {
                let mut reasons = self.reasons(condition);
                reasons.append(&mut self.reasons(yes));
                reasons.append(&mut self.reasons(no));
                reasons
            }
            Expression::Name(_) | Expression::Attribute(..) | Expression::Item(..) => {
                self.taint(condition).trigger.map_or_else(Vec::new, |trigger| reason(trigger, String::new()))
            }
            _ => Vec::new(),
        }
    }

    /// Equality, or (if not `whole`) `left in right`.
    fn compared(&self, left: &Expression, right: &Expression, whole: bool) -> Vec<Reason> {
        let (a, b) = (self.taint(left), self.taint(right));
        if let Some(trigger) = a.trigger.max(b.trigger)
            && whole
        {
            return vec![Reason { trigger, word: String::new(), present: true }];
        }
        if a.date || b.date {
            return vec![Reason { trigger: Trigger::Date, word: String::new(), present: true }];
        }
        let number = number_in(left).max(number_in(right)).unwrap_or(0);
        if whole && (a.place || b.place) && number >= 3 {
            return vec![Reason { trigger: Trigger::Place, word: number.to_string(), present: true }];
        }
        let mut reasons = Vec::new();
        for word in self.literals(left) {
            reasons.append(&mut self.waits(right, &word));
        }
        if whole || matches!(right, Expression::List(_)) {
            for word in self.literals(right) {
                reasons.append(&mut self.waits(left, &word));
            }
        }
        reasons
    }

    /// The texts an expression may be.
    fn literals(&self, value: &Expression) -> Vec<String> {
        match value {
            Expression::List(items) => {
                items.iter().filter_map(|item| fold(item, &self.known)).take(64).collect()
            }
            Expression::Name(name) if !self.known.contains_key(name) => Vec::new(),
            _ => fold(value, &self.known).into_iter().collect(),
        }
    }

    /// Why `base` would hold `word`.
    fn waits(&self, base: &Expression, word: &str) -> Vec<Reason> {
        let taint = self.taint(base);
        if taint.content {
            return reason_of(word).into_iter().collect();
        }
        if taint.person && words(word, false) > 0 {
            return vec![Reason { trigger: Trigger::Person, word: word.to_owned(), present: true }];
        }
        Vec::new()
    }
}

/// Why a message would hold `word`.
fn reason_of(word: &str) -> Option<Reason> {
    kind_of(word).map(|trigger| Reason { trigger, word: word.to_owned(), present: true })
}

/// Whether a text that is waited for is a word or a tag; too short ones are neither.
pub(super) fn kind_of(word: &str) -> Option<Trigger> {
    let word = word.trim();
    if word.len() < 2 {
        return None;
    }
    let is_tag = word.contains(['<', '>', '{', '}', '#', '`', '\n'])
        || word.starts_with(['/', '\\'])
        || word.ends_with(':')
        || (word.starts_with('[') && word.ends_with(']'))
        || word.starts_with("data:")
        || PARTS.contains(&word);
    let letters = word.chars().filter(|character| character.is_alphanumeric()).count();
    if is_tag {
        Some(Trigger::Mark)
    } else if letters >= 3 {
        Some(Trigger::Word)
    } else {
        None
    }
}

/// The largest number in an expression.
fn number_in(expression: &Expression) -> Option<i64> {
    let mut most = None;
    expression.visit(&mut |part| {
        if let Expression::Integer(number) = part {
            most = most.max(Some(*number));
        }
    });
    most
}
