//! ONNX models whose external data path is absolute or climbs.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, rule};
use vauban_formats::onnx::{Onnx, TensorData};

use super::archive_path_traversal::leaves;
use crate::{Check, Look, Report, Subject};

rule! {
    /// External tensor data lies outside the model's folder.
    pub const RULE: "onnx-external-data-escape" {
        family: Artifact,
        severity: High,
        title: "external tensor data lies outside the model's folder",
        why: "a loader that follows the path reads any file of its host into a tensor, where the model's outputs give it away",
        remedy: "do not load it; get the model again, with its data beside it",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-73"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        source: "ONNX external data specification; CVE-2024-27318",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Onnx(check) };

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let mut paths = BTreeSet::new();
    subject.facts.visit_tensors(&mut |tensor| {
        if let TensorData::External(external) = &tensor.data
            && (leaves(&external.location) || external.location.contains("://"))
        {
            paths.insert(external.location.clone());
        }
    });
    for path in paths {
        let shown: String = path.escape_debug().take(200).collect();
        let message = format!("external data at `{shown}` is outside the model's folder");
        let evidence = Evidence::new(subject.locator.clone(), path, shown);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
