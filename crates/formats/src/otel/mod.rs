//! Inference logs: OpenTelemetry events as newline-delimited JSON, plain or gzipped.
//!
//! Two shapes are read, line by line: one flat event per line (`timeUnixNano`, `name`, `resource`, `attributes` as a
//! plain object), and OTLP/JSON batches as the collector's file exporter writes them (`resourceSpans`,
//! `resourceLogs`). <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

mod event;
mod read;
#[cfg(test)]
mod tests;

use std::io::{BufReader, Read};

use flate2::bufread::MultiGzDecoder;

pub use event::{Event, Value};

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Inference logs.
pub const FORMAT: Format = Format {
    name: "otel",
    extensions: &["ndjson", "jsonl", "ndjson.gz", "jsonl.gz"],
    recognise,
    parse: |input| {
        let (log, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Otel(log), defects, members: Vec::new() }
    },
};

/// A log as normalised records.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Otel {
    /// In stored order.
    pub events: Vec<Event>,
    /// Lines that are no event.
    pub bad_lines: u64,
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Longest line that is read, in bytes: an event with a large image as numbers still fits.
const LONGEST_LINE: u64 = 16 << 20;
/// Keys of which the first event has at least one.
const MARKS: [&str; 4] =
    ["\"timeUnixNano\"", "\"resourceSpans\"", "\"resourceLogs\"", "\"startTimeUnixNano\""];

fn recognise(input: &Input<'_>) -> Recognised {
    let first = input.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') && !input.bytes.starts_with(&GZIP) {
        return Recognised::No;
    }
    let mut head = vec![0_u8; 4096];
    let (found, sure) = if input.bytes.starts_with(&GZIP) {
        (fill(&mut MultiGzDecoder::new(input.bytes), &mut head), Recognised::ByMagic)
    } else {
        (fill(&mut &*input.bytes, &mut head), Recognised::ByShape)
    };
    let text = String::from_utf8_lossy(head.get(..found).unwrap_or_default());
    if text.trim_start().starts_with('{') && MARKS.iter().any(|mark| text.contains(mark)) {
        sure
    } else {
        Recognised::No
    }
}

/// Reads until `buffer` is full, the input ends or breaks; says how much was read.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) | Err(_) => break,
            Ok(read) => filled += read,
        }
    }
    filled
}

/// Reads every event of the log.
pub fn parse(input: &Input<'_>) -> (Otel, Vec<Defect>) {
    if input.bytes.starts_with(&GZIP) {
        read::lines(BufReader::new(MultiGzDecoder::new(input.bytes)), input, true)
    } else {
        read::lines(input.bytes, input, false)
    }
}
