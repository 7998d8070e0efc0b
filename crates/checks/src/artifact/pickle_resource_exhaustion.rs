//! Pickles that take the loading machine's time or memory.

use vauban_domain::{Evidence, rule};
use vauban_formats::pickle::{Pickle, Stream};
use vauban_knowledge::Effect;

use super::acts::acts;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Loading the file, or looking at what it gives, uses up time or memory.
    pub const RULE: "pickle-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "loading the file, or looking at what it gives, uses up time or memory",
        why: "a few hundred bytes are enough to make a loader allocate gigabytes or walk a structure of more nodes than it can ever finish",
        remedy: "do not load it; no library writes such a file",
        techniques: ["AML.T0029@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-400", "CWE-409", "CWE-502"],
        owasp: ["LLM10:2025"],
        threats: ["L1.3@2025-02"],
        effect: ResourceExhaustion,
        when: Load,
        loaders: "pickle.load",
        source: "https://github.com/python/cpython/issues/115952",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Pickle(check) };

/// Nodes of a structure written out as a tree, from which on nothing that walks it ends in a day.
const SPREAD: f32 = 1e10;
/// The same for what is hashed while loading.
const HASHED: f32 = 1e8;
/// Containers inside one another; Python's own recursion ends at a thousand, its hashing and comparing with it.
const DEPTH: u32 = 20_000;
/// Places of the memo per opcode that is there: picklers number them one by one.
const MEMO: u64 = 1 << 24;
/// Digits of a decimal integer; reading it takes time with their square, Python 3.11 refuses more than 4,300.
const DIGITS: u32 = 100_000;

fn check(subject: &Subject<'_, Pickle>, report: &mut Report) {
    let mut tell = |offset: u64, key: &str, message: String, excerpt: String| {
        let locator = subject.locator.clone().at_offset(offset);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, key, excerpt)]);
    };
    for stream in &subject.facts.streams {
        if let Some((key, message)) = structure(stream) {
            tell(stream.offset, key, message, stream.listing(6));
        }
    }
    for act in acts(subject.facts, &subject.knowledge.calls, !subject.parsed.members.is_empty()) {
        if act.called && act.effect() == Some(Effect::Exhaustion) {
            let message = format!("loading calls `{}` so that it takes time or memory without end", act.name);
            tell(act.offset, &act.name, message, act.chain.clone());
        }
    }
}

fn structure(stream: &Stream) -> Option<(&'static str, String)> {
    if stream.hashed_spread > HASHED {
        let nodes = stream.hashed_spread;
        return Some((
            "hashed structure",
            format!(
                "a dictionary key or member of a set is a tree of {nodes:.0e} nodes, which loading hashes"
            ),
        ));
    }
    if stream.spread > SPREAD {
        let nodes = stream.spread;
        return Some((
            "shared structure",
            format!(
                "lists that hold each other make a tree of {nodes:.0e} nodes for whoever prints, compares or copies it"
            ),
        ));
    }
    if stream.depth > DEPTH {
        return Some((
            "deep structure",
            format!("{} containers inside one another end the stack of whoever walks them", stream.depth),
        ));
    }
    if stream.memo_top != u64::MAX && stream.memo_top > MEMO.max(stream.opcodes.saturating_mul(64)) {
        return Some((
            "memo",
            format!(
                "place {} of the memo is written to, for which CPython makes room from 0 on",
                stream.memo_top
            ),
        ));
    }
    if stream.digits > DIGITS {
        return Some((
            "digits",
            format!("an integer of {} decimal digits takes time with their square", stream.digits),
        ));
    }
    None
}
