//! What a chat template adds to a conversation, and on what condition.
//!
//! Conditions are traced to what they depend on: the words of a message, the date, the place in the conversation.
//! A template that says something else to the model when a message holds a certain word is a backdoor that no look at
//! the weights finds. Structure (roles, tags such as `</think>`, tool calls) is what templates are for.

mod reason;
mod said;
mod taint;
mod walk;
mod weigh;

use std::collections::BTreeMap;

use vauban_formats::jinja::{Kind, Statement};

use super::template::{Constants, constants, statements};

use taint::Taint;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Oddity {
    /// Stable word.
    pub(super) key: &'static str,
    /// What happens, for people.
    pub(super) what: String,
    /// How sure.
    pub(super) weight: Weight,
    /// One-based line.
    pub(super) line: u32,
}

/// How sure an oddity is no accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Not seen in honest templates, but imaginable.
    Odd,
    /// Has no honest reason.
    Hostile,
}

/// Everything odd about a template's behaviour.
pub(super) fn oddities(body: &[Statement]) -> Vec<Oddity> {
    let mut walk =
        Walk { known: constants(body), names: BTreeMap::new(), told: Vec::new(), macros: BTreeMap::new() };
    collect_macros(body, &mut walk.macros);
    // The first round learns what variables hold, so that loops and macros know it in the second.
    walk.body(body);
    walk.told.clear();
    walk.body(body);
    walk.told.sort_by(|a, b| (b.weight, a.line, a.key, &a.what).cmp(&(a.weight, b.line, b.key, &b.what)));
    walk.told.dedup_by(|a, b| a.key == b.key && a.what == b.what);
    walk.told.truncate(16);
    walk.told
}

/// The parameters of every macro.
fn collect_macros(body: &[Statement], macros: &mut BTreeMap<String, Vec<String>>) {
    statements(body, &mut |statement| {
        if let Kind::Macro(name, parameters, _) = &statement.kind {
            macros.insert(name.clone(), parameters.iter().map(|(name, _)| name.clone()).collect());
        }
    });
}

/// A template while it is read.
struct Walk {
    /// Variables that stand for one known text.
    known: Constants,
    /// What variables hold.
    names: BTreeMap<String, Taint>,
    /// What was found so far.
    told: Vec<Oddity>,
    /// Parameters of macros.
    macros: BTreeMap<String, Vec<String>>,
}
