//! Pickles and marshalled code as readable listings, with the lines that findings are about marked.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::Finding;
use vauban_formats::Facts;

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
            let Facts::Pickle(pickle) = &parsed.facts else { return };
            let place = place(&file.path, member);
            let here = marks.get(&place);
            let mut lines = Vec::new();
            for (index, stream) in pickle.streams.iter().enumerate() {
                if index > 0 {
                    lines.push((format!("# stream {} at 0x{:x}", index + 1, stream.offset), Vec::new()));
                }
                let left = LINES.saturating_sub(lines.len()).max(1);
                for line in stream.listing(left).lines() {
                    let rules = offset(line).and_then(|offset| here?.get(&offset));
                    let rules = rules.into_iter().flatten().map(|rule| (*rule).to_owned()).collect();
                    lines.push((line.to_owned(), rules));
                }
                if lines.len() >= LINES {
                    break;
                }
            }
            listings.push(Listing { place, lines });
        });
    }
    listings
}

fn place(path: &str, member: &str) -> String {
    if member.is_empty() { path.to_owned() } else { format!("{path}!{member}") }
}

/// The offset in `v3 = os.system('id')  # at 0x1f`.
fn offset(line: &str) -> Option<u64> {
    let (_, hex) = line.rsplit_once("# at 0x")?;
    u64::from_str_radix(hex.split_whitespace().next()?, 16).ok()
}
