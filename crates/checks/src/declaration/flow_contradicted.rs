//! Declared flows that findings speak against.

use vauban_domain::{AssetId, Evidence, Finding, FlowFacts, Outcome, Verdict, rule};

use super::scope::named;
use crate::{Check, Inventory, Look, Looks};

rule! {
    /// A finding speaks against what a declared flow says of authentication.
    pub const RULE: "flow-contradicted" {
        family: Declaration,
        severity: High,
        title: "declared flow is contradicted by a finding",
        why: "the threat model counts on callers being known, and the configuration lets in whoever reaches it",
        remedy: "put the declared authentication in place, or declare the flow as it is: `authentication = \"none\"`",
        techniques: ["AML.T0040@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: [],
        threats: [],
        source: "https://csrc.nist.gov/pubs/sp/800/53/a/r5/final",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(|_, _| {}) };

/// Rules whose findings say that an asset asks nobody who they are.
const SILENT: [&str; 5] = [
    "agent-card-without-authentication",
    "code-endpoint-without-authentication",
    "compose-service-without-authentication",
    "endpoint-without-authentication",
    "service-without-authentication",
];

/// Flows with a declared authentication whose target asks for none, one finding per flow and target. Needs the findings of all
/// other rules, so the engine calls it after them; the check itself finds nothing.
pub(super) fn contradicted(inventory: &Inventory<'_>, findings: &[Finding]) -> Looks {
    let mut looks = Looks::default();
    for flow in &inventory.declaration.flows {
        let Some(declared) = FlowFacts::of(&flow.attributes).authentication else { continue };
        if declared.eq_ignore_ascii_case("none") {
            continue;
        }
        let targets: Vec<&AssetId> = named(inventory, &flow.to);
        looks.outcomes.extend(targets.iter().map(|asset| Outcome {
            rule: RULE.id.clone(),
            asset: (*asset).clone(),
            verdict: Verdict::Clean,
        }));
        for target in targets {
            let against = findings
                .iter()
                .find(|finding| finding.asset == *target && SILENT.contains(&finding.rule.as_ref()));
            let Some(against) = against else { continue };
            let key = format!("{} -> {}", flow.from, flow.to);
            let said = format!("authentication = \"{declared}\"");
            let mut evidence = vec![Evidence::new(flow.locator.clone(), key.clone(), said)];
            if let Some(seen) = against.evidence.first() {
                evidence.push(Evidence::new(seen.locator.clone(), key, against.message.clone()));
            }
            let message = format!(
                "the flow from `{}` is declared with `{declared}`, and {} asks nobody",
                flow.from, target
            );
            looks.found(Finding::new(&RULE, target, message, evidence));
        }
    }
    looks
}
