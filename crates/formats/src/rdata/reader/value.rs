//! What an item is, as far as the calls around it need to know.

/// What an item is, as far as calls need to know.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Unbound,
    Missing,
    Symbol(String),
    Text(String),
    /// A call: what it calls and its text.
    Call(String),
    /// A function's name or number, as text.
    Plain(String),
    Function,
    Environment,
    Promise,
    Other,
}

impl Value {
    /// As R would print it, in short.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Symbol(name) | Self::Plain(name) | Self::Call(name) => name.clone(),
            Self::Text(text) => format!("{text:?}"),
            Self::Function => "<function>".to_owned(),
            Self::Environment => "<environment>".to_owned(),
            Self::Promise => "<promise>".to_owned(),
            Self::Unbound | Self::Missing => String::new(),
            Self::Other => "...".to_owned(),
        }
    }
}
