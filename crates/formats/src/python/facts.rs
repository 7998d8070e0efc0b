//! What a piece of Python says.

use super::flow::Flow;

/// Facts of one module or notebook cell, all in reading order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Python {
    /// The source itself, for what looks at lines rather than syntax; empty inside a notebook.
    pub source: String,
    /// `import` and `from … import`, one per name.
    pub imports: Vec<Import>,
    /// Every call.
    pub calls: Vec<Call>,
    /// Assignments to names and attributes, keyword defaults left out.
    pub assignments: Vec<Assignment>,
    /// Functions and methods.
    pub functions: Vec<Function>,
    /// What it does, call by call; empty inside a notebook.
    pub flow: Flow,
    /// Magics and shell lines of a notebook cell.
    pub escapes: Vec<Escape>,
}

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Dotted module or name, `torch.nn` or `pickle.load`; relative ones start with dots.
    pub path: String,
    /// The name it is bound to.
    pub bound: String,
    /// One-based line.
    pub line: u32,
}

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Resolved dotted callee; `()` stands for the result of a call, `[]` for an item: `openai.OpenAI().chat`.
    pub callee: String,
    /// Positional arguments.
    pub arguments: Vec<Value>,
    /// Keyword arguments; `**` is the name of an unpacked mapping.
    pub keywords: Vec<(String, Value)>,
    /// One-based line.
    pub line: u32,
    /// Name the result is assigned to, if directly.
    pub assigned_to: Option<String>,
    /// Index into [`Python::functions`] of the function it is made in.
    pub function: Option<usize>,
}

impl Call {
    /// The value of a keyword argument.
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.keywords.iter().find(|(keyword, _)| keyword == name).map(|(_, value)| value)
    }

    /// The value of the argument that may be given by place or by name.
    pub fn argument(&self, place: usize, name: &str) -> Option<&Value> {
        self.keyword(name).or_else(|| self.arguments.get(place))
    }

    /// Last part of the callee, `create`.
    pub fn name(&self) -> &str {
        self.callee.rsplit('.').next().unwrap_or(&self.callee)
    }

    /// Whether keyword arguments come from an unpacked mapping, so that absent ones may be in there.
    pub fn has_unpacked_keywords(&self) -> bool {
        self.keyword("**").is_some()
    }
}

/// A value as far as it can be read off the source.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Any other real number.
    Float(f64),
    /// Text, concatenated where written in parts.
    Text(String),
    /// Text with holes, written `{}` or `{name}`: f-string, `%`, `format`, or text added to something else.
    Template(String),
    /// List, tuple or set.
    List(Vec<Self>),
    /// Dictionary; unpacked mappings have [`Value::None`] as key.
    Dict(Vec<(Self, Self)>),
    /// A resolved dotted name.
    Name(String),
    /// The result of a call of this resolved callee.
    Call(String),
    /// Anything else.
    Other,
}

impl Value {
    /// The text of a text or template.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Template(text) => Some(text),
            _ => None,
        }
    }

    /// The text, only if it has no holes.
    pub fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Value of a text key of a dictionary.
    pub fn item(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(items) => items.iter().find(|(k, _)| k.literal() == Some(key)).map(|(_, value)| value),
            _ => None,
        }
    }
}

/// One assignment.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// Name or dotted attribute as written, `self.client`; items as `headers["key"]` with their literal key.
    pub target: String,
    /// What is assigned.
    pub value: Value,
    /// One-based line.
    pub line: u32,
    /// Index into [`Python::functions`] of the function it is made in.
    pub function: Option<usize>,
}

/// One function or method.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Name without its class.
    pub name: String,
    /// Class it is defined in.
    pub class: Option<String>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// Decorators, outermost first.
    pub decorators: Vec<Decorator>,
    /// Docstring.
    pub docstring: Option<String>,
    /// One-based line of its `def`.
    pub line: u32,
}

impl Function {
    /// Whether a decorator registers it as a tool of a model (`@tool`, `@mcp.tool()`, `@function_tool` ...).
    pub fn is_tool(&self) -> bool {
        self.decorators.iter().any(|decorator| registers_tool(&decorator.callee))
    }
}

/// Whether a decorator of this name registers a function as a tool of a model, without calling it.
pub fn registers_tool(decorator: &str) -> bool {
    const NAMES: &[&str] =
        &["ai_function", "function_tool", "kernel_function", "tool", "tool_plain", "llm_tool"];
    let name = decorator.trim_end_matches("()");
    NAMES.contains(&name.rsplit('.').next().unwrap_or(name))
}

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Name.
    pub name: String,
    /// Resolved dotted annotation, if it is a plain name.
    pub annotation: Option<String>,
}

/// One decorator.
#[derive(Debug, Clone, PartialEq)]
pub struct Decorator {
    /// Resolved dotted name, with `()` if it is called.
    pub callee: String,
    /// Keyword arguments.
    pub keywords: Vec<(String, Value)>,
    /// Positional arguments.
    pub arguments: Vec<Value>,
}

/// A magic or shell line of a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escape {
    /// Whether it goes to the system shell (`!…`, `%%bash`) rather than to IPython (`%pip …`).
    pub shell: bool,
    /// The command without its leading mark.
    pub command: String,
    /// One-based line.
    pub line: u32,
}
