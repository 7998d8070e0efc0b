//! Configuration that names Python objects to build: Hydra's `_target_`, Lightning's `class_path`, torchtune's
//! `_component_`, jsonpickle's `py/…` keys and PyYAML's `!!python/…` tags, in YAML or JSON.
//!
//! <https://hydra.cc/docs/advanced/instantiate_objects/overview/>,
//! <https://pyyaml.org/wiki/PyYAMLDocumentation#yaml-tags-and-python-types>, <https://jsonpickle.readthedocs.io/>

#[cfg(test)]
mod tests;

use crate::yaml::{self, Node, Tagged};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

/// The format.
pub const FORMAT: Format = Format {
    name: "instantiation",
    extensions: &["yaml", "yml", "json"],
    recognise,
    parse: |input| {
        let (facts, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Instantiation(facts), defects, members: Vec::new() }
    },
};

/// The facts of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instantiation {
    /// Objects to build, in the order written.
    pub targets: Vec<Target>,
    /// Interpolations that call a resolver, `oc.env:HOME`, with lines.
    pub resolvers: Vec<(String, u32)>,
}

/// How a configuration asks for an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// `_target_`, `_component_`, `class_path`: the object is called with its siblings as arguments.
    Called,
    /// `!!python/object/apply`, `py/reduce`: called, as pickles do.
    Applied,
    /// `!!python/object`, `!!python/object/new`, `py/object`: made without calling `__init__`.
    Made,
    /// `!!python/name`, `!!python/module`, `py/type`, `py/function`: looked up, which imports its module.
    Looked,
}

/// One object that a loader builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How.
    pub way: Way,
    /// Dotted name, `torch.nn.Linear`.
    pub name: String,
    /// Its arguments as `key=value`, shortened, in the order written.
    pub arguments: Vec<String>,
    /// Path of keys that leads to it; empty for a tag.
    pub path: String,
    /// One-based line.
    pub line: u32,
}

/// Bytes in which a mark must stand.
const HEAD: usize = 256 << 10;
/// Words that such files have.
const MARKS: &[&str] =
    &["_target_", "!!python/", "tag:yaml.org,2002:python", "class_path", "_component_", "py/", "%TAG"];
/// Keys whose value is a name that is called.
const CALLED: &[&str] = &["_target_", "_component_", "class_path"];
/// Arguments kept of one target, and characters of each.
const ARGUMENTS: usize = 12;
const CHARACTERS: usize = 120;

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(HEAD);
    let text_like = matches!(
        input.extension().as_str(),
        "yaml" | "yml" | "json" | "jsonc" | "cfg" | "conf" | "config" | ""
    );
    if !text_like || head.get(..1024.min(head.len())).is_some_and(|start| start.contains(&0)) {
        return Recognised::No;
    }
    let head = String::from_utf8_lossy(head);
    if !MARKS.iter().any(|mark| head.contains(mark)) {
        return Recognised::No;
    }
    let (facts, _) = parse(input);
    if facts.targets.is_empty() { Recognised::No } else { Recognised::ByShape }
}

/// Reads a configuration. Defects of the text are not this format's: a template of a configuration is no YAML yet.
pub fn parse(input: &Input<'_>) -> (Instantiation, Vec<Defect>) {
    let (text, mut defects) = yaml::text_of(input.bytes, &input.budget.limits);
    let mut facts = Instantiation::default();
    if text.trim_start().starts_with(['{', '[']) {
        let (root, found) = json::read_text(&text, &input.budget.limits);
        defects.extend(found);
        facts.look(&root, &root, &mut String::new());
    } else {
        let read = yaml::read_text(&text, &input.budget.limits);
        defects.extend(read.defects);
        facts.targets.extend(read.tags.iter().filter_map(tagged));
        for document in &read.documents {
            facts.look(document, document, &mut String::new());
        }
    }
    facts.targets.sort_by(|one, other| (one.line, &one.path).cmp(&(other.line, &other.path)));
    defects.retain(Defect::is_limit);
    (facts, defects)
}

/// The object that PyYAML's constructors for Python build for a tag.
fn tagged(tagged: &Tagged) -> Option<Target> {
    let rest = tagged.tag.split_once("python/").filter(|(before, _)| before.len() <= 20)?.1;
    let (kind, name) = rest.split_once(':')?;
    let way = match kind {
        "object/apply" => Way::Applied,
        "object" | "object/new" => Way::Made,
        "name" | "module" => Way::Looked,
        _ => return None,
    };
    // `!!python/object/new` calls `__new__`, which for functions is a call.
    let way = if kind == "object/new" && !is_class(name) { Way::Applied } else { way };
    Some(Target {
        way,
        name: name.to_owned(),
        arguments: tagged.scalars.iter().map(|text| shortened(text)).collect(),
        path: String::new(),
        line: tagged.line,
    })
}

impl Instantiation {
    fn look(&mut self, node: &Node, root: &Node, path: &mut String) {
        let length = path.len();
        if let Some(text) = node.text() {
            self.resolvers.extend(resolvers(text).map(|resolver| (resolver, node.line)));
        }
        for key in CALLED {
            if let Some(entry) = node.entry(key)
                && let Some(name) = entry.node.text()
                && let Some(name) = resolved(name, root).filter(|name| is_dotted(name))
            {
                self.push(Way::Called, &name, node, key, path, entry.line);
            }
        }
        self.jsonpickle(node, path);
        for entry in node.entries() {
            if length > 0 {
                path.push('.');
            }
            path.push_str(&entry.key);
            self.look(&entry.node, root, path);
            path.truncate(length);
        }
        for (index, item) in node.items().iter().enumerate() {
            path.push_str(&format!("[{index}]"));
            self.look(item, root, path);
            path.truncate(length);
        }
    }

    /// Keys that jsonpickle gives a meaning.
    fn jsonpickle(&mut self, node: &Node, path: &str) {
        for (key, way) in [
            ("py/object", Way::Made),
            ("py/type", Way::Looked),
            ("py/class", Way::Looked),
            ("py/function", Way::Looked),
            ("py/repr", Way::Applied),
            ("py/ref", Way::Looked),
        ] {
            if let Some(entry) = node.entry(key)
                && let Some(name) = entry.node.text()
            {
                self.push(way, name, node, key, path, entry.line);
            }
        }
        if let Some(entry) = node.entry("py/reduce")
            && let Some(first) = entry.node.items().first()
        {
            let named = ["py/type", "py/function", "py/class"].iter().find_map(|key| first.get(key).text());
            if let Some(name) = named {
                let mut arguments = Vec::new();
                entry.node.visit_scalars(|_, scalar| arguments.push(shortened(scalar.text_or_empty())));
                arguments.truncate(ARGUMENTS);
                self.targets.push(Target {
                    way: Way::Applied,
                    name: name.to_owned(),
                    arguments,
                    path: path.to_owned(),
                    line: entry.line,
                });
            }
        }
    }

    fn push(&mut self, way: Way, name: &str, node: &Node, key: &str, path: &str, line: u32) {
        let mut arguments = Vec::new();
        for entry in node.entries().iter().filter(|entry| entry.key != key).take(ARGUMENTS) {
            entry.node.visit_scalars(|below, scalar| {
                if arguments.len() < ARGUMENTS {
                    let name = if below.is_empty() { String::new() } else { format!(".{below}") };
                    arguments.push(format!("{}{name}={}", entry.key, shortened(scalar.text_or_empty())));
                }
            });
        }
        self.targets.push(Target { way, name: name.to_owned(), arguments, path: path.to_owned(), line });
    }
}

/// A name with interpolations of other keys, `${a.b}`, filled in; `None` where one leads nowhere.
fn resolved(text: &str, root: &Node) -> Option<String> {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (key, behind) = after.split_once('}')?;
        whole.push_str(before);
        whole.push_str(root.at(key).text()?);
        rest = behind;
    }
    whole.push_str(rest);
    Some(whole)
}

/// Resolvers of OmegaConf's interpolations in a text, `${resolver:arguments}`.
fn resolvers(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("${").filter_map(|(at, _)| {
        let inner = text.get(at + 2..)?.split(['}', '$']).next()?;
        let (name, _) = inner.split_once(':')?;
        let named = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "._-".contains(c));
        named.then(|| shortened(inner))
    })
}

/// Whether a text is a dotted Python name.
fn is_dotted(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 512
        && text.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        })
}

/// Whether the last part of a dotted name looks like a class.
fn is_class(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    last.trim_start_matches('_').starts_with(|c: char| c.is_uppercase())
}

fn shortened(text: &str) -> String {
    text.chars().take(CHARACTERS).collect()
}
