//! Goes through one stream: every call, every filled object, every name.

use std::cell::Cell;
use std::collections::BTreeMap;

use vauban_formats::pickle::{Call, Lookup, Stream, Value, Way};
use vauban_knowledge::calls::{Calls, Effect};

use super::arguments::{depends_on_arguments, is_mute_alone};
use super::chain::chain;
use super::denote::Denoted;
use super::name::{
    full_name, imports_by_name, is_getattr, known, looks_like_class, makes_class, makes_code, makes_function,
    reaches_by_two_names,
};
use super::{Act, Verdict};

/// Steps taken to follow chains in one stream; what is left over is told as put together while loading.
const STEPS: u64 = 20_000_000;
/// Steps taken for one chain.
const STEPS_AT_ONCE: u32 = 20_000;

pub(super) struct Judge<'a> {
    pub(super) stream: &'a Stream,
    pub(super) calls: &'a Calls,
    pub(super) inner: bool,
    pub(super) found: &'a mut BTreeMap<(String, bool), Act>,
    pub(super) steps: Steps,
    /// Whether the stream makes functions or classes, that ask for modules.
    pub(super) carries_code: bool,
}

/// What may still be spent on following chains.
#[derive(Debug)]
pub(super) struct Steps {
    all: Cell<u64>,
    at_once: Cell<u32>,
}

impl Default for Steps {
    fn default() -> Self {
        Self { all: Cell::new(STEPS), at_once: Cell::new(STEPS_AT_ONCE) }
    }
}

impl Judge<'_> {
    /// Takes one step; false if there is none left.
    pub(super) fn spend(&self) -> bool {
        let (all, at_once) = (self.steps.all.get(), self.steps.at_once.get());
        self.steps.all.set(all.saturating_sub(1));
        self.steps.at_once.set(at_once.saturating_sub(1));
        all > 0 && at_once > 0
    }

    pub(super) fn stream(&mut self) {
        let stream = self.stream;
        self.carries_code = stream.imports.iter().any(|import| {
            let full = full_name(&import.module, &import.name);
            makes_function(&full) || makes_class(&full)
        });
        let mut called = vec![false; stream.imports.len()];
        // Most calls are of a few harmless names: these are told apart by index.
        let plain: Vec<Plain> = stream
            .imports
            .iter()
            .map(|import| {
                let name = full_name(&import.module, &import.name);
                match known(self.calls, &import.module, &import.name) {
                    _ if import.computed.is_some() || depends_on_arguments(&name) => Plain::No,
                    Some(known) if known.effect.is_expected() && known.named => Plain::Always,
                    Some(known) if known.effect.is_expected() => Plain::WithoutConstructor,
                    _ => Plain::No,
                }
            })
            .collect();
        for (at, call) in stream.calls.iter().enumerate() {
            self.steps.at_once.set(STEPS_AT_ONCE);
            if let (Value::Import(import), true) = (call.callee, call.how.makes_value()) {
                if let Some(called) = called.get_mut(import as usize) {
                    *called = true;
                }
                match plain.get(import as usize) {
                    Some(Plain::Always) => continue,
                    Some(Plain::WithoutConstructor) if call.how == Way::New => continue,
                    _ => {}
                }
            }
            if call.how.makes_value() { self.call(at, call) } else { self.filling(at, call) }
        }
        for (at, import) in stream.imports.iter().enumerate() {
            self.steps.at_once.set(STEPS_AT_ONCE);
            let value = Value::Import(at as u32);
            if import.computed.is_some() {
                let (name, verdict) = match self.denote(value, 0) {
                    Denoted::Name(module, name) => (full_name(&module, &name), Effect::Import),
                    _ => (format!("{}.{}", import.module, import.name), Effect::Import),
                };
                let note = "the name is put together while loading";
                self.add(Verdict::Does(verdict), name, false, import.offset, value, note);
            } else if import.how == Lookup::Extension {
                let name = format!("copyreg.{}", import.name);
                self.add(Verdict::Unknown, name, false, import.offset, value, "a registered number");
            } else if called.get(at) == Some(&false) && plain.get(at) == Some(&Plain::No) {
                let name = full_name(&import.module, &import.name);
                if !is_mute_alone(&name) {
                    let verdict = self.judge_lookup(&import.module, &import.name);
                    self.add(verdict, name, false, import.offset, value, "");
                }
            }
        }
    }

    /// Calls that make code objects.
    pub(super) fn code_calls(&self) -> Vec<usize> {
        let makes = |call: &Call| match self.denote(call.callee, 0) {
            Denoted::Name(module, name) => makes_code(&full_name(&module, &name)),
            _ => false,
        };
        let calls = self.stream.calls.iter().enumerate();
        calls
            .filter(|(_, call)| {
                self.steps.at_once.set(STEPS_AT_ONCE);
                call.how.makes_value() && makes(call)
            })
            .map(|(at, _)| at)
            .collect()
    }

    fn add(
        &mut self,
        verdict: Verdict,
        name: String,
        called: bool,
        offset: u64,
        value: Value,
        note: &'static str,
    ) {
        if matches!(verdict, Verdict::Does(effect) if effect.is_expected()) {
            return;
        }
        let stream = self.stream;
        let act = |name| Act { verdict, name, called, offset, chain: chain(stream, value), note };
        match self.found.entry((name.clone(), called)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(act(name));
            }
            // Of several calls of one name the worst is told.
            std::collections::btree_map::Entry::Occupied(mut place) => {
                if rank(verdict) > rank(place.get().verdict) {
                    place.insert(act(name));
                }
            }
        }
    }

    /// A call that makes a value.
    fn call(&mut self, at: usize, call: &Call) {
        let result = Value::Call(at as u32);
        match self.denote(call.callee, 0) {
            Denoted::Name(module, name) => {
                let full = full_name(&module, &name);
                let (verdict, note) = self.judge_call(&module, &name, &full, call);
                self.add(verdict, full.clone(), true, call.offset, result, note);
                // What a look-up by name brings within reach counts as looked up.
                if is_getattr(&full)
                    || full == "operator.attrgetter"
                    || imports_by_name(&full)
                    || reaches_by_two_names(&full)
                {
                    self.reached(result, call.offset);
                }
            }
            Denoted::Instance(module, name) => {
                let full = format!("{}()", full_name(&module, &name));
                let (verdict, note) = self.judge_result_called(&module, &name, call);
                self.add(verdict, full, true, call.offset, result, note);
            }
            Denoted::Getter(_) => self.reached(result, call.offset),
            Denoted::Method => {
                let name = "operator.methodcaller".to_owned();
                self.add(Verdict::Unknown, name, true, call.offset, result, "a method by name");
            }
            Denoted::TextMethod(..) => {}
            Denoted::Unknown => {
                let note = "what is called is put together while loading";
                self.add(
                    Verdict::Does(Effect::Import),
                    "computed".to_owned(),
                    true,
                    call.offset,
                    result,
                    note,
                );
            }
        }
    }

    /// What a computed look-up leads to.
    fn reached(&mut self, value: Value, offset: u64) {
        let Denoted::Name(module, name) = self.denote(value, 0) else { return };
        if is_mute_alone(&full_name(&module, &name)) {
            return;
        }
        let parent = name.rsplit_once('.').map_or("", |(parent, _)| parent);
        // A method of a class that is only named is as harmless as the class.
        let method = looks_like_class(parent) && known(self.calls, &module, &name).is_none();
        let harmless = !parent.is_empty()
            && known(self.calls, &module, parent).is_some_and(|known| known.effect.is_expected())
            && known(self.calls, &module, &name).is_none();
        // A module that byte code in the file asks for is what its functions use; they are judged by themselves.
        let asked_for = self.carries_code
            && name.is_empty()
            && self.stream.call(value).is_some_and(|call| self.is_asked_by_code(call));
        let verdict = match self.judge_lookup(&module, &name) {
            _ if harmless => return,
            _ if asked_for && self.calls.is_standard(&module) && module != "antigravity" => return,
            _ if asked_for => Verdict::Kept,
            Verdict::Does(effect)
                if effect <= Effect::FileRead
                    && effect != Effect::Import
                    && name.is_empty()
                    && self.stream.call(value).is_some_and(|call| self.is_asked_by_code(call)) =>
            {
                Verdict::Kept
            }
            Verdict::Unknown if name.is_empty() => Verdict::Does(Effect::Import),
            _ if method => Verdict::Kept,
            verdict => verdict,
        };
        self.add(verdict, full_name(&module, &name), false, offset, value, "");
    }

    fn is_asked_by_code(&self, call: &Call) -> bool {
        let Some(import) = self.stream.import(call.callee) else { return false };
        let full = full_name(&import.module, &import.name);
        full.starts_with("cloudpickle.") && full.ends_with(".subimport")
            || full == "dill._dill._import_module"
    }

    /// Filling an object: its state, its items.
    fn filling(&mut self, at: usize, call: &Call) {
        if let Denoted::Name(module, name) = self.denote(call.callee, 0) {
            if self.stream.import(call.callee).is_none() && !name.is_empty() && is_partial(self, call.callee)
            {
                return;
            }
            let full = full_name(&module, &name);
            let note = match call.how {
                Way::Build => "loading overwrites its attributes",
                _ => "loading puts items into it",
            };
            let line = self.stream.render_call(at);
            self.found.entry((full.clone(), true)).or_insert_with(|| Act {
                verdict: Verdict::Does(Effect::Import),
                name: full,
                called: true,
                offset: call.offset,
                chain: line,
                note,
            });
        } else if call.how == Way::Build {
            self.state(at, call);
            self.elsewhere(at, call);
        }
    }

    /// Arrays of old joblib name the file that holds them, beside the pickle: not anywhere else.
    fn elsewhere(&mut self, at: usize, call: &Call) {
        let Denoted::Instance(_, class) = self.denote(call.callee, 0) else { return };
        let file = self.stream.entry(call.arguments, "filename").and_then(|file| self.stream.text(file));
        let Some(file) = file.filter(|_| class.ends_with("NDArrayWrapper")) else { return };
        if file.starts_with(['/', '\\', '~']) || file.contains("..") || file.contains(':') {
            let name = format!("{class} {file}");
            let chain = self.stream.render_call(at);
            self.found.entry((name.clone(), true)).or_insert_with(|| Act {
                verdict: Verdict::Does(Effect::FileRead),
                name,
                called: true,
                offset: call.offset,
                chain,
                note: "reads an array from a file outside its folder",
            });
        }
    }

    /// State given as a pair sets attributes one by one: those with underscores around change what the object is.
    fn state(&mut self, at: usize, call: &Call) {
        let [_, slots] = self.stream.items(call.arguments) else { return };
        let Some(slots) = self.stream.container(*slots) else { return };
        if slots.kind != vauban_formats::pickle::ContainerKind::Dict {
            return;
        }
        let special = slots.items.iter().step_by(2).find_map(|key| {
            let key = self.stream.text(*key)?;
            matches!(
                key,
                "__class__"
                    | "__dict__"
                    | "__code__"
                    | "__globals__"
                    | "__bases__"
                    | "__reduce__"
                    | "__setstate__"
            )
            .then(|| key.to_owned())
        });
        // A dataclass or function of cloudpickle states such names by design; there the code is judged.
        if let Some(key) = special
            && !matches!(self.denote(call.callee, 0), Denoted::Instance(module, _) if module.starts_with("cloudpickle"))
        {
            let chain = self.stream.render_call(at);
            self.found.entry((key.clone(), true)).or_insert_with(|| Act {
                verdict: Verdict::Does(Effect::Import),
                name: key,
                called: true,
                offset: call.offset,
                chain,
                note: "loading overwrites what the object is",
            });
        }
    }
}

/// Whether a value is what `functools.partial` returned: its state is filled in afterwards.
fn is_partial(judge: &Judge<'_>, value: Value) -> bool {
    let Some(call) = judge.stream.call(value) else { return false };
    match judge.denote(call.callee, 1) {
        Denoted::Name(module, name) => full_name(&module, &name) == "functools.partial",
        _ => false,
    }
}

/// Whether calls of a name need no look of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plain {
    No,
    WithoutConstructor,
    Always,
}

fn rank(verdict: Verdict) -> (u8, Option<Effect>) {
    match verdict {
        Verdict::Kept => (0, None),
        Verdict::Unknown => (1, None),
        Verdict::Does(Effect::Function) => (0, None),
        Verdict::Does(effect) => (2, Some(effect)),
    }
}
