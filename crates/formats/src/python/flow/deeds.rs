//! What is found: the calls that source makes, what is known of their arguments, and the scopes they stand in.

/// What a piece of source does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flow {
    /// Calls, in the order in which the source is read.
    pub deeds: Vec<Deed>,
    /// Module, classes and functions; the module is the first.
    pub scopes: Vec<Scope>,
}

/// One call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deed {
    /// Resolved dotted callee; `()` stands for the result of a call.
    pub callee: String,
    /// Whether the callee was reached by a name given as text (`getattr`, `__import__`, `globals()[…]`).
    pub computed: bool,
    /// Callables and names that the object came out of whose method is called.
    pub origins: Vec<String>,
    /// Positional arguments.
    pub arguments: Vec<Operand>,
    /// Keyword arguments.
    pub keywords: Vec<(String, Operand)>,
    /// One-based line.
    pub line: u32,
    /// Index into [`Flow::scopes`].
    pub scope: usize,
}

/// What is known of an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operand {
    /// Its text, if it can be told; the texts of a list joined by blanks.
    pub text: Option<String>,
    /// The dotted name it stands for.
    pub name: Option<String>,
    /// Callables and names it came out of, sorted.
    pub origins: Vec<String>,
    /// Texts inside it, if it is put together from some.
    pub pieces: Vec<String>,
}

/// A place in which code stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Name; empty for the module.
    pub name: String,
    /// What it is.
    pub kind: ScopeKind,
    /// Index of the scope around it.
    pub parent: usize,
    /// Bases of a class and its metaclass, resolved.
    pub bases: Vec<String>,
    /// Decorators of a function or class, resolved.
    pub decorators: Vec<String>,
}

/// What a scope is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeKind {
    /// The module: runs when it is imported.
    #[default]
    Module,
    /// A class body: runs with what is around it.
    Class,
    /// A function or method: runs when called.
    Function,
    /// What stands under `if __name__ == "__main__"`: does not run on import.
    Main,
}

impl Flow {
    /// Whether code in this scope runs when the module is imported, calls of functions left aside.
    pub fn runs_on_import(&self, scope: usize) -> bool {
        let mut at = scope;
        loop {
            match self.scopes.get(at).map(|scope| (scope.kind, scope.parent)) {
                Some((ScopeKind::Module, _)) => return true,
                Some((ScopeKind::Class, parent)) if parent < at => at = parent,
                _ => return false,
            }
        }
    }

    /// The class that a method belongs to.
    pub fn class_of(&self, scope: usize) -> Option<&Scope> {
        let mut at = scope;
        while let Some(scope) = self.scopes.get(at) {
            if scope.kind == ScopeKind::Class {
                return Some(scope);
            }
            if scope.parent >= at {
                return None;
            }
            at = scope.parent;
        }
        None
    }
}
