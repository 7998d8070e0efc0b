//! Level 5: tagged elements, matrices with elements of their own, compressed or not.

use super::{Function, Mat, Object, Variable};
use crate::{Defect, Input, Member};

/// Matrices inside matrices.
const DEPTH: u32 = 60;
/// Characters kept of a text.
const TEXT: usize = 4096;

/// An element: its type and its content.
#[derive(Clone, Copy)]
struct Element<'a> {
    kind: u32,
    content: &'a [u8],
    /// Where the content begins in the data that is being read.
    offset: usize,
}

/// Reads elements one after the other.
struct Elements<'a> {
    bytes: &'a [u8],
    at: usize,
    /// What `bytes[0]` is counted as.
    base: usize,
    big: bool,
}

type Read<T> = Result<T, Defect>;

impl<'a> Elements<'a> {
    fn number(&self, at: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn next(&mut self) -> Read<Option<Element<'a>>> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let wrong = |detail: String| Defect::at("mat-element", (self.base + start) as u64, detail);
        let Some(tag) = self.number(start) else {
            return Err(wrong("the file ends inside a tag".to_owned()));
        };
        // Up to four bytes are packed into the tag itself.
        let (kind, length, data) = if tag >> 16 != 0 {
            (tag & 0xffff, tag >> 16, start + 4)
        } else {
            let Some(length) = self.number(start + 4) else {
                return Err(wrong("the file ends inside a tag".to_owned()));
            };
            (tag, length, start + 8)
        };
        if data == start + 4 && length > 4 {
            return Err(wrong(format!("{length} bytes in a tag of four")));
        }
        let end = data.checked_add(length as usize);
        let Some(content) = end.and_then(|end| self.bytes.get(data..end)) else {
            let left = self.bytes.len().saturating_sub(data);
            return Err(wrong(format!("an element claims {length} bytes where {left} are left")));
        };
        if !matches!(kind, 1..=7 | 9 | 12..=18) {
            return Err(wrong(format!("{kind} is no type of an element")));
        }
        // Compressed elements follow one another, others begin at multiples of eight.
        self.at = match (data == start + 4, kind) {
            (true, _) => start + 8,
            (false, 15) => data + length as usize,
            (false, _) => (data + length as usize).next_multiple_of(8).min(self.bytes.len()),
        };
        Ok(Some(Element { kind, content, offset: self.base + data }))
    }

    fn due(&mut self, what: &str) -> Read<Element<'a>> {
        let at = (self.base + self.at) as u64;
        self.next()?
            .ok_or_else(|| Defect::at("mat-matrix", at, format!("a matrix ends where its {what} is due")))
    }
}

struct Reader<'a> {
    input: &'a Input<'a>,
    big: bool,
    facts: Mat,
    members: Vec<Member>,
    rounds: u64,
}

pub(super) fn read(input: &Input<'_>) -> (Mat, Vec<Defect>, Vec<Member>) {
    let big = input.bytes.get(126..128) == Some(b"MI");
    let mut reader =
        Reader { input, big, facts: Mat { level: 5, ..Mat::default() }, members: Vec::new(), rounds: 0 };
    let mut defects = Vec::new();
    let mut elements = Elements { bytes: input.bytes, at: 128, base: 0, big };
    loop {
        match elements.next() {
            Ok(Some(element)) => {
                if let Err(defect) = reader.element(element) {
                    let ends = defect.code == "limit-time";
                    if defects.len() < 64 {
                        defects.push(defect);
                    }
                    if ends {
                        break;
                    }
                }
            }
            Ok(None) => break,
            Err(defect) => {
                defects.push(defect);
                break;
            }
        }
    }
    (reader.facts, defects, reader.members)
}

impl<'a> Reader<'a> {
    fn element(&mut self, element: Element<'_>) -> Read<()> {
        match element.kind {
            14 => self.matrix(element, "", 0),
            15 => {
                let reader = flate2::read::ZlibDecoder::new(element.content);
                let inflated = crate::compression::inflate(reader, element.content.len(), self.input.budget);
                let mut elements = Elements { bytes: &inflated.bytes, at: 0, base: 0, big: self.big };
                // What was inflated before a break is read first: the break is told either way.
                let read = match elements.next() {
                    Ok(Some(inner)) if inner.kind == 14 => self.matrix(inner, "", 0),
                    Ok(_) => Ok(()),
                    Err(defect) => Err(defect),
                };
                match inflated.stopped {
                    Some(code) => Err(Defect::at(code, element.offset as u64, inflated.why)),
                    None => read,
                }
            }
            _ => Ok(()),
        }
    }

    fn integers(&self, element: Element<'_>) -> Vec<u32> {
        let number = |bytes: &[u8]| {
            let bytes = bytes.try_into().unwrap_or_default();
            if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        element.content.chunks_exact(4).take(256).map(number).collect()
    }

    fn matrix(&mut self, element: Element<'_>, place: &str, depth: u32) -> Read<()> {
        self.rounds += 1;
        if self.rounds.is_multiple_of(1024) && self.input.budget.is_stopped() {
            return Err(Defect::at("limit-time", element.offset as u64, "the time for the file was over"));
        }
        if depth > DEPTH {
            let detail = format!("more than {DEPTH} matrices inside one another");
            return Err(Defect::at("limit-mat-depth", element.offset as u64, detail));
        }
        // An empty element is an empty matrix.
        if element.content.is_empty() {
            return Ok(());
        }
        let mut parts = Elements { bytes: element.content, at: 0, base: element.offset, big: self.big };
        let flags = parts.due("flags")?;
        let flags = self.integers(flags).first().copied().unwrap_or_default();
        let class = (flags & 0xff) as u8;
        if class == 17 {
            return self.opaque(&mut parts, place, depth, element.offset);
        }
        let wrong = |code, detail: String| Err(Defect::at(code, element.offset as u64, detail));
        let shape = parts.due("shape")?;
        let shape: Vec<u64> = self.integers(shape).into_iter().map(u64::from).collect();
        let name = parts.due("name")?;
        let name = String::from_utf8_lossy(name.content).into_owned();
        let place = if name.is_empty() { place.to_owned() } else { name.clone() };
        if shape.len() < 2 || shape.iter().any(|extent| *extent > i32::MAX as u64) {
            return wrong("mat-shape", format!("`{}` has a shape that no matrix has", name.escape_debug()));
        }
        let Some(count) = shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent)) else {
            return wrong(
                "mat-shape",
                format!("`{}` has more elements than can be counted", name.escape_debug()),
            );
        };
        if depth == 0 && self.facts.variables.len() < self.input.budget.limits.records {
            self.facts.variables.push(Variable { name, class, shape });
        }
        match class {
            // A cell array: that many matrices.
            1 => {
                if count > parts.bytes.len() as u64 {
                    return wrong("mat-shape", format!("{count} cells in {} bytes", parts.bytes.len()));
                }
                for index in 0..count {
                    let cell = parts.due("cell")?;
                    self.matrix(cell, &format!("{place}{{{}}}", index + 1), depth + 1)?;
                }
            }
            2 | 3 => {
                if class == 3 {
                    let name = parts.due("class")?;
                    let class = String::from_utf8_lossy(name.content).into_owned();
                    self.object(place.clone(), "", class, element.offset);
                }
                let width = parts.due("width of names")?;
                let width = self.integers(width).first().copied().unwrap_or_default() as usize;
                let names = parts.due("names")?;
                let fields = names.content.len().checked_div(width).unwrap_or_default();
                if (fields as u64).saturating_mul(count) > parts.bytes.len() as u64 {
                    return wrong(
                        "mat-shape",
                        format!("{count} structs of {fields} fields in {} bytes", parts.bytes.len()),
                    );
                }
                // Structs without fields hold nothing, however many they are.
                for _ in 0..if fields == 0 { 0 } else { count } {
                    for field in names.content.chunks_exact(width.max(1)).take(fields) {
                        let value = parts.due("field")?;
                        let field: Vec<u8> = field.iter().copied().take_while(|byte| *byte != 0).collect();
                        let inner = format!("{place}.{}", String::from_utf8_lossy(&field));
                        self.matrix(value, &inner, depth + 1)?;
                    }
                }
            }
            4 => {
                if let Some(data) = parts.next()? {
                    self.characters(data, &place);
                }
            }
            5 => {}
            6..=15 => {
                if let Some(data) = parts.next()? {
                    self.numbers(data, count, element.offset)?;
                }
            }
            16 => {
                let inner = parts.due("function")?;
                let place = if place.is_empty() { "function".to_owned() } else { place };
                let before = self.facts.functions.len();
                self.matrix(inner, &format!("{place}@"), depth + 1)?;
                if self.facts.functions.len() == before {
                    self.function(place, String::new(), element.offset);
                }
            }
            other => return wrong("mat-class", format!("{other} is no class of a matrix")),
        }
        Ok(())
    }

    /// Numbers may be stored in a smaller type than their class; their count must agree with the shape.
    fn numbers(&mut self, data: Element<'_>, count: u64, offset: usize) -> Read<()> {
        let width = match data.kind {
            1 | 2 | 16 => 1,
            3 | 4 | 17 => 2,
            5..=7 | 18 => 4,
            _ => 8,
        };
        let stored = data.content.len() as u64 / width;
        if stored != count {
            let detail = format!("the shape says {count} numbers, {stored} are stored");
            return Err(Defect::at("mat-shape", offset as u64, detail));
        }
        // Bytes that are another format's: a Java object, a pickle, a program.
        let content = data.content;
        if width == 1 && content.len() > 64 && self.members.len() < 256 {
            let format = crate::identify(&self.input.member("bytes", content));
            if format.is_some_and(|format| {
                matches!(
                    format.name,
                    "java" | "pickle" | "executable" | "zip" | "torch" | "python" | "marshal"
                )
            }) {
                let name = format!("bytes@{}", data.offset);
                let parsed = crate::parse(&self.input.member(&name, content));
                self.members.push(Member { name, size: content.len() as u64, parsed });
            }
        }
        Ok(())
    }

    fn characters(&mut self, data: Element<'_>, place: &str) {
        let wide = matches!(data.kind, 3 | 4 | 17);
        let text: String = if wide {
            let units = data.content.chunks_exact(2).map(|unit| {
                let unit = [unit[0], unit[1]];
                if self.big { u16::from_be_bytes(unit) } else { u16::from_le_bytes(unit) }
            });
            char::decode_utf16(units).map(|char| char.unwrap_or('\u{fffd}')).take(TEXT).collect()
        } else {
            String::from_utf8_lossy(data.content.get(..TEXT).unwrap_or(data.content)).into_owned()
        };
        if !place.contains('@') {
            if self.facts.texts.len() < 10_000 {
                self.facts.texts.push((place.to_owned(), text));
            }
            return;
        }
        let field = place.rsplit(['@', '.']).next().unwrap_or_default();
        // The other fields say where it was made and of which kind it is.
        if matches!(field, "" | "function") {
            let holder = place.split('@').next().unwrap_or_default().to_owned();
            self.function(holder, text, data.offset);
        }
    }

    fn function(&mut self, place: String, text: String, offset: usize) {
        if self.facts.functions.len() < 4096 {
            self.facts.functions.push(Function { place, text, offset: offset as u64 });
        }
    }

    fn object(&mut self, place: String, system: &str, class: String, offset: usize) {
        if self.facts.objects.len() < 4096 {
            self.facts.objects.push(Object {
                place,
                system: system.to_owned(),
                class,
                offset: offset as u64,
            });
        }
    }

    /// An object of a class system: name, system, class, then its data.
    fn opaque(&mut self, parts: &mut Elements<'_>, place: &str, depth: u32, offset: usize) -> Read<()> {
        let mut texts = Vec::new();
        while let Some(part) = parts.next()? {
            if part.kind == 14 {
                self.matrix(part, place, depth + 1)?;
            } else {
                texts.push(String::from_utf8_lossy(part.content).into_owned());
            }
        }
        // The name is left out where the object has none.
        let system = texts.iter().position(|text| matches!(text.as_str(), "MCOS" | "java" | "handle"));
        let at = |index: usize| texts.get(index).cloned().unwrap_or_default();
        let (name, system, class) = match system {
            Some(index) => (if index > 0 { at(0) } else { String::new() }, at(index), at(index + 1)),
            None => (at(0), at(1), at(2)),
        };
        let name = if name.is_empty() { place.to_owned() } else { name };
        self.object(name, &system, class, offset);
        Ok(())
    }
}
