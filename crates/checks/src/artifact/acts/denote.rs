//! What a value stands for: the name that a chain of look-ups and calls ends at.

use vauban_formats::pickle::{Lookup, Value};

use super::judge::Judge;
use super::name::{full_name, imports_by_name, is_getattr, reaches_by_two_names};

/// What a value stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Denoted {
    /// A module, or a name in one; the name of a module itself is empty.
    Name(String, String),
    /// An instance of the class with this name, or what the function with this name returns.
    Instance(String, String),
    /// `operator.attrgetter(name)`.
    Getter(String),
    /// `operator.methodcaller(name)`.
    Method,
    /// A method of a text that is known.
    TextMethod(String, String),
    /// Cannot be told.
    Unknown,
}

/// Steps from a value to what it stands for.
const DEPTH: u32 = 24;

impl Judge<'_> {
    pub(super) fn denote(&self, value: Value, depth: u32) -> Denoted {
        if depth > DEPTH || !self.spend() {
            return Denoted::Unknown;
        }
        if let Some(import) = self.stream.import(value) {
            return match (&import.computed, import.how) {
                (None, Lookup::Extension) => Denoted::Unknown,
                (Some((module, name)), _) => {
                    match (self.text_of(*module, depth + 1), self.text_of(*name, depth + 1)) {
                        (Some(module), Some(name)) => Denoted::Name(module, name),
                        _ => Denoted::Unknown,
                    }
                }
                _ => Denoted::Name(import.module.clone(), import.name.clone()),
            };
        }
        if let Value::Persistent(at) = value {
            // PyTorch before 1.6 stores classes with their source as ('module', class, file, source).
            let id = self.stream.persistent.get(at as usize).copied().unwrap_or_default();
            return match self.stream.items(id) {
                [word, class, ..] if self.stream.text(*word) == Some("module") => {
                    self.denote(*class, depth + 1)
                }
                _ => Denoted::Unknown,
            };
        }
        let Some(call) = self.stream.call(value) else { return Denoted::Unknown };
        let arguments = self.stream.items(call.arguments);
        let text = |at: usize| arguments.get(at).and_then(|value| self.text_of(*value, depth + 1));
        match self.denote(call.callee, depth + 1) {
            Denoted::Name(module, name) => {
                let full = full_name(&module, &name);
                match (full.as_str(), arguments) {
                    (full, [base, ..]) if is_getattr(full) => match text(1) {
                        Some(attribute) => self.attribute(*base, &attribute, depth + 1),
                        None => Denoted::Unknown,
                    },
                    ("functools.partial", [first, ..]) => self.denote(*first, depth + 1),
                    ("operator.attrgetter", [_, ..]) => text(0).map_or(Denoted::Unknown, Denoted::Getter),
                    ("operator.methodcaller", _) => Denoted::Method,
                    ("types.CodeType" | "dill._dill._create_code", _) => {
                        Denoted::Instance("types".to_owned(), "CodeType".to_owned())
                    }
                    ("dill._dill._load_type", [_, ..]) => {
                        text(0).map_or(Denoted::Unknown, |name| self.named_type(name))
                    }
                    (full, [_, ..])
                        if full.starts_with("cloudpickle.") && full.ends_with("._builtin_type") =>
                    {
                        text(0).map_or(Denoted::Unknown, |name| self.named_type(name))
                    }
                    (
                        "copyreg._reconstructor" | "copyreg.__newobj__" | "copyreg.__newobj_ex__",
                        [class, ..],
                    ) => match self.denote(*class, depth + 1) {
                        Denoted::Name(module, name) => Denoted::Instance(module, name),
                        _ => Denoted::Unknown,
                    },
                    (full, [_, _, ..]) if reaches_by_two_names(full) => match (text(0), text(1)) {
                        (Some(module), Some(name)) => Denoted::Name(module, name),
                        _ => Denoted::Unknown,
                    },
                    (full, [_, ..]) if imports_by_name(full) => text(0).map_or(Denoted::Unknown, |name| {
                        let dotted = matches!(
                            full,
                            "pkgutil.resolve_name" | "pydoc.locate" | "unittest.mock._importer"
                        ) || full.ends_with("_import_dotted_name")
                            || full.ends_with("._import_module");
                        let name = name.replace(':', ".");
                        match name.rsplit_once('.') {
                            Some((module, name)) if dotted => {
                                Denoted::Name(module.to_owned(), name.to_owned())
                            }
                            _ => Denoted::Name(name, String::new()),
                        }
                    }),
                    _ => Denoted::Instance(module, name),
                }
            }
            Denoted::Getter(attribute) => match arguments.first() {
                Some(base) => self.attribute(*base, &attribute, depth + 1),
                None => Denoted::Unknown,
            },
            _ => Denoted::Unknown,
        }
    }

    /// A type that a serialiser names without its module.
    fn named_type(&self, name: String) -> Denoted {
        if name == "PartialType" {
            return Denoted::Name("functools".to_owned(), "partial".to_owned());
        }
        let module = if name.ends_with("Type") && name.len() > 4 { "types" } else { "builtins" };
        Denoted::Name(module.to_owned(), name)
    }

    fn attribute(&self, base: Value, attribute: &str, depth: u32) -> Denoted {
        if let Some(text) = self.text_of(base, depth) {
            return Denoted::TextMethod(text, attribute.to_owned());
        }
        match self.denote(base, depth) {
            Denoted::Name(module, name) | Denoted::Instance(module, name) => {
                let name = if name.is_empty() { attribute.to_owned() } else { format!("{name}.{attribute}") };
                Denoted::Name(module, name)
            }
            _ => Denoted::Unknown,
        }
    }
}
