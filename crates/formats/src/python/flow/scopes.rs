//! Functions, classes and lambdas: each a scope with its own names, read where it is defined.

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::{Expr, ExprLambda, Parameters, StmtClassDef, StmtFunctionDef};
use rustpython_ruff_text_size::Ranged;

use super::value::Held;
use super::{Deed, Operand, Reader, Scope, ScopeKind};

impl Reader<'_> {
    /// Opens a scope with names of its own, and reads what stands in it.
    pub(super) fn within(&mut self, scope: Scope, read: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.scope = self.flow.scopes.len();
        self.flow.scopes.push(Scope { parent: outer, ..scope });
        self.names.push(BTreeMap::new());
        read(self);
        self.names.pop();
        self.scope = outer;
    }

    pub(super) fn function(&mut self, function: &StmtFunctionDef) {
        let mut decorators = Vec::new();
        for decorator in &function.decorator_list {
            let held = self.value(&decorator.expression);
            let name = held.name.unwrap_or_default();
            self.deed(Deed {
                callee: name.clone(),
                computed: held.computed,
                arguments: vec![Operand { name: Some(function.name.to_string()), ..Operand::default() }],
                line: self.line(decorator.range()),
                ..Deed::default()
            });
            decorators.push(name);
        }
        for default in function.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref()) {
            self.value(default);
        }
        let annotated = function.parameters.iter().filter_map(|parameter| parameter.annotation());
        for annotation in annotated.chain(function.returns.as_deref()) {
            self.annotation(annotation);
        }
        let name = function.name.to_string();
        self.bind(&name, Held::of_name(name.clone()));
        let scope = Scope { name, kind: ScopeKind::Function, decorators, ..Scope::default() };
        self.within(scope, |reader| {
            reader.parameters(&function.parameters);
            reader.body(&function.body);
        });
    }

    pub(super) fn class(&mut self, class: &StmtClassDef) {
        let decorators = class
            .decorator_list
            .iter()
            .map(|decorator| self.value(&decorator.expression).name.unwrap_or_default())
            .collect();
        let mut bases = Vec::new();
        if let Some(arguments) = &class.arguments {
            for base in &arguments.args {
                bases.push(self.value(base).name.unwrap_or_default());
            }
            for keyword in &arguments.keywords {
                bases.push(self.value(&keyword.value).name.unwrap_or_default());
            }
        }
        let name = class.name.to_string();
        self.bind(&name, Held::of_name(name.clone()));
        let scope = Scope { name, kind: ScopeKind::Class, bases, decorators, ..Scope::default() };
        self.within(scope, |reader| reader.body(&class.body));
    }

    /// A lambda, whose value came out of what its body came out of.
    pub(super) fn lambda(&mut self, lambda: &ExprLambda) -> Held {
        let mut made = Held::default();
        let name = format!("<lambda {}>", self.flow.scopes.len());
        let scope = Scope { name: name.clone(), kind: ScopeKind::Function, ..Scope::default() };
        self.within(scope, |reader| {
            if let Some(parameters) = &lambda.parameters {
                reader.parameters(parameters);
            }
            made = reader.value(&lambda.body);
        });
        Held { name: Some(name), origins: made.origins, ..Held::default() }
    }

    /// Binds the parameters of a function in its own scope.
    fn parameters(&mut self, parameters: &Parameters) {
        let plain = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        let plain = plain.map(|parameter| &parameter.parameter);
        let all: Vec<String> = plain
            .chain(parameters.vararg.as_deref())
            .chain(parameters.kwarg.as_deref())
            .map(|parameter| parameter.name.to_string())
            .collect();
        for name in all {
            let mut held = Held::of_name(name.clone());
            if name != "self" && name != "cls" {
                held.comes_from("parameter");
            }
            self.bind(&name, held);
        }
    }

    /// Annotations are evaluated where they stand; only those that call something matter.
    pub(super) fn annotation(&mut self, annotation: &Expr) {
        if !matches!(
            annotation,
            Expr::Name(_) | Expr::Attribute(_) | Expr::StringLiteral(_) | Expr::NoneLiteral(_)
        ) {
            self.value(annotation);
        }
    }
}
