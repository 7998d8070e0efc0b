//! Walks the items of one serialised object. Nothing is kept but calls, promises and names.

use super::source::Source;
use super::{Call, Place, Promise, RData};
use crate::{Defect, Input, Member};

/// Items inside items.
const DEPTH: u32 = 300;
/// Characters of a rendered call.
const TEXT: usize = 240;
/// Raw vectors that are looked into.
const RAW: usize = 64;

/// What an item is, as far as calls need to know.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Null,
    Unbound,
    Missing,
    Symbol(String),
    Text(String),
    /// A call: what it calls and its text.
    Call(String),
    /// A function's name or number, as text.
    Plain(String),
    Function,
    Environment,
    Promise,
    Other,
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Symbol(name) | Self::Plain(name) | Self::Call(name) => name.clone(),
            Self::Text(text) => format!("{text:?}"),
            Self::Function => "<function>".to_owned(),
            Self::Environment => "<environment>".to_owned(),
            Self::Promise => "<promise>".to_owned(),
            Self::Unbound | Self::Missing => String::new(),
            Self::Other => "...".to_owned(),
        }
    }
}

/// Functions that call what they are given by name or symbol.
const CALLS_GIVEN: &[&str] = &[
    "Filter",
    "Map",
    "Reduce",
    "Recall",
    "addTaskCallback",
    "apply",
    "as.call",
    "as.function",
    "as.name",
    "as.symbol",
    "call",
    "do.call",
    "eapply",
    "get",
    "get0",
    "getAnywhere",
    "getExportedValue",
    "getFromNamespace",
    "getFunction",
    "lapply",
    "mapply",
    "match.fun",
    "mget",
    "outer",
    "rapply",
    "reg.finalizer",
    "sapply",
    "setHook",
    "tapply",
    "vapply",
];

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

/// What surrounds an item.
#[derive(Debug, Clone, Copy)]
struct Around {
    place: Place,
    /// Whether pair lists here are the variables of an environment.
    frame: bool,
    /// Whether R writes promises here.
    promises: bool,
    depth: u32,
    /// Whether calls directly here are the code of a function compiled to bytes.
    compiled: bool,
}

impl Around {
    fn inner(self) -> Self {
        Self { frame: false, promises: false, depth: self.depth + 1, compiled: false, ..self }
    }

    fn with_promises(self) -> Self {
        Self { promises: true, ..self.inner() }
    }

    fn at(self, place: Place) -> Self {
        Self { place: self.place.max(place), ..self.inner() }
    }
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
            return self.broken("limit-depth", "objects are nested deeper than is looked at");
        }
        self.items += 1;
        if self.items % 4096 == 0 && self.input.budget.is_stopped() {
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

    /// Class and package of a computed vector.
    fn computed(&mut self, around: Around) -> Read<()> {
        let flags = self.int()? as u32;
        let mut names = Vec::new();
        if matches!(flags & 0xff, 2 | 6) {
            // A pair list of the class's symbol, the package's symbol and a type.
            let mut flags = flags;
            while matches!(flags & 0xff, 2 | 6) {
                if flags & 0x200 != 0 {
                    self.item(around.inner())?;
                }
                if flags & 0x400 != 0 {
                    self.item(around.inner())?;
                }
                if let Value::Symbol(name) = self.item(around.inner())? {
                    names.push(name);
                }
                flags = self.int()? as u32;
            }
            self.item_of(flags, around.inner())?;
        } else {
            self.item_of(flags, around.inner())?;
        }
        let mut names = names.into_iter();
        let pair = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
        if !self.rdata.computed.contains(&pair) && self.rdata.computed.len() < 1000 {
            self.rdata.computed.push(pair);
        }
        Ok(())
    }

    /// Pair lists, calls, functions and promises: all are cells of attributes, tag, first and rest.
    fn pairs(&mut self, first: u32, around: Around) -> Read<Value> {
        let offset = self.source.at as u64 - 4.min(self.source.at as u64);
        match first & 0xff {
            3 => {
                let function = around.at(Place::Function);
                self.cell(first, around, around.inner(), function, function)?;
                return Ok(Value::Function);
            }
            5 => return self.promise(first, around, offset),
            _ => {}
        }
        let is_call = first & 0xff == 6;
        let mut flags = first;
        let mut parts: Vec<(Option<String>, Value)> = Vec::new();
        let mut bound_functions = Vec::new();
        // Frames of environments and the list that `save` writes may hold promises and name functions.
        let framed = around.frame || flags & 0xff == 17;
        loop {
            if flags & 0x200 != 0 {
                self.item(around.inner())?;
            }
            let tag = if flags & 0x400 != 0 {
                match self.item(around.inner())? {
                    Value::Symbol(name) => Some(name),
                    _ => None,
                }
            } else {
                None
            };
            let inside = if framed { around.with_promises() } else { around.inner() };
            let value = self.item(inside)?;
            if let (Some(tag), Value::Function) = (&tag, &value) {
                bound_functions.push(tag.clone());
            }
            if parts.len() < 64 {
                parts.push((tag, value));
            }
            flags = self.int()? as u32;
            self.items += 1;
            if !matches!(flags & 0xff, 2 | 6 | 17) {
                break;
            }
        }
        self.item_of(flags, around.inner())?;
        if self.rdata.functions.len() < 10_000 {
            self.rdata.functions.append(&mut bound_functions);
        }
        if !is_call {
            if let Some((_, Value::Text(class))) =
                parts.iter().find(|(tag, _)| tag.as_deref() == Some("class"))
                && self.rdata.classes.len() < 1000
                && !self.rdata.classes.contains(class)
            {
                self.rdata.classes.push(class.clone());
            }
            return Ok(Value::Other);
        }
        Ok(self.make_call(&parts, around))
    }

    /// Attributes, tag, first and rest of one cell.
    fn cell(
        &mut self,
        flags: u32,
        around: Around,
        tag: Around,
        first: Around,
        rest: Around,
    ) -> Read<(Value, Value, Value)> {
        if flags & 0x200 != 0 {
            self.item(around.inner())?;
        }
        let tag = if flags & 0x400 != 0 { self.item(tag)? } else { Value::Null };
        let first = self.item(first)?;
        let rest = self.item(rest)?;
        Ok((tag, first, rest))
    }

    fn promise(&mut self, flags: u32, around: Around, offset: u64) -> Read<Value> {
        let (calls_before, kept) = (self.rdata.calls.len(), around.inner());
        let place = if around.promises { Place::Promise } else { Place::LoosePromise };
        let code = Around { promises: around.promises, ..around.at(place) };
        let (_, value, code) = self.cell(flags, around, kept, kept, code)?;
        if value != Value::Unbound {
            // Its value is there already: the code does not run again.
            for call in self.rdata.calls.iter_mut().skip(calls_before) {
                if matches!(call.place, Place::Promise | Place::LoosePromise) {
                    call.place = around.place;
                }
            }
            return Ok(value);
        }
        let calls = matches!(code, Value::Call(_) | Value::Other);
        if self.rdata.promises.len() < 10_000 {
            let code = cut(code.text());
            self.rdata.promises.push(Promise { code, bound: around.promises, calls, offset });
        }
        Ok(Value::Promise)
    }

    fn make_call(&mut self, parts: &[(Option<String>, Value)], around: Around) -> Value {
        let callee = match parts.first().map(|(_, value)| value) {
            Some(Value::Symbol(name) | Value::Text(name) | Value::Plain(name)) => name.clone(),
            Some(Value::Call(text)) if text.contains("::") => text.clone(),
            _ => String::new(),
        };
        let arguments: Vec<String> = parts
            .iter()
            .skip(1)
            .map(|(tag, value)| match tag {
                Some(tag) => format!("{tag} = {}", value.text()),
                None => value.text(),
            })
            .collect();
        let text = match (callee.as_str(), arguments.as_slice()) {
            ("::" | ":::", [package, name]) => {
                format!("{}{callee}{}", package.trim_matches('"'), name.trim_matches('"'))
            }
            ("{", _) => format!("{{ {} }}", arguments.join("; ")),
            _ => {
                let first = parts.first().map(|(_, value)| value.text()).unwrap_or_default();
                let callee = if callee.is_empty() { &first } else { &callee };
                format!("{callee}({})", arguments.join(", "))
            }
        };
        let text = cut(text);
        if !matches!(callee.as_str(), "::" | ":::" | "{" | "(" | "<-" | "=" | "if") {
            self.call(callee.clone(), text.clone(), Around { compiled: false, ..around });
        }
        if CALLS_GIVEN.contains(&callee.as_str()) {
            for (_, value) in parts.iter().skip(1) {
                if let Value::Symbol(name) | Value::Text(name) = value {
                    self.call(name.clone(), text.clone(), Around { compiled: false, ..around });
                }
            }
        }
        Value::Call(text)
    }

    fn call(&mut self, function: String, text: String, around: Around) {
        if self.rdata.calls.len() < self.input.budget.limits.records.min(500_000) {
            let offset = self.source.at as u64;
            self.rdata.calls.push(Call { function, text, place: around.place, offset });
        }
    }

    /// Compiled code: the instructions, then constants, among them the expression that was compiled.
    fn compiled(&mut self, around: Around) -> Read<Value> {
        if around.depth > DEPTH {
            return self.broken("limit-depth", "objects are nested deeper than is looked at");
        }
        self.item(around.inner())?;
        let count = self.length()?;
        let mut first = Value::Other;
        for index in 0..count {
            let kind = self.int()? as u32;
            let value = match kind {
                21 => self.compiled(around.inner())?,
                2 | 6 | 239 | 240 | 243 | 244 => self.compiled_language(kind, around.inner())?,
                _ => self.item(Around { compiled: true, ..around.inner() })?,
            };
            if index == 0 {
                first = value;
            }
        }
        Ok(first)
    }

    /// Calls and lists among the constants of compiled code, which are written in their own way.
    fn compiled_language(&mut self, kind: u32, around: Around) -> Read<Value> {
        if around.depth > DEPTH {
            return self.broken("limit-depth", "objects are nested deeper than is looked at");
        }
        let mut kind = kind;
        let mut is_call = None;
        let mut parts: Vec<(Option<String>, Value)> = Vec::new();
        // The rest of a list is written behind its first element: a loop, not a recursion.
        loop {
            self.items += 1;
            if self.items % 4096 == 0 && self.input.budget.is_stopped() {
                return self.broken("limit-time", "the time for the file was over");
            }
            match kind {
                243 => {
                    self.int()?;
                    break;
                }
                2 | 6 | 239 | 240 | 244 => {
                    if kind == 244 {
                        self.int()?;
                        kind = self.int()? as u32;
                    }
                    is_call = is_call.or(Some(matches!(kind, 6 | 240)));
                    if matches!(kind, 239 | 240) {
                        self.item(around.inner())?;
                    }
                    let tag = match self.item(around.inner())? {
                        Value::Symbol(name) => Some(name),
                        _ => None,
                    };
                    let first = self.int()? as u32;
                    let value = self.compiled_element(first, around)?;
                    if parts.len() < 64 {
                        parts.push((tag, value));
                    }
                    kind = self.int()? as u32;
                }
                _ => {
                    self.item(around.inner())?;
                    break;
                }
            }
        }
        match is_call {
            Some(true) => Ok(self.make_call(&parts, around)),
            _ => Ok(Value::Other),
        }
    }

    fn compiled_element(&mut self, kind: u32, around: Around) -> Read<Value> {
        match kind {
            2 | 6 | 239 | 240 | 243 | 244 => self.compiled_language(kind, around.inner()),
            _ => self.item(around.inner()),
        }
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

fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(TEXT) {
        text.truncate(at);
        text.push_str("...");
    }
    text
}
