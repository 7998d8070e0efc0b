//! How services for machine learning are known from what they answer to `GET`: what to ask, what shows which product it
//! is, where it says its version and whether that can be believed, what shows that it asks nobody to sign in.
//!
//! The table is data (`data/fingerprints.yaml`), each entry with answers that must be known by it and answers that must
//! not. Nothing here asks anybody: `connect` records answers, and who has a recording compares it with the table.

mod recognise;

use std::collections::BTreeMap;

use serde::Deserialize;
use vauban_domain::{AssetKind, Layer};

pub use recognise::{Answer, Authentication, Item, Listed, Package, Recognised, Version};

/// What can be done with a service by those whom it lets in: which rule speaks when it lets in everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// Code of one's own runs on it.
    Jobs,
    /// Notebooks and their kernels.
    Notebooks,
    /// What is stored as vectors and documents.
    Vectors,
    /// Models and their records, to read and to replace.
    Registry,
    /// Answers of a model.
    Inference,
    /// Something else: files, labels, boards.
    Other,
}

/// A product.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Stable id, `mlflow`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What kind of asset it is.
    pub kind: AssetKind,
    /// Its MAESTRO component kind.
    pub component: String,
    /// Its MAESTRO layer.
    pub layer: Layer,
    /// What those get whom it lets in.
    pub gives: Gives,
    /// Ports it usually listens on.
    pub ports: Vec<u16>,
    /// The package it comes as, in purl's words: `pypi/mlflow`; empty if it comes as none.
    pub package: String,
    /// Whether many products answer so, and a narrower entry is to be preferred.
    pub generic: bool,
    /// What to ask to know it; the conditions may name more.
    pub is: Vec<Condition>,
    /// Where it says its version.
    pub version: Vec<Reading>,
    /// What shows that it asks nobody to sign in.
    pub open: Vec<Condition>,
    /// What shows that it does.
    pub closed: Vec<Condition>,
    /// What it lists.
    pub lists: Vec<Listing>,
    /// Packages that are part of it and say their version.
    pub parts: Vec<Part>,
    /// Where this is documented.
    pub source: String,
    /// Answers by which it must be known.
    pub examples: Vec<Sample>,
    /// Answers by which it must not.
    pub counterexamples: Vec<Sample>,
}

/// Something that one answer must have; all that is given holds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Path that was asked, with its query.
    pub path: String,
    /// Status codes, any of which will do; 200 unless given.
    #[serde(default = "fine")]
    pub status: Vec<u16>,
    /// Headers, in lower case, and what each holds somewhere, in any case.
    #[serde(default)]
    pub header: BTreeMap<String, String>,
    /// Texts that are all in the body.
    #[serde(default)]
    pub body: Vec<String>,
    /// What the body starts with.
    #[serde(default)]
    pub starts: String,
    /// JSON pointers and what is there: `*` for anything, `word*` for a beginning.
    #[serde(default)]
    pub json: BTreeMap<String, String>,
}

fn fine() -> Vec<u16> {
    vec![200]
}

/// Where something can be read in an answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Path that was asked.
    pub path: String,
    /// JSON pointer; empty for the whole of a JSON text.
    #[serde(default)]
    pub json: Option<String>,
    /// Header to read, in lower case.
    #[serde(default)]
    pub header: Option<String>,
    /// Texts in the body (or header) after which it stands, each looked for behind the one before.
    #[serde(default)]
    pub after: Vec<String>,
    /// Why it cannot be believed, if so: a constant, a version of something else.
    #[serde(default)]
    pub doubt: String,
}

/// A list that a service gives away.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// What is listed.
    pub what: Item,
    /// Path to ask.
    pub path: String,
    /// JSON pointer to the list, or to the only entry.
    #[serde(default)]
    pub items: String,
    /// JSON pointer from an entry to its name; empty if the entry is the name.
    #[serde(default)]
    pub name: String,
    /// What names of entries end in, if others are left out.
    #[serde(default)]
    pub ends: String,
    /// What stands before the name of a model in ids: `huggingface`, `ollama`; the service itself if empty.
    #[serde(default)]
    pub names: String,
}

/// A package that is part of a service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// In purl's words: `pypi/jupyterlab`.
    pub package: String,
    /// Where its version is.
    pub version: Reading,
}

/// Recorded answers and what they show.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The answers.
    pub answers: Vec<SampleAnswer>,
    /// The version they show.
    #[serde(default)]
    pub version: Option<String>,
    /// `none`, `required` or `unknown`.
    #[serde(default)]
    pub authentication: Option<String>,
    /// Names that are listed.
    #[serde(default)]
    pub lists: Vec<String>,
}

/// One recorded answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleAnswer {
    /// Path that was asked.
    pub path: String,
    /// Status.
    #[serde(default = "ok")]
    pub status: u16,
    /// Headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Body.
    #[serde(default)]
    pub body: String,
}

const fn ok() -> u16 {
    200
}

#[derive(Deserialize)]
struct File {
    services: Vec<ServiceFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFile {
    id: String,
    name: String,
    kind: String,
    component: String,
    layer: String,
    gives: Gives,
    ports: Vec<u16>,
    #[serde(default)]
    package: String,
    #[serde(default)]
    generic: bool,
    is: Vec<Condition>,
    #[serde(default)]
    version: Vec<Reading>,
    #[serde(default)]
    open: Vec<Condition>,
    #[serde(default)]
    closed: Vec<Condition>,
    #[serde(default)]
    lists: Vec<Listing>,
    #[serde(default)]
    parts: Vec<Part>,
    source: String,
    examples: Vec<Sample>,
    counterexamples: Vec<Sample>,
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fingerprints {
    /// By id.
    pub services: Vec<Service>,
}

impl Fingerprints {
    pub(crate) fn builtin() -> Self {
        let file: File = crate::yaml::read(include_str!("../../data/fingerprints.yaml"))
            .expect("the compiled-in file is tested");
        Self { services: file.services.into_iter().map(service).collect() }
    }

    /// The product with this id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// Ports that any product usually listens on, each once, sorted.
    pub fn usual_ports(&self) -> Vec<u16> {
        let mut ports: Vec<u16> = self.services.iter().flat_map(|service| service.ports.clone()).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// What to ask of whatever answers at a port to know what it is, each path once: those by which the usual products
    /// of that port are known first, those of products that many answer like last.
    pub fn questions(&self, port: u16) -> Vec<&str> {
        let mut order: Vec<&Service> = self.services.iter().collect();
        order.sort_by_key(|service| (!service.ports.contains(&port), service.generic));
        let mut asked = Vec::new();
        for condition in order.into_iter().flat_map(|service| &service.is) {
            if !asked.contains(&condition.path.as_str()) {
                asked.push(condition.path.as_str());
            }
        }
        asked
    }
}

impl Service {
    /// What else to ask once it is known, each path once.
    pub fn further_questions(&self) -> Vec<&str> {
        let versions = self.version.iter().map(|reading| &reading.path);
        let conditions = self.open.iter().chain(&self.closed).map(|condition| &condition.path);
        let lists = self.lists.iter().map(|list| &list.path);
        let parts = self.parts.iter().map(|part| &part.version.path);
        let mut asked: Vec<&str> = Vec::new();
        for path in versions.chain(conditions).chain(lists).chain(parts) {
            if !asked.contains(&path.as_str()) {
                asked.push(path);
            }
        }
        asked
    }
}

fn service(file: ServiceFile) -> Service {
    Service {
        kind: AssetKind::parse(&file.kind).expect("the compiled-in file is tested"),
        layer: Layer::ALL
            .into_iter()
            .find(|layer| layer.id() == file.layer)
            .expect("the compiled-in file is tested"),
        id: file.id,
        name: file.name,
        component: file.component,
        gives: file.gives,
        ports: file.ports,
        package: file.package,
        generic: file.generic,
        is: file.is,
        version: file.version,
        open: file.open,
        closed: file.closed,
        lists: file.lists,
        parts: file.parts,
        source: file.source,
        examples: file.examples,
        counterexamples: file.counterexamples,
    }
}

#[cfg(test)]
mod tests;
