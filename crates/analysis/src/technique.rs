//! ATLAS techniques at assets: every technique of the edition at every asset it can happen to.
//!
//! Where a technique can happen is data (`technique-places.csv`): component kinds, and what must hold there. What is
//! not known does not hold. A finding or measurement that names a technique outranks the table. Packages are many;
//! they are listed with observed techniques only.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use vauban_domain::{
    Asset, AssetId, AssetKind, DataFlow, Finding, FlowFacts, Measurement, Persistence, Relation,
    RelationKind, Rule, Support, System, TechniqueId, TechniqueInstance, Threat,
};
use vauban_knowledge::atlas::Technique;
use vauban_knowledge::priors::Exposure;
use vauban_knowledge::{Knowledge, Need, TechniquePlace};

use crate::Facts;
use crate::factor::Factors;
use crate::facts::{Named, bare, by_asset, speaks_for};
use crate::gap::{Served, platform_mismatch, platforms};
use crate::graph::exposure;

/// All technique instances, by asset and then technique; `threats` are what they bring about.
pub fn techniques(facts: &Facts<'_>, knowledge: &Knowledge, threats: &[Threat]) -> Vec<TechniqueInstance> {
    let look = Look::new(facts, knowledge, threats);
    let mut instances: Vec<TechniqueInstance> =
        facts.inventory.assets.par_iter().flat_map_iter(|asset| look.at(asset)).collect();
    instances.sort_by(|left, right| (&left.asset, &left.technique).cmp(&(&right.asset, &right.technique)));
    instances
}

/// Everything instances are read from, indexed.
struct Look<'a, 'k> {
    knowledge: &'k Knowledge,
    places: BTreeMap<&'k str, &'k TechniquePlace>,
    served: Served<'a>,
    systems: BTreeMap<&'a str, &'a System>,
    assets: BTreeMap<&'a AssetId, &'a Asset>,
    factors: Factors<'a>,
    threats: BTreeMap<&'a AssetId, Vec<&'a Threat>>,
    rules: BTreeMap<&'a str, &'a Rule>,
    findings: BTreeMap<&'a AssetId, Vec<&'a Finding>>,
    measurements: BTreeMap<&'a AssetId, Vec<&'a Measurement>>,
    relations: BTreeMap<&'a AssetId, Vec<&'a Relation>>,
    /// Declared flows that begin or end at each asset.
    flows: BTreeMap<&'a AssetId, Vec<Ending<'a>>>,
}

/// A declared flow at one asset.
struct Ending<'a> {
    flow: &'a DataFlow,
    from: bool,
    to: bool,
}

impl<'a, 'k> Look<'a, 'k> {
    fn new(facts: &'a Facts<'a>, knowledge: &'k Knowledge, threats: &'a [Threat]) -> Self {
        let mut relations: BTreeMap<&AssetId, Vec<&Relation>> = BTreeMap::new();
        for relation in facts.inventory.relations {
            relations.entry(&relation.from).or_default().push(relation);
            if relation.from != relation.to {
                relations.entry(&relation.to).or_default().push(relation);
            }
        }
        Self {
            knowledge,
            rules: facts.rules_by_id(),
            findings: by_asset(facts.findings, |finding| &finding.asset),
            measurements: by_asset(facts.measurements, |measurement| &measurement.asset),
            relations,
            flows: flows(facts),
            places: knowledge
                .technique_places
                .iter()
                .map(|place| (place.technique.as_str(), place))
                .collect(),
            served: Served::of(facts),
            systems: facts.declaration.systems.iter().map(|system| (system.name.as_str(), system)).collect(),
            assets: facts.assets_by_id(),
            factors: Factors::new(facts),
            threats: by_asset(threats, |threat| &threat.asset),
        }
    }

    fn at(&self, asset: &'a Asset) -> Vec<TechniqueInstance> {
        // What evidence at the asset names: techniques with the finding or measurement that names them.
        let findings: Vec<_> = at(&self.findings, &asset.id)
            .iter()
            .filter_map(|finding| self.rules.get(finding.rule.as_ref()).map(|rule| (*finding, *rule)))
            .collect();
        let measurements = at(&self.measurements, &asset.id);
        let own = platforms(asset, &self.served);
        let surroundings = Surroundings::of(self, asset);
        let factors = self.factors.of(asset);
        let mut instances = Vec::new();
        for technique in &self.knowledge.atlas.techniques {
            let id = technique.id.as_str();
            let named: Vec<_> = findings
                .iter()
                .filter(|(_, rule)| rule.techniques.iter().any(|own| speaks_for(own, id)))
                .collect();
            let measured: Vec<String> = measurements
                .iter()
                .filter(|measurement| measurement.techniques.iter().any(|own| speaks_for(own, id)))
                .map(|measurement| measurement.id.clone())
                .collect();
            let observed = !named.is_empty() || !measured.is_empty();
            let mismatch = platform_mismatch(technique, asset, &own, self.knowledge).is_some();
            let structural = if asset.kind == AssetKind::Package || mismatch {
                None
            } else {
                self.reason(technique, asset, &surroundings, &own)
            };
            let seen = || {
                let rules: BTreeSet<&str> = named.iter().map(|(_, rule)| rule.id.as_ref()).collect();
                let rules = rules.into_iter().map(str::to_owned);
                rules.chain(measured.iter().cloned()).collect::<Vec<_>>().join(", ")
            };
            let reason = match (structural, observed) {
                (Some(reason), _) => reason,
                (None, true) => format!("observed here, whatever the table says: {} names it", seen()),
                (None, false) => continue,
            };
            let mut fingerprints: Vec<_> =
                named.iter().map(|(finding, _)| finding.fingerprint.clone()).collect();
            fingerprints.sort();
            fingerprints.dedup();
            instances.push(TechniqueInstance {
                id: format!("{id}/{}", asset.id),
                technique: TechniqueId::from(id.to_owned()),
                asset: asset.id.clone(),
                layer: asset.layer,
                support: if observed { Support::Observed } else { Support::Structural },
                reason,
                factors: factors.clone(),
                findings: fingerprints,
                measurements: measured,
                threats: self.threats_by(id, &asset.id),
            });
        }
        instances
    }

    /// The rule that places the technique here, in words; `None` when none does.
    fn reason(
        &self,
        technique: &Technique,
        asset: &Asset,
        surroundings: &Surroundings,
        platforms: &BTreeSet<&'static str>,
    ) -> Option<String> {
        let place = self.places.get(technique.id.as_str())?;
        if !place.components.contains(&asset.component)
            || !place.needs.iter().all(|need| surroundings.holds(*need))
        {
            return None;
        }
        let mut reason = format!("can happen to a component of kind {}", asset.component);
        for need in &place.needs {
            reason.push_str(", and ");
            reason.push_str(words(*need));
        }
        let shared: Vec<&str> = technique
            .platforms
            .iter()
            .map(String::as_str)
            .filter(|platform| platforms.contains(platform))
            .collect();
        if !shared.is_empty() {
            reason.push_str("; platform ");
            reason.push_str(&shared.join(", "));
        }
        Some(reason)
    }

    /// MAESTRO threats at the asset that the technique brings about, sorted.
    fn threats_by(&self, technique: &str, asset: &AssetId) -> Vec<String> {
        let mut ids: Vec<String> = self
            .threats
            .get(asset)
            .into_iter()
            .flatten()
            .filter(|threat| threat.techniques.iter().any(|own| bare(own) == technique))
            .map(|threat| threat.id.clone())
            .collect();
        ids.sort();
        ids
    }
}

/// What is known by asset; empty where nothing is.
fn at<'m, T>(map: &'m BTreeMap<&AssetId, Vec<T>>, asset: &AssetId) -> &'m [T] {
    map.get(asset).map_or(&[], Vec::as_slice)
}

/// Declared flows by the assets that their ends mean.
fn flows<'a>(facts: &Facts<'a>) -> BTreeMap<&'a AssetId, Vec<Ending<'a>>> {
    let named = Named::new(facts.inventory.assets);
    let mut flows: BTreeMap<&AssetId, Vec<Ending<'_>>> = BTreeMap::new();
    for flow in &facts.declaration.flows {
        let (from, to) = (named.meant(&flow.from), named.meant(&flow.to));
        for position in from.union(&to) {
            let (from, to) = (from.contains(position), to.contains(position));
            let asset = &facts.inventory.assets[*position].id;
            flows.entry(asset).or_default().push(Ending { flow, from, to });
        }
    }
    flows
}

/// The condition in words.
const fn words(need: Need) -> &'static str {
    match need {
        Need::Exposed => "it or its system is reached by partners or from the internet",
        Need::KeptInMemory => "what arrives stays in a memory",
        Need::KeptForTraining => "what arrives stays in training data",
        Need::Instructed => "someone can instruct it",
        Need::Identity => "it acts with an identity or is one",
        Need::Tool => "it uses a tool or is one",
        Need::Trained => "the data it was trained on is known",
        Need::Outbound => "it sends something to the outside",
    }
}

/// What holds around an asset.
#[derive(Default)]
struct Surroundings {
    exposed: bool,
    memory: bool,
    training: bool,
    instructed: bool,
    identity: bool,
    tool: bool,
    trained: bool,
    outbound: bool,
}

impl Surroundings {
    fn of(look: &Look<'_, '_>, asset: &Asset) -> Self {
        let wide = |exposure: Exposure| exposure >= Exposure::Partner;
        let said = asset.attribute("exposure").and_then(exposure::parse);
        let system = asset.system.as_deref().and_then(|name| look.systems.get(name));
        let mut holds = Self {
            // What is said about the asset itself outweighs its system.
            exposed: wide(exposure::exposure(asset, &look.systems).0)
                || (said.is_none()
                    && system.and_then(|system| exposure::parse(&system.exposure)).is_some_and(wide)),
            tool: asset.kind == AssetKind::Tool,
            ..Self::default()
        };
        for relation in at(&look.relations, &asset.id) {
            let (from, to) = (relation.from == asset.id, relation.to == asset.id);
            let other = look.assets.get(if from { &relation.to } else { &relation.from });
            match relation.kind {
                RelationKind::ActsAs => holds.identity = true,
                RelationKind::Uses if from => {
                    holds.tool |= other.is_some_and(|other| other.kind == AssetKind::Tool);
                }
                RelationKind::TrainedOn if from => holds.trained = true,
                RelationKind::SendsTo if from => {
                    holds.outbound |= other.is_none_or(|other| other.component == "external_service");
                }
                _ => {}
            }
            holds.flow(&FlowFacts::of(&relation.attributes), from, to);
        }
        for Ending { flow, from, to } in at(&look.flows, &asset.id) {
            holds.outbound |= *from && flow.to == "outside";
            holds.flow(&FlowFacts::of(&flow.attributes), *from, *to);
        }
        holds
    }

    /// Takes in a flow that begins (`from`) or ends (`to`) at the asset.
    fn flow(&mut self, flow: &FlowFacts, from: bool, to: bool) {
        self.memory |= to && flow.persistence == Some(Persistence::Memory);
        self.training |= to && flow.persistence == Some(Persistence::Training);
        self.instructed |= flow
            .instructions
            .is_some_and(|direction| (to && direction.goes_forward()) || (from && direction.goes_backward()));
    }

    const fn holds(&self, need: Need) -> bool {
        match need {
            Need::Exposed => self.exposed,
            Need::KeptInMemory => self.memory,
            Need::KeptForTraining => self.training,
            // Whoever reaches an agent from outside can talk to it.
            Need::Instructed => self.instructed || self.exposed,
            Need::Identity => self.identity,
            Need::Tool => self.tool,
            Need::Trained => self.trained,
            Need::Outbound => self.outbound,
        }
    }
}
