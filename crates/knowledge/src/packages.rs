//! Names of packages: those worth imitating, those that only look like an imitation, those that build on arrival.
//!
//! A table, not a judgement: a name that is not here is unknown, which is no offence.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::table::{rows, words};

/// What is known about a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Popular,
    Genuine,
    Builds,
}

#[derive(Debug, Deserialize)]
struct Row {
    ecosystem: String,
    standing: Standing,
    names: String,
}

/// The table, by purl type of the ecosystem and name as that spells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    names: BTreeMap<(String, Standing), BTreeSet<String>>,
}

impl Packages {
    /// What is compiled in.
    pub fn builtin() -> Self {
        let mut names: BTreeMap<(String, Standing), BTreeSet<String>> = BTreeMap::new();
        for row in rows::<Row>("packages", include_str!("../data/packages.csv")) {
            names.entry((row.ecosystem, row.standing)).or_default().extend(words(&row.names));
        }
        Self { names }
    }

    fn names(&self, ecosystem: &str, standing: Standing) -> impl Iterator<Item = &str> {
        self.names.get(&(ecosystem.to_owned(), standing)).into_iter().flatten().map(String::as_str)
    }

    fn has(&self, ecosystem: &str, standing: Standing, name: &str) -> bool {
        self.names.get(&(ecosystem.to_owned(), standing)).is_some_and(|names| names.contains(name))
    }

    /// Well-known packages, sorted.
    pub fn popular(&self, ecosystem: &str) -> impl Iterator<Item = &str> {
        self.names(ecosystem, Standing::Popular)
    }

    /// Whether the name is a well-known package, or a real one that is close to one.
    pub fn is_known(&self, ecosystem: &str, name: &str) -> bool {
        self.has(ecosystem, Standing::Popular, name)
            || self.has(ecosystem, Standing::Genuine, name)
            || self.has(ecosystem, Standing::Builds, name)
    }

    /// Whether the package is known to run a script when it is installed, to build or fetch what it needs.
    pub fn builds_on_arrival(&self, ecosystem: &str, name: &str) -> bool {
        self.has(ecosystem, Standing::Builds, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_ecosystem() {
        let packages = Packages::builtin();
        assert!(packages.is_known("pypi", "torch") && !packages.is_known("npm", "torch"));
        assert!(packages.builds_on_arrival("npm", "esbuild"));
        assert!(packages.popular("npm").any(|name| name == "@langchain/core"));
    }

    #[test]
    fn no_name_is_both_imitated_and_taken_for_an_imitation() {
        let packages = Packages::builtin();
        for ecosystem in ["npm", "pypi"] {
            for name in packages.popular(ecosystem) {
                assert!(!packages.has(ecosystem, Standing::Genuine, name), "{name}");
            }
        }
    }
}
