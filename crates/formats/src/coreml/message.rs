//! The messages of a model, as far as they name code, files and texts.

use std::ops::Range;

use super::{Coreml, Custom};
use crate::protobuf::Fields;
use crate::{Defect, Input, Member};

/// Models inside models, and networks inside layers.
const DEPTH: u32 = 32;

struct Reader<'a> {
    input: &'a Input<'a>,
    facts: Coreml,
    defects: Vec<Defect>,
    members: Vec<Member>,
    rounds: u64,
}

pub(super) fn read(input: &Input<'_>) -> (Coreml, Vec<Defect>, Vec<Member>) {
    let mut reader =
        Reader { input, facts: Coreml::default(), defects: Vec::new(), members: Vec::new(), rounds: 0 };
    reader.model(0..input.bytes.len(), 0);
    (reader.facts, reader.defects, reader.members)
}

impl Reader<'_> {
    /// Length-delimited fields of a message with their numbers; a break is told once.
    fn fields(&mut self, range: Range<usize>) -> Vec<(u32, Range<usize>)> {
        let mut found = Vec::new();
        for field in Fields::new(self.input.bytes, range) {
            self.rounds += 1;
            if self.rounds.is_multiple_of(4096) && self.input.budget.is_stopped()
                || self.rounds > self.input.budget.limits.nodes as u64
            {
                if !self.defects.iter().any(|defect| defect.code == "limit-time") {
                    self.defects.push(Defect::whole("limit-time", "the time for the file was over"));
                }
                break;
            }
            match field {
                Ok(field) => {
                    if let Some(range) = field.bytes() {
                        found.push((field.number, range));
                    }
                }
                Err(defect) => {
                    if self.defects.len() < 16 {
                        self.defects.push(defect);
                    }
                }
            }
        }
        found
    }

    fn text(&self, range: Range<usize>) -> String {
        let range = range.start..range.end.min(range.start + 4096);
        String::from_utf8_lossy(self.input.bytes.get(range).unwrap_or_default()).into_owned()
    }

    fn keep(&mut self, key: String, text: String) {
        if !text.is_empty() && self.facts.texts.len() < 10_000 {
            self.facts.texts.push((key, text));
        }
    }

    fn model(&mut self, range: Range<usize>, depth: u32) {
        if depth > DEPTH {
            self.defects.push(Defect::at("limit-coreml-depth", range.start as u64, "models inside models"));
            return;
        }
        if depth == 0 {
            let version =
                Fields::new(self.input.bytes, range.clone()).flatten().find(|field| field.number == 1);
            self.facts.version = version.and_then(|field| field.varint()).unwrap_or_default();
        }
        for (number, range) in self.fields(range) {
            match number {
                // The version is a number; where a message stands in its place, loaders that skip it find a model.
                1 => self.model(range, depth + 1),
                2 => self.description(range),
                // A pipeline for a class or number holds a pipeline.
                200 | 201 => {
                    for (_, inner) in self.fields(range).into_iter().filter(|(number, _)| *number == 1) {
                        self.pipeline(inner, depth);
                    }
                }
                202 => self.pipeline(range, depth),
                303 | 403 | 500 => self.network(range, depth),
                502 => self.program(range),
                555 => self.custom("model", range),
                556 => self.linked(range),
                3000 => self.serialised(range),
                _ => {}
            }
        }
    }

    fn description(&mut self, range: Range<usize>) {
        for (number, metadata) in self.fields(range) {
            if number != 100 {
                continue;
            }
            for (number, range) in self.fields(metadata) {
                match number {
                    1..=4 => {
                        let text = self.text(range);
                        let key = ["description", "version", "author", "licence"][number as usize - 1];
                        self.keep(key.to_owned(), text);
                    }
                    100 => {
                        let (key, value) = self.entry(range);
                        let value = value.map(|value| self.text(value)).unwrap_or_default();
                        self.keep(key, value);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Key and value of an entry of a map.
    fn entry(&mut self, range: Range<usize>) -> (String, Option<Range<usize>>) {
        let fields = self.fields(range);
        let key = fields.iter().find(|(number, _)| *number == 1).map(|(_, range)| self.text(range.clone()));
        let value = fields.into_iter().find(|(number, _)| *number == 2).map(|(_, range)| range);
        (key.unwrap_or_default(), value)
    }

    fn pipeline(&mut self, range: Range<usize>, depth: u32) {
        for (number, range) in self.fields(range) {
            if number == 1 {
                self.model(range, depth + 1);
            }
        }
    }

    fn network(&mut self, range: Range<usize>, depth: u32) {
        if depth > DEPTH {
            self.defects.push(Defect::at("limit-coreml-depth", range.start as u64, "networks inside layers"));
            return;
        }
        for (_, layer) in self.fields(range).into_iter().filter(|(number, _)| *number == 1) {
            for (number, range) in self.fields(layer) {
                match number {
                    500 => self.custom("layer", range),
                    // Branches and loops hold networks.
                    605 | 615 => {
                        for (number, inner) in self.fields(range) {
                            if matches!(number, 1 | 2) || number == 3 || number == 4 {
                                self.network(inner, depth + 1);
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    fn custom(&mut self, kind: &'static str, range: Range<usize>) {
        let offset = range.start as u64;
        let mut class = String::new();
        for (number, range) in self.fields(range) {
            match number {
                10 => class = self.text(range),
                30 => {
                    let (key, value) = self.entry(range);
                    let texts: Vec<Range<usize>> = value
                        .map(|value| self.fields(value))
                        .unwrap_or_default()
                        .into_iter()
                        .map(|(_, text)| text)
                        .collect();
                    for text in texts {
                        let text = self.text(text);
                        self.keep(key.clone(), text);
                    }
                }
                40 => {
                    let text = self.text(range);
                    self.keep("description".to_owned(), text);
                }
                _ => {}
            }
        }
        if self.facts.custom.len() < 4096 {
            self.facts.custom.push(Custom { kind, class, offset });
        }
    }

    /// A model in another file: its name and where it is looked for, each with a default.
    fn linked(&mut self, range: Range<usize>) {
        for (_, file) in self.fields(range) {
            for (_, parameter) in self.fields(file) {
                for (_, value) in self.fields(parameter) {
                    let text = self.text(value);
                    self.facts.files.push(text);
                }
            }
        }
    }

    fn serialised(&mut self, range: Range<usize>) {
        for (number, range) in self.fields(range) {
            if number == 1 {
                let text = self.text(range);
                self.keep("serialised".to_owned(), text);
            } else if number == 2
                && let Some(bytes) = self.input.bytes.get(range.clone())
            {
                let name = format!("serialised@{}", range.start);
                let parsed = crate::parse(&self.input.member(&name, bytes));
                self.members.push(Member { name, size: bytes.len() as u64, parsed });
            }
        }
    }

    /// An ML program: functions, specialisations, blocks, operations.
    fn program(&mut self, range: Range<usize>) {
        for (_, function) in self.fields(range).into_iter().filter(|(number, _)| *number == 2) {
            let Some(function) = self.entry(function).1 else { continue };
            for (_, block) in self.fields(function).into_iter().filter(|(number, _)| *number == 3) {
                if let Some(block) = self.entry(block).1 {
                    self.block(block, 0);
                }
            }
        }
    }

    fn block(&mut self, range: Range<usize>, depth: u32) {
        if depth > DEPTH {
            return;
        }
        for (_, operation) in self.fields(range).into_iter().filter(|(number, _)| *number == 3) {
            for (number, range) in self.fields(operation) {
                match number {
                    1 => {
                        let kind = self.text(range);
                        if self.facts.operations.len() < 1024 && !self.facts.operations.contains(&kind) {
                            self.facts.operations.push(kind);
                        }
                    }
                    4 => self.block(range, depth + 1),
                    5 => {
                        if let Some(value) = self.entry(range).1 {
                            self.value(value);
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// A value in a file of weights.
    fn value(&mut self, range: Range<usize>) {
        for (_, blob) in self.fields(range).into_iter().filter(|(number, _)| *number == 5) {
            for (_, name) in self.fields(blob).into_iter().filter(|(number, _)| *number == 1) {
                let name = self.text(name);
                if self.facts.files.len() < 4096 && !self.facts.files.contains(&name) {
                    self.facts.files.push(name);
                }
            }
        }
    }
}
