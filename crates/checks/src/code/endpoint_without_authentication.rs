//! `code-endpoint-without-authentication`.

use vauban_domain::{Evidence, rule};
use vauban_formats::python::Python;
use vauban_formats::python::serve::serving;

use super::call::place;
use crate::{Check, Look, Report, Subject};

rule! {
    /// Code answers requests with a model and asks nobody who they are.
    pub(super) const RULE: "code-endpoint-without-authentication" {
        family: Code,
        severity: Medium,
        title: "code serves a model to every machine without a sign-in",
        why: "everybody who reaches the port can query the model without limit: to copy it, to probe it for inputs that fool it, to run up its cost",
        remedy: "check a token in a dependency or middleware, or listen on 127.0.0.1 behind a gateway that does, and say so in vauban.toml",
        techniques: ["AML.T0040@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026", "ML05:2023"],
        threats: ["L1.2@2025-02"],
        source: "https://fastapi.tiangolo.com/tutorial/security/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Code(check) };

/// Only servers that say in the file that they listen on all addresses: others are started, and guarded, elsewhere.
fn check(subject: &Subject<'_, Python>, report: &mut Report) {
    let Some(serving) = serving(subject.facts) else { return };
    let open = serving.host.as_deref().is_some_and(|host| matches!(host, "0.0.0.0" | "::"));
    if !open || serving.signs_in || !serving.asks_model {
        return;
    }
    let key = format!("{}:{}", subject.locator.path, serving.framework);
    let routes =
        if serving.routes.is_empty() { serving.framework.to_owned() } else { serving.routes.join(", ") };
    let evidence =
        Evidence::new(place(subject, serving.line), key, routes.chars().take(120).collect::<String>());
    let message =
        format!("the {} server answers on all addresses and asks nobody who they are", serving.framework);
    report.find(&subject.asset.id, message, vec![evidence]);
}
