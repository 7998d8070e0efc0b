//! Files that carry compiled Python code, and what the code uses.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::pickle::Stream;
use vauban_knowledge::Effect;

use super::acts::{acts, code_calls};
use super::bytecode::{Able, able, able_code, texts_of_code};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The file carries compiled Python code.
    pub const RULE: "python-bytecode" {
        family: Artifact,
        severity: Low,
        title: "the file carries compiled Python code",
        why: "functions inside a model file run when they are first used, and nobody reads them in a review",
        remedy: "keep functions in a package that is reviewed and installed, and only data in the model file",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-502", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: FirstUse,
        loaders: "cloudpickle, dill, keras Lambda layers, import of a .pyc",
        source: "CPython documentation of `marshal` and of code objects",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// One function or module that is carried.
pub(super) struct Carried {
    /// What it is able to do, with the names that say so.
    pub(super) able: Option<(Able, Vec<String>)>,
    /// Where it is.
    pub(super) offset: u64,
    /// How it reads.
    pub(super) excerpt: String,
}

/// Code objects carried by a pickle or marshalled.
pub(super) fn carried(subject: &Subject<'_, Facts>) -> Vec<Carried> {
    match subject.facts {
        Facts::Marshal(marshal) => marshal
            .codes
            .iter()
            .map(|code| Carried {
                able: able_code(marshal, code),
                offset: code.offset,
                excerpt: format!("{}: {}", code.name, code.names.join(" ")),
            })
            .collect(),
        Facts::Pickle(pickle) => pickle
            .streams
            .iter()
            .flat_map(|stream: &Stream| {
                code_calls(stream, &subject.knowledge.calls).into_iter().filter_map(|at| {
                    let call = stream.calls.get(at)?;
                    let (names, constants) = texts_of_code(stream, call);
                    Some(Carried {
                        able: able(names.iter().copied(), constants),
                        offset: call.offset,
                        excerpt: stream.render_call(at),
                    })
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let carried = carried(subject);
    let rebuilt = match subject.facts {
        Facts::Pickle(pickle) => acts(pickle, &subject.knowledge.calls, true)
            .into_iter()
            .find(|act| act.effect() == Some(Effect::Function)),
        _ => None,
    };
    let (offset, excerpt) = match (carried.first(), &rebuilt) {
        (Some(first), _) => (first.offset, first.excerpt.clone()),
        (None, Some(act)) => (act.offset, act.chain.clone()),
        (None, None) => return,
    };
    let reach: Vec<&str> = carried
        .iter()
        .filter_map(|code| code.able.as_ref())
        .filter(|(able, _)| *able == Able::Reach)
        .flat_map(|(_, names)| names.iter().map(String::as_str))
        .take(8)
        .collect();
    let uses = if reach.is_empty() { String::new() } else { format!("; it uses {}", reach.join(", ")) };
    let message =
        format!("{} code objects are carried, that run when they are first used{uses}", carried.len().max(1));
    let locator = subject.locator.clone().at_offset(offset);
    report.find(&subject.asset.id, message, vec![Evidence::new(locator, "byte code", excerpt)]);
}
