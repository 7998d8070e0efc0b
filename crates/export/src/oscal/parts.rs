//! What both documents begin and end with: who is named, what was looked at, by what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    OSCAL_VERSION,
    identity::{token, uuid},
    word::{plain, property, prose, time},
};
use crate::{
    exporter::ExportError,
    v1::{AssetKind, Document, Finding},
};

/// A document being written: everybody and everything that its other parts point at.
pub(super) struct Sheet<'a> {
    pub(super) document: &'a Document,
    /// When the review was made.
    pub(super) taken_at: String,
    findings: BTreeMap<&'a str, &'a Finding>,
    people: BTreeMap<String, String>,
    subjects: BTreeSet<String>,
    observed: BTreeSet<String>,
    /// Observations in the order in which they were first needed.
    pub(super) observations: Vec<Value>,
}

impl<'a> Sheet<'a> {
    /// # Errors
    /// [`ExportError::Unusable`] when the review does not say when it was made: every OSCAL document has to.
    pub(super) fn new(document: &'a Document, format: &'static str) -> Result<Self, ExportError> {
        let Some(taken_at) = time(&document.review.taken_at) else {
            let why = format!(
                "`review.taken_at` is `{}` and no time; correct it to RFC 3339",
                plain(&document.review.taken_at)
            );
            return Err(ExportError::Unusable { format, why });
        };
        Ok(Self {
            document,
            taken_at,
            findings: document.findings().iter().map(|one| (one.fingerprint.as_str(), one)).collect(),
            people: BTreeMap::new(),
            subjects: BTreeSet::new(),
            observed: BTreeSet::new(),
            observations: Vec::new(),
        })
    }

    /// The number of the item `parts` of this review.
    pub(super) fn uuid(&self, parts: &[&str]) -> String {
        uuid(&self.document.review.id, parts)
    }

    /// The finding with this fingerprint.
    pub(super) fn finding(&self, fingerprint: &str) -> Option<&'a Finding> {
        self.findings.get(fingerprint).copied()
    }

    /// The number of a person, who is thereby named in the document.
    pub(super) fn person(&mut self, name: &str) -> String {
        let number = self.uuid(&["person", name]);
        self.people.insert(name.to_owned(), number.clone());
        number
    }

    /// A reference to an asset, which is thereby described in the document.
    pub(super) fn subject(&mut self, asset: &str) -> Value {
        self.subjects.insert(asset.to_owned());
        json!({"subject-uuid": self.uuid(&["component", asset]), "type": "component", "title": prose(asset)})
    }

    /// Adds the observation numbered `number` unless it is there.
    pub(super) fn observe(&mut self, number: &str, make: impl FnOnce(&mut Self) -> Value) {
        if self.observed.insert(number.to_owned()) {
            let made = make(self);
            self.observations.push(made);
        }
    }

    /// Vauban as the one who says so.
    pub(super) fn origin(&self) -> Value {
        json!({"actors": [{"type": "tool", "actor-uuid": self.uuid(&["tool"])}]})
    }

    /// Title, times and people. Call it last: it names whom the other parts mentioned.
    pub(super) fn metadata(&self, title: &str) -> Value {
        let review = &self.document.review;
        let organisation = &review.declaration.organisation;
        let number = self.uuid(&["organisation"]);
        let mut parties: Vec<Value> = Vec::new();
        if !organisation.is_empty() {
            parties.push(json!({"uuid": number, "type": "organization", "name": plain(organisation)}));
        }
        for (name, uuid) in &self.people {
            parties.push(json!({"uuid": uuid, "type": "person", "name": plain(name)}));
        }
        let prepared: Vec<&String> = [&number].into_iter().filter(|_| !organisation.is_empty()).collect();
        json!({
            "title": format!("{title} of {}", prose(&review.subject)),
            "last-modified": self.taken_at,
            "version": plain(&review.id),
            "oscal-version": OSCAL_VERSION,
            "props": [
                property("review", &review.id),
                property("trigger", review.trigger.as_str()),
                property("tool-version", &review.tool_version),
                property("atlas-edition", &review.atlas_edition),
                property("maestro-edition", &review.maestro_edition),
                property("seed", &review.seed.to_string()),
            ],
            "roles": [
                {"id": "owner", "title": "Who has to do it"},
                {"id": "prepared-by", "title": "Whose systems were reviewed, and who has the document made"},
            ],
            "parties": parties,
            "responsible-parties": (!prepared.is_empty())
                .then(|| json!([{"role-id": "prepared-by", "party-uuids": prepared}])),
        })
    }

    /// Vauban and every asset that something points at.
    pub(super) fn components(&self) -> Vec<Value> {
        let mut components = vec![self.tool()];
        for id in &self.subjects {
            let asset = self.document.asset(id);
            let kind = asset.map(|asset| match asset.kind {
                AssetKind::Endpoint => "service",
                AssetKind::Agent | AssetKind::Model | AssetKind::Notebook => "software",
                AssetKind::Package | AssetKind::Pipeline | AssetKind::Prompt | AssetKind::Tool => "software",
                kind => kind.as_str(),
            });
            let of = |pick: fn(&crate::v1::Asset) -> Option<&str>| asset.and_then(pick).unwrap_or_default();
            components.push(json!({
                "uuid": self.uuid(&["component", id]),
                "type": kind.unwrap_or("not-on-record"),
                "title": prose(asset.map_or(id, |asset| &asset.name)),
                "description": prose(&match asset {
                    Some(asset) => format!("{} on layer {}, known as {}", asset.component, asset.layer, asset.confidence),
                    None => "named by evidence; the review holds no such asset".to_owned(),
                }),
                "props": [
                    property("asset-id", id),
                    property("kind", asset.map_or("", |asset| asset.kind.as_str())),
                    property("version", of(|asset| asset.attribute("version"))),
                    property("digest", of(|asset| asset.digest.as_deref())),
                    property("system", of(|asset| asset.system.as_deref())),
                ],
                "status": {"state": "other", "remarks": "The review does not judge whether it is in operation."},
            }));
        }
        components
    }

    fn tool(&self) -> Value {
        json!({
            "uuid": self.uuid(&["tool"]),
            "type": "software",
            "title": "Vauban",
            "description": "The tool that looked, attacked and wrote this document.",
            "props": [property("version", &self.document.review.tool_version)],
            "status": {"state": "operational"},
        })
    }

    /// The platform that OSCAL asks for beside the components that were assessed.
    pub(super) fn assets(&self) -> Value {
        json!({
            "assessment-platforms": [{
                "uuid": self.uuid(&["platform"]),
                "title": "Vauban",
                "uses-components": [{"component-uuid": self.uuid(&["tool"])}],
            }],
        })
    }
}

/// Who has to do something, if anybody is named.
pub(super) fn owner_role(sheet: &mut Sheet<'_>, owner: &str) -> Option<Value> {
    (!owner.trim().is_empty())
        .then(|| json!([{"role-id": token("owner"), "party-uuids": [sheet.person(owner.trim())]}]))
}
