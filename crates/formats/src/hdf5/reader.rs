//! The walk from the superblock through groups to datasets and attributes.

use std::collections::BTreeSet;

use super::Step;
use super::facts::{Class, Dataset, Hdf5, Link, Target, Text};
use super::message::Message;
use super::tree::Symbol;
use super::value::{Cursor, Type, dataspace, elements};
use crate::{Defect, Input};

/// Groups inside one another.
const DEPTH: usize = 64;
/// Bytes of text kept of one attribute or dataset.
const TEXT: usize = 32 << 20;
/// Bytes of text kept in all.
const TEXTS: usize = 128 << 20;
/// Values looked at of one attribute or dataset.
const VALUES: usize = 256;
/// Defects kept.
const DEFECTS: usize = 64;
/// An address that says: nowhere.
const NOWHERE: u64 = u64::MAX;

/// A file while it is read.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    input: Input<'a>,
    base: u64,
    pub(super) offset_size: usize,
    pub(super) length_size: usize,
    steps_left: usize,
    text_left: usize,
    seen: BTreeSet<u64>,
    facts: Hdf5,
    defects: Vec<Defect>,
}

/// Reads everything that can be reached from the superblock at `start`.
pub(super) fn read(input: &Input<'_>, start: usize) -> (Hdf5, Vec<Defect>) {
    let mut reader = Reader {
        bytes: input.bytes,
        input: *input,
        base: start as u64,
        offset_size: 8,
        length_size: 8,
        steps_left: input.budget.limits.nodes,
        text_left: TEXTS,
        seen: BTreeSet::new(),
        facts: Hdf5::default(),
        defects: Vec::new(),
    };
    match reader.superblock(start as u64) {
        Ok(root) => reader.object(root, "", 0),
        Err(defect) => reader.defects.push(defect),
    }
    (reader.facts, reader.defects)
}

impl<'a> Reader<'a> {
    /// Everything from `address` on, which counts from the superblock.
    pub(super) fn cursor(&self, address: u64) -> Step<Cursor<'a>> {
        let at = self.base.checked_add(address).and_then(|at| usize::try_from(at).ok());
        let rest = at.filter(|at| *at < self.bytes.len()).and_then(|at| self.bytes.get(at..));
        let lie = || {
            Defect::at("hdf5-address", address, format!("the address {address} is past the end of the file"))
        };
        rest.map(Cursor::new).ok_or_else(lie)
    }

    /// One more structure is looked at.
    pub(super) fn spend(&mut self, address: u64) -> Step<()> {
        if self.steps_left.is_multiple_of(4096) && self.input.budget.is_stopped() {
            return Err(Defect::at("limit-time", address, "the time for the file was over"));
        }
        self.steps_left = self.steps_left.checked_sub(1).ok_or_else(|| {
            Defect::at("limit-nodes", address, "more objects than are looked at in one file")
        })?;
        Ok(())
    }

    fn defect(&mut self, path: &str, mut defect: Defect) {
        if self.defects.len() < DEFECTS {
            defect.detail = format!("{}: {}", if path.is_empty() { "/" } else { path }, defect.detail);
            self.defects.push(defect);
        }
    }

    fn superblock(&mut self, start: u64) -> Step<u64> {
        let mut cursor = self.cursor(0)?;
        cursor.take(8)?;
        let version = cursor.byte()?;
        self.facts.version = version;
        let wrong = |detail: String| Err(Defect::at("hdf5-superblock", start, detail));
        match version {
            0 | 1 => drop(cursor.take(4)?),
            2 | 3 => {}
            other => return wrong(format!("a superblock of version {other}")),
        }
        let (offset_size, length_size) = (cursor.byte()?, cursor.byte()?);
        if !matches!(offset_size, 2 | 4 | 8) || !matches!(length_size, 2 | 4 | 8) {
            return wrong(format!("addresses of {offset_size} and lengths of {length_size} bytes"));
        }
        (self.offset_size, self.length_size) = (usize::from(offset_size), usize::from(length_size));
        match version {
            0 => drop(cursor.take(9)?),
            1 => drop(cursor.take(13)?),
            _ => drop(cursor.take(1)?),
        }
        let base = cursor.number(self.offset_size)?;
        cursor.number(self.offset_size)?;
        let end = cursor.number(self.offset_size)?;
        let held = (self.bytes.len() as u64).saturating_sub(start);
        // The stated base is ignored by readers when it is not where the superblock lies.
        if end != NOWHERE && end.saturating_sub(base) > held {
            let detail = format!("the file ends at {held} where its superblock says {end}");
            self.defect("", Defect::at("hdf5-truncated", start, detail));
        }
        let last = cursor.number(self.offset_size)?;
        if version >= 2 {
            return Ok(last);
        }
        // The root's entry of a symbol table: name, then header.
        cursor.number(self.offset_size)?;
        cursor.number(self.offset_size)
    }

    /// An object and everything below it; one that was seen under another path is not read again.
    fn object(&mut self, address: u64, path: &str, depth: usize) {
        if !self.seen.insert(address) {
            return;
        }
        let read = self.spend(address).and_then(|()| self.messages(address));
        let messages = match read {
            Ok(messages) => messages,
            Err(defect) => return self.defect(path, defect),
        };
        self.facts.objects += 1;
        if depth > DEPTH {
            return self.defect(
                path,
                Defect::at("limit-depth", address, "groups are nested deeper than is looked at"),
            );
        }
        for message in &messages {
            let done = match message.kind {
                0x02 => self.dense_links(message.content, path, depth),
                0x06 => self.link(message.content, path, depth),
                0x11 => self.old_group(message.content, path, depth),
                0x0c => self.attribute(*message, path),
                0x15 => self.dense_attributes(message.content, path),
                _ => Ok(()),
            };
            if let Err(defect) = done {
                self.defect(path, defect);
            }
        }
        if messages.iter().any(|message| message.kind == 0x08)
            && let Err(defect) = self.dataset(&messages, path)
        {
            self.defect(path, defect);
        }
    }

    fn old_group(&mut self, content: &[u8], path: &str, depth: usize) -> Step<()> {
        let mut cursor = Cursor::new(content);
        let (tree, heap) = (cursor.number(self.offset_size)?, cursor.number(self.offset_size)?);
        let mut symbols: Vec<Symbol> = Vec::new();
        self.symbols(tree, 0, &mut symbols)?;
        for symbol in symbols {
            let below = format!("{path}/{}", self.local_heap(heap, symbol.name)?);
            match symbol.soft {
                Some(target) => {
                    let target = Target::Soft(self.local_heap(heap, target)?);
                    self.facts.links.push(Link { path: below, target });
                }
                None => self.object(symbol.header, &below, depth + 1),
            }
        }
        Ok(())
    }

    fn dense_links(&mut self, content: &[u8], path: &str, depth: usize) -> Step<()> {
        let mut cursor = Cursor::new(content);
        cursor.byte()?;
        if cursor.byte()? & 1 != 0 {
            cursor.take(8)?;
        }
        let (heap, index) = (cursor.number(self.offset_size)?, cursor.number(self.offset_size)?);
        if self.nowhere(heap) || self.nowhere(index) {
            return Ok(());
        }
        let heap = self.fractal_heap(heap)?;
        for record in self.records(index)? {
            // A hash of four bytes, then the identifier in the heap.
            let object = self.heap_object(&heap, record.get(4..).unwrap_or_default());
            let linked = object.and_then(|object| self.link(object, path, depth));
            if let Err(defect) = linked {
                self.defect(path, defect);
            }
        }
        Ok(())
    }

    fn nowhere(&self, address: u64) -> bool {
        address == NOWHERE >> (64 - 8 * self.offset_size)
    }

    fn link(&mut self, content: &[u8], path: &str, depth: usize) -> Step<()> {
        let mut cursor = Cursor::new(content);
        cursor.byte()?;
        let flags = cursor.byte()?;
        let kind = if flags & 8 == 0 { 0 } else { cursor.byte()? };
        cursor.take(if flags & 4 == 0 { 0 } else { 8 } + usize::from(flags & 0x10 != 0))?;
        let length = cursor.number(1 << (flags & 3))?;
        let name = cursor.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        let below = format!("{path}/{}", String::from_utf8_lossy(name));
        if kind == 0 {
            let address = cursor.number(self.offset_size)?;
            self.object(address, &below, depth + 1);
            return Ok(());
        }
        let length = cursor.number(2)? as usize;
        let value = cursor.take(length)?;
        let target = match kind {
            1 => Target::Soft(String::from_utf8_lossy(value).into_owned()),
            64 => {
                let mut inner = Cursor::new(value);
                inner.byte()?;
                Target::External { file: inner.text()?, object: inner.text()? }
            }
            other => Target::User(other),
        };
        self.facts.links.push(Link { path: below, target });
        Ok(())
    }

    fn dense_attributes(&mut self, content: &[u8], path: &str) -> Step<()> {
        let mut cursor = Cursor::new(content);
        cursor.byte()?;
        if cursor.byte()? & 1 != 0 {
            cursor.take(2)?;
        }
        let (heap, index) = (cursor.number(self.offset_size)?, cursor.number(self.offset_size)?);
        if self.nowhere(heap) || self.nowhere(index) {
            return Ok(());
        }
        let heap = self.fractal_heap(heap)?;
        for record in self.records(index)? {
            // The identifier in the heap, then flags, creation order and a hash.
            let id = record.get(..8).unwrap_or(record);
            let shared = record.get(8).is_some_and(|flags| flags & 2 != 0);
            let object = self.heap_object(&heap, id);
            let read =
                object.and_then(|content| self.attribute(Message { kind: 0x0c, shared, content }, path));
            if let Err(defect) = read {
                self.defect(path, defect);
            }
        }
        Ok(())
    }

    fn attribute(&mut self, message: Message<'a>, path: &str) -> Step<()> {
        let content = self.resolve(message)?;
        let mut cursor = Cursor::new(content);
        let version = cursor.byte()?;
        let flags = cursor.byte()?;
        let (name, kind, space) = (cursor.number(2)?, cursor.number(2)?, cursor.number(2)?);
        if version == 3 {
            cursor.byte()?;
        }
        let mut part = |length: u64| {
            let taken = cursor.take(length as usize);
            if version == 1 {
                cursor.align();
            }
            taken
        };
        let (name, kind, space) = (part(name)?, part(kind)?, part(space)?);
        let values = cursor.bytes.get(cursor.at..).unwrap_or_default();
        let kind =
            self.resolve(Message { kind: 0x03, shared: version > 1 && flags & 1 != 0, content: kind })?;
        let kind = Type::read(kind)?;
        let Some(shape) = dataspace(space, self.length_size)? else { return Ok(()) };
        let name = String::from_utf8_lossy(name.split(|byte| *byte == 0).next().unwrap_or_default());
        let path = format!("{path}@{name}");
        self.texts(&path, kind, &shape, values)
    }

    /// Keeps values that are text or bytes.
    fn texts(&mut self, path: &str, kind: Type, shape: &[u64], values: &'a [u8]) -> Step<()> {
        let width = usize::try_from(kind.size).unwrap_or(usize::MAX);
        if !matches!(kind.class, Class::Text | Class::Opaque) && !kind.in_heap || width == 0 {
            return Ok(());
        }
        let count = usize::try_from(elements(shape)).unwrap_or(usize::MAX);
        for (index, value) in values.chunks_exact(width).take(count.min(VALUES)).enumerate() {
            let value = if kind.in_heap {
                let mut cursor = Cursor::new(value);
                let length = cursor.number(4)? as usize;
                let (address, object) = (cursor.number(self.offset_size)?, cursor.number(4)?);
                if length == 0 || address == 0 {
                    continue;
                }
                let object = self.global_heap(address, object)?;
                object.get(..length).unwrap_or(object)
            } else if kind.class == Class::Text {
                let end = value.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                value.get(..end).unwrap_or_default()
            } else {
                value
            };
            let kept = value.get(..TEXT).unwrap_or(value);
            if kept.is_empty() {
                continue;
            }
            let Some(left) = self.text_left.checked_sub(kept.len()) else {
                return Err(Defect::whole("limit-text", "more text than is kept of one file"));
            };
            self.text_left = left;
            let path = if count > 1 { format!("{path}[{index}]") } else { path.to_owned() };
            self.facts.texts.push(Text { path, bytes: kept.to_vec() });
        }
        Ok(())
    }

    fn dataset(&mut self, messages: &[Message<'a>], path: &str) -> Step<()> {
        let mut dataset = Dataset { path: path.to_owned(), ..Dataset::default() };
        let mut kind = Type::default();
        let mut stored: &'a [u8] = &[];
        for message in messages {
            match message.kind {
                0x01 => {
                    dataset.shape = dataspace(self.resolve(*message)?, self.length_size)?.unwrap_or(vec![0])
                }
                0x03 => kind = Type::read(self.resolve(*message)?)?,
                0x07 => dataset.external = self.external_files(message.content)?,
                0x08 => stored = self.layout(message.content, &mut dataset)?,
                0x0b => {
                    let content = self.resolve(*message)?;
                    self.filters(content)?;
                }
                _ => {}
            }
        }
        dataset.class = kind.class;
        dataset.stored = if dataset.chunked { self.bytes.len() as u64 } else { stored.len() as u64 };
        dataset.bytes = elements(&dataset.shape).saturating_mul(kind.size);
        let shape = dataset.shape.clone();
        if self.facts.datasets.len() < self.input.budget.limits.records {
            self.facts.datasets.push(dataset);
        }
        // One byte per element, in one row: how a serialised object is stored as an array.
        if kind.class == Class::Integer && kind.size == 1 && shape.len() <= 1 {
            let whole = Type { class: Class::Opaque, size: stored.len() as u64, in_heap: false };
            return self.texts(path, whole, &[1], stored);
        }
        self.texts(path, kind, &shape, stored)
    }

    /// Where the bytes of a dataset lie, if they lie in one piece.
    fn layout(&mut self, content: &'a [u8], dataset: &mut Dataset) -> Step<&'a [u8]> {
        let mut cursor = Cursor::new(content);
        let version = cursor.byte()?;
        if version < 3 {
            let (rank, class) = (cursor.byte()?, cursor.byte()?);
            cursor.take(5)?;
            dataset.chunked = class == 2;
            if class != 1 {
                return Ok(&[]);
            }
            let address = cursor.number(self.offset_size)?;
            let size = (0..rank).map(|_| cursor.number(4)).collect::<Step<Vec<u64>>>()?;
            return self.contiguous(address, elements(&size));
        }
        match cursor.byte()? {
            0 => {
                let size = cursor.number(2)? as usize;
                cursor.take(size)
            }
            1 => {
                let (address, size) = (cursor.number(self.offset_size)?, cursor.number(self.length_size)?);
                self.contiguous(address, size)
            }
            2 => {
                dataset.chunked = true;
                Ok(&[])
            }
            3 => {
                let (address, index) = (cursor.number(self.offset_size)?, cursor.number(4)?);
                if !self.nowhere(address) {
                    dataset.sources = self.sources(address, index)?;
                }
                Ok(&[])
            }
            other => Err(Defect::whole("hdf5-layout", format!("a layout of class {other}"))),
        }
    }

    fn contiguous(&self, address: u64, size: u64) -> Step<&'a [u8]> {
        if self.nowhere(address) || size == 0 {
            return Ok(&[]);
        }
        self.cursor(address)?.take(usize::try_from(size).unwrap_or(usize::MAX))
    }

    /// Names of the files that a virtual dataset is put together from.
    fn sources(&self, address: u64, index: u64) -> Step<Vec<String>> {
        let mut cursor = Cursor::new(self.global_heap(address, index)?);
        cursor.byte()?;
        let count = cursor.number(self.length_size)?;
        // Selections have many encodings; the first file says enough where there are several.
        Ok(if count == 0 { Vec::new() } else { vec![cursor.text()?] })
    }

    fn external_files(&self, content: &[u8]) -> Step<Vec<String>> {
        let mut cursor = Cursor::new(content);
        cursor.take(6)?;
        let used = cursor.number(2)?;
        let heap = cursor.number(self.offset_size)?;
        let mut files = Vec::new();
        for _ in 0..used {
            let name = cursor.number(self.length_size)?;
            cursor.take(2 * self.length_size)?;
            files.push(self.local_heap(heap, name)?);
        }
        Ok(files)
    }

    fn filters(&mut self, content: &[u8]) -> Step<()> {
        let mut cursor = Cursor::new(content);
        let version = cursor.byte()?;
        let count = cursor.byte()?;
        if version == 1 {
            cursor.take(6)?;
        }
        for _ in 0..count {
            let id = cursor.number(2)? as u16;
            let length = if version == 1 || id >= 256 { cursor.number(2)? } else { 0 };
            cursor.number(2)?;
            let values = cursor.number(2)? as usize;
            let name = cursor.take(length as usize)?;
            let name = String::from_utf8_lossy(name.split(|byte| *byte == 0).next().unwrap_or_default());
            if version == 1 {
                cursor.align();
                cursor.take(4 * (values % 2))?;
            }
            cursor.take(4 * values)?;
            self.facts.filters.entry(id).or_insert_with(|| name.into_owned());
        }
        Ok(())
    }
}
