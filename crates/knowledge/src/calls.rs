//! Python callables that appear in pickles, and what calling them does.
//!
//! A table, not a judgement: rules decide which effect is worth a finding. A callable that is not here is
//! unknown, which is itself a fact.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::table::rows;

/// What calling something does, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Builds a plain value.
    Harmless,
    /// Builds or transforms data of a known library; nothing leaves the process.
    Data,
    /// Rebuilds functions or classes from byte code that the file carries; what the code does is judged by itself.
    Function,
    /// Uses up time or memory.
    Exhaustion,
    /// Brings other modules or attributes within reach that the caller does not name in the open.
    Import,
    /// Reads files, folders or the environment.
    FileRead,
    /// Creates, changes or deletes files, or opens them in a mode that could.
    FileWrite,
    /// Reaches the network.
    Network,
    /// Starts programs or calls into the operating system.
    Process,
    /// Runs code that the file carries or names.
    CodeExecution,
}

impl Effect {
    /// The hyphenated word used in the table and in evidence.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Data => "data",
            Self::Function => "function",
            Self::Exhaustion => "exhaustion",
            Self::Import => "import",
            Self::FileRead => "file-read",
            Self::FileWrite => "file-write",
            Self::Network => "network",
            Self::Process => "process",
            Self::CodeExecution => "code-execution",
        }
    }

    /// Whether a pickle that does this is what its reader expected.
    pub const fn is_expected(self) -> bool {
        matches!(self, Self::Harmless | Self::Data)
    }
}

/// What is known about a callable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What calling it does.
    pub effect: Effect,
    /// Distribution it ships in, `python` for the standard library.
    pub library: String,
    /// A few words more; may be empty.
    pub note: String,
    /// Whether the row names this callable; otherwise it stands for every class or name of a module.
    pub named: bool,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calls {
    exact: BTreeMap<String, BTreeMap<String, Call>>,
    below: BTreeMap<String, BTreeMap<String, Call>>,
    standard: BTreeSet<String>,
}

/// Older or internal names of modules, and where their callables live now (`_compat_pickle` of CPython), sorted.
const ALIASES: [(&str, &str); 36] = [
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("ConfigParser", "configparser"),
    ("Cookie", "http.cookies"),
    ("DocXMLRPCServer", "xmlrpc.server"),
    ("HTMLParser", "html.parser"),
    ("Queue", "queue"),
    ("SimpleHTTPServer", "http.server"),
    ("SimpleXMLRPCServer", "xmlrpc.server"),
    ("SocketServer", "socketserver"),
    ("StringIO", "io"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("__builtin__", "builtins"),
    ("_abcoll", "collections.abc"),
    ("_functools", "functools"),
    ("_operator", "operator"),
    ("_pydatetime", "datetime"),
    ("_pydecimal", "decimal"),
    ("_winreg", "winreg"),
    ("anydbm", "dbm"),
    ("cPickle", "pickle"),
    ("cStringIO", "io"),
    ("commands", "subprocess"),
    ("cookielib", "http.cookiejar"),
    ("copy_reg", "copyreg"),
    ("exceptions", "builtins"),
    ("httplib", "http.client"),
    ("robotparser", "urllib.robotparser"),
    ("sklearn.externals.joblib", "joblib"),
    ("sklearn.tree.tree", "sklearn.tree._classes"),
    ("thread", "_thread"),
    ("torch.nn.modules.module.torch", "torch"),
    ("urllib2", "urllib.request"),
    ("xmlrpclib", "xmlrpc.client"),
];

impl Calls {
    /// What is known about `module.name`; `name` may be dotted, as protocol 4 allows.
    ///
    /// The most specific row wins: an exact name, a wildcard in the module, then the nearest enclosing package.
    pub fn lookup(&self, module: &str, name: &str) -> Option<&Call> {
        self.direct(module, name).or_else(|| {
            // A Python 2 name keeps its own row when it has one, such as `__builtin__.execfile`.
            let at = ALIASES.binary_search_by_key(&module, |(old, _)| old).ok()?;
            self.direct(ALIASES.get(at)?.1, name)
        })
    }

    /// Whether the module is in or below one of Python's standard library, of 2.7 or 3.
    pub fn is_standard(&self, module: &str) -> bool {
        self.standard.contains(module.split('.').next().unwrap_or(module))
    }

    fn direct(&self, module: &str, name: &str) -> Option<&Call> {
        let whole = format!("{module}.{name}");
        // `os` + `path.join` and `os.path` + `join` are the same thing: try the longest module first.
        let splits = whole.rmatch_indices('.').map(|(at, _)| (&whole[..at], &whole[at + 1..]));
        for (module, name) in splits {
            if let Some(call) = self.exact.get(module).and_then(|names| pick(names, name)) {
                return Some(call);
            }
            if let Some(call) = self.enclosing(module, name) {
                return Some(call);
            }
        }
        None
    }

    fn enclosing(&self, module: &str, name: &str) -> Option<&Call> {
        let mut package = module;
        loop {
            if let Some(call) = self.below.get(package).and_then(|names| pick(names, name)) {
                return Some(call);
            }
            package = &package[..package.rfind('.')?];
        }
    }

    pub(crate) fn builtin() -> Self {
        let mut calls = Self::default();
        for row in rows::<Row>("calls", include_str!("../data/calls.csv")) {
            let (table, module) = match row.module.strip_suffix(".*") {
                Some(package) => (&mut calls.below, package),
                None => (&mut calls.exact, row.module.as_str()),
            };
            let names = table.entry(module.to_owned()).or_default();
            for name in row.names.split_ascii_whitespace() {
                let named = !matches!(name, "*" | "<class>");
                let call =
                    Call { effect: row.effect, library: row.library.clone(), note: row.note.clone(), named };
                names.insert(name.to_owned(), call);
            }
        }
        calls.standard = rows::<Module>("standard-modules", include_str!("../data/standard-modules.csv"))
            .into_iter()
            .map(|row| row.module)
            .collect();
        calls
    }
}

fn pick<'a>(names: &'a BTreeMap<String, Call>, name: &str) -> Option<&'a Call> {
    let class = || names.get("<class>").filter(|_| looks_like_class(name));
    names.get(name).or_else(class).or_else(|| names.get("*"))
}

/// Class names start with a capital, behind any underscores; every part of a dotted name must look so.
fn looks_like_class(name: &str) -> bool {
    name.split('.').all(|part| part.trim_start_matches('_').starts_with(|c: char| c.is_ascii_uppercase()))
}

#[derive(Deserialize)]
struct Row {
    module: String,
    names: String,
    effect: Effect,
    library: String,
    note: String,
}

#[derive(Deserialize)]
struct Module {
    module: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Option<Effect>, callables: &[(&str, &str)]) {
        let calls = Calls::builtin();
        for (module, name) in callables {
            let found = calls.lookup(module, name).map(|call| call.effect);
            assert_eq!(found, expected, "{module}.{name}");
        }
    }

    #[test]
    fn dangerous_callables_are_known_under_every_spelling() {
        check(
            Some(Effect::Process),
            &[
                ("os", "system"),
                ("posix", "system"),
                ("nt", "system"),
                ("subprocess", "Popen"),
                ("asyncio.subprocess", "create_subprocess_shell"),
                ("pty", "spawn"),
                ("pip._internal.cli.main", "main"),
            ],
        );
        check(
            Some(Effect::CodeExecution),
            &[
                ("builtins", "eval"),
                ("__builtin__", "eval"),
                ("__builtin__", "execfile"),
                ("runpy", "_run_code"),
                ("timeit", "timeit"),
                ("torch", "hub.load"),
                ("numpy.testing._private.utils", "runstring"),
                ("functools", "reduce"),
            ],
        );
        check(
            Some(Effect::Network),
            &[("socket", "socket"), ("urllib.request", "urlopen"), ("requests", "get")],
        );
        check(
            Some(Effect::Function),
            &[
                ("cloudpickle.cloudpickle", "_make_function"),
                ("cloudpickle.cloudpickle_fast", "_function_setstate"),
                ("dill._dill", "_create_function"),
                ("types", "CodeType"),
            ],
        );
        check(Some(Effect::FileWrite), &[("shutil", "rmtree"), ("__builtin__", "open"), ("os", "remove")]);
        check(Some(Effect::Import), &[("builtins", "__import__"), ("importlib", "import_module")]);
    }

    #[test]
    fn what_ordinary_models_hold_is_expected() {
        let calls = Calls::builtin();
        for (module, name) in [
            ("sklearn.ensemble._forest", "RandomForestClassifier"),
            ("sklearn.tree._tree", "Tree"),
            ("sklearn.tree.tree", "DecisionTreeClassifier"),
            ("joblib.numpy_pickle", "NumpyArrayWrapper"),
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy._core.multiarray", "_reconstruct"),
            ("numpy.core.multiarray", "scalar"),
            ("collections", "OrderedDict"),
            ("torch._utils", "_rebuild_tensor_v2"),
            ("torch", "FloatStorage"),
            ("torch.nn.modules.linear", "Linear"),
            ("copy_reg", "_reconstructor"),
            ("__builtin__", "object"),
            ("_codecs", "encode"),
            ("pandas.core.internals.managers", "BlockManager"),
            ("xgboost.core", "Booster"),
            ("scipy.sparse._csr", "csr_matrix"),
            ("datetime", "datetime"),
        ] {
            let call = calls.lookup(module, name);
            assert!(call.is_some_and(|call| call.effect.is_expected()), "{module}.{name}: {call:?}");
        }
    }

    #[test]
    fn aliases_are_sorted() {
        assert!(ALIASES.is_sorted_by_key(|(old, _)| *old));
    }

    #[test]
    fn standard_modules_of_both_pythons() {
        let calls = Calls::builtin();
        for module in ["os", "posix", "idlelib.run", "cPickle", "copy_reg", "concurrent.futures"] {
            assert!(calls.is_standard(module), "{module}");
        }
        assert!(!calls.is_standard("numpy") && !calls.is_standard("__main__"));
    }

    #[test]
    fn strangers_and_functions_of_known_packages_stay_unknown() {
        check(
            None,
            &[
                ("clinic.features", "Normaliser"),
                ("sklearn.externals.evil", "run"),
                ("oss", "system"),
                ("", ""),
            ],
        );
    }
}
