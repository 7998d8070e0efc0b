//! Pickles and marshalled code as readable listings, with the lines that findings are about marked.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::Finding;
use vauban_formats::Facts;
use vauban_formats::pickle::Stream;

use crate::discover::Discovered;

/// Lines shown of one listing.
const LINES: usize = 400;

/// One listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// File, and member if it is inside a container.
    pub place: String,
    /// Its lines, and the rules with findings about each.
    pub lines: Vec<(String, Vec<String>)>,
}

/// A listing for every pickle, by place.
pub(crate) fn listings(discovered: &Discovered, findings: &[Finding]) -> Vec<Listing> {
    let mut marks: BTreeMap<String, BTreeMap<u64, BTreeSet<&str>>> = BTreeMap::new();
    for finding in findings {
        for evidence in &finding.evidence {
            let Some(offset) = evidence.locator.offset else { continue };
            let place = place(&evidence.locator.path, evidence.locator.member.as_deref().unwrap_or_default());
            marks.entry(place).or_default().entry(offset).or_default().insert(&finding.rule);
        }
    }
    let mut listings = Vec::new();
    for file in &discovered.files {
        file.parsed.visit(|member, parsed| {
            let place = place(&file.path, member);
            let pickle = match &parsed.facts {
                Facts::Pickle(pickle) => pickle,
                Facts::Marshal(code) => {
                    let lines =
                        code.listing(LINES).lines().map(|line| (line.to_owned(), Vec::new())).collect();
                    listings.push(Listing { place, lines });
                    return;
                }
                _ => return,
            };
            let none = BTreeMap::new();
            let here = marks.get(&place).unwrap_or(&none);
            let mut lines = Vec::new();
            for (index, stream) in pickle.streams.iter().enumerate() {
                if index > 0 {
                    lines.push((format!("# stream {} at 0x{:x}", index + 1, stream.offset), Vec::new()));
                }
                let left = LINES.saturating_sub(lines.len()).max(1);
                lines.extend(marked(stream, left, here));
                if lines.len() >= LINES {
                    break;
                }
            }
            listings.push(Listing { place, lines });
        });
    }
    listings
}

/// The lines of a stream, imports first and then calls, with the rules that speak of each.
fn marked(stream: &Stream, most: usize, here: &BTreeMap<u64, BTreeSet<&str>>) -> Vec<(String, Vec<String>)> {
    let offsets =
        stream.imports.iter().map(|import| import.offset).chain(stream.calls.iter().map(|call| call.offset));
    let offsets = offsets.map(Some).chain(std::iter::repeat(None));
    let text = stream.listing(most);
    let rules = |offset: Option<u64>| {
        let rules = offset.and_then(|offset| here.get(&offset)).into_iter().flatten();
        rules.map(|rule| (*rule).to_owned()).collect()
    };
    text.lines().zip(offsets).map(|(line, offset)| (line.to_owned(), rules(offset))).collect()
}

fn place(path: &str, member: &str) -> String {
    if member.is_empty() { path.to_owned() } else { format!("{path}!{member}") }
}
