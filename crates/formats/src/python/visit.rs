//! From the syntax tree to facts.

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use rustpython_ruff_python_ast::{
    Arguments, Expr, FStringPart, InterpolatedStringElement, IpyEscapeKind, Mod, Number, Operator,
    Parameters, Stmt, UnaryOp,
};
use rustpython_ruff_text_size::{Ranged, TextRange};

use super::{Assignment, Call, Decorator, Escape, Function, Import, Parameter, Python, Value};
use crate::{Defect, Limits};

/// Items of one list or dictionary that are kept.
const ITEMS: usize = 256;
/// Nesting of lists and dictionaries that is kept.
const VALUE_DEPTH: usize = 8;
/// Longest dotted name, in bytes; longer ones are cut so that chains of assignments cannot pile up.
const NAME_LENGTH: usize = 256;

/// Reads the facts off a tree.
pub(super) fn facts(tree: &Mod, source: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Python {
    let starts = std::iter::once(0)
        .chain(source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect();
    let mut reader = Reader {
        starts,
        facts: Python::default(),
        bound: BTreeMap::new(),
        function: None,
        class: None,
        assigned_to: None,
        left: limits.records,
    };
    match tree {
        Mod::Module(module) => module.body.iter().for_each(|stmt| reader.visit_stmt(stmt)),
        Mod::Expression(expression) => reader.visit_expr(&expression.body),
    }
    if reader.left == 0 {
        let detail = format!("more than {} facts; the rest was not kept", limits.records);
        defects.push(Defect::whole("limit-records", detail));
    }
    reader.facts
}

struct Reader {
    /// Offsets at which lines start.
    starts: Vec<usize>,
    facts: Python,
    /// What names stand for: imported paths, and results of calls.
    bound: BTreeMap<String, String>,
    function: Option<usize>,
    class: Option<String>,
    /// Target of the assignment whose value is visited next.
    assigned_to: Option<String>,
    left: usize,
}

impl Reader {
    fn line(&self, range: TextRange) -> u32 {
        let offset = usize::from(range.start());
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    /// Whether one more fact may be kept.
    fn may_keep(&mut self) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0
    }

    /// Resolved dotted name of an expression.
    fn dotted(&self, expr: &Expr) -> String {
        let mut name = match expr {
            Expr::Name(name) => {
                self.bound.get(name.id.as_str()).cloned().unwrap_or_else(|| name.id.to_string())
            }
            Expr::Attribute(attribute) => {
                let written = written(expr);
                match written.and_then(|written| self.bound.get(&written)) {
                    Some(known) => known.clone(),
                    None => format!("{}.{}", self.dotted(&attribute.value), attribute.attr),
                }
            }
            Expr::Call(call) => format!("{}()", self.dotted(&call.func)),
            Expr::Subscript(subscript) => format!("{}[]", self.dotted(&subscript.value)),
            Expr::Await(inner) => self.dotted(&inner.value),
            Expr::StringLiteral(_) | Expr::FString(_) => "str".to_owned(),
            _ => "?".to_owned(),
        };
        if name.len() > NAME_LENGTH {
            let cut = (0..=NAME_LENGTH).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
            name.truncate(cut);
        }
        name
    }

    fn value(&self, expr: &Expr, depth: usize) -> Value {
        if depth > VALUE_DEPTH {
            return Value::Other;
        }
        let list = |items: &[Expr]| {
            Value::List(items.iter().take(ITEMS).map(|item| self.value(item, depth + 1)).collect())
        };
        match expr {
            Expr::NoneLiteral(_) => Value::None,
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::StringLiteral(literal) => Value::Text(literal.value.to_str().to_owned()),
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().collect();
                String::from_utf8(bytes).map_or(Value::Other, Value::Text)
            }
            Expr::FString(literal) => {
                let mut text = String::new();
                for part in literal.value.iter() {
                    match part {
                        FStringPart::Literal(literal) => text.push_str(&literal.value),
                        FStringPart::FString(inner) => {
                            for element in &inner.elements {
                                match element {
                                    InterpolatedStringElement::Literal(literal) => {
                                        text.push_str(&literal.value)
                                    }
                                    InterpolatedStringElement::Interpolation(hole) => {
                                        text.push('{');
                                        text.push_str(&self.dotted(&hole.expression));
                                        text.push('}');
                                    }
                                }
                            }
                        }
                    }
                }
                Value::Template(text)
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(int) => int.as_i64().map_or(Value::Other, Value::Integer),
                Number::Float(float) => Value::Float(*float),
                Number::Complex { .. } => Value::Other,
            },
            Expr::UnaryOp(unary) if unary.op == UnaryOp::USub => {
                match self.value(&unary.operand, depth + 1) {
                    Value::Integer(integer) => integer.checked_neg().map_or(Value::Other, Value::Integer),
                    Value::Float(float) => Value::Float(-float),
                    _ => Value::Other,
                }
            }
            Expr::BinOp(binary) => self.operation(&binary.left, binary.op, &binary.right, depth),
            Expr::List(items) => list(&items.elts),
            Expr::Tuple(items) => list(&items.elts),
            Expr::Set(items) => list(&items.elts),
            Expr::Dict(dict) => {
                let items = dict.items.iter().take(ITEMS).map(|item| {
                    let key = item.key.as_ref().map_or(Value::None, |key| self.value(key, depth + 1));
                    (key, self.value(&item.value, depth + 1))
                });
                Value::Dict(items.collect())
            }
            Expr::Name(_) | Expr::Attribute(_) => Value::Name(self.dotted(expr)),
            Expr::Subscript(_) => Value::Name(self.dotted(expr)),
            Expr::Await(inner) => self.value(&inner.value, depth + 1),
            Expr::Call(call) => match &*call.func {
                Expr::Attribute(attribute) => match (attribute.attr.as_str(), &*attribute.value) {
                    ("format", Expr::StringLiteral(text)) => Value::Template(text.value.to_str().to_owned()),
                    ("strip" | "lstrip" | "rstrip", inner @ Expr::StringLiteral(_)) => {
                        self.value(inner, depth + 1)
                    }
                    _ => Value::Call(self.dotted(&call.func)),
                },
                _ => Value::Call(self.dotted(&call.func)),
            },
            _ => Value::Other,
        }
    }

    /// Text put together with `+`, filled in with `%`, or a path joined with `/`.
    fn operation(&self, left: &Expr, op: Operator, right: &Expr, depth: usize) -> Value {
        let left = self.value(left, depth + 1);
        match op {
            Operator::Mod => left.text().map_or(Value::Other, |text| Value::Template(text.to_owned())),
            Operator::Add | Operator::Div => {
                let right = self.value(right, depth + 1);
                let hole = |value: &Value| match value {
                    Value::Name(name) => format!("{{{name}}}"),
                    _ => "{}".to_owned(),
                };
                let between = if op == Operator::Div { "/" } else { "" };
                match (&left, &right) {
                    (Value::Text(a), Value::Text(b)) => Value::Text(format!("{a}{between}{b}")),
                    _ if left.text().is_some() || right.text().is_some() => {
                        let a = left.text().map_or_else(|| hole(&left), str::to_owned);
                        let b = right.text().map_or_else(|| hole(&right), str::to_owned);
                        Value::Template(format!("{a}{between}{b}"))
                    }
                    _ => Value::Other,
                }
            }
            _ => Value::Other,
        }
    }

    fn arguments(&self, arguments: &Arguments) -> (Vec<Value>, Vec<(String, Value)>) {
        let values = arguments.args.iter().take(ITEMS).map(|argument| self.value(argument, 0)).collect();
        let keywords = arguments.keywords.iter().take(ITEMS).map(|keyword| {
            let name = keyword.arg.as_ref().map_or("**", |name| name.as_str());
            (name.to_owned(), self.value(&keyword.value, 0))
        });
        (values, keywords.collect())
    }

    /// Notes an assignment, and what the target stands for from here on.
    fn assign(&mut self, target: &Expr, value: &Expr) {
        if let (Expr::Tuple(targets), Expr::Tuple(values)) = (target, value) {
            for (target, value) in targets.elts.iter().zip(&values.elts) {
                self.assign(target, value);
            }
            return;
        }
        let Some(name) = target_name(target) else {
            return self.unbind(target);
        };
        let inner = if let Expr::Await(inner) = value { &*inner.value } else { value };
        if matches!(inner, Expr::Call(_)) {
            let result = self.dotted(inner);
            self.bound.insert(name.clone(), result);
        } else {
            self.bound.remove(&name);
        }
        if self.may_keep() {
            let (value, line) = (self.value(value, 0), self.line(target.range()));
            self.facts.assignments.push(Assignment { target: name, value, line, function: self.function });
        }
    }

    fn unbind(&mut self, target: &Expr) {
        match target {
            Expr::Tuple(items) => items.elts.iter().for_each(|item| self.unbind(item)),
            Expr::List(items) => items.elts.iter().for_each(|item| self.unbind(item)),
            Expr::Starred(starred) => self.unbind(&starred.value),
            other => {
                if let Some(name) = written(other) {
                    self.bound.remove(&name);
                }
            }
        }
    }

    fn import(&mut self, path: String, bound: String, stands_for: String, range: TextRange) {
        self.bound.insert(bound.clone(), stands_for);
        if self.may_keep() {
            let line = self.line(range);
            self.facts.imports.push(Import { path, bound, line });
        }
    }

    fn parameters(&self, parameters: &Parameters) -> Vec<Parameter> {
        let plain = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
        let plain = plain.map(|parameter| &parameter.parameter);
        let all = plain.chain(parameters.vararg.as_deref()).chain(parameters.kwarg.as_deref());
        all.map(|parameter| Parameter {
            name: parameter.name.to_string(),
            annotation: parameter.annotation.as_deref().and_then(|annotation| match annotation {
                Expr::Name(_) | Expr::Attribute(_) => Some(self.dotted(annotation)),
                Expr::StringLiteral(text) => Some(text.value.to_str().to_owned()),
                _ => None,
            }),
        })
        .collect()
    }

    fn decorator(&self, expr: &Expr) -> Decorator {
        let (arguments, keywords) = match expr {
            Expr::Call(call) => self.arguments(&call.arguments),
            _ => Default::default(),
        };
        Decorator { callee: self.dotted(expr), keywords, arguments }
    }
}

/// `a.b.c` as written; `None` if it is anything but names.
fn written(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", written(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}

/// `a.b`, or `a.b["key"]`.
fn target_name(expr: &Expr) -> Option<String> {
    let Expr::Subscript(subscript) = expr else { return written(expr) };
    let Expr::StringLiteral(key) = &*subscript.slice else { return None };
    Some(format!("{}[\"{}\"]", written(&subscript.value)?, key.value.to_str()))
}

impl<'a> Visitor<'a> for Reader {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let path = alias.name.to_string();
                    let first = path.split('.').next().unwrap_or(&path).to_owned();
                    // `import a.b` binds `a`, `import a.b as c` binds `c` to `a.b`.
                    let (bound, stands_for) = match &alias.asname {
                        Some(name) => (name.to_string(), path.clone()),
                        None => (first.clone(), first),
                    };
                    self.import(path, bound, stands_for, alias.range());
                }
            }
            Stmt::ImportFrom(import) => {
                let dots = ".".repeat(usize::try_from(import.level).unwrap_or(0).min(32));
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                for alias in &import.names {
                    let between = if module.is_empty() { "" } else { "." };
                    let path = format!("{dots}{module}{between}{}", alias.name);
                    let bound = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
                    self.import(path.clone(), bound, path, alias.range());
                }
            }
            Stmt::Assign(assign) => {
                if let [target] = assign.targets.as_slice() {
                    self.assigned_to = target_name(target);
                }
                self.visit_expr(&assign.value);
                self.assigned_to = None;
                for target in &assign.targets {
                    self.assign(target, &assign.value);
                    self.visit_expr(target);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.assigned_to = target_name(&assign.target);
                    self.visit_expr(value);
                    self.assigned_to = None;
                    self.assign(&assign.target, value);
                }
            }
            Stmt::For(each) => {
                self.unbind(&each.target);
                walk_stmt(self, stmt);
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.visit_expr(&item.context_expr);
                    if let Some(target) = &item.optional_vars {
                        self.assign(target, &item.context_expr);
                    }
                }
                with.body.iter().for_each(|stmt| self.visit_stmt(stmt));
            }
            Stmt::FunctionDef(function) => {
                let parameters = self.parameters(&function.parameters);
                let decorators: Vec<Decorator> = function
                    .decorator_list
                    .iter()
                    .map(|decorator| self.decorator(&decorator.expression))
                    .collect();
                for decorator in &function.decorator_list {
                    self.visit_expr(&decorator.expression);
                }
                for default in
                    function.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref())
                {
                    self.visit_expr(default);
                }
                if !self.may_keep() {
                    return;
                }
                let docstring = match function.body.first() {
                    Some(Stmt::Expr(first)) => self.value(&first.value, 0).literal().map(str::to_owned),
                    _ => None,
                };
                let shadowed: Vec<(String, Option<String>)> = parameters
                    .iter()
                    .map(|parameter| {
                        let before = match &parameter.annotation {
                            Some(annotation) => {
                                self.bound.insert(parameter.name.clone(), format!("{annotation}()"))
                            }
                            None => self.bound.remove(&parameter.name),
                        };
                        (parameter.name.clone(), before)
                    })
                    .collect();
                let outer = self.function.replace(self.facts.functions.len());
                let line = self.line(function.name.range());
                let (name, class) = (function.name.to_string(), self.class.take());
                self.facts.functions.push(Function {
                    name,
                    class: class.clone(),
                    parameters,
                    decorators,
                    docstring,
                    line,
                });
                function.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                self.function = outer;
                self.class = class;
                for (name, before) in shadowed {
                    match before {
                        Some(before) => self.bound.insert(name, before),
                        None => self.bound.remove(&name),
                    };
                }
            }
            Stmt::ClassDef(class) => {
                let outer = self.class.replace(class.name.to_string());
                class.decorator_list.iter().for_each(|decorator| self.visit_expr(&decorator.expression));
                if let Some(arguments) = &class.arguments {
                    arguments.args.iter().for_each(|base| self.visit_expr(base));
                }
                class.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                self.class = outer;
            }
            Stmt::IpyEscapeCommand(command) => {
                if self.may_keep() {
                    let shell = matches!(command.kind, IpyEscapeKind::Shell | IpyEscapeKind::ShCap);
                    let (command, line) = (command.value.to_string(), self.line(command.range()));
                    self.facts.escapes.push(Escape { shell, command, line });
                }
            }
            _ => walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        let assigned_to = self.assigned_to.take();
        match expr {
            Expr::Await(_) => self.assigned_to = assigned_to,
            Expr::Call(call) if self.may_keep() => {
                let (arguments, keywords) = self.arguments(&call.arguments);
                let (callee, line) = (self.dotted(&call.func), self.line(call.func.range()));
                let function = self.function;
                self.facts.calls.push(Call { callee, arguments, keywords, line, assigned_to, function });
            }
            Expr::Named(named) => self.assign(&named.target, &named.value),
            Expr::IpyEscapeCommand(command) => {
                let shell = matches!(command.kind, IpyEscapeKind::Shell | IpyEscapeKind::ShCap);
                let (command, line) = (command.value.to_string(), self.line(command.range()));
                self.facts.escapes.push(Escape { shell, command, line });
            }
            _ => {}
        }
        walk_expr(self, expr);
    }
}
