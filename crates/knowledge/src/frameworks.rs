//! Entries of other people's frameworks: id, edition and name, nothing else.

use serde::Deserialize;
use vauban_domain::{Reference, Timestamp};

use crate::Knowledge;
use crate::table::rows;

/// An entry of a framework at one edition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub struct Entry {
    /// Slug of the framework: `atlas`, `maestro`, `owasp-llm`, `cwe` ...
    pub framework: String,
    /// Edition; empty where the framework has none.
    pub edition: String,
    /// Id within the framework, `LLM03`.
    pub id: String,
    /// Its name there.
    pub name: String,
}

impl Entry {
    /// The id with its edition as it is written everywhere: `LLM03:2025`, `AML.T0018@2026.09`, `CWE-502`.
    pub fn reference(&self) -> String {
        reference(&self.framework, &self.id, &self.edition)
    }
}

/// An id with its edition, as [`Entry::reference`].
pub(crate) fn reference(framework: &str, id: &str, edition: &str) -> String {
    let owasp_top_ten = framework.starts_with("owasp-") && framework != "owasp-agentic-threats";
    match edition {
        "" => id.to_owned(),
        edition if owasp_top_ten => format!("{id}:{edition}"),
        edition => format!("{id}@{edition}"),
    }
}

/// A date from which part of a framework applies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ApplicationDate {
    /// Slug of the framework.
    pub framework: String,
    /// What applies.
    pub what: String,
    /// From when, `2026-08-02`.
    pub from: String,
    /// The earlier date, if it was moved; empty otherwise.
    pub was: String,
    /// What moved it; may be empty.
    pub basis: String,
    /// Ids it is about, separated by blanks with `_` for a blank within; parts of them count. Empty for all.
    pub ids: String,
    /// Risk classes it is about, separated by blanks; empty for all.
    pub classes: String,
    /// It is about systems in service before this day only; empty for all.
    pub in_service_before: String,
    /// What is different for systems in service before it applies, in our own words; empty for nothing.
    pub earlier: String,
}

impl ApplicationDate {
    /// The day, midnight UTC; `None` when the table holds no date.
    pub fn day(&self) -> Option<Timestamp> {
        Timestamp::parse(&self.from)
    }

    /// How closely it names `id` (characters of its own id), or `None` when it is about others.
    fn names(&self, id: &str) -> Option<usize> {
        if self.ids.is_empty() {
            return Some(0);
        }
        let named = |own: &str| {
            let own = own.replace('_', " ");
            let rest = id.strip_prefix(&own)?;
            (rest.is_empty() || rest.starts_with(['.', '('])).then_some(own.len())
        };
        self.ids.split_ascii_whitespace().filter_map(named).max()
    }
}

/// Where an entry of one edition went in the next.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Successor {
    /// `LLM03:2025`.
    pub old: String,
    /// `LLM04:2026`.
    pub new: String,
}

/// All frameworks besides ATLAS and MAESTRO, which have modules of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frameworks {
    /// Sorted by id, then edition.
    pub entries: Vec<Entry>,
    /// Dates of application.
    pub dates: Vec<ApplicationDate>,
    /// Renumberings between editions.
    pub successors: Vec<Successor>,
}

impl Frameworks {
    /// The entry with this id at this edition.
    pub fn entry(&self, id: &str, edition: &str) -> Option<&Entry> {
        let key = (id, edition);
        let at = self.entries.binary_search_by(|entry| (&*entry.id, &*entry.edition).cmp(&key)).ok()?;
        self.entries.get(at)
    }

    /// The entries with this id at any edition, oldest first.
    pub fn editions<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Entry> {
        let first = self.entries.partition_point(|entry| entry.id.as_str() < id);
        self.entries.iter().skip(first).take_while(move |entry| entry.id == id)
    }

    /// All entries of a framework at an edition.
    pub fn of<'a>(&'a self, framework: &'a str, edition: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.framework == framework && entry.edition == edition)
    }

    /// From when `id` of a framework applies to a system of this class: the row that says it most closely, rows about
    /// systems that were in service before a day first.
    pub fn applies_from(
        &self,
        framework: &str,
        id: &str,
        class: &str,
        in_service: Option<Timestamp>,
    ) -> Option<&ApplicationDate> {
        let closeness = |date: &ApplicationDate| {
            let of_class =
                date.classes.is_empty() || date.classes.split_ascii_whitespace().any(|own| own == class);
            let early = match Timestamp::parse(&date.in_service_before) {
                Some(day) => in_service.is_some_and(|since| since < day),
                None => true,
            };
            (date.framework == framework && of_class && early)
                .then(|| date.names(id))
                .flatten()
                .map(|close| (!date.in_service_before.is_empty(), close))
        };
        let matching = self.dates.iter().filter_map(|date| closeness(date).map(|close| (close, date)));
        matching.max_by_key(|(close, _)| *close).map(|(_, date)| date)
    }

    pub(crate) fn builtin() -> Self {
        let mut entries: Vec<Entry> = rows("frameworks", include_str!("../data/frameworks.csv"));
        entries.extend(crate::minimum_elements::builtin().into_iter().map(|element| Entry {
            framework: crate::minimum_elements::FRAMEWORK.to_owned(),
            edition: crate::minimum_elements::RELEASED.to_owned(),
            id: element.id,
            name: element.name,
        }));
        entries.sort_by(|left, right| (&left.id, &left.edition).cmp(&(&right.id, &right.edition)));
        Self {
            entries,
            dates: rows("framework-dates", include_str!("../data/framework-dates.csv")),
            successors: rows("framework-successors", include_str!("../data/framework-successors.csv")),
        }
    }
}

impl Knowledge {
    /// The entry a reference points at, or `None` when that edition has no such entry or is not known here.
    pub fn resolve(&self, reference: &Reference) -> Option<Entry> {
        let Reference { id, edition } = reference;
        let entry = |framework: &str, name: String| {
            Some(Entry { framework: framework.to_owned(), edition: edition.clone(), id: id.clone(), name })
        };
        if id.starts_with("AML.") {
            if *edition != self.atlas.edition {
                return None;
            }
            return entry("atlas", atlas_name(self, id)?);
        }
        if *edition == self.maestro.edition {
            let layer = || vauban_domain::Layer::from_id(id).map(|layer| layer.name().to_owned());
            let name = self.maestro.threat(id).map(|threat| threat.name.clone()).or_else(layer)?;
            return entry("maestro", name);
        }
        self.frameworks.entry(id, edition).cloned()
    }

    /// The same for a reference as written: `LLM03:2025`, `AML.T0018@2026.09`, `CWE-502`.
    pub fn resolve_text(&self, text: &str) -> Option<Entry> {
        self.resolve(&Reference::parse(text).ok()?)
    }

    /// What an OWASP entry became in the next edition: `LLM03:2025` gives `LLM04:2026`.
    pub fn successor(&self, reference: &str) -> Option<&str> {
        let found = self.frameworks.successors.iter().find(|successor| successor.old == reference);
        found.map(|successor| successor.new.as_str())
    }
}

/// Full name of any ATLAS object of the built-in edition.
pub(crate) fn atlas_name(knowledge: &Knowledge, id: &str) -> Option<String> {
    let atlas = &knowledge.atlas;
    let technique = atlas.technique(id).map(|technique| atlas.full_name(technique));
    technique
        .or_else(|| atlas.mitigation(id).map(|mitigation| mitigation.name.clone()))
        .or_else(|| atlas.tactic(id).map(|tactic| tactic.name.clone()))
        .or_else(|| atlas.case_study(id).map(|study| study.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(reference: &str, expected: Option<&str>) {
        let found = Knowledge::builtin().resolve_text(reference);
        assert_eq!(found.as_ref().map(|entry| entry.name.as_str()), expected, "{reference}");
        if let Some(entry) = found {
            assert_eq!(entry.reference(), reference);
        }
    }

    #[test]
    fn the_same_number_means_other_things_in_other_years() {
        check("LLM03:2023", Some("Training Data Poisoning"));
        check("LLM03:2025", Some("Supply Chain"));
        check("LLM03:2026", Some("Excessive Agency"));
        check("LLM03:2024", None);
        check("LLM03", None);
    }

    #[test]
    fn every_framework_in_use_resolves() {
        check("AML.T0018.002@2026.09", Some("Manipulate AI Model: Embed Malware"));
        check("AML.M0013@2026.09", Some("Code Signing"));
        check("AML.TA0011@2026.09", Some("Impact"));
        check("AML.T0018@5.6.0", None);
        check("AML.T0104@2026.09", None);
        check("L1.3@2025-02", Some("Backdoor Attacks"));
        check("L4@2025-02", Some("Deployment and Infrastructure"));
        check("L1.3@2026", None);
        check("ASI04:2026", Some("Agentic Supply Chain Vulnerabilities"));
        check("ML06:2023", Some("AI Supply Chain Attacks"));
        check("T17@1.1", Some("Supply Chain Compromise"));
        check("CWE-502", Some("Deserialization of Untrusted Data"));
        check("CWE-0", None);
        check("Art.15@2024/1689", Some("Accuracy, robustness and cybersecurity"));
    }

    #[test]
    fn a_date_depends_on_article_class_and_time_in_service() {
        let frameworks = &Knowledge::builtin().frameworks;
        let from = |id, class, in_service| {
            let in_service: Option<&str> = in_service;
            let date = frameworks.applies_from("eu-ai-act", id, class, in_service.and_then(Timestamp::parse));
            date.map(|date| date.from.as_str())
        };
        assert_eq!(from("Art.5", "minimal", None), Some("2025-02-02"));
        assert_eq!(from("Art.9", "high-annex-iii", None), Some("2027-12-02"));
        assert_eq!(from("Art.9", "high-annex-i", None), Some("2028-08-02"));
        assert_eq!(from("Annex IV.2(d)", "high-annex-i", None), Some("2028-08-02"));
        assert_eq!(from("Art.9", "minimal", None), None);
        assert_eq!(from("Art.50(1)", "transparency", Some("2024-01-01")), Some("2026-08-02"));
        assert_eq!(from("Art.50(2)", "transparency", Some("2024-01-01")), Some("2026-12-02"));
        assert_eq!(from("Art.50(2)", "transparency", Some("2026-09-01")), Some("2026-08-02"));
        assert_eq!(from("Art.53", "gpai", Some("2025-01-01")), Some("2027-08-02"));
        assert_eq!(from("Art.53", "gpai", None), Some("2025-08-02"));
        for date in &frameworks.dates {
            assert!(date.day().is_some(), "{}", date.what);
            assert!(date.in_service_before.is_empty() || Timestamp::parse(&date.in_service_before).is_some());
        }
    }

    #[test]
    fn successors_resolve_on_both_sides() {
        let knowledge = Knowledge::builtin();
        for successor in &knowledge.frameworks.successors {
            assert!(knowledge.resolve_text(&successor.old).is_some(), "{}", successor.old);
            assert!(knowledge.resolve_text(&successor.new).is_some(), "{}", successor.new);
        }
        assert_eq!(knowledge.successor("LLM03:2025"), Some("LLM04:2026"));
    }
}
