//! From protobuf to [`TensorFlow`].

use std::ops::Range;

use super::facts::{Asset, Constant, Graph, Kind, Node, TensorFlow};
use crate::protobuf::{Field, Fields, Payload, packed_varints};
use crate::{Defect, Input};

/// Texts kept of one attribute or constant, and bytes of each.
const TEXTS: usize = 64;
const TEXT: usize = 4096;
/// Defects kept.
const DEFECTS: usize = 64;

/// Attributes whose texts say nothing about what a node does.
const DULL: &[&str] = &["_class", "_output_shapes", "container", "data_format", "padding", "shared_name"];

/// A reader of messages within bounds.
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    input: Input<'a>,
    left: usize,
    depth: u32,
    pub(super) defects: Vec<Defect>,
    pub(super) facts: TensorFlow,
    /// Metadata of Keras, by the place where it stands.
    pub(super) metadata: Vec<(String, Range<usize>)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(input: &Input<'a>, bytes: &'a [u8], kind: Kind) -> Self {
        Self {
            bytes,
            input: *input,
            left: input.budget.limits.nodes.saturating_mul(4),
            depth: 0,
            defects: Vec::new(),
            facts: TensorFlow { kind, ..TensorFlow::default() },
            metadata: Vec::new(),
        }
    }

    fn defect(&mut self, defect: Defect) {
        if self.defects.len() < DEFECTS && !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }

    fn message(&mut self, range: Range<usize>, mut see: impl FnMut(&mut Self, Field)) {
        let at = range.start as u64;
        if self.depth > 64 {
            return self.defect(Defect::at("limit-depth", at, "nested deeper than is looked at"));
        }
        self.depth += 1;
        for field in Fields::new(self.bytes, range) {
            if self.left == 0 {
                self.defect(Defect::whole("limit-nodes", "more fields than are looked at in one file"));
                break;
            }
            self.left -= 1;
            if self.left.is_multiple_of(8192) && self.input.budget.is_stopped() {
                self.defect(Defect::whole("limit-time", "the time for the file was over"));
                self.left = 0;
                break;
            }
            match field {
                Ok(field) => see(self, field),
                Err(defect) => self.defect(defect),
            }
        }
        self.depth -= 1;
    }

    fn text(&self, field: &Field) -> String {
        let bytes = field.bytes().and_then(|range| self.bytes.get(range)).unwrap_or_default();
        String::from_utf8_lossy(bytes.get(..TEXT).unwrap_or(bytes)).into_owned()
    }

    /// Field 1 is the key and field 2 the value of an entry of a map.
    fn entry(&mut self, range: Range<usize>) -> (String, Option<Range<usize>>) {
        let (mut key, mut value) = (String::new(), None);
        self.message(range, |reader, field| match field.number {
            1 => key = reader.text(&field),
            2 => value = field.bytes(),
            _ => {}
        });
        (key, value)
    }

    pub(super) fn saved_model(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| {
            if let (2, Some(range)) = (field.number, field.bytes()) {
                reader.meta_graph(range);
            }
        });
    }

    pub(super) fn meta_graph(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, Some(range)) => reader.meta_info(range),
            (2, Some(range)) => reader.graph_def(range),
            (5, Some(range)) => {
                let (key, _) = reader.entry(range);
                reader.facts.signatures.push(key);
            }
            (6, Some(range)) => reader.asset(range),
            (7, Some(range)) => reader.objects(range),
            _ => {}
        });
    }

    fn meta_info(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (2, Some(range)) => reader.message(range, |reader, field| {
                if let (1, Some(range)) = (field.number, field.bytes()) {
                    let mut name = String::new();
                    reader.message(range, |reader, field| {
                        if field.number == 1 {
                            name = reader.text(&field);
                        }
                    });
                    reader.facts.listed.insert(name);
                }
            }),
            (4, Some(_)) => {
                let tag = reader.text(&field);
                reader.facts.tags.push(tag);
            }
            (5, Some(_)) => reader.facts.version = reader.text(&field),
            _ => {}
        });
    }

    fn asset(&mut self, range: Range<usize>) {
        let mut asset = Asset::default();
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, Some(range)) => reader.message(range, |reader, field| {
                if field.number == 1 {
                    asset.tensor = reader.text(&field).split(':').next().unwrap_or_default().to_owned();
                }
            }),
            (2, Some(_)) => asset.file = reader.text(&field),
            _ => {}
        });
        self.facts.assets.push(asset);
    }

    /// The graph of Python objects; Keras keeps its configurations in it.
    fn objects(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| {
            let (1, Some(range)) = (field.number, field.bytes()) else { return };
            reader.message(range, |reader, field| {
                let (4, Some(range)) = (field.number, field.bytes()) else { return };
                let (mut identifier, mut metadata) = (String::new(), None);
                reader.message(range, |reader, field| match field.number {
                    1 => identifier = reader.text(&field),
                    3 => metadata = field.bytes(),
                    _ => {}
                });
                reader.keep(identifier, metadata);
            });
        });
    }

    /// `SavedMetadata` of Keras.
    pub(super) fn keras_metadata(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| {
            let (1, Some(range)) = (field.number, field.bytes()) else { return };
            let (mut path, mut metadata) = (String::new(), None);
            reader.message(range, |reader, field| match field.number {
                3 => path = reader.text(&field),
                5 => metadata = field.bytes(),
                _ => {}
            });
            reader.keep(path, metadata);
        });
    }

    fn keep(&mut self, name: String, metadata: Option<Range<usize>>) {
        if let Some(range) = metadata.filter(|range| range.len() > 8)
            && self.metadata.len() < 10_000
        {
            self.metadata.push((name, range));
        }
    }

    pub(super) fn graph_def(&mut self, range: Range<usize>) {
        let mut graph = Graph::default();
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, Some(range)) => {
                let node = reader.node(range);
                graph.nodes.push(node);
            }
            (2, Some(range)) => reader.library(range),
            _ => {}
        });
        self.facts.graphs.push(graph);
    }

    fn library(&mut self, range: Range<usize>) {
        self.message(range, |reader, field| {
            let (1, Some(range)) = (field.number, field.bytes()) else { return };
            let mut graph = Graph::default();
            reader.message(range, |reader, field| match (field.number, field.bytes()) {
                (1, Some(range)) => {
                    reader.message(range, |reader, field| match (field.number, field.bytes()) {
                        (1, _) => graph.name = reader.text(&field),
                        (2, Some(range)) => reader.function_name(range, &mut graph.takes),
                        _ => {}
                    })
                }
                (3, Some(range)) => {
                    let node = reader.node(range);
                    graph.nodes.push(node);
                }
                (4, Some(range)) => {
                    let mut value = String::new();
                    reader.message(range, |reader, field| {
                        if field.number == 2 {
                            value = reader.text(&field);
                        }
                    });
                    graph.returns.push(value);
                }
                _ => {}
            });
            reader.facts.functions.insert(graph.name.clone());
            reader.facts.graphs.push(graph);
        });
    }

    fn node(&mut self, range: Range<usize>) -> Node {
        let mut node = Node::default();
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, _) => node.name = reader.text(&field),
            (2, _) => node.op = reader.text(&field),
            (3, _) => node.inputs.push(reader.text(&field)),
            (5, Some(range)) => {
                let (key, value) = reader.entry(range);
                if let Some(value) = value {
                    reader.attribute(key, value, &mut node);
                }
            }
            _ => {}
        });
        node
    }

    fn attribute(&mut self, key: String, range: Range<usize>, node: &mut Node) {
        if DULL.contains(&key.as_str()) {
            return;
        }
        let (mut texts, mut functions) = (Vec::new(), Vec::new());
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, Some(range)) => {
                reader.message(range, |reader, field| match (field.number, field.bytes()) {
                    (2, Some(_)) if texts.len() < TEXTS => texts.push(reader.text(&field)),
                    (9, Some(range)) => reader.function_name(range, &mut functions),
                    _ => {}
                });
            }
            (2, Some(_)) => texts.push(reader.text(&field)),
            (8, Some(range)) => node.constant = Some(reader.constant(range)),
            (10, Some(range)) => reader.function_name(range, &mut functions),
            _ => {}
        });
        texts.retain(|text| !text.is_empty());
        if !texts.is_empty() {
            node.texts.push((key.clone(), texts));
        }
        node.functions.extend(functions.into_iter().map(|name| (key.clone(), name)));
    }

    fn function_name(&mut self, range: Range<usize>, to: &mut Vec<String>) {
        self.message(range, |reader, field| {
            if field.number == 1 && to.len() < 1000 {
                to.push(reader.text(&field));
            }
        });
    }

    fn constant(&mut self, range: Range<usize>) -> Constant {
        let at = range.start as u64;
        let mut constant = Constant::default();
        let mut content: Option<Range<usize>> = None;
        self.message(range, |reader, field| match (field.number, field.bytes()) {
            (1, None) => constant.dtype = field.varint().unwrap_or_default(),
            (2, Some(range)) => reader.message(range, |reader, field| {
                if let (2, Some(range)) = (field.number, field.bytes()) {
                    let mut extent = 0;
                    reader.message(range, |_, field| {
                        if field.number == 1 {
                            extent = field.varint().unwrap_or_default().cast_signed();
                        }
                    });
                    constant.shape.push(extent);
                }
            }),
            (4, Some(range)) => {
                constant.stored += range.len() as u64;
                content = Some(range);
            }
            (8, Some(range)) => {
                constant.stored += range.len() as u64;
                if constant.texts.len() < TEXTS {
                    constant.texts.push(reader.text(&field));
                }
            }
            (7 | 10 | 11, _) => {
                constant.stored += field.content.len() as u64;
                match field.payload {
                    Payload::Varint(value) => constant.integers.push(value.cast_signed()),
                    _ => constant.integers.extend(
                        packed_varints(reader.bytes, field.content.clone())
                            .take(TEXTS)
                            .filter_map(Result::ok)
                            .map(u64::cast_signed),
                    ),
                }
                constant.integers.truncate(TEXTS);
            }
            _ => constant.stored += field.content.len() as u64,
        });
        if constant.shape.iter().any(|extent| *extent < 0) {
            let detail = format!("a constant has the extents {:?}", constant.shape);
            self.defect(Defect::at("tensorflow-dimensions", at, detail));
        }
        if let Some(raw) = content.and_then(|range| self.bytes.get(range)) {
            match constant.dtype {
                3 => constant.integers.extend(
                    raw.as_chunks::<4>()
                        .0
                        .iter()
                        .take(TEXTS)
                        .map(|four| i64::from(i32::from_le_bytes(*four))),
                ),
                9 => constant.integers.extend(
                    raw.as_chunks::<8>().0.iter().take(TEXTS).map(|eight| i64::from_le_bytes(*eight)),
                ),
                10 => constant.integers.extend(raw.iter().take(TEXTS).map(|byte| i64::from(*byte))),
                _ => {}
            }
        }
        constant
    }
}
