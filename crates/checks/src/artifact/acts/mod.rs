//! What a pickle does when it is loaded, judged by the table of callables: who is called, who is only reached.
//!
//! Names are followed through the ways that lead from one to another: `getattr` chains, dotted names, re-exported
//! modules (`posixpath` + `os.system`), `functools.partial`, `operator.attrgetter`, imports by name, names put
//! together from pieces. Whatever cannot be followed is reported as unknown, never passed.

mod arguments;
mod chain;
mod denote;
mod judge;
mod name;
mod text;

use std::collections::BTreeMap;

use vauban_formats::pickle::{Pickle, Stream};
use vauban_knowledge::calls::{Calls, Effect};

use judge::Judge;

/// One thing that loading does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    /// What it amounts to.
    pub(super) verdict: Verdict,
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

/// What is known about one thing that loading does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It has this effect.
    Does(Effect),
    /// Nobody knows what it does, and it is called.
    Unknown,
    /// Nobody knows it, and it is kept or made without calling its constructor, or with plain values.
    Kept,
}

impl Act {
    /// The effect, if it is known.
    pub(super) fn effect(&self) -> Option<Effect> {
        match self.verdict {
            Verdict::Does(effect) => Some(effect),
            Verdict::Unknown | Verdict::Kept => None,
        }
    }
}

/// Everything that loading the pickle does beyond building data, each callable once.
///
/// `inner` says that pickles inside byte strings were found and are judged by themselves.
pub(super) fn acts(pickle: &Pickle, calls: &Calls, inner: bool) -> Vec<Act> {
    let mut found = BTreeMap::new();
    for stream in &pickle.streams {
        Judge { stream, calls, inner, found: &mut found, steps: Default::default(), carries_code: false }
            .stream();
    }
    let mut acts: Vec<Act> = found.into_values().collect();
    acts.sort_by(|a, b| (a.offset, &a.name).cmp(&(b.offset, &b.name)));
    acts
}

/// The effect of a name, or `None` if it is not known.
pub(super) fn effect_of(calls: &Calls, module: &str, name: &str) -> Option<Effect> {
    name::known(calls, module, name).map(|known| known.effect)
}

/// The calls of a stream that make code objects.
pub(super) fn code_calls(stream: &Stream, calls: &Calls) -> Vec<usize> {
    let mentions = stream.imports.iter().any(|import| {
        let full = name::full_name(&import.module, &import.name);
        name::makes_code(&full) || full.ends_with("_builtin_type") || full.ends_with("_load_type")
    });
    if !mentions {
        return Vec::new();
    }
    let mut found = BTreeMap::new();
    let judge = Judge {
        stream,
        calls,
        inner: true,
        found: &mut found,
        steps: Default::default(),
        carries_code: false,
    };
    judge.code_calls()
}
