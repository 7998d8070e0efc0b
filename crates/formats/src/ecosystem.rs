//! Where packages come from, and how each ecosystem spells their names.

use std::fmt;

/// A world of packages with names and versions of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Rust.
    Cargo,
    /// Conda channels.
    Conda,
    /// Go modules.
    Go,
    /// JavaScript.
    Npm,
    /// Python.
    #[default]
    PyPi,
}

impl Ecosystem {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cargo, Self::Conda, Self::Go, Self::Npm, Self::PyPi];

    /// Its type in a package URL, <https://github.com/package-url/purl-spec>.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Conda => "conda",
            Self::Go => "golang",
            Self::Npm => "npm",
            Self::PyPi => "pypi",
        }
    }

    /// Reads what [`Ecosystem::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ecosystem| ecosystem.as_str() == word)
    }

    /// The one spelling of a name: PEP 503 for Python, lower case for conda, as written elsewhere.
    pub fn normalise(self, name: &str) -> String {
        match self {
            Self::PyPi => pep503(name.trim()),
            Self::Conda => name.trim().to_lowercase(),
            Self::Cargo | Self::Go | Self::Npm => name.trim().to_owned(),
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Lower case, runs of `-_.` as one hyphen.
fn pep503(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if "-_.".contains(c) { '-' } else { c.to_ascii_lowercase() };
        if !(c == '-' && normalised.ends_with('-')) {
            normalised.push(c);
        }
    }
    normalised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_one_way() {
        assert_eq!(Ecosystem::PyPi.normalise("Torch._Vision"), "torch-vision");
        assert_eq!(Ecosystem::Npm.normalise("@Scope/Name_x"), "@Scope/Name_x");
        assert_eq!(Ecosystem::parse("golang"), Some(Ecosystem::Go));
    }
}
