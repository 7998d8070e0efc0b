//! Look-ups: attributes and items of a value, by names that are written or computed.

use super::Reader;
use super::value::Held;

impl Held {
    /// `value.name`.
    pub(super) fn attribute(&self, name: &str) -> Self {
        let mut held = Self { computed: self.computed, origins: self.origins.clone(), ..Self::default() };
        let stem = match &self.name {
            Some(stem) => stem.clone(),
            None if self.text.is_some() => "str".to_owned(),
            None => "?".to_owned(),
        };
        let stem = match stem.as_str() {
            "__builtins__" | "builtins" => String::new(),
            // The module that a built-in function belongs to.
            "abs.__self__" | "id.__self__" | "len.__self__" | "open.__self__" | "ord.__self__"
            | "print.__self__" => String::new(),
            other => other.strip_suffix(".__dict__").unwrap_or(other).to_owned(),
        };
        let full = if stem.is_empty() { name.to_owned() } else { format!("{stem}.{name}") };
        // What a text or list method is called on is needed to compute the result.
        held.text.clone_from(&self.text);
        held.items.clone_from(&self.items);
        held.pieces.clone_from(&self.pieces);
        if full == "os.environ" {
            held.comes_from("os.environ");
        }
        held.name = Some(full.chars().take(200).collect());
        held
    }
}

impl Reader<'_> {
    /// `base[key]`; the key may name a variable or a module.
    pub(super) fn item(&self, base: &Held, key: &Held) -> Held {
        if let Some(items) = &base.items {
            let found = match (&key.text, key.number) {
                (Some(text), _) => items.iter().rev().find(|(name, _)| name.as_ref() == Some(text)),
                (_, Some(at)) => usize::try_from(at).ok().and_then(|at| items.get(at)),
                _ => None,
            };
            if let Some((_, item)) = found {
                return item.clone();
            }
        }
        let mut held = Held::default();
        held.take_from(base);
        held.take_from(key);
        let stem = base.name.as_deref().unwrap_or_default();
        if stem == "os.environ" {
            // One variable, not all of them.
            return one_variable(key);
        }
        let by_name = matches!(
            stem,
            "globals()" | "locals()" | "vars()" | "__builtins__" | "builtins" | "sys.modules" | "__dict__"
        ) || stem.ends_with("__globals__")
            || stem.ends_with(".__dict__")
            || stem.starts_with("vars(");
        match (&key.text, by_name) {
            (Some(text), true) => {
                let module = stem
                    .strip_suffix(".__dict__")
                    .filter(|module| *module != "builtins" && *module != "__builtins__");
                let name = match module {
                    Some(module) => format!("{module}.{text}"),
                    None => text.clone(),
                };
                // A name that the module binds itself stands for that.
                let known = self.look_up(&name).and_then(|held| held.name.clone());
                held.name = Some(known.unwrap_or(name));
                held.computed = true;
            }
            (None, true) => {
                held.name = Some(format!("{stem}[?]"));
                held.computed = true;
            }
            _ => {
                if let (Some(text), Some(at)) = (&base.text, key.number) {
                    let at = usize::try_from(at).ok();
                    held.text = at.and_then(|at| text.chars().nth(at)).map(String::from);
                }
                held.name = base.name.as_ref().map(|name| format!("{name}[]").chars().take(200).collect());
            }
        }
        held
    }
}

/// The value of one environment variable.
pub(super) fn one_variable(key: &Held) -> Held {
    let mut held = Held::default();
    held.comes_from("os.environ[]");
    let secret = key.text.as_deref().is_some_and(|name| {
        let name = name.to_uppercase();
        ["TOKEN", "SECRET", "KEY", "PASSW", "CREDENTIAL"].iter().any(|word| name.contains(word))
    });
    if secret {
        held.comes_from("os.environ[secret]");
    }
    held
}
