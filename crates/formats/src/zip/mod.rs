//! ZIP, read the ways that real loaders read it: what they disagree on is told as defects.
//!
//! The end record found last wins, as in CPython's `zipfile` and miniz (PyTorch); local headers are compared with
//! the central directory. Source: PKWARE APPNOTE 6.3.10.

mod directory;
mod ends;
mod entry;
mod fields;
mod member;
mod parallel;
mod spans;

pub use directory::{Zip, directory};
pub use entry::Entry;
pub use member::{Content, content};
pub(crate) use spans::Spans;

use crate::{Defect, Facts, Format, Input, Member, Parsed, Recognised};

/// How ZIP archives are found and read.
pub const FORMAT: Format =
    Format { name: "zip", extensions: &["keras", "mar", "nemo", "npz", "zip"], recognise, parse };

fn recognise(input: &Input<'_>) -> Recognised {
    match input.bytes {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Recognised::ByMagic,
        // Loaders search for the end record, so a file may begin with anything.
        bytes if ends::has_end_record(bytes) => Recognised::ByShape,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (zip, mut defects) = directory(input.bytes, &input.budget.limits);
    let members = members(input, &zip, &mut Spans::default(), &mut defects, |_| true);
    Parsed { format: FORMAT.name, facts: Facts::Zip(zip), defects, members }
}

/// Parses the members that `wanted` says yes to; stored ones are not copied.
///
/// `seen` is what members were read from so far. Archives whose members share bytes, or contain the archive's own
/// directory, describe exponentially many members: bytes are read again within a bound.
pub(crate) fn members(
    input: &Input<'_>,
    zip: &Zip,
    seen: &mut Spans,
    defects: &mut Vec<Defect>,
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<Member> {
    let mut entries: Vec<&Entry> = Vec::new();
    for entry in zip.entries.iter().filter(|entry| !entry.is_folder() && wanted(entry)) {
        let (from, to) = entry.span(input.bytes.len());
        if entry.method == 0 && seen.take(from, to) && !input.budget.reread((to - from) as u64) {
            let name = entry.name.escape_debug();
            let detail = format!("`{name}` shares its bytes with other members and was not read again");
            defects.push(Defect::at("limit-overlap", entry.data_offset, detail));
            continue;
        }
        entries.push(entry);
    }
    let mut members = Vec::new();
    // Few at a time, so that a stop is heeded soon.
    for some in entries.chunks(1_024) {
        if input.budget.is_stopped() {
            let why = "the time for the file was over before its last member";
            defects.push(Defect::whole("limit-time", why));
            break;
        }
        for (member, wrong) in parallel::parse(input, some) {
            members.extend(member);
            defects.extend(wrong);
        }
    }
    members
}
