//! Other people's catalogues of controls, and which of their entries the controls of the library put into effect.
//!
//! AIDEFEND (defences of AI systems), the CoSAI risk map and NIST SP 800-53: ids, names and editions are theirs; the
//! many-to-many mapping is our own judgement. ATLAS mitigations and MAESTRO threats stand with the
//! [controls](crate::controls) themselves.

use serde::Deserialize;

use crate::frameworks::Entry;
use crate::table::rows;

/// A control of the library and an entry of a catalogue that it puts into effect, wholly or in part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Mapping {
    /// Control id of the library, `rate-limit`.
    pub control: String,
    /// Slug of the catalogue, `nist-800-53`.
    pub framework: String,
    /// Id within it, `SC-5`.
    pub id: String,
}

/// Catalogues and mappings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalogues {
    /// By framework, then id; one edition of each.
    pub entries: Vec<Entry>,
    /// By control, then framework and id.
    pub mappings: Vec<Mapping>,
}

impl Catalogues {
    /// Slugs of the catalogues.
    pub const FRAMEWORKS: [&'static str; 3] = ["aidefend", "cosai", "nist-800-53"];

    /// The entry with this id, as in `SC-5` or `SC-5@r5`; letters may be large or small.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        let (bare, edition) = id.split_once('@').map_or((id, None), |(bare, edition)| (bare, Some(edition)));
        self.entries.iter().find(|entry| {
            entry.id.eq_ignore_ascii_case(bare) && edition.is_none_or(|edition| entry.edition == edition)
        })
    }

    /// Entries that a control puts into effect, by framework and id.
    pub fn of_control<'a>(&'a self, control: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.mappings
            .iter()
            .filter(move |mapping| mapping.control == control)
            .filter_map(|mapping| self.find(&mapping.framework, &mapping.id))
    }

    /// Controls of the library that put an entry into effect, by id.
    pub fn controls_of<'a>(&'a self, entry: &'a Entry) -> impl Iterator<Item = &'a str> {
        self.mappings
            .iter()
            .filter(|mapping| mapping.framework == entry.framework && mapping.id == entry.id)
            .map(|mapping| mapping.control.as_str())
    }

    pub(crate) fn find(&self, framework: &str, id: &str) -> Option<&Entry> {
        let key = (framework, id);
        let at = self.entries.binary_search_by(|entry| (&*entry.framework, &*entry.id).cmp(&key)).ok()?;
        self.entries.get(at)
    }

    pub(crate) fn builtin() -> Self {
        let mut entries: Vec<Entry> =
            rows("control-catalogues", include_str!("../data/control-catalogues.csv"));
        entries.sort_by(|one, other| (&one.framework, &one.id).cmp(&(&other.framework, &other.id)));
        let mut mappings: Vec<Mapping> =
            rows("control-mappings", include_str!("../data/control-mappings.csv"));
        mappings.sort();
        Self { entries, mappings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    #[test]
    fn catalogues_have_one_edition_and_no_id_twice() {
        let entries = &Knowledge::builtin().catalogues.entries;
        assert!(entries.windows(2).all(|pair| {
            let (one, other) = (&pair[0], &pair[1]);
            one.framework != other.framework || (one.id != other.id && one.edition == other.edition)
        }));
        let count = |framework: &str| entries.iter().filter(|entry| entry.framework == framework).count();
        assert_eq!(Catalogues::FRAMEWORKS.map(count), [301, 35, 298]);
        let catalogues = &Knowledge::builtin().catalogues;
        let name = |id: &str| catalogues.entry(id).map(|entry| entry.name.as_str());
        assert_eq!(name("sc-5@r5"), Some("Denial-of-service Protection"));
        assert_eq!(name("SC-5@r4"), None);
        assert_eq!(name("AID-H-001"), Some("Adversarial Robustness Training"));
    }
}
