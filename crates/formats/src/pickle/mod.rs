//! Pickle: Python's object serialisation, protocols 0 to 5, several streams in one file, junk around them.
//!
//! Source: CPython's `Lib/pickle.py`, `Lib/pickletools.py` and `Modules/_pickle.c`.

mod array;
mod cursor;
mod facts;
mod keep;
mod listing;
mod machine;
mod opcode;
mod slot;
mod wrapped;

pub use facts::{
    Call, Container, ContainerKind, Import, Lookup, Pickle, Stream, TEXT_KEPT, Text, Value, Way,
};

use crate::{Budget, Defect, Facts, Format, Input, Member, Parsed, Recognised};
use machine::Machine;

/// How pickles are found and read.
pub const FORMAT: Format = Format { name: "pickle", extensions: EXTENSIONS, recognise, parse };

const EXTENSIONS: &[&str] = &["dill", "joblib", "pickle", "pkl"];

/// Opcodes tried before content without magic counts as a pickle.
const TRIAL: u64 = 2_000;
/// Opcodes spent on looking for further streams behind junk.
const SEARCH: u64 = 4_000_000;
/// Bytes of lines that cost as much as an opcode: lines without end are searched from every start.
const BYTES_PER_OPCODE: u64 = 16;
/// Streams read in one input; PyTorch's old format has five.
const STREAMS: usize = 20_000;
/// Bytes at the end of a file of PyTorch before 1.6 that are searched for a stream behind the storages.
const BEHIND_STORAGES: usize = 1 << 20;
/// How PyTorch before 1.6 begins its files.
const TORCH_MAGIC: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

fn recognise(input: &Input<'_>) -> Recognised {
    if starts_like_protocol_2(input.bytes) || begins(input.bytes) {
        return if input.bytes.first() == Some(&opcode::PROTO) {
            Recognised::ByMagic
        } else {
            Recognised::ByShape
        };
    }
    let extension = input.extension();
    let named = EXTENSIONS.contains(&extension.as_str()) && !input.bytes.is_empty();
    let behind = MODEL_EXTENSIONS.contains(&extension.as_str()) && calls_behind_junk(input.head(JUNK));
    if named || behind { Recognised::ByName } else { Recognised::No }
}

/// Extensions that any kind of model file has, so that a stream behind junk is looked for.
const MODEL_EXTENSIONS: &[&str] =
    &["", "bin", "ckpt", "dat", "data", "mdl", "model", "obj", "p", "pt", "pth", "sav", "weights"];
/// Bytes in which a stream is looked for behind junk.
const JUNK: usize = 64 << 10;

/// Whether a stream that calls something begins further on.
fn calls_behind_junk(bytes: &[u8]) -> bool {
    let budget = Budget::default();
    let found = next_stream(bytes, 0, &budget, &mut (SEARCH / 16));
    found.is_some_and(|(_, streams, _)| {
        streams.iter().any(|stream| stream.calls.iter().any(|call| call.how.makes_value()))
    })
}

/// Whether the bytes begin with `PROTO 2..=5` and an opcode.
fn starts_like_protocol_2(bytes: &[u8]) -> bool {
    matches!(bytes, [opcode::PROTO, 0..=5, next, ..] if is_opcode(*next))
}

fn is_opcode(byte: u8) -> bool {
    matches!(byte, 0x80..=0x98) || b"().0125BCFGIJKLMNPQRSTUVX]abcdeghijlopqrstu}".contains(&byte)
}

/// Whether bytes without magic are a pickle, by trying them: texts and tables fail within a few opcodes.
fn begins(bytes: &[u8]) -> bool {
    let Some(first) = bytes.first() else { return false };
    if !is_opcode(*first) || *first == opcode::STOP || bytes.len() < 2 {
        return false;
    }
    let budget = Budget::default();
    let mut machine = Machine::new(bytes, 0, &budget, 0);
    let ended = machine.run(TRIAL);
    let opcodes = machine.stream.opcodes;
    let names = machine.stream.imports.iter().all(|import| {
        let plain = |text: &str| {
            !text.is_empty() && text.chars().all(|char| char.is_alphanumeric() || "_.<>?".contains(char))
        };
        plain(&import.module) && plain(&import.name)
    });
    match ended {
        // A short stream that ends long before the file does is a coincidence unless it does something.
        Ok(_) => {
            names
                && machine.stack.is_empty()
                && (machine.cursor.at == bytes.len() && opcodes >= 2
                    || !machine.stream.imports.is_empty()
                    || opcodes >= 16)
        }
        Err((machine::Broken::Limit(_), _)) => names,
        Err(_) => names && machine.calls_a_name(),
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (pickle, defects) = read(input.bytes, input.budget);
    let mut members = Vec::new();
    for (at, length) in pickle.streams.iter().flat_map(|stream| &stream.embedded) {
        let start = usize::try_from(*at).unwrap_or(usize::MAX);
        let content = start.checked_add(*length as usize).and_then(|end| input.bytes.get(start..end));
        let name = format!("bytes@{at}");
        let content = wrapped::opened(content.unwrap_or_default());
        let parsed = crate::parse(&input.member(&name, &content));
        members.push(Member { name, size: u64::from(*length), parsed });
    }
    Parsed { format: FORMAT.name, facts: Facts::Pickle(pickle), defects, members }
}

/// Reads every stream of `bytes`.
///
/// Broken streams keep what comes before the break. Behind and before streams, and between them, further ones are
/// looked for; what is neither is told as a defect.
pub fn read(bytes: &[u8], budget: &Budget) -> (Pickle, Vec<Defect>) {
    let mut pickle = Pickle { torch_legacy: bytes.starts_with(TORCH_MAGIC), ..Pickle::default() };
    let mut defects = Vec::new();
    let mut at = 0;
    let mut search = SEARCH;
    while at < bytes.len() && pickle.streams.len() < STREAMS {
        if pickle.torch_legacy && pickle.streams.len() == 5 {
            // Storages follow as they are; a stream behind them is none that PyTorch reads, so only one that calls
            // something is of interest.
            let mut search = SEARCH;
            let from = at.max(bytes.len().saturating_sub(BEHIND_STORAGES));
            if let Some((_, streams, wrong)) = next_stream(bytes, from, budget, &mut search)
                && streams.iter().any(|stream| stream.calls.iter().any(|call| call.how.makes_value()))
            {
                pickle.streams.extend(streams);
                defects.extend(wrong);
            }
            break;
        }
        let expected = pickle.streams.is_empty() && (starts_like_protocol_2(bytes) || begins(bytes));
        if expected {
            let mut machine = Machine::new(bytes, 0, budget, 0);
            let ended = machine.run(budget.limits.opcodes);
            let (streams, wrong) = keep::finish(machine, ended);
            at = streams.first().map_or(bytes.len(), |stream| stream.end as usize).max(1);
            pickle.streams.extend(streams);
            defects.extend(wrong);
            continue;
        }
        let Some((start, streams, wrong)) = next_stream(bytes, at, budget, &mut search) else { break };
        if start > at {
            let code = if at == 0 { "pickle-junk-before" } else { "pickle-junk-between" };
            defects.push(Defect::at(code, at as u64, format!("{} bytes that are no pickle", start - at)));
        }
        at = streams.first().map_or(bytes.len(), |stream| stream.end as usize).max(start + 1);
        pickle.streams.extend(streams);
        defects.extend(wrong);
    }
    if pickle.streams.len() >= STREAMS {
        defects.push(Defect::at("limit-streams", at as u64, format!("more than {STREAMS} streams")));
    }
    // A newline at the end is what editors and old writers leave.
    let newline = matches!(bytes.get(at..), Some(b"\n" | b"\r\n"));
    pickle.trailing = if newline { 0 } else { bytes.len().saturating_sub(at) as u64 };
    if pickle.streams.is_empty() {
        defects.push(Defect::whole("pickle-broken", "there is no pickle in it"));
    } else if pickle.trailing > 0 && !pickle.torch_legacy {
        let detail = format!("{} bytes after the last stream", pickle.trailing);
        defects.push(Defect::at("pickle-trailing", at as u64, detail));
    }
    if search == 0 {
        defects.push(Defect::whole("limit-search", "not all bytes were searched for further streams"));
    }
    (pickle, defects)
}

/// The next stream at or after `from`: one that is complete, or one that calls something before it breaks.
fn next_stream(
    bytes: &[u8],
    from: usize,
    budget: &Budget,
    search: &mut u64,
) -> Option<(usize, Vec<Stream>, Vec<Defect>)> {
    for start in from..bytes.len() {
        if start.is_multiple_of(1 << 20) && budget.is_stopped() {
            return None;
        }
        let rest = bytes.get(start..)?;
        if !(starts_like_protocol_2(rest)
            || start == from && is_opcode(*rest.first()?)
            || names_something(rest))
        {
            continue;
        }
        let mut machine = Machine::new(bytes, start, budget, 0);
        let ended = machine.run((*search).min(budget.limits.opcodes));
        let work = machine.stream.opcodes + machine.cursor.searched / BYTES_PER_OPCODE;
        *search = search.saturating_sub(work);
        let does = machine.made.iter().any(|made| made.how.makes_value());
        let whole = ended.is_ok()
            && machine.stack.is_empty()
            && (starts_like_protocol_2(rest) || does || start == from && machine.stream.opcodes > 1);
        if whole || does && starts_like_protocol_2(rest) || does && names_something(rest) {
            let (streams, defects) = keep::finish(machine, ended);
            return Some((start, streams, defects));
        }
        if *search == 0 {
            return None;
        }
    }
    None
}

/// Whether the bytes begin with `GLOBAL` or `MARK` and two lines that are names.
fn names_something(bytes: &[u8]) -> bool {
    let rest = match bytes {
        [opcode::GLOBAL | opcode::INST, rest @ ..]
        | [opcode::MARK, opcode::GLOBAL | opcode::INST, rest @ ..] => rest,
        _ => return false,
    };
    let mut lines = rest.get(..512).unwrap_or(rest).split(|byte| *byte == b'\n');
    let mut name = || {
        lines.next().is_some_and(|line| {
            line.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
                && line.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte))
        })
    };
    name() && name()
}
