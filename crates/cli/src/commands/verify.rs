//! `vauban verify`.

use serde_json::json;
use vauban_export::signature::{Verification, verify};

use super::signed::{Subject, earlier, public_key, reviewers};
use crate::arguments::{Common, Plain, VerifyArguments};
use crate::{Ended, delivery, style, text};

/// Judges the signatures of a review; ends with 1 when one is broken or a role's approval is missing.
pub(crate) fn run(common: &Common, arguments: &VerifyArguments) -> anyhow::Result<Ended> {
    let subject = Subject::read(common, &arguments.signed)?;
    let (declared, from_file) = reviewers(&arguments.signed, &subject.document)?;
    if !from_file && !common.quiet {
        style::talk(
            "no vauban.toml declares reviewers; the roles are those that the document itself names, and keys are those of --key",
        );
    }
    let keys = arguments.key.iter().map(|path| public_key(path)).collect::<anyhow::Result<Vec<_>>>()?;
    let continues = earlier(&arguments.signed)?;
    let verification =
        verify(&subject.document, &subject.bytes, &subject.chain, &declared, &keys, continues.as_deref());
    let cut: Vec<&String> = arguments.head.iter().filter(|head| !verification.has(head)).collect();
    let id = &subject.document.review.id;
    match arguments.format {
        Plain::Text => delivery::print(text::verification(id, &verification, &cut).as_bytes())?,
        Plain::Json => delivery::print(&as_json(id, &verification, &cut)?)?,
    }
    if verification.entries.is_empty() && declared.is_empty() && cut.is_empty() {
        style::talk("nobody has signed, and no [[reviewer]] is declared who would have to");
        return Ok(Ended::Nothing);
    }
    Ok(if verification.is_complete() && cut.is_empty() { Ended::Clean } else { Ended::Gated })
}

fn as_json(review: &str, verification: &Verification, cut: &[&String]) -> anyhow::Result<Vec<u8>> {
    let signatures: Vec<_> = verification
        .entries
        .iter()
        .map(|entry| {
            let said = entry.statement.as_ref();
            json!({
                "line": entry.line,
                "signer": said.map(|one| &one.signer),
                "role": said.map(|one| &one.role),
                "system": said.and_then(|one| one.system.as_ref()),
                "decision": said.map(|one| one.decision.as_str()),
                "comment": said.map(|one| &one.comment),
                "signed_at": said.map(|one| &one.signed_at),
                "key": said.map(|one| &one.key),
                "sha256": entry.digest,
                "problems": entry.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
        .collect();
    let systems: Vec<_> = verification
        .systems
        .iter()
        .map(|system| {
            let roles: Vec<_> = system
                .roles
                .iter()
                .map(|role| {
                    json!({
                        "role": role.role,
                        "standing": role.standing.as_str(),
                        "by": role.standing.by(),
                        "reviewers": role.reviewers,
                    })
                })
                .collect();
            json!({ "system": system.system, "roles": roles })
        })
        .collect();
    let value = json!({
        "review": review,
        "document": verification.document,
        "head": verification.head,
        "sound": verification.is_sound() && cut.is_empty(),
        "complete": verification.is_complete() && cut.is_empty(),
        "cut": cut,
        "signatures": signatures,
        "systems": systems,
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}
