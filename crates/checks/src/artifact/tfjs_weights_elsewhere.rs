//! TensorFlow.js models whose weight files lie elsewhere.

use vauban_domain::{Evidence, rule};
use vauban_formats::tensorflow::tfjs::Tfjs;

use super::tensorflow_acts::{Spot, spot};
use crate::{Check, Look, Report, Subject};

rule! {
    /// Weight files lie outside the model's folder.
    pub const RULE: "tfjs-weights-elsewhere" {
        family: Artifact,
        severity: High,
        title: "weight files lie outside the model's folder",
        why: "the loader fetches every path of the manifest: one that climbs reads other files, one that is an address brings in what nobody has looked at",
        remedy: "do not load it; get the model again, with its weights beside it",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22", "CWE-829"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "tf.loadGraphModel, tf.loadLayersModel, tfjs-node with file://",
        source: "tfjs-core/src/io/io_utils.ts and tfjs-node/src/io/file_system.ts",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Tfjs(check) };

fn check(subject: &Subject<'_, Tfjs>, report: &mut Report) {
    let outside =
        subject.facts.paths.iter().filter(|path| spot(path) != Spot::Inside || path.starts_with("data:"));
    for path in outside.take(100) {
        let shown: String = path.escape_debug().take(200).collect();
        let message = format!("weights at `{shown}` are outside the model's folder");
        report.find(
            &subject.asset.id,
            message,
            vec![Evidence::new(subject.locator.clone(), path.clone(), shown)],
        );
    }
}
