//! Reads objects of the marshal format into code objects, bounded in depth and number.

use super::{CONSTANT_KEPT, Code};
use crate::Budget;

/// Depth at which CPython's reader refuses, and we do.
const DEPTH: u32 = 200;
/// Constants kept of one code object.
const CONSTANTS: usize = 4096;
/// Byte strings looked into.
const EMBEDDED: usize = 64;
/// Says that a referred object may be used again.
const FLAG_REF: u8 = 0x80;

/// What reading an object gives; texts are places in the input.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object {
    Text(usize, usize),
    Bytes(usize, usize),
    Tuple(Vec<u32>),
    Code(u32),
    Number(i64),
    Other,
}

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    budget: &'a Budget,
    objects: Vec<Object>,
    refs: Vec<u32>,
    interned: Vec<u32>,
    pub(super) codes: Vec<Code>,
    pub(super) embedded: Vec<(u64, u32)>,
}

type Read<T> = Result<T, &'static str>;

const BROKEN: &str = "marshal-broken";

/// How many numbers come before the instructions; they tell the version.
fn numbers(bytes: &[u8]) -> Option<usize> {
    if !matches!(bytes.first()?, 0x63 | 0xe3) {
        return None;
    }
    [4_usize, 5, 6].into_iter().find(|count| {
        let end = 1 + 4 * count;
        let Some(counts) = bytes.get(1..end) else { return false };
        let plausible = counts.chunks_exact(4).enumerate().all(|(at, number)| {
            let number = u32::from_le_bytes(number.try_into().unwrap_or_default());
            number < 1 << 16 || at + 1 == *count && number < 1 << 30
        });
        let instructions = bytes.get(end).is_some_and(|kind| kind & !FLAG_REF == b's');
        let length = bytes
            .get(end + 1..end + 5)
            .map(|length| u32::from_le_bytes(length.try_into().unwrap_or_default()));
        plausible && instructions && length.is_some_and(|length| length as usize <= bytes.len())
    })
}

/// Whether bytes begin with a code object.
pub(super) fn begins_code(bytes: &[u8]) -> bool {
    numbers(bytes).is_some()
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        Self {
            bytes,
            at,
            budget,
            objects: Vec::new(),
            refs: Vec::new(),
            interned: Vec::new(),
            codes: Vec::new(),
            embedded: Vec::new(),
        }
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let end = self.at.checked_add(length).ok_or(BROKEN)?;
        let taken = self.bytes.get(self.at..end).ok_or(BROKEN)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    fn number(&mut self) -> Read<i32> {
        Ok(i32::from_le_bytes(self.take(4)?.try_into().map_err(|_| BROKEN)?))
    }

    fn length(&mut self) -> Read<usize> {
        usize::try_from(self.number()?).map_err(|_| BROKEN)
    }

    fn span(&mut self, length: usize) -> Read<(usize, usize)> {
        let start = self.at;
        self.take(length)?;
        Ok((start, length))
    }

    /// Reads one object; the index of it.
    pub(super) fn object(&mut self, depth: u32) -> Read<u32> {
        if depth > DEPTH {
            return Err("limit-depth");
        }
        if self.objects.len() >= self.budget.limits.nodes {
            return Err("limit-nodes");
        }
        if self.objects.len() % 4096 == 4095 && self.budget.is_stopped() {
            return Err("limit-time");
        }
        let start = self.at;
        let kind = self.byte()?;
        let index = self.objects.len() as u32;
        self.objects.push(Object::Other);
        if kind & FLAG_REF != 0 {
            self.refs.push(index);
        }
        let object = match kind & !FLAG_REF {
            b'0' | b'N' | b'F' | b'T' | b'S' | b'.' => Object::Other,
            b'i' => Object::Number(i64::from(self.number()?)),
            b'I' | b'g' => {
                self.take(8)?;
                Object::Other
            }
            b'y' => {
                self.take(16)?;
                Object::Other
            }
            b'f' => {
                let length = self.byte()?;
                self.take(usize::from(length))?;
                Object::Other
            }
            b'x' => {
                for _ in 0..2 {
                    let length = self.byte()?;
                    self.take(usize::from(length))?;
                }
                Object::Other
            }
            b'l' => {
                let digits = self.number()?.unsigned_abs() as usize;
                self.take(digits.checked_mul(2).ok_or(BROKEN)?)?;
                Object::Other
            }
            b's' => {
                let length = self.length()?;
                let (at, length) = self.span(length)?;
                let content = self.bytes.get(at..at + length).unwrap_or_default();
                if depth > 0 && self.embedded.len() < EMBEDDED && is_loaded(content) {
                    self.embedded.push((at as u64, u32::try_from(length).unwrap_or(u32::MAX)));
                }
                Object::Bytes(at, length)
            }
            b't' | b'u' | b'a' | b'A' => {
                let length = self.length()?;
                let (at, length) = self.span(length)?;
                if kind & !FLAG_REF == b't' {
                    self.interned.push(index);
                }
                Object::Text(at, length)
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                let (at, length) = self.span(length)?;
                Object::Text(at, length)
            }
            b'r' => {
                let at = self.length()?;
                let known = *self.refs.get(at).ok_or(BROKEN)?;
                return Ok(known);
            }
            b'R' => {
                let at = self.length()?;
                return self.interned.get(at).copied().ok_or(BROKEN);
            }
            b'(' | b'[' | b'<' | b'>' => {
                let length = self.length()?;
                Object::Tuple(self.items(length, depth)?)
            }
            b')' => {
                let length = usize::from(self.byte()?);
                Object::Tuple(self.items(length, depth)?)
            }
            b':' => Object::Tuple(self.items(3, depth)?),
            b'{' => {
                let mut items = Vec::new();
                while self.bytes.get(self.at).is_some_and(|next| *next != b'0') {
                    items.push(self.object(depth + 1)?);
                    items.push(self.object(depth + 1)?);
                }
                self.byte()?;
                Object::Tuple(items)
            }
            b'c' => Object::Code(self.code(start, depth)?),
            _ => return Err(BROKEN),
        };
        if let Some(place) = self.objects.get_mut(index as usize) {
            *place = object;
        }
        Ok(index)
    }

    fn items(&mut self, length: usize, depth: u32) -> Read<Vec<u32>> {
        if length > self.bytes.len() - self.at {
            return Err(BROKEN);
        }
        (0..length).map(|_| self.object(depth + 1)).collect()
    }

    fn code(&mut self, start: usize, depth: u32) -> Read<u32> {
        let index = self.codes.len() as u32;
        self.codes.push(Code { offset: start as u64, ..Code::default() });
        let count = numbers(self.bytes.get(start..).unwrap_or_default()).ok_or(BROKEN)?;
        for _ in 0..count {
            self.number()?;
        }
        let instructions = self.object(depth + 1)?;
        let constants = self.object(depth + 1)?;
        let names = self.object(depth + 1)?;
        let variables = self.object(depth + 1)?;
        let fourth = self.object(depth + 1)?;
        // From 3.11 on one list has all variables and a byte string says of which kind each is.
        let new = matches!(self.objects.get(fourth as usize), Some(Object::Bytes(..)));
        if !new {
            self.object(depth + 1)?;
        }
        let file = self.object(depth + 1)?;
        let name = self.object(depth + 1)?;
        if new {
            self.object(depth + 1)?;
        }
        let line = self.number()?;
        self.object(depth + 1)?;
        if new {
            self.object(depth + 1)?;
        }
        let inner: Vec<u32> = self
            .children(constants)
            .filter_map(|object| if let Object::Code(at) = object { Some(*at) } else { None })
            .collect();
        for at in inner {
            if let Some(code) = self.codes.get_mut(at as usize).filter(|_| at != index) {
                code.inside = Some(index);
            }
        }
        let made = Code {
            name: self.text(name),
            file: self.text(file),
            line: i64::from(line),
            names: self.texts(names),
            variables: self.texts(variables),
            constants: self.texts(constants),
            instructions: match self.objects.get(instructions as usize) {
                Some(Object::Bytes(_, length)) => *length as u64,
                _ => 0,
            },
            inside: None,
            offset: start as u64,
        };
        if let Some(place) = self.codes.get_mut(index as usize) {
            *place = made;
        }
        Ok(index)
    }

    fn children(&self, at: u32) -> impl Iterator<Item = &Object> {
        let items: &[u32] = match self.objects.get(at as usize) {
            Some(Object::Tuple(items)) => items,
            _ => &[],
        };
        items.iter().filter_map(|item| self.objects.get(*item as usize))
    }

    /// Texts and bytes in a tuple, and in tuples in it.
    fn texts(&self, at: u32) -> Vec<String> {
        let mut texts = Vec::new();
        for object in self.children(at) {
            match object {
                Object::Tuple(items) => {
                    texts.extend(
                        items.iter().filter_map(|item| self.shown(self.objects.get(*item as usize)?)),
                    );
                }
                object => texts.extend(self.shown(object)),
            }
            if texts.len() >= CONSTANTS {
                break;
            }
        }
        texts
    }

    fn text(&self, at: u32) -> String {
        self.objects.get(at as usize).and_then(|object| self.shown(object)).unwrap_or_default()
    }

    fn shown(&self, object: &Object) -> Option<String> {
        let (Object::Text(at, length) | Object::Bytes(at, length)) = object else { return None };
        let text = self.bytes.get(*at..at + (*length).min(CONSTANT_KEPT)).unwrap_or_default();
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

/// Whether a byte string is something that code would load.
fn is_loaded(bytes: &[u8]) -> bool {
    matches!(bytes, [0x80, 2..=5, ..]) && bytes.last() == Some(&b'.')
        || bytes.len() > 30 && begins_code(bytes)
}
