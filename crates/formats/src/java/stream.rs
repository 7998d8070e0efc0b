//! Walks a stream element by element, as `ObjectInputStream` does.

use std::rc::Rc;

use super::{Class, Java};
use crate::{Defect, Input, Member};

/// Elements inside elements.
const DEPTH: u32 = 300;
/// Texts kept, and their length in bytes.
const TEXTS: usize = 4096;
const TEXT_BYTES: usize = 400;

/// A description of a class, as later elements refer to it.
#[derive(Debug)]
struct Described {
    name: String,
    flags: u8,
    fields: Vec<u8>,
    parent: Option<Rc<Described>>,
}

/// What a handle stands for, as far as it matters.
enum Known {
    Class(Rc<Described>),
    Other,
}

struct Reader<'a> {
    input: &'a Input<'a>,
    at: usize,
    depth: u32,
    rounds: u64,
    known: Vec<Known>,
    facts: Java,
    members: Vec<Member>,
    /// Hash tables around the element that is being read.
    tables: u32,
}

type Read<T> = Result<T, Defect>;

pub(super) fn read(input: &Input<'_>) -> (Java, Vec<Defect>, Vec<Member>) {
    let mut reader = Reader {
        input,
        at: 4,
        depth: 0,
        rounds: 0,
        known: Vec::new(),
        facts: Java::default(),
        members: Vec::new(),
        tables: 0,
    };
    let mut defects = Vec::new();
    while reader.at < input.bytes.len() {
        if let Err(defect) = reader.element() {
            // What a broken or very deep stream still describes is looked for without its structure.
            reader.search();
            defects.push(defect);
            break;
        }
    }
    (reader.facts, defects, reader.members)
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let bytes = self.input.bytes;
        let taken = self.at.checked_add(length).and_then(|end| bytes.get(self.at..end)).ok_or_else(|| {
            let left = bytes.len() - self.at;
            Defect::at("java-truncated", self.at as u64, format!("{length} bytes are due, {left} are there"))
        })?;
        self.at += length;
        Ok(taken)
    }

    fn number(&mut self, length: usize) -> Read<u64> {
        Ok(self.take(length)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn length(&mut self, bytes: usize) -> Read<usize> {
        Ok(usize::try_from(self.number(bytes)?).unwrap_or(usize::MAX))
    }

    fn text(&mut self) -> Read<String> {
        let length = self.length(2)?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn keep(&mut self, text: &[u8]) {
        if self.facts.texts.len() < TEXTS {
            let shown = text.get(..TEXT_BYTES).unwrap_or(text);
            self.facts.texts.push(String::from_utf8_lossy(shown).into_owned());
        }
    }

    /// One element of the stream.
    fn element(&mut self) -> Read<()> {
        self.rounds += 1;
        if self.rounds.is_multiple_of(4096) && self.input.budget.is_stopped() {
            return Err(Defect::at("limit-time", self.at as u64, "the time for the file was over"));
        }
        if self.depth >= DEPTH {
            let detail = format!("more than {DEPTH} elements inside one another");
            return Err(Defect::at("limit-java-depth", self.at as u64, detail));
        }
        self.depth += 1;
        let offset = self.at as u64;
        let tag = self.number(1)?;
        let read = match tag {
            0x70 => Ok(()),
            0x71 => self.number(4).map(|_| ()),
            0x72 | 0x7d => {
                self.at -= 1;
                self.class().map(|_| ())
            }
            0x73 => self.object(),
            0x74 => self.string(2),
            0x75 => self.array(),
            0x76 => self.class_itself(),
            0x77 => self.length(1).and_then(|length| self.take(length)).map(|_| ()),
            0x78 => Err(Defect::at("java-structure", offset, "an end of data without a beginning")),
            0x79 => {
                self.known.clear();
                Ok(())
            }
            0x7a => self.length(4).and_then(|length| self.take(length)).map(|_| ()),
            0x7b => Err(Defect::at("java-exception", offset, "the writer failed while it wrote")),
            0x7c => self.string(8),
            0x7e => self.constant(),
            other => {
                Err(Defect::at("java-element", offset, format!("{other:#04x} is no element of a stream")))
            }
        };
        self.depth -= 1;
        read
    }

    fn string(&mut self, bytes: usize) -> Read<()> {
        let length = self.length(bytes)?;
        let text = self.take(length)?;
        self.known.push(Known::Other);
        self.keep(text);
        Ok(())
    }

    fn class_itself(&mut self) -> Read<()> {
        let class = self.class()?;
        self.known.push(Known::Other);
        if let Some(class) = class
            && let Some(known) = self.facts.classes.iter_mut().find(|known| known.name == bare(&class.name))
        {
            known.referred = true;
        }
        Ok(())
    }

    fn constant(&mut self) -> Read<()> {
        self.class()?;
        self.known.push(Known::Other);
        self.element()
    }

    /// A description of a class, new or referred to.
    fn class(&mut self) -> Read<Option<Rc<Described>>> {
        let offset = self.at as u64;
        match self.number(1)? {
            0x70 => Ok(None),
            0x71 => {
                let handle = self.number(4)?;
                let index = usize::try_from(handle.wrapping_sub(0x7e_0000)).ok();
                match index.and_then(|index| self.known.get(index)) {
                    Some(Known::Class(class)) => Ok(Some(Rc::clone(class))),
                    _ => Err(Defect::at(
                        "java-handle",
                        offset,
                        format!("{handle:#x} is no class of this stream"),
                    )),
                }
            }
            0x72 => self.new_class(offset).map(Some),
            0x7d => self.proxy().map(Some),
            other => Err(Defect::at("java-element", offset, format!("{other:#04x} where a class is due"))),
        }
    }

    fn new_class(&mut self, offset: u64) -> Read<Rc<Described>> {
        let name = self.text()?;
        self.number(8)?;
        // The handle is taken before the fields are read: their types may refer to it.
        let handle = self.known.len();
        self.known.push(Known::Other);
        let flags = u8::try_from(self.number(1)?).unwrap_or_default();
        let count = self.length(2)?;
        let (mut fields, mut names) = (Vec::new(), Vec::new());
        for _ in 0..count {
            let kind = u8::try_from(self.number(1)?).unwrap_or_default();
            names.push(self.text()?);
            match kind {
                b'B' | b'C' | b'D' | b'F' | b'I' | b'J' | b'S' | b'Z' => {}
                b'L' | b'[' => self.element()?,
                _ => return Err(Defect::at("java-field", offset, "a field of no known type")),
            }
            fields.push(kind);
        }
        self.note(&name, flags & 0x05 != 0, names, offset);
        self.annotation()?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(Defect::at(
                "limit-java-depth",
                self.at as u64,
                "classes above classes, deeper than is looked at",
            ));
        }
        let parent = self.class()?;
        self.depth -= 1;
        let class = Rc::new(Described { name, flags, fields, parent });
        if let Some(place) = self.known.get_mut(handle) {
            *place = Known::Class(Rc::clone(&class));
        }
        Ok(class)
    }

    fn note(&mut self, name: &str, own_code: bool, fields: Vec<String>, offset: u64) {
        let name = bare(name);
        let known = self.facts.classes.iter().any(|class| class.name == name);
        if !name.is_empty() && !known && self.facts.classes.len() < 10_000 {
            self.facts.classes.push(Class {
                name: name.to_owned(),
                own_code,
                referred: false,
                fields,
                offset,
            });
        }
    }

    fn proxy(&mut self) -> Read<Rc<Described>> {
        let handle = self.known.len();
        self.known.push(Known::Other);
        let count = self.length(4)?;
        for _ in 0..count.min(self.input.bytes.len()) {
            let name = self.text()?;
            if self.facts.proxies.len() < 256 {
                self.facts.proxies.push(name);
            }
        }
        self.annotation()?;
        let parent = self.class()?;
        let class = Rc::new(Described { name: "proxy".to_owned(), flags: 2, fields: Vec::new(), parent });
        if let Some(place) = self.known.get_mut(handle) {
            *place = Known::Class(Rc::clone(&class));
        }
        Ok(class)
    }

    /// Elements up to the end of a block.
    fn annotation(&mut self) -> Read<()> {
        while self.input.bytes.get(self.at) != Some(&0x78) {
            self.element()?;
        }
        self.at += 1;
        Ok(())
    }

    fn object(&mut self) -> Read<()> {
        let class = self.class()?;
        self.known.push(Known::Other);
        let mut lineage = Vec::new();
        let mut next = class;
        while let Some(class) = next {
            next = class.parent.clone();
            lineage.push(class);
        }
        let name = lineage.first().map(|class| class.name.clone()).unwrap_or_default();
        let table = matches!(
            name.as_str(),
            "java.util.HashMap"
                | "java.util.HashSet"
                | "java.util.Hashtable"
                | "java.util.LinkedHashMap"
                | "java.util.LinkedHashSet"
                | "java.util.concurrent.ConcurrentHashMap"
        );
        if name == "java.net.URL" && self.tables > 0 {
            self.facts.hashed_address = true;
        }
        self.tables += u32::from(table);
        for class in lineage.into_iter().rev() {
            self.part(&class)?;
        }
        self.tables -= u32::from(table);
        Ok(())
    }

    /// What one class of an object's lineage has written.
    fn part(&mut self, class: &Described) -> Read<()> {
        if class.flags & 4 != 0 {
            if class.flags & 8 == 0 {
                let detail =
                    format!("`{}` wrote in a way that only itself can read", class.name.escape_debug());
                return Err(Defect::at("limit-java-external", self.at as u64, detail));
            }
            return self.annotation();
        }
        if class.flags & 2 == 0 {
            return Ok(());
        }
        for kind in &class.fields {
            self.value(*kind)?;
        }
        if class.flags & 1 != 0 {
            self.annotation()?;
        }
        Ok(())
    }

    fn value(&mut self, kind: u8) -> Read<()> {
        match kind {
            b'L' | b'[' => self.element(),
            kind => self.take(width(kind)).map(|_| ()),
        }
    }

    fn array(&mut self) -> Read<()> {
        let class = self.class()?;
        self.known.push(Known::Other);
        let count = self.length(4)?;
        let kind = class.map_or(b'L', |class| class.name.as_bytes().get(1).copied().unwrap_or(b'L'));
        if matches!(kind, b'L' | b'[') {
            for _ in 0..count {
                self.element()?;
            }
            return Ok(());
        }
        let offset = self.at;
        let bytes = self.take(count.saturating_mul(width(kind)))?;
        if kind == b'B' {
            if bytes.starts_with(&[0xca, 0xfe, 0xba, 0xbe]) {
                self.facts.bytecode.push(offset as u64);
            } else if bytes.starts_with(&[0xac, 0xed, 0, 5])
                || bytes.starts_with(b"PK\x03\x04")
                || bytes.starts_with(&[0x1f, 0x8b])
            {
                let name = format!("bytes@{offset}");
                let parsed = crate::parse(&self.input.member(&name, bytes));
                self.members.push(Member { name, size: bytes.len() as u64, parsed });
            }
        }
        Ok(())
    }

    /// Descriptions of classes in what is left, by their shape: tag, length, a name with dots.
    fn search(&mut self) {
        let bytes = self.input.bytes;
        let mut from = self.at.saturating_sub(1);
        while let Some(place) = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == 0x72))
        {
            let at = from + place;
            from = at + 1;
            if from.is_multiple_of(4096) && self.input.budget.is_stopped() {
                return;
            }
            let Some([high, low]) = bytes.get(at + 1..at + 3) else { return };
            let length = usize::from(*high) << 8 | usize::from(*low);
            let Some(name) = bytes.get(at + 3..at + 3 + length).filter(|_| (4..300).contains(&length)) else {
                continue;
            };
            let plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._$[;/".contains(byte));
            if plain && name.contains(&b'.') {
                let flags = bytes.get(at + 3 + length + 8).copied().unwrap_or_default();
                let name = String::from_utf8_lossy(name).into_owned();
                self.note(&name, flags & 5 != 0, Vec::new(), at as u64);
            }
        }
    }
}

/// Bytes of a primitive value.
fn width(kind: u8) -> usize {
    match kind {
        b'B' | b'Z' => 1,
        b'C' | b'S' => 2,
        b'D' | b'J' => 8,
        _ => 4,
    }
}

/// The class that an array holds; nothing for numbers.
fn bare(name: &str) -> &str {
    match name.strip_prefix('[') {
        None => name,
        Some(rest) => {
            let rest = rest.trim_start_matches('[');
            rest.strip_prefix('L').map_or("", |rest| rest.trim_end_matches(';'))
        }
    }
}
