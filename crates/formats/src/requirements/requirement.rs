//! One dependency specifier (PEP 508 in Python, each ecosystem's own elsewhere), read leniently.

use crate::Ecosystem;

/// A dependency on a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Name as [`Ecosystem::normalise`] spells it; empty for a bare URL or path.
    pub name: String,
    /// Name as written.
    pub written: String,
    /// Extras, as written.
    pub extras: Vec<String>,
    /// Version specifier without blanks, `>=1.0,<2`, in the ecosystem's words; empty if there is none.
    pub specifier: String,
    /// URL, VCS address or path to install from.
    pub url: Option<String>,
    /// Environment marker.
    pub marker: Option<String>,
    /// Hashes, `sha256:…`.
    pub hashes: Vec<String>,
    /// Whether it is installed in place (`-e`).
    pub editable: bool,
    /// Whether it is only for development, tests or the build.
    pub development: bool,
    /// Whether only tools that build or test in environments of their own need it, which locks leave out.
    pub build: bool,
    /// Whether the file itself says that something else needs it (`// indirect` of Go).
    pub transitive: bool,
    /// Index, channel or registry it is bound to, as written.
    pub index: Option<String>,
    /// One-based line.
    pub line: u32,
}

impl Requirement {
    /// Reads a specifier with the options that may follow it in a requirements file.
    pub fn parse(text: &str, line: u32) -> Self {
        let mut requirement = Self { line, ..Self::default() };
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let hash = word.strip_prefix("--hash=").or_else(|| word.strip_prefix("--hash:"));
            match hash {
                Some(hash) => requirement.hashes.push(hash.to_owned()),
                None if word.starts_with("--") => {}
                None => words.push(word),
            }
        }
        let text = words.join(" ");
        // `;` starts a marker; inside a URL only after a blank.
        let (text, marker) =
            match text.find(" ;").or_else(|| (!text.contains("://")).then(|| text.find(';'))?) {
                Some(at) => {
                    let (before, after) = text.split_at(at);
                    (before.to_owned(), Some(after.trim_start_matches([' ', ';']).to_owned()))
                }
                None => (text, None),
            };
        requirement.marker = marker;
        let text = text.trim();
        if is_address(text) {
            let name = text.split_once("#egg=").map(|(_, egg)| egg.split(['&', '[']).next().unwrap_or(egg));
            requirement.written = name.unwrap_or_default().to_owned();
            requirement.url = Some(text.to_owned());
        } else {
            let end =
                text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c))).unwrap_or(text.len());
            let (name, mut rest) = text.split_at(end);
            requirement.written = name.to_owned();
            rest = rest.trim_start();
            if let Some((extras, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
                requirement.extras = extras.split(',').map(|extra| extra.trim().to_owned()).collect();
                rest = after.trim_start();
            }
            if let Some(url) = rest.strip_prefix('@') {
                requirement.url = Some(url.trim().to_owned());
            } else {
                let specifier = rest.trim_start_matches('(').trim_end_matches(')');
                requirement.specifier = specifier.chars().filter(|c| !c.is_whitespace()).collect();
            }
        }
        requirement.name = Ecosystem::PyPi.normalise(&requirement.written);
        requirement
    }

    /// The one version it allows, if it allows only one.
    pub fn exact_version(&self) -> Option<&str> {
        let text = self.specifier.as_str();
        let parts = |version: &str| version.split('.').count();
        let version = match self.ecosystem {
            Ecosystem::PyPi => text.strip_prefix("===").or_else(|| text.strip_prefix("=="))?,
            Ecosystem::Cargo => text.strip_prefix('=')?,
            Ecosystem::Go => text,
            Ecosystem::Npm => {
                let version = text.trim_start_matches(['=', 'v']);
                let plain = version.starts_with(|c: char| c.is_ascii_digit())
                    && version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
                let core = version.split(['-', '+']).next().unwrap_or(version);
                let is_x = core.split('.').any(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
                (plain && parts(core) == 3 && !is_x).then_some(version)?
            }
            // `=1.26` is any 1.26.x; with a build or a third part it is written to be one version.
            Ecosystem::Conda => match text.strip_prefix("==") {
                Some(version) => version.split('=').next()?,
                None => {
                    let (version, build) = match text.strip_prefix('=')?.split_once('=') {
                        Some((version, _)) => (version, true),
                        None => (text.strip_prefix('=')?, false),
                    };
                    (build || parts(version) >= 3).then_some(version)?
                }
            },
        };
        (!version.is_empty() && !version.contains([',', '*', '|'])).then_some(version)
    }

    /// Whether it comes from a URL, VCS or path rather than from an index.
    pub fn is_direct(&self) -> bool {
        self.url.is_some()
    }
}

/// Whether a requirement line is a URL or path rather than a name.
fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let path = text.starts_with(['.', '/', '~']) || text.ends_with(".whl") || text.ends_with(".tar.gz");
    scheme || (path && !text.contains('@'))
}
