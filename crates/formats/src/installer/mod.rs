//! How installers find packages: settings of pip, uv, npm, Yarn, conda and Cargo.
//!
//! Which indexes, which hosts without verified certificates, which credentials (their place, never their value).
//! <https://pip.pypa.io/en/stable/topics/configuration/>, <https://docs.npmjs.com/cli/configuring-npm/npmrc>,
//! <https://yarnpkg.com/configuration/yarnrc>, <https://doc.rust-lang.org/cargo/reference/config.html>

#[cfg(test)]
mod tests;

use crate::manifest::uv_settings;
use crate::requirements::Index;
use crate::yaml::{self, Node};
use crate::{Defect, Ecosystem, Facts, Format, Input, Limits, Parsed, Recognised, ini, toml_tree};

/// Settings of installers.
pub const FORMAT: Format = Format {
    name: "installer",
    extensions: &["conf", "ini", "toml", "yml"],
    recognise: |input| if kind(input).is_some() { Recognised::ByShape } else { Recognised::No },
    parse: |input| {
        let (installer, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Installer(installer), defects, members: Vec::new() }
    },
};

/// Names by which the formats are known: what tests and fuzzing try.
pub const NAMES: &[&str] =
    &["pip.conf", "uv.toml", ".npmrc", ".yarnrc.yml", ".yarnrc", ".condarc", ".cargo/config.toml"];

/// Source that is kept for checks that look at text, in bytes.
const SOURCE: usize = 1 << 20;

/// The settings of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installer {
    /// Whose packages it finds.
    pub ecosystem: Ecosystem,
    /// `pip-conf`, `uv`, `npmrc`, `yarnrc`, `condarc` or `cargo-config`.
    pub format: &'static str,
    /// Indexes, registries and channels; those of a scope of npm have its name, `@scope`.
    pub indexes: Vec<Index>,
    /// Hosts or settings by which certificates are not verified, with their line.
    pub unverified: Vec<(String, u32)>,
    /// Where credentials stand.
    pub credentials: Vec<Credential>,
    /// Whether scripts of packages are not run.
    pub ignores_scripts: bool,
    /// The text itself, at most a mebibyte.
    pub source: String,
}

/// A place with a credential in it; its value is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credential {
    /// The setting.
    pub key: String,
    /// Whether the value stands there, rather than the name of a variable that holds it.
    pub literal: bool,
    /// One-based line.
    pub line: u32,
}

type Read = fn(&str, &Limits, &mut Vec<Defect>) -> Installer;

fn kind(input: &Input<'_>) -> Option<Read> {
    let folder = || input.name.rsplit(['/', '\\']).nth(1).unwrap_or_default();
    let read: Read = match input.file_name() {
        "pip.conf" | "pip.ini" => pip,
        "uv.toml" => uv,
        ".npmrc" | "npmrc" => npm,
        ".yarnrc" => yarn_classic,
        ".yarnrc.yml" => yarn,
        ".condarc" | "condarc" => conda,
        "config.toml" | "config" if folder() == ".cargo" => cargo,
        _ => return None,
    };
    (!input.head(512).contains(&0)).then_some(read)
}

/// Reads settings by the name of their file; those of an unknown name are empty.
pub fn parse(input: &Input<'_>) -> (Installer, Vec<Defect>) {
    let limits = &input.budget.limits;
    let Some(read) = kind(input) else { return (Installer::default(), Vec::new()) };
    let (text, mut defects) = yaml::text_of(input.bytes, limits);
    let mut installer = read(&text, limits, &mut defects);
    let mut end = text.len().min(SOURCE);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().clone_into(&mut installer.source);
    (installer, defects)
}

impl Installer {
    fn new(ecosystem: Ecosystem, format: &'static str) -> Self {
        Self { ecosystem, format, ..Self::default() }
    }

    fn index(&mut self, url: &str, name: Option<&str>, extra: bool, line: u32) {
        let (url, name) = (url.to_owned(), name.map(str::to_owned));
        self.indexes.push(Index { url, explicit: name.is_some(), name, extra, line });
    }

    fn credential(&mut self, key: &str, value: &str, line: u32) {
        let variable = value.contains("${") || value.starts_with('$') || value.contains("{{");
        self.credentials.push(Credential { key: key.to_owned(), literal: !variable, line });
    }
}

fn is_off(value: &str) -> bool {
    matches!(value.to_ascii_lowercase().as_str(), "false" | "no" | "0" | "off" | "null")
}

fn pip(text: &str, limits: &Limits, _: &mut Vec<Defect>) -> Installer {
    let mut installer = Installer::new(Ecosystem::PyPi, "pip-conf");
    for setting in ini::settings(text, limits.records) {
        match setting.key.replace('_', "-").as_str() {
            "index-url" => installer.index(setting.value, None, false, setting.line),
            "extra-index-url" | "find-links" => {
                for url in setting.value.split_whitespace() {
                    installer.index(url, None, true, setting.line);
                }
            }
            "trusted-host" => {
                let hosts = setting.value.split_whitespace();
                installer.unverified.extend(hosts.map(|host| (host.to_owned(), setting.line)));
            }
            _ => {}
        }
    }
    installer
}

fn uv(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Installer {
    let (root, mut found) = toml_tree::read_text(text, limits);
    defects.append(&mut found);
    let mut installer = Installer::new(Ecosystem::PyPi, "uv");
    for node in root.get("index").items() {
        let Some(url) = node.get("url").text() else { continue };
        let (default, explicit) = (node.get("default").is_true(), node.get("explicit").is_true());
        installer.index(url, node.get("name").text(), !default && !explicit, node.line);
        if let Some(index) = installer.indexes.last_mut() {
            index.explicit = explicit;
        }
    }
    for node in [&root, root.get("pip")] {
        uv_settings(node, &mut installer.indexes, &mut installer.unverified);
    }
    installer
}

fn npm(text: &str, limits: &Limits, _: &mut Vec<Defect>) -> Installer {
    let mut installer = Installer::new(Ecosystem::Npm, "npmrc");
    for setting in ini::settings(text, limits.records) {
        let (key, value, line) = (setting.key, setting.value, setting.line);
        // `//host/path/:_authToken` is a setting for one registry.
        match key.rsplit(':').next().unwrap_or(key) {
            "registry" => match key.split_once(':') {
                Some((scope, _)) => installer.index(value, Some(scope), false, line),
                None => installer.index(value, None, false, line),
            },
            "_auth" | "_authToken" | "_password" => installer.credential(key, value, line),
            "strict-ssl" if is_off(value) => installer.unverified.push((key.to_owned(), line)),
            "ignore-scripts" => installer.ignores_scripts = value == "true",
            _ => {}
        }
    }
    installer
}

/// Yarn 1: `key value`, quotes around either.
fn yarn_classic(text: &str, limits: &Limits, _: &mut Vec<Defect>) -> Installer {
    let mut installer = Installer::new(Ecosystem::Npm, "yarnrc");
    for (index, line) in text.lines().enumerate().take(limits.records) {
        let line_number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let Some((key, value)) = line.trim().split_once(' ') else { continue };
        let (key, value) = (key.trim_matches('"'), value.trim().trim_matches('"'));
        match key.rsplit(':').next().unwrap_or(key) {
            "registry" => {
                let scope = key.split_once(':').map(|(scope, _)| scope);
                installer.index(value, scope, false, line_number);
            }
            "_auth" | "_authToken" | "_password" => installer.credential(key, value, line_number),
            "strict-ssl" if is_off(value) => installer.unverified.push((key.to_owned(), line_number)),
            "ignore-scripts" | "--install.ignore-scripts" => installer.ignores_scripts = value == "true",
            _ => {}
        }
    }
    installer
}

fn yarn(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Installer {
    let root = first_document(text, limits, defects);
    let mut installer = Installer::new(Ecosystem::Npm, "yarnrc");
    let scopes =
        root.get("npmScopes").entries().iter().map(|entry| (Some(format!("@{}", entry.key)), &entry.node));
    let registries = root.get("npmRegistries").entries().iter().map(|entry| (None, &entry.node));
    for (scope, node) in scopes.chain(registries).chain([(None, &root)]) {
        if let Some(url) = node.get("npmRegistryServer").text() {
            installer.index(url, scope.as_deref(), false, node.get("npmRegistryServer").line);
        }
        for key in ["npmAuthToken", "npmAuthIdent"] {
            if let Some(value) = node.get(key).text() {
                installer.credential(key, value, node.get(key).line);
            }
        }
    }
    for host in root.get("unsafeHttpWhitelist").items() {
        installer.unverified.extend(host.text().map(|name| (name.to_owned(), host.line)));
    }
    let strict = root.get("enableStrictSsl");
    if strict.is_false() {
        installer.unverified.push(("enableStrictSsl".to_owned(), strict.line));
    }
    installer.ignores_scripts = root.get("enableScripts").is_false();
    installer
}

fn conda(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Installer {
    let root = first_document(text, limits, defects);
    let mut installer = Installer::new(Ecosystem::Conda, "condarc");
    for key in ["channels", "default_channels", "channel_alias"] {
        for channel in root.get(key).one_or_many() {
            if let Some(url) = channel.text() {
                installer.index(url, None, false, channel.line);
            }
        }
    }
    let verify = root.get("ssl_verify");
    if verify.is_false() {
        installer.unverified.push(("ssl_verify".to_owned(), verify.line));
    }
    installer
}

fn cargo(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Installer {
    let (root, mut found) = toml_tree::read_text(text, limits);
    defects.append(&mut found);
    let mut installer = Installer::new(Ecosystem::Cargo, "cargo-config");
    for entry in root.get("registries").entries() {
        let url = entry.node.get("index").text_or_empty();
        installer.index(url.strip_prefix("sparse+").unwrap_or(url), Some(&entry.key), false, entry.line);
        if let Some(token) = entry.node.get("token").text() {
            installer.credential(
                &format!("registries.{}.token", entry.key),
                token,
                entry.node.get("token").line,
            );
        }
    }
    for entry in root.get("source").entries() {
        if let Some(url) = entry.node.get("registry").text() {
            installer.index(url.strip_prefix("sparse+").unwrap_or(url), Some(&entry.key), false, entry.line);
        }
    }
    installer
}

fn first_document(text: &str, limits: &Limits, defects: &mut Vec<Defect>) -> Node {
    let mut read = yaml::read_text(text, limits);
    defects.append(&mut read.defects);
    read.documents.into_iter().next().unwrap_or_default()
}
