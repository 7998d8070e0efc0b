//! Functions that a model may call, and what they do.

use vauban_formats::python::{Function, Python, Value};

/// What a call does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EffectKind {
    Deletes,
    Executes,
    Fetches,
    Pays,
    Reads,
    Sends,
    Writes,
}

impl EffectKind {
    /// Whether it changes something or lets something out.
    pub(super) const fn is_side_effect(self) -> bool {
        !matches!(self, Self::Fetches | Self::Reads)
    }

    /// In words that follow "which".
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Deletes => "deletes",
            Self::Executes => "runs commands or code",
            Self::Fetches => "fetches from the network",
            Self::Pays => "moves money",
            Self::Reads => "reads files or records",
            Self::Sends => "sends something out",
            Self::Writes => "writes",
        }
    }
}

/// One effect of a function.
#[derive(Debug, Clone)]
pub(super) struct ToolEffect {
    pub(super) kind: EffectKind,
    pub(super) callee: String,
}

/// Callees and what they do; a name with a leading dot is the end of a method.
const EFFECTS: &[(&str, EffectKind)] = &[
    (".execute_trade", EffectKind::Pays),
    (".read_bytes", EffectKind::Reads),
    (".read_text", EffectKind::Reads),
    (".rmdir", EffectKind::Deletes),
    (".send_message", EffectKind::Sends),
    (".send_raw_email", EffectKind::Sends),
    (".sendmail", EffectKind::Sends),
    (".unlink", EffectKind::Deletes),
    (".write_bytes", EffectKind::Writes),
    (".write_text", EffectKind::Writes),
    ("aiohttp.ClientSession().post", EffectKind::Sends),
    ("builtins.eval", EffectKind::Executes),
    ("builtins.exec", EffectKind::Executes),
    ("eval", EffectKind::Executes),
    ("exec", EffectKind::Executes),
    ("httpx.delete", EffectKind::Deletes),
    ("httpx.get", EffectKind::Fetches),
    ("httpx.post", EffectKind::Sends),
    ("httpx.put", EffectKind::Sends),
    ("open", EffectKind::Reads),
    ("os.popen", EffectKind::Executes),
    ("os.remove", EffectKind::Deletes),
    ("os.rmdir", EffectKind::Deletes),
    ("os.system", EffectKind::Executes),
    ("os.unlink", EffectKind::Deletes),
    ("requests.delete", EffectKind::Deletes),
    ("requests.get", EffectKind::Fetches),
    ("requests.post", EffectKind::Sends),
    ("requests.put", EffectKind::Sends),
    ("shutil.move", EffectKind::Writes),
    ("shutil.rmtree", EffectKind::Deletes),
    ("smtplib.SMTP", EffectKind::Sends),
    ("smtplib.SMTP_SSL", EffectKind::Sends),
    ("stripe.Charge.create", EffectKind::Pays),
    ("stripe.PaymentIntent.create", EffectKind::Pays),
    ("stripe.Refund.create", EffectKind::Pays),
    ("subprocess.Popen", EffectKind::Executes),
    ("subprocess.call", EffectKind::Executes),
    ("subprocess.check_call", EffectKind::Executes),
    ("subprocess.check_output", EffectKind::Executes),
    ("subprocess.getoutput", EffectKind::Executes),
    ("subprocess.run", EffectKind::Executes),
    ("urllib.request.urlopen", EffectKind::Fetches),
];

/// Parts of names of functions that ask a person.
const GATES: &[&str] = &[
    "approv",
    "ask_human",
    "ask_user",
    "confirm",
    "human_in_the_loop",
    "humaninput",
    "human_input",
    "interrupt",
    "require_human",
];

/// The functions that are registered for a model, with their index in the file.
///
/// Registered are those with a tool decorator, those in a dictionary or list whose name says tools or functions, and
/// those handed over as `tools=`.
pub(super) fn tools(file: &Python) -> Vec<(usize, &Function)> {
    let mut names: Vec<&str> = Vec::new();
    for assignment in &file.assignments {
        let target = assignment.target.to_lowercase();
        if ["tool", "function", "skill"].iter().any(|word| target.contains(word)) {
            collect(&assignment.value, &mut names);
        }
    }
    for call in &file.calls {
        for (_, value) in
            call.keywords.iter().filter(|(key, _)| matches!(key.as_str(), "tools" | "functions" | "func"))
        {
            collect(value, &mut names);
        }
        let registers =
            ["Tool", "StructuredTool.from_function", "FunctionTool", "FunctionTool.from_defaults"];
        if registers.iter().any(|name| call.callee.ends_with(name)) || call.name() == "add_tool" {
            call.arguments.iter().for_each(|value| collect(value, &mut names));
        }
    }
    file.functions
        .iter()
        .enumerate()
        .filter(|(_, function)| function.is_tool() || names.contains(&function.name.as_str()))
        .collect()
}

fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>) {
    match value {
        Value::Name(name) => names.push(name.rsplit('.').next().unwrap_or(name)),
        Value::List(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Dict(items) => items.iter().for_each(|(_, item)| collect(item, names)),
        _ => {}
    }
}

/// What a function does, by itself and through the functions of the same file that it calls.
pub(super) fn effects(file: &Python, function: usize) -> Vec<ToolEffect> {
    let mut found = Vec::new();
    for index in reached(file, function) {
        for call in file.calls.iter().filter(|call| call.function == Some(index)) {
            let known = EFFECTS.iter().find(|(name, _)| {
                if name.starts_with('.') { call.callee.ends_with(name) } else { call.callee == *name }
            });
            let Some((_, kind)) = known else {
                if let Some(kind) = database(call) {
                    found.push(ToolEffect { kind, callee: call.callee.clone() });
                }
                continue;
            };
            let mut kind = *kind;
            if kind == EffectKind::Executes && call.arguments.first().is_some_and(is_fixed) {
                // The model decides when it runs, not what.
                continue;
            }
            if call.callee == "open" {
                let mode = call.argument(1, "mode").and_then(Value::literal).unwrap_or("r");
                if mode.contains(['w', 'a', 'x', '+']) {
                    kind = EffectKind::Writes;
                }
            }
            found.push(ToolEffect { kind, callee: call.callee.clone() });
        }
    }
    found
}

/// Whether a command is written out.
fn is_fixed(value: &Value) -> bool {
    match value {
        Value::Text(_) => true,
        Value::List(words) => words.iter().all(|word| matches!(word, Value::Text(_))),
        _ => false,
    }
}

/// Statements of SQL that change something, and those that only read.
fn database(call: &vauban_formats::python::Call) -> Option<EffectKind> {
    if !matches!(call.name(), "execute" | "executemany" | "executescript") {
        return None;
    }
    let text = call.arguments.first().and_then(Value::text)?.trim_start().to_uppercase();
    match text.split_whitespace().next()? {
        "DELETE" | "DROP" | "TRUNCATE" => Some(EffectKind::Deletes),
        "ALTER" | "CREATE" | "INSERT" | "REPLACE" | "UPDATE" => Some(EffectKind::Writes),
        "SELECT" | "WITH" => Some(EffectKind::Reads),
        _ => None,
    }
}

/// Whether a person is asked in the function or in one it calls.
pub(super) fn asks_a_person(file: &Python, function: usize) -> bool {
    let decorated = file.functions.get(function).is_some_and(|function| {
        function.decorators.iter().any(|decorator| {
            is_gate(&decorator.callee)
                || decorator.keywords.iter().any(|(key, value)| is_gate(key) && *value != Value::Bool(false))
        })
    });
    decorated
        || reached(file, function).into_iter().any(|index| {
            file.calls
                .iter()
                .any(|call| call.function == Some(index) && (is_gate(&call.callee) || call.callee == "input"))
        })
}

fn is_gate(name: &str) -> bool {
    let name = name.to_lowercase();
    GATES.iter().any(|gate| name.contains(gate))
}

/// The function and those of the same file that it reaches, at most sixty-four.
fn reached(file: &Python, function: usize) -> Vec<usize> {
    let mut all = vec![function];
    let mut next = 0;
    while let Some(&index) = all.get(next) {
        next += 1;
        for call in file.calls.iter().filter(|call| call.function == Some(index)) {
            let target =
                file.functions.iter().position(|other| other.class.is_none() && other.name == call.callee);
            if let Some(target) = target.filter(|target| all.len() < 64 && !all.contains(target)) {
                all.push(target);
            }
        }
    }
    all
}
