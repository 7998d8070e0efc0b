//! `torchserve-management-exposed`.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::Facts;
use vauban_formats::serving::Product;

use crate::{Check, Look, Report, Subject};

rule! {
    /// TorchServe's management interface listens on every address.
    pub const RULE: "torchserve-management-exposed" {
        family: Access,
        severity: High,
        title: "management interface of a model server listens on every address",
        why: "the interface registers, replaces and removes models: whoever reaches it decides what the server answers, and runs the handlers of a model of their own",
        remedy: "bind management_address to 127.0.0.1, and leave token authorisation on",
        techniques: ["AML.T0049@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["LLM03:2025", "ASI03:2026"],
        threats: ["L4.2@2025-02"],
        source: "https://pytorch.org/serve/management_api.html; CVE-2023-43654",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let Facts::Serving(file) = subject.facts else { return };
    if file.product != Product::TorchServe || !file.is_managed_from_anywhere() {
        return;
    }
    let line = file.setting("management_address").map_or(1, |setting| setting.line);
    // Since 0.11.1 the server asks for a token unless it is told not to.
    let asks = file.value("disable_token_authorization") == Some("false");
    let severity = if asks { Severity::Low } else { RULE.severity };
    let address = file.value("management_address").unwrap_or_default();
    let evidence = Evidence::new(subject.locator.clone().at_line(line), "management_address", address);
    let message = format!("models can be registered through `{address}`");
    report.find_as(severity, &subject.asset.id, message, vec![evidence]);
}
