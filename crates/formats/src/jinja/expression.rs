//! Expressions of a template.

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A variable.
    Name(String),
    /// Text; neighbouring ones are joined.
    Text(String),
    /// A whole number; one too large for the type is its greatest value.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// `none`.
    None,
    /// A list or tuple.
    List(Vec<Self>),
    /// A dictionary.
    Dict(Vec<(Self, Self)>),
    /// `value.name`.
    Attribute(Box<Self>, String),
    /// `value[key]`.
    Item(Box<Self>, Box<Self>),
    /// `from:to:step` inside brackets.
    Slice(Vec<Self>),
    /// `callee(arguments, name=argument)`.
    Call(Box<Self>, Vec<Self>, Vec<(String, Self)>),
    /// `value|name(arguments)`.
    Filter(Box<Self>, String, Vec<Self>, Vec<(String, Self)>),
    /// `value is name(arguments)`; true if negated.
    Test(Box<Self>, String, Vec<Self>, bool),
    /// `not`, `-` or `+`.
    Unary(Operator, Box<Self>),
    /// Two operands; chains of comparisons are joined with `and`.
    Binary(Operator, Box<Self>, Box<Self>),
    /// `yes if condition else no`: condition, yes, no.
    Choice(Box<Self>, Box<Self>, Box<Self>),
}

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `and`
    And,
    /// `~`
    Concat,
    /// `/`
    Divide,
    /// `==`
    Equal,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `in`
    In,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `%`
    Modulo,
    /// `*`
    Multiply,
    /// `-` before one operand
    Negate,
    /// `not`
    Not,
    /// `!=`
    NotEqual,
    /// `not in`
    NotIn,
    /// `or`
    Or,
    /// `**`
    Power,
    /// `-`
    Subtract,
    /// `//`
    WholeDivide,
}

impl Expression {
    /// The expressions directly inside.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Name(_)
            | Self::Text(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Bool(_)
            | Self::None => Vec::new(),
            Self::List(items) | Self::Slice(items) => items.iter().collect(),
            Self::Dict(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).collect(),
            Self::Attribute(value, _) | Self::Unary(_, value) => vec![value],
            Self::Item(value, key) | Self::Binary(_, value, key) => vec![value, key],
            Self::Call(value, arguments, keywords) | Self::Filter(value, _, arguments, keywords) => {
                std::iter::once(&**value)
                    .chain(arguments)
                    .chain(keywords.iter().map(|(_, value)| value))
                    .collect()
            }
            Self::Test(value, _, arguments, _) => std::iter::once(&**value).chain(arguments).collect(),
            Self::Choice(condition, yes, no) => vec![condition, yes, no],
        }
    }

    /// Visits this expression and all below.
    pub fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        for child in self.children() {
            child.visit(see);
        }
    }
}
