//! Packages of `torch.package` with Python sources that start programs or reach further.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::torch::{Kind, Torch};

use super::bytecode::{Able, able};
use crate::{Check, Look, Report, Subject};

rule! {
    /// The package holds Python that runs when an object is loaded.
    pub const RULE: "torch-package-code" {
        family: Artifact,
        severity: High,
        title: "the package holds Python that runs when an object is loaded",
        why: "sources in such a package are imported, and so run, when an object out of it is loaded",
        remedy: "read the sources named here before you load it, or ask the publisher for weights without code",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09", "AML.M0013@2026.09"],
        weaknesses: ["CWE-94", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "torch.package.PackageImporter",
        source: "PyTorch documentation of `torch.package`, warning on untrusted data",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Torch(check) };

fn check(subject: &Subject<'_, Torch>, report: &mut Report) {
    if subject.facts.kind != Kind::Package {
        return;
    }
    let mut plain = Vec::new();
    for member in &subject.parsed.members {
        let Facts::Python(python) = &member.parsed.facts else { continue };
        let names = python
            .calls
            .iter()
            .map(|call| call.callee.as_str())
            .chain(python.imports.iter().map(|import| import.path.as_str()));
        match able(names, std::iter::empty()) {
            Some((Able::Harm, names)) => {
                let names = names.join(", ");
                let message = format!("`{}` uses {names}", member.name.escape_debug());
                let evidence =
                    Evidence::new(subject.locator.clone().in_member(&member.name), names.clone(), names);
                report.find(&subject.asset.id, message, vec![evidence]);
            }
            _ => plain.push(member.name.as_str()),
        }
    }
    if !plain.is_empty() {
        let message = format!("{} Python sources are imported when an object is loaded", plain.len());
        let shown = plain.iter().take(8).copied().collect::<Vec<_>>().join("\n");
        let evidence = Evidence::new(subject.locator.clone(), "sources", shown);
        report.find_as(Severity::Low, &subject.asset.id, message, vec![evidence]);
    }
}
