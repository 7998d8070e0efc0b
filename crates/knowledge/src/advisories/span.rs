//! From which version to which something holds.

use std::cmp::Ordering;

use crate::versions::Ecosystem;

/// The start of everything, before any version.
const ALWAYS: &str = "0";

/// Versions in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// First affected version; `0` for the first there is.
    pub from: String,
    /// Where it ends.
    pub end: End,
}

/// Where a span ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Before this version, which is repaired.
    Before(String),
    /// With this version, the last that is affected.
    Through(String),
    /// Not yet.
    Open,
}

/// Where a version stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// It is affected.
    Inside {
        /// The version that repairs it, if there is one.
        fixed: Option<String>,
    },
    /// It is not.
    Outside,
    /// It cannot be told: this is no version here.
    Unknown,
}

impl Span {
    /// Where `version` stands.
    pub fn at(&self, ecosystem: Ecosystem, version: &str) -> Where {
        let begun = if self.from == ALWAYS {
            if ecosystem.is_version(version) { Some(true) } else { None }
        } else {
            ecosystem.compare(version, &self.from).map(Ordering::is_ge)
        };
        let over = match &self.end {
            End::Before(fixed) => ecosystem.compare(version, fixed).map(Ordering::is_ge),
            End::Through(last) => ecosystem.compare(version, last).map(Ordering::is_gt),
            End::Open => Some(false),
        };
        match (begun, over) {
            // A package that is bad from its first version on is bad whatever the version is called.
            (None, Some(false)) if self.is_everything() => Where::Inside { fixed: None },
            (None, _) | (_, None) => Where::Unknown,
            (Some(true), Some(false)) => Where::Inside {
                fixed: match &self.end {
                    End::Before(fixed) => Some(fixed.clone()),
                    End::Through(_) | End::Open => None,
                },
            },
            _ => Where::Outside,
        }
    }

    /// Whether it holds every version there is and will be.
    pub fn is_everything(&self) -> bool {
        self.from == ALWAYS && self.end == End::Open
    }

    /// Whether its ends are versions, and in order.
    pub fn is_sound(&self, ecosystem: Ecosystem) -> bool {
        if self.from != ALWAYS && !ecosystem.is_version(&self.from) {
            return false;
        }
        match &self.end {
            End::Open => true,
            End::Before(end) | End::Through(end) if self.from == ALWAYS => ecosystem.is_version(end),
            End::Before(end) => ecosystem.compare(&self.from, end) == Some(Ordering::Less),
            End::Through(end) => ecosystem.compare(&self.from, end).is_some_and(Ordering::is_le),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_in_or_out_as_written() {
        let pypi = Ecosystem::PyPi;
        let inside = |fixed: Option<&str>| Where::Inside { fixed: fixed.map(str::to_owned) };
        let before = Span { from: "1.0".to_owned(), end: End::Before("2.0".to_owned()) };
        assert_eq!(before.at(pypi, "1.0.0"), inside(Some("2.0")));
        assert_eq!(before.at(pypi, "2.0rc1"), inside(Some("2.0")));
        assert_eq!(before.at(pypi, "2.0"), Where::Outside);
        assert_eq!(before.at(pypi, "1.0rc1"), Where::Outside);
        assert_eq!(before.at(pypi, "nightly"), Where::Unknown);
        let through = Span { from: "0".to_owned(), end: End::Through("1.5".to_owned()) };
        assert_eq!(through.at(pypi, "0.dev1"), inside(None));
        assert_eq!(through.at(pypi, "1.5"), inside(None));
        assert_eq!(through.at(pypi, "1.5.post1"), Where::Outside);
        let all = Span { from: "0".to_owned(), end: End::Open };
        assert_eq!(all.at(pypi, "whatever"), inside(None));
        assert_eq!(all.at(Ecosystem::Npm, "0.0.0-0"), inside(None));
    }
}
