//! Reads GGUF's numbers, texts and arrays, never past the end.

use super::Value;
use crate::Defect;

/// Arrays inside arrays.
const DEPTH: u32 = 4;

/// A place in the file.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) big_endian: bool,
    /// Version 1 wrote lengths with 32 bits.
    pub(super) short_lengths: bool,
    nodes: usize,
    /// What is odd without ending the reading.
    pub(super) odd: Vec<Defect>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], nodes: usize) -> Self {
        Self { bytes, at: 0, big_endian: false, short_lengths: false, nodes, odd: Vec::new() }
    }

    pub(super) fn left(&self) -> u64 {
        self.bytes.len().saturating_sub(self.at) as u64
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], Defect> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        match end.and_then(|end| self.bytes.get(self.at..end)) {
            Some(taken) => {
                self.at += taken.len();
                Ok(taken)
            }
            None => Err(Defect::at(
                "gguf-past-end",
                self.at as u64,
                format!("{length} bytes are due, {} there", self.left()),
            )),
        }
    }

    pub(super) fn skip(&mut self, length: u64) -> Result<(), Defect> {
        self.take(length).map(|_| ())
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], Defect> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N as u64)?);
        if self.big_endian {
            bytes.reverse();
        }
        Ok(bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Defect> {
        self.number().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Defect> {
        self.number().map(u64::from_le_bytes)
    }

    pub(super) fn length(&mut self) -> Result<u64, Defect> {
        if self.short_lengths { self.u32().map(u64::from) } else { self.u64() }
    }

    pub(super) fn text(&mut self) -> Result<String, Defect> {
        let length = self.length()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    /// The text of a key or name, which must be UTF-8.
    pub(super) fn name(&mut self) -> Result<String, Defect> {
        let at = self.at as u64;
        let length = self.length()?;
        let bytes = self.take(length)?;
        if std::str::from_utf8(bytes).is_err() && self.odd.len() < 16 {
            self.odd.push(Defect::at("gguf-not-utf8", at, "a key or name that is no UTF-8"));
        }
        Ok(String::from_utf8_lossy(bytes).into_owned())
    }

    pub(super) fn value(&mut self, kind: u32, items: usize) -> Result<Value, Defect> {
        self.value_at(kind, items, 0)
    }

    fn value_at(&mut self, kind: u32, items: usize, depth: u32) -> Result<Value, Defect> {
        let at = self.at as u64;
        self.nodes = self
            .nodes
            .checked_sub(1)
            .ok_or_else(|| Defect::at("limit-nodes", at, "more values than are read"))?;
        Ok(match kind {
            0 => Value::Int(i64::from(u8::from_le_bytes(self.number()?))),
            1 => Value::Int(i64::from(i8::from_le_bytes(self.number()?))),
            2 => Value::Int(i64::from(u16::from_le_bytes(self.number()?))),
            3 => Value::Int(i64::from(i16::from_le_bytes(self.number()?))),
            4 => Value::Int(i64::from(self.u32()?)),
            5 => Value::Int(i64::from(i32::from_le_bytes(self.number()?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.number()?))),
            7 => {
                let byte = u8::from_le_bytes(self.number()?);
                if byte > 1 && self.odd.len() < 16 {
                    self.odd.push(Defect::at("gguf-bool", at, format!("{byte} is no truth value")));
                }
                Value::Bool(byte != 0)
            }
            8 => Value::Text(self.text()?),
            9 => self.array(items, depth)?,
            10 => {
                let value = self.u64()?;
                i64::try_from(value).map_or(Value::Unsigned(value), Value::Int)
            }
            11 => Value::Int(i64::from_le_bytes(self.number()?)),
            12 => Value::Float(f64::from_le_bytes(self.number()?)),
            other => return Err(Defect::at("gguf-value-type", at, format!("{other} is no type of value"))),
        })
    }

    fn array(&mut self, items: usize, depth: u32) -> Result<Value, Defect> {
        let at = self.at as u64;
        if depth >= DEPTH {
            return Err(Defect::at("gguf-array-depth", at, "arrays inside arrays inside arrays"));
        }
        let kind = self.u32()?;
        let count = self.length()?;
        let width = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => 4,
            _ => 12,
        };
        if count > self.left() / width {
            return Err(Defect::at(
                "gguf-array-length",
                at,
                format!("{count} items cannot be in {} bytes", self.left()),
            ));
        }
        let mut kept = Vec::new();
        let mut read = 0;
        while read < count {
            if kept.len() < items {
                kept.push(self.value_at(kind, items, depth + 1)?);
            } else if kind == 8 {
                let length = self.length()?;
                self.skip(length)?;
            } else if kind == 9 {
                self.value_at(kind, 0, depth + 1)?;
            } else {
                self.skip((count - read) * width)?;
                break;
            }
            read += 1;
        }
        Ok(Value::Array(kept, count))
    }
}
