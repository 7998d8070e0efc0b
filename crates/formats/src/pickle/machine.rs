//! The symbolic pickle machine: every opcode of protocols 0 to 5, nothing executed.
//!
//! It is as lenient as the most lenient of CPython's two unpicklers, so that nothing one of them would do is
//! missed; where both would raise, the stream ends. Equal structures stay shared by index: a pickle that describes
//! 2^64 lists costs as many nodes as it has opcodes.

use std::collections::HashMap;

use super::cursor::{Cursor, unescape_string, unescape_unicode};
use super::facts::{ContainerKind, Import, Lookup, Stream, Way};
use super::opcode as op;
use super::slot::{Made, Node, Slot};
use crate::{Defect, Limits};

/// Items kept of a tuple.
const TUPLE_KEPT: usize = 64;
/// Items kept of a list, dict or set.
const ITEMS_KEPT: usize = 64;
/// Slots in all containers together; beyond it containers only count (64 MiB).
const POOL: usize = 4 << 20;
/// Containers; beyond it they are unknown values (64 MiB).
const NODES: usize = 4 << 20;
/// Memo entries and stack depth (128 MiB each); CPython's pickler keeps the stack below a few thousand.
const SLOTS: usize = 8 << 20;
/// Calls of one import after which those that look like the last one are no longer recorded.
const ALIKE: u64 = 4096;
/// Bytes of a text that are read as a name or key; a text of megabytes would be copied for every use.
const NAME: usize = 4096;
/// Byte strings looked into.
const EMBEDDED: usize = 256;
/// Pickles inside the pickle, as joblib writes arrays of objects.
const NESTED: u32 = 4;

/// Why a stream ended before `STOP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The bytes end in the middle.
    Truncated,
    /// An opcode needs more on the stack, or a mark, than there is.
    Stack,
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

pub(super) struct Machine<'a> {
    pub(super) cursor: Cursor<'a>,
    limits: &'a Limits,
    pub(super) stack: Vec<Slot>,
    marks: Vec<usize>,
    memo: Vec<Slot>,
    sparse_memo: HashMap<u64, Slot>,
    pub(super) nodes: Vec<Node>,
    pub(super) pool: Vec<Slot>,
    pub(super) growing: Vec<Vec<Slot>>,
    grown: usize,
    pub(super) decoded: Vec<String>,
    pub(super) made: Vec<Made>,
    calls_of: Vec<Calls>,
    pub(super) persistent: Vec<Slot>,
    import_at: HashMap<(String, String), u32>,
    /// Imports whose module or name is no plain text, with both as a pair.
    pub(super) computed: Vec<(u32, Slot)>,
    pub(super) stream: Stream,
    pub(super) nested: Vec<Stream>,
    depth: u32,
    pub(super) defects: Vec<Defect>,
}

impl<'a> Machine<'a> {
    /// A machine at `offset`.
    pub(super) fn new(bytes: &'a [u8], offset: usize, limits: &'a Limits, depth: u32) -> Self {
        Self {
            cursor: Cursor { bytes, at: offset, searched: 0 },
            limits,
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
    pub(super) fn run(&mut self, opcodes: u64) -> Result<Slot, (Broken, usize)> {
        loop {
            let at = self.cursor.at;
            if self.stream.opcodes >= opcodes {
                return Err((Broken::Limit("limit-opcodes"), at));
            }
            let Some(code) = self.cursor.byte() else { return Err((Broken::Truncated, at)) };
            self.stream.opcodes += 1;
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
                self.push(integer_line(line));
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

    pub(super) fn defect(&mut self, code: &'static str, at: usize, detail: String) {
        if self.defects.len() < 64 {
            self.defects.push(Defect::at(code, at as u64, detail));
        }
    }

    fn push(&mut self, slot: Slot) {
        self.stack.push(slot);
    }

    /// Items above the last mark.
    fn available(&self) -> usize {
        self.stack.len() - self.marks.last().copied().unwrap_or(0).min(self.stack.len())
    }

    fn pop(&mut self) -> Result<Slot, Broken> {
        if self.available() == 0 {
            return Err(Broken::Stack);
        }
        self.stack.pop().ok_or(Broken::Stack)
    }

    fn top(&self) -> Result<Slot, Broken> {
        if self.available() == 0 {
            return Err(Broken::Stack);
        }
        self.stack.last().copied().ok_or(Broken::Stack)
    }

    fn pop_mark(&mut self) -> Result<Vec<Slot>, Broken> {
        let floor = self.marks.pop().ok_or(Broken::Stack)?;
        Ok(self.stack.split_off(floor.min(self.stack.len())))
    }

    fn need_byte(&mut self) -> Result<u8, Broken> {
        self.cursor.byte().ok_or(Broken::Truncated)
    }

    fn length(&mut self, width: usize) -> Result<u64, Broken> {
        self.cursor.length(width).ok_or(Broken::Truncated)
    }

    fn line(&mut self) -> Result<&'a [u8], Broken> {
        self.cursor.line().ok_or(Broken::Truncated)
    }

    fn decimal_line(&mut self) -> Result<u64, Broken> {
        let line = self.line()?;
        Ok(match integer_line(line) {
            Slot::Int(value) if value >= 0 => value as u64,
            _ => u64::MAX,
        })
    }

    fn long(&mut self, width: usize) -> Result<(), Broken> {
        let length = self.length(width)?;
        let bytes =
            self.cursor.take(usize::try_from(length).unwrap_or(usize::MAX)).ok_or(Broken::Truncated)?;
        self.push(if bytes.len() <= 8 {
            let fill = if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 };
            let mut whole = [fill; 8];
            whole.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
            Slot::Int(i64::from_le_bytes(whole))
        } else {
            Slot::LongInt(u32::try_from(bytes.len()).unwrap_or(u32::MAX))
        });
        Ok(())
    }

    fn span(&mut self, width: usize) -> Result<(u64, u32), Broken> {
        let length = self.length(width)?;
        let at = self.cursor.at as u64;
        self.cursor.take(usize::try_from(length).unwrap_or(usize::MAX)).ok_or(Broken::Truncated)?;
        Ok((at, u32::try_from(length).unwrap_or(u32::MAX)))
    }

    fn text(&mut self, width: usize) -> Result<(), Broken> {
        let (at, length) = self.span(width)?;
        let content = self.cursor.bytes.get(at as usize..self.cursor.at).unwrap_or_default();
        // U+0080, protocol: how Latin-1 text of a pickle begins in UTF-8.
        let latin = matches!(content, [0xc2, 0x80, 2..=5, ..]) || content.starts_with(b"PK\x03\x04");
        if latin && self.stream.embedded.len() < EMBEDDED && super::is_container(&super::latin_1(content)) {
            self.stream.embedded.push((at, length));
        }
        self.push(Slot::Text { at, length });
        Ok(())
    }

    fn bytes(&mut self, width: usize) -> Result<(), Broken> {
        let (at, length) = self.span(width)?;
        let content = self.cursor.bytes.get(at as usize..self.cursor.at).unwrap_or_default();
        if length >= 4 && self.stream.embedded.len() < EMBEDDED && super::is_container(content) {
            self.stream.embedded.push((at, length));
        }
        self.push(Slot::Bytes { at, length });
        Ok(())
    }

    /// Pushes a text that stands in a line of its own at `at`, decoded if it has escapes.
    fn push_line(&mut self, at: usize, raw: &[u8], decode: fn(&[u8]) -> String) {
        if raw.is_ascii() && !raw.contains(&b'\\') {
            self.push(Slot::Text { at: at as u64, length: u32::try_from(raw.len()).unwrap_or(u32::MAX) });
        } else if self.decoded.len() >= NODES {
            self.push(Slot::Unknown);
        } else {
            self.decoded.push(decode(raw));
            self.push(Slot::Decoded(self.decoded.len() as u32 - 1));
        }
    }

    /// The text of a slot, if it is one.
    pub(super) fn read(&self, slot: Slot) -> Option<std::borrow::Cow<'_, str>> {
        match slot {
            Slot::Text { at, length } => {
                let start = usize::try_from(at).ok()?;
                let bytes = self.cursor.bytes.get(start..start.checked_add(length as usize)?)?;
                Some(String::from_utf8_lossy(bytes.get(..NAME).unwrap_or(bytes)))
            }
            Slot::Decoded(at) => {
                let text = self.decoded.get(at as usize)?;
                Some(text.get(..text.floor_char_boundary(NAME)).unwrap_or(text).into())
            }
            _ => None,
        }
    }

    /// Pushes a tuple or frozenset of `items`.
    fn fix(&mut self, kind: ContainerKind, items: &[Slot]) {
        let floor = self.stack.len();
        self.stack.extend_from_slice(items);
        self.fold(kind, floor);
    }

    /// Replaces everything from `floor` up by a tuple or frozenset of it.
    fn fold(&mut self, kind: ContainerKind, floor: usize) {
        let floor = floor.min(self.stack.len());
        let length = self.stack.len() - floor;
        let kept = length.min(TUPLE_KEPT);
        let node = if kept == 0 || self.pool.len() + kept > POOL {
            Node { kind, start: u32::MAX, kept: 0, length: length as u32 }
        } else {
            let start = self.pool.len() as u32;
            self.pool.extend_from_slice(self.stack.get(floor..floor + kept).unwrap_or_default());
            Node { kind, start, kept: kept as u32, length: length as u32 }
        };
        self.stack.truncate(floor);
        self.push_node(node);
    }

    /// Pushes a list, dict or set of `items`.
    fn grow(&mut self, kind: ContainerKind, items: &[Slot]) {
        self.push_node(Node { kind, start: u32::MAX, kept: 0, length: 0 });
        if let Some(Slot::Container(at)) = self.stack.last().copied() {
            self.extend(at, items);
        }
    }

    fn push_node(&mut self, node: Node) {
        if self.nodes.len() >= NODES {
            if self.nodes.len() == NODES
                && !self.defects.iter().any(|defect| defect.code == "limit-containers")
            {
                self.defects.push(Defect::whole("limit-containers", format!("more than {NODES} containers")));
            }
            self.push(Slot::Elided);
            return;
        }
        self.nodes.push(node);
        self.push(Slot::Container(self.nodes.len() as u32 - 1));
    }

    fn extend(&mut self, at: u32, items: &[Slot]) {
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        node.length = node.length.saturating_add(u32::try_from(items.len()).unwrap_or(u32::MAX));
        // Whatever was looked up or called has its own record; of plain data the first items are enough.
        let room = ITEMS_KEPT.saturating_sub(node.kept as usize).min(POOL.saturating_sub(self.grown));
        let keep = items.get(..room.min(items.len())).unwrap_or_default();
        if keep.is_empty() {
            return;
        }
        if node.start == u32::MAX {
            node.start = self.growing.len() as u32;
            self.growing.push(Vec::with_capacity(keep.len()));
        }
        if let Some(list) = self.growing.get_mut(node.start as usize) {
            list.extend_from_slice(keep);
            node.kept += keep.len() as u32;
            self.grown += keep.len();
        }
    }

    /// `APPEND(S)`, `SETITEM(S)`, `ADDITEMS`: plain containers grow, anything else has a method called.
    fn fill(&mut self, items: &[Slot], how: Way, at: usize) -> Result<(), Broken> {
        let target = self.top()?;
        let kind = match how {
            Way::Append => ContainerKind::List,
            Way::SetItem => ContainerKind::Dict,
            _ => ContainerKind::Set,
        };
        match target {
            Slot::Container(node) if self.nodes.get(node as usize).is_some_and(|node| node.kind == kind) => {
                self.extend(node, items);
                Ok(())
            }
            Slot::Elided => Ok(()),
            target => {
                self.fix(ContainerKind::Tuple, items);
                let arguments = self.pop()?;
                self.effect(target, arguments, how, at)
            }
        }
    }

    fn put(&mut self, key: u64, at: usize) -> Result<(), Broken> {
        let value = self.top()?;
        let next = self.memo.len() as u64;
        if key == next && self.memo.len() < SLOTS {
            self.memo.push(value);
            self.sparse_memo.remove(&key);
        } else if let Some(place) = usize::try_from(key).ok().and_then(|key| self.memo.get_mut(key)) {
            *place = value;
        } else if self.sparse_memo.len() < SLOTS / 8 {
            self.sparse_memo.insert(key, value);
        } else {
            self.limit("limit-memo", at, "the memo holds more than any real pickle");
        }
        Ok(())
    }

    fn get(&mut self, key: u64, at: usize) {
        let dense = usize::try_from(key).ok().and_then(|key| self.memo.get(key)).copied();
        let slot = dense.or_else(|| self.sparse_memo.get(&key).copied());
        if slot.is_none() {
            self.defect("pickle-memo-missing", at, format!("memo entry {key} is read and was never written"));
        }
        self.push(slot.unwrap_or(Slot::Unknown));
    }

    fn limit(&mut self, code: &'static str, at: usize, detail: &str) {
        if !self.defects.iter().any(|defect| defect.code == code) {
            self.defects.push(Defect::at(code, at as u64, detail));
        }
    }

    fn import(&mut self, module: &[u8], name: &[u8], how: Lookup, at: usize) -> Slot {
        let module = String::from_utf8_lossy(module).into_owned();
        let name = String::from_utf8_lossy(name).into_owned();
        self.import_named(module, name, how, at)
    }

    fn import_named(&mut self, module: String, name: String, how: Lookup, at: usize) -> Slot {
        if let Some(known) = self.import_at.get(&(module.clone(), name.clone())).copied() {
            if let Some(import) = self.stream.imports.get_mut(known as usize) {
                import.uses += 1;
            }
            return Slot::Import(known);
        }
        if self.stream.imports.len() >= self.limits.records {
            self.limit("limit-imports", at, "more distinct imports than are kept");
            return Slot::Unknown;
        }
        let import = self.stream.imports.len() as u32;
        self.import_at.insert((module.clone(), name.clone()), import);
        self.stream.imports.push(Import { module, name, offset: at as u64, how, computed: None, uses: 1 });
        self.calls_of.push(Calls::default());
        Slot::Import(import)
    }

    fn import_from_stack(&mut self, module: Slot, name: Slot, at: usize) -> Slot {
        if let (Some(module), Some(name)) = (self.read(module), self.read(name)) {
            let (module, name) = (module.into_owned(), name.into_owned());
            return self.import_named(module, name, Lookup::StackGlobal, at);
        }
        if self.stream.imports.len() >= self.limits.records {
            self.limit("limit-imports", at, "more distinct imports than are kept");
            return Slot::Unknown;
        }
        let text = |slot: Slot| self.read(slot).map_or_else(|| "?".to_owned(), std::borrow::Cow::into_owned);
        let (module_text, name_text) = (text(module), text(name));
        self.import_computed(module, name, module_text, name_text, at)
    }

    fn import_computed(
        &mut self,
        module: Slot,
        name: Slot,
        module_text: String,
        name_text: String,
        at: usize,
    ) -> Slot {
        let index = self.stream.imports.len() as u32;
        self.fix(ContainerKind::Tuple, &[module, name]);
        let pair = self.stack.pop();
        self.stream.imports.push(Import {
            module: module_text,
            name: name_text,
            offset: at as u64,
            how: Lookup::StackGlobal,
            computed: Some((super::facts::Value::Unknown, super::facts::Value::Unknown)),
            uses: 1,
        });
        self.calls_of.push(Calls { count: 0, last: None });
        if let Some(pair) = pair {
            self.computed.push((index, pair));
        }
        Slot::Import(index)
    }

    fn extension(&mut self, width: usize, at: usize) -> Result<(), Broken> {
        let code = self.length(width)?;
        let import = self.import_named("copyreg".to_owned(), code.to_string(), Lookup::Extension, at);
        self.push(import);
        Ok(())
    }

    fn persist(&mut self) -> Result<(), Broken> {
        let id = self.pop()?;
        if self.persistent.len() >= self.limits.records {
            self.push(Slot::Elided);
        } else {
            self.persistent.push(id);
            self.push(Slot::Persistent(self.persistent.len() as u32 - 1));
        }
        Ok(())
    }

    /// Records a call and pushes its result.
    fn call(
        &mut self,
        callee: Slot,
        arguments: Slot,
        keywords: Slot,
        how: Way,
        at: usize,
    ) -> Result<(), Broken> {
        if self.alike(callee, arguments, keywords, how) {
            self.push(Slot::Elided);
            return Ok(());
        }
        let made = Made { callee, arguments, keywords, offset: at as u64, how };
        let result = self.record(made, at).map_or(Slot::Unknown, Slot::Call);
        self.push(result);
        Ok(())
    }

    /// Records a call on an object that keeps its place on the stack.
    fn effect(&mut self, target: Slot, arguments: Slot, how: Way, at: usize) -> Result<(), Broken> {
        if target != Slot::Elided {
            self.record(Made { callee: target, arguments, keywords: Slot::None, offset: at as u64, how }, at);
        }
        Ok(())
    }

    fn record(&mut self, made: Made, at: usize) -> Option<u32> {
        if self.made.len() >= self.limits.records {
            self.limit("limit-calls", at, "more calls than are kept");
            return None;
        }
        let index = self.made.len() as u32;
        self.made.push(made);
        if let (Slot::Import(import), true) = (made.callee, made.how.makes_value())
            && let Some(calls) = self.calls_of.get_mut(import as usize)
        {
            calls.count += 1;
            calls.last = Some(index);
        }
        Some(index)
    }

    /// Whether this is one of thousands of calls that differ in plain data only (dates, decimals, array scalars).
    fn alike(&self, callee: Slot, arguments: Slot, keywords: Slot, how: Way) -> bool {
        let Slot::Import(import) = callee else { return false };
        let Some(calls) = self.calls_of.get(import as usize).filter(|calls| calls.count >= ALIKE) else {
            return false;
        };
        let Some(last) = calls.last.and_then(|last| self.made.get(last as usize)) else { return false };
        if last.how != how || keywords != Slot::None {
            return false;
        }
        let (before, now) = (self.items(last.arguments), self.items(arguments));
        before.len() == now.len()
            && before
                .iter()
                .zip(now)
                .all(|(before, now)| before == now || before.is_inert() && now.is_inert())
    }

    /// Items kept of a container.
    pub(super) fn items(&self, slot: Slot) -> &[Slot] {
        let Slot::Container(at) = slot else { return &[] };
        let Some(node) = self.nodes.get(at as usize).filter(|node| node.kept > 0) else { return &[] };
        let (start, kept) = (node.start as usize, node.kept as usize);
        match node.kind {
            ContainerKind::Tuple | ContainerKind::FrozenSet => {
                self.pool.get(start..start + kept).unwrap_or_default()
            }
            _ => self.growing.get(start).map_or(&[], Vec::as_slice),
        }
    }

    /// The value under the text `key` of a dict.
    pub(super) fn entry(&self, dict: Slot, key: &str) -> Option<Slot> {
        self.items(dict).chunks_exact(2).find_map(|pair| match pair {
            [name, value] if self.read(*name).is_some_and(|name| name == key) => Some(*value),
            _ => None,
        })
    }

    /// Module and name of the callable that made a value.
    pub(super) fn maker(&self, slot: Slot) -> Option<(&Made, &Import)> {
        let Slot::Call(call) = slot else { return None };
        let made = self.made.get(call as usize)?;
        let Slot::Import(import) = made.callee else { return None };
        self.stream.imports.get(import as usize).map(|import| (made, import))
    }

    /// Reads past the raw array that joblib writes after its wrapper object.
    fn raw_array(&mut self, target: Slot, state: Slot) -> Result<(), Broken> {
        let Some(array) = super::array::described(self, target, state) else { return Ok(()) };
        if array.objects {
            if self.depth >= NESTED {
                return Err(Broken::Limit("limit-depth"));
            }
            let left = self.limits.opcodes.saturating_sub(self.stream.opcodes);
            let mut inner = Machine::new(self.cursor.bytes, self.cursor.at, self.limits, self.depth + 1);
            let ended = inner.run(left);
            self.cursor.at = inner.cursor.at;
            let (streams, defects) = super::keep::finish(inner, ended);
            self.nested.extend(streams);
            self.defects.extend(defects.into_iter().filter(|defect| defect.code != "pickle-broken"));
            return ended.map(|_| ()).map_err(|(broken, _)| broken);
        }
        if array.aligned {
            let padding = self.need_byte()?;
            self.cursor.take(usize::from(padding)).ok_or(Broken::Truncated)?;
        }
        let length = usize::try_from(array.bytes).map_err(|_| Broken::Truncated)?;
        self.cursor.take(length).ok_or(Broken::Truncated)?;
        self.stream.raw_bytes += array.bytes;
        Ok(())
    }
}

/// The argument of `INT`, `LONG`, `GET` and `PUT`.
fn integer_line(line: &[u8]) -> Slot {
    match line {
        b"00" => return Slot::Bool(false),
        b"01" => return Slot::Bool(true),
        _ => {}
    }
    let digits = std::str::from_utf8(line).unwrap_or_default().trim().trim_end_matches('L');
    match digits.replace('_', "").parse() {
        Ok(value) => Slot::Int(value),
        Err(_) if digits.len() > 18 => Slot::LongInt(u32::try_from(digits.len()).unwrap_or(u32::MAX)),
        Err(_) => Slot::Unknown,
    }
}
