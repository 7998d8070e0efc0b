//! `licence-conflict`.

use vauban_domain::{Evidence, rule};
use vauban_knowledge::licences::{Commercial, Terms};

use super::licences::{made_from, stated, subjects, terms};
use crate::{Check, Estate, Look, Report};

rule! {
    /// What was made from something permits more than that does.
    pub(super) const RULE: "licence-conflict" {
        family: Provenance,
        severity: Medium,
        title: "a model's licence permits what that of its base does not",
        why: "nobody can give away more rights than they have: who relies on the milder licence breaks the stricter one",
        remedy: "state the licence of the base, or replace the base",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025"],
        threats: ["X.1@2025-02"],
        source: "https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    for asset in subjects(estate) {
        let (Some(licence), Some(ours)) = (stated(asset), terms(estate, asset)) else { continue };
        let from = made_from(estate, &asset.id);
        if from.is_empty() || ours.commercial == Commercial::Unknown {
            continue;
        }
        for relation in from {
            let Some(base) = estate.inventory.asset(&relation.to) else { continue };
            let Some(theirs) = terms(estate, base).filter(|terms| terms.commercial != Commercial::Unknown)
            else {
                report.skip(
                    &asset.id,
                    format!("the terms of `{}`, which it was made from, are not known", base.name),
                );
                continue;
            };
            report.looked_at(&asset.id);
            let Some(lost) = lost(&ours, &theirs) else { continue };
            let its = stated(base).unwrap_or_default();
            let message = format!(
                "`{}` is under {licence}, but was made from `{}` under {its}, which {lost}",
                asset.name, base.name
            );
            let key = format!("{}:{its}:{licence}", base.id);
            report.find(&asset.id, message, vec![Evidence::new(relation.locator.clone(), key, its)]);
        }
    }
}

/// What the base demands and ours does not. Data sets leave their share-alike to data, which models are not.
fn lost(ours: &Terms, base: &Terms) -> Option<&'static str> {
    if base.commercial == Commercial::No && ours.commercial != Commercial::No {
        Some("permits no commercial use")
    } else if base.restricted && !ours.restricted {
        Some("forbids kinds of use")
    } else if base.commercial == Commercial::Conditional && ours.commercial == Commercial::Yes {
        Some("permits commercial use on a condition only")
    } else {
        None
    }
}
