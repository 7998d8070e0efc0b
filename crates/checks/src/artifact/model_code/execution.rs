//! Text, pickles and native libraries that become running code.
//!
//! Source: the libraries' documentation.

use vauban_domain::Severity;
use vauban_formats::python::flow_of;

use super::judge::{Judge, Verdict, cut, starts_any, texts};
use super::network::is_network;
use super::{Harm, Moment, Place, judge_flow};

/// Runs text or byte code as code.
const EXEC: &[&str] = &[
    "code.InteractiveConsole().push",
    "code.InteractiveInterpreter().runcode",
    "code.InteractiveInterpreter().runsource",
    "compile",
    "eval",
    "exec",
    "execfile",
    "runpy.run_module",
    "runpy.run_path",
    "timeit.timeit",
    "types.CodeType",
    "types.FunctionType",
    "FunctionType",
    "CodeType",
    "cProfile.run",
    "profile.run",
    "pdb.run",
    "trace.Trace().run",
    "numexpr.evaluate",
];
/// Builds objects out of bytes by calling what the bytes name.
const UNPICKLE: &[&str] = &[
    "cPickle.loads",
    "cPickle.load",
    "cloudpickle.load",
    "cloudpickle.loads",
    "dill.load",
    "dill.loads",
    "jsonpickle.decode",
    "marshal.load",
    "marshal.loads",
    "pickle.Unpickler",
    "pickle.load",
    "pickle.loads",
    "_pickle.loads",
    "_pickle.load",
    "yaml.unsafe_load",
];
/// Undoes what hides code.
pub(super) const DECODE: &[&str] = &[
    "base64.",
    "binascii.",
    "bytes.fromhex",
    "bytearray.fromhex",
    "bz2.decompress",
    "codecs.decode",
    "gzip.decompress",
    "lzma.decompress",
    "marshal.loads",
    "zlib.decompress",
    "cryptography.fernet.",
];
/// Last parts of names that load native code.
const NATIVE: &[&str] = &["CDLL", "PyDLL", "WinDLL", "OleDLL", "LoadLibrary", "dlopen", "load_library"];

impl Judge<'_> {
    /// Text or byte code that is run as code.
    pub(super) fn exec(&self) -> Verdict {
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
            judge_flow(&flow_of(text), place, self.depth + 1, &mut inner);
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

    /// Bytes that are unpickled.
    pub(super) fn unpickle(&self) -> Verdict {
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

    /// A native library that is loaded.
    pub(super) fn native(&self) -> Verdict {
        let path = self.deed.arguments.first().and_then(|first| first.text.clone()).unwrap_or_default();
        let found = |severity| Some((Harm::Code, severity, format!("loads native code: `{}`", self.shown())));
        if self.moment == Moment::Main {
            return None;
        }
        if self.comes_from(|origin| is_network(origin) || starts_any(origin, DECODE)).is_some() {
            return found(Severity::High);
        }
        let system =
            ["libc.", "libm.", "libdl.", "libgomp", "libcuda", "libnv", "kernel32", "user32", "msvcrt"];
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
}

pub(super) fn is_exec(callee: &str) -> bool {
    EXEC.contains(&callee) || callee.ends_with("()()") && callee.contains("FunctionType")
}

pub(super) fn is_unpickle(callee: &str) -> bool {
    UNPICKLE.contains(&callee)
}

pub(super) fn is_native(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or(callee);
    (callee.starts_with("ctypes.") || callee.starts_with("cffi.") || callee.starts_with("torch."))
        && NATIVE.contains(&last)
        || matches!(callee, "CDLL" | "cdll.LoadLibrary" | "_ctypes.dlopen")
}
