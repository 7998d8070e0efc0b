//! ONNX models that take memory or time without bound.

use std::collections::{BTreeMap, BTreeSet};
use vauban_domain::{Evidence, rule};

use vauban_formats::onnx::{AttributeValue, Graph, Node, Onnx, Tensor};

use crate::{Check, Look, Report, Subject};

rule! {
    /// The model takes memory or time without bound.
    pub const RULE: "onnx-resource-exhaustion" {
        family: Artifact,
        severity: Medium,
        title: "the model takes memory or time without bound",
        why: "a constant shape that no machine can hold, or functions that call each other, stop the service that loads the model",
        remedy: "do not load it; ask for the model again",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-400", "CWE-674"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L3.4@2025-02"],
        effect: ResourceExhaustion,
        when: Load,
        loaders: "onnxruntime, onnx.checker, converters",
        source: "ONNX IR specification, functions; operators ConstantOfShape, Expand, Tile",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Onnx(check) };

/// Elements beyond which no machine could hold a tensor.
const MOST_ELEMENTS: u64 = 1 << 36;

fn check(subject: &Subject<'_, Onnx>, report: &mut Report) {
    let onnx = subject.facts;
    if let Some(name) = recursive(onnx) {
        let message =
            format!("the function `{}` calls itself, directly or through others", name.escape_debug());
        let evidence =
            Evidence::new(subject.locator.clone().at_key(name.clone()), "recursive function", name);
        report.find(&subject.asset.id, message, vec![evidence]);
    }
    let Some(graph) = &onnx.graph else { return };
    let constants = constants(graph);
    onnx.visit_nodes(&mut |node| {
        let at = match node.op.as_str() {
            "ConstantOfShape" => 0,
            "Expand" | "Tile" => 1,
            _ => return,
        };
        let Some(numbers) = node.inputs.get(at).and_then(|name| constants.get(name.as_str())) else { return };
        let elements =
            numbers.iter().fold(1_u64, |product, number| product.saturating_mul(number.unsigned_abs()));
        if elements > MOST_ELEMENTS {
            let message = format!("`{}` makes {elements} elements out of {numbers:?}", node.op);
            let locator = subject.locator.clone().at_key(node.name.clone());
            let key = format!("{} too large", node.op);
            report.find(
                &subject.asset.id,
                message,
                vec![Evidence::new(locator, key, format!("{numbers:?}"))],
            );
        }
    });
}

/// Small constants of integers by name.
fn constants(graph: &Graph) -> BTreeMap<&str, &[i64]> {
    let mut found: BTreeMap<&str, &[i64]> = BTreeMap::new();
    fn take<'a>(found: &mut BTreeMap<&'a str, &'a [i64]>, name: &'a str, tensor: &'a Tensor) {
        if !tensor.integers.is_empty() {
            found.insert(name, tensor.integers.as_slice());
        }
    }
    for tensor in &graph.initialisers {
        take(&mut found, &tensor.name, tensor);
    }
    for node in graph.nodes.iter().filter(|node| node.op == "Constant") {
        if let (Some(AttributeValue::Tensor(tensor)), Some(output)) =
            (node.attribute("value"), node.outputs.first())
        {
            take(&mut found, output, tensor);
        }
    }
    found
}

/// A function that leads back to itself.
fn recursive(onnx: &Onnx) -> Option<String> {
    let index = |node: &Node| {
        onnx.functions.iter().position(|function| function.name == node.op && function.domain == node.domain)
    };
    let calls: Vec<BTreeSet<usize>> =
        onnx.functions.iter().map(|function| function.nodes.iter().filter_map(index).collect()).collect();
    for (start, function) in onnx.functions.iter().enumerate().take(1000) {
        let (mut seen, mut next) = (BTreeSet::new(), vec![start]);
        while let Some(at) = next.pop() {
            for call in calls.get(at).into_iter().flatten() {
                if *call == start {
                    return Some(function.name.clone());
                }
                if seen.insert(*call) {
                    next.push(*call);
                }
            }
        }
    }
    None
}
