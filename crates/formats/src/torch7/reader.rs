//! Reads one object after the other; data of tensors is passed over.

use std::collections::BTreeSet;

use super::{Function, TEXT_KEPT, Torch7};
use crate::Budget;

/// Objects inside one another.
const DEPTH: u32 = 200;
/// Texts, classes and functions kept.
const KEPT: usize = 10_000;
/// Words kept of a function.
const WORDS: usize = 256;

pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    ascii: bool,
    budget: &'a Budget,
    seen: BTreeSet<i64>,
    functions: BTreeSet<i64>,
    pub(super) facts: Torch7,
}

type Read<T> = Result<T, &'static str>;

const BROKEN: &str = "torch7-broken";

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], ascii: bool, budget: &'a Budget) -> Self {
        Self {
            bytes,
            at: 0,
            ascii,
            budget,
            seen: BTreeSet::new(),
            functions: BTreeSet::new(),
            facts: Torch7::default(),
        }
    }

    fn take(&mut self, length: usize) -> Read<&'a [u8]> {
        let end = self.at.checked_add(length).ok_or(BROKEN)?;
        let taken = self.bytes.get(self.at..end).ok_or(BROKEN)?;
        self.at = end;
        Ok(taken)
    }

    /// The next word of a text file, with the one blank behind it.
    fn word(&mut self) -> Read<&'a str> {
        let rest = self.bytes.get(self.at..).ok_or(BROKEN)?;
        let head = rest.get(..64).unwrap_or(rest);
        let length = head.iter().position(u8::is_ascii_whitespace).ok_or(BROKEN)?;
        self.at += length + 1;
        head.get(..length).and_then(|word| std::str::from_utf8(word).ok()).ok_or(BROKEN)
    }

    fn int(&mut self) -> Read<i64> {
        if self.ascii {
            return self.word()?.parse().map_err(|_| BROKEN);
        }
        Ok(i64::from(i32::from_le_bytes(self.take(4)?.try_into().map_err(|_| BROKEN)?)))
    }

    fn long(&mut self) -> Read<i64> {
        if self.ascii {
            return self.word()?.parse().map_err(|_| BROKEN);
        }
        Ok(i64::from_le_bytes(self.take(8)?.try_into().map_err(|_| BROKEN)?))
    }

    fn text(&mut self) -> Read<&'a [u8]> {
        let length = usize::try_from(self.int()?).map_err(|_| BROKEN)?;
        let text = self.take(length)?;
        if self.ascii {
            // A line break follows each text.
            self.take(1)?;
        }
        Ok(text)
    }

    fn keep_text(&mut self, text: &[u8]) {
        if self.facts.texts.len() < KEPT {
            let head = text.get(..TEXT_KEPT).unwrap_or(text);
            self.facts.texts.push(String::from_utf8_lossy(head).into_owned());
        }
    }

    pub(super) fn object(&mut self, depth: u32) -> Read<()> {
        if depth > DEPTH {
            return Err("limit-depth");
        }
        self.facts.objects += 1;
        if self.facts.objects > self.budget.limits.nodes as u64 {
            return Err("limit-nodes");
        }
        if self.facts.objects.is_multiple_of(4096) && self.budget.is_stopped() {
            return Err("limit-time");
        }
        match self.int()? {
            0 => Ok(()),
            1 => {
                if self.ascii {
                    self.word()?;
                } else {
                    self.take(8)?;
                }
                Ok(())
            }
            2 => {
                let text = self.text()?;
                self.keep_text(text);
                Ok(())
            }
            3 => {
                let index = self.int()?;
                if !self.seen.insert(index) {
                    return Ok(());
                }
                let size = self.int()?;
                for _ in 0..size {
                    self.object(depth + 1)?;
                    self.object(depth + 1)?;
                }
                Ok(())
            }
            4 => self.instance(depth),
            5 => self.int().map(|_| ()),
            6 => self.function(depth),
            7 | 8 => {
                let index = self.int()?;
                self.seen.insert(index);
                if self.functions.insert(index) { self.function(depth) } else { Ok(()) }
            }
            _ => Err(BROKEN),
        }
    }

    fn function(&mut self, depth: u32) -> Read<()> {
        let length = usize::try_from(self.int()?).map_err(|_| BROKEN)?;
        let offset = self.at as u64;
        let code = self.take(length)?;
        if self.ascii {
            self.take(1)?;
        }
        let kind = match code {
            [0x1b, b'L', b'J', ..] => "LuaJIT",
            [0x1b, b'L', b'u', b'a', ..] => "Lua",
            _ => "source",
        };
        if self.facts.functions.len() < KEPT {
            let function = Function { offset, length: length as u64, kind, words: words(code) };
            self.facts.functions.push(function);
        }
        self.object(depth + 1)
    }

    fn instance(&mut self, depth: u32) -> Read<()> {
        let index = self.int()?;
        if !self.seen.insert(index) {
            return Ok(());
        }
        let version = self.text()?;
        // Before versions were written the class stood here.
        let class = if version.starts_with(b"V ") { self.text()? } else { version };
        let class = String::from_utf8_lossy(class.get(..256).unwrap_or(class)).into_owned();
        let kind = class.strip_prefix("torch.").map(str::to_owned);
        if !self.facts.classes.contains(&class) && self.facts.classes.len() < 1000 {
            self.facts.classes.push(class);
        }
        match kind.as_deref() {
            Some(name) if name.ends_with("Tensor") => self.tensor(depth),
            Some(name) if name.ends_with("Storage") => self.storage(name),
            Some("Generator" | "Timer" | "MemoryFile" | "DiskFile" | "PipeFile") => Err("limit-class"),
            _ => self.object(depth + 1),
        }
    }

    fn tensor(&mut self, depth: u32) -> Read<()> {
        let dimensions = usize::try_from(self.int()?).map_err(|_| BROKEN)?;
        if dimensions > 64 {
            return Err(BROKEN);
        }
        // Sizes, strides, and where the tensor begins in its storage.
        for _ in 0..dimensions * 2 + 1 {
            self.long()?;
        }
        self.object(depth + 1)
    }

    fn storage(&mut self, name: &str) -> Read<()> {
        let elements = usize::try_from(self.long()?).map_err(|_| BROKEN)?;
        let name = name.trim_start_matches("Cuda").trim_end_matches("Storage");
        if self.ascii && !matches!(name, "Byte" | "Char") {
            for _ in 0..elements {
                if self.at >= self.bytes.len() {
                    return Err(BROKEN);
                }
                self.word()?;
            }
            return Ok(());
        }
        let width = match name {
            "Byte" | "Char" => 1,
            "Half" | "Short" => 2,
            "Double" | "Long" => 8,
            _ => 4,
        };
        self.take(elements.checked_mul(width).ok_or(BROKEN)?)?;
        if self.ascii {
            self.take(1)?;
        }
        Ok(())
    }
}

/// Words of at least three letters in byte code.
fn words(code: &[u8]) -> Vec<String> {
    code.split(|byte| !(byte.is_ascii_alphanumeric() || b"_.:/()'\"".contains(byte)))
        .filter(|word| word.len() >= 3 || *word == b"os" || *word == b"io")
        .take(WORDS)
        .map(|word| String::from_utf8_lossy(word.get(..64).unwrap_or(word)).into_owned())
        .collect()
}
