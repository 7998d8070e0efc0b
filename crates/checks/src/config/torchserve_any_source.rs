//! `torchserve-any-source`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::serving::Product;

use crate::{Check, Look, Report, Subject};

rule! {
    /// TorchServe loads models from any address.
    pub const RULE: "torchserve-any-source" {
        family: Config,
        severity: High,
        title: "the model server loads models from any address",
        why: "whoever reaches the management interface registers a model archive of their own; its handler is Python that runs in the server",
        remedy: "set allowed_urls to the stores that models come from, and keep the management interface on 127.0.0.1",
        techniques: ["AML.T0049@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0019@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-918", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L4.2@2025-02"],
        source: "CVE-2023-43654; https://pytorch.org/serve/configuration.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let Facts::Serving(file) = subject.facts else { return };
    if file.product != Product::TorchServe {
        return;
    }
    let (line, said) = match file.setting("allowed_urls") {
        Some(setting) if is_any(&setting.value) => (setting.line, setting.value.clone()),
        // Without the setting everything is allowed; that matters where others reach the interface.
        None if file.is_managed_from_anywhere() => {
            let line = file.setting("management_address").map_or(1, |setting| setting.line);
            (line, "allowed_urls is not set".to_owned())
        }
        _ => return,
    };
    let place = subject.locator.clone().at_line(line);
    let evidence = Evidence::new(place, "allowed_urls", said);
    report.find(&subject.asset.id, "models may be registered from any address", vec![evidence]);
}

/// Whether some pattern of the list takes in every server.
fn is_any(value: &str) -> bool {
    value.split(',').map(str::trim).any(|pattern| {
        let rest = pattern.split_once("://").map(|(scheme, rest)| (scheme.to_lowercase(), rest));
        matches!(rest, Some((scheme, ".*" | ".+" | "*")) if scheme.contains("http")) || pattern == ".*"
    })
}
