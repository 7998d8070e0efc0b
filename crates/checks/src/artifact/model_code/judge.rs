//! One call judged: which of the judgements it falls under, and what they ask about it.

use vauban_domain::Severity;
use vauban_formats::python::{Deed, Flow, Operand};

use super::execution::{is_exec, is_native, is_unpickle};
use super::network::is_network;
use super::process::is_process;
use super::{Harm, Moment, Place};

/// A call, whose code it stands in, and when it runs.
pub(super) struct Judge<'a> {
    pub(super) deed: &'a Deed,
    pub(super) place: Place,
    pub(super) moment: Moment,
    pub(super) flow: &'a Flow,
    pub(super) depth: usize,
}

/// What a call does, how bad that is, and how to say it; `None` if it is nothing of note.
pub(super) type Verdict = Option<(Harm, Severity, String)>;

impl Judge<'_> {
    /// Everything that the call is given.
    pub(super) fn operands(&self) -> impl Iterator<Item = &Operand> {
        self.deed.arguments.iter().chain(self.deed.keywords.iter().map(|(_, value)| value))
    }

    /// An origin of what the call is given, of the wanted sort.
    pub(super) fn comes_from(&self, wanted: impl Fn(&str) -> bool) -> Option<&str> {
        self.operands().flat_map(|operand| &operand.origins).map(String::as_str).find(|origin| wanted(origin))
    }

    /// Whether the moment counts: code of models is used, other code may never be.
    pub(super) fn runs(&self) -> bool {
        match self.place {
            Place::Model => self.moment != Moment::Main,
            Place::Setup | Place::Plain => self.moment == Moment::Import,
        }
    }

    /// The call, for people.
    pub(super) fn shown(&self) -> String {
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

    /// What the call amounts to.
    pub(super) fn verdict(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        // A callable handed to something that calls it, such as `map(os.system, …)` or `Thread(target=…)`.
        let passed = self
            .operands()
            .filter_map(|operand| operand.name.as_deref())
            .find(|name| is_process(name) || matches!(*name, "eval" | "exec"));
        if is_process(callee) {
            return self.process(callee);
        }
        if is_exec(callee) {
            return self.exec();
        }
        if is_unpickle(callee) {
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
            let mut paths = self.operands().filter_map(|operand| operand.text.as_deref());
            let outside = paths.any(|path| path.starts_with(['/', '~']) || path.contains("../"));
            if outside || self.comes_from(is_network).is_some() {
                return found(Severity::High, "imports a file from outside the model's folder");
            }
        }
        if callee.contains("CFUNCTYPE()") && self.place == Place::Model {
            return found(Severity::Medium, "runs memory as code");
        }
        None
    }
}

/// All texts that a call is given, lists joined.
pub(super) fn texts(deed: &Deed) -> Vec<String> {
    let operands = deed.arguments.iter().chain(deed.keywords.iter().map(|(_, value)| value));
    operands.flat_map(|operand| operand.text.iter().chain(&operand.pieces).cloned()).collect()
}

pub(super) fn starts_any(name: &str, starts: &[&str]) -> bool {
    starts.iter().any(|start| name.starts_with(start))
}

/// A text for people: escaped, and not too long.
pub(super) fn cut(text: &str) -> String {
    let text = text.escape_debug().to_string();
    if text.chars().count() <= 100 { text } else { text.chars().take(100).chain("...".chars()).collect() }
}
