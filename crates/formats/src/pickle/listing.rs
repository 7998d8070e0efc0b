//! A stream as readable pseudo-Python, for people.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::facts::{ContainerKind, Import, Lookup, Pickle, Stream, Value, Way};

/// Characters of a text that are shown.
const TEXT_SHOWN: usize = 120;
/// Items of a container that are shown.
const ITEMS_SHOWN: usize = 8;
/// Nesting that is shown.
const DEPTH_SHOWN: u32 = 4;

impl Pickle {
    /// Every stream as it is listed by itself, one after the other; at most `lines` lines.
    pub fn listing(&self, lines: usize) -> String {
        let mut out = String::new();
        let mut left = lines;
        for (index, stream) in self.streams.iter().enumerate() {
            if left == 0 {
                let _ = writeln!(out, "# {} more streams", self.streams.len() - index);
                break;
            }
            if self.streams.len() > 1 {
                let _ = writeln!(out, "# stream {} at 0x{:x}", index + 1, stream.offset);
            }
            let text = stream.listing(left);
            left = left.saturating_sub(text.lines().count());
            out.push_str(&text);
        }
        if out.is_empty() {
            out.push_str("# no stream\n");
        }
        out
    }
}

impl Stream {
    /// A value as an expression, cut to what a reader takes in.
    pub fn render(&self, value: Value) -> String {
        let mut out = String::new();
        self.write(&mut out, value, 0);
        out
    }

    /// A call as one line: `v3 = os.system('id')`, `v3.__setstate__({…})`.
    pub fn render_call(&self, at: usize) -> String {
        let Some(call) = self.calls.get(at) else { return String::new() };
        let mut out = String::new();
        if call.how.makes_value() {
            let _ = write!(out, "v{at} = ");
        }
        self.write(&mut out, call.callee, 0);
        out.push_str(match call.how {
            Way::Add => ".update",
            Way::Append => ".extend",
            Way::Build => ".__setstate__",
            Way::Instance | Way::Reduce => "",
            Way::New => ".__new__",
            Way::SetItem => ".__setitem__",
        });
        let is_tuple = self.container(call.arguments).is_some_and(|items| items.kind == ContainerKind::Tuple);
        if is_tuple && call.how != Way::Build {
            let mut shown = String::new();
            self.write(&mut shown, call.arguments, 0);
            let inner = shown.strip_prefix('(').and_then(|shown| shown.strip_suffix(')')).unwrap_or(&shown);
            let _ = write!(out, "({})", inner.strip_suffix(',').unwrap_or(inner));
        } else {
            let star = if matches!(call.how, Way::Instance | Way::New | Way::Reduce) { "*" } else { "" };
            let _ = write!(out, "({star}");
            self.write(&mut out, call.arguments, 0);
            out.push(')');
        }
        if call.keywords != Value::None {
            out.pop();
            out.push_str(if out.ends_with('(') { "**" } else { ", **" });
            self.write(&mut out, call.keywords, 0);
            out.push(')');
        }
        out
    }

    /// The whole stream: one line for each import, one for each call in order with its offset, the result; at most
    /// `lines` lines.
    pub fn listing(&self, lines: usize) -> String {
        let mut out = String::new();
        let total = self.imports.len() + self.calls.len() + 1;
        let imports = self.imports.iter().map(|import| self.render_import(import));
        let calls = self
            .calls
            .iter()
            .enumerate()
            .map(|(at, call)| format!("{}  # at 0x{:x}", self.render_call(at), call.offset));
        let end = std::iter::once(match self.complete {
            true => format!("return {}", self.render(self.result)),
            false => format!("# the stream breaks at 0x{:x}", self.end),
        });
        for line in imports.chain(calls).chain(end).take(lines) {
            out.push_str(&line);
            out.push('\n');
        }
        if total > lines {
            let _ = writeln!(out, "# {} more lines", total - lines);
        }
        out
    }

    fn render_import(&self, import: &Import) -> String {
        match (import.how, import.computed) {
            (Lookup::Extension, _) => format!("copyreg.extension({})", shown(&import.name)),
            (_, Some((module, name))) => {
                format!("getattr(import_module({}), {})", self.render(module), self.render(name))
            }
            _ => format!("from {} import {}", shown(&import.module), shown(&import.name)),
        }
    }

    fn write(&self, out: &mut String, value: Value, depth: u32) {
        match value {
            Value::None => out.push_str("None"),
            Value::Bool(true) => out.push_str("True"),
            Value::Bool(false) => out.push_str("False"),
            Value::Int(value) => {
                let _ = write!(out, "{value}");
            }
            Value::LongInt(length) => {
                let _ = write!(out, "<int of {length} bytes>");
            }
            Value::Float(value) => {
                let _ = write!(out, "{value:?}");
            }
            Value::Text(_) | Value::Bytes(_) => {
                let Some(text) = self.text_or_bytes(value) else { return };
                if matches!(value, Value::Bytes(_)) {
                    out.push('b');
                }
                quote(out, &text.head, text.length);
            }
            Value::Import(_) => match self.import(value) {
                Some(import) => {
                    let _ = write!(out, "{}.{}", shown(&import.module), shown(&import.name));
                }
                None => out.push('?'),
            },
            Value::Call(at) => {
                let _ = write!(out, "v{at}");
            }
            Value::Persistent(at) => {
                let _ = write!(out, "persistent_load(#{at})");
            }
            Value::Buffer => out.push_str("<buffer>"),
            Value::Unknown => out.push('?'),
            Value::Container(_) if depth >= DEPTH_SHOWN => out.push('…'),
            Value::Container(_) => self.write_container(out, value, depth),
        }
    }

    fn write_container(&self, out: &mut String, value: Value, depth: u32) {
        let Some(container) = self.container(value) else { return };
        let (open, close) = match container.kind {
            ContainerKind::Dict => ("{", "}"),
            ContainerKind::FrozenSet => ("frozenset({", "})"),
            ContainerKind::List => ("[", "]"),
            ContainerKind::Set => ("{", "}"),
            ContainerKind::Tuple => ("(", ")"),
        };
        out.push_str(open);
        let dict = container.kind == ContainerKind::Dict;
        let shown = if dict { ITEMS_SHOWN * 2 } else { ITEMS_SHOWN };
        for (at, item) in container.items.iter().take(shown).enumerate() {
            if at > 0 {
                out.push_str(if dict && at % 2 == 1 { ": " } else { ", " });
            }
            self.write(out, *item, depth + 1);
        }
        if container.length > container.items.len().min(shown) as u64 {
            out.push_str(if container.items.is_empty() { "…" } else { ", …" });
        }
        if container.kind == ContainerKind::Tuple && container.length == 1 {
            out.push(',');
        }
        out.push_str(close);
    }
}

/// A name as it is written, with whatever a terminal would obey escaped, cut.
fn shown(name: &str) -> Cow<'_, str> {
    if name.len() <= TEXT_SHOWN && name.chars().all(|char| char.is_ascii_graphic()) {
        return Cow::Borrowed(name);
    }
    name.chars().take(TEXT_SHOWN).flat_map(char::escape_default).collect::<String>().into()
}

/// Writes a text in quotes with everything unprintable escaped, cut.
fn quote(out: &mut String, text: &str, length: u64) {
    out.push('\'');
    for character in text.chars().take(TEXT_SHOWN) {
        match character {
            '\'' => out.push_str("\\'"),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(character),
            other => out.extend(other.escape_default()),
        }
    }
    out.push('\'');
    if length > TEXT_SHOWN as u64 {
        let _ = write!(out, "…<{length} bytes>");
    }
}
