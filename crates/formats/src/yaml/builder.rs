//! Builds trees from events, with a budget for nodes, depth and what aliases copy.

use std::collections::{BTreeMap, BTreeSet};

use super::{DEPTH, Entry, Node, Value};
use crate::Defect;

/// Text that weighs as much as one node, so that aliases of long texts are bounded too.
const TEXT_PER_NODE: usize = 64;

/// A finished node that aliases may refer to.
struct Anchored {
    node: Node,
    weight: usize,
    height: usize,
}

/// A list or map that is being filled.
struct Frame {
    node: Node,
    anchor: usize,
    /// Key that waits for its value.
    key: Option<(String, u32)>,
    /// Key under which the finished node is put, for a node whose tag is kept.
    tag: Option<String>,
    weight: usize,
    height: usize,
}

/// Takes events, gives documents.
pub(super) struct Builder {
    frames: Vec<Frame>,
    /// Frames refused for their depth; their events are dropped until they end.
    skipped: usize,
    /// `None` for an anchor whose node is still open.
    anchors: BTreeMap<usize, Option<Anchored>>,
    documents: Vec<Node>,
    open: bool,
    nodes_left: usize,
    aliased_left: usize,
    full: bool,
    tag: Option<String>,
    defects: BTreeMap<&'static str, Defect>,
}

impl Builder {
    pub(super) fn new(nodes: usize, aliased_nodes: usize) -> Self {
        Self {
            frames: Vec::new(),
            skipped: 0,
            anchors: BTreeMap::new(),
            documents: Vec::new(),
            open: false,
            nodes_left: nodes,
            aliased_left: aliased_nodes,
            full: false,
            tag: None,
            defects: BTreeMap::new(),
        }
    }

    /// Whether the bound on nodes was hit; further events are pointless.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// The documents, and each kind of defect once.
    pub(super) fn finish(mut self) -> (Vec<Node>, Vec<Defect>) {
        self.abandon();
        (self.documents, self.defects.into_values().collect())
    }

    fn defect(&mut self, code: &'static str, line: u32, detail: &str) {
        self.defects.entry(code).or_insert_with(|| Defect::whole(code, format!("line {line}: {detail}")));
    }

    pub(super) fn start_document(&mut self, line: u32) {
        self.abandon();
        self.open = true;
        self.documents.push(Node { line, value: Value::Null });
    }

    pub(super) fn end_document(&mut self) {
        self.abandon();
    }

    /// Closes whatever is open, keeping what was read of it.
    pub(super) fn abandon(&mut self) {
        self.skipped = 0;
        while !self.frames.is_empty() {
            self.end();
        }
        self.anchors.clear();
        self.open = false;
    }

    fn charge(&mut self, line: u32) -> bool {
        if self.nodes_left == 0 {
            self.full = true;
            self.defect("limit-nodes", line, "more nodes than are looked at in one file");
            return false;
        }
        self.nodes_left -= 1;
        true
    }

    /// Says that the next node is the only value of a map with this key.
    pub(super) fn tagged(&mut self, tag: Option<String>) {
        self.tag = tag;
    }

    pub(super) fn scalar(&mut self, line: u32, text: &str, quoted: bool, anchor: usize) {
        let tag = self.tag.take();
        if self.skipped > 0 || !self.charge(line) {
            return;
        }
        let is_null = !quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL");
        let value = if is_null { Value::Null } else { Value::Scalar { text: text.to_owned(), quoted } };
        let weight = 1 + text.len() / TEXT_PER_NODE;
        self.place(wrapped(Node { line, value }, tag), weight, 0, anchor);
    }

    pub(super) fn start(&mut self, line: u32, map: bool, anchor: usize) {
        let tag = self.tag.take();
        if self.skipped > 0 || self.frames.len() >= DEPTH {
            self.skipped += 1;
            self.defect("limit-depth", line, "lists and maps are nested deeper than is looked at");
            return;
        }
        if !self.charge(line) {
            return;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, None);
        }
        let value = if map { Value::Map(Vec::new()) } else { Value::List(Vec::new()) };
        self.frames.push(Frame { node: Node { line, value }, anchor, key: None, tag, weight: 1, height: 1 });
    }

    pub(super) fn end(&mut self) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                // Something must stand where the refused collection stood, or keys and values change places.
                self.place(Node::default(), 1, 0, 0);
            }
            return;
        }
        let Some(mut frame) = self.frames.pop() else { return };
        if let (Some((key, line)), Value::Map(entries)) = (frame.key.take(), &mut frame.node.value) {
            entries.push(Entry { key, line, node: Node { line, value: Value::Null } });
        }
        if let Value::Map(entries) = &mut frame.node.value {
            let mut seen = BTreeSet::new();
            if let Some(twice) = entries.iter().find(|entry| entry.key != "<<" && !seen.insert(&entry.key)) {
                let (line, detail) = (twice.line, format!("the key `{}` is written twice", twice.key));
                self.defect("yaml-duplicate-key", line, &detail);
            }
            self.merge_keys(&mut frame);
        }
        let height = frame.height + usize::from(frame.tag.is_some());
        self.place(wrapped(frame.node, frame.tag), frame.weight, height, frame.anchor);
    }

    /// `<<` adds the entries of the maps it names that are not there already.
    fn merge_keys(&mut self, frame: &mut Frame) {
        let Value::Map(entries) = &mut frame.node.value else { return };
        if !entries.iter().any(|entry| entry.key == "<<" && (entry.node.is_map() || entry.node.is_list())) {
            return;
        }
        let (merged, mut kept): (Vec<Entry>, Vec<Entry>) =
            std::mem::take(entries).into_iter().partition(|entry| entry.key == "<<");
        let mut present: BTreeSet<String> = kept.iter().map(|entry| entry.key.clone()).collect();
        for source in merged.into_iter().flat_map(|entry| match entry.node.value {
            Value::List(items) => items,
            value => vec![Node { line: entry.node.line, value }],
        }) {
            if let Value::Map(more) = source.value {
                kept.extend(more.into_iter().filter(|entry| present.insert(entry.key.clone())));
            }
        }
        *entries = kept;
    }

    pub(super) fn alias(&mut self, line: u32, anchor: usize) {
        if self.skipped > 0 || !self.charge(line) {
            return;
        }
        let depth = self.frames.len();
        match self.anchors.get(&anchor) {
            Some(Some(known)) if known.weight <= self.aliased_left && depth + known.height <= DEPTH => {
                self.aliased_left -= known.weight;
                let (node, weight, height) = (known.node.clone(), known.weight, known.height);
                self.place(node, weight, height, 0);
                return;
            }
            Some(Some(known)) if known.weight <= self.aliased_left => {
                self.defect("limit-depth", line, "aliases nest lists and maps deeper than is looked at");
            }
            Some(None) => self.defect("limit-alias", line, "a node contains itself through an alias"),
            _ => self.defect("limit-alias", line, "aliases copy more than is looked at"),
        }
        self.place(Node { line, value: Value::Null }, 1, 0, 0);
    }

    pub(super) fn unknown_alias(&mut self, line: u32, name: &str) {
        if self.skipped > 0 || !self.charge(line) {
            return;
        }
        let detail = format!("nothing is called `&{name}`");
        self.defect("yaml-unknown-alias", line, &detail);
        self.place(Node { line, value: Value::Null }, 1, 0, 0);
    }

    /// Puts a finished node where it belongs: under the waiting key, into the list, or as the document.
    fn place(&mut self, node: Node, weight: usize, height: usize, anchor: usize) {
        if anchor > 0 {
            // The copy that waits for aliases is paid for like the copies they make.
            let kept = (weight <= self.aliased_left).then(|| {
                self.aliased_left -= weight;
                Anchored { node: node.clone(), weight, height }
            });
            if kept.is_some() {
                self.anchors.insert(anchor, kept);
            } else {
                self.anchors.remove(&anchor);
            }
        }
        let Some(frame) = self.frames.last_mut() else {
            if let (true, Some(document)) = (self.open, self.documents.last_mut()) {
                *document = node;
            }
            return;
        };
        frame.weight = frame.weight.saturating_add(weight);
        frame.height = frame.height.max(height + 1);
        match &mut frame.node.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => match frame.key.take() {
                Some((key, line)) => entries.push(Entry { key, line, node }),
                None => {
                    let line = node.line;
                    let key = match node.value {
                        Value::Scalar { text, .. } => text,
                        Value::Null => "null".to_owned(),
                        _ => "?".to_owned(),
                    };
                    frame.key = Some((key, line));
                }
            },
            _ => {}
        }
    }
}

/// The node, or a map with the node under the tag.
fn wrapped(node: Node, tag: Option<String>) -> Node {
    let Some(key) = tag else { return node };
    let line = node.line;
    Node { line, value: Value::Map(vec![Entry { key, line, node }]) }
}
