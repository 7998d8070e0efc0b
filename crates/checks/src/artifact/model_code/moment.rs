//! When each piece of a source file runs: on import, when something calls it, or only as a program.

use std::collections::{BTreeMap, BTreeSet};

use vauban_formats::python::{Deed, Flow, ScopeKind, registers_tool};

/// When a piece of code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// Only when the file is run as a program.
    Main,
    /// When something calls it.
    Called,
    /// On import.
    Import,
}

/// When each scope runs.
pub(super) fn moments(flow: &Flow) -> Vec<Moment> {
    let mut moments: Vec<Moment> = (0..flow.scopes.len())
        .map(|at| {
            let mut scope = at;
            loop {
                match flow.scopes.get(scope).map(|scope| (scope.kind, scope.parent)) {
                    Some((ScopeKind::Main, _)) => return Moment::Main,
                    Some((_, parent)) if parent < scope => scope = parent,
                    _ => break,
                }
            }
            if flow.runs_on_import(at) { Moment::Import } else { Moment::Called }
        })
        .collect();
    // Functions and methods by name.
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, scope) in flow.scopes.iter().enumerate() {
        if scope.kind == ScopeKind::Function {
            named.entry(&scope.name).or_default().push(at);
        }
    }
    let methods = |class: &str, wanted: &[&str]| -> Vec<usize> {
        let of = |at: &usize| flow.class_of(*at).is_some_and(|owner| owner.name == class);
        wanted
            .iter()
            .flat_map(|name| named.get(name).into_iter().flatten())
            .copied()
            .filter(|at| of(at))
            .collect()
    };
    let mut by_scope: Vec<Vec<&Deed>> = vec![Vec::new(); flow.scopes.len()];
    for deed in &flow.deeds {
        if let Some(deeds) = by_scope.get_mut(deed.scope) {
            deeds.push(deed);
        }
    }
    let mut todo: Vec<usize> = (0..flow.scopes.len()).filter(|at| moments[*at] == Moment::Import).collect();
    let mut done: BTreeSet<usize> = todo.iter().copied().collect();
    while let Some(scope) = todo.pop() {
        let mut reached: Vec<usize> = Vec::new();
        if let Some(class) = flow.scopes.get(scope).filter(|scope| scope.kind == ScopeKind::Class) {
            for base in &class.bases {
                reached.extend(methods(
                    base,
                    &["__new__", "__init__", "__call__", "__prepare__", "__init_subclass__"],
                ));
            }
            reached.extend(methods(&class.name, &["__set_name__"]));
        }
        for deed in by_scope.get(scope).into_iter().flatten() {
            // What is imported under such a name keeps the function for a model to call.
            if registers_tool(&deed.callee) && deed.callee.contains('.') {
                continue;
            }
            let names = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
            let passed = names.filter_map(|operand| operand.name.as_deref());
            for name in std::iter::once(deed.callee.as_str()).chain(passed) {
                let bare = name.trim_end_matches("()");
                let last = bare.rsplit('.').next().unwrap_or(bare);
                let plain = !bare.contains('.') || bare.starts_with("self.") || bare.starts_with("cls.");
                let own = bare.split('.').next().is_some_and(|first| {
                    flow.scopes.iter().any(|scope| {
                        scope.kind == ScopeKind::Class && scope.name == first.trim_end_matches("()")
                    })
                });
                if plain || own {
                    reached.extend(named.get(last).into_iter().flatten());
                }
                reached.extend(methods(bare, &["__init__", "__new__", "__post_init__", "__init_subclass__"]));
            }
        }
        for at in reached {
            if moments[at] == Moment::Called && done.insert(at) {
                moments[at] = Moment::Import;
                todo.push(at);
            }
        }
    }
    moments
}
