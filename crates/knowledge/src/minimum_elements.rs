//! The minimum elements of a bill of materials for AI, as the G7 Cybersecurity Working Group lists them (2026-05-12).

use serde::Deserialize;

use crate::table::rows;

/// What the list calls itself.
pub const EDITION: &str = "G7 SBOM for AI, minimum elements, 2026-05-12";

/// Slug of the list among the frameworks.
pub const FRAMEWORK: &str = "g7-sbom-for-ai";
/// The day it was released, its edition among the frameworks.
pub const RELEASED: &str = "2026-05-12";

/// One element that a bill of materials for AI should have.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MinimumElement {
    /// Stable id of our own, lower-case words joined by hyphens.
    pub id: String,
    /// Name in the list.
    pub name: String,
    /// Cluster: metadata, system, model, dataset, infrastructure, security, indicators.
    pub cluster: String,
    /// What it is said of: the document, a system, a model or a data set.
    pub subject: String,
    /// Who can supply it: tool, operator, model producer, data owner.
    pub supplier: String,
    /// What it asks for, in our own words.
    pub asks: String,
}

pub(crate) fn builtin() -> Vec<MinimumElement> {
    rows("sbom-for-ai", include_str!("../data/sbom-for-ai.csv"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fifty_are_there_once() {
        let elements = builtin();
        let ids: std::collections::BTreeSet<&str> =
            elements.iter().map(|element| element.id.as_str()).collect();
        assert_eq!((elements.len(), ids.len()), (50, 50));
        let subjects = ["document", "system", "model", "dataset"];
        let suppliers = ["tool", "operator", "model producer", "data owner"];
        for element in &elements {
            assert!(subjects.contains(&element.subject.as_str()), "{}", element.id);
            assert!(suppliers.contains(&element.supplier.as_str()), "{}", element.id);
        }
    }
}
