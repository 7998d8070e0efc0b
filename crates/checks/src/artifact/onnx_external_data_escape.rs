//! ONNX models whose external data path is absolute or climbs.

use std::collections::BTreeSet;

use vauban_domain::{Evidence, rule};
use vauban_formats::onnx::{AttributeValue, Onnx, TensorData};

use super::escape::leaves;
use super::tensorflow_acts::{Spot, spot};
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
        effect: FileRead,
        when: Load,
        loaders: "onnx before 1.16.0 and converters; execution providers for paths in nodes",
        source: "ONNX external data specification; CVE-2024-27318",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Onnx(check) };

/// Attributes of nodes that hold a path.
const PATHS: &[&str] = &["DLC", "ep_cache_context", "engine", "library", "model_path", "shared_library"];

/// Whether a path leads out of the model's folder.
fn escapes(path: &str) -> bool {
    leaves(path) || path.contains("://") || path.contains('\0') || spot(path) != Spot::Inside
}

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let mut paths = BTreeSet::new();
    subject.facts.visit_tensors(&mut |tensor| {
        if let TensorData::External(external) = &tensor.data
            && escapes(&external.location)
        {
            paths.insert(external.location.clone());
        }
    });
    subject.facts.visit_nodes(&mut |node| {
        for attribute in node.attributes.iter().filter(|attribute| PATHS.contains(&attribute.name.as_str())) {
            if let AttributeValue::Text(bytes) = &attribute.value
                && let Ok(text) = std::str::from_utf8(bytes)
                && text.len() < 4096
                && escapes(text)
            {
                paths.insert(text.to_owned());
            }
        }
    });
    for path in paths {
        let shown: String = path.escape_debug().take(200).collect();
        let message = format!("external data at `{shown}` is outside the model's folder");
        let evidence = Evidence::new(subject.locator.clone(), path, shown);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
}
