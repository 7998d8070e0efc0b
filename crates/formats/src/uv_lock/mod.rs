//! Lock files of Python projects: `uv.lock`, `poetry.lock`, `pdm.lock`.

use toml::Value;

use crate::requirements::normalised_name;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// Lock files in TOML with one `[[package]]` per version.
pub const FORMAT: Format = Format {
    name: "uv-lock",
    extensions: &["lock"],
    recognise: |input| {
        if NAMES.contains(&input.file_name()) { Recognised::ByShape } else { Recognised::No }
    },
    parse: |input| {
        let (lock, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::UvLock(lock), defects, members: Vec::new() }
    },
};

const NAMES: [&str; 3] = ["uv.lock", "poetry.lock", "pdm.lock"];

/// What a lock file pins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UvLock {
    /// Packages, in stored order.
    pub packages: Vec<LockedPackage>,
}

/// One pinned package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockedPackage {
    /// Normalised name.
    pub name: String,
    /// Exact version; empty for a package that is built from where it lies.
    pub version: String,
    /// Where it comes from: `registry`, `git`, `url`, `path`, `directory`, `editable` or `virtual`.
    pub source: String,
    /// Address of that place.
    pub address: String,
    /// Hashes of its files, `sha256:…`.
    pub hashes: Vec<String>,
    /// Names of what it needs, normalised.
    pub dependencies: Vec<String>,
    /// One-based line of its name.
    pub line: u32,
}

/// Reads a lock file.
pub fn parse(input: &Input<'_>) -> (UvLock, Vec<Defect>) {
    let (text, mut defects) = crate::yaml::text_of(input.bytes, &input.budget.limits);
    let root: toml::Table = match toml::from_str(&text) {
        Ok(root) => root,
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start as u64);
            defects.push(Defect::at("toml-syntax", offset, error.message().to_owned()));
            return (UvLock::default(), defects);
        }
    };
    // Packages are written one after the other, so the n-th header belongs to the n-th package.
    let mut headers = text.lines().enumerate().filter(|(_, line)| line.trim() == "[[package]]");
    let list = root.get("package").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let packages = list
        .iter()
        .map(|package| {
            let line = headers.next().map_or(1, |(index, _)| index + 2);
            locked(package, u32::try_from(line).unwrap_or(u32::MAX))
        })
        .collect();
    (UvLock { packages }, defects)
}

fn locked(package: &Value, line: u32) -> LockedPackage {
    let text = |key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // uv writes `{ registry = "…" }`, Poetry `{ type = "git", url = "…" }` or nothing for the public index.
    let (source, address) = match package.get("source").and_then(Value::as_table) {
        Some(source) => match source.get("type").and_then(Value::as_str) {
            Some(kind) => (kind, source.get("url").and_then(Value::as_str).unwrap_or_default()),
            None => source
                .iter()
                .find_map(|(kind, address)| Some((kind.as_str(), address.as_str()?)))
                .unwrap_or(("registry", "")),
        },
        None => ("registry", ""),
    };
    let mut hashes = Vec::new();
    for key in ["sdist", "wheels", "files"] {
        let files = match package.get(key) {
            Some(Value::Array(files)) => files.as_slice(),
            Some(file) => std::slice::from_ref(file),
            None => &[],
        };
        hashes.extend(files.iter().filter_map(|file| file.get("hash")?.as_str()).map(str::to_owned));
    }
    let dependencies = match package.get("dependencies") {
        Some(Value::Array(list)) => {
            list.iter().filter_map(|item| item.get("name")?.as_str()).map(normalised_name).collect()
        }
        Some(Value::Table(table)) => table.keys().map(|name| normalised_name(name)).collect(),
        _ => Vec::new(),
    };
    LockedPackage {
        name: normalised_name(&text("name")),
        version: text("version"),
        source: source.to_owned(),
        address: address.to_owned(),
        hashes,
        dependencies,
        line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    #[test]
    fn packages_are_read_with_source_and_hashes() {
        let text = "version = 1\n\n[[package]]\nname = \"Jinja2\"\nversion = \"3.1.4\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
                    dependencies = [\n    { name = \"markupsafe\" },\n]\nsdist = { url = \"u\", hash = \"sha256:aa\", size = 1 }\n\
                    wheels = [{ url = \"w\", hash = \"sha256:bb\" }]\n\n[[package]]\nname = \"own\"\nsource = { virtual = \".\" }\n";
        let (lock, defects) = parse(&Input::new("uv.lock", text.as_bytes(), &Budget::default()));
        assert_eq!(defects, []);
        assert_eq!(
            lock.packages[0],
            LockedPackage {
                name: "jinja2".into(),
                version: "3.1.4".into(),
                source: "registry".into(),
                address: "https://pypi.org/simple".into(),
                hashes: vec!["sha256:aa".into(), "sha256:bb".into()],
                dependencies: vec!["markupsafe".into()],
                line: 4,
            }
        );
        assert_eq!((lock.packages[1].source.as_str(), lock.packages[1].line), ("virtual", 14));
    }
}
