//! Where another engine saw something, as far as it says.

/// A place in the words of another engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// A file, with `/` between parts; often absolute on the machine that the engine ran on.
    pub path: Option<String>,
    /// A member of the file.
    pub member: Option<String>,
    /// One-based line.
    pub line: Option<u32>,
    /// An address.
    pub url: Option<String>,
    /// A package.
    pub package: Option<Package>,
    /// A model or target by its provider's name for it.
    pub model: Option<String>,
    /// A resource of a cloud or cluster: an ARN, `aws_s3_bucket.x`, `Deployment/x`.
    pub resource: Option<String>,
}

/// A package in a version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Package {
    /// Type as package URLs have it, `pypi`.
    pub ecosystem: String,
    /// Name, with its namespace.
    pub name: String,
    /// Version, if it is said.
    pub version: Option<String>,
}

impl Package {
    /// Reads a package URL; `None` for anything else.
    pub fn parse(purl: &str) -> Option<Self> {
        let rest = purl.strip_prefix("pkg:")?.trim_start_matches('/');
        let rest = rest.split(['?', '#']).next()?;
        let (kind, path) = rest.split_once('/')?;
        let (path, version) = match path.rfind('@').filter(|at| *at > 0) {
            Some(at) => (&path[..at], Some(decoded(&path[at + 1..]))),
            None => (path, None),
        };
        Some(Self { ecosystem: kind.to_lowercase(), name: decoded(path.trim_matches('/')), version })
    }
}

/// Percent-decoded text; what is no UTF-8 stays as it is.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let source = text.as_bytes();
    let mut at = 0;
    while at < source.len() {
        let hex = source.get(at + 1..at + 3).filter(|_| source[at] == b'%');
        match hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            Some(byte) => {
                bytes.push(byte);
                at += 3;
            }
            None => {
                bytes.push(source[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// A path as engines write it: without `file://`, with `/`, without `./`.
pub(super) fn path_of(written: &str) -> Option<String> {
    let path = written.strip_prefix("file://").unwrap_or(written);
    let path = decoded(path).replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
    (!path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_urls_are_read() {
        let of = |purl: &str| {
            Package::parse(purl).map(|package| (package.ecosystem, package.name, package.version))
        };
        let some = |kind: &str, name: &str, version: Option<&str>| {
            Some((kind.to_owned(), name.to_owned(), version.map(str::to_owned)))
        };
        assert_eq!(of("pkg:pypi/torch@2.1.0+cpu"), some("pypi", "torch", Some("2.1.0+cpu")));
        assert_eq!(of("pkg:npm/%40scope/name@1.0.0?x=y"), some("npm", "@scope/name", Some("1.0.0")));
        assert_eq!(of("pkg:npm/@scope/name"), some("npm", "@scope/name", None));
        assert_eq!(of("torch"), None);
        assert_eq!(path_of("file:///a/b%20c").as_deref(), Some("/a/b c"));
        assert_eq!(path_of(".\\a\\b").as_deref(), Some("a/b"));
    }
}
