//! Statements, in reading order: branches are all taken, loops are gone through once.

use rustpython_ruff_python_ast::{ExceptHandler, Expr, Operator, Stmt};
use rustpython_ruff_text_size::Ranged;

use super::folding::{item_of, joined};
use super::{Reader, Scope, ScopeKind};

impl Reader<'_> {
    /// Statements one after another, until a bound is hit.
    pub(super) fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            if !self.goes_on() {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let path = alias.name.to_string();
                    match &alias.asname {
                        Some(name) => self.import(name.as_str(), path),
                        None => {
                            let first = path.split('.').next().unwrap_or(&path).to_owned();
                            self.import(&first, first.clone());
                        }
                    }
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(usize::try_from(import.level).unwrap_or(0).min(32));
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.stars.push(module.to_owned());
                        continue;
                    }
                    let between = if module.is_empty() { "" } else { "." };
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    self.import(&bound, format!("{dots}{module}{between}{}", alias.name));
                }
            }
            Stmt::Assign(assign) => {
                let held = self.value(&assign.value);
                for target in &assign.targets {
                    self.assign(target, &held);
                }
            }
            Stmt::AugAssign(assign) => {
                let more = self.value(&assign.value);
                let before = self.value(&assign.target);
                let mut held = joined(&before, &more);
                if assign.op != Operator::Add {
                    held.text = None;
                }
                self.assign(&assign.target, &held);
            }
            Stmt::AnnAssign(assign) => {
                self.annotation(&assign.annotation);
                if let Some(value) = &assign.value {
                    let held = self.value(value);
                    self.assign(&assign.target, &held);
                }
            }
            Stmt::Expr(expression) => {
                self.value(&expression.value);
            }
            Stmt::Return(returned) => {
                let Some(value) = &returned.value else { return };
                let held = self.value(value);
                let name = self.flow.scopes.get(self.scope).map_or("", |scope| scope.name.as_str());
                if matches!(name, "__reduce__" | "__reduce_ex__") {
                    self.reduced(&held, value.range());
                }
            }
            Stmt::For(each) => {
                let over = self.value(&each.iter);
                let item = item_of(&over);
                self.assign(&each.target, &item);
                self.body(&each.body);
                self.body(&each.orelse);
            }
            Stmt::While(each) => {
                self.value(&each.test);
                self.body(&each.body);
                self.body(&each.orelse);
            }
            Stmt::If(branch) => {
                let main = is_main(&branch.test);
                self.value(&branch.test);
                if main {
                    let scope = Scope { kind: ScopeKind::Main, ..Scope::default() };
                    self.within(scope, |reader| reader.body(&branch.body));
                } else {
                    self.body(&branch.body);
                }
                for clause in &branch.elif_else_clauses {
                    if let Some(test) = &clause.test {
                        self.value(test);
                    }
                    self.body(&clause.body);
                }
            }
            Stmt::With(with) => {
                for item in &with.items {
                    let held = self.value(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &held);
                    }
                }
                self.body(&with.body);
            }
            Stmt::Try(attempt) => {
                self.body(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    self.body(&handler.body);
                }
                self.body(&attempt.orelse);
                self.body(&attempt.finalbody);
            }
            Stmt::Match(choice) => {
                self.value(&choice.subject);
                for case in &choice.cases {
                    if let Some(guard) = &case.guard {
                        self.value(guard);
                    }
                    self.body(&case.body);
                }
            }
            Stmt::Raise(raise) => {
                for value in [&raise.exc, &raise.cause].into_iter().flatten() {
                    self.value(value);
                }
            }
            Stmt::Assert(assert) => {
                self.value(&assert.test);
                if let Some(message) = &assert.msg {
                    self.value(message);
                }
            }
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => self.class(class),
            _ => {}
        }
    }
}

/// `if __name__ == "__main__"`.
fn is_main(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__")
}
