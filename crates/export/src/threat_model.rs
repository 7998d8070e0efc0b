//! The reviewed estate as a model of data flows: what every format of a threat model is made from.
//!
//! Components are the assets that data or instructions pass through, flows are what passes between them, zones are what
//! trusts itself. Packages are ingredients and belong into a bill of materials; they are left out, and the model says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    exporter::ExportError,
    v1::{Asset, AssetKind, Document, RelationKind, Threat},
};

/// Threats that a model keeps for one component, the most likely first.
const THREATS: usize = 25;

/// How much a format takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Components at most.
    pub(crate) components: usize,
    /// Flows and links at most, each.
    pub(crate) flows: usize,
}

impl Bounds {
    /// What tools that keep the model as a document open without trouble.
    pub(crate) const DOCUMENT: Self = Self { components: 5_000, flows: 20_000 };
}

/// A model of data flows.
pub(crate) struct ThreatModel<'a> {
    /// By asset id.
    pub(crate) components: Vec<Component<'a>>,
    /// By from, then to.
    pub(crate) flows: Vec<Flow<'a>>,
    /// Edges along which no data travels, by from, then to.
    pub(crate) links: Vec<Link>,
    /// What trusts itself, by name.
    pub(crate) zones: Vec<Zone>,
    /// What the model does not show, in sentences.
    pub(crate) left_out: Vec<String>,
}

/// An asset in the model.
pub(crate) struct Component<'a> {
    /// The asset.
    pub(crate) asset: &'a Asset,
    /// How it is drawn.
    pub(crate) shape: Shape,
    /// Index of its zone.
    pub(crate) zone: usize,
    /// MAESTRO threats at it, most likely first.
    pub(crate) threats: Vec<&'a Threat>,
}

/// The three things that data flow diagrams know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Somebody else's: the world, a vendor, an identity.
    Outside,
    /// Something that acts.
    Process,
    /// Something that is kept.
    Store,
}

/// Data or instructions from one component to another.
pub(crate) struct Flow<'a> {
    /// Index of the component it comes from.
    pub(crate) from: usize,
    /// Index of the component it goes to.
    pub(crate) to: usize,
    /// Kinds of relation behind it.
    pub(crate) kinds: BTreeSet<RelationKind>,
    /// Its facts: `protocol`, `authentication`, `data`, `boundary` ...
    pub(crate) facts: BTreeMap<&'a str, &'a str>,
}

/// An edge without data: runs on, acts as.
pub(crate) struct Link {
    /// Index of the component where it starts.
    pub(crate) from: usize,
    /// What it means.
    pub(crate) kind: RelationKind,
    /// Index of the component where it ends.
    pub(crate) to: usize,
}

/// What trusts itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Zone {
    /// `outside`, `third parties`, `system form reader` or `no system`.
    pub(crate) name: String,
    /// Trust from 0 to 100, assumed from who can reach it: see [`Zone::BASIS`].
    pub(crate) trust: u32,
}

impl Zone {
    /// Where the numbers come from.
    pub(crate) const BASIS: &'static str = "trust is assumed: 0 outside, 25 third parties, 60 no system; systems have 40 when open to the internet, 60 to partners, 80 to nobody else";
}

impl<'a> ThreatModel<'a> {
    /// The model of a document for `format`, with no more than `bounds` of anything.
    pub(crate) fn of(
        document: &'a Document,
        format: &'static str,
        bounds: Bounds,
    ) -> Result<Self, ExportError> {
        for (part, is_there) in
            [("assets", document.assets.is_some()), ("relations", document.relations.is_some())]
        {
            if !is_there {
                return Err(ExportError::MissingPart { format, part });
            }
        }
        let mut left_out = Vec::new();
        let assets = chosen(document, bounds.components, &mut left_out);
        let zone_of: Vec<Zone> = assets.iter().map(|asset| zone(document, asset)).collect();
        let zones: Vec<Zone> = zone_of.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let mut threats: BTreeMap<&str, Vec<&Threat>> = BTreeMap::new();
        let mut too_many = 0;
        for threat in document.threats.iter().flat_map(|part| &part.instances) {
            let here = threats.entry(&threat.asset).or_default();
            if here.len() < THREATS { here.push(threat) } else { too_many += 1 }
        }
        if too_many > 0 {
            left_out.push(format!(
                "{too_many} threats: only the {THREATS} most likely of each component are kept"
            ));
        }
        let components: Vec<Component<'a>> = assets
            .into_iter()
            .zip(&zone_of)
            .map(|(asset, zone)| Component {
                asset,
                shape: shape(asset),
                zone: zones.binary_search(zone).unwrap_or_default(),
                threats: threats.remove(asset.id.as_str()).unwrap_or_default(),
            })
            .collect();
        let (mut flows, mut links) = edges(document, &components);
        if flows.len() > bounds.flows {
            left_out.push(format!(
                "{} flows: no more than {} are kept",
                flows.len() - bounds.flows,
                bounds.flows
            ));
            flows.truncate(bounds.flows);
        }
        links.truncate(bounds.flows);
        Ok(Self { components, flows, links, zones, left_out })
    }

    /// Title for the head of a model.
    pub(crate) fn title(document: &Document) -> String {
        let organisation = &document.review.declaration.organisation;
        if organisation.is_empty() { document.review.subject.clone() } else { organisation.clone() }
    }

    /// What the model is and what it leaves out, in a few sentences.
    pub(crate) fn description(&self, document: &Document) -> String {
        let mut text = format!(
            "Assets and flows of the review {} of {}, with MAESTRO threats. Packages are left out; a bill of materials lists them.",
            document.review.id, document.review.taken_at
        );
        for one in &self.left_out {
            text.push_str(&format!(" Left out: {one}."));
        }
        text
    }
}

impl Component<'_> {
    /// Facts of the asset that a threat model of another tool can carry.
    pub(crate) fn facts(&self) -> BTreeMap<&str, &str> {
        let asset = self.asset;
        let mut facts: BTreeMap<&str, &str> =
            ["authentication", "exposure", "format", "product", "url", "version"]
                .into_iter()
                .filter_map(|key| Some((key, asset.attribute(key)?)))
                .collect();
        facts.insert("component", &asset.component);
        facts.insert("layer", &asset.layer);
        facts
    }

    /// What it is in a sentence.
    pub(crate) fn sentence(&self) -> String {
        let place = self.asset.locators.first().map(ToString::to_string).unwrap_or_default();
        format!(
            "{} {} on MAESTRO layer {}, {} at {place}",
            self.asset.kind, self.asset.component, self.asset.layer, self.asset.confidence
        )
    }
}

impl Flow<'_> {
    /// The classes of data.
    pub(crate) fn data(&self) -> Vec<&str> {
        let listed = self.facts.get("data").copied().unwrap_or_default();
        listed.split(',').map(str::trim).filter(|one| !one.is_empty()).collect()
    }

    /// What it is called: its data, or else the relations behind it.
    pub(crate) fn name(&self) -> String {
        match self.data() {
            data if data.is_empty() => {
                self.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
            }
            data => data.join(", "),
        }
    }

    /// The fact called `key`; empty where it is not known.
    pub(crate) fn fact(&self, key: &str) -> &str {
        self.facts.get(key).copied().unwrap_or_default()
    }

    /// Whether the protocol encrypts; not known for protocols that may or may not.
    pub(crate) fn encrypts(&self) -> bool {
        let protocol = self.fact("protocol").to_ascii_lowercase();
        ["https", "tls", "wss", "ssh", "sftp", "ftps", "grpcs", "ldaps"]
            .iter()
            .any(|word| protocol.contains(word))
    }
}

/// The assets that the model shows: all but packages, and where they are too many those that most hangs on.
fn chosen<'a>(document: &'a Document, most: usize, left_out: &mut Vec<String>) -> Vec<&'a Asset> {
    let mut assets: Vec<&Asset> =
        document.assets().iter().filter(|asset| asset.kind != AssetKind::Package).collect();
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    if assets.len() <= most {
        return assets;
    }
    let mut weight: BTreeMap<&str, usize> = BTreeMap::new();
    let threats = document.threats.as_ref();
    for step in threats.iter().flat_map(|part| &part.paths).flat_map(|path| &path.steps) {
        *weight.entry(&step.asset).or_default() += 100;
    }
    for threat in threats.iter().flat_map(|part| &part.instances) {
        *weight.entry(&threat.asset).or_default() += 1;
    }
    for relation in document.relations() {
        let worth = if relation.kind == RelationKind::SendsTo { 20 } else { 1 };
        *weight.entry(&relation.from).or_default() += worth;
        *weight.entry(&relation.to).or_default() += worth;
    }
    left_out.push(format!(
        "{} of {} components: those on attack paths and with most flows and threats are kept",
        assets.len() - most,
        assets.len()
    ));
    assets.sort_by_key(|asset| std::cmp::Reverse(weight.get(asset.id.as_str()).copied().unwrap_or_default()));
    assets.truncate(most);
    assets.sort_by(|one, other| one.id.cmp(&other.id));
    assets
}

fn zone(document: &Document, asset: &Asset) -> Zone {
    let named = |name: &str, trust| Zone { name: name.to_owned(), trust };
    match (asset.attribute("role"), &asset.system) {
        (Some("the world outside"), _) => named("outside", 0),
        (Some("vendor"), _) => named("third parties", 25),
        (_, Some(system)) => {
            let known = document.review.declaration.systems.iter().find(|known| known.name == *system);
            let trust = match known.map(|system| system.exposure.as_str()) {
                Some("internet") => 40,
                Some("partner") => 60,
                _ => 80,
            };
            named(&format!("system {system}"), trust)
        }
        (_, None) => named("no system", 60),
    }
}

fn shape(asset: &Asset) -> Shape {
    let kept = [
        "agent_memory",
        "container_image",
        "dataset",
        "document_store",
        "feature_store",
        "log_store",
        "mcp_registry",
        "model_registry",
        "object_store",
        "registry",
        "secret_store",
        "vector_store",
    ];
    match asset.kind {
        AssetKind::Identity => Shape::Outside,
        _ if matches!(asset.attribute("role"), Some("vendor" | "the world outside")) => Shape::Outside,
        AssetKind::Dataset | AssetKind::Model | AssetKind::Package | AssetKind::Prompt => Shape::Store,
        _ if kept.contains(&asset.component.as_str()) => Shape::Store,
        _ => Shape::Process,
    }
}

/// Facts of relations that a model carries.
pub(crate) const FLOW_FACTS: [&str; 11] = [
    "authentication",
    "boundary",
    "data",
    "data_direction",
    "human_gate",
    "identity",
    "instructions",
    "persistence",
    "protocol",
    "rate_limit",
    "tenancy",
];

/// Relations as flows in the direction in which data travels, several between the same two as one.
fn edges<'a>(document: &'a Document, components: &[Component<'a>]) -> (Vec<Flow<'a>>, Vec<Link>) {
    let at: BTreeMap<&str, usize> =
        components.iter().enumerate().map(|(at, component)| (component.asset.id.as_str(), at)).collect();
    let mut flows: BTreeMap<(usize, usize), Flow<'a>> = BTreeMap::new();
    let mut links = Vec::new();
    // What a person declared comes first, so that its facts are the ones that are kept.
    let mut relations: Vec<_> = document.relations().iter().collect();
    relations.sort_by_key(|relation| relation.kind != RelationKind::SendsTo);
    for relation in relations {
        let (Some(&from), Some(&to)) = (at.get(relation.from.as_str()), at.get(relation.to.as_str())) else {
            continue;
        };
        let (from, to) = match relation.kind {
            RelationKind::ActsAs | RelationKind::DependsOn | RelationKind::RunsOn => {
                links.push(Link { from, kind: relation.kind, to });
                continue;
            }
            RelationKind::DerivedFrom
            | RelationKind::EvaluatedOn
            | RelationKind::Loads
            | RelationKind::Reads
            | RelationKind::Serves
            | RelationKind::TrainedOn => (to, from),
            RelationKind::Produces | RelationKind::SendsTo | RelationKind::Uses | RelationKind::Writes => {
                (from, to)
            }
        };
        if from == to {
            continue;
        }
        let flow = flows.entry((from, to)).or_insert_with(|| Flow {
            from,
            to,
            kinds: BTreeSet::new(),
            facts: BTreeMap::new(),
        });
        flow.kinds.insert(relation.kind);
        for key in FLOW_FACTS {
            if let Some(value) = relation.attributes.get(key).filter(|value| !value.is_empty()) {
                flow.facts.entry(key).or_insert(value);
            }
        }
    }
    links.sort_by_key(|link| (link.from, link.to, link.kind));
    (flows.into_values().collect(), links)
}
