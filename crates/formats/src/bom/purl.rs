//! Package URLs: `pkg:type/namespace/name@version?qualifiers#subpath`.
//!
//! <https://github.com/package-url/purl-spec>

/// The parts of a package URL, unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageUrl {
    /// `pypi`, `npm`, `huggingface` ... in lower case.
    pub ecosystem: String,
    /// Everything before the name, `@scope`, `org.example`; empty if there is none.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Keys and values behind the question mark.
    pub qualifiers: Vec<(String, String)>,
}

impl PackageUrl {
    /// Reads one; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split('#').next()?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (ecosystem, path) = rest.split_once('/')?;
        // An `@` before the last slash belongs to a scope that somebody did not escape.
        let cut = path.rfind('@').filter(|at| *at > 0 && !path[at + 1..].contains('/'));
        let (path, version) = match cut {
            Some(at) => (&path[..at], Some(unescape(&path[at + 1..]))),
            None => (path, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let qualifiers = query.split('&').filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((key.to_lowercase(), unescape(value)))
        });
        let purl = Self {
            ecosystem: ecosystem.to_lowercase(),
            namespace: unescape(namespace),
            name: unescape(name),
            version: version.filter(|version| !version.is_empty()),
            qualifiers: qualifiers.collect(),
        };
        (!purl.name.is_empty() && !purl.ecosystem.is_empty()).then_some(purl)
    }

    /// Namespace and name as the ecosystem writes them: `@scope/name`, `owner/name`.
    pub fn full_name(&self) -> String {
        if self.namespace.is_empty() {
            self.name.clone()
        } else {
            format!("{}/{}", self.namespace, self.name)
        }
    }

    /// A qualifier.
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Text with `%XX` resolved.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| byte == b'%') {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
