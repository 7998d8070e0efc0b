//! Declared flows that findings speak against.

use vauban_domain::{AssetId, Evidence, Finding, FlowFacts, Outcome, Verdict, rule};

use super::scope::named;
use crate::{Check, Inventory, Look, Looks};

rule! {
    /// A finding speaks against what a declared flow says of authentication, encryption or a person who looks.
    pub const RULE: "flow-contradicted" {
        family: Declaration,
        severity: High,
        title: "declared flow is contradicted by a finding",
        why: "the threat model counts on callers being known, on nobody reading along or on a person who looks, and what was found says otherwise",
        remedy: "put in place what the flow declares, or declare it as it is: `authentication = \"none\"`, `protocol = \"http\"`, `human_gate = \"no\"`",
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

/// One thing that a flow can say of itself, and what speaks against it.
struct Claim {
    /// Key of the flow.
    key: &'static str,
    /// Its value, where it promises something.
    promised: fn(&FlowFacts) -> Option<String>,
    /// Rules whose findings say that the promise is not kept.
    rules: &'static [&'static str],
    /// Whether that can be seen at the source of the flow too.
    at_source: bool,
    /// What such an asset does.
    instead: &'static str,
}

const CLAIMS: [Claim; 3] = [
    Claim {
        key: "authentication",
        promised: |flow| flow.authentication.clone().filter(|how| !how.eq_ignore_ascii_case("none")),
        rules: &[
            "agent-card-without-authentication",
            "code-endpoint-without-authentication",
            "compose-service-without-authentication",
            "endpoint-without-authentication",
            "mcp-remote-without-authentication",
            "service-without-authentication",
        ],
        at_source: false,
        instead: "asks nobody",
    },
    Claim {
        key: "protocol",
        promised: |flow| flow.protocol.clone().filter(|protocol| is_encrypted(protocol)),
        rules: &[
            "agent-card-without-tls",
            "code-model-endpoint-without-tls",
            "mcp-remote-without-tls",
            "service-exposed-without-tls",
            "store-remote-without-tls",
            "training-traffic-unencrypted",
        ],
        at_source: false,
        instead: "is reached in the clear",
    },
    Claim {
        key: "human_gate",
        promised: |flow| (flow.human_gate == Some(true)).then(|| "yes".to_owned()),
        rules: &["agent-approval-bypassed", "agent-tool-without-approval"],
        at_source: true,
        instead: "acts without asking a person",
    },
];

/// Whether nobody who listens can read along.
fn is_encrypted(protocol: &str) -> bool {
    let protocol = protocol.to_ascii_lowercase();
    let known = ["amqps", "ftps", "grpcs", "https", "ldaps", "mqtts", "rediss", "sftp", "ssh", "wss"];
    protocol.contains("tls") || known.contains(&protocol.as_str())
}

/// Flows that promise what a finding at one of their ends speaks against, one finding per flow, promise and asset. Needs the
/// findings of all other rules, so the engine calls it after them; the check itself finds nothing.
pub(super) fn contradicted(inventory: &Inventory<'_>, findings: &[Finding]) -> Looks {
    let mut looks = Looks::default();
    for flow in &inventory.declaration.flows {
        let facts = FlowFacts::of(&flow.attributes);
        for claim in &CLAIMS {
            let Some(promised) = (claim.promised)(&facts) else { continue };
            let mut ends: Vec<&AssetId> = named(inventory, &flow.to);
            if claim.at_source {
                ends.extend(named(inventory, &flow.from));
            }
            looks.outcomes.extend(ends.iter().map(|asset| Outcome {
                rule: RULE.id.clone(),
                asset: (*asset).clone(),
                verdict: Verdict::Clean,
            }));
            for end in ends {
                let speaks = |finding: &&Finding| {
                    finding.asset == *end && claim.rules.contains(&finding.rule.as_ref())
                };
                let Some(against) = findings.iter().find(speaks) else { continue };
                let key = format!("{} -> {}: {}", flow.from, flow.to, claim.key);
                let said = format!("{} = \"{promised}\"", claim.key);
                let mut evidence = vec![Evidence::new(flow.locator.clone(), key.clone(), said.clone())];
                if let Some(seen) = against.evidence.first() {
                    evidence.push(Evidence::new(seen.locator.clone(), key, against.message.clone()));
                }
                let message = format!(
                    "the flow from `{}` is declared with {said}, and {end} {}",
                    flow.from, claim.instead
                );
                looks.found(Finding::new(&RULE, end, message, evidence));
            }
        }
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_speaks_against_a_flow_are_rules_that_exist() {
        for rule in CLAIMS.iter().flat_map(|claim| claim.rules) {
            assert!(crate::all().any(|check| check.rule.id == *rule), "{rule}");
        }
        assert!(CLAIMS.iter().all(|claim| claim.rules.is_sorted()));
    }
}
