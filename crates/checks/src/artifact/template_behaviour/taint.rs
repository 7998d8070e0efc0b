//! What a value of a template comes from: words of a message, the clock, the place in the conversation, the asker.

use vauban_formats::jinja::{Expression, Operator};

use super::Walk;
use super::reason::Trigger;
use crate::artifact::template::fold;

/// What a value comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taint {
    /// A message, or a list of them.
    pub(super) message: bool,
    /// Words of a message.
    pub(super) content: bool,
    /// The clock.
    pub(super) date: bool,
    /// Place in the conversation, or its length.
    pub(super) place: bool,
    /// Who is asking.
    pub(super) person: bool,
    /// Truth of a trigger.
    pub(super) trigger: Option<Trigger>,
}

impl Taint {
    pub(super) fn join(self, other: Self) -> Self {
        Self {
            message: self.message || other.message,
            content: self.content || other.content,
            date: self.date || other.date,
            place: self.place || other.place,
            person: self.person || other.person,
            trigger: self.trigger.max(other.trigger),
        }
    }
}

/// Variables that hold what the user wrote, in templates that are given no list of messages.
const WRITTEN: &[&str] = &[
    "input",
    "instruction",
    "last_user_message",
    "prompt",
    "query",
    "question",
    "user_input",
    "user_message",
    "user_prompt",
];
/// Variables that hold who is asking.
const PERSONS: &[&str] = &[
    "current_user",
    "environment",
    "hostname",
    "ip",
    "tenant",
    "user",
    "user_email",
    "user_id",
    "user_name",
    "username",
];
/// Functions that tell the time.
const CLOCKS: &[&str] = &[
    "current_date",
    "date_string",
    "datetime",
    "now",
    "strftime",
    "strftime_now",
    "time",
    "today",
    "utcnow",
];
/// Keys of a message that are not its words.
const STRUCTURE: &[&str] = &[
    "arguments",
    "function",
    "id",
    "index",
    "mime_type",
    "name",
    "recipient",
    "role",
    "tool_call_id",
    "tool_calls",
    "type",
];

impl Walk {
    /// What a value comes from.
    pub(super) fn taint(&self, value: &Expression) -> Taint {
        match value {
            Expression::Name(name) => {
                let mut taint = self.names.get(name).copied().unwrap_or_default();
                let name = name.as_str();
                taint.message |= matches!(
                    name,
                    "messages" | "message" | "conversation" | "conversations" | "history" | "loop_messages"
                );
                taint.content |= WRITTEN.contains(&name);
                taint.person |= PERSONS.contains(&name);
                taint.date |= CLOCKS.contains(&name);
                taint
            }
            Expression::Attribute(base, key) => self.part(base, key),
            Expression::Item(base, key) => match fold(key, &self.known) {
                Some(key) if key.parse::<i64>().is_err() => self.part(base, &key),
                _ => self.taint(base),
            },
            Expression::Call(callee, arguments, _) => match &**callee {
                Expression::Attribute(base, name) => match (name.as_str(), arguments.first()) {
                    ("get", Some(Expression::Text(key))) => self.part(base, key),
                    ("startswith" | "endswith" | "find" | "count" | "index", _) => {
                        let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                        Taint { trigger: found, ..Taint::default() }
                    }
                    ("items" | "keys" | "values", _) => Taint::default(),
                    _ => arguments
                        .iter()
                        .fold(self.taint(base), |taint, argument| taint.join(self.taint(argument))),
                },
                Expression::Name(name) => {
                    let mut taint = arguments
                        .iter()
                        .fold(Taint::default(), |taint, argument| taint.join(self.taint(argument)));
                    taint.date |= CLOCKS.contains(&name.as_str());
                    // A macro gives text.
                    taint.trigger = None;
                    taint
                }
                _ => Taint::default(),
            },
            Expression::Filter(base, name, arguments, keywords) => {
                let taint = self.taint(base);
                match name.as_str() {
                    "length" | "count" => Taint {
                        place: taint.message || taint.content || taint.place,
                        trigger: taint.trigger,
                        ..Taint::default()
                    },
                    "map" => match keywords
                        .iter()
                        .find(|(name, _)| name == "attribute")
                        .and_then(|(_, key)| fold(key, &self.known))
                    {
                        Some(key) => self.part(base, &key),
                        None => taint,
                    },
                    "selectattr" | "rejectattr" | "select" | "reject" => {
                        let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                        Taint { trigger: taint.trigger.max(found), ..taint }
                    }
                    // Chance, like the date, is nothing that the user sees.
                    "random" | "shuffle" => Taint { date: true, ..taint },
                    "tojson" | "string" if taint.message => Taint { content: true, ..taint },
                    _ => arguments.iter().fold(taint, |taint, argument| taint.join(self.taint(argument))),
                }
            }
            Expression::Test(..) => {
                let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                Taint { trigger: found, ..Taint::default() }
            }
            Expression::Binary(operator, left, right) => match operator {
                Operator::Equal
                | Operator::NotEqual
                | Operator::In
                | Operator::NotIn
                | Operator::Less
                | Operator::LessEqual
                | Operator::Greater
                | Operator::GreaterEqual => {
                    let found = self.reasons(value).into_iter().map(|reason| reason.trigger).max();
                    Taint { trigger: found, ..Taint::default() }
                }
                _ => self.taint(left).join(self.taint(right)),
            },
            Expression::Unary(_, inner) => self.taint(inner),
            Expression::Choice(condition, yes, no) => {
                let found = self
                    .reasons(condition)
                    .into_iter()
                    .map(|reason| reason.trigger)
                    .filter(|it| *it != Trigger::Mark)
                    .max();
                let taint = self.taint(yes).join(self.taint(no));
                Taint { trigger: taint.trigger.max(found), ..taint }
            }
            Expression::List(items) => {
                items.iter().fold(Taint::default(), |taint, item| taint.join(self.taint(item)))
            }
            Expression::Dict(pairs) => pairs.iter().fold(Taint::default(), |taint, (_, value)| Taint {
                trigger: None,
                ..taint.join(self.taint(value))
            }),
            Expression::Slice(_)
            | Expression::Text(_)
            | Expression::Integer(_)
            | Expression::Float(_)
            | Expression::Bool(_)
            | Expression::None => Taint::default(),
        }
    }

    /// A part of a value, by key.
    pub(super) fn part(&self, base: &Expression, key: &str) -> Taint {
        if let Expression::Name(name) = base {
            if name == "loop" {
                let place = matches!(key, "index" | "index0" | "revindex" | "revindex0" | "length");
                return Taint { place, ..Taint::default() };
            }
            if matches!(name.as_str(), "ns" | "namespace" | "state")
                || self.names.contains_key(key) && !self.taint(base).message
            {
                return self.names.get(key).copied().unwrap_or_default();
            }
        }
        let taint = self.taint(base);
        if STRUCTURE.contains(&key) {
            return Taint { person: taint.message && key == "name", ..Taint::default() };
        }
        let words = matches!(key, "content" | "text" | "value" | "parts" | "message");
        let tools = key.contains("tool") || key.contains("function");
        Taint {
            message: taint.message && !words,
            content: (taint.content || taint.message && words) && !tools,
            person: taint.person || taint.message && matches!(key, "user" | "user_id" | "username"),
            ..taint
        }
    }
}
