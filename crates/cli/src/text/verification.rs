//! Signatures of a review: what is broken first, then who has signed off what.

use std::fmt::Write;

use vauban_export::signature::{Entry, Standing, Verification};

use super::{section, short, table};

/// `vauban verify`; `cut` are digests that somebody kept and that stand in the chain no more.
pub(crate) fn verification(review: &str, verification: &Verification, cut: &[&String]) -> String {
    let mut text = String::new();
    section(&mut text, &format!("{} signatures of {review}", verification.entries.len()));
    let _ = writeln!(text, "document: sha256 {}", verification.document);
    if let Some(head) = &verification.head {
        let _ = writeln!(text, "head of the chain: sha256 {head}");
    }
    let broken: Vec<&Entry> =
        verification.entries.iter().filter(|entry| !entry.problems.is_empty()).collect();
    if !broken.is_empty() || !cut.is_empty() {
        section(&mut text, "broken, and not counted");
        for entry in broken {
            for problem in &entry.problems {
                let _ = writeln!(text, "  line {}: {}", entry.line, short(&problem.to_string(), 400));
            }
        }
        for digest in cut {
            let _ = writeln!(text, "  cut chain: no sound statement has sha256 {}", short(digest, 80));
        }
    }
    if !verification.entries.is_empty() {
        text.push('\n');
        text.push_str(&table(
            ["line", "signer", "role", "system", "decision", "signed", "comment"],
            verification.entries.iter().filter_map(|entry| {
                let said = entry.statement.as_ref()?;
                let mark = if entry.problems.is_empty() { "" } else { " broken" };
                Some([
                    format!("{}{mark}", entry.line),
                    short(&said.signer, 60),
                    short(&said.role, 20),
                    short(said.system.as_deref().unwrap_or("all"), 60),
                    said.decision.as_str().to_owned(),
                    short(&said.signed_at, 20),
                    short(&said.comment, 120),
                ])
            }),
        ));
    }
    section(&mut text, "sign-offs");
    for system in &verification.systems {
        let name = if system.system.is_empty() {
            "the review".to_owned()
        } else {
            format!("`{}`", short(&system.system, 60))
        };
        if system.roles.is_empty() {
            let _ = writeln!(text, "  {name}: no reviewer is declared");
        }
        for role in &system.roles {
            let _ = match &role.standing {
                Standing::Approved(by) => {
                    writeln!(text, "  {name}: {} approved by {}", role.role, short(&by.join(", "), 120))
                }
                Standing::Rejected(by) => {
                    writeln!(text, "  {name}: {} REJECTED by {}", role.role, short(&by.join(", "), 120))
                }
                Standing::Missing => writeln!(
                    text,
                    "  {name}: {} MISSING, to be decided by {}",
                    role.role,
                    short(&role.reviewers.join(" or "), 120)
                ),
            };
        }
    }
    text
}
