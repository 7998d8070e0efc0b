//! Names of callables: what is known about them under every spelling.

use vauban_knowledge::calls::{Calls, Effect};

/// Attributes that lead from any object to the interpreter.
pub(super) const INTERNALS: &[&str] = &[
    "__base__",
    "__bases__",
    "__builtins__",
    "__call__",
    "__class__",
    "__closure__",
    "__code__",
    "__delattr__",
    "__dict__",
    "__func__",
    "__getattr__",
    "__getattribute__",
    "__globals__",
    "__import__",
    "__init_subclass__",
    "__loader__",
    "__mro__",
    "__reduce__",
    "__reduce_ex__",
    "__self__",
    "__setattr__",
    "__spec__",
    "__subclasses__",
    "__wrapped__",
    "cr_frame",
    "f_back",
    "f_builtins",
    "f_globals",
    "f_locals",
    "func_code",
    "func_globals",
    "gi_frame",
    "mro",
    "tb_frame",
];

/// Classes with lower-case names, whose attributes are their methods and no modules.
const LOWER_CLASSES: &[&str] = &[
    "bytearray",
    "bytes",
    "csr_matrix",
    "date",
    "datetime",
    "dict",
    "dtype",
    "float",
    "frozenset",
    "int",
    "interp1d",
    "list",
    "ndarray",
    "object",
    "recarray",
    "set",
    "str",
    "timedelta",
    "tuple",
    "unicode",
];

/// What the table says about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// What calling it does.
    pub(super) effect: Effect,
    /// Whether the table names it; otherwise a row stands for all classes or names of its module.
    pub(super) named: bool,
}

/// What is known about a name; `None` if nothing is.
pub(super) fn known(calls: &Calls, module: &str, name: &str) -> Option<Known> {
    let surely = |effect| Some(Known { effect, named: true });
    // The constructor that protocol 2 keeps with its arguments, where later ones have an opcode.
    if let Some(class) = name.strip_suffix(".__new__") {
        return known(calls, module, class);
    }
    // The names in a module of one's own, which dill hands to functions; nothing is reached through it by itself.
    if name == "__dict__" && !calls.is_standard(module) && calls.lookup(module, "?").is_none() {
        return None;
    }
    if name.split('.').any(|part| INTERNALS.contains(&part)) {
        return surely(Effect::CodeExecution);
    }
    // Types of a TorchScript archive, which the loader finds in the archive's own code; Python has no such module.
    if module == "__torch__" || module.starts_with("__torch__.") {
        return surely(Effect::Data);
    }
    // The program that loads the file decides what this is.
    if module == "__main__" {
        return None;
    }
    let direct = calls.lookup(module, if name.is_empty() { "?" } else { name });
    let direct = direct.map(|call| Known { effect: call.effect, named: call.named });
    // A module is reachable through every module that imports it.
    let parts: Vec<&str> = name.split('.').collect();
    let through = (0..parts.len().saturating_sub(1)).filter_map(|at| {
        let module = canonical_module(parts.get(at)?.trim_start_matches('_'));
        calls.lookup(module, &parts.get(at + 1..)?.join(".")).map(|call| call.effect)
    });
    if let Some(worst) = through.filter(|effect| !effect.is_expected()).max() {
        return surely(direct.map_or(worst, |direct| direct.effect.max(worst)));
    }
    let direct = direct.or_else(|| {
        let library =
            calls.lookup(module, "Any").is_some_and(|call| call.effect.is_expected() && !call.named);
        (library && (looks_like_class(name) || rebuilds(name)) && !name.contains('.'))
            .then_some(Known { effect: Effect::Data, named: false })
    });
    let reaches_module = parts.last().is_some_and(|last| calls.is_standard(last.trim_start_matches('_')));
    let opaque = parts.iter().rev().skip(1).any(|part| {
        let class = part.trim_start_matches('_').starts_with(|char: char| char.is_ascii_uppercase());
        !class && !LOWER_CLASSES.contains(part)
    });
    match direct {
        Some(known) if known.effect.is_expected() && !known.named && reaches_module => surely(Effect::Import),
        Some(known) if known.effect.is_expected() && !known.named && opaque => None,
        None if reaches_module && calls.is_standard(module) => surely(Effect::Import),
        direct => direct,
    }
}

fn canonical_module(module: &str) -> &str {
    match module {
        "__builtin__" | "builtin" => "builtins",
        "np" => "numpy",
        "pd" => "pandas",
        other => other,
    }
}

/// Module and name as one, with Python 2's and C's spellings of the built-in modules folded.
pub(super) fn full_name(module: &str, name: &str) -> String {
    let module = match module {
        "__builtin__" => "builtins",
        "_functools" => "functools",
        "_operator" => "operator",
        "copy_reg" => "copyreg",
        other => other,
    };
    match (module, name) {
        (module, "") => module.to_owned(),
        ("builtins", "reduce") => "functools.reduce".to_owned(),
        _ => format!("{module}.{name}"),
    }
}

/// Whether the last part of a name begins like a class, with a capital behind underscores.
pub(super) fn looks_like_class(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let mut letters = last.trim_start_matches('_').chars();
    match letters.next() {
        Some(first) if first.is_uppercase() => true,
        // Cython classes of one type each: `dStatespace`, `zKalmanFilter`.
        Some('c' | 'd' | 's' | 'z') => letters.next().is_some_and(char::is_uppercase),
        _ => false,
    }
}

/// Whether a function of a known library is one that pickles are written for: what Cython generates, and what says in
/// its name that it puts an object together again.
fn rebuilds(name: &str) -> bool {
    let word = name.trim_start_matches('_');
    name.starts_with("__pyx_unpickle_")
        || ["from_state", "new_", "rebuild", "reconstruct", "restore", "unpickle"]
            .iter()
            .any(|start| word.starts_with(start))
        || matches!(name, "newObj" | "construct" | "unserialize")
        || name.ends_with("_ctor")
}

/// Callables that import the module, or reach the dotted name, that they are given as a text.
pub(super) fn imports_by_name(full: &str) -> bool {
    let last = full.rsplit('.').next().unwrap_or(full);
    matches!(
        full,
        "builtins.__import__"
            | "importlib.import_module"
            | "importlib.__import__"
            | "importlib._bootstrap._gcd_import"
            | "pkgutil.resolve_name"
            | "pydoc.locate"
            | "pydoc.safeimport"
            | "torch._utils._import_dotted_name"
            | "unittest.mock._importer"
    ) || full.starts_with("cloudpickle.") && last == "subimport"
        || full.starts_with("dill.") && last == "_import_module"
}

/// Callables that import the module they are given first and reach for the name they are given second.
pub(super) fn reaches_by_two_names(full: &str) -> bool {
    matches!(full, "numpy.core._ufunc_reconstruct" | "numpy._core._ufunc_reconstruct")
        || full.starts_with("cloudpickle.") && full.ends_with("._getobject")
}

/// `getattr` under its names.
pub(super) fn is_getattr(full: &str) -> bool {
    matches!(
        full,
        "builtins.getattr" | "dill._dill._get_attr" | "dill._dill._getattr" | "inspect.getattr_static"
    )
}

/// Callables that make functions out of byte code.
pub(super) fn makes_function(full: &str) -> bool {
    let last = full.rsplit('.').next().unwrap_or(full);
    matches!(full, "types.FunctionType" | "types.LambdaType" | "dill._dill._create_function")
        || full.starts_with("cloudpickle.")
            && matches!(last, "_make_function" | "_make_skel_func" | "_make_method")
}

/// Callables that make code objects.
pub(super) fn makes_code(full: &str) -> bool {
    matches!(full, "types.CodeType" | "dill._dill._create_code")
}

/// Callables that make classes, whose methods are judged as code.
pub(super) fn makes_class(full: &str) -> bool {
    let last = full.rsplit('.').next().unwrap_or(full);
    matches!(
        full,
        "builtins.type"
            | "dill._dill._create_type"
            | "dill._dill._create_namedtuple"
            | "collections.namedtuple"
    ) || full.starts_with("cloudpickle.")
        && matches!(
            last,
            "_make_skeleton_class"
                | "_make_skeleton_enum"
                | "_rehydrate_skeleton_class"
                | "_lookup_class_or_track"
        )
}
