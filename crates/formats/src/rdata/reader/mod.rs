//! Walks the items of one serialised object. Nothing is kept but calls, promises and names.

mod around;
mod calls;
mod cells;
mod compiled;
mod value;

use super::source::Source;
use super::{Place, RData};
use crate::{Defect, Input, Member};
use around::Around;
use value::Value;

/// Items inside items.
const DEPTH: u32 = 300;
/// Raw vectors that are looked into.
const RAW: usize = 64;

/// What was read, or why reading ended early.
type Read<T> = Result<T, Box<Defect>>;

struct Reader<'a, 'b> {
    source: Source<'a>,
    input: &'b Input<'a>,
    rdata: &'b mut RData,
    references: Vec<Value>,
    members: Vec<Member>,
    items: u64,
}

/// Reads the stream that `source` stands at; facts go into `rdata`.
pub(super) fn read<'a>(
    source: Source<'a>,
    input: &Input<'a>,
    rdata: &mut RData,
    defects: &mut Vec<Defect>,
) -> Vec<Member> {
    let mut reader = Reader { source, input, rdata, references: Vec::new(), members: Vec::new(), items: 0 };
    if let Err(defect) = reader.whole() {
        defects.push(*defect);
    } else {
        let rest = reader.source.rest();
        if rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
            let detail = format!("{} bytes after the object", rest.len());
            defects.push(Defect::at("r-trailing", reader.source.at as u64, detail));
        }
    }
    reader.members
}

impl<'a> Reader<'a, '_> {
    fn broken<T>(&self, code: &'static str, detail: impl Into<String>) -> Read<T> {
        Err(Box::new(Defect::at(code, self.source.at as u64, detail)))
    }

    fn or_short<T>(&self, value: Option<T>) -> Read<T> {
        match value {
            Some(value) => Ok(value),
            None => self.broken("r-truncated", "the file ends inside an object"),
        }
    }

    fn int(&mut self) -> Read<i32> {
        let value = self.source.int();
        self.or_short(value)
    }

    /// A length; long vectors have two halves.
    fn length(&mut self) -> Read<usize> {
        let length = self.int()?;
        let length = if length == -1 {
            let (high, low) = (self.int()?, self.int()?);
            (u64::from(high as u32) << 32) | u64::from(low as u32)
        } else if length < 0 {
            return self.broken("r-length", format!("a length of {length}"));
        } else {
            length as u64
        };
        // Every element takes a byte at least.
        if length > self.source.left() as u64 {
            return self.broken("r-length", format!("{length} elements, {} bytes left", self.source.left()));
        }
        Ok(length as usize)
    }

    fn whole(&mut self) -> Read<()> {
        let version = self.int()?;
        self.rdata.version = version as u32;
        let writer = self.int()? as u32;
        self.rdata.writer = format!("{}.{}.{}", writer >> 16, writer >> 8 & 0xff, writer & 0xff);
        let _oldest_reader = self.int()?;
        if version == 3 {
            let length = self.length()?;
            let encoding = self.source.text(length);
            self.or_short(encoding)?;
        } else if version != 2 {
            return self.broken("r-version", format!("version {version} does not exist"));
        }
        let around = Around { place: Place::Data, frame: false, promises: false, depth: 0, compiled: false };
        self.item(around).map(|_| ())
    }

    fn item(&mut self, around: Around) -> Read<Value> {
        let flags = self.int()? as u32;
        self.item_of(flags, around)
    }

    fn item_of(&mut self, flags: u32, around: Around) -> Read<Value> {
        if around.depth > DEPTH {
            return self.broken("limit-r-depth", "objects are nested deeper than is looked at");
        }
        self.items += 1;
        if self.items.is_multiple_of(4096) && self.input.budget.is_stopped() {
            return self.broken("limit-time", "the time for the file was over");
        }
        let kind = flags & 0xff;
        let has_attributes = flags & 0x200 != 0;
        let value = match kind {
            254 | 0 => Value::Null,
            252 => Value::Unbound,
            251 => Value::Missing,
            241 | 242 | 250 | 253 => Value::Environment,
            255 => {
                let packed = flags >> 8;
                let index = if packed == 0 { self.int()? as u32 } else { packed };
                return match self.references.get((index as usize).wrapping_sub(1)) {
                    Some(value) => Ok(value.clone()),
                    None => self
                        .broken("r-reference", format!("reference {index} stands before what it refers to")),
                };
            }
            247..=249 => {
                let _zero = self.int()?;
                let count = self.length()?;
                for _ in 0..count {
                    self.item(around.inner())?;
                }
                self.references.push(Value::Environment);
                Value::Environment
            }
            1 => {
                let name = match self.item(around.inner())? {
                    Value::Text(name) => name,
                    _ => String::new(),
                };
                self.references.push(Value::Symbol(name.clone()));
                if around.compiled {
                    // What compiled code looks up is among its constants.
                    self.call(name.clone(), format!("compiled {name}"), around);
                }
                return Ok(Value::Symbol(name));
            }
            2 | 3 | 5 | 6 | 17 => return self.pairs(flags, around),
            4 => {
                let _locked = self.int()?;
                self.references.push(Value::Environment);
                let inside = Around { place: Place::Data, frame: true, ..around.inner() };
                for _ in 0..4 {
                    self.item(inside)?;
                }
                return Ok(Value::Environment);
            }
            7 | 8 => {
                let length = self.length()?;
                let name = self.source.text(length);
                Value::Plain(self.or_short(name)?)
            }
            9 => {
                let length = self.int()?;
                if length < 0 {
                    Value::Text("NA".to_owned())
                } else {
                    let text = self.source.text(length as usize);
                    Value::Text(self.or_short(text)?)
                }
            }
            10 | 13 => {
                let count = self.length()?;
                if count == 1 {
                    Value::Plain(self.int()?.to_string())
                } else {
                    let passed = self.source.skip(count, 4);
                    self.or_short(passed)?;
                    Value::Other
                }
            }
            14 => {
                let count = self.length()?;
                if count == 1 {
                    let number = self.source.double();
                    Value::Plain(self.or_short(number)?.to_string())
                } else {
                    let passed = self.source.skip(count, 8);
                    self.or_short(passed)?;
                    Value::Other
                }
            }
            15 => {
                let count = self.length()?;
                let passed = self.source.skip(count, 16);
                self.or_short(passed)?;
                Value::Other
            }
            16 => {
                let count = self.length()?;
                let mut first = Value::Other;
                for index in 0..count {
                    let text = self.item(around.inner())?;
                    if index == 0 {
                        first = text;
                    }
                }
                first
            }
            19 | 20 => {
                let count = self.length()?;
                // The hash table of an environment is a list of its variables.
                let inside = Around { frame: around.frame, ..around.inner() };
                for _ in 0..count {
                    self.item(inside)?;
                }
                Value::Other
            }
            21 => {
                let _repeated = self.int()?;
                self.compiled(around.inner())?
            }
            22 => {
                self.references.push(Value::Other);
                self.item(around.inner())?;
                self.item(around.inner())?;
                Value::Other
            }
            23 => {
                self.references.push(Value::Other);
                Value::Other
            }
            24 => {
                let length = self.length()?;
                let raw = self.source.raw(length);
                let raw = self.or_short(raw)?;
                self.raw(raw);
                Value::Other
            }
            25 => Value::Other,
            238 => {
                self.computed(around)?;
                let value = self.item(around.inner())?;
                self.item(around.inner())?;
                return Ok(value);
            }
            245 | 246 => {
                return self.broken("r-type", "class references were never written by a release of R");
            }
            kind => return self.broken("r-type", format!("objects of type {kind} do not exist")),
        };
        if has_attributes {
            self.item(around.inner())?;
        }
        Ok(value)
    }

    /// Bytes that may be a file of their own.
    fn raw(&mut self, raw: &'a [u8]) {
        if raw.len() < 8 || self.members.len() >= RAW {
            return;
        }
        let name = format!("raw@{}", self.source.at - raw.len());
        let parsed = crate::parse(&self.input.member(&name, raw));
        if !matches!(parsed.format, "unknown" | "text") {
            self.members.push(Member { size: raw.len() as u64, parsed, name });
        }
    }
}
