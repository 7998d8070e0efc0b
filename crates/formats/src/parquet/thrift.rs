//! Thrift's compact protocol, read into a tree without a schema.

use crate::{Budget, Defect};

/// Structures inside structures.
const DEPTH: u32 = 32;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'a> {
    Integer(i64),
    Bytes(&'a [u8]),
    List(Vec<Value<'a>>),
    Struct(Vec<(i16, Value<'a>)>),
    /// Doubles, maps and unique ids, of which nothing is asked.
    Other,
}

impl<'a> Value<'a> {
    pub(super) fn field(&self, id: i16) -> Option<&Self> {
        match self {
            Self::Struct(fields) => fields.iter().find(|(field, _)| *field == id).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn integer(&self, id: i16) -> Option<i64> {
        if let Self::Integer(number) = self.field(id)? { Some(*number) } else { None }
    }

    pub(super) fn bytes(&self, id: i16) -> &'a [u8] {
        if let Some(Self::Bytes(bytes)) = self.field(id) { bytes } else { &[] }
    }

    pub(super) fn text(&self, id: i16) -> String {
        String::from_utf8_lossy(self.bytes(id)).into_owned()
    }

    pub(super) fn items(&self, id: i16) -> &[Self] {
        if let Some(Self::List(items)) = self.field(id) { items } else { &[] }
    }
}

/// A place in a message.
pub(super) struct Thrift<'a, 'b> {
    bytes: &'a [u8],
    at: usize,
    /// Where the message lies in the file.
    base: usize,
    nodes: usize,
    budget: &'b Budget,
}

type Read<T> = Result<T, Defect>;

impl<'a, 'b> Thrift<'a, 'b> {
    pub(super) fn new(bytes: &'a [u8], base: usize, budget: &'b Budget) -> Self {
        Self { bytes, at: 0, base, nodes: 0, budget }
    }

    /// The structure that the message is.
    pub(super) fn root(&mut self) -> Read<Value<'a>> {
        self.structure(0)
    }

    /// Bytes read so far.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    fn wrong<T>(&self, code: &'static str, detail: &str) -> Read<T> {
        Err(Defect::at(code, (self.base + self.at) as u64, detail))
    }

    fn byte(&mut self) -> Read<u8> {
        match self.bytes.get(self.at) {
            Some(byte) => {
                self.at += 1;
                Ok(*byte)
            }
            None => self.wrong("thrift-truncated", "the message ends inside a value"),
        }
    }

    fn varint(&mut self) -> Read<u64> {
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        self.wrong("thrift-number", "a number that does not end")
    }

    fn zigzag(&mut self) -> Read<i64> {
        let value = self.varint()?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    fn take(&mut self, length: u64) -> Read<&'a [u8]> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => self.wrong("thrift-truncated", "a text ends after the message"),
        }
    }

    fn node(&mut self, depth: u32) -> Read<()> {
        self.nodes += 1;
        if depth > DEPTH {
            return self.wrong("limit-depth", "structures are nested deeper than is looked at");
        }
        if self.nodes > self.budget.limits.nodes {
            return self.wrong("limit-nodes", "more values than are looked at in one file");
        }
        if self.nodes.is_multiple_of(4096) && self.budget.is_stopped() {
            return self.wrong("limit-time", "the time for the file was over");
        }
        Ok(())
    }

    fn structure(&mut self, depth: u32) -> Read<Value<'a>> {
        self.node(depth)?;
        let mut fields = Vec::new();
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            let kind = head & 0x0f;
            if kind == 0 {
                return Ok(Value::Struct(fields));
            }
            id = if head >> 4 == 0 { self.zigzag()? as i16 } else { id.wrapping_add(i16::from(head >> 4)) };
            let value = match kind {
                1 => Value::Integer(1),
                2 => Value::Integer(0),
                kind => self.value(kind, depth + 1)?,
            };
            fields.push((id, value));
        }
    }

    fn value(&mut self, kind: u8, depth: u32) -> Read<Value<'a>> {
        self.node(depth)?;
        match kind {
            1..=3 => Ok(Value::Integer(i64::from(self.byte()? as i8))),
            4..=6 => self.zigzag().map(Value::Integer),
            7 => self.take(8).map(|_| Value::Other),
            8 => {
                let length = self.varint()?;
                self.take(length).map(Value::Bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
                // Every element takes a byte at least.
                if count > self.bytes.len().saturating_sub(self.at) as u64 {
                    return self.wrong("thrift-length", "a list of more elements than there are bytes");
                }
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.value(head & 0x0f, depth + 1)?);
                }
                Ok(Value::List(items))
            }
            11 => {
                let count = self.varint()?;
                if count > self.bytes.len().saturating_sub(self.at) as u64 {
                    return self.wrong("thrift-length", "a map of more entries than there are bytes");
                }
                let kinds = if count > 0 { self.byte()? } else { 0 };
                for _ in 0..count {
                    self.value(kinds >> 4, depth + 1)?;
                    self.value(kinds & 0x0f, depth + 1)?;
                }
                Ok(Value::Other)
            }
            12 => self.structure(depth),
            13 => self.take(16).map(|_| Value::Other),
            _ => self.wrong("thrift-type", "a type that does not exist"),
        }
    }
}
