//! Variables: what names, attributes and items are bound to, and what a name stands for.

use rustpython_ruff_python_ast::Expr;

use super::Reader;
use super::value::Held;

impl Reader<'_> {
    /// Binds a name in the innermost scope, unless too much text is kept already.
    pub(super) fn bind(&mut self, name: &str, held: Held) {
        let weight = held.weight() * 64;
        if weight > self.texts_left {
            return;
        }
        self.texts_left -= weight;
        if let Some(names) = self.names.last_mut() {
            names.insert(name.to_owned(), held);
        }
    }

    /// What a name was bound to, in the innermost scope that has it.
    pub(super) fn look_up(&self, name: &str) -> Option<&Held> {
        self.names.iter().rev().find_map(|names| names.get(name))
    }

    /// `target = held`.
    pub(super) fn assign(&mut self, target: &Expr, held: &Held) {
        match target {
            Expr::Name(name) => self.bind(name.id.as_str(), held.clone()),
            Expr::Attribute(_) => {
                if let Some(name) = written(target) {
                    // Attributes outlive the function that sets them.
                    let weight = held.weight() * 64;
                    if weight <= self.texts_left
                        && let Some(names) = self.names.first_mut()
                    {
                        self.texts_left -= weight;
                        names.insert(name, held.clone());
                    }
                }
            }
            Expr::Tuple(items) => self.assign_items(&items.elts, held),
            Expr::List(items) => self.assign_items(&items.elts, held),
            Expr::Starred(starred) => self.assign(&starred.value, held),
            Expr::Subscript(subscript) => {
                self.value(&subscript.slice);
                // `d["x"] = y`: the container now holds it.
                if let Some(name) = written(&subscript.value)
                    && let Some(known) = self.names.iter_mut().rev().find_map(|names| names.get_mut(&name))
                {
                    known.take_from(held);
                } else {
                    self.value(&subscript.value);
                }
            }
            _ => {}
        }
    }

    fn assign_items(&mut self, targets: &[Expr], held: &Held) {
        for (at, target) in targets.iter().enumerate() {
            let item = held.items.as_ref().and_then(|items| items.get(at)).map(|(_, item)| item.clone());
            let item = item.unwrap_or_else(|| Held { origins: held.origins.clone(), ..Held::default() });
            self.assign(target, &item);
        }
    }

    /// Binds the dotted path that an import brings in.
    pub(super) fn import(&mut self, bound: &str, path: String) {
        let mut held = Held::of_name(path);
        if held.name.as_deref() == Some("os.environ") {
            held.comes_from("os.environ");
        }
        self.bind(bound, held);
    }

    /// What a name stands for: what it was bound to, a name of a module all of whose names were imported, or itself.
    pub(super) fn named(&self, name: &str) -> Held {
        if let Some(held) = self.look_up(name) {
            return held.clone();
        }
        let star = self.stars.iter().find(|module| {
            matches!(module.as_str(), "os" | "posix" | "pty" | "socket" | "subprocess" | "ctypes")
        });
        let builtin = matches!(
            name,
            "__import__" | "compile" | "eval" | "exec" | "getattr" | "open" | "print" | "str" | "len"
        );
        match star {
            Some(module) if !builtin => Held::of_name(format!("{module}.{name}")),
            _ => Held::of_name(name.to_owned()),
        }
    }
}

/// `a.b.c` as written.
pub(super) fn written(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            let base = written(&attribute.value)?;
            (base.len() < 200).then(|| format!("{base}.{}", attribute.attr))
        }
        _ => None,
    }
}
