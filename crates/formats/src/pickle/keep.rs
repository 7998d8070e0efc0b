//! Turns what the machine has into facts that outlive the input: only what calls refer to is copied.

use std::collections::HashMap;

use super::facts::{Call, Container, Stream, TEXT_KEPT, Text, Value};
use super::machine::{Broken, Machine};
use super::slot::Slot;
use crate::Defect;

/// Containers copied into the facts of one stream.
const CONTAINERS: usize = 200_000;
/// Bytes of text copied into the facts of one stream.
const TEXTS: usize = 8 << 20;

struct Keeper<'m, 'a> {
    machine: &'m Machine<'a>,
    containers: Vec<Container>,
    container_at: HashMap<u32, u32>,
    waiting: Vec<u32>,
    texts: Vec<Text>,
    text_at: HashMap<(bool, u64), u32>,
    text_bytes: usize,
}

/// The stream that a machine read, those nested in it, and what was wrong.
pub(super) fn finish(
    mut machine: Machine<'_>,
    ended: Result<Slot, (Broken, usize)>,
) -> (Vec<Stream>, Vec<Defect>) {
    let mut stream = std::mem::take(&mut machine.stream);
    stream.end = machine.cursor.at as u64;
    if let Err((broken, at)) = ended {
        let (code, why) = match broken {
            Broken::Truncated => ("pickle-broken", "the bytes end in the middle of the stream".to_owned()),
            Broken::Stack => {
                ("pickle-broken", "an opcode takes more from the stack than there is".to_owned())
            }
            Broken::Number => ("pickle-broken", "a number is none".to_owned()),
            Broken::Opcode(code) => ("pickle-broken", format!("0x{code:02x} is no opcode")),
            Broken::Limit(code) => (code, format!("stopped after {} opcodes", stream.opcodes)),
        };
        machine.defects.push(Defect::at(code, at as u64, why));
    }
    let mut keeper = Keeper {
        machine: &machine,
        containers: Vec::new(),
        container_at: HashMap::new(),
        waiting: Vec::new(),
        texts: Vec::new(),
        text_at: HashMap::new(),
        text_bytes: 0,
    };
    stream.calls = machine
        .made
        .iter()
        .map(|made| Call {
            callee: keeper.value(made.callee),
            arguments: keeper.value(made.arguments),
            keywords: keeper.value(made.keywords),
            offset: made.offset,
            how: made.how,
        })
        .collect();
    keeper.settle();
    stream.persistent = machine.persistent.iter().map(|id| keeper.value(*id)).collect();
    for (import, pair) in &machine.computed {
        if let ([module, name], Some(import)) =
            (machine.items(*pair), stream.imports.get_mut(*import as usize))
        {
            import.computed = Some((keeper.value(*module), keeper.value(*name)));
        }
    }
    keeper.settle();
    stream.result = ended.map_or(Value::Unknown, |result| keeper.value(result));
    keeper.settle();
    stream.containers = keeper.containers;
    stream.texts = keeper.texts;
    let Machine { nested, defects, .. } = machine;
    let mut streams = vec![stream];
    streams.extend(nested);
    (streams, defects)
}

impl Keeper<'_, '_> {
    fn value(&mut self, slot: Slot) -> Value {
        match slot {
            Slot::None => Value::None,
            Slot::Bool(value) => Value::Bool(value),
            Slot::Int(value) => Value::Int(value),
            Slot::LongInt(length) => Value::LongInt(length),
            Slot::Float(value) => Value::Float(value),
            Slot::Text { at, length } => Value::Text(self.span(at, length)),
            Slot::Bytes { at, length } => Value::Bytes(self.span(at, length)),
            Slot::Decoded(at) => Value::Text(self.decoded(at)),
            Slot::Import(at) => Value::Import(at),
            Slot::Call(at) => Value::Call(at),
            Slot::Persistent(at) => Value::Persistent(at),
            Slot::Container(at) => self.container(at),
            Slot::Buffer => Value::Buffer,
            Slot::Elided | Slot::Unknown => Value::Unknown,
        }
    }

    fn text(&mut self, key: (bool, u64), head: &[u8], length: u64) -> u32 {
        let head = head.get(..TEXT_KEPT).unwrap_or(head);
        let room = TEXTS.saturating_sub(self.text_bytes);
        let head = if head.len() <= room { head } else { b"" };
        self.text_bytes += head.len();
        let index = self.texts.len() as u32;
        self.texts.push(Text { head: String::from_utf8_lossy(head).into_owned(), length });
        self.text_at.insert(key, index);
        index
    }

    fn span(&mut self, at: u64, length: u32) -> u32 {
        if let Some(known) = self.text_at.get(&(false, at)) {
            return *known;
        }
        let start = usize::try_from(at).unwrap_or(usize::MAX);
        let rest = self.machine.cursor.bytes.get(start..).unwrap_or_default();
        let head = rest.get(..(length as usize).min(TEXT_KEPT)).unwrap_or(rest);
        self.text((false, at), head, u64::from(length))
    }

    fn decoded(&mut self, at: u32) -> u32 {
        if let Some(known) = self.text_at.get(&(true, u64::from(at))) {
            return *known;
        }
        let machine = self.machine;
        let text = machine.decoded.get(at as usize).map_or("", String::as_str);
        self.text((true, u64::from(at)), text.as_bytes(), text.len() as u64)
    }

    fn container(&mut self, at: u32) -> Value {
        if let Some(known) = self.container_at.get(&at) {
            return Value::Container(*known);
        }
        let Some(node) = self.machine.nodes.get(at as usize) else { return Value::Unknown };
        if self.containers.len() >= CONTAINERS {
            return Value::Unknown;
        }
        let index = self.containers.len() as u32;
        self.containers.push(Container {
            kind: node.kind,
            items: Vec::new(),
            length: u64::from(node.length),
        });
        self.container_at.insert(at, index);
        self.waiting.push(at);
        Value::Container(index)
    }

    /// Copies the items of containers met so far, breadth first, so that depth costs no stack.
    fn settle(&mut self) {
        while let Some(at) = self.waiting.pop() {
            let machine = self.machine;
            let items = machine.items(Slot::Container(at)).iter().map(|slot| self.value(*slot)).collect();
            if let Some(container) =
                self.container_at.get(&at).and_then(|index| self.containers.get_mut(*index as usize))
            {
                container.items = items;
            }
        }
    }
}
