//! `serving-model-unpinned`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::serving::command::Named;

use super::served::servers;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A server fetches a model from a hub at whatever revision is newest.
    pub const RULE: "serving-model-unpinned" {
        family: Config,
        severity: Medium,
        title: "model server fetches its model at whatever revision is newest",
        why: "a restart can serve another model than the one that was tested: a repository can be changed, transferred or registered anew under the same name",
        remedy: "pass --revision with a full commit hash, or serve a copy of your own",
        techniques: ["AML.T0010.003@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0023@2026.09"],
        weaknesses: ["CWE-494", "CWE-1357"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://huggingface.co/docs/huggingface_hub/guides/download",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    for server in servers(subject).unwrap_or_default() {
        for named in server.command.models.iter().filter(|named| is_unpinned(named)) {
            let place = subject.locator.clone().at_line(named.line).at_key(server.key.clone());
            let key = format!("{}:{}", server.key, named.reference);
            let message = format!("{} serves `{}` at no fixed revision", server.key, named.reference);
            report.find(&server.asset, message, vec![Evidence::new(place, key, &named.reference)]);
        }
    }
}

/// Whether it is a repository of a hub without a commit: `owner/name`, `hf://owner/name`.
fn is_unpinned(named: &Named) -> bool {
    let (name, own) = match named.reference.strip_prefix("hf://") {
        Some(rest) => rest.split_once([':', '@']).map_or((rest, None), |(name, own)| (name, Some(own))),
        None => (named.reference.as_str(), None),
    };
    let plain =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    // A preset of an operator comes with the operator's own image.
    let hub = name.split('/').count() == 2
        && name.split('/').all(plain)
        && !name.starts_with(['.', '/'])
        && !name.starts_with("kaito/");
    let revision = named.revision.as_deref().or(own).unwrap_or_default();
    let commit = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
    hub && !commit
}
