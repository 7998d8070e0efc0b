//! XML whose entities grow without end.

use vauban_domain::{Evidence, rule};
use vauban_formats::xml::Xml;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The entities of the document grow until memory is full.
    pub const RULE: "xml-entity-expansion" {
        family: Artifact,
        severity: Medium,
        title: "the entities of the document grow until memory is full",
        why: "entities made of entities turn a kilobyte into terabytes in the reader's memory",
        remedy: "do not read it; a model needs no entities, so get it again from its publisher",
        techniques: ["AML.T0029@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-776"],
        owasp: ["LLM10:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: ResourceExhaustion,
        when: Load,
        loaders: "readers of PMML, OpenVINO and other XML without a bound on entities",
        source: "CWE-776",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Xml(check) };

/// Characters that no honest entity stands for.
const MOST: u64 = 1 << 20;

fn check(subject: &Subject<'_, Xml>, report: &mut Report) {
    let xml = subject.facts;
    let message = if xml.endless {
        "an entity contains itself".to_owned()
    } else if xml.expanded > MOST {
        format!("{} entities grow to {} characters", xml.entities.len(), xml.expanded)
    } else {
        return;
    };
    let shown: Vec<String> = xml
        .entities
        .iter()
        .rev()
        .take(3)
        .map(|entity| format!("{} = {}", entity.name, entity.value.chars().take(60).collect::<String>()))
        .collect();
    let evidence = Evidence::new(subject.locator.clone(), "entities", shown.join("; "));
    report.find(&subject.asset.id, message, vec![evidence]);
}
