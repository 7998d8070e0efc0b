//! skops: a zip whose `schema.json` is a graph of nodes, each naming a class, its module and the loader that makes it.
//!
//! Source: skops `io/_general.py`, `io/_sklearn.py`, `io/_numpy.py`, protocols 0 to 2.

use crate::search::holds;
use crate::yaml::Node as Json;
use crate::zip::{self, Spans, Zip};
use crate::{Defect, Facts, Format, Input, Limits, Parsed, Recognised};

/// How skops files are found and read.
pub const FORMAT: Format = Format { name: "skops", extensions: &["skops"], recognise, parse };

/// A model as skops stores it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Skops {
    /// Version of the graph's layout; the writer chooses it, and with it which loaders are used.
    pub protocol: Option<i64>,
    /// Version of skops that says it wrote the file.
    pub version: String,
    /// Nodes that name something, in stored order.
    pub nodes: Vec<Node>,
    /// The archive around it.
    pub zip: Zip,
}

/// One node of the graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Where in the graph, `content.content[3]`.
    pub path: String,
    /// The loader's name, `ObjectNode`.
    pub loader: String,
    /// `__module__`.
    pub module: String,
    /// `__class__`.
    pub class: String,
    /// What the loader is told to fetch besides: module and name of a function, module and name of the constructor.
    pub fetched: Option<(String, String)>,
    /// Class of the object that a method is bound to, module and name.
    pub owner: Option<(String, String)>,
    /// Name of a method, of an operator's attribute or of a bit generator.
    pub name: String,
    /// Member that the node reads.
    pub file: String,
    /// Arguments as JSON text, cut.
    pub arguments: String,
}

/// Member that holds the graph.
const SCHEMA: &str = "schema.json";
/// Bytes of the graph that are looked at to recognise it.
const HEAD: usize = 4 << 10;
/// Characters of arguments that are kept.
const ARGUMENTS: usize = 200;

fn recognise(input: &Input<'_>) -> Recognised {
    let sure = (zip::FORMAT.recognise)(input);
    if sure == Recognised::No {
        return Recognised::No;
    }
    // Anywhere near the end: the directory names it.
    let tail = input.bytes.get(input.bytes.len().saturating_sub(1 << 20)..).unwrap_or_default();
    if !holds(tail, SCHEMA.as_bytes()) {
        return Recognised::No;
    }
    let (zip, _) = zip::directory(input.bytes, &Limits { members: 100_000, ..Limits::default() });
    let Some(entry) = zip.entry(SCHEMA) else { return Recognised::No };
    let Ok(content) = zip::content(input.bytes, entry, input.budget) else { return Recognised::No };
    let head = content.bytes().get(..HEAD).unwrap_or(content.bytes());
    let says = |word: &[u8]| holds(head, word);
    let is_graph = says(b"__loader__") || says(b"__class__") || says(b"_skops_version");
    if is_graph || input.extension() == "skops" { sure } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (zip, mut defects) = zip::directory(input.bytes, &input.budget.limits);
    let mut skops = Skops::default();
    for entry in zip.entries.iter().filter(|entry| entry.name == SCHEMA) {
        match zip::content(input.bytes, entry, input.budget) {
            Ok(content) => read(content.bytes(), input, &mut skops, &mut defects),
            Err(defect) => defects.push(defect),
        }
    }
    let members =
        zip::members(input, &zip, &mut Spans::default(), &mut defects, |entry| entry.name != SCHEMA);
    for node in skops.nodes.iter().filter(|node| !node.file.is_empty()) {
        if zip.entry(&node.file).is_none() {
            let detail = format!("`{}` is read from `{}`, which is not there", node.path, node.file);
            defects.push(Defect::whole("skops-file-missing", detail));
            break;
        }
    }
    skops.zip = zip;
    Parsed { format: FORMAT.name, facts: Facts::Skops(skops), defects, members }
}

fn read(bytes: &[u8], input: &Input<'_>, skops: &mut Skops, defects: &mut Vec<Defect>) {
    let limits = &input.budget.limits;
    let text = String::from_utf8_lossy(bytes.get(..limits.text_bytes).unwrap_or(bytes));
    let (graph, mut wrong) = crate::json::read_text(&text, limits);
    defects.append(&mut wrong);
    skops.protocol = graph.get("protocol").integer();
    skops.version = graph.get("_skops_version").text_or_empty().to_owned();
    walk(&graph, &mut String::new(), input, skops);
}

/// Collects the nodes; recursion is as deep as the JSON reader lets a tree be.
fn walk(node: &Json, path: &mut String, input: &Input<'_>, skops: &mut Skops) {
    if skops.nodes.len() >= input.budget.limits.records || input.budget.is_stopped() {
        return;
    }
    if node.entry("__loader__").is_some() || node.entry("__class__").is_some() {
        skops.nodes.push(describe(node, path));
    }
    let length = path.len();
    for entry in node.entries() {
        if length > 0 {
            path.push('.');
        }
        path.push_str(&entry.key);
        walk(&entry.node, path, input, skops);
        path.truncate(length);
    }
    for (index, item) in node.items().iter().enumerate() {
        path.push_str(&format!("[{index}]"));
        walk(item, path, input, skops);
        path.truncate(length);
    }
}

fn describe(node: &Json, path: &str) -> Node {
    let text = |at: &str| node.at(at).text_or_empty().to_owned();
    let loader = text("__loader__");
    let pair =
        |module: &str, name: &str| Some((text(module), text(name))).filter(|(_, name)| !name.is_empty());
    let fetched = match loader.as_str() {
        "FunctionNode" => pair("content.module_path", "content.function"),
        "TypeNode" => pair("content.__module__", "content.__class__"),
        _ => pair("__reduce__.constructor.__module__", "__reduce__.constructor.__class__").or_else(|| {
            pair("__reduce__.constructor.content.__module__", "__reduce__.constructor.content.__class__")
        }),
    };
    let fetched = fetched.or_else(|| {
        let (module, name) = node.get("constructor").text()?.rsplit_once('.')?;
        Some((module.to_owned(), name.to_owned()))
    });
    let owner =
        if loader == "MethodNode" { pair("content.obj.__module__", "content.obj.__class__") } else { None };
    let name = match loader.as_str() {
        "MethodNode" => text("content.func"),
        "OperatorFuncNode" => text("attrs.content"),
        "RandomGeneratorNode" => {
            text("content.bit_generator.content.bit_generator.content").trim_matches('"').to_owned()
        }
        _ => String::new(),
    };
    let mut arguments = String::new();
    let shown: &[&str] = match loader.as_str() {
        "ConstructorFromReduceNode" | "PartialNode" => &["content"],
        "OperatorFuncNode" => &["attrs"],
        _ => &["__reduce__.args"],
    };
    for at in shown {
        node.at(at).visit_scalars(|path, scalar| {
            if path.ends_with("content") && arguments.len() < ARGUMENTS {
                if !arguments.is_empty() {
                    arguments.push_str(", ");
                }
                arguments.extend(scalar.text_or_empty().chars().take(ARGUMENTS));
            }
        });
    }
    Node {
        path: path.to_owned(),
        loader,
        module: text("__module__"),
        class: text("__class__"),
        fetched,
        owner,
        name,
        file: text("file"),
        arguments,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(text: &str) -> Skops {
        let budget = crate::Budget::default();
        let mut skops = Skops::default();
        read(text.as_bytes(), &Input::new("m.skops", b"", &budget), &mut skops, &mut Vec::new());
        skops
    }

    #[test]
    fn nodes_name_what_they_fetch() {
        let skops = graph(
            r#"{"__class__": "dict", "__module__": "builtins", "__loader__": "DictNode", "protocol": 2, "content":
            {"f": {"__class__": "function", "__module__": "os", "__loader__": "FunctionNode",
            "content": {"module_path": "posix", "function": "getpid"}}}}"#,
        );
        assert_eq!(skops.protocol, Some(2));
        assert_eq!(skops.nodes.len(), 2);
        assert_eq!(skops.nodes[1].path, "content.f");
        assert_eq!(skops.nodes[1].fetched, Some(("posix".to_owned(), "getpid".to_owned())));
    }
}
