//! A tree of scalars, lists and maps in which everything knows its line; YAML, JSON and HCL are read into it.

/// The node that stands for whatever is not there, so that look-ups can be chained.
pub(crate) static ABSENT: Node = Node { line: 0, value: Value::Null };

/// A value and the line on which it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// One-based line; 0 for what is not there.
    pub line: u32,
    /// What it is.
    pub value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Value {
    /// `null`, `~`, or nothing at all.
    #[default]
    Null,
    /// Text, a number or a boolean, as it was written.
    Scalar {
        /// The text after unescaping.
        text: String,
        /// Whether it was quoted or a block, and therefore is text whatever it looks like.
        quoted: bool,
    },
    /// Something to be computed, as it was written (`${var.name}`); only HCL has these.
    Expression(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order written.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text; `?` for a key that is itself a list or map.
    pub key: String,
    /// One-based line of the key.
    pub line: u32,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A scalar on a line.
    pub fn scalar(line: u32, text: impl Into<String>, quoted: bool) -> Self {
        Self { line, value: Value::Scalar { text: text.into(), quoted } }
    }

    /// The value under a key, the last one if a key is repeated, as loaders have it; an absent node if there is none.
    pub fn get(&self, key: &str) -> &Self {
        self.entries().iter().rfind(|entry| entry.key == key).map_or(&ABSENT, |entry| &entry.node)
    }

    /// The value under keys joined by dots, `spec.template.spec`.
    pub fn at(&self, path: &str) -> &Self {
        path.split('.').fold(self, |node, key| node.get(key))
    }

    /// The entry with this key, for its line.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rfind(|entry| entry.key == key)
    }

    /// The items of a list; nothing for anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the node itself where one is written without a list.
    pub fn one_or_many(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Null => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The entries of a map; nothing for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The text of a scalar, whether or not it was quoted.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar; empty for anything else.
    pub fn text_or_empty(&self) -> &str {
        self.text().unwrap_or_default()
    }

    /// The text of a quoted scalar: what is text by its own word, never a number or a boolean.
    pub fn quoted_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, quoted: true } => Some(text),
            _ => None,
        }
    }

    /// An unquoted `true` or `false`.
    pub fn truth(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, quoted: false } if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Scalar { text, quoted: false } if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub fn is_true(&self) -> bool {
        self.truth() == Some(true)
    }

    /// Whether it is `false`, which absence is not.
    pub fn is_false(&self) -> bool {
        self.truth() == Some(false)
    }

    /// The number of an unquoted decimal scalar.
    pub fn number(&self) -> Option<f64> {
        match &self.value {
            Value::Scalar { text, quoted: false } => {
                text.parse().ok().filter(|number: &f64| number.is_finite())
            }
            _ => None,
        }
    }

    /// The whole number of an unquoted scalar.
    pub fn integer(&self) -> Option<i64> {
        match &self.value {
            Value::Scalar { text, quoted: false } => text.parse().ok(),
            _ => None,
        }
    }

    /// Whether nothing is there, or `null` is.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// Whether it is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.value, Value::Map(_))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.value, Value::List(_))
    }

    /// Visits every scalar below with the path that leads to it, `spec.containers[0].image`.
    pub fn visit_scalars<'a>(&'a self, mut see: impl FnMut(&str, &'a Self)) {
        self.visit_below(&mut String::new(), &mut see);
    }

    fn visit_below<'a>(&'a self, path: &mut String, see: &mut impl FnMut(&str, &'a Self)) {
        let length = path.len();
        match &self.value {
            Value::Map(entries) => {
                for entry in entries {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(&entry.key);
                    entry.node.visit_below(path, see);
                    path.truncate(length);
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    item.visit_below(path, see);
                    path.truncate(length);
                }
            }
            Value::Scalar { .. } | Value::Expression(_) => see(path, self),
            Value::Null => {}
        }
    }
}
