//! Functions that a model may call, and what they can do.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetKind, Confidence, Layer};
use vauban_formats::python::{Call, Function, Python, Value};

use crate::inventory::Seen;

/// A function registered for a model, by its place in the facts.
pub(super) struct Tool(usize);

/// Functions that are decorated as tools: marked as such whoever uses them.
pub(super) fn marked(python: &Python) -> Vec<Tool> {
    let functions = python.functions.iter().enumerate();
    functions.filter(|(_, function)| function.is_tool()).map(|(index, _)| Tool(index)).collect()
}

/// Functions that are decorated as tools, listed under a name that says so, or handed to something that registers them.
pub(super) fn tools(python: &Python) -> Vec<Tool> {
    let by_name: BTreeMap<&str, usize> = python
        .functions
        .iter()
        .enumerate()
        .map(|(index, function)| (function.name.as_str(), index))
        .collect();
    let mut found: BTreeSet<usize> = python
        .functions
        .iter()
        .enumerate()
        .filter(|(_, function)| function.is_tool())
        .map(|(index, _)| index)
        .collect();
    let mut add = |value: &Value| {
        names(value, 0, &mut |name| {
            found.extend(by_name.get(name).copied());
        })
    };
    for assignment in &python.assignments {
        let name = assignment.target.to_lowercase();
        if name.contains("tool") || name.ends_with("functions") {
            add(&assignment.value);
        }
    }
    for call in &python.calls {
        let registers = matches!(
            call.name(),
            "Tool"
                | "FunctionTool"
                | "StructuredTool"
                | "add_tool"
                | "from_defaults"
                | "from_function"
                | "register_function"
                | "register_tool"
        );
        if registers {
            call.arguments.iter().for_each(&mut add);
        }
        for (keyword, value) in &call.keywords {
            if keyword == "tools"
                || keyword == "functions"
                || (registers && matches!(keyword.as_str(), "func" | "fn" | "function" | "coroutine"))
            {
                add(value);
            }
        }
    }
    found.into_iter().map(Tool).collect()
}

/// Names in a value, in lists and dictionaries too.
fn names(value: &Value, depth: usize, see: &mut impl FnMut(&str)) {
    match value {
        Value::Name(name) => see(name),
        Value::List(items) if depth < 4 => items.iter().for_each(|item| names(item, depth + 1, see)),
        Value::Dict(items) if depth < 4 => items.iter().for_each(|(_, item)| names(item, depth + 1, see)),
        _ => {}
    }
}

/// What the calls of a function can do.
#[derive(Default)]
struct Abilities {
    effects: BTreeSet<&'static str>,
    untrusted_input: bool,
    private_data: bool,
    way_out: bool,
    approval: bool,
}

impl Tool {
    /// The tool as an asset, and the facts that its agent inherits.
    pub(super) fn asset(
        &self,
        seen: &Seen<'_>,
        python: &Python,
    ) -> (Asset, Vec<(&'static str, &'static str)>) {
        let Some(function) = python.functions.get(self.0) else {
            let unknown = Asset::new(
                AssetKind::Tool,
                "tool",
                Layer::AgentFrameworks,
                seen.path,
                Confidence::Inferred,
                seen.locator(),
            );
            return (unknown, Vec::new());
        };
        let abilities = self.abilities(function, python);
        let locator = seen.locator().at_line(function.line).at_key(function.name.clone());
        let name = format!("{}#{}", seen.path, function.name);
        let mut asset =
            Asset::new(AssetKind::Tool, "tool", Layer::AgentFrameworks, &name, Confidence::Verified, locator);
        if !abilities.effects.is_empty() {
            let effects: Vec<&str> = abilities.effects.iter().copied().collect();
            asset = asset.with("side_effects", effects.join(", "));
        }
        let mut facts = Vec::new();
        for (key, holds) in [
            ("untrusted_input", abilities.untrusted_input),
            ("private_data", abilities.private_data),
            ("way_out", abilities.way_out),
        ] {
            if holds {
                asset = asset.with(key, "yes");
                facts.push((key, "yes"));
            }
        }
        if abilities.approval {
            asset = asset.with("approval", "yes");
        }
        (asset, facts)
    }

    /// Of the function itself and of the functions of the same file that it calls.
    fn abilities(&self, function: &Function, python: &Python) -> Abilities {
        let mut abilities = Abilities::default();
        let mut seen = BTreeSet::from([self.0]);
        let mut waiting = vec![self.0];
        while let Some(index) = waiting.pop() {
            for call in python.calls.iter().filter(|call| call.function == Some(index)) {
                abilities.add(call);
                let called = python.functions.iter().position(|other| other.name == call.callee);
                if let Some(called) = called.filter(|called| seen.insert(*called)) {
                    waiting.push(called);
                }
            }
        }
        let words =
            format!("{} {}", function.name, function.docstring.as_deref().unwrap_or_default()).to_lowercase();
        const PRIVATE: &[&str] = &[
            "account", "balance", "contact", "customer", "diagnos", "invoice", "medical", "patient",
            "payroll", "personal", "record", "salary", "secret",
        ];
        let reads = abilities.effects.contains("file-read") || abilities.effects.contains("database");
        abilities.private_data = reads && PRIVATE.iter().any(|word| words.contains(word));
        abilities
    }
}

impl Abilities {
    fn add(&mut self, call: &Call) {
        let (callee, name) = (call.callee.as_str(), call.name());
        let root = callee.split(['.', '(']).next().unwrap_or(callee);
        let literal = |place: usize| call.arguments.get(place).and_then(Value::literal).unwrap_or_default();
        match root {
            "subprocess" | "pexpect" | "paramiko" | "fabric" => {
                self.effects.insert("process");
            }
            "smtplib" | "sendgrid" | "twilio" | "slack_sdk" => {
                self.effects.insert("message");
                self.way_out = true;
            }
            "imaplib" | "poplib" | "feedparser" => self.untrusted_input = true,
            "stripe" | "paypalrestsdk" | "braintree" => {
                self.effects.insert("payment");
            }
            "requests" | "httpx" | "aiohttp" | "urllib" | "urllib3" => {
                let writes = matches!(name, "post" | "put" | "patch" | "delete" | "request" | "send");
                self.effects.insert(if writes { "network-write" } else { "network" });
                self.way_out |= writes;
                // A fixed address answers with what its owner wrote; any other with what anyone did.
                self.untrusted_input |= literal(0).is_empty();
            }
            _ => {}
        }
        let mode = call.argument(1, "mode").and_then(Value::literal).unwrap_or("r");
        let statement = literal(0).trim_start().to_uppercase();
        let writes = ["INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "TRUNCATE"];
        let effect = match (callee, name) {
            ("os.system" | "os.popen" | "os.execv" | "pty.spawn", _) => "process",
            ("eval" | "exec" | "compile", _) => "code",
            ("os.remove" | "os.unlink" | "os.rmdir" | "shutil.rmtree", _) => "file-delete",
            ("open", _) if mode.contains(['w', 'a', 'x', '+']) => "file-write",
            ("open", _) => "file-read",
            (_, "unlink" | "rmdir") => "file-delete",
            (_, "write_text" | "write_bytes") => "file-write",
            (_, "read_text" | "read_bytes") => "file-read",
            (_, "send_message" | "sendmail" | "send_mail") => {
                self.way_out = true;
                "message"
            }
            (_, "execute" | "executemany") if writes.iter().any(|word| statement.starts_with(word)) => {
                "database-write"
            }
            (_, "execute" | "executemany") => "database",
            _ => "",
        };
        if !effect.is_empty() {
            self.effects.insert(effect);
        }
        let lower = name.to_lowercase();
        self.approval |= callee == "input"
            || ["approv", "confirm", "consent", "human"].iter().any(|word| lower.contains(word));
    }
}
