//! What Python source beside or inside a model does: the judgement that the model-code rules share.
//!
//! Code of a model runs when it is imported (module level, class bodies, decorators, defaults, annotations, and all that
//! these call) or at the latest when the model is used. Other source is only judged for what no honest program does.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Evidence, Severity};
use vauban_formats::python::{Deed, Flow, Operand, Python, ScopeKind, flow_of};

use super::model_code_words::{
    BASES, DECODE, EXEC, NAMES, NATIVE, NETWORK, PERSISTENT, PROCESS, QUIET, SECRETS, SENDS, STARTS, SUSPECT,
    TOOLS, UNPICKLE, WEAPONS,
};
use crate::{Report, Subject};

/// What an act amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Harm {
    /// Runs programs or code.
    Code,
    /// Reads, writes or deletes files.
    File,
    /// Sends or fetches.
    Network,
}

/// One thing that the source does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Act {
    /// What sort.
    pub(super) harm: Harm,
    /// How bad.
    pub(super) severity: Severity,
    /// Stable word.
    pub(super) key: String,
    /// What happens and when.
    pub(super) what: String,
    /// One-based line.
    pub(super) line: u32,
}

/// Whose code it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Runs when a model is loaded or used.
    Model,
    /// Runs when a package is built; starting programs is ordinary.
    Setup,
    /// Any other source.
    Plain,
}

/// When a piece of code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// Only when the file is run as a program.
    Main,
    /// When something calls it.
    Called,
    /// On import.
    Import,
}

/// Whose code it is, from its name, what it is inside of and what it defines.
pub(super) fn place(path: &str, member: Option<&str>, flow: &Flow) -> Place {
    let name = member.unwrap_or(path).rsplit(['/', '\\', '!']).next().unwrap_or_default();
    let packaged = [".whl", ".egg", ".gz", ".bz2", ".xz", ".conda"].iter().any(|end| path.ends_with(end));
    // A word of its own: `model.py` and `v2-model.py`, not `train_model.py`.
    let begins = |at: usize| !name[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let named = NAMES.iter().any(|end| name.ends_with(end) && begins(name.len() - end.len()))
        || STARTS.iter().any(|start| name.find(start).is_some_and(begins))
        || [".pth", "_handler.py", "_pipeline.py"].iter().any(|end| name.ends_with(end));
    let defines = flow.scopes.iter().any(|scope| {
        scope.kind == ScopeKind::Class
            && (scope.name == "TritonPythonModel"
                || scope.bases.iter().any(|base| {
                    let last = base.rsplit('.').next().unwrap_or(base);
                    BASES.contains(&last) || matches!(base.as_str(), "torch.nn.Module" | "nn.Module")
                }))
    });
    if name.ends_with("setup.py") && begins(name.len() - "setup.py".len()) {
        return Place::Setup;
    }
    if named || defines || member.is_some() && !packaged { Place::Model } else { Place::Plain }
}

/// Reports the acts of one sort.
pub(super) fn tell(subject: &Subject<'_, Python>, report: &mut Report, harm: Harm) {
    let python = subject.facts;
    let place = place(&subject.locator.path, subject.locator.member.as_deref(), &python.flow);
    for act in acts(python, place).into_iter().filter(|act| act.harm == harm) {
        let index = usize::try_from(act.line).unwrap_or(usize::MAX).saturating_sub(1);
        let line = python.source.lines().nth(index).unwrap_or_default().trim();
        let excerpt: String = line.chars().take(300).collect();
        let evidence = Evidence::new(subject.locator.clone().at_line(act.line), act.key, excerpt);
        report.find_as(act.severity, &subject.asset.id, act.what, vec![evidence]);
    }
}

/// Everything of note that the source does, the worst first.
pub(super) fn acts(python: &Python, place: Place) -> Vec<Act> {
    let mut acts = Vec::new();
    if let Some(codec) = codec(&python.source) {
        acts.push(Act {
            harm: Harm::Code,
            severity: Severity::High,
            key: format!("encoding {codec}"),
            what: format!("is written in the encoding `{codec}`, which hides the code from readers"),
            line: 1,
        });
    }
    judge(&python.flow, place, 0, &mut acts);
    acts.sort_by(|a, b| (b.severity, a.line, &a.key).cmp(&(a.severity, b.line, &b.key)));
    acts.dedup_by(|a, b| a.key == b.key && a.harm == b.harm);
    acts.truncate(24);
    acts
}

/// A declared encoding that is none of the ordinary ones.
fn codec(source: &str) -> Option<String> {
    let line =
        source.lines().take(2).find(|line| line.trim_start().starts_with('#') && line.contains("coding"))?;
    let (_, after) = line.split_once("coding")?;
    let name = after.strip_prefix([':', '='])?.trim_start();
    let name: String = name.chars().take_while(|c| c.is_alphanumeric() || "-_.".contains(*c)).collect();
    let plain = name.to_lowercase().replace('_', "-");
    [
        "utf-7",
        "utf7",
        "u7",
        "unicode-escape",
        "raw-unicode-escape",
        "rot13",
        "rot-13",
        "hex",
        "base64",
        "zlib",
        "bz2",
        "punycode",
        "idna",
        "uu",
        "quopri",
        "utf-16",
        "utf-32",
        "cp037",
    ]
    .iter()
    .any(|odd| plain == *odd)
    .then_some(name)
}

fn judge(flow: &Flow, place: Place, depth: usize, acts: &mut Vec<Act>) {
    let moments = moments(flow);
    let shell = reverse_shell(flow);
    for deed in &flow.deeds {
        let moment = moments.get(deed.scope).copied().unwrap_or(Moment::Called);
        let judge = Judge { deed, place, moment, flow, depth };
        if let Some((harm, severity, what)) = judge.verdict() {
            let when = match moment {
                Moment::Import => "when it is imported",
                Moment::Called if place == Place::Model => "when the model is used",
                Moment::Called => "when it is called",
                Moment::Main => "when it is run",
            };
            acts.push(Act {
                harm,
                severity,
                key: key(deed),
                what: format!("{when}, {what}"),
                line: deed.line,
            });
        }
    }
    if let Some(line) = shell {
        acts.push(Act {
            harm: Harm::Code,
            severity: Severity::Critical,
            key: "reverse-shell".to_owned(),
            what: "connects to a host and gives it a shell".to_owned(),
            line,
        });
    }
}

fn key(deed: &Deed) -> String {
    deed.callee.chars().take(80).collect()
}

/// When each scope runs.
fn moments(flow: &Flow) -> Vec<Moment> {
    let mut moments: Vec<Moment> = (0..flow.scopes.len())
        .map(|at| {
            let mut scope = at;
            loop {
                match flow.scopes.get(scope).map(|scope| (scope.kind, scope.parent)) {
                    Some((ScopeKind::Main, _)) => return Moment::Main,
                    Some((_, parent)) if parent < scope => scope = parent,
                    _ => break,
                }
            }
            if flow.runs_on_import(at) { Moment::Import } else { Moment::Called }
        })
        .collect();
    // Functions and methods by name.
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, scope) in flow.scopes.iter().enumerate() {
        if scope.kind == ScopeKind::Function {
            named.entry(&scope.name).or_default().push(at);
        }
    }
    let methods = |class: &str, wanted: &[&str]| -> Vec<usize> {
        let of = |at: &usize| flow.class_of(*at).is_some_and(|owner| owner.name == class);
        wanted
            .iter()
            .flat_map(|name| named.get(name).into_iter().flatten())
            .copied()
            .filter(|at| of(at))
            .collect()
    };
    let mut by_scope: Vec<Vec<&Deed>> = vec![Vec::new(); flow.scopes.len()];
    for deed in &flow.deeds {
        if let Some(deeds) = by_scope.get_mut(deed.scope) {
            deeds.push(deed);
        }
    }
    let mut todo: Vec<usize> = (0..flow.scopes.len()).filter(|at| moments[*at] == Moment::Import).collect();
    let mut done: BTreeSet<usize> = todo.iter().copied().collect();
    while let Some(scope) = todo.pop() {
        let mut reached: Vec<usize> = Vec::new();
        if let Some(class) = flow.scopes.get(scope).filter(|scope| scope.kind == ScopeKind::Class) {
            for base in &class.bases {
                reached.extend(methods(
                    base,
                    &["__new__", "__init__", "__call__", "__prepare__", "__init_subclass__"],
                ));
            }
            reached.extend(methods(&class.name, &["__set_name__"]));
        }
        for deed in by_scope.get(scope).into_iter().flatten() {
            let names = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
            let passed = names.filter_map(|operand| operand.name.as_deref());
            for name in std::iter::once(deed.callee.as_str()).chain(passed) {
                let bare = name.trim_end_matches("()");
                let last = bare.rsplit('.').next().unwrap_or(bare);
                let plain = !bare.contains('.') || bare.starts_with("self.") || bare.starts_with("cls.");
                let own = bare.split('.').next().is_some_and(|first| {
                    flow.scopes.iter().any(|scope| {
                        scope.kind == ScopeKind::Class && scope.name == first.trim_end_matches("()")
                    })
                });
                if plain || own {
                    reached.extend(named.get(last).into_iter().flatten());
                }
                reached.extend(methods(bare, &["__init__", "__new__", "__post_init__", "__init_subclass__"]));
            }
        }
        for at in reached {
            if moments[at] == Moment::Called && done.insert(at) {
                moments[at] = Moment::Import;
                todo.push(at);
            }
        }
    }
    moments
}

/// The line where a socket is made whose ends become a shell's.
fn reverse_shell(flow: &Flow) -> Option<u32> {
    let called = |name: &str| flow.deeds.iter().find(|deed| deed.callee == name);
    let connects = flow.deeds.iter().find(|deed| {
        deed.callee.starts_with("socket.")
            && (deed.callee.ends_with(".connect") || deed.callee.ends_with("create_connection"))
    })?;
    let dups = called("os.dup2").is_some() || called("pty.spawn").is_some();
    let fed = flow.deeds.iter().any(|deed| {
        is_process(&deed.callee)
            && deed
                .arguments
                .iter()
                .chain(deed.keywords.iter().map(|(_, value)| value))
                .any(|operand| operand.origins.iter().any(|origin| origin.starts_with("socket.")))
    });
    let shells = flow.deeds.iter().any(|deed| {
        is_process(&deed.callee)
            && texts(deed).iter().any(|text| text.contains("/bin/sh") || text.contains("/bin/bash"))
    });
    (dups && (shells || called("pty.spawn").is_some()) || fed).then_some(connects.line)
}

/// All texts that a call is given, lists joined.
fn texts(deed: &Deed) -> Vec<String> {
    let operands = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
    operands.flat_map(|operand| operand.text.iter().chain(&operand.pieces).cloned()).collect()
}

fn is_process(callee: &str) -> bool {
    PROCESS.contains(&callee)
        || callee.ends_with("CDLL().system")
        || callee.starts_with("ctypes.") && callee.ends_with(".system")
}

fn starts_any(name: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| name.starts_with(start))
}

fn is_network(name: &str) -> bool {
    starts_any(name, NETWORK) && !starts_any(name, QUIET)
        || name.starts_with("requests.Session()") && name.matches('.').count() > 1
}

fn is_native(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    (callee.starts_with("ctypes.") || callee.starts_with("cffi.") || callee.starts_with("torch."))
        && NATIVE.contains(&last)
        || matches!(callee, "CDLL" | "cdll.LoadLibrary" | "_ctypes.dlopen")
}

struct Judge<'a> {
    deed: &'a Deed,
    place: Place,
    moment: Moment,
    flow: &'a Flow,
    depth: usize,
}

type Verdict = Option<(Harm, Severity, String)>;

impl Judge<'_> {
    fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.deed.arguments.iter().chain(self.deed.keywords.iter().map(|(_, value)| value))
    }

    fn comes_from(&self, wanted: impl Fn(&str) -> bool) -> Option<&str> {
        self.operands().flat_map(|operand| &operand.origins).map(String::as_str).find(|origin| wanted(origin))
    }

    /// Whether the moment counts: code of models is used, other code may never be.
    fn runs(&self) -> bool {
        match self.place {
            Place::Model => self.moment != Moment::Main,
            Place::Setup | Place::Plain => self.moment == Moment::Import,
        }
    }

    fn shown(&self) -> String {
        let arguments: Vec<String> = self
            .operands()
            .take(3)
            .map(|operand| match (&operand.text, &operand.name) {
                (Some(text), _) => format!("'{}'", cut(text)),
                (None, Some(name)) => cut(name),
                _ => "...".to_owned(),
            })
            .collect();
        format!("{}({})", cut(&self.deed.callee), arguments.join(", "))
    }

    fn verdict(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        // A callable handed to something that calls it, such as `map(os.system, …)` or `Thread(target=…)`.
        let passed = self
            .operands()
            .filter_map(|operand| operand.name.as_deref())
            .find(|name| is_process(name) || matches!(*name, "eval" | "exec"));
        if is_process(callee) {
            return self.process(callee);
        }
        if EXEC.contains(&callee) || callee.ends_with("()()") && callee.contains("FunctionType") {
            return self.exec();
        }
        if UNPICKLE.contains(&callee) {
            return self.unpickle();
        }
        if let Some(verdict) = self.reaches_in() {
            return Some(verdict);
        }
        if is_native(callee) {
            return self.native();
        }
        if let Some(verdict) = self.file() {
            return Some(verdict);
        }
        if is_network(callee) {
            return self.network();
        }
        if let Some(passed) = passed
            && !matches!(
                callee,
                "isinstance"
                    | "print"
                    | "str"
                    | "repr"
                    | "id"
                    | "type"
                    | "hasattr"
                    | "setattr"
                    | "getattr"
                    | "callable"
            )
            && !callee.contains("patch")
            && (self.place == Place::Model || self.deed.computed)
            && self.moment != Moment::Main
        {
            return Some((
                Harm::Code,
                Severity::High,
                format!("hands `{passed}` to `{}`, which calls it", cut(callee)),
            ));
        }
        if callee == "torch.hub.load" || callee.ends_with("hub.load") && callee.starts_with("torch") {
            let local = self
                .deed
                .keywords
                .iter()
                .any(|(name, value)| name == "source" && value.text.as_deref() == Some("local"));
            if self.moment == Moment::Import && !local {
                let severity = if self.place == Place::Plain { Severity::Medium } else { Severity::High };
                return Some((
                    Harm::Code,
                    severity,
                    format!("runs code of another repository: `{}`", self.shown()),
                ));
            }
        }
        if self.place == Place::Model
            && (callee.ends_with("from_pretrained") || callee.ends_with("get_class_from_dynamic_module"))
            && self.deed.keywords.iter().any(|(name, value)| {
                name == "trust_remote_code"
                    && value.name.is_none()
                    && value.origins.is_empty()
                    && value.text.is_none()
            })
            && self.deed.arguments.first().is_some_and(|first| first.text.is_some())
            && self.moment == Moment::Import
        {
            return Some((
                Harm::Code,
                Severity::Medium,
                format!("runs code of another repository: `{}`", self.shown()),
            ));
        }
        None
    }

    /// Ways into the interpreter that no model needs: all classes there are, files as modules, memory as code.
    fn reaches_in(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let found =
            |severity, what: &str| Some((Harm::Code, severity, format!("{what}: `{}`", self.shown())));
        if self.moment == Moment::Main {
            return None;
        }
        let climbs = ["__base__", "__bases__", "__mro__", "mro()"].iter().any(|part| callee.contains(part));
        if callee.ends_with("__subclasses__") && climbs {
            return found(Severity::High, "goes through all classes of the interpreter");
        }
        let loads = matches!(
            callee,
            "importlib.util.spec_from_file_location"
                | "importlib.machinery.SourceFileLoader"
                | "imp.load_source"
                | "importlib.machinery.ExtensionFileLoader"
        );
        if loads && self.place == Place::Model {
            let path = self
                .deed
                .arguments
                .iter()
                .chain(self.deed.keywords.iter().map(|(_, value)| value))
                .filter_map(|operand| operand.text.as_deref());
            let outside = path.into_iter().any(|path| path.starts_with(['/', '~']) || path.contains("../"));
            if outside || self.comes_from(is_network).is_some() {
                return found(Severity::High, "imports a file from outside the model's folder");
            }
        }
        if callee.contains("CFUNCTYPE()") && self.place == Place::Model {
            return found(Severity::Medium, "runs memory as code");
        }
        None
    }

    fn process(&self, callee: &str) -> Verdict {
        let all = texts(self.deed).join(" ").to_lowercase();
        let found = |severity, what: String| Some((Harm::Code, severity, what));
        let starts = || format!("starts a program: `{}`", self.shown());
        if self.deed.computed && (self.runs() || self.place == Place::Plain) {
            return found(
                Severity::High,
                format!("starts a program under a hidden name: `{}`", self.shown()),
            );
        }
        if WEAPONS.iter().any(|weapon| all.contains(weapon)) {
            let severity = if self.moment == Moment::Main { Severity::Medium } else { Severity::High };
            return found(severity, starts());
        }
        if let Some(origin) = self.comes_from(|origin| is_network(origin) || starts_any(origin, DECODE)) {
            let decoded = starts_any(origin, DECODE);
            if decoded || self.runs() {
                return found(
                    Severity::High,
                    format!("starts a program out of `{}`: `{}`", cut(origin), self.shown()),
                );
            }
        }
        let installs = all.contains("pip") && all.contains("install") || callee.starts_with("pip.");
        if installs {
            return match (self.place, self.moment) {
                (Place::Model, Moment::Import) => {
                    found(Severity::High, format!("installs packages: `{}`", self.shown()))
                }
                (Place::Model, Moment::Called) => {
                    found(Severity::Medium, format!("installs packages: `{}`", self.shown()))
                }
                (Place::Plain, Moment::Import) if all.contains("http") => {
                    found(Severity::Medium, format!("installs packages: `{}`", self.shown()))
                }
                _ => None,
            };
        }
        let first = self.deed.arguments.first().or_else(|| {
            self.deed
                .keywords
                .iter()
                .find(|(name, _)| matches!(name.as_str(), "args" | "cmd" | "command"))
                .map(|(_, value)| value)
        });
        let command = first.and_then(|first| first.text.clone().or_else(|| first.pieces.first().cloned()));
        let program =
            command.as_deref().and_then(|command| command.split_whitespace().next()).unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        let suspect = SUSPECT.iter().any(|part| format!("{all} ").contains(part));
        let tool = TOOLS.contains(&program) && !suspect;
        // Programs that are started with what is computed: an interpreter's own path, a tool that was looked up.
        let own = first.is_some_and(|first| {
            first
                .origins
                .iter()
                .any(|origin| matches!(origin.as_str(), "shutil.which" | "distutils.spawn.find_executable"))
        });
        match (self.place, self.moment) {
            _ if tool || own && !suspect => None,
            (Place::Model, Moment::Import) => found(Severity::High, starts()),
            (Place::Model, Moment::Called) => {
                let known = first.is_some_and(|first| first.text.is_some());
                found(if known || suspect { Severity::High } else { Severity::Medium }, starts())
            }
            (Place::Plain, Moment::Import) if suspect => found(Severity::High, starts()),
            (Place::Plain, Moment::Import) if callee == "os.system" || callee == "os.popen" => {
                found(Severity::Medium, starts())
            }
            (Place::Setup, Moment::Import) if suspect && (all.contains("http") || all.contains("/tmp/")) => {
                found(Severity::High, starts())
            }
            (Place::Setup, Moment::Import)
                if (callee == "os.system" || callee == "os.popen") && command.is_some() =>
            {
                found(Severity::Medium, starts())
            }
            (Place::Model, Moment::Main) | (Place::Plain, Moment::Import) => found(Severity::Low, starts()),
            _ => None,
        }
    }

    fn exec(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let found = |severity, what: String| Some((Harm::Code, severity, what));
        let fetches = |origin: &str| {
            is_network(origin)
                || origin.starts_with("huggingface_hub.hf_hub_download")
                || origin.starts_with("torch.hub.download")
        };
        if let Some(origin) = self.comes_from(fetches) {
            return found(
                Severity::Critical,
                format!("runs code that it fetches with `{}`: `{}`", cut(origin), self.shown()),
            );
        }
        // What is decoded from a file that ships beside is no better than what is decoded from a literal.
        if let Some(origin) = self.comes_from(|origin| {
            starts_any(origin, DECODE) || origin == "chr" || origin.ends_with(".decrypt")
        }) {
            return found(
                Severity::Critical,
                format!("runs code that it decodes with `{}`: `{}`", cut(origin), self.shown()),
            );
        }
        let text = self.deed.arguments.first().and_then(|first| first.text.as_ref());
        if let Some(text) = text
            && self.depth < 3
            && text.len() > 3
        {
            let mut inner = Vec::new();
            let place = if self.place == Place::Plain { Place::Model } else { self.place };
            judge(&flow_of(text), place, self.depth + 1, &mut inner);
            if let Some(worst) =
                inner.iter().max_by_key(|act| act.severity).filter(|act| act.severity >= Severity::Medium)
                && self.moment != Moment::Main
            {
                return found(worst.severity, format!("runs code from a text, which {}", worst.what));
            }
            return None;
        }
        if self.deed.computed && self.moment != Moment::Main {
            return found(Severity::High, format!("runs code under a hidden name: `{}`", self.shown()));
        }
        if !matches!(callee, "eval" | "exec" | "execfile" | "runpy.run_path")
            || self.place != Place::Model
            || self.moment == Moment::Main
        {
            return None;
        }
        let from_file = self
            .comes_from(|origin| {
                origin == "open" || origin.ends_with(".read_text") || origin.ends_with(".read")
            })
            .is_some();
        let version = texts(self.deed).iter().any(|text| text.contains("version") || text.contains("about"));
        if from_file && !version || callee == "runpy.run_path" && self.moment == Moment::Import {
            return found(Severity::Medium, format!("runs code out of a file: `{}`", self.shown()));
        }
        let told = callee != "eval" || self.comes_from(|origin| origin == "parameter").is_some();
        if told && self.moment == Moment::Import {
            return found(Severity::Medium, format!("runs code that it puts together: `{}`", self.shown()));
        }
        let request = self.comes_from(|origin| origin == "parameter").is_some();
        let names = [
            "handle",
            "preprocess",
            "predict",
            "execute",
            "postprocess",
            "inference",
            "forward",
            "__call__",
            "generate",
            "load_context",
        ];
        let entry =
            self.flow.scopes.get(self.deed.scope).is_some_and(|scope| names.contains(&scope.name.as_str()));
        if request && entry {
            return found(Severity::High, format!("runs what a request holds as code: `{}`", self.shown()));
        }
        (self.moment == Moment::Called)
            .then(|| (Harm::Code, Severity::Low, format!("evaluates text as code: `{}`", self.shown())))
    }

    fn unpickle(&self) -> Verdict {
        if let Some(origin) = self.comes_from(is_network) {
            let severity = if self.place == Place::Model { Severity::High } else { Severity::Low };
            return Some((Harm::Code, severity, format!("unpickles what it fetches with `{}`", cut(origin))));
        }
        let literal = self.operands().any(|operand| operand.text.as_ref().is_some_and(|text| text.len() > 8));
        let decoded = self.comes_from(|origin| starts_any(origin, DECODE));
        let opens = self.deed.callee.ends_with(".load") || self.deed.callee.ends_with("Unpickler");
        if literal
            && !opens
            && self.moment != Moment::Main
            && (decoded.is_some() || self.place == Place::Model)
        {
            return Some((
                Harm::Code,
                Severity::High,
                format!("unpickles what the source holds: `{}`", self.shown()),
            ));
        }
        if self.place == Place::Model && self.moment == Moment::Import {
            return Some((Harm::Code, Severity::Medium, format!("unpickles a file: `{}`", self.shown())));
        }
        None
    }

    fn native(&self) -> Verdict {
        let path = self.deed.arguments.first().and_then(|first| first.text.clone()).unwrap_or_default();
        let found = |severity| Some((Harm::Code, severity, format!("loads native code: `{}`", self.shown())));
        if self.moment == Moment::Main {
            return None;
        }
        if self.comes_from(|origin| is_network(origin) || starts_any(origin, DECODE)).is_some() {
            return found(Severity::High);
        }
        let system = [
            "libc", "libm.", "libdl", "libgomp", "libcuda", "libnv", "kernel32", "user32", "libc.so",
            "msvcrt",
        ];
        if system.iter().any(|name| path.starts_with(name)) {
            return (self.place == Place::Model && self.moment == Moment::Import).then(|| {
                (Harm::Code, Severity::Low, format!("loads a library of the system: `{}`", self.shown()))
            });
        }
        match self.place {
            Place::Model if path.starts_with('/') || path.contains("tmp/") => found(Severity::High),
            Place::Model if !path.is_empty() => found(Severity::Medium),
            Place::Model if self.moment == Moment::Import => found(Severity::Low),
            Place::Plain if path.starts_with("/tmp/") => found(Severity::High),
            _ => None,
        }
    }

    fn network(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let found = |severity, what: String| Some((Harm::Network, severity, what));
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let sends = SENDS.contains(&last);
        let named =
            |name: &str| matches!(name, "headers" | "auth" | "timeout" | "verify" | "params" | "cookies");
        let secret = |origin: &str| {
            origin == "os.environ"
                || origin.ends_with("HfFolder.get_token")
                || origin == "huggingface_hub.get_token"
                || origin.starts_with("keyring.get")
                || origin.starts_with("browser_cookie3.")
        };
        let reads_secret = self.operands().any(|operand| {
            operand.origins.iter().any(|origin| {
                origin == "open" || origin.ends_with(".read_text") || origin.ends_with(".read_bytes")
            }) && operand
                .pieces
                .iter()
                .chain(&operand.text)
                .any(|text| SECRETS.iter().any(|path| text.contains(path)))
        });
        // A token in a header is how services are called.
        let whole = self.comes_from(|origin| origin == "os.environ");
        let rest = self
            .deed
            .arguments
            .iter()
            .chain(self.deed.keywords.iter().filter(|(name, _)| !named(name)).map(|(_, value)| value));
        let origin = whole.or_else(|| {
            rest.flat_map(|operand| &operand.origins).map(String::as_str).find(|origin| secret(origin))
        });
        if self.moment != Moment::Main || self.place == Place::Model {
            if let Some(origin) = origin {
                return found(
                    Severity::Critical,
                    format!("sends `{}` away: `{}`", cut(origin), self.shown()),
                );
            }
            if reads_secret {
                return found(
                    Severity::Critical,
                    format!("sends a file of credentials away: `{}`", self.shown()),
                );
            }
        }
        if self.place != Place::Model || self.moment == Moment::Main {
            return None;
        }
        let body = self.deed.keywords.iter().filter(|(name, _)| !named(name)).map(|(_, value)| value);
        let carries = |wanted: &str| {
            self.deed
                .arguments
                .iter()
                .chain(body.clone())
                .any(|operand| operand.origins.iter().any(|origin| origin == wanted))
        };
        if sends
            && (carries("os.environ[secret]")
                || self
                    .deed
                    .arguments
                    .iter()
                    .any(|operand| operand.origins.iter().any(|origin| origin == "os.environ[secret]")))
        {
            return found(Severity::High, format!("sends a credential away: `{}`", self.shown()));
        }
        let host = [
            "platform.node",
            "socket.gethostname",
            "getpass.getuser",
            "os.getlogin",
            "os.uname",
            "platform.uname",
            "os.getcwd",
            "platform.platform",
        ];
        if sends && let Some(origin) = self.comes_from(|origin| host.contains(&origin)) {
            return found(Severity::High, format!("sends `{}` away: `{}`", cut(origin), self.shown()));
        }
        let address = texts(self.deed).into_iter().find(|text| text.contains("://"));
        let ours = address.as_deref().is_some_and(|url| {
            url.contains("://huggingface.co")
                || url.contains("localhost")
                || url.contains("127.0.0.1")
                || url.contains("0.0.0.0")
        });
        let constant =
            address.is_some() || self.deed.arguments.first().is_some_and(|first| first.text.is_some());
        match self.moment {
            _ if ours => None,
            // Where to is not written here: what is given decides.
            Moment::Import if !constant && !callee.starts_with("socket.") => {
                found(Severity::Low, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Import if sends || callee.starts_with("socket.") => {
                found(Severity::High, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Import => found(Severity::Medium, format!("reaches the network: `{}`", self.shown())),
            Moment::Called
                if callee.starts_with("socket.")
                    && matches!(
                        last,
                        "connect"
                            | "connect_ex"
                            | "create_connection"
                            | "gethostbyname"
                            | "getaddrinfo"
                            | "sendto"
                    )
                    && constant =>
            {
                found(Severity::High, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() && sends => {
                found(Severity::High, format!("sends data to a fixed address: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() && matches!(last, "urlretrieve" | "download") => {
                found(Severity::Medium, format!("fetches a file from a fixed address: `{}`", self.shown()))
            }
            Moment::Called
                if matches!(last, "gethostbyname" | "getaddrinfo")
                    && self.comes_from(|origin| origin != "parameter").is_some() =>
            {
                found(Severity::High, format!("asks a name server for what it computes: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() => {
                found(Severity::Low, format!("reaches the network: `{}`", self.shown()))
            }
            _ => None,
        }
    }

    fn file(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let found =
            |severity, what: &str| Some((Harm::File, severity, format!("{what}: `{}`", self.shown())));
        if self.moment == Moment::Main {
            return None;
        }
        let opens = matches!(callee, "open" | "io.open" | "codecs.open" | "os.open")
            || last == "open" && callee.contains("Path");
        let writes_text = matches!(last, "write_text" | "write_bytes" | "touch" | "symlink_to");
        let reads_text = matches!(last, "read_text" | "read_bytes");
        let copies = matches!(
            callee,
            "shutil.copy"
                | "shutil.copyfile"
                | "shutil.move"
                | "os.rename"
                | "os.replace"
                | "os.symlink"
                | "os.link"
                | "shutil.copy2"
        );
        let deletes =
            matches!(callee, "shutil.rmtree" | "os.remove" | "os.unlink" | "os.rmdir" | "os.removedirs");
        let chmods = matches!(callee, "os.chmod");
        if !(opens || writes_text || reads_text || copies || deletes || chmods) {
            return None;
        }
        // The path: of an object's method it is what the object was made of.
        let mut paths: Vec<&str> = Vec::new();
        let wanted = if copies { 2 } else { 1 };
        for operand in self.deed.arguments.iter().take(wanted) {
            paths.extend(operand.text.iter().map(String::as_str));
            paths.extend(operand.pieces.iter().map(String::as_str));
        }
        let owner = writes_text || reads_text || callee.contains("Path");
        let made: Vec<String> = if owner { self.made_of(callee) } else { Vec::new() };
        paths.extend(made.iter().map(String::as_str));
        let mode = self
            .deed
            .keywords
            .iter()
            .find(|(name, _)| name == "mode")
            .map(|(_, value)| value)
            .or_else(|| self.deed.arguments.get(usize::from(!owner)))
            .and_then(|mode| mode.text.clone())
            .unwrap_or_else(|| "r".to_owned());
        let writes = writes_text
            || copies
            || chmods
            || opens && mode.len() <= 4 && mode.contains(['w', 'a', 'x', '+']);
        let touches = |list: &[&str]| paths.iter().any(|path| list.iter().any(|part| path.contains(part)));
        if writes {
            let site =
                self.operands().flat_map(|operand| operand.origins.iter()).chain(&self.deed.origins).any(
                    |origin| {
                        starts_any(
                            origin,
                            &["site.get", "sysconfig.get_path", "distutils.sysconfig.get_python_lib"],
                        )
                    },
                );
            let severity = if self.place == Place::Plain && self.moment != Moment::Import {
                Severity::Low
            } else {
                Severity::High
            };
            if (touches(PERSISTENT) || site) && self.place != Place::Setup {
                return found(severity, "writes where code is run later");
            }
            let outside = paths.iter().any(|path| path.starts_with('/') || path.starts_with('~'));
            if self.place == Place::Model && self.moment == Moment::Import && outside {
                return found(Severity::Medium, "writes outside the model's folder");
            }
        }
        if (opens || reads_text || copies) && !writes_text && touches(SECRETS) {
            return match self.place {
                Place::Model => found(Severity::High, "reads a file of credentials"),
                _ if self.moment == Moment::Import => found(Severity::Medium, "reads a file of credentials"),
                _ => None,
            };
        }
        if deletes {
            let whole = paths.iter().filter(|path| !path.is_empty()).any(|path| {
                matches!(
                    path.trim_end_matches(['/', '*']),
                    "" | "~" | "/home" | "/root" | "/etc" | "/usr" | "/var"
                )
            });
            if whole {
                return found(Severity::High, "deletes what is not its own");
            }
            let outside = paths.iter().any(|path| path.starts_with('/') || path.starts_with('~'));
            if self.place == Place::Model && outside {
                return found(Severity::Medium, "deletes what is not its own");
            }
        }
        None
    }

    /// Texts of the calls that made the object whose method this is.
    fn made_of(&self, callee: &str) -> Vec<String> {
        let Some((owner, _)) = callee.rsplit_once('.') else { return Vec::new() };
        let maker = owner.trim_end_matches("()");
        let nearby = self.flow.deeds.iter().filter(|deed| {
            deed.line.abs_diff(self.deed.line) <= 3
                && deed.scope == self.deed.scope
                && maker.starts_with(deed.callee.as_str())
        });
        nearby.flat_map(texts).collect()
    }
}

fn cut(text: &str) -> String {
    let text = text.escape_debug().to_string();
    if text.chars().count() <= 100 { text } else { text.chars().take(100).chain("...".chars()).collect() }
}
