//! Models with commands in their texts.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;

use super::command::command;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A text of the model is a command.
    pub const RULE: "model-command-text" {
        family: Artifact,
        severity: Medium,
        title: "a text of the model is a command",
        why: "names, notes and attributes of models are no place for programs: whoever runs, renders or evaluates them runs what stands there",
        remedy: "do not load it; get the model again from its publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-94", "CWE-506"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: HiddenPayload,
        when: FirstUse,
        loaders: "tools that evaluate or render texts of a model",
        source: "specifications named in the parsers",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let mut look = |place: &str, text: &str| {
        let Some(found) = command(text) else { return false };
        let message = format!("the text at `{}` is a command: `{}`", place.escape_debug(), found.excerpt);
        let locator = subject.locator.clone().at_key(place);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, found.word, found.excerpt)]);
        true
    };
    match subject.facts {
        Facts::Cntk(cntk) => _ = cntk.texts.iter().any(|(at, text)| look(&format!("byte {at}"), text)),
        Facts::Coreml(coreml) => _ = coreml.texts.iter().any(|(key, text)| look(key, text)),
        Facts::Mxnet(mxnet) => {
            let mut texts = mxnet.nodes.iter().flat_map(|node| &node.attributes);
            _ = texts.any(|(key, text)| look(key, text));
        }
        Facts::Onnx(onnx) => {
            let mut texts =
                onnx.metadata.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect::<Vec<_>>();
            texts.push(("doc_string", &onnx.doc_string));
            texts.push(("producer_name", &onnx.producer_name));
            if let Some(graph) = &onnx.graph {
                texts.push(("graph.doc_string", &graph.doc_string));
            }
            _ = texts.into_iter().any(|(key, text)| look(key, text));
        }
        Facts::Paddle(paddle) => {
            let mut texts = paddle.operators.iter().flat_map(|operator| &operator.texts);
            _ = texts.any(|(key, text)| look(key, text));
        }
        Facts::Rknn(rknn) => _ = rknn.texts.iter().any(|(at, text)| look(&format!("byte {at}"), text)),
        Facts::Tensorrt(engine) => {
            _ = engine.texts.iter().any(|(at, text)| look(&format!("byte {at}"), text))
        }
        Facts::Tflite(tflite) => _ = tflite.texts.iter().any(|text| look("name", text)),
        _ => {}
    }
}
