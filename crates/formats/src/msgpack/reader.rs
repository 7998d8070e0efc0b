//! Walks values; nothing is kept but texts, and what may be a file of its own is handed on.

use super::Msgpack;
use crate::{Defect, Input, Member};

/// Values inside values; writers of parameters stay far below.
const DEPTH: u32 = 200;
/// Characters kept of a text, and texts.
const TEXT: usize = 2_000;
const TEXTS: usize = 50_000;
/// Files looked for in one tree.
const MEMBERS: usize = 256;

/// Flax's types of extension: an array, a complex number, a number.
const ARRAY: i8 = 1;
const NUMBER: i8 = 3;

/// What a value is, as far as its surroundings need to know.
#[derive(Debug, Clone, PartialEq)]
enum Value<'a> {
    Integer(i64),
    Text(&'a [u8]),
    Bytes(&'a [u8], usize),
    List(Vec<Option<i64>>),
    True,
    Other,
}

type Read<T> = Result<T, Box<Defect>>;

pub(super) struct Reader<'a, 'b> {
    input: &'b Input<'a>,
    bytes: &'a [u8],
    at: usize,
    values: usize,
    most: usize,
    facts: Msgpack,
    members: Vec<Member>,
    /// Whether this is only a trial, which looks into nothing.
    trial: bool,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(input: &'b Input<'a>) -> Self {
        let most = input.budget.limits.nodes.saturating_mul(8);
        let (facts, members) = (Msgpack::default(), Vec::new());
        Self { input, bytes: input.bytes, at: 0, values: 0, most, facts, members, trial: false }
    }

    /// Whether the first values, or all there are, can be read.
    pub(super) fn tries(mut self, values: usize) -> bool {
        self.most = values;
        self.trial = true;
        match self.value("", 0) {
            Ok(_) => self.at == self.bytes.len(),
            Err(defect) => defect.code == "limit-nodes",
        }
    }

    pub(super) fn read(mut self) -> (Msgpack, Vec<Defect>, Vec<Member>) {
        let mut defects = Vec::new();
        while self.at < self.bytes.len() {
            let before = self.at;
            if let Err(defect) = self.value("", 0) {
                defects.push(*defect);
                break;
            }
            if before == 0 && self.at < self.bytes.len() {
                // Streams of several values exist; what is no value behind the first was put there.
                let rest = Reader { values: 0, ..Reader::new(self.input) };
                if !(Reader { at: self.at, ..rest }).tries(1_000) {
                    let detail = format!("{} bytes behind the value", self.bytes.len() - self.at);
                    defects.push(Defect::at("msgpack-trailing", self.at as u64, detail));
                    break;
                }
            }
        }
        (self.facts, defects, self.members)
    }

    fn wrong<T>(&self, code: &'static str, detail: impl Into<String>) -> Read<T> {
        Err(Box::new(Defect::at(code, self.at as u64, detail)))
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        match self.at.checked_add(length).and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => {
                let left = self.bytes.len().saturating_sub(self.at);
                self.wrong("msgpack-length", format!("{length} bytes are due, {left} there"))
            }
        }
    }

    fn number(&mut self, width: usize) -> Read<u64> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn length(&mut self, width: usize) -> Read<usize> {
        self.number(width).map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn value(&mut self, key: &str, depth: u32) -> Read<Value<'a>> {
        self.values += 1;
        if self.values > self.most {
            return self.wrong("limit-nodes", "more values than are looked at in one file");
        }
        if self.values.is_multiple_of(4096) && self.input.budget.is_stopped() {
            return self.wrong("limit-time", "the time for the file was over");
        }
        if depth > DEPTH {
            return self.wrong("msgpack-depth", "values are nested so deeply that readers run out of stack");
        }
        let marker = self.take(1)?.first().copied().unwrap_or_default();
        match marker {
            0x00..=0x7f => Ok(Value::Integer(i64::from(marker))),
            0x80..=0x8f => self.map(usize::from(marker & 0x0f), key, depth),
            0x90..=0x9f => self.list(usize::from(marker & 0x0f), key, depth),
            0xa0..=0xbf => self.text(usize::from(marker & 0x1f), key),
            0xc0 | 0xc2 => Ok(Value::Other),
            0xc3 => Ok(Value::True),
            0xc4..=0xc6 => {
                let length = self.length(1 << (marker - 0xc4))?;
                let at = self.at;
                let bytes = self.take(length)?;
                self.look(key, bytes);
                Ok(Value::Bytes(bytes, at))
            }
            0xc7..=0xc9 => {
                let length = self.length(1 << (marker - 0xc7))?;
                self.extension(length, key, depth)
            }
            0xca => self.take(4).map(|_| Value::Other),
            0xcb => self.take(8).map(|_| Value::Other),
            0xcc..=0xcf => {
                let number = self.number(1 << (marker - 0xcc))?;
                Ok(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
            }
            0xd0..=0xd3 => {
                let width = 1_usize << (marker - 0xd0);
                let number = self.number(width)?;
                let shift = 64 - 8 * width as u32;
                Ok(Value::Integer((number << shift).cast_signed() >> shift))
            }
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4), key, depth),
            0xd9..=0xdb => {
                let length = self.length(1 << (marker - 0xd9))?;
                self.text(length, key)
            }
            0xdc | 0xdd => {
                let count = self.length(if marker == 0xdc { 2 } else { 4 })?;
                self.list(count, key, depth)
            }
            0xde | 0xdf => {
                let count = self.length(if marker == 0xde { 2 } else { 4 })?;
                self.map(count, key, depth)
            }
            0xe0..=0xff => Ok(Value::Integer(i64::from(marker.cast_signed()))),
            0xc1 => self.wrong("msgpack-marker", "a marker that no writer uses"),
        }
    }

    /// Every element takes a byte at least.
    fn fits(&self, count: usize) -> Read<()> {
        let left = self.bytes.len().saturating_sub(self.at);
        if count > left {
            return self.wrong("msgpack-length", format!("{count} elements, {left} bytes left"));
        }
        Ok(())
    }

    fn text(&mut self, length: usize, key: &str) -> Read<Value<'a>> {
        let text = self.take(length)?;
        if !self.trial && !text.is_empty() && !key.is_empty() && self.facts.texts.len() < TEXTS {
            let text = String::from_utf8_lossy(text).chars().take(TEXT).collect();
            self.facts.texts.push((key.to_owned(), text));
        }
        Ok(Value::Text(text))
    }

    fn list(&mut self, count: usize, key: &str, depth: u32) -> Read<Value<'a>> {
        self.fits(count)?;
        let mut numbers = Vec::new();
        for _ in 0..count {
            let value = self.value(key, depth + 1)?;
            if numbers.len() < 64 {
                numbers.push(if let Value::Integer(number) = value { Some(number) } else { None });
            }
        }
        Ok(Value::List(numbers))
    }

    fn map(&mut self, count: usize, _key: &str, depth: u32) -> Read<Value<'a>> {
        self.fits(count.saturating_mul(2))?;
        let (mut array, mut objects) = (false, false);
        for _ in 0..count {
            let key = match self.value("", depth + 1)? {
                Value::Text(text) | Value::Bytes(text, _) => String::from_utf8_lossy(text).into_owned(),
                Value::Integer(number) => number.to_string(),
                _ => "?".to_owned(),
            };
            let value = self.value(&key, depth + 1)?;
            match (key.as_str(), &value) {
                ("nd", Value::True) => array = true,
                ("kind" | "type", Value::Text(b"O" | b"|O") | Value::Bytes(b"O" | b"|O", _)) => {
                    objects = true
                }
                _ => {}
            }
        }
        if array && objects {
            self.facts.objects.push("data".to_owned());
        }
        Ok(Value::Other)
    }

    fn extension(&mut self, length: usize, key: &str, depth: u32) -> Read<Value<'a>> {
        let kind = self.take(1)?.first().copied().unwrap_or_default().cast_signed();
        let start = self.at;
        let content = self.take(length)?;
        self.facts.extensions.insert(kind);
        if kind != ARRAY && kind != NUMBER {
            self.look(key, content);
            return Ok(Value::Other);
        }
        // What Flax puts into an extension is MessagePack again: shape, type and bytes.
        let end = self.at;
        let whole = self.bytes;
        self.bytes = whole.get(..end).unwrap_or_default();
        self.at = start;
        let array = self.array(key, depth + 1);
        self.bytes = whole;
        self.at = end;
        array.map(|()| Value::Other)
    }

    fn array(&mut self, key: &str, depth: u32) -> Read<()> {
        let marker = self.take(1)?;
        if marker != [0x93] {
            return self.wrong("msgpack-array", "an array that is no shape, type and bytes");
        }
        let Value::List(shape) = self.value("", depth)? else {
            return self.wrong("msgpack-array", "an array whose shape is no list");
        };
        let Value::Text(dtype) = self.value("", depth)? else {
            return self.wrong("msgpack-array", "an array whose type is no text");
        };
        let Value::Bytes(data, _) = self.value(key, depth)? else {
            return self.wrong("msgpack-array", "an array whose data are no bytes");
        };
        self.facts.arrays += 1;
        let dtype = String::from_utf8_lossy(dtype).into_owned();
        if matches!(dtype.as_str(), "object" | "O" | "|O") || dtype.starts_with("object") {
            self.facts.objects.push(key.to_owned());
            return Ok(());
        }
        let mut elements = Some(1_u64);
        for extent in &shape {
            let Some(extent) = extent.and_then(|extent| u64::try_from(extent).ok()) else {
                return self
                    .wrong("msgpack-array", format!("`{}` has an extent below zero", key.escape_debug()));
            };
            elements = elements.and_then(|product| product.checked_mul(extent));
        }
        self.facts.elements = self.facts.elements.saturating_add(elements.unwrap_or(0));
        let needed = width(&dtype).map(|width| elements.and_then(|elements| elements.checked_mul(width)));
        match needed {
            Some(Some(needed)) if needed == data.len() as u64 => Ok(()),
            Some(needed) => {
                let needed =
                    needed.map_or_else(|| "more than there can be".to_owned(), |needed| needed.to_string());
                let detail = format!("`{}` needs {needed} bytes and has {}", key.escape_debug(), data.len());
                self.wrong("msgpack-array", detail)
            }
            None => Ok(()),
        }
    }

    /// Bytes that may be a file of their own, by how they begin.
    fn look(&mut self, key: &str, bytes: &[u8]) {
        let begins = matches!(
            bytes,
            [0x80, 2..=5, ..]
                | [0x7f, b'E', b'L', b'F', ..]
                | [b'P', b'K', 3, 4, ..]
                | [0x1f, 0x8b, 8, ..]
                | [b'M', b'Z', ..]
                | [b'c', b'a'..=b'z', ..]
        );
        if self.trial || !begins || bytes.len() < 8 || self.members.len() >= MEMBERS {
            return;
        }
        let name = if key.is_empty() { "bytes" } else { key };
        let parsed = crate::parse(&self.input.member(name, bytes));
        let told = matches!(parsed.format, "compressed" | "executable" | "pickle" | "zip")
            && parsed.defects.is_empty();
        if told {
            self.members.push(Member { name: name.to_owned(), size: bytes.len() as u64, parsed });
        }
    }
}

/// Bytes of an element of a type of NumPy or JAX.
fn width(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "bool" | "int8" | "uint8" | "float8_e4m3fn" | "float8_e5m2" => 1,
        "int16" | "uint16" | "float16" | "bfloat16" => 2,
        "int32" | "uint32" | "float32" => 4,
        "int64" | "uint64" | "float64" | "complex64" => 8,
        "complex128" => 16,
        _ => return None,
    })
}
