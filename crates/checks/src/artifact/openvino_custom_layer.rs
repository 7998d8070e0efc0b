//! OpenVINO models that need code from elsewhere.

use vauban_domain::{Evidence, Severity, rule};
use vauban_formats::openvino::OpenVino;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model needs code that OpenVINO does not ship.
    pub const RULE: "openvino-custom-layer" {
        family: Artifact,
        severity: Medium,
        title: "the model needs code that OpenVINO does not ship",
        why: "custom layers come as native libraries or kernels that whoever loads the model must install and trust",
        remedy: "find out which library provides the layer, or convert the model again with operators of OpenVINO's own",
        techniques: ["AML.T0018.001@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-829", "CWE-114"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: CodeExecution,
        when: Load,
        loaders: "openvino.Core with add_extension, or with CONFIG_FILE for kernels",
        source: "OpenVINO documentation, extensibility mechanism",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::OpenVino(check) };

fn check(subject: &Subject<'_, OpenVino>, report: &mut Report) {
    let model = subject.facts;
    let mut tell = |key: &str, message: String, shown: &str, severity: Severity| {
        let evidence = Evidence::new(subject.locator.clone().at_key(key), key, shown);
        report.find_as(severity, &subject.asset.id, message, vec![evidence]);
    };
    for (kind, set) in &model.custom {
        let message = format!(
            "layer `{}` of the set `{}` is none that OpenVINO has",
            kind.escape_debug(),
            set.escape_debug()
        );
        tell(&format!("{set}::{kind}"), message, kind, Severity::Medium);
    }
    for (place, file) in &model.files {
        let outside = file.starts_with(['/', '\\', '~'])
            || file.contains("://")
            || file.split(['/', '\\']).any(|part| part == "..");
        let native = [".so", ".dll", ".dylib"].iter().any(|end| file.ends_with(end));
        if !(outside || native) || place.starts_with("weights_path") && !file.contains("..") {
            continue;
        }
        let message = format!("`{}` names the file `{}`", place.escape_debug(), file.escape_debug());
        let severity = if native { Severity::High } else { Severity::Medium };
        tell(&format!("{place} {file}"), message, file, severity);
    }
    if let Some(kernel) = model.kernels.first() {
        tell(
            "kernel",
            "source code of a kernel is compiled when the model is loaded".to_owned(),
            kernel,
            Severity::Medium,
        );
    }
}
