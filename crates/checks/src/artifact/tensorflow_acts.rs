//! What running a TensorFlow graph does beyond computing: files, addresses, Python, operators of others.
//!
//! Operators are judged with their arguments: constants are followed through joins, choices and function calls to
//! the operator that opens them. Which operators exist: the registry of TensorFlow 2.21.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use vauban_domain::Severity;
use vauban_formats::tensorflow::{Constant, Graph, Kind as File, Node, TensorFlow};

/// Kind of effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Calls Python.
    Code,
    /// Reads or writes files.
    Files,
    /// Reaches the network.
    Network,
    /// Takes memory or time without bound.
    Exhaustion,
    /// An operator that TensorFlow does not ship.
    Custom,
}

/// One thing that a graph does.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    /// Stable name, `ReadFile /etc/passwd`.
    pub(super) name: String,
    /// Graph and node.
    pub(super) place: String,
    /// What happens, for people.
    pub(super) message: String,
    /// The nodes that lead here.
    pub(super) chain: String,
}

/// Names of TensorFlow's operators, sorted.
static OPERATORS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("tensorflow_operators.txt").lines().collect());

/// Beginnings of the names of operators that well-known extensions bring.
const EXTENSIONS: &[&str] = &[
    "Addons>",
    "Arrow",
    "CaseFoldUTF8",
    "Fast",
    "IO>",
    "NormalizeUTF8",
    "RegexSplit",
    "RougeL",
    "Sentencepiece",
    "SimpleML",
    "SplitMerge",
    "TFLite_Detection_PostProcess",
    "TFText",
    "TRTEngineOp",
    "Tokenizer",
    "UnicodeScriptTokenize",
    "WhitespaceTokenize",
    "WordpieceTokenize",
];

/// Whether TensorFlow itself ships the operator.
pub(super) fn is_known(op: &str) -> bool {
    OPERATORS.binary_search(&op).is_ok() || op.starts_with('_')
}

/// Whether a well-known extension ships it.
pub(super) fn is_extension(op: &str) -> bool {
    EXTENSIONS.iter().any(|start| op.starts_with(start))
}

/// How an operator uses the path that it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Reads the file whole: its content becomes a value.
    Read,
    /// Reads records, lines or table entries.
    Records,
    /// Reads tensors of a checkpoint.
    Restore,
    /// Writes a file.
    Write,
    /// Writes what training leaves: checkpoints.
    Save,
    /// Writes what training leaves: logs, caches.
    Log,
    /// Connects to an address.
    Connect,
}

/// Operators with a path or address: which input or attribute it is.
const PLACES: &[(&str, Use, Where)] = &[
    ("CSVDataset", Use::Records, Where::Input(0)),
    ("CSVDatasetV2", Use::Records, Where::Input(0)),
    ("CacheDataset", Use::Log, Where::Input(1)),
    ("CacheDatasetV2", Use::Log, Where::Input(1)),
    ("CreateSummaryDbWriter", Use::Log, Where::Input(1)),
    ("CreateSummaryFileWriter", Use::Log, Where::Input(1)),
    ("DTensorRestoreV2", Use::Restore, Where::Input(0)),
    ("DataServiceDataset", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV2", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV3", Use::Connect, Where::Input(2)),
    ("DataServiceDatasetV4", Use::Connect, Where::Input(2)),
    ("DatasetToTFRecord", Use::Write, Where::Input(1)),
    ("DebugIdentity", Use::Write, Where::Attribute("debug_urls")),
    ("DebugIdentityV2", Use::Write, Where::Attribute("debug_urls")),
    ("DebugIdentityV3", Use::Write, Where::Attribute("debug_urls")),
    ("DebugNanCount", Use::Write, Where::Attribute("debug_urls")),
    ("DebugNumericSummary", Use::Write, Where::Attribute("debug_urls")),
    ("DecodeProtoV2", Use::Records, Where::Attribute("descriptor_source")),
    ("DistributedSave", Use::Write, Where::Input(1)),
    ("DumpTensor", Use::Write, Where::Attribute("log_dir")),
    ("EncodeProto", Use::Records, Where::Attribute("descriptor_source")),
    ("ExperimentalCSVDataset", Use::Records, Where::Input(0)),
    ("ExperimentalDatasetToTFRecord", Use::Write, Where::Input(1)),
    ("ExperimentalLMDBDataset", Use::Records, Where::Input(0)),
    ("ExperimentalMatchingFilesDataset", Use::Records, Where::Input(0)),
    ("ExperimentalSqlDataset", Use::Records, Where::Input(1)),
    ("FixedLengthRecordDataset", Use::Records, Where::Input(0)),
    ("FixedLengthRecordDatasetV2", Use::Records, Where::Input(0)),
    ("ImmutableConst", Use::Read, Where::Attribute("memory_region_name")),
    ("InitializeTableFromTextFile", Use::Records, Where::Input(1)),
    ("InitializeTableFromTextFileV2", Use::Records, Where::Input(1)),
    ("LMDBDataset", Use::Records, Where::Input(0)),
    ("ListSnapshotChunksDataset", Use::Records, Where::Input(0)),
    ("LoadAndRemapMatrix", Use::Restore, Where::Input(0)),
    ("LoadDataset", Use::Records, Where::Input(0)),
    ("MatchingFiles", Use::Read, Where::Input(0)),
    ("MatchingFilesDataset", Use::Records, Where::Input(0)),
    ("MergeV2Checkpoints", Use::Save, Where::Input(1)),
    ("PrintV2", Use::Write, Where::Attribute("output_stream")),
    ("ReadFile", Use::Read, Where::Input(0)),
    ("ReaderReadUpToV2", Use::Records, Where::Input(1)),
    ("ReaderReadV2", Use::Records, Where::Input(1)),
    ("RegisterDataset", Use::Connect, Where::Input(1)),
    ("RegisterDatasetV2", Use::Connect, Where::Input(1)),
    ("Restore", Use::Restore, Where::Input(0)),
    ("RestoreSlice", Use::Restore, Where::Input(0)),
    ("RestoreV2", Use::Restore, Where::Input(0)),
    ("RpcClient", Use::Connect, Where::Input(0)),
    ("RpcServer", Use::Connect, Where::Input(0)),
    ("Save", Use::Save, Where::Input(0)),
    ("SaveDataset", Use::Write, Where::Input(1)),
    ("SaveDatasetV2", Use::Write, Where::Input(1)),
    ("SaveSlices", Use::Save, Where::Input(0)),
    ("SaveV2", Use::Save, Where::Input(0)),
    ("SnapshotDataset", Use::Log, Where::Input(1)),
    ("SnapshotDatasetReader", Use::Records, Where::Input(0)),
    ("SnapshotDatasetV2", Use::Log, Where::Input(1)),
    ("SqlDataset", Use::Records, Where::Input(1)),
    ("TFRecordDataset", Use::Records, Where::Input(0)),
    ("TFRecordDatasetV2", Use::Records, Where::Input(0)),
    ("TextLineDataset", Use::Records, Where::Input(0)),
    ("WriteFile", Use::Write, Where::Input(0)),
];

/// Where an operator takes its path from.
#[derive(Debug, Clone, Copy)]
enum Where {
    Input(usize),
    Attribute(&'static str),
}

/// Operators that run Python.
pub(super) const PYTHON: &[&str] = &["EagerPyFunc", "PyFunc", "PyFuncStateless"];

/// What one operator could do, whatever its arguments: for formats whose arguments are not followed.
pub(super) fn power(op: &str) -> Option<Kind> {
    if PYTHON.contains(&op) {
        return Some(Kind::Code);
    }
    if op.starts_with("Rpc") {
        return Some(Kind::Network);
    }
    let index = PLACES.binary_search_by(|(name, ..)| (*name).cmp(op)).ok()?;
    match PLACES.get(index)?.1 {
        Use::Read | Use::Write => Some(Kind::Files),
        Use::Connect => Some(Kind::Network),
        Use::Records | Use::Restore | Use::Save | Use::Log => {
            (!op.starts_with("InitializeTable") && !op.starts_with("PrintV2")).then_some(Kind::Files)
        }
    }
}

/// Elements of a constant beyond which no machine could hold it.
const MOST_ELEMENTS: u64 = 1 << 36;
/// Steps of following a value back.
const STEPS: usize = 400;
/// Acts kept.
const ACTS: usize = 500;

/// Everything that the graph and its functions do beyond computing, each operator and place once.
pub(super) fn acts(model: &TensorFlow) -> Vec<Act> {
    let mut judge = Judge { model, callers: callers(model), acts: Vec::new() };
    for index in 0..model.graphs.len() {
        judge.graph(index);
    }
    judge.acts
}

/// Which nodes call a function: graph and node.
fn callers(model: &TensorFlow) -> BTreeMap<&str, Vec<(usize, &Node)>> {
    let mut callers: BTreeMap<&str, Vec<(usize, &Node)>> = BTreeMap::new();
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

struct Judge<'a> {
    model: &'a TensorFlow,
    callers: BTreeMap<&'a str, Vec<(usize, &'a Node)>>,
    acts: Vec<Act>,
}

type Names<'a> = BTreeMap<&'a str, &'a Node>;

impl<'a> Judge<'a> {
    fn graph(&mut self, index: usize) {
        let Some(graph) = self.model.graphs.get(index) else { return };
        for node in &graph.nodes {
            self.node(index, graph, node);
        }
    }

    fn tell(
        &mut self,
        kind: Kind,
        severity: Severity,
        graph: &Graph,
        node: &Node,
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
            return self.tell(Kind::Code, Severity::High, graph, node, op.to_owned(), message, listing);
        }
        if matches!(op, "Const" | "Fill") {
            return self.size(graph, node);
        }
        if matches!(op, "While" | "StatelessWhile" | "_While") {
            return self.endless(graph, node);
        }
        if let Ok(at) = PLACES.binary_search_by(|(name, ..)| (*name).cmp(op))
            && let Some((_, how, place)) = PLACES.get(at)
        {
            return self.place(index, graph, node, *how, *place);
        }
        if op.starts_with("RpcC") || op.starts_with("RpcS") {
            let message = format!("`{op}` calls another machine");
            return self.tell(Kind::Network, Severity::High, graph, node, op.to_owned(), message, line(node));
        }
        if !op.is_empty() && !is_known(op) && !self.model.functions.contains(op) {
            let (severity, from) = if is_extension(op) {
                (Severity::Low, "a well-known extension of TensorFlow")
            } else {
                (Severity::Medium, "no known library")
            };
            let message = format!("operator `{}` comes from {from}", op.escape_debug());
            self.tell(Kind::Custom, severity, graph, node, op.to_owned(), message, line(node));
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
            self.tell(Kind::Exhaustion, Severity::Medium, graph, node, name, message, line(node));
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
                        Kind::Exhaustion,
                        Severity::Medium,
                        graph,
                        node,
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
        let mut trace =
            Trace { judge: self, steps: STEPS, lines: vec![line(node)], asset: false, open: false };
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
                self.tell(kind, Severity::High, graph, node, format!("{op} {text}"), message, chain.clone());
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
            self.tell(kind, severity, graph, node, format!("{op} {text}"), message, chain.clone());
        }
        if texts.is_empty() && open {
            let has_assets = !self.model.assets.is_empty();
            let severity = match how {
                Use::Write => Severity::High,
                Use::Connect => Severity::Medium,
                Use::Read if has_assets => Severity::Low,
                Use::Read => Severity::Medium,
                _ => return,
            };
            let message = format!("`{op}` {verb} whatever its caller names");
            self.tell(kind, severity, graph, node, format!("{op} of a caller's choice"), message, chain);
        }
    }
}

/// Follows a value back to the texts that it can be.
struct Trace<'j, 'a> {
    judge: &'j Judge<'a>,
    steps: usize,
    lines: Vec<String>,
    /// Whether it is the path of a file that belongs to the model.
    asset: bool,
    /// Whether something on the way is only known when the graph runs.
    open: bool,
}

impl<'a> Trace<'_, 'a> {
    fn follow(&mut self, graph: usize, input: &'a str, depth: usize) -> Vec<String> {
        let Some(steps) = self.steps.checked_sub(1).filter(|_| depth < 24 && !input.starts_with('^')) else {
            return Vec::new();
        };
        self.steps = steps;
        let Some(here) = self.judge.model.graphs.get(graph) else { return Vec::new() };
        let name = base(input);
        let Some(node) = here.nodes.iter().find(|node| node.name == name) else {
            return self.argument(graph, here, name, depth);
        };
        if self.lines.len() < 8 {
            self.lines.push(line(node));
        }
        match node.op.as_str() {
            "Const" => {
                if self.judge.model.assets.iter().any(|asset| asset.tensor == node.name)
                    && here.name.is_empty()
                {
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
        let callers = self.judge.callers.get(here.name.as_str()).cloned().unwrap_or_default();
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

/// Where a path leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// Below the folder in which the program runs, or a bare name.
    Inside,
    /// Anywhere on the host.
    Absolute,
    /// Where secrets and programs of the host are.
    Sensitive,
    /// Up and out.
    Climbs,
    /// To another machine.
    Remote,
}

/// Pieces of paths behind which secrets and programs of a host are.
const SENSITIVE: &[&str] = &[
    "/.aws",
    "/.azure",
    "/.bash",
    "/.cache/huggingface/token",
    "/.config/",
    "/.docker",
    "/.env",
    "/.git",
    "/.kube",
    "/.netrc",
    "/.profile",
    "/.ssh",
    "/.zsh",
    "/bin/",
    "/boot/",
    "/cron",
    "/dev/",
    "/etc/",
    "/lib/",
    "/proc/",
    "/root/",
    "/sbin/",
    "/sys/",
    "/tmp/",
    "/usr/",
    "/var/",
    "authorized_keys",
    "credential",
    "id_rsa",
    "passwd",
    "secret",
    "shadow",
];

/// Where a path leads.
pub(super) fn spot(path: &str) -> Spot {
    let lower = path.to_lowercase();
    if let Some((scheme, _)) = lower.split_once("://")
        && !matches!(scheme, "file" | "ram")
        && scheme.chars().all(|char| char.is_ascii_alphanumeric())
    {
        return Spot::Remote;
    }
    if lower.split(['/', '\\']).any(|part| part == "..") {
        return Spot::Climbs;
    }
    let drive = matches!(lower.as_bytes(), [letter, b':', b'\\' | b'/', ..] if letter.is_ascii_alphabetic());
    let absolute = lower.starts_with('/') && lower.len() > 1
        || lower.starts_with('~')
        || lower.starts_with("file:")
        || lower.starts_with("\\\\")
        || drive;
    if !absolute {
        return Spot::Inside;
    }
    // What tests and notebooks leave in temporary folders says nothing; everything else there is somebody else's.
    let temporary =
        lower.starts_with("/tmp/") || lower.starts_with("/var/folders/") || lower.starts_with("/var/tmp/");
    let sensitive = SENSITIVE.iter().any(|piece| lower.contains(piece));
    if sensitive && !temporary { Spot::Sensitive } else { Spot::Absolute }
}

/// Name of the node that an input comes from.
fn base(input: &str) -> &str {
    input.trim_start_matches('^').split(':').next().unwrap_or_default()
}

fn names(graph: &Graph) -> Names<'_> {
    graph.nodes.iter().map(|node| (node.name.as_str(), node)).collect()
}

/// A node as one line of a listing.
fn line(node: &Node) -> String {
    let value = node.constant.as_ref().and_then(|constant| constant.texts.first());
    let value =
        value.map_or_else(String::new, |text| format!(" = {:?}", text.chars().take(120).collect::<String>()));
    let inputs = node.inputs.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{} = {}({inputs}){value}", node.name, node.op)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(OPERATORS.is_sorted());
        assert!(PLACES.is_sorted_by_key(|(name, ..)| *name));
        assert!(is_known("Conv2D") && !is_known("Conv2E") && is_extension("SentencepieceTokenizeOp"));
        assert!(PLACES.iter().all(|(name, ..)| is_known(name)));
    }

    #[test]
    fn paths_are_told_apart() {
        assert_eq!(spot("model.ckpt-1"), Spot::Inside);
        assert_eq!(spot("/etc/hosts"), Spot::Sensitive);
        assert_eq!(spot("a/../../b"), Spot::Climbs);
        assert_eq!(spot("https://example.org/x"), Spot::Remote);
        assert_eq!(spot("/home/me/vocab.txt"), Spot::Absolute);
    }
}
