//! What the nodes of a skops graph fetch and call: the judgement that the skops rules share.

use vauban_formats::skops::{Node, Skops};
use vauban_knowledge::calls::{Calls, Effect};

use super::acts::effect_of;

/// One thing that loading the graph does beyond building known types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed<'a> {
    /// The node.
    pub(super) node: &'a Node,
    /// The callable or type.
    pub(super) name: String,
    /// What it amounts to; `None` if nobody knows.
    pub(super) effect: Option<Effect>,
    /// Whether loading calls it; others are only fetched.
    pub(super) called: bool,
    /// What is special about it, for people.
    pub(super) note: &'static str,
}

/// Loaders of every skops so far.
const LOADERS: &[&str] = &[
    "BytearrayNode",
    "BytesNode",
    "CachedNode",
    "ConstructorFromReduceNode",
    "DTypeNode",
    "DefaultDictNode",
    "DictNode",
    "FunctionNode",
    "JsonNode",
    "ListNode",
    "LossNode",
    "MaskedArrayNode",
    "MethodNode",
    "NdArrayNode",
    "ObjectNode",
    "OperatorFuncNode",
    "PartialNode",
    "QuantileForestNode",
    "RandomGeneratorNode",
    "RandomStateNode",
    "SGDNode",
    "SetNode",
    "SliceNode",
    "SparseMatrixNode",
    "TreeNode",
    "TupleNode",
    "TypeNode",
    "_DictWithDeprecatedKeysNode",
];

/// Sources of randomness that NumPy ships.
const BIT_GENERATORS: &[&str] = &["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"];

/// Attributes that lead from data to the interpreter or the operating system, whatever object they are asked of.
const REACHING: &[&str] = &[
    "Popen",
    "call",
    "check_output",
    "compile",
    "eval",
    "exec",
    "import_module",
    "open",
    "popen",
    "spawn",
    "system",
];

/// Everything that the graph does beyond building known types, each name once.
pub(super) fn deeds<'a>(skops: &'a Skops, calls: &Calls) -> Vec<Deed<'a>> {
    let mut seen = std::collections::BTreeSet::new();
    let mut deeds: Vec<Deed<'a>> = Vec::new();
    for node in &skops.nodes {
        for deed in judge(node, calls) {
            if seen.insert((deed.name.clone(), deed.called)) {
                deeds.push(deed);
            }
        }
    }
    deeds
}

fn judge<'a>(node: &'a Node, calls: &Calls) -> Vec<Deed<'a>> {
    let full = |module: &str, name: &str| {
        if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") }
    };
    let deed = |module: &str, name: &str, effect, called, note| Deed {
        node,
        name: full(module, name),
        effect,
        called,
        note,
    };
    let (module, class) = (node.module.as_str(), node.class.as_str());
    let own = || effect_of(calls, module, class);
    let mut deeds = Vec::new();
    match node.loader.as_str() {
        "JsonNode" => {
            let effect = own().filter(|effect| !effect.is_expected());
            if effect.is_some() {
                deeds.push(deed(module, class, effect, false, "a value that says it is of this type"));
            }
        }
        "FunctionNode" => {
            // Protocol 0 to 2 keep the name in the content, some writers only in the node itself.
            let (module, name) =
                node.fetched.as_ref().map_or((module, class), |(module, name)| (module, name));
            let effect = effect_of(calls, module, name);
            let package = module.split('.').next().unwrap_or_default();
            let numeric = effect.is_none() && matches!(package, "numpy" | "scipy" | "sklearn");
            if !numeric {
                deeds.push(deed(module, name, effect, false, "a function is fetched for later use"));
            }
        }
        "TypeNode" => {
            let (module, name) =
                node.fetched.as_ref().map_or((module, class), |(module, name)| (module, name));
            deeds.push(deed(module, name, effect_of(calls, module, name), false, "a type is fetched"));
        }
        "MethodNode" => {
            let (owner_module, owner) =
                node.owner.as_ref().map_or(("", ""), |(module, name)| (module.as_str(), name.as_str()));
            let package = |module: &str| module.split('.').next().map(str::to_owned);
            if owner != class || package(owner_module) != package(module) {
                let note =
                    "the node says one class and its object is of another: the audit looks at the wrong one";
                deeds.push(deed(owner_module, owner, Some(Effect::CodeExecution), true, note));
            }
            let method = format!("{owner}.{}", node.name);
            let effect = effect_of(calls, owner_module, &method);
            if node.name.starts_with("__") || REACHING.contains(&node.name.as_str()) {
                let note = "a method that reaches the interpreter";
                deeds.push(deed(owner_module, &method, Some(Effect::CodeExecution), false, note));
            } else if effect.is_some() {
                deeds.push(deed(owner_module, &method, effect, false, "a method is fetched"));
            }
        }
        "OperatorFuncNode" => {
            let known = matches!(class, "attrgetter" | "itemgetter" | "methodcaller") && module == "operator";
            let words = || node.arguments.split([',', ' ', '"', '.']);
            let reaches = words().any(|word| word.starts_with("__") || REACHING.contains(&word));
            if !known {
                let note = "any function of the module is called with what the file says";
                let effect = own().filter(|effect| !effect.is_expected()).unwrap_or(Effect::CodeExecution);
                deeds.push(deed(module, class, Some(effect), true, note));
            } else if node.arguments.is_empty() {
                deeds.push(deed(module, class, None, true, "without the attributes that skops writes"));
            } else if reaches {
                let note = "asks for an attribute that leads to the interpreter";
                deeds.push(deed(module, class, Some(Effect::CodeExecution), true, note));
            }
        }
        "PartialNode" if module == "functools" && class == "partial" => {}
        "RandomGeneratorNode" => {
            if !BIT_GENERATORS.contains(&node.name.as_str()) {
                let note = "skops before 0.15 calls any name of the module as if it were a bit generator";
                deeds.push(deed("numpy.random", &node.name, Some(Effect::CodeExecution), true, note));
            }
            deeds.push(deed(module, class, own(), true, ""));
        }
        "LossNode" => {
            let effect = own();
            let loss = module.starts_with("sklearn.");
            let effect = if loss { effect } else { effect.filter(|effect| !effect.is_expected()) };
            deeds.push(deed(module, class, effect, true, "called with arguments from the file"));
        }
        "ConstructorFromReduceNode" => {
            deeds.push(deed(module, class, own(), true, "called with arguments from the file"));
        }
        loader => {
            if !LOADERS.contains(&loader) {
                deeds.push(Deed {
                    node,
                    name: format!("loader {loader}"),
                    effect: None,
                    called: true,
                    note: "no version of skops has a loader of this name",
                });
            }
            if !class.is_empty() {
                deeds.push(deed(module, class, own(), true, ""));
            }
        }
    }
    if let (Some((module, name)), false) =
        (node.fetched.as_ref(), matches!(node.loader.as_str(), "FunctionNode" | "TypeNode"))
    {
        deeds.push(deed(
            module,
            name,
            effect_of(calls, module, name),
            true,
            "the file names its own constructor",
        ));
    }
    deeds.retain(|deed| !deed.effect.is_some_and(Effect::is_expected));
    deeds
}

/// A line of the graph, for people.
pub(super) fn line(node: &Node) -> String {
    let place = if node.path.is_empty() { "root" } else { &node.path };
    let mut line = format!("{place}: {}({}.{}", node.loader, node.module, node.class);
    for (module, name) in node.fetched.iter().chain(&node.owner) {
        line.push_str(&format!(", {module}.{name}"));
    }
    for more in [&node.name, &node.arguments] {
        if !more.is_empty() {
            line.push_str(&format!(", {}", more.escape_debug()));
        }
    }
    line.push(')');
    line
}
