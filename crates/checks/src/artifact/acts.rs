//! What a pickle does when it is loaded, judged by the table of callables: who is called, who is only reached.
//!
//! Names are followed through the ways that lead from one to another: `getattr` chains, dotted names, re-exported
//! modules (`posixpath` + `os.system`), `functools.partial`, `operator.attrgetter`, imports by name. Whatever
//! cannot be followed is reported as unknown, never passed.

use std::collections::BTreeMap;

use vauban_formats::pickle::{Call, Lookup, Pickle, Stream, Value, Way};
use vauban_knowledge::calls::{Calls, Effect};

/// One thing that loading does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    /// What it amounts to; `None` if the table does not know the callable.
    pub(super) effect: Option<Effect>,
    /// The callable, `os.system`.
    pub(super) name: String,
    /// Whether it is called, not only looked up.
    pub(super) called: bool,
    /// Where in the file.
    pub(super) offset: u64,
    /// The lines of the listing that lead here.
    pub(super) chain: String,
    /// What is special about it, for people; may be empty.
    pub(super) note: &'static str,
}

/// What a value stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Denoted {
    /// A module, or a name in one; the name of a module itself is empty.
    Name(String, String),
    /// An instance of the class with this name, or what the function with this name returns.
    Instance(String, String),
    /// `operator.attrgetter(name)`.
    Getter(String),
    /// `operator.methodcaller(name)`.
    Method,
    /// Cannot be told.
    Unknown,
}

/// Steps from a value to what it stands for.
const DEPTH: u32 = 12;
/// Lines of a chain.
const CHAIN: usize = 8;

/// Names that take what they are given and call it.
const HIGHER_ORDER: &[&str] = &[
    "builtins.filter",
    "builtins.map",
    "functools.partial",
    "functools.partialmethod",
    "functools.reduce",
    "torch._tensor._rebuild_from_type_v2",
    "torch._utils._rebuild_from_type",
];

/// Attributes that lead from any object to the interpreter.
const INTERNALS: &[&str] = &[
    "__base__",
    "__bases__",
    "__builtins__",
    "__call__",
    "__class__",
    "__closure__",
    "__code__",
    "__delattr__",
    "__dict__",
    "__func__",
    "__getattr__",
    "__getattribute__",
    "__globals__",
    "__import__",
    "__init_subclass__",
    "__loader__",
    "__mro__",
    "__reduce__",
    "__reduce_ex__",
    "__self__",
    "__setattr__",
    "__spec__",
    "__subclasses__",
    "__wrapped__",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_globals",
    "f_locals",
    "func_code",
    "func_globals",
    "gi_frame",
    "mro",
    "tb_frame",
];

/// Classes with lower-case names, whose attributes are their methods and no modules.
const LOWER_CLASSES: &[&str] = &["csr_matrix", "dtype", "interp1d", "ndarray", "object", "recarray"];

/// Codecs that only turn text into bytes, as pickles of protocol 2 do with every `bytes`.
const PLAIN_CODECS: &[&str] = &["ascii", "iso-8859-1", "latin-1", "latin1", "utf-8", "utf8"];

/// Everything that loading the pickle does beyond building data, each callable once.
///
/// `inner` says that pickles inside byte strings were found and are judged by themselves.
pub(super) fn acts(pickle: &Pickle, calls: &Calls, inner: bool) -> Vec<Act> {
    let mut found = BTreeMap::new();
    for stream in &pickle.streams {
        let mut judge = Judge { stream, calls, inner, found: &mut found };
        judge.stream();
    }
    let mut acts: Vec<Act> = found.into_values().collect();
    acts.sort_by(|a, b| (a.offset, &a.name).cmp(&(b.offset, &b.name)));
    acts
}

/// The effect of a name, or `None` if it is not known.
pub(super) fn effect_of(calls: &Calls, module: &str, name: &str) -> Option<Effect> {
    if name.split('.').any(|part| INTERNALS.contains(&part)) {
        return Some(Effect::CodeExecution);
    }
    // Types of a TorchScript archive, which the loader finds in the archive's own code; Python has no such module.
    if module == "__torch__" || module.starts_with("__torch__.") {
        return Some(Effect::Data);
    }
    // The program that loads the file decides what this is.
    if module == "__main__" {
        return None;
    }
    if module == "typing" && matches!(name, "get_type_hints" | "_eval_type" | "ForwardRef._evaluate") {
        return Some(Effect::CodeExecution);
    }
    let direct = if name.is_empty() { calls.lookup(module, "?") } else { calls.lookup(module, name) };
    let direct = direct.map(|call| call.effect);
    // A module is reachable through every module that imports it.
    let parts: Vec<&str> = name.split('.').collect();
    let through = (0..parts.len().saturating_sub(1)).filter_map(|at| {
        let module = canonical_module(parts.get(at)?.trim_start_matches('_'));
        calls.lookup(module, &parts.get(at + 1..)?.join(".")).map(|call| call.effect)
    });
    let worst = through.filter(|effect| !effect.is_expected()).max();
    if worst.is_some() {
        return worst.max(direct);
    }
    let opaque = parts.iter().rev().skip(1).any(|part| {
        let class = part.trim_start_matches('_').starts_with(|char: char| char.is_ascii_uppercase());
        !class && !LOWER_CLASSES.contains(part)
    });
    direct.filter(|effect| !(opaque && effect.is_expected()))
}

fn canonical_module(module: &str) -> &str {
    match module {
        "__builtin__" | "builtin" => "builtins",
        "np" => "numpy",
        "operator" | "_operator" => "operator",
        "pd" => "pandas",
        "_functools" => "functools",
        other => other,
    }
}

struct Judge<'a> {
    stream: &'a Stream,
    calls: &'a Calls,
    inner: bool,
    found: &'a mut BTreeMap<(String, bool), Act>,
}

impl Judge<'_> {
    fn stream(&mut self) {
        let stream = self.stream;
        let mut called = vec![false; stream.imports.len()];
        // Most calls are of a few harmless names: these are told apart by index.
        let plain: Vec<bool> = stream
            .imports
            .iter()
            .map(|import| {
                let name = full_name(&import.module, &import.name);
                import.computed.is_none()
                    && !depends_on_arguments(&name)
                    && effect_of(self.calls, &import.module, &import.name).is_some_and(Effect::is_expected)
            })
            .collect();
        for (at, call) in stream.calls.iter().enumerate() {
            if let (Value::Import(import), true) = (call.callee, call.how.makes_value()) {
                if let Some(called) = called.get_mut(import as usize) {
                    *called = true;
                }
                if plain.get(import as usize) == Some(&true) {
                    continue;
                }
            }
            if call.how.makes_value() { self.call(at, call) } else { self.filling(at, call) }
        }
        for (at, import) in stream.imports.iter().enumerate() {
            let value = Value::Import(at as u32);
            if import.computed.is_some() {
                let name = format!("{}.{}", import.module, import.name);
                let note = "the name is put together while loading";
                self.add(Some(Effect::Import), name, false, import.offset, value, note);
            } else if import.how == Lookup::Extension {
                self.add(
                    None,
                    format!("copyreg.{}", import.name),
                    false,
                    import.offset,
                    value,
                    "a registered number",
                );
            } else if called.get(at) == Some(&false) && plain.get(at) == Some(&false) {
                let name = full_name(&import.module, &import.name);
                if depends_on_arguments(&name) && !effect_is_fixed(&name) {
                    continue;
                }
                let effect = effect_of(self.calls, &import.module, &import.name);
                self.add(effect, name, false, import.offset, value, "");
            }
        }
    }

    fn add(
        &mut self,
        effect: Option<Effect>,
        name: String,
        called: bool,
        offset: u64,
        value: Value,
        note: &'static str,
    ) {
        if effect.is_some_and(Effect::is_expected) {
            return;
        }
        let stream = self.stream;
        self.found.entry((name.clone(), called)).or_insert_with(|| {
            let chain = chain(stream, value);
            Act { effect, name, called, offset, chain, note }
        });
    }

    /// A call that makes a value.
    fn call(&mut self, at: usize, call: &Call) {
        let result = Value::Call(at as u32);
        let arguments = self.stream.items(call.arguments);
        match self.denote(call.callee, 0) {
            Denoted::Name(module, name) => {
                let full = full_name(&module, &name);
                let (effect, note) = self.effect_of_call(&module, &name, &full, arguments);
                self.add(effect, full.clone(), true, call.offset, result, note);
                // What a look-up by name brings within reach counts as looked up.
                if matches!(full.as_str(), "builtins.getattr" | "operator.attrgetter")
                    || imports_by_name(&full)
                {
                    self.reached(result, call.offset);
                }
            }
            Denoted::Instance(module, name) => {
                let full = format!("{}()", full_name(&module, &name));
                self.add(None, full, true, call.offset, result, "what a call returned is called");
            }
            Denoted::Getter(_) => self.reached(result, call.offset),
            Denoted::Method => {
                self.add(
                    None,
                    "operator.methodcaller".to_owned(),
                    true,
                    call.offset,
                    result,
                    "a method by name",
                );
            }
            Denoted::Unknown => {
                let note = "what is called is put together while loading";
                self.add(Some(Effect::Import), "computed".to_owned(), true, call.offset, result, note);
            }
        }
    }

    /// What a computed look-up leads to.
    fn reached(&mut self, value: Value, offset: u64) {
        if let Denoted::Name(module, name) = self.denote(value, 0) {
            let effect = effect_of(self.calls, &module, &name);
            let parent = name.rsplit_once('.').map_or("", |(parent, _)| parent);
            // A method of a known class is as harmless as the class while nobody calls it.
            let harmless_parent =
                !parent.is_empty() && effect_of(self.calls, &module, parent).is_some_and(Effect::is_expected);
            if effect.is_some() || !harmless_parent {
                self.add(effect, full_name(&module, &name), false, offset, value, "");
            }
        }
    }

    /// Filling an object: its state, its items.
    fn filling(&mut self, at: usize, call: &Call) {
        if let Denoted::Name(module, name) = self.denote(call.callee, 0) {
            let full = full_name(&module, &name);
            let note = match call.how {
                Way::Build => "loading overwrites its attributes",
                _ => "loading puts items into it",
            };
            let line = self.stream.render_call(at);
            self.found.entry((full.clone(), true)).or_insert_with(|| Act {
                effect: Some(Effect::Import),
                name: full,
                called: true,
                offset: call.offset,
                chain: line,
                note,
            });
        }
    }

    fn effect_of_call(
        &self,
        module: &str,
        name: &str,
        full: &str,
        arguments: &[Value],
    ) -> (Option<Effect>, &'static str) {
        let table = effect_of(self.calls, module, name);
        let harmless = (Some(Effect::Harmless), "");
        match full {
            "builtins.getattr" | "operator.attrgetter" => {
                let name = if full == "builtins.getattr" { arguments.get(1) } else { arguments.first() };
                match name.and_then(|name| self.stream.text(*name)) {
                    Some(name) if name.split('.').any(|part| INTERNALS.contains(&part)) => {
                        (Some(Effect::CodeExecution), "reaches the interpreter through an attribute")
                    }
                    Some(_) => harmless,
                    None => (Some(Effect::Import), "the attribute's name is put together while loading"),
                }
            }
            "operator.itemgetter" | "operator.methodcaller" => harmless,
            "_codecs.encode" | "codecs.encode" | "codecs.decode" | "_codecs.decode" => {
                let codec = arguments.get(1).and_then(|codec| self.stream.text(*codec));
                match codec {
                    Some(codec)
                        if PLAIN_CODECS.contains(&codec.to_lowercase().replace('_', "-").as_str()) =>
                    {
                        harmless
                    }
                    None if arguments.len() < 2 => harmless,
                    _ => (None, "a codec that hides what comes out"),
                }
            }
            "torch.storage._load_from_bytes" if self.inner => harmless,
            _ if HIGHER_ORDER.contains(&full) => {
                match arguments.first().map(|first| self.denote(*first, 0)) {
                    Some(Denoted::Name(module, name)) => {
                        (effect_of(self.calls, &module, &name), "calls what it is given")
                    }
                    Some(Denoted::Getter(_) | Denoted::Method | Denoted::Instance(..)) => {
                        (None, "calls what it is given")
                    }
                    _ => (table, "calls what it is given"),
                }
            }
            _ => (table, ""),
        }
    }

    fn denote(&self, value: Value, depth: u32) -> Denoted {
        if depth > DEPTH {
            return Denoted::Unknown;
        }
        if let Some(import) = self.stream.import(value) {
            return match (&import.computed, import.how) {
                (None, Lookup::Extension) | (Some(_), _) => Denoted::Unknown,
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
        let text = |at: usize| arguments.get(at).and_then(|value| self.stream.text(*value));
        match self.denote(call.callee, depth + 1) {
            Denoted::Name(module, name) => {
                let full = full_name(&module, &name);
                match (full.as_str(), arguments) {
                    ("builtins.getattr", [base, ..]) => match text(1) {
                        Some(attribute) => self.attribute(*base, attribute, depth + 1),
                        None => Denoted::Unknown,
                    },
                    ("functools.partial", [first, ..]) => self.denote(*first, depth + 1),
                    ("operator.attrgetter", [_, ..]) => {
                        text(0).map_or(Denoted::Unknown, |name| Denoted::Getter(name.to_owned()))
                    }
                    ("operator.methodcaller", _) => Denoted::Method,
                    (
                        "copyreg._reconstructor" | "copyreg.__newobj__" | "copyreg.__newobj_ex__",
                        [class, ..],
                    ) => match self.denote(*class, depth + 1) {
                        Denoted::Name(module, name) => Denoted::Instance(module, name),
                        _ => Denoted::Unknown,
                    },
                    (full, [_, ..]) if imports_by_name(full) => text(0)
                        .map_or(Denoted::Unknown, |module| Denoted::Name(module.to_owned(), String::new())),
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

    fn attribute(&self, base: Value, attribute: &str, depth: u32) -> Denoted {
        match self.denote(base, depth) {
            Denoted::Name(module, name) | Denoted::Instance(module, name) => {
                let name = if name.is_empty() { attribute.to_owned() } else { format!("{name}.{attribute}") };
                Denoted::Name(module, name)
            }
            _ => Denoted::Unknown,
        }
    }
}

/// Module and name as one, with Python 2's and C's spellings of the built-in modules folded.
fn full_name(module: &str, name: &str) -> String {
    let module = match module {
        "__builtin__" => "builtins",
        "_functools" => "functools",
        "_operator" => "operator",
        "copy_reg" => "copyreg",
        other => other,
    };
    if name.is_empty() { module.to_owned() } else { format!("{module}.{name}") }
}

fn imports_by_name(full: &str) -> bool {
    matches!(
        full,
        "builtins.__import__"
            | "importlib.import_module"
            | "importlib.__import__"
            | "cloudpickle.cloudpickle.subimport"
            | "dill._dill._import_module"
    )
}

/// Whether what the callable does is decided by what it is given.
fn depends_on_arguments(full: &str) -> bool {
    HIGHER_ORDER.contains(&full)
        || imports_by_name(full)
        || matches!(
            full,
            "_codecs.decode"
                | "_codecs.encode"
                | "builtins.getattr"
                | "codecs.decode"
                | "codecs.encode"
                | "operator.attrgetter"
                | "operator.itemgetter"
                | "operator.methodcaller"
                | "torch.storage._load_from_bytes"
        )
}

/// Whether the mere presence of the callable is worth telling although arguments decide about calls.
fn effect_is_fixed(full: &str) -> bool {
    !matches!(full, "_codecs.encode" | "codecs.encode" | "operator.itemgetter")
}

/// The lines of the listing that lead to a value, in order.
fn chain(stream: &Stream, value: Value) -> String {
    let mut lines = std::collections::BTreeSet::new();
    let mut waiting = vec![value];
    let mut looked = 0;
    while let Some(value) = waiting.pop() {
        looked += 1;
        if looked > 200 || lines.len() >= CHAIN {
            break;
        }
        match value {
            Value::Call(at) => {
                if lines.insert(at)
                    && let Some(call) = stream.calls.get(at as usize)
                {
                    waiting.extend([call.arguments, call.callee]);
                }
            }
            Value::Container(_) => {
                waiting.extend(stream.container(value).iter().flat_map(|container| &container.items));
            }
            _ => {}
        }
    }
    if lines.is_empty()
        && let Some(import) = stream.import(value)
    {
        return format!("from {} import {}", import.module, import.name);
    }
    lines.into_iter().map(|at| stream.render_call(at as usize)).collect::<Vec<_>>().join("\n")
}
