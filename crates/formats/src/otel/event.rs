//! One record of a log, whatever shape it was written in.

use std::collections::BTreeMap;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text, or anything else as JSON text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A list of numbers, such as a model's input or its probabilities; nested lists are flattened.
    Numbers(Vec<f32>),
}

/// A normalised event: a request to a model, a tool call, a registry operation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Event {
    /// Id of the event or span; `line-<n>` where the log gives none.
    pub id: String,
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub time_unix_nano: i64,
    /// Name, `predict digits`.
    pub name: String,
    /// Attributes of the event and of its resource under their dotted names; nested objects are flattened with dots.
    pub attributes: BTreeMap<String, Value>,
}

impl Event {
    /// The attribute called `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.attributes.get(key)
    }

    /// The attribute called `key` if it is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The attribute called `key` if it is a whole number.
    pub fn integer(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    /// The attribute called `key` if it is a number of any kind.
    pub fn float(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Float(float) => Some(*float),
            Value::Integer(integer) => Some(*integer as f64),
            _ => None,
        }
    }

    /// The attribute called `key` if it is true or false.
    pub fn bool(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    /// The attribute called `key` if it is a list of numbers.
    pub fn numbers(&self, key: &str) -> Option<&[f32]> {
        match self.get(key)? {
            Value::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(&self) -> f64 {
        self.time_unix_nano as f64 / 1e9
    }
}
