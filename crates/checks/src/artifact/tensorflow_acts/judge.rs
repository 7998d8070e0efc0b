//! Every node judged: what it opens, calls, or asks for.

use std::collections::BTreeMap;

use vauban_domain::Severity;
use vauban_formats::tensorflow::{Constant, Graph, Kind as File, Node, TensorFlow};

use super::places::{PYTHON, Use, Where, place};
use super::trace::{Callers, Trace, callers};
use super::{Act, Kind, Spot, base, is_extension, is_known, line, spot};

/// Elements of a constant beyond which no machine could hold it.
const MOST_ELEMENTS: u64 = 1 << 36;
/// Acts kept.
const ACTS: usize = 500;
/// Readers of queues, from before data sets.
const LEGACY_READERS: &[&str] = &[
    "FixedLengthRecordReader",
    "FixedLengthRecordReaderV2",
    "LMDBReader",
    "ReaderRead",
    "ReaderReadUpTo",
    "ReaderReadUpToV2",
    "ReaderReadV2",
    "TFRecordReader",
    "TFRecordReaderV2",
    "TextLineReader",
    "TextLineReaderV2",
    "WholeFileReader",
    "WholeFileReaderV2",
];

/// A model while it is judged.
pub(super) struct Judge<'a> {
    model: &'a TensorFlow,
    callers: Callers<'a>,
    acts: Vec<Act>,
}

type Names<'a> = BTreeMap<&'a str, &'a Node>;

impl<'a> Judge<'a> {
    pub(super) fn new(model: &'a TensorFlow) -> Self {
        Self { model, callers: callers(model), acts: Vec::new() }
    }

    pub(super) fn acts(mut self) -> Vec<Act> {
        for index in 0..self.model.graphs.len() {
            self.graph(index);
        }
        self.assets();
        self.acts
    }

    /// Files that belong to the model lie in its folder.
    fn assets(&mut self) {
        for asset in &self.model.assets {
            if spot(&asset.file) != Spot::Inside && self.acts.len() < ACTS {
                let message =
                    format!("the asset `{}` lies outside the model's folder", asset.file.escape_debug());
                let name = format!("asset {}", asset.file);
                let (place, chain) = (asset.tensor.clone(), asset.file.clone());
                self.acts.push(Act {
                    kind: Kind::Files,
                    severity: Severity::High,
                    name,
                    place,
                    message,
                    chain,
                });
            }
        }
    }

    fn graph(&mut self, index: usize) {
        let Some(graph) = self.model.graphs.get(index) else { return };
        for node in &graph.nodes {
            self.node(index, graph, node);
        }
    }

    fn tell(
        &mut self,
        (graph, node): (&Graph, &Node),
        kind: Kind,
        severity: Severity,
        name: String,
        message: String,
        chain: String,
    ) {
        if self.acts.len() < ACTS && !self.acts.iter().any(|act| act.kind == kind && act.name == name) {
            let place = if graph.name.is_empty() {
                node.name.clone()
            } else {
                format!("{}/{}", graph.name, node.name)
            };
            self.acts.push(Act { kind, severity, name, place, message, chain });
        }
    }

    fn node(&mut self, index: usize, graph: &'a Graph, node: &'a Node) {
        let op = node.op.as_str();
        if PYTHON.contains(&op) {
            let token = node.text("token").unwrap_or_default().escape_debug();
            let message = format!("`{op}` calls Python in the process that runs the graph (token `{token}`)");
            let listing = line(node);
            return self.tell((graph, node), Kind::Code, Severity::High, op.to_owned(), message, listing);
        }
        if matches!(op, "Const" | "Fill") {
            return self.size(graph, node);
        }
        if matches!(op, "While" | "StatelessWhile" | "_While") {
            return self.endless(graph, node);
        }
        if let Some((how, place)) = place(op) {
            return self.place(index, graph, node, how, place);
        }
        if op == "Abort" {
            let message = "`Abort` ends the process that runs the graph".to_owned();
            return self.tell(
                (graph, node),
                Kind::Exhaustion,
                Severity::High,
                op.to_owned(),
                message,
                line(node),
            );
        }
        if LEGACY_READERS.contains(&op) {
            let quiet = self.model.kind != File::SavedModel;
            let severity = if quiet { Severity::Low } else { Severity::Medium };
            let message = format!("`{op}` reads files that a queue names, which no model for serving does");
            return self.tell((graph, node), Kind::Files, severity, op.to_owned(), message, line(node));
        }
        if op.starts_with("RpcC") || op.starts_with("RpcS") {
            let message = format!("`{op}` calls another machine");
            return self.tell(
                (graph, node),
                Kind::Network,
                Severity::High,
                op.to_owned(),
                message,
                line(node),
            );
        }
        if !op.is_empty() && !is_known(op) && !self.model.functions.contains(op) {
            let (severity, from) = if is_extension(op) {
                (Severity::Low, "a well-known extension of TensorFlow")
            } else {
                (Severity::Medium, "no known library")
            };
            let message = format!("operator `{}` comes from {from}", op.escape_debug());
            self.tell((graph, node), Kind::Custom, severity, op.to_owned(), message, line(node));
        }
    }

    fn size(&mut self, graph: &'a Graph, node: &'a Node) {
        let elements = if node.op == "Const" {
            node.constant.as_ref().map_or(0, Constant::elements)
        } else {
            let names = names(graph);
            let first = node.inputs.first().and_then(|input| names.get(base(input)));
            let extents = first.and_then(|first| first.constant.as_ref());
            extents.map_or(0, |extents| {
                extents
                    .integers
                    .iter()
                    .fold(1, |product: u64, extent| product.saturating_mul(extent.unsigned_abs()))
            })
        };
        if elements > MOST_ELEMENTS {
            let message = format!("`{}` asks for {elements} elements at once", node.name.escape_debug());
            let name = format!("{} too large", node.op);
            self.tell((graph, node), Kind::Exhaustion, Severity::Medium, name, message, line(node));
        }
    }

    /// A loop whose condition is always true.
    fn endless(&mut self, graph: &'a Graph, node: &'a Node) {
        let Some((_, condition)) = node.functions.iter().find(|(key, _)| key == "cond") else { return };
        let Some(function) = self.model.graphs.iter().find(|graph| graph.name == *condition) else { return };
        let names = names(function);
        let mut at = function.returns.first().map(|value| base(value));
        for _ in 0..16 {
            let Some(source) = at.and_then(|name| names.get(name)) else { return };
            if source.op == "Const" {
                let always =
                    source.constant.as_ref().is_some_and(|constant| constant.integers.first() == Some(&1));
                if always {
                    let message = format!(
                        "the loop `{}` never ends: its condition is the constant true",
                        node.name.escape_debug()
                    );
                    self.tell(
                        (graph, node),
                        Kind::Exhaustion,
                        Severity::Medium,
                        "endless loop".to_owned(),
                        message,
                        line(node),
                    );
                }
                return;
            }
            if !source.op.starts_with("Identity") {
                return;
            }
            at = source.inputs.first().map(|input| base(input));
        }
    }

    fn place(&mut self, index: usize, graph: &'a Graph, node: &'a Node, how: Use, place: Where) {
        let op = node.op.as_str();
        let mut trace = Trace::new(self.model, &self.callers, node);
        let found = match place {
            Where::Attribute(key) => node
                .texts
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, texts)| texts.clone())
                .unwrap_or_default(),
            Where::Input(at) => {
                node.inputs.get(at).map_or_else(Vec::new, |input| trace.follow(index, input, 0))
            }
        };
        let (asset, open) = (trace.asset, trace.open);
        let chain = trace.lines.join("\n");
        let training = self.model.kind == File::MetaGraph;
        if matches!(place, Where::Attribute(_)) {
            let harmless = |text: &str| {
                !(text.contains("://") || text.starts_with('/') || text.split('/').any(|part| part == ".."))
                    || matches!(text, "local://")
                    || text.starts_with("memmapped_package://")
                    || text.starts_with("bytes://")
            };
            for text in found.iter().filter(|text| !harmless(text)) {
                let network =
                    ["grpc://", "http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
                let kind = if network { Kind::Network } else { Kind::Files };
                let verb = if network {
                    "sends values to"
                } else if how == Use::Write {
                    "writes"
                } else {
                    "reads"
                };
                let message = format!("`{op}` {verb} `{}`", text.escape_debug());
                self.tell(
                    (graph, node),
                    kind,
                    Severity::High,
                    format!("{op} {text}"),
                    message,
                    chain.clone(),
                );
            }
            if op.starts_with("Debug") && self.model.kind == File::SavedModel {
                let message = format!("`{op}` hands tensors to a debugger, which no model for serving does");
                self.tell((graph, node), Kind::Files, Severity::Medium, op.to_owned(), message, chain);
            }
            return;
        }
        let (verb, kind) = match how {
            Use::Connect => ("connects to", Kind::Network),
            Use::Write | Use::Save | Use::Log => ("writes", Kind::Files),
            _ => ("reads", Kind::Files),
        };
        let texts: Vec<&String> = found.iter().filter(|text| !text.is_empty()).collect();
        if asset && !matches!(how, Use::Write | Use::Connect) {
            return;
        }
        for text in &texts {
            let spot = spot(text);
            let quiet = if training { Severity::Low } else { Severity::Medium };
            let severity = match (how, spot) {
                (Use::Write, _) | (_, Spot::Sensitive | Spot::Climbs) => Severity::High,
                (Use::Connect, _) => Severity::High,
                (Use::Restore | Use::Save | Use::Log, Spot::Inside) => continue,
                (Use::Read, Spot::Absolute | Spot::Remote) => Severity::High,
                (Use::Read, Spot::Inside) => Severity::Medium,
                (Use::Records, Spot::Inside) => Severity::Low,
                (Use::Records, Spot::Remote) if !training => Severity::High,
                (Use::Save, _) => Severity::High,
                (Use::Restore, _) => Severity::Low,
                (Use::Records | Use::Log, _) => quiet,
            };
            let kind = if spot == Spot::Remote && kind == Kind::Files { Kind::Network } else { kind };
            let message =
                format!("`{op}` {verb} `{}`", text.chars().take(200).collect::<String>().escape_debug());
            self.tell((graph, node), kind, severity, format!("{op} {text}"), message, chain.clone());
        }
        if texts.is_empty() && (open || how == Use::Connect) {
            let has_assets = !self.model.assets.is_empty();
            let severity = match how {
                Use::Write => Severity::High,
                Use::Connect => Severity::Medium,
                Use::Read if has_assets => Severity::Low,
                Use::Read => Severity::Medium,
                _ => return,
            };
            let message = format!("`{op}` {verb} whatever its caller names");
            self.tell((graph, node), kind, severity, format!("{op} of a caller's choice"), message, chain);
        }
    }
}

fn names(graph: &Graph) -> Names<'_> {
    graph.nodes.iter().map(|node| (node.name.as_str(), node)).collect()
}
