//! Compose files: services with their images, ports, environment, volumes and rights.
//!
//! <https://github.com/compose-spec/compose-spec/blob/main/spec.md>. Variables are left as they are written.

#[cfg(test)]
mod tests;

use crate::yaml::{self, Node};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// The format.
pub const FORMAT: Format = Format {
    name: "compose",
    extensions: &["yaml", "yml"],
    recognise,
    parse: |input| {
        let (compose, defects) = parse(input);
        Parsed { format: FORMAT.name, facts: Facts::Compose(compose), defects, members: Vec::new() }
    },
};

/// The facts of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compose {
    /// The text, for what looks at lines.
    pub source: String,
    /// In the order written.
    pub services: Vec<Service>,
}

/// One service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// Its key.
    pub name: String,
    /// One-based line of the key.
    pub line: u32,
    /// Image, with defaults of variables filled in; empty if it is only built.
    pub image: String,
    /// Line of the image.
    pub image_line: u32,
    /// Folder that it is built from.
    pub build: Option<String>,
    /// Words of `entrypoint` and `command`.
    pub command: Vec<String>,
    /// Variables; no value if the one of the shell is handed on.
    pub environment: Vec<Variable>,
    /// Published ports.
    pub ports: Vec<Port>,
    /// Mounts, as `source:target` is written.
    pub volumes: Vec<(String, u32)>,
    /// Line of `privileged: true`.
    pub privileged: Option<u32>,
    /// Capabilities added.
    pub capabilities: Vec<String>,
    /// `network_mode`, `pid` and `ipc` that are `host`.
    pub host_namespaces: Vec<String>,
    /// Services that it starts after.
    pub depends_on: Vec<String>,
    /// Files with variables.
    pub environment_files: Vec<String>,
}

/// A variable of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Name.
    pub name: String,
    /// Value as written.
    pub value: Option<String>,
    /// One-based line.
    pub line: u32,
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Address of the host that it is bound to; empty for all.
    pub host: String,
    /// Port of the host as written; empty for any.
    pub published: String,
    /// Port in the container.
    pub target: String,
    /// One-based line.
    pub line: u32,
}

impl Port {
    /// Whether other machines reach it.
    pub fn is_open(&self) -> bool {
        !matches!(self.host.as_str(), "127.0.0.1" | "localhost" | "::1" | "[::1]")
    }
}

impl Service {
    /// The value of a variable, its name in any case.
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.environment.iter().find(|variable| variable.name.eq_ignore_ascii_case(name))
    }

    /// Last part of the image without registry, tag and digest: `vllm-openai`.
    pub fn image_name(&self) -> &str {
        let image = self.image.split('@').next().unwrap_or_default();
        let last = image.rsplit('/').next().unwrap_or(image);
        last.split(':').next().unwrap_or(last)
    }

    /// The image without tag and digest: `vllm/vllm-openai`.
    pub fn repository(&self) -> &str {
        let image = self.image.split('@').next().unwrap_or_default();
        match image.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => name,
            _ => image,
        }
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    if !matches!(input.extension().as_str(), "yaml" | "yml") {
        return Recognised::No;
    }
    let name = input.file_name().to_lowercase();
    let named =
        name.starts_with("docker-compose") || name.starts_with("compose.") || name.starts_with("compose-");
    let head = String::from_utf8_lossy(input.head(1 << 16));
    let mut services = false;
    let mut images = false;
    for line in head.lines() {
        let line = line.trim_start_matches('\u{feff}');
        if line.starts_with("apiVersion:") || line.starts_with("jobs:") || line.starts_with("stages:") {
            return Recognised::No;
        }
        services |= line.trim_end() == "services:";
        // Of a service: two levels below.
        let inner = line.trim_start();
        images |=
            line.len() > inner.len() + 1 && (inner.starts_with("image:") || inner.starts_with("build:"));
    }
    if services && (images || named) { Recognised::ByShape } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> (Compose, Vec<Defect>) {
    let read = yaml::read(input);
    let (source, _) = yaml::text_of(input.bytes, &input.budget.limits);
    let mut compose = Compose { source: source.into_owned(), services: Vec::new() };
    for document in &read.documents {
        for entry in document.get("services").entries().iter().take(input.budget.limits.members) {
            compose.services.push(service(&entry.key, entry.line, &entry.node));
        }
    }
    (compose, read.defects)
}

fn service(name: &str, line: u32, node: &Node) -> Service {
    let image = node.get("image");
    let build = node.get("build");
    let mut service = Service {
        name: name.to_owned(),
        line,
        image: defaults(image.text_or_empty()),
        image_line: image.line,
        build: build.text().or_else(|| build.get("context").text()).map(str::to_owned),
        privileged: node.entry("privileged").filter(|entry| entry.node.is_true()).map(|entry| entry.line),
        ..Service::default()
    };
    for key in ["entrypoint", "command"] {
        for part in node.get(key).one_or_many() {
            let words =
                part.text_or_empty().split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned());
            service.command.extend(words);
        }
    }
    let environment = node.get("environment");
    for entry in environment.entries() {
        let value = entry.node.text().map(str::to_owned);
        service.environment.push(Variable { name: entry.key.clone(), value, line: entry.line });
    }
    for item in environment.items() {
        let text = item.text_or_empty();
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        service.environment.push(Variable { name: name.to_owned(), value, line: item.line });
    }
    service.ports = node.get("ports").items().iter().filter_map(port).collect();
    for volume in node.get("volumes").items() {
        let text = match volume.text() {
            Some(text) => text.to_owned(),
            None => {
                format!("{}:{}", volume.get("source").text_or_empty(), volume.get("target").text_or_empty())
            }
        };
        service.volumes.push((text, volume.line));
    }
    let texts = |key: &str| -> Vec<String> {
        let node = node.get(key);
        let keys = node.entries().iter().map(|entry| entry.key.clone());
        keys.chain(node.one_or_many().iter().filter_map(|item| item.text().map(str::to_owned))).collect()
    };
    service.capabilities = texts("cap_add");
    service.depends_on = texts("depends_on");
    service.environment_files = texts("env_file");
    for key in ["network_mode", "pid", "ipc"] {
        if node.get(key).text() == Some("host") {
            service.host_namespaces.push(key.to_owned());
        }
    }
    service
}

/// `[host:]published:target[/protocol]`, `target`, or the long form.
fn port(node: &Node) -> Option<Port> {
    let line = node.line;
    if node.is_map() {
        let text = |key: &str| node.get(key).text_or_empty().to_owned();
        return Some(Port {
            host: text("host_ip"),
            published: text("published"),
            target: text("target"),
            line,
        });
    }
    let text = defaults(node.text()?);
    let text = text.split('/').next().unwrap_or_default().to_owned();
    let (host, ports) = match text.rsplitn(3, ':').collect::<Vec<_>>().as_slice() {
        [target, published, host] => ((*host).to_owned(), ((*published).to_owned(), (*target).to_owned())),
        [target, published] => (String::new(), ((*published).to_owned(), (*target).to_owned())),
        [target] => (String::new(), (String::new(), (*target).to_owned())),
        _ => return None,
    };
    Some(Port { host, published: ports.0, target: ports.1, line })
}

/// `${NAME:-default}` and `${NAME-default}` as their default; other variables as they are.
fn defaults(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        out.push_str(&rest[..at]);
        let inner = &rest[at + 2..];
        let Some(end) = inner.find('}') else { break };
        match inner[..end].split_once('-') {
            Some((_, default)) => out.push_str(default),
            None => out.push_str(&rest[at..at + 3 + end]),
        }
        rest = &inner[end + 1..];
        if out.len() > 4096 {
            break;
        }
    }
    if out.len() <= 4096 {
        out.push_str(rest);
    }
    out
}
