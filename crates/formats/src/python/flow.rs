//! What source does, call by call: names followed through aliases, look-ups by computed names and built texts.
//!
//! A forward pass over the tree that runs nothing. Every value is known as far as it can be told: its text, the
//! dotted name it stands for, and the callables it came out of. Branches are all taken, in reading order.

use std::collections::BTreeMap;

use rustpython_ruff_python_ast::{
    Comprehension, ExceptHandler, Expr, FStringPart, InterpolatedStringElement, Mod, Number, Operator,
    Parameters, Stmt, UnaryOp,
};
use rustpython_ruff_text_size::{Ranged, TextRange};

use super::constant;
use crate::{Budget, Defect};

/// Longest text that is put together, in bytes.
pub(super) const LONGEST: usize = 256 << 10;
/// Origins kept of a value.
const ORIGINS: usize = 12;
/// Items kept of a list.
const ITEMS: usize = 512;
/// Expressions inside one another.
const DEPTH: usize = 160;
/// Bytes of texts kept in all, of variables and of calls each.
const TEXTS: usize = 64 << 20;
/// Bytes of one argument's text that are kept.
const ARGUMENT: usize = 64 << 10;
/// Bytes of a text that is kept as a piece of another.
const PIECE: usize = 512;
/// Nested items of one value; a list that holds more is only known by what it came out of.
const WEIGHT: usize = 16 << 10;

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

/// Reads the flow off a tree.
pub(super) fn flow(tree: &Mod, source: &str, budget: &Budget, defects: &mut Vec<Defect>) -> Flow {
    let starts = std::iter::once(0)
        .chain(source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
        .collect();
    let mut reader = Reader {
        starts,
        flow: Flow { deeds: Vec::new(), scopes: vec![Scope::default()] },
        names: vec![BTreeMap::new()],
        scope: 0,
        depth: 0,
        rounds: 0,
        texts_left: TEXTS,
        deeds_left: TEXTS,
        stars: Vec::new(),
        limit: None,
        budget,
    };
    match tree {
        Mod::Module(module) => reader.body(&module.body),
        Mod::Expression(expression) => {
            reader.value(&expression.body);
        }
    }
    defects.extend(reader.limit);
    reader.flow
}

/// What is known of a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Held {
    pub(super) text: Option<String>,
    pub(super) number: Option<i64>,
    pub(super) name: Option<String>,
    pub(super) computed: bool,
    pub(super) origins: Vec<String>,
    pub(super) items: Option<Vec<(Option<String>, Held)>>,
    pub(super) pieces: Vec<String>,
}

impl Held {
    pub(super) fn of_text(text: String) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    fn of_name(name: String) -> Self {
        Self { name: Some(name), ..Self::default() }
    }

    fn comes_from(&mut self, origin: &str) {
        if self.origins.len() < ORIGINS
            && let Err(at) = self.origins.binary_search_by(|known| known.as_str().cmp(origin))
        {
            self.origins.insert(at, origin.chars().take(120).collect());
        }
    }

    fn take_from(&mut self, other: &Self) {
        other.origins.iter().for_each(|origin| self.comes_from(origin));
        for piece in other.pieces.iter().chain(&other.text) {
            if self.pieces.len() < 8 && piece.len() <= PIECE {
                self.pieces.push(piece.clone());
            }
        }
    }

    /// Items at any depth, and the text in units of 64 bytes.
    fn weight(&self) -> usize {
        let items = self.items.iter().flatten().map(|(_, item)| item.weight()).sum::<usize>();
        1 + items + self.text.as_ref().map_or(0, |text| text.len() / 64)
    }

    /// The texts of a list.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        self.items.as_ref()?.iter().map(|(_, item)| item.text.clone()).collect()
    }

    fn operand(&self) -> Operand {
        let listed = self.items.as_ref().map(|items| {
            let mut joined = String::new();
            for part in items.iter().filter_map(|(_, item)| item.text.as_ref().or(item.name.as_ref())) {
                if joined.len() + part.len() > ARGUMENT {
                    break;
                }
                joined.push_str(part);
                joined.push(' ');
            }
            joined.trim_end().to_owned()
        });
        let cut = |text: &String| {
            let end = (0..=text.len().min(ARGUMENT)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text[..end].to_owned()
        };
        Operand {
            text: self.text.as_ref().map(cut).or(listed),
            name: self.name.clone(),
            origins: self.origins.clone(),
            pieces: self.pieces.clone(),
        }
    }
}

struct Reader<'b> {
    starts: Vec<usize>,
    flow: Flow,
    /// Variables, by scope.
    names: Vec<BTreeMap<String, Held>>,
    scope: usize,
    depth: usize,
    rounds: usize,
    texts_left: usize,
    deeds_left: usize,
    /// Modules all of whose names were imported.
    stars: Vec<String>,
    limit: Option<Defect>,
    budget: &'b Budget,
}

impl Reader<'_> {
    fn line(&self, range: TextRange) -> u32 {
        let offset = usize::from(range.start());
        u32::try_from(self.starts.partition_point(|start| *start <= offset)).unwrap_or(u32::MAX)
    }

    fn goes_on(&mut self) -> bool {
        self.rounds += 1;
        if self.rounds.is_multiple_of(4096) && self.budget.is_stopped() {
            self.limit
                .get_or_insert_with(|| Defect::whole("limit-time", "the time was over inside the source"));
        }
        if self.rounds > self.budget.limits.nodes.saturating_mul(4) {
            self.limit
                .get_or_insert_with(|| Defect::whole("limit-nodes", "more expressions than are followed"));
        }
        self.limit.is_none()
    }

    fn bind(&mut self, name: &str, held: Held) {
        let weight = held.weight() * 64;
        if weight > self.texts_left {
            return;
        }
        self.texts_left -= weight;
        if let Some(names) = self.names.last_mut() {
            names.insert(name.to_owned(), held);
        }
    }

    fn look_up(&self, name: &str) -> Option<&Held> {
        self.names.iter().rev().find_map(|names| names.get(name))
    }

    fn assign(&mut self, target: &Expr, held: &Held) {
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

    fn within(&mut self, scope: Scope, read: impl FnOnce(&mut Self)) {
        let outer = self.scope;
        self.scope = self.flow.scopes.len();
        self.flow.scopes.push(Scope { parent: outer, ..scope });
        self.names.push(BTreeMap::new());
        read(self);
        self.names.pop();
        self.scope = outer;
    }

    /// Annotations are evaluated where they stand; only those that call something matter.
    fn annotation(&mut self, annotation: &Expr) {
        if !matches!(
            annotation,
            Expr::Name(_) | Expr::Attribute(_) | Expr::StringLiteral(_) | Expr::NoneLiteral(_)
        ) {
            self.value(annotation);
        }
    }

    fn body(&mut self, body: &[Stmt]) {
        for statement in body {
            if !self.goes_on() {
                return;
            }
            self.statement(statement);
        }
    }

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

    fn import(&mut self, bound: &str, path: String) {
        let mut held = Held::of_name(path);
        if held.name.as_deref() == Some("os.environ") {
            held.comes_from("os.environ");
        }
        self.bind(bound, held);
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
                let mut held = self.joined(&before, &more);
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
                let item = self.item_of(&over);
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
            Stmt::FunctionDef(function) => {
                let mut decorators = Vec::new();
                for decorator in &function.decorator_list {
                    let held = self.value(&decorator.expression);
                    let name = held.name.unwrap_or_default();
                    self.deed(Deed {
                        callee: name.clone(),
                        computed: held.computed,
                        arguments: vec![Operand {
                            name: Some(function.name.to_string()),
                            ..Operand::default()
                        }],
                        line: self.line(decorator.range()),
                        ..Deed::default()
                    });
                    decorators.push(name);
                }
                for default in
                    function.parameters.iter_non_variadic_params().filter_map(|p| p.default.as_deref())
                {
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
            Stmt::ClassDef(class) => {
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
            _ => {}
        }
    }

    /// `return (callable, (arguments))` of a `__reduce__`, which is a call once the object is unpickled.
    fn reduced(&mut self, held: &Held, range: TextRange) {
        let Some(items) = &held.items else { return };
        let Some((_, callee)) = items.first() else { return };
        let arguments = items.get(1).and_then(|(_, item)| item.items.clone()).unwrap_or_default();
        self.deed(Deed {
            callee: callee.name.clone().unwrap_or_default(),
            computed: callee.computed,
            arguments: arguments.iter().map(|(_, item)| item.operand()).collect(),
            line: self.line(range),
            ..Deed::default()
        });
    }

    fn deed(&mut self, mut deed: Deed) {
        let operands = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
        let texts = operands.flat_map(|operand| operand.text.iter().chain(&operand.pieces));
        let weight: usize = texts.map(String::len).sum();
        if weight > self.deeds_left {
            let operands = deed.arguments.iter_mut().chain(deed.keywords.iter_mut().map(|(_, value)| value));
            operands.for_each(|operand| (operand.text, operand.pieces) = (None, Vec::new()));
            self.limit.get_or_insert_with(|| Defect::whole("limit-text", "more text than is followed"));
        } else {
            self.deeds_left -= weight;
        }
        if self.flow.deeds.len() >= self.budget.limits.records {
            self.limit.get_or_insert_with(|| Defect::whole("limit-records", "more calls than are kept"));
            return;
        }
        self.flow.deeds.push(Deed { scope: self.scope, ..deed });
    }

    /// One item of what is gone through.
    fn item_of(&self, over: &Held) -> Held {
        let mut item = Held { origins: over.origins.clone(), ..Held::default() };
        if let Some((_, only)) = over.items.as_ref().and_then(|items| items.first()) {
            item = only.clone();
            for (_, other) in over.items.iter().flatten().skip(1).take(16) {
                item.take_from(other);
            }
        }
        item
    }

    fn joined(&self, left: &Held, right: &Held) -> Held {
        let mut held = Held::default();
        if let (Some(a), Some(b)) = (&left.text, &right.text)
            && a.len() + b.len() <= LONGEST
        {
            held.text = Some(format!("{a}{b}"));
        }
        if let (Some(a), Some(b)) = (&left.items, &right.items) {
            held.items = Some(a.iter().chain(b).take(ITEMS).cloned().collect());
        }
        if let (Some(a), Some(b)) = (left.number, right.number) {
            held.number = a.checked_add(b);
        }
        held.take_from(left);
        held.take_from(right);
        held
    }

    fn value(&mut self, expression: &Expr) -> Held {
        if !self.goes_on() {
            return Held::default();
        }
        if self.depth > DEPTH {
            self.limit.get_or_insert_with(|| {
                Defect::whole("limit-depth", "expressions nest deeper than is followed")
            });
            return Held::default();
        }
        self.depth += 1;
        let mut held = self.value_of(expression);
        self.depth -= 1;
        // Copies of what is large are work, too.
        let weight = held.weight();
        self.rounds += weight;
        if weight > WEIGHT {
            held.items = None;
        }
        held
    }

    fn list(&mut self, items: &[Expr]) -> Held {
        let mut held = Held { items: Some(Vec::new()), ..Held::default() };
        for (at, item) in items.iter().enumerate() {
            let item = self.value(item);
            held.take_from(&item);
            if at < ITEMS
                && let Some(items) = &mut held.items
            {
                items.push((None, item));
            }
        }
        held.pieces.clear();
        held
    }

    fn value_of(&mut self, expression: &Expr) -> Held {
        match expression {
            Expr::StringLiteral(literal) => {
                let text = literal.value.to_str();
                if text.len() > LONGEST { Held::default() } else { Held::of_text(text.to_owned()) }
            }
            Expr::BytesLiteral(literal) => {
                let bytes: Vec<u8> = literal.value.bytes().take(LONGEST).collect();
                Held::of_text(constant::latin(&bytes))
            }
            Expr::NumberLiteral(literal) => match &literal.value {
                Number::Int(number) => Held { number: number.as_i64(), ..Held::default() },
                _ => Held::default(),
            },
            Expr::FString(literal) => {
                let mut whole = Held::of_text(String::new());
                for part in literal.value.iter() {
                    match part {
                        FStringPart::Literal(literal) => {
                            whole = self.joined(&whole, &Held::of_text(literal.value.to_string()));
                        }
                        FStringPart::FString(inner) => {
                            for element in &inner.elements {
                                let part = match element {
                                    InterpolatedStringElement::Literal(literal) => {
                                        Held::of_text(literal.value.to_string())
                                    }
                                    InterpolatedStringElement::Interpolation(hole) => {
                                        let mut held = self.value(&hole.expression);
                                        if let Some(number) = held.number {
                                            held.text = Some(number.to_string());
                                        }
                                        held
                                    }
                                };
                                whole = self.joined(&whole, &part);
                            }
                        }
                    }
                }
                whole
            }
            Expr::Name(name) => {
                let name = name.id.as_str();
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
            Expr::Attribute(attribute) => {
                if let Some(held) = written(expression).and_then(|name| self.look_up(&name)) {
                    return held.clone();
                }
                let base = self.value(&attribute.value);
                self.attribute(&base, attribute.attr.as_str())
            }
            Expr::Subscript(subscript) => {
                let base = self.value(&subscript.value);
                if let Expr::Slice(slice) = &*subscript.slice {
                    let bound = |reader: &mut Self, part: &Option<Box<Expr>>| {
                        part.as_ref().map(|part| reader.value(part).number)
                    };
                    let parts =
                        [bound(self, &slice.lower), bound(self, &slice.upper), bound(self, &slice.step)];
                    let mut held =
                        Held { text: constant::slice(base.text.as_deref(), parts), ..Held::default() };
                    held.take_from(&base);
                    return held;
                }
                let key = self.value(&subscript.slice);
                self.item(&base, &key)
            }
            Expr::Call(call) => {
                let callee = self.value(&call.func);
                let arguments: Vec<Held> =
                    call.arguments.args.iter().map(|argument| self.value(argument)).collect();
                let keywords: Vec<(String, Held)> = call
                    .arguments
                    .keywords
                    .iter()
                    .map(|keyword| {
                        let name = keyword.arg.as_ref().map_or("**", |name| name.as_str()).to_owned();
                        (name, self.value(&keyword.value))
                    })
                    .collect();
                let line = self.line(call.func.range());
                self.call(&callee, &arguments, &keywords, line)
            }
            Expr::BinOp(binary) => {
                // Long sums nest to the left: they are gone through without going down.
                let mut rest = vec![(binary.op, &*binary.right)];
                let mut left = &*binary.left;
                while let Expr::BinOp(inner) = left {
                    rest.push((inner.op, &*inner.right));
                    left = &*inner.left;
                }
                let mut held = self.value(left);
                while let Some((operator, right)) = rest.pop() {
                    let right = self.value(right);
                    held = self.operation(&held, operator, &right);
                }
                held
            }
            Expr::UnaryOp(unary) => {
                let held = self.value(&unary.operand);
                match unary.op {
                    UnaryOp::USub => {
                        Held { number: held.number.and_then(i64::checked_neg), ..Held::default() }
                    }
                    _ => Held { origins: held.origins, ..Held::default() },
                }
            }
            Expr::BoolOp(operation) => {
                let mut held = Held::default();
                for value in &operation.values {
                    let value = self.value(value);
                    held.take_from(&value);
                    if held.name.is_none() {
                        held.name.clone_from(&value.name);
                    }
                    if held.text.is_none() {
                        held.text.clone_from(&value.text);
                    }
                }
                held
            }
            Expr::If(choice) => {
                self.value(&choice.test);
                let mut held = self.value(&choice.body);
                let other = self.value(&choice.orelse);
                held.take_from(&other);
                if held.name.is_none() {
                    held.name = other.name;
                }
                held
            }
            Expr::Compare(compare) => {
                self.value(&compare.left);
                for value in &compare.comparators {
                    self.value(value);
                }
                Held::default()
            }
            Expr::List(items) => self.list(&items.elts),
            Expr::Tuple(items) => self.list(&items.elts),
            Expr::Set(items) => self.list(&items.elts),
            Expr::Dict(dict) => {
                let mut held = Held { items: Some(Vec::new()), ..Held::default() };
                for item in &dict.items {
                    let key = item.key.as_ref().and_then(|key| self.value(key).text);
                    let value = self.value(&item.value);
                    held.take_from(&value);
                    if let Some(items) = &mut held.items
                        && items.len() < ITEMS
                    {
                        items.push((key, value));
                    }
                }
                held
            }
            Expr::Lambda(lambda) => {
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
            Expr::ListComp(each) => self.comprehension(&each.generators, &each.elt),
            Expr::SetComp(each) => self.comprehension(&each.generators, &each.elt),
            Expr::Generator(each) => self.comprehension(&each.generators, &each.elt),
            Expr::DictComp(each) => self.comprehension(&each.generators, &each.value),
            Expr::Named(named) => {
                let held = self.value(&named.value);
                self.assign(&named.target, &held);
                held
            }
            Expr::Await(inner) => self.value(&inner.value),
            Expr::Starred(inner) => self.value(&inner.value),
            Expr::YieldFrom(inner) => self.value(&inner.value),
            Expr::Yield(inner) => inner.value.as_ref().map_or_else(Held::default, |value| self.value(value)),
            _ => Held::default(),
        }
    }

    /// Comprehensions over lists that are known are unrolled, so that spelt-out numbers become text.
    fn comprehension(&mut self, generators: &[Comprehension], element: &Expr) -> Held {
        self.names.push(BTreeMap::new());
        let mut held = Held::default();
        let mut unrolled = None;
        for (at, generator) in generators.iter().enumerate() {
            let over = self.value(&generator.iter);
            held.take_from(&over);
            let spelt = over.items.clone().or_else(|| {
                let text = over.text.as_ref()?;
                let items = text.chars().take(ITEMS * 8).map(|character| {
                    let number = Some(i64::from(u32::from(character)));
                    (None, Held { text: Some(character.to_string()), number, ..Held::default() })
                });
                Some(items.collect())
            });
            let item = self.item_of(&over);
            self.assign(&generator.target, &item);
            for condition in &generator.ifs {
                self.value(condition);
            }
            if at == 0 && generators.len() == 1 && generator.ifs.is_empty() {
                unrolled = spelt;
            }
        }
        let simple = !matches!(element, Expr::Lambda(_));
        if let (Some(items), Some(generator)) = (unrolled.filter(|_| simple), generators.first()) {
            let before = self.flow.deeds.len();
            let mut results = Vec::new();
            for (at, (_, item)) in items.iter().enumerate() {
                self.assign(&generator.target, item);
                let result = self.value(element);
                held.take_from(&result);
                results.push((None, result));
                // The calls of one round stand for those of all.
                if at > 0 {
                    let kept = before + self.flow.deeds.len().saturating_sub(before).min(64);
                    self.flow.deeds.truncate(kept);
                }
                if at > 2048 || !self.goes_on() {
                    break;
                }
            }
            held.pieces.clear();
            held.items = Some(results);
        } else {
            let result = self.value(element);
            held.take_from(&result);
        }
        self.names.pop();
        held
    }

    fn operation(&mut self, left: &Held, operator: Operator, right: &Held) -> Held {
        let mut held = match operator {
            Operator::Add => return self.joined(left, right),
            Operator::Div => {
                // Paths.
                let mut held = self.joined(left, right);
                held.text = match (&left.text, &right.text) {
                    (Some(a), Some(b)) => Some(format!("{a}/{b}")),
                    _ => None,
                };
                held.name = left.name.clone();
                return held;
            }
            Operator::Mod => Held { text: constant::printf(left, right), ..Held::default() },
            Operator::Mult => {
                let text = match (&left.text, right.number, &right.text, left.number) {
                    (Some(text), Some(times), ..) | (_, _, Some(text), Some(times)) => {
                        constant::repeat(text, times)
                    }
                    _ => None,
                };
                Held { text, ..Held::default() }
            }
            _ => Held::default(),
        };
        held.number = match (left.number, right.number) {
            (Some(a), Some(b)) => constant::arithmetic(a, operator, b),
            _ => None,
        };
        held.take_from(left);
        held.take_from(right);
        held
    }

    fn attribute(&mut self, base: &Held, name: &str) -> Held {
        let mut held = Held { computed: base.computed, origins: base.origins.clone(), ..Held::default() };
        let stem = match &base.name {
            Some(stem) => stem.clone(),
            None if base.text.is_some() => "str".to_owned(),
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
        held.text.clone_from(&base.text);
        held.items.clone_from(&base.items);
        held.pieces.clone_from(&base.pieces);
        if full == "os.environ" {
            held.comes_from("os.environ");
        }
        held.name = Some(full.chars().take(200).collect());
        held
    }

    fn item(&mut self, base: &Held, key: &Held) -> Held {
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

    fn call(&mut self, callee: &Held, arguments: &[Held], keywords: &[(String, Held)], line: u32) -> Held {
        let name = callee.name.clone().unwrap_or_else(|| "?".to_owned());
        self.deed(Deed {
            callee: name.clone(),
            computed: callee.computed,
            origins: callee.origins.clone(),
            arguments: arguments.iter().map(Held::operand).collect(),
            keywords: keywords.iter().map(|(name, held)| (name.clone(), held.operand())).collect(),
            line,
            scope: self.scope,
        });
        if matches!(
            name.as_str(),
            "os.environ.get" | "os.getenv" | "os.environ.pop" | "os.environ.setdefault"
        ) {
            return arguments.first().map_or_else(Held::default, one_variable);
        }
        let mut held = Held::default();
        for value in std::iter::once(callee).chain(arguments).chain(keywords.iter().map(|(_, value)| value)) {
            held.take_from(value);
        }
        held.comes_from(&name);
        let first = arguments.first();
        // `operator.attrgetter("name")(object)` and `operator.methodcaller("name", …)(object)`.
        if let Some(attribute) = callee.text.clone().filter(|_| name.starts_with("operator."))
            && let Some(base) = arguments.first()
        {
            let mut reached = self.attribute(base, &attribute);
            reached.computed = true;
            if name == "operator.methodcaller()" {
                let given = callee.items.clone().unwrap_or_default();
                self.deed(Deed {
                    callee: reached.name.clone().unwrap_or_default(),
                    computed: true,
                    arguments: given.iter().skip(1).map(|(_, item)| item.operand()).collect(),
                    line,
                    ..Deed::default()
                });
            }
            return reached;
        }
        if matches!(name.as_str(), "operator.attrgetter" | "operator.methodcaller") {
            let items = arguments.iter().map(|argument| (None, argument.clone())).collect();
            let text = first.and_then(|first| first.text.clone());
            return Held { name: Some(format!("{name}()")), text, items: Some(items), ..held };
        }
        match name.as_str() {
            "getattr" | "object.__getattribute__" | "operator.attrgetter" if arguments.len() >= 2 => {
                let (Some(base), Some(attribute)) = (arguments.first(), arguments.get(1)) else {
                    return held;
                };
                let mut reached = match &attribute.text {
                    Some(text) => self.attribute(base, &text.clone()),
                    None => self.attribute(base, "?"),
                };
                reached.text = None;
                reached.items = None;
                reached.computed = true;
                reached.take_from(attribute);
                return reached;
            }
            "__import__" | "importlib.import_module" | "importlib.__import__" => {
                if let Some(text) = first.and_then(|first| first.text.clone()) {
                    held.name = Some(text);
                    held.computed = true;
                } else {
                    held.name = Some("import(?)".to_owned());
                    held.computed = true;
                }
                return held;
            }
            "eval" => {
                // A name as text is that name.
                if let Some(text) = first.and_then(|first| first.text.as_deref())
                    && text.starts_with(|c: char| c.is_alphabetic() || c == '_')
                    && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.'))
                {
                    let known = self.look_up(text).and_then(|held| held.name.clone());
                    held.name = Some(known.unwrap_or_else(|| text.to_owned()));
                    held.computed = true;
                    return held;
                }
            }
            "functools.partial" => {
                if let Some(first) = first {
                    return Held { computed: first.computed, name: first.name.clone(), ..held };
                }
            }
            "vars" => {
                held.name =
                    first.and_then(|first| first.name.as_ref()).map(|name| format!("{name}.__dict__"));
                if held.name.is_none() {
                    held.name = Some("vars()".to_owned());
                }
                return held;
            }
            _ => {}
        }
        if let Some(value) = constant::call(&name, callee, arguments) {
            held.text = value.text;
            held.items = value.items;
            held.number = value.number;
            if held.text.as_ref().is_some_and(|text| text.len() > LONGEST) {
                held.text = None;
            }
        }
        let shown: String = name.chars().take(200).collect();
        held.name = Some(format!("{shown}()"));
        held
    }
}

/// The value of one environment variable.
fn one_variable(key: &Held) -> Held {
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

/// `if __name__ == "__main__"`.
fn is_main(test: &Expr) -> bool {
    let Expr::Compare(compare) = test else { return false };
    matches!(&*compare.left, Expr::Name(name) if name.id.as_str() == "__name__")
}

/// `a.b.c` as written.
fn written(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => {
            let base = written(&attribute.value)?;
            (base.len() < 200).then(|| format!("{base}.{}", attribute.attr))
        }
        _ => None,
    }
}
