//! The symbolic pickle machine: every opcode of protocols 0 to 5, nothing executed.
//!
//! It is as lenient as the most lenient of CPython's two unpicklers, so that nothing one of them would do is
//! missed; where both would raise, the stream ends. Equal structures stay shared by index: a pickle that describes
//! 2^64 lists costs as many nodes as it has opcodes.

mod calls;
mod memo;
mod names;
mod operands;
mod stack;

use std::collections::HashMap;

use super::cursor::{Cursor, unescape_string, unescape_unicode};
use super::facts::{ContainerKind, Lookup, Stream, Way};
use super::opcode as op;
use super::slot::{Made, Node, Slot};
use crate::{Budget, Defect};
use operands::integer_line;

/// Memo entries and stack depth (128 MiB each); CPython's pickler keeps the stack below a few thousand.
const SLOTS: usize = 8 << 20;
/// Opcodes after which the clock is looked at.
const ROUNDS: u64 = 1 << 16;

/// Why a stream ended before `STOP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pickle) enum Broken {
    /// The bytes end in the middle.
    Truncated,
    /// An opcode needs more on the stack, or a mark, than there is.
    Stack,
    /// A line that is no number.
    Number,
    /// No such opcode.
    Opcode(u8),
    /// A bound was hit.
    Limit(&'static str),
}

/// Calls of one import so far.
#[derive(Debug, Clone, Copy, Default)]
struct Calls {
    count: u64,
    last: Option<u32>,
}

pub(in crate::pickle) struct Machine<'a> {
    pub(in crate::pickle) cursor: Cursor<'a>,
    budget: &'a Budget,
    pub(in crate::pickle) stack: Vec<Slot>,
    marks: Vec<usize>,
    memo: Vec<Slot>,
    sparse_memo: HashMap<u64, Slot>,
    pub(in crate::pickle) nodes: Vec<Node>,
    pub(in crate::pickle) pool: Vec<Slot>,
    pub(in crate::pickle) growing: Vec<Vec<Slot>>,
    grown: usize,
    pub(in crate::pickle) decoded: Vec<String>,
    pub(in crate::pickle) made: Vec<Made>,
    calls_of: Vec<Calls>,
    pub(in crate::pickle) persistent: Vec<Slot>,
    import_at: HashMap<(String, String), u32>,
    /// Imports whose module or name is no plain text, with both as a pair.
    pub(in crate::pickle) computed: Vec<(u32, Slot)>,
    pub(in crate::pickle) stream: Stream,
    pub(in crate::pickle) nested: Vec<Stream>,
    depth: u32,
    pub(in crate::pickle) defects: Vec<Defect>,
}

impl<'a> Machine<'a> {
    /// A machine at `offset`.
    pub(in crate::pickle) fn new(bytes: &'a [u8], offset: usize, budget: &'a Budget, depth: u32) -> Self {
        Self {
            cursor: Cursor { bytes, at: offset, searched: 0 },
            budget,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            sparse_memo: HashMap::new(),
            nodes: Vec::new(),
            pool: Vec::new(),
            growing: Vec::new(),
            grown: 0,
            decoded: Vec::new(),
            made: Vec::new(),
            calls_of: Vec::new(),
            persistent: Vec::new(),
            import_at: HashMap::new(),
            computed: Vec::new(),
            stream: Stream { offset: offset as u64, ..Stream::default() },
            nested: Vec::new(),
            depth,
            defects: Vec::new(),
        }
    }

    /// Runs to `STOP`, to a break or for `opcodes`; the broken end, if it is one, with the offset of the opcode.
    pub(in crate::pickle) fn run(&mut self, opcodes: u64) -> Result<Slot, (Broken, usize)> {
        loop {
            let at = self.cursor.at;
            if self.stream.opcodes >= opcodes {
                return Err((Broken::Limit("limit-opcodes"), at));
            }
            let Some(code) = self.cursor.byte() else { return Err((Broken::Truncated, at)) };
            self.stream.opcodes += 1;
            if self.stream.opcodes.is_multiple_of(ROUNDS) && self.budget.is_stopped() {
                return Err((Broken::Limit("limit-time"), at));
            }
            if code == op::STOP {
                let result = self.pop().map_err(|broken| (broken, at))?;
                self.stream.complete = true;
                return Ok(result);
            }
            if let Err(broken) = self.step(code, at) {
                if broken == Broken::Truncated {
                    self.cursor.at = self.cursor.bytes.len();
                }
                return Err((broken, at));
            }
            if self.stack.len() > SLOTS {
                return Err((Broken::Limit("limit-stack"), at));
            }
        }
    }

    fn step(&mut self, code: u8, at: usize) -> Result<(), Broken> {
        match code {
            op::PROTO => {
                let protocol = self.need_byte()?;
                if protocol > 5 {
                    self.defect("pickle-protocol", at, format!("protocol {protocol} does not exist"));
                }
                self.stream.protocol = self.stream.protocol.max(protocol);
            }
            op::FRAME => {
                let length = self.length(8)?;
                if length > self.cursor.left() {
                    self.defect(
                        "pickle-frame-past-end",
                        at,
                        format!("a frame of {length} bytes ends after the file"),
                    );
                }
            }
            // Values.
            op::NONE => self.push(Slot::None),
            op::NEWTRUE => self.push(Slot::Bool(true)),
            op::NEWFALSE => self.push(Slot::Bool(false)),
            op::INT | op::LONG => {
                let line = self.line()?;
                let value = integer_line(line);
                if value == Slot::Unknown {
                    return Err(Broken::Number);
                }
                if let Slot::LongInt(digits) = value {
                    self.stream.digits = self.stream.digits.max(digits);
                }
                self.push(value);
            }
            op::BININT => {
                let value = self.cursor.array::<4>().ok_or(Broken::Truncated)?;
                self.push(Slot::Int(i64::from(i32::from_le_bytes(value))));
            }
            op::BININT1 => {
                let value = self.length(1)?;
                self.push(Slot::Int(value as i64));
            }
            op::BININT2 => {
                let value = self.length(2)?;
                self.push(Slot::Int(value as i64));
            }
            op::LONG1 => self.long(1)?,
            op::LONG4 => self.long(4)?,
            op::FLOAT => {
                let line = self.line()?;
                let value = std::str::from_utf8(line).ok().and_then(|text| text.trim().parse().ok());
                self.push(value.map_or(Slot::Unknown, Slot::Float));
            }
            op::BINFLOAT => {
                let value = self.cursor.array::<8>().ok_or(Broken::Truncated)?;
                self.push(Slot::Float(f64::from_be_bytes(value)));
            }
            op::STRING => {
                let start = self.cursor.at;
                let line = self.line()?;
                let skipped = line.len() - line.trim_ascii_start().len();
                let line = line.trim_ascii();
                let quoted = line.len() >= 2
                    && matches!(line.first(), Some(b'\'' | b'"'))
                    && line.first() == line.last();
                let inner = if quoted { line.get(1..line.len() - 1).unwrap_or_default() } else { line };
                self.push_line(start + skipped + usize::from(quoted), inner, unescape_string);
            }
            op::UNICODE => {
                let start = self.cursor.at;
                let line = self.line()?;
                self.push_line(start, line, unescape_unicode);
            }
            op::SHORT_BINUNICODE | op::SHORT_BINSTRING => self.text(1)?,
            op::BINUNICODE | op::BINSTRING => self.text(4)?,
            op::BINUNICODE8 => self.text(8)?,
            op::SHORT_BINBYTES => self.bytes(1)?,
            op::BINBYTES => self.bytes(4)?,
            op::BINBYTES8 | op::BYTEARRAY8 => self.bytes(8)?,
            op::NEXT_BUFFER => self.push(Slot::Buffer),
            op::READONLY_BUFFER => {
                self.top()?;
            }
            // Containers.
            op::EMPTY_LIST => self.grow(ContainerKind::List, &[]),
            op::EMPTY_DICT => self.grow(ContainerKind::Dict, &[]),
            op::EMPTY_SET => self.grow(ContainerKind::Set, &[]),
            op::EMPTY_TUPLE => self.fix(ContainerKind::Tuple, &[]),
            op::LIST | op::DICT => {
                let items = self.pop_mark()?;
                self.grow(if code == op::LIST { ContainerKind::List } else { ContainerKind::Dict }, &items);
            }
            op::TUPLE | op::FROZENSET => {
                let floor = self.marks.pop().ok_or(Broken::Stack)?;
                let kind = if code == op::TUPLE { ContainerKind::Tuple } else { ContainerKind::FrozenSet };
                self.fold(kind, floor);
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let count = usize::from(code - op::TUPLE1) + 1;
                if self.available() < count {
                    return Err(Broken::Stack);
                }
                self.fold(ContainerKind::Tuple, self.stack.len() - count);
            }
            op::APPEND => {
                let item = self.pop()?;
                self.fill(&[item], Way::Append, at)?;
            }
            op::APPENDS => {
                let items = self.pop_mark()?;
                self.fill(&items, Way::Append, at)?;
            }
            op::SETITEM => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.fill(&[key, value], Way::SetItem, at)?;
            }
            op::SETITEMS => {
                let items = self.pop_mark()?;
                self.fill(&items, Way::SetItem, at)?;
            }
            op::ADDITEMS => {
                let items = self.pop_mark()?;
                self.fill(&items, Way::Add, at)?;
            }
            // The stack.
            op::MARK => self.marks.push(self.stack.len()),
            op::POP => {
                // On top of a mark `POP` takes the mark away.
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            op::POP_MARK => {
                let floor = self.marks.pop().ok_or(Broken::Stack)?;
                self.stack.truncate(floor);
            }
            op::DUP => {
                let top = self.top()?;
                self.push(top);
            }
            // The memo.
            op::PUT => {
                let key = self.decimal_line()?;
                self.put(key, at)?;
            }
            op::BINPUT => {
                let key = self.length(1)?;
                self.put(key, at)?;
            }
            op::LONG_BINPUT => {
                let key = self.length(4)?;
                self.put(key, at)?;
            }
            op::MEMOIZE => {
                let key = self.memo.len() as u64 + self.sparse_memo.len() as u64;
                self.put(key, at)?;
            }
            op::GET => {
                let key = self.decimal_line()?;
                self.get(key, at);
            }
            op::BINGET => {
                let key = self.length(1)?;
                self.get(key, at);
            }
            op::LONG_BINGET => {
                let key = self.length(4)?;
                self.get(key, at);
            }
            // Names and calls.
            op::GLOBAL => {
                let (module, name) = (self.line()?, self.line()?);
                let import = self.import(module, name, Lookup::Global, at);
                self.push(import);
            }
            op::STACK_GLOBAL => {
                let name = self.pop()?;
                let module = self.pop()?;
                let import = self.import_from_stack(module, name, at);
                self.push(import);
            }
            op::EXT1 => self.extension(1, at)?,
            op::EXT2 => self.extension(2, at)?,
            op::EXT4 => self.extension(4, at)?,
            op::INST => {
                let (module, name) = (self.line()?, self.line()?);
                let import = self.import(module, name, Lookup::Instance, at);
                let floor = self.marks.pop().ok_or(Broken::Stack)?;
                self.fold(ContainerKind::Tuple, floor);
                let arguments = self.pop()?;
                self.call(import, arguments, Slot::None, Way::Instance, at)?;
            }
            op::OBJ => {
                let floor = self.marks.pop().ok_or(Broken::Stack)?;
                let callee = self.stack.get(floor).copied().ok_or(Broken::Stack)?;
                self.fold(ContainerKind::Tuple, floor + 1);
                let arguments = self.pop()?;
                self.pop()?;
                self.call(callee, arguments, Slot::None, Way::Instance, at)?;
            }
            op::REDUCE | op::NEWOBJ => {
                let arguments = self.pop()?;
                let callee = self.pop()?;
                let how = if code == op::REDUCE { Way::Reduce } else { Way::New };
                self.call(callee, arguments, Slot::None, how, at)?;
            }
            op::NEWOBJ_EX => {
                let keywords = self.pop()?;
                let arguments = self.pop()?;
                let callee = self.pop()?;
                self.call(callee, arguments, keywords, Way::New, at)?;
            }
            op::BUILD => {
                let state = self.pop()?;
                let target = self.top()?;
                self.effect(target, state, Way::Build, at)?;
                self.raw_array(target, state)?;
            }
            op::PERSID => {
                let start = self.cursor.at;
                let line = self.line()?;
                self.push_line(start, line, |raw| String::from_utf8_lossy(raw).into_owned());
                self.persist()?;
            }
            op::BINPERSID => self.persist()?,
            other => return Err(Broken::Opcode(other)),
        }
        Ok(())
    }

    pub(in crate::pickle) fn defect(&mut self, code: &'static str, at: usize, detail: String) {
        if self.defects.len() < 64 {
            self.defects.push(Defect::at(code, at as u64, detail));
        }
    }

    fn limit(&mut self, code: &'static str, at: usize, detail: &str) {
        if !self.defects.iter().any(|defect| defect.code == code) {
            self.defects.push(Defect::at(code, at as u64, detail));
        }
    }
}
