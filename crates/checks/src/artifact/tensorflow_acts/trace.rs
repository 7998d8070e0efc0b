//! Values followed back to the texts that they can be.

use std::collections::BTreeMap;

use vauban_formats::tensorflow::{Graph, Node, TensorFlow};

use super::{Spot, base, line, spot};

/// Steps of following a value back.
const STEPS: usize = 400;

/// Which nodes call a function: graph and node.
pub(super) type Callers<'a> = BTreeMap<&'a str, Vec<(usize, &'a Node)>>;

/// Which nodes call a function: graph and node.
pub(super) fn callers(model: &TensorFlow) -> Callers<'_> {
    let mut callers: Callers<'_> = BTreeMap::new();
    for (index, graph) in model.graphs.iter().enumerate() {
        for node in &graph.nodes {
            for (key, function) in &node.functions {
                if key == "f" {
                    callers.entry(function).or_default().push((index, node));
                }
            }
            if model.functions.contains(&node.op) {
                callers.entry(&node.op).or_default().push((index, node));
            }
        }
    }
    callers
}

/// Follows a value back to the texts that it can be.
pub(super) struct Trace<'j, 'a> {
    model: &'a TensorFlow,
    callers: &'j Callers<'a>,
    steps: usize,
    pub(super) lines: Vec<String>,
    /// Whether it is the path of a file that belongs to the model.
    pub(super) asset: bool,
    /// Whether something on the way is only known when the graph runs.
    pub(super) open: bool,
}

impl<'j, 'a> Trace<'j, 'a> {
    /// A trace that begins at `node`.
    pub(super) fn new(model: &'a TensorFlow, callers: &'j Callers<'a>, node: &Node) -> Self {
        Self { model, callers, steps: STEPS, lines: vec![line(node)], asset: false, open: false }
    }

    pub(super) fn follow(&mut self, graph: usize, input: &'a str, depth: usize) -> Vec<String> {
        let Some(steps) = self.steps.checked_sub(1).filter(|_| depth < 24 && !input.starts_with('^')) else {
            return Vec::new();
        };
        self.steps = steps;
        let Some(here) = self.model.graphs.get(graph) else { return Vec::new() };
        let name = base(input);
        let Some(node) = here.nodes.iter().find(|node| node.name == name) else {
            return self.argument(graph, here, name, depth);
        };
        if self.lines.len() < 8 {
            self.lines.push(line(node));
        }
        match node.op.as_str() {
            "Const" => {
                if self.model.assets.iter().any(|asset| asset.tensor == node.name) && here.name.is_empty() {
                    self.asset = true;
                }
                node.constant.as_ref().map(|constant| constant.texts.clone()).unwrap_or_default()
            }
            "StringJoin" => {
                let separator = node.text("separator").unwrap_or_default();
                let parts: Vec<Vec<String>> =
                    node.inputs.iter().map(|input| self.follow(graph, input, depth + 1)).collect();
                // The first part may be open: then the rest says nothing about where the path begins.
                let known = parts.first().is_some_and(|first| !first.is_empty());
                let joined: Vec<&str> =
                    parts.iter().filter_map(|part| part.first()).map(String::as_str).collect();
                let joined = joined.join(separator);
                let climbs = matches!(spot(&joined), Spot::Climbs);
                if known || climbs { vec![joined] } else { Vec::new() }
            }
            "Placeholder" | "PlaceholderV2" | "_Arg" | "VarHandleOp" | "ReadVariableOp" => {
                self.open = true;
                Vec::new()
            }
            "ShardedFilename" => {
                node.inputs.first().map_or_else(Vec::new, |input| self.follow(graph, input, depth + 1))
            }
            _ => {
                let mut found = Vec::new();
                for input in node.inputs.iter().take(32) {
                    found.extend(self.follow(graph, input, depth + 1));
                    found.truncate(64);
                }
                if node.inputs.is_empty() {
                    self.open = true;
                }
                found
            }
        }
    }

    /// An argument of a function: what its callers give.
    fn argument(&mut self, graph: usize, here: &'a Graph, name: &str, depth: usize) -> Vec<String> {
        let position = here.takes.iter().position(|taken| taken == name);
        let callers = self.callers.get(here.name.as_str()).cloned().unwrap_or_default();
        let mut found = Vec::new();
        if let Some(position) = position {
            for (index, caller) in callers.into_iter().take(8) {
                if index == graph {
                    continue;
                }
                if let Some(input) = caller.inputs.get(position) {
                    found.extend(self.follow(index, input, depth + 1));
                }
            }
        }
        if found.is_empty() {
            self.open = true;
        }
        found
    }
}
