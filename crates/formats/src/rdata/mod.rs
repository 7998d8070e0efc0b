//! R's serialisation (`saveRDS`, `save`): what the objects in it call, and where those calls stand.
//!
//! Source: R Internals, section "Serialization Formats"; `src/main/serialize.c` of R 4.4. Compressed files come here
//! as members of `compression`.

mod reader;
mod source;

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};
use source::Source;

/// How R's files are found and read.
pub const FORMAT: Format = Format { name: "rdata", extensions: &["rda", "rdata", "rds"], recognise, parse };

/// What an R file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RData {
    /// Version of the serialisation, 2 or 3.
    pub version: u32,
    /// R that wrote it, `4.3.1`.
    pub writer: String,
    /// Whether it restores a whole set of variables (`save`, `.RData`), not one object.
    pub workspace: bool,
    /// Calls in it, in stored order.
    pub calls: Vec<Call>,
    /// Promises that nobody has kept yet.
    pub promises: Vec<Promise>,
    /// Functions that are bound to a name of a variable, by that name.
    pub functions: Vec<String>,
    /// Vectors that are computed by a class instead of stored, as class and package.
    pub computed: Vec<(String, String)>,
    /// Classes that objects say they have.
    pub classes: Vec<String>,
}

/// One call in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// What is called, `system`, `base::system`; empty if it is computed.
    pub function: String,
    /// The call as R would print it, cut.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// Where in the bytes.
    pub offset: u64,
}

/// Where a call stands, and with it when it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Among data, as models keep the call that made them; runs when someone evaluates it.
    Data,
    /// In a function; runs when someone calls it.
    Function,
    /// In a promise in an environment; runs when the variable is touched.
    Promise,
    /// In a promise that stands where R never writes one; runs when the loaded object is touched.
    LoosePromise,
}

/// Code that runs when a value is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// The code as R would print it, cut.
    pub code: String,
    /// Whether it stands in an environment or among arguments, where R writes promises.
    pub bound: bool,
    /// Whether its code calls something.
    pub calls: bool,
    /// Where in the bytes.
    pub offset: u64,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let body = workspace(input.bytes).unwrap_or(input.bytes);
    let sure = match body {
        [b'X', b'\n', 0, 0, 0, 2 | 3, 0, 0..=9, ..] | [b'B', b'\n', 2 | 3, 0, 0, 0, _, _, 0..=9, 0, ..] => {
            true
        }
        [b'A', b'\n', b'2' | b'3', b'\n', next, ..] => next.is_ascii_digit(),
        _ => false,
    };
    if sure { Recognised::ByMagic } else { Recognised::No }
}

/// What follows the magic of `save`.
fn workspace(bytes: &[u8]) -> Option<&[u8]> {
    match bytes {
        [b'R', b'D', b'X' | b'A' | b'B', b'2' | b'3', b'\n', rest @ ..] => Some(rest),
        _ => None,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut rdata = RData::default();
    let mut defects = Vec::new();
    let mut members = Vec::new();
    let body = workspace(input.bytes);
    rdata.workspace = body.is_some();
    let start = if body.is_some() { 5 } else { 0 };
    match Source::new(input.bytes, start) {
        Some(source) => members = reader::read(source, input, &mut rdata, &mut defects),
        None => defects.push(Defect::at("r-encoding", start as u64, "neither XDR, binary nor ASCII")),
    }
    Parsed { format: FORMAT.name, facts: Facts::RData(rdata), defects, members }
}

#[cfg(test)]
mod tests;
