//! One dependency specifier (PEP 508), read leniently.

/// A dependency on a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requirement {
    /// Normalised name (PEP 503): lower case, runs of `-_.` as one hyphen; empty for a bare URL or path.
    pub name: String,
    /// Name as written.
    pub written: String,
    /// Extras, as written.
    pub extras: Vec<String>,
    /// Version specifier without blanks, `>=1.0,<2`; empty if there is none.
    pub specifier: String,
    /// URL, VCS address or path to install from.
    pub url: Option<String>,
    /// Environment marker.
    pub marker: Option<String>,
    /// Hashes, `sha256:…`.
    pub hashes: Vec<String>,
    /// Whether it is installed in place (`-e`).
    pub editable: bool,
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
        requirement.name = normalised_name(&requirement.written);
        requirement
    }

    /// The one version it allows, if it allows only one.
    pub fn exact_version(&self) -> Option<&str> {
        let version = self.specifier.strip_prefix("===").or_else(|| self.specifier.strip_prefix("=="))?;
        (!version.is_empty() && !version.contains([',', '*'])).then_some(version)
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

/// The name under which an index knows a package (PEP 503).
pub fn normalised_name(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for c in name.chars() {
        let c = if "-_.".contains(c) { '-' } else { c.to_ascii_lowercase() };
        if !(c == '-' && normalised.ends_with('-')) {
            normalised.push(c);
        }
    }
    normalised
}
