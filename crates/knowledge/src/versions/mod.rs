//! Versions and names as each package ecosystem understands them.

mod number;
mod pep440;
mod semver;

use std::cmp::Ordering;
use std::fmt;

pub use pep440::Pep440;
pub use semver::SemVer;

/// A package ecosystem whose advisories are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Rust.
    CratesIo,
    /// Go modules.
    Go,
    /// JavaScript.
    Npm,
    /// Python.
    PyPi,
}

impl Ecosystem {
    /// All, by their name in OSV records.
    pub const ALL: [Self; 4] = [Self::Go, Self::PyPi, Self::CratesIo, Self::Npm];

    /// The name in OSV records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CratesIo => "crates.io",
            Self::Go => "Go",
            Self::Npm => "npm",
            Self::PyPi => "PyPI",
        }
    }

    /// The ecosystem of an OSV record; what follows a colon (`Go:1.21`) narrows it and is not looked at.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.split(':').next().unwrap_or(name);
        Self::ALL.into_iter().find(|ecosystem| ecosystem.as_str() == name)
    }

    /// The ecosystem of a purl type, as the ids of packages have it: `package:pypi/name`.
    pub fn of_purl(kind: &str) -> Option<Self> {
        match kind {
            "cargo" => Some(Self::CratesIo),
            "golang" => Some(Self::Go),
            "npm" => Some(Self::Npm),
            "pypi" => Some(Self::PyPi),
            _ => None,
        }
    }

    /// The one spelling of a package's name: PEP 503 for Python, `-` for `_` in Rust (the index takes both for one
    /// crate), as written elsewhere.
    pub fn normalise(self, name: &str) -> String {
        match self {
            Self::PyPi => pep503(name),
            Self::CratesIo => name.to_lowercase().replace('_', "-"),
            Self::Go | Self::Npm => name.to_owned(),
        }
    }

    /// How two versions stand to each other; `None` if either is no version here.
    pub fn compare(self, one: &str, other: &str) -> Option<Ordering> {
        match self {
            Self::PyPi => Some(Pep440::parse(one)?.cmp(&Pep440::parse(other)?)),
            Self::CratesIo | Self::Go | Self::Npm => Some(SemVer::parse(one)?.cmp(&SemVer::parse(other)?)),
        }
    }

    /// Whether this is one version here, not a range or a word.
    pub fn is_version(self, text: &str) -> bool {
        match self {
            Self::PyPi => Pep440::parse(text).is_some(),
            Self::CratesIo | Self::Go | Self::Npm => SemVer::parse(text).is_some(),
        }
    }

    /// The release that a build is of: local labels of Python (`2.1.0+cu118`) say how it was built, and specifiers look past
    /// them (PEP 440, "local version identifiers").
    pub fn public(self, version: &str) -> &str {
        match self {
            Self::PyPi => version.split('+').next().unwrap_or(version),
            Self::CratesIo | Self::Go | Self::Npm => version,
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A name by PEP 503: lower-case, runs of `-`, `_` and `.` as one `-`.
pub fn pep503(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    let mut separated = false;
    for c in name.trim().chars() {
        if matches!(c, '-' | '_' | '.') {
            separated = true;
            continue;
        }
        if separated && !normal.is_empty() {
            normal.push('-');
        }
        separated = false;
        normal.extend(c.to_lowercase());
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_python_are_normalised() {
        for (written, normal) in [
            ("Llama_Index", "llama-index"),
            ("zope.interface", "zope-interface"),
            ("A--b__c..d", "a-b-c-d"),
            ("scikit-learn", "scikit-learn"),
        ] {
            assert_eq!(pep503(written), normal);
        }
        assert_eq!(Ecosystem::Npm.normalise("@Scope/Name_x"), "@Scope/Name_x");
        assert_eq!(Ecosystem::CratesIo.normalise("serde_json"), "serde-json");
    }

    #[test]
    fn ecosystems_have_a_name_in_osv_and_one_in_purl() {
        assert_eq!(Ecosystem::parse("PyPI"), Some(Ecosystem::PyPi));
        assert_eq!(Ecosystem::parse("Go:1.21"), Some(Ecosystem::Go));
        assert_eq!(Ecosystem::parse("Maven"), None);
        assert_eq!(Ecosystem::of_purl("cargo"), Some(Ecosystem::CratesIo));
        assert_eq!(Ecosystem::of_purl("conda"), None);
    }

    #[test]
    fn versions_that_are_none_cannot_be_compared() {
        assert_eq!(Ecosystem::PyPi.compare("1.0", "latest"), None);
        assert_eq!(Ecosystem::PyPi.compare("1.0", "1.0.0"), Some(Ordering::Equal));
        assert_eq!(Ecosystem::Npm.compare("^1.0", "1.0.0"), None);
    }
}
