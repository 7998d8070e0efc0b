//! Licences: which ids exist, what expressions say, and what the terms of models and data permit.

mod expression;

use std::collections::BTreeMap;

use serde::Deserialize;

pub use expression::{Expression, ExpressionError};

use crate::table::rows;

/// Whether money may be made with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Commercial {
    /// It may.
    Yes,
    /// It may below a threshold or after a registration.
    Conditional,
    /// Nobody can tell from the name of the licence.
    Unknown,
    /// It may not.
    No,
}

/// What a licence permits and asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// How it is called: an SPDX id, or the id that hubs use.
    pub id: String,
    /// Whether money may be made with it.
    pub commercial: Commercial,
    /// Whether kinds of use are forbidden.
    pub restricted: bool,
    /// Whether what is made from it must carry the same terms.
    pub share_alike: bool,
    /// Whether its origin must be named.
    pub attribution: bool,
    /// The condition, if it is conditional; may be empty.
    pub threshold: String,
    /// Where it can be read.
    pub source: String,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    names: String,
    commercial: Commercial,
    restricted: String,
    share_alike: String,
    attribution: String,
    threshold: String,
    source: String,
}

/// What sort of id the SPDX list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// A licence.
    Licence,
    /// A licence under an id that is no longer to be used.
    Deprecated,
    /// An exception to a licence, what stands after `WITH`.
    Exception,
}

/// Every licence that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Licences {
    /// By the id in lower case: how it is spelt, and what it is.
    listed: BTreeMap<String, (String, Listed)>,
    terms: Vec<Terms>,
    /// Places in `terms` by every name in lower case.
    names: BTreeMap<String, usize>,
}

impl Licences {
    pub(crate) fn builtin() -> Self {
        let listed = rows::<(String, Listed)>("spdx", include_str!("../../data/spdx.csv"));
        let mut licences = Self::default();
        for (id, kind) in listed {
            licences.listed.insert(id.to_lowercase(), (id, kind));
        }
        for row in rows::<Row>("licences", include_str!("../../data/licences.csv")) {
            let names = row.names.split(';').filter(|name| !name.is_empty()).map(str::to_lowercase);
            for name in std::iter::once(row.id.to_lowercase()).chain(names) {
                licences.names.insert(name, licences.terms.len());
            }
            licences.terms.push(Terms {
                id: row.id,
                commercial: row.commercial,
                restricted: row.restricted == "yes",
                share_alike: row.share_alike == "yes",
                attribution: row.attribution == "yes",
                threshold: row.threshold,
                source: row.source,
            });
        }
        licences
    }

    /// The id as the SPDX list spells it, and what it is.
    pub fn listed(&self, id: &str) -> Option<(&str, Listed)> {
        self.listed.get(&id.to_lowercase()).map(|(id, kind)| (id.as_str(), *kind))
    }

    /// The terms of one licence by any of its names.
    pub fn terms(&self, name: &str) -> Option<&Terms> {
        self.names.get(&name.trim().to_lowercase()).and_then(|at| self.terms.get(*at))
    }

    /// The terms that a statement comes to, written as a name or as an expression. Where there is a choice the milder
    /// one counts, where several hold together each of them does. `None` if any part is not known.
    pub fn judge(&self, statement: &str) -> Option<Terms> {
        if let Some(terms) = self.terms(statement) {
            return Some(terms.clone());
        }
        self.weigh(&Expression::parse(statement).ok()?)
    }

    fn weigh(&self, expression: &Expression) -> Option<Terms> {
        match expression {
            Expression::Licence { id, exception, .. } => {
                let terms = self.terms(id.strip_prefix("LicenseRef-").unwrap_or(id))?;
                // Exceptions loosen what must be shared.
                Some(Terms { share_alike: terms.share_alike && exception.is_none(), ..terms.clone() })
            }
            Expression::Any(parts) => {
                let terms = parts.iter().filter_map(|part| self.weigh(part));
                terms.min_by_key(|terms| (terms.commercial, terms.restricted, terms.share_alike))
            }
            Expression::All(parts) => {
                let all: Option<Vec<Terms>> = parts.iter().map(|part| self.weigh(part)).collect();
                all?.into_iter().reduce(|one, other| Terms {
                    id: format!("{} AND {}", one.id, other.id),
                    commercial: one.commercial.max(other.commercial),
                    restricted: one.restricted || other.restricted,
                    share_alike: one.share_alike || other.share_alike,
                    attribution: one.attribution || other.attribution,
                    threshold: if one.threshold.is_empty() { other.threshold } else { one.threshold },
                    source: one.source,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_load_and_agree() {
        let licences = Licences::builtin();
        assert!(licences.listed.len() > 600 && licences.terms.len() > 50);
        for terms in licences.terms.iter().filter(|terms| terms.id.starts_with(char::is_uppercase)) {
            let (id, kind) =
                licences.listed(&terms.id).unwrap_or_else(|| panic!("{} is not listed", terms.id));
            assert_eq!((id, kind), (terms.id.as_str(), Listed::Licence));
        }
        assert_eq!(licences.listed("gpl-3.0").map(|(_, kind)| kind), Some(Listed::Deprecated));
    }

    #[test]
    fn statements_are_judged_by_name_and_by_expression() {
        let licences = Licences::builtin();
        let commercial = |text: &str| licences.judge(text).map(|terms| terms.commercial);
        for (text, wanted) in [
            ("apache-2.0", Commercial::Yes),
            ("cc-by-nc-4.0", Commercial::No),
            ("Llama 3.1 Community License", Commercial::Conditional),
            ("LicenseRef-mrl", Commercial::No),
            ("MIT OR CC-BY-NC-4.0", Commercial::Yes),
            ("MIT AND CC-BY-NC-4.0", Commercial::No),
            ("(MIT OR Apache-2.0) AND CC-BY-4.0", Commercial::Yes),
            ("other", Commercial::Unknown),
        ] {
            assert_eq!(commercial(text), Some(wanted), "{text}");
        }
        for text in ["", "see LICENSE file", "LicenseRef-Clinic", "MIT AND LicenseRef-Clinic", "MIT AND"] {
            assert_eq!(commercial(text), None, "{text}");
        }
        assert!(!licences.judge("GPL-2.0-only WITH Classpath-exception-2.0").unwrap().share_alike);
    }
}
