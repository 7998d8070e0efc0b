//! What Python source beside or inside a model does: the judgement that the model-code rules share.
//!
//! Code of a model runs when it is imported (module level, class bodies, decorators, defaults, annotations, and all that
//! these call) or at the latest when the model is used. Other source is only judged for what no honest program does.

mod commands;
mod execution;
mod file;
mod judge;
mod moment;
mod network;
mod place;
mod process;

use vauban_domain::{Evidence, Severity};
use vauban_formats::python::{Flow, Python};

use crate::{Report, Subject};

use judge::Judge;
use moment::{Moment, moments};
use place::{Place, place};
use process::reverse_shell;

/// What an act amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Runs programs or code.
    Code,
    /// Reads, writes or deletes files.
    File,
    /// Sends or fetches.
    Network,
}

/// One thing that the source does.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Act {
    /// What sort.
    harm: Harm,
    /// How bad.
    severity: Severity,
    /// Stable word.
    key: String,
    /// What happens and when.
    what: String,
    /// One-based line.
    line: u32,
}

/// Reports the acts of one sort.
pub(super) fn tell(subject: &Subject<'_, Python>, report: &mut Report, harm: Harm) {
    let python = subject.facts;
    let place = place(&subject.locator.path, subject.locator.member.as_deref(), &python.flow);
    for act in acts(python, place).into_iter().filter(|act| act.harm == harm) {
        let index = usize::try_from(act.line).unwrap_or(usize::MAX).saturating_sub(1);
        let line = python.source.lines().nth(index).unwrap_or_default().trim();
        let excerpt: String = line.chars().take(300).collect();
        let evidence = Evidence::new(subject.locator.clone().at_line(act.line), act.key, excerpt);
        report.find_as(act.severity, &subject.asset.id, act.what, vec![evidence]);
    }
}

/// Everything of note that the source does, the worst first.
fn acts(python: &Python, place: Place) -> Vec<Act> {
    let mut acts = Vec::new();
    if let Some(codec) = codec(&python.source) {
        acts.push(Act {
            harm: Harm::Code,
            severity: Severity::High,
            key: format!("encoding {codec}"),
            what: format!("is written in the encoding `{codec}`, which hides the code from readers"),
            line: 1,
        });
    }
    judge_flow(&python.flow, place, 0, &mut acts);
    acts.sort_by(|a, b| (b.severity, a.line, &a.key).cmp(&(a.severity, b.line, &b.key)));
    acts.dedup_by(|a, b| a.key == b.key && a.harm == b.harm);
    acts.truncate(24);
    acts
}

/// A declared encoding that is none of the ordinary ones.
fn codec(source: &str) -> Option<String> {
    let line =
        source.lines().take(2).find(|line| line.trim_start().starts_with('#') && line.contains("coding"))?;
    let (_, after) = line.split_once("coding")?;
    let name = after.strip_prefix([':', '='])?.trim_start();
    let name: String = name.chars().take_while(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect();
    let plain = name.to_lowercase().replace('_', "-");
    [
        "utf-7",
        "utf7",
        "u7",
        "unicode-escape",
        "raw-unicode-escape",
        "rot13",
        "rot-13",
        "hex",
        "base64",
        "zlib",
        "bz2",
        "punycode",
        "idna",
        "uu",
        "quopri",
        "utf-16",
        "utf-32",
        "cp037",
    ]
    .iter()
    .any(|odd| plain == *odd)
    .then_some(name)
}

/// The acts of a source; `depth` counts the texts run as code that it stands inside of.
fn judge_flow(flow: &Flow, place: Place, depth: usize, acts: &mut Vec<Act>) {
    let moments = moments(flow);
    for deed in &flow.deeds {
        let moment = moments.get(deed.scope).copied().unwrap_or(Moment::Called);
        let judge = Judge { deed, place, moment, flow, depth };
        if let Some((harm, severity, what)) = judge.verdict() {
            let when = match moment {
                Moment::Import => "when it is imported",
                Moment::Called if place == Place::Model => "when the model is used",
                Moment::Called => "when it is called",
                Moment::Main => "when it is run",
            };
            acts.push(Act {
                harm,
                severity,
                key: deed.callee.chars().take(80).collect(),
                what: format!("{when}, {what}"),
                line: deed.line,
            });
        }
    }
    if let Some(line) = reverse_shell(flow) {
        acts.push(Act {
            harm: Harm::Code,
            severity: Severity::Critical,
            key: "reverse-shell".to_owned(),
            what: "connects to a host and gives it a shell".to_owned(),
            line,
        });
    }
}
