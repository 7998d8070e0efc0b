//! Callables whose effect is decided by what they are given.

use vauban_formats::pickle::{Call, Value, Way};
use vauban_knowledge::calls::Effect;

use super::Verdict;
use super::denote::Denoted;
use super::judge::Judge;
use super::name::{
    INTERNALS, full_name, imports_by_name, is_getattr, known, looks_like_class, makes_class, makes_code,
    reaches_by_two_names,
};

/// Names that take what they are given and call it at once.
const CALLS_FIRST: &[&str] = &[
    "builtins.apply",
    "builtins.filter",
    "builtins.map",
    "functools.reduce",
    "itertools.starmap",
    "itertools.filterfalse",
    "itertools.imap",
    "itertools.ifilter",
    "itertools.takewhile",
    "itertools.dropwhile",
    "builtins.iter",
    "torch._tensor._rebuild_from_type_v2",
    "torch._utils._rebuild_from_type",
];

/// Names that keep what they are given and call it later.
const KEEPS_FIRST: &[&str] = &["functools.partial", "functools.partialmethod", "numpy.vectorize"];

/// Codecs that only turn text into bytes, as pickles of protocol 2 do with every `bytes`.
const PLAIN_CODECS: &[&str] = &["ascii", "iso-8859-1", "latin-1", "latin1", "utf-8", "utf8"];

/// Names that make something as large as the number they are given.
const MAKES_LARGE: &[&str] = &[
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.pow",
    "builtins.range",
    "builtins.xrange",
    "itertools.repeat",
    "numpy._core.multiarray._reconstruct",
    "numpy.arange",
    "numpy.core.multiarray._reconstruct",
    "numpy.empty",
    "numpy.ones",
    "numpy.zeros",
    "operator.ilshift",
    "operator.imul",
    "operator.ipow",
    "operator.lshift",
    "operator.mul",
    "operator.pow",
];

/// A number from which on making something of that size takes the machine's memory; models stay far below.
const LARGE: i64 = 1 << 36;
/// The same for how often a text or list is repeated.
const LARGE_TIMES: i64 = 1 << 30;
/// The same for exponents and shifts.
const LARGE_POWER: i64 = 1 << 24;

/// Whether what the callable does is decided by what it is given.
pub(super) fn depends_on_arguments(full: &str) -> bool {
    CALLS_FIRST.contains(&full)
        || KEEPS_FIRST.contains(&full)
        || MAKES_LARGE.contains(&full)
        || imports_by_name(full)
        || reaches_by_two_names(full)
        || is_getattr(full)
        || makes_code(full)
        || matches!(
            full,
            "_codecs.decode"
                | "_codecs.encode"
                | "builtins.setattr"
                | "builtins.type"
                | "dill._dill._eval_repr"
                | "dill._dill._setattr"
                | "codecs.decode"
                | "codecs.encode"
                | "operator.attrgetter"
                | "operator.itemgetter"
                | "operator.methodcaller"
                | "torch.storage._load_from_bytes"
        )
}

/// Whether the mere presence of the callable says nothing although arguments decide about calls.
pub(super) fn is_mute_alone(full: &str) -> bool {
    KEEPS_FIRST.contains(&full)
        || matches!(
            full,
            "_codecs.encode"
                | "codecs.encode"
                | "operator.itemgetter"
                | "builtins.getattr"
                | "builtins.setattr"
        )
        || full.starts_with("cloudpickle.") && full.ends_with(".subimport")
        || matches!(
            full,
            "builtins.filter" | "builtins.map" | "dill._dill._import_module" | "dill._dill._setattr"
        )
}

/// What a call does, and what is special about it.
pub(super) type Judged = (Verdict, &'static str);

const HARMLESS: Judged = (Verdict::Does(Effect::Harmless), "");

impl Judge<'_> {
    /// What calling a name with these arguments does.
    pub(super) fn judge_call(&self, module: &str, name: &str, full: &str, call: &Call) -> Judged {
        let arguments = self.stream.items(call.arguments);
        let table = known(self.calls, module, name);
        if is_getattr(full) || full == "operator.attrgetter" {
            let name = if full == "operator.attrgetter" { arguments.first() } else { arguments.get(1) };
            return match name.and_then(|name| self.text_of(*name, 1)) {
                Some(name) if name.split('.').any(|part| INTERNALS.contains(&part)) => {
                    (Verdict::Does(Effect::CodeExecution), "reaches the interpreter through an attribute")
                }
                Some(_) => HARMLESS,
                None => (Verdict::Does(Effect::Import), "the attribute's name is put together while loading"),
            };
        }
        if reaches_by_two_names(full) {
            return match self.text_of(arguments.first().copied().unwrap_or_default(), 1) {
                Some(_) => HARMLESS,
                None => (Verdict::Does(Effect::Import), "the name is put together while loading"),
            };
        }
        if MAKES_LARGE.contains(&full) && self.is_large(full, arguments) {
            return (Verdict::Does(Effect::Exhaustion), "makes something too large for memory");
        }
        match full {
            "operator.itemgetter" | "operator.methodcaller" => return HARMLESS,
            "_codecs.encode" | "codecs.encode" | "codecs.decode" | "_codecs.decode" => {
                let codec = arguments.get(1).and_then(|codec| self.text_of(*codec, 1));
                return match codec {
                    Some(codec)
                        if PLAIN_CODECS.contains(&codec.to_lowercase().replace('_', "-").as_str()) =>
                    {
                        HARMLESS
                    }
                    None if arguments.len() < 2 => HARMLESS,
                    _ => (Verdict::Unknown, "a codec that hides what comes out"),
                };
            }
            "torch.storage._load_from_bytes" if self.inner => return HARMLESS,
            "builtins.iter" if arguments.len() < 2 => return HARMLESS,
            "dill._dill._eval_repr" if self.is_plain_name(arguments) => return HARMLESS,
            "builtins.setattr" | "dill._dill._setattr" => return self.judge_setattr(arguments),
            "builtins.type" if arguments.len() >= 3 => {
                return (Verdict::Kept, "makes a class");
            }
            _ => {}
        }
        if KEEPS_FIRST.contains(&full) || CALLS_FIRST.contains(&full) {
            let keeps = KEEPS_FIRST.contains(&full);
            return match arguments.first().map(|first| self.denote(*first, 1)) {
                Some(Denoted::Name(module, name)) => match known(self.calls, &module, &name) {
                    Some(known) => (Verdict::Does(known.effect), "calls what it is given"),
                    None if keeps => (Verdict::Kept, "keeps what it is given, to be called later"),
                    None => (Verdict::Unknown, "calls what it is given"),
                },
                Some(Denoted::Getter(_) | Denoted::Method | Denoted::Instance(..)) if !keeps => {
                    (Verdict::Unknown, "calls what it is given")
                }
                Some(Denoted::TextMethod(..)) | None => HARMLESS,
                _ if keeps => (Verdict::Kept, "keeps what it is given, to be called later"),
                _ => (Verdict::Unknown, "calls what it is given"),
            };
        }
        if makes_code(full) && !self.shows_instructions(arguments) {
            return (Verdict::Unknown, "makes a code object whose instructions are not to be seen");
        }
        let runs_constructor = call.how != Way::New;
        match table {
            Some(known) if known.effect.is_expected() && !known.named && runs_constructor => {
                if self.reaches_out(call.arguments, 0) {
                    (Verdict::Unknown, "a class of a known library, made with what looks like a path or code")
                } else {
                    HARMLESS
                }
            }
            Some(known) => (Verdict::Does(known.effect), ""),
            None if !runs_constructor && !self.calls.is_standard(module) => {
                (Verdict::Kept, "made without its constructor")
            }
            None if self.calls.is_standard(module) => {
                (Verdict::Unknown, "a part of Python's standard library that models do not need")
            }
            None if name.ends_with("Error") || name.ends_with("Exception") || name.ends_with("Warning") => {
                (Verdict::Kept, "an exception")
            }
            None if looks_like_class(name) => {
                if self.reaches_out(call.arguments, 0) {
                    (Verdict::Unknown, "an unknown class, made with what looks like a path or code")
                } else {
                    (Verdict::Kept, "an unknown class, made with plain values")
                }
            }
            None => (Verdict::Unknown, ""),
        }
    }

    /// Whether the instructions of a code object stand in its arguments as bytes.
    fn shows_instructions(&self, arguments: &[Value]) -> bool {
        arguments.iter().any(|value| {
            // Protocol 2 writes bytes as text that is encoded.
            let call = self.stream.call(*value).map(|call| self.stream.items(call.arguments));
            let value = call.and_then(|arguments| arguments.first()).unwrap_or(value);
            self.stream.text_or_bytes(*value).is_some_and(|text| text.length >= 4)
                && !matches!(value, Value::Text(_) if call.is_none())
        })
    }

    /// Setting an attribute: harmless on what the file itself made, under a name without power.
    fn judge_setattr(&self, arguments: &[Value]) -> Judged {
        let [target, name, ..] = arguments else { return (Verdict::Does(Effect::Import), "") };
        let Some(name) = self.text_of(*name, 1) else {
            return (Verdict::Does(Effect::Import), "the attribute's name is put together while loading");
        };
        match self.denote(*target, 1) {
            _ if INTERNALS.contains(&name.as_str()) && name != "__class__" => {
                (Verdict::Does(Effect::CodeExecution), "replaces a part of the interpreter")
            }
            Denoted::Instance(..) => HARMLESS,
            _ if matches!(
                name.as_str(),
                "__annotations__" | "__doc__" | "__module__" | "__name__" | "__qualname__"
            ) =>
            {
                HARMLESS
            }
            _ => (Verdict::Does(Effect::Import), "writes into what was there before"),
        }
    }

    /// Whether the only argument is the text of a name, which evaluates to what the name stands for.
    fn is_plain_name(&self, arguments: &[Value]) -> bool {
        let name = arguments.first().and_then(|name| self.text_of(*name, 1));
        name.is_some_and(|name| {
            !name.contains("__")
                && name.chars().all(|char| char.is_alphanumeric() || char == '_' || char == '.')
        })
    }

    /// What looking a name up without calling it amounts to.
    pub(super) fn judge_lookup(&self, module: &str, name: &str) -> Verdict {
        match known(self.calls, module, name) {
            // What makes functions is of no use unless something calls it.
            Some(known) if known.effect == Effect::Function => Verdict::Does(Effect::Import),
            Some(known) => Verdict::Does(known.effect),
            None if self.calls.is_standard(module) => Verdict::Unknown,
            None => Verdict::Kept,
        }
    }

    /// Whether texts in the arguments look like a path, an address, a command or code.
    fn reaches_out(&self, value: Value, depth: u32) -> bool {
        if let Some(text) = self.stream.text_or_bytes(value) {
            return text.length < 4096
                && (text.head.contains(['/', '\\', ';', '|', '`', '$', '(', '~', '<', '>', '&'])
                    || text.head.contains("__")
                    || text.head.contains("import "));
        }
        let Some(container) = self.stream.container(value) else { return false };
        depth < 3 && container.items.iter().any(|item| self.reaches_out(*item, depth + 1))
    }

    fn is_large(&self, full: &str, arguments: &[Value]) -> bool {
        let number = |value: &Value| match value {
            Value::Int(number) => Some(*number),
            Value::LongInt(_) => Some(i64::MAX),
            _ => None,
        };
        if full.ends_with("pow") || full.ends_with("shift") {
            return arguments.get(1).and_then(number).is_some_and(|power| power >= LARGE_POWER);
        }
        let repeated = full.starts_with("operator.")
            && arguments
                .iter()
                .any(|value| matches!(value, Value::Text(_) | Value::Bytes(_) | Value::Container(_)));
        let most = if repeated { LARGE_TIMES } else { LARGE };
        arguments.iter().any(|value| {
            // A shape is as large as the product of its extents.
            let product =
                self.stream.items(*value).iter().filter_map(number).fold(1_i64, i64::saturating_mul);
            number(value).is_some_and(|number| number >= most) || product >= most
        })
    }

    /// What calling something that a call returned amounts to.
    pub(super) fn judge_result_called(&self, module: &str, name: &str, call: &Call) -> Judged {
        let full = full_name(module, name);
        if super::name::makes_function(&full) {
            return (Verdict::Does(Effect::CodeExecution), "runs a function that the file carries");
        }
        if makes_class(&full) {
            return (Verdict::Does(Effect::Function), "makes an object of a class that the file carries");
        }
        if call.how == Way::New {
            (Verdict::Kept, "")
        } else {
            (Verdict::Unknown, "what a call returned is called")
        }
    }
}
