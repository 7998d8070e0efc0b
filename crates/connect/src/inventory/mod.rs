//! From the facts of files to assets and relations: one mapper per kind of file.

mod collector;
pub mod declared;
mod dockerfile;
mod kubernetes;
mod mcp;
mod prompt;
mod terraform;

use vauban_formats::{Facts, Parsed};

pub use collector::{Collector, Estate, Seen};

/// Turns the facts of one kind of file into assets and relations.
///
/// A mapper that recognises its file adds assets to the collector and names the one the file belongs to
/// ([`Collector::home`]); others leave the collector alone.
pub type Mapper = fn(&Seen<'_>, &mut Collector);

/// Every mapper, by name.
const MAPPERS: &[Mapper] = &[
    dockerfile::map,
    kubernetes::map,
    mcp::map,
    prompt::map,
    terraform::map,
];

/// Assets and relations of one file.
pub fn map(seen: &Seen<'_>) -> Collector {
    let mut collector = Collector::new(seen);
    for mapper in MAPPERS {
        mapper(seen, &mut collector);
    }
    collector
}

/// Whether any parser knew the file.
pub fn is_known(parsed: &Parsed) -> bool {
    !matches!(parsed.facts, Facts::Unknown) || !parsed.members.is_empty()
}
