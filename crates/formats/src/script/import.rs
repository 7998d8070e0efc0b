//! `import` and `export … from`.

use super::reader::Reader;
use crate::python::Import;

impl Reader<'_> {
    /// `import a, { b as c } from "m"`, `import * as n from "m"`, `import "m"`.
    pub(super) fn import(&mut self, at: usize) -> usize {
        let line = self.tokens[at].line;
        let mut names: Vec<(String, String)> = Vec::new();
        let mut next = at + 1;
        for _ in 0..64 {
            if let Some(module) = self.text_at(next).map(bare).map(str::to_owned) {
                if names.is_empty() {
                    names.push((String::new(), String::new()));
                }
                for (name, bound) in names {
                    let path = if name.is_empty() { module.clone() } else { format!("{module}.{name}") };
                    if !bound.is_empty() {
                        self.bound.insert(bound.clone(), path.clone());
                    }
                    self.facts.imports.push(Import { path, bound, line });
                }
                return next + 1;
            }
            if self.sign(next, "{") {
                let (parts, close) = self.parts(next);
                for mut part in parts {
                    if self.name_at(part) == Some("type")
                        && self.name_at(part + 1).is_some_and(|name| name != "as")
                    {
                        part += 1;
                    }
                    let Some(name) = self.name_at(part).map(str::to_owned) else { continue };
                    let bound = match (self.name_at(part + 1), self.name_at(part + 2)) {
                        (Some("as"), Some(bound)) => bound.to_owned(),
                        _ => name.clone(),
                    };
                    names.push((name, bound));
                }
                next = close.max(next) + 1;
            } else if self.sign(next, "*") {
                let bound = self.name_at(next + 2).unwrap_or_default().to_owned();
                names.push((String::new(), bound));
                next += 3;
            } else if self.sign(next, ",") || matches!(self.name_at(next), Some("from" | "type")) {
                next += 1;
            } else if let Some(bound) = self.name_at(next).map(str::to_owned) {
                // `import a = require("m")` is an assignment.
                if self.sign(next + 1, "=") {
                    return next;
                }
                names.push(("default".to_owned(), bound));
                next += 1;
            } else {
                break;
            }
        }
        at + 1
    }

    /// `export { a } from "m"`, `export * from "m"`.
    pub(super) fn export(&mut self, at: usize) -> usize {
        let behind = if self.sign(at + 1, "{") { self.matching(at + 1) + 1 } else { at + 2 };
        if self.name_at(behind) == Some("from")
            && let Some(module) = self.text_at(behind + 1)
        {
            let (path, line) = (bare(module).to_owned(), self.tokens[at].line);
            self.facts.imports.push(Import { path, bound: String::new(), line });
            return behind + 2;
        }
        at + 1
    }
}

/// Module names without the prefix of built-in ones.
pub(super) fn bare(module: &str) -> &str {
    module.strip_prefix("node:").unwrap_or(module)
}
