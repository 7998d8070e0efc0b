//! Compares recorded answers with the table.

use serde::Deserialize;
use serde_json::Value;

use super::{Condition, Fingerprints, Listing, Reading, Service};

/// One answer, ready to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer<'a> {
    /// Path that was asked, with its query.
    pub path: &'a str,
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Body, or its beginning.
    pub body: &'a str,
    /// Whether we had signed in: such an answer says nothing about who else is let in.
    pub signed_in: bool,
    json: Option<Value>,
}

impl<'a> Answer<'a> {
    /// An answer; a body that is JSON is read as such.
    pub fn new(
        path: &'a str,
        status: u16,
        headers: Vec<(&'a str, &'a str)>,
        body: &'a str,
        signed_in: bool,
    ) -> Self {
        let json = body.trim_start().starts_with(['{', '[', '"']).then(|| serde_json::from_str(body).ok());
        Self { path, status, headers, body, signed_in, json: json.flatten() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    fn at(&self, pointer: &str) -> Option<&Value> {
        self.json.as_ref()?.pointer(pointer)
    }
}

/// Whether it asks who one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Authentication {
    /// It answers whoever asks.
    None,
    /// It wants one to sign in.
    Required,
    /// Nothing shows it.
    Unknown,
}

impl Authentication {
    /// The word in attributes and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Required => "required",
            Self::Unknown => "unknown",
        }
    }
}

/// What a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Item {
    /// Models.
    Model,
    /// Collections, indexes and tables.
    Collection,
    /// Pipelines and flows.
    Pipeline,
    /// Notebooks.
    Notebook,
}

/// What a service said its version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The version.
    pub text: String,
    /// Path of the answer that says so.
    pub path: String,
    /// Why it cannot be believed; empty if it can.
    pub doubt: String,
}

/// Something that a service lists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// What it is.
    pub what: Item,
    /// Its name there.
    pub name: String,
    /// What stands before names of models in ids; empty for the service itself.
    pub names: String,
    /// Path of the answer that lists it.
    pub path: String,
}

/// A package of which it consists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Package {
    /// In purl's words: `pypi/mlflow`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Path of the answer that says so.
    pub path: String,
}

/// A product that was recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognised<'k> {
    /// The product.
    pub service: &'k Service,
    /// Path of the answer that shows it.
    pub path: String,
    /// What it says its version is.
    pub version: Option<Version>,
    /// Whether it asks who one is, and the path of the answer that shows it.
    pub authentication: (Authentication, String),
    /// What it lists, sorted.
    pub listed: Vec<Listed>,
    /// Packages with versions that can be believed.
    pub packages: Vec<Package>,
}

/// Entries of one list that are kept.
const ENTRIES: usize = 1_000;
/// Bytes of a name that are kept.
const NAME: usize = 300;

impl Fingerprints {
    /// The product that gave these answers; of a generic entry only if no other fits.
    pub fn recognise(&self, answers: &[Answer<'_>]) -> Option<Recognised<'_>> {
        let known = |generic: bool| {
            self.services
                .iter()
                .filter(move |service| service.generic == generic)
                .find_map(|service| Some((service, first(&service.is, answers)?)))
        };
        let (service, shown) = known(false).or_else(|| known(true))?;
        let version = service.version.iter().find_map(|reading| version_of(reading, answers));
        let mut packages: Vec<Package> = service
            .parts
            .iter()
            .filter_map(|part| {
                let Version { text, path, .. } = version_of(&part.version, answers)?;
                Some(Package { name: part.package.clone(), version: text, path })
            })
            .collect();
        if let Some(version) = version.as_ref().filter(|version| version.doubt.is_empty())
            && !service.package.is_empty()
        {
            let (name, path) = (service.package.clone(), version.path.clone());
            packages.push(Package { name, version: bare(&version.text).to_owned(), path });
        }
        packages.sort();
        let mut listed: Vec<Listed> = service.lists.iter().flat_map(|list| listed(list, answers)).collect();
        listed.sort();
        listed.dedup();
        Some(Recognised {
            service,
            path: shown.path.to_owned(),
            version,
            authentication: authentication(service, answers),
            listed,
            packages,
        })
    }
}

fn first<'a, 'b>(conditions: &[Condition], answers: &'b [Answer<'a>]) -> Option<&'b Answer<'a>> {
    conditions.iter().find_map(|condition| answers.iter().find(|answer| holds(condition, answer)))
}

fn authentication(service: &Service, answers: &[Answer<'_>]) -> (Authentication, String) {
    let strangers: Vec<Answer<'_>> = answers.iter().filter(|answer| !answer.signed_in).cloned().collect();
    // One thing that everybody gets outweighs another that nobody does.
    for (conditions, said) in
        [(&service.open, Authentication::None), (&service.closed, Authentication::Required)]
    {
        if let Some(answer) = first(conditions, &strangers) {
            return (said, answer.path.to_owned());
        }
    }
    (Authentication::Unknown, String::new())
}

fn holds(condition: &Condition, answer: &Answer<'_>) -> bool {
    let lower = |text: &str| text.to_lowercase();
    condition.path == answer.path
        && condition.status.contains(&answer.status)
        && condition.header.iter().all(|(name, wanted)| {
            answer.header(name).is_some_and(|value| lower(value).contains(&lower(wanted)))
        })
        && condition.body.iter().all(|wanted| answer.body.contains(wanted.as_str()))
        && answer.body.trim_start().starts_with(condition.starts.as_str())
        && condition.json.iter().all(|(pointer, wanted)| {
            let Some(found) = answer.at(pointer).filter(|found| !found.is_null()) else { return false };
            let text = scalar(found);
            match wanted.strip_suffix('*') {
                Some("") => true,
                Some(beginning) => text.is_some_and(|text| text.starts_with(beginning)),
                None => text.is_some_and(|text| text == *wanted),
            }
        })
}

/// What a text, number or truth value says.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn version_of(reading: &Reading, answers: &[Answer<'_>]) -> Option<Version> {
    let answer =
        answers.iter().find(|answer| answer.path == reading.path && (200..400).contains(&answer.status))?;
    let text = match (&reading.json, &reading.header) {
        (Some(pointer), _) => scalar(answer.at(pointer)?)?,
        (None, Some(header)) => answer.header(header)?.to_owned(),
        (None, None) => answer.body.to_owned(),
    };
    let mut rest = text.as_str();
    for mark in &reading.after {
        rest = rest.split_once(mark.as_str())?.1;
    }
    let rest = rest.trim_start();
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_')))
        .unwrap_or(rest.len());
    let found = rest.get(..end)?;
    // The whole of a text must be the version, unless it was looked for behind a mark.
    let alone = !reading.after.is_empty() || rest.get(end..)?.trim().is_empty();
    (alone && is_version(found)).then(|| Version {
        text: found.to_owned(),
        path: answer.path.to_owned(),
        doubt: reading.doubt.clone(),
    })
}

/// Whether it has the shape of a version and is no placeholder.
fn is_version(text: &str) -> bool {
    let bare = bare(text);
    bare.len() <= 60
        && bare.contains('.')
        && bare.starts_with(|c: char| c.is_ascii_digit())
        && !bare.trim_matches(|c| matches!(c, '0' | '.')).is_empty()
}

/// A version without the letter that tags start with.
fn bare(text: &str) -> &str {
    text.strip_prefix('v').unwrap_or(text)
}

fn listed(list: &Listing, answers: &[Answer<'_>]) -> Vec<Listed> {
    let found = answers
        .iter()
        .filter(|answer| answer.path == list.path && answer.status == 200)
        .find_map(|answer| answer.at(&list.items));
    let entries = match found {
        Some(Value::Array(entries)) => entries.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let names = entries.iter().take(ENTRIES).filter_map(|entry| {
        let name = scalar(entry.pointer(&list.name)?)?;
        let fine = !name.is_empty()
            && name.len() <= NAME
            && name.ends_with(list.ends.as_str())
            && !name.chars().any(char::is_control);
        fine.then_some(name)
    });
    names
        .map(|name| Listed { what: list.what, name, names: list.names.clone(), path: list.path.clone() })
        .collect()
}
