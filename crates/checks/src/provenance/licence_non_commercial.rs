//! `licence-non-commercial`.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, AssetKind, RelationKind, rule};
use vauban_knowledge::licences::Commercial;

use super::licences::{evidence, made_from, stated, subjects, terms};
use crate::{Check, Estate, Look, Report};

rule! {
    /// Something that may not earn money is put to use.
    pub(super) const RULE: "licence-non-commercial" {
        family: Provenance,
        severity: Medium,
        title: "a model or data set under a non-commercial licence is in use",
        why: "its terms forbid commercial use; what is served with it, or made from it, may have to be withdrawn",
        remedy: "get a commercial licence, replace it, or write in vauban.toml that the use is not commercial (use = \"research\")",
        techniques: ["AML.T0010.003@2026.09"],
        mitigations: ["AML.M0023@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["LLM03:2025"],
        threats: ["X.1@2025-02"],
        source: "https://spdx.org/licenses/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

fn check(estate: &Estate<'_>, report: &mut Report) {
    let used = uses(estate);
    for asset in subjects(estate) {
        let Some(licence) = stated(asset) else { continue };
        let Some(terms) = terms(estate, asset).filter(|terms| terms.commercial != Commercial::Unknown) else {
            report.skip(&asset.id, format!("what the licence `{licence}` permits is not known"));
            continue;
        };
        report.looked_at(&asset.id);
        // Its owner says what it is used for.
        let purpose = asset.attribute("use");
        if terms.commercial != Commercial::No || purpose.is_some_and(|purpose| purpose != "commercial") {
            continue;
        }
        let how = match (purpose, used.get(&asset.id)) {
            (Some(_), _) => "vauban.toml says that its use is commercial".to_owned(),
            (None, Some(how)) => how.clone(),
            (None, None) => continue,
        };
        let message =
            format!("`{}` is under {licence}, which permits no commercial use, and {how}", asset.name);
        report.find(&asset.id, message, evidence(asset));
    }
}

/// What serves an asset, or serves something made from it.
fn uses(estate: &Estate<'_>) -> BTreeMap<AssetId, String> {
    let mut used = BTreeMap::new();
    for relation in estate.inventory.relations {
        let serves = matches!(relation.kind, RelationKind::Serves | RelationKind::Loads | RelationKind::Uses);
        let endpoint =
            estate.inventory.asset(&relation.from).filter(|asset| asset.kind == AssetKind::Endpoint);
        let Some(endpoint) = endpoint.filter(|_| serves) else { continue };
        used.entry(relation.to.clone()).or_insert_with(|| format!("`{}` answers with it", endpoint.name));
        for made in made_from(estate, &relation.to) {
            used.entry(made.to.clone()).or_insert_with(|| {
                format!("`{}` answers with `{}`, which was made from it", endpoint.name, relation.to.name())
            });
        }
    }
    used
}
