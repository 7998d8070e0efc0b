//! Every threat of MAESTRO and every technique of ATLAS comes about somewhere: for each of them the smallest estate
//! that the tables ask for, and the instance that it must give.

mod estate;

use std::collections::BTreeMap;

use estate::{Estate, kind_of};
use vauban_analysis::{ThreatGraph, technique, threat};
use vauban_domain::{AssetId, AssetKind, RelationKind, Support};
use vauban_knowledge::{Knowledge, Need};

/// One asset of the component kind, with what must hold around it.
fn smallest(component: &str, needs: &[Need]) -> (Estate, AssetId) {
    let mut estate = Estate::default();
    let asset = estate.asset(kind_of(component), component, "x");
    for need in needs {
        match need {
            Need::Exposed => estate.set(&asset, "exposure", "internet"),
            Need::KeptInMemory => flow(&mut estate, &asset, "persistence", "memory"),
            Need::KeptForTraining => flow(&mut estate, &asset, "persistence", "training"),
            Need::Instructed => flow(&mut estate, &asset, "instructions", "forward"),
            Need::Identity => {
                let role = estate.asset(AssetKind::Identity, "service_identity", "role");
                estate.relate(&asset, RelationKind::ActsAs, &role);
            }
            Need::Tool => {
                let tool = estate.asset(AssetKind::Tool, "tool", "tool");
                estate.relate(&asset, RelationKind::Uses, &tool);
            }
            Need::Trained => {
                let data = estate.asset(AssetKind::Dataset, "dataset", "data");
                estate.relate(&asset, RelationKind::TrainedOn, &data);
            }
            Need::Outbound => {
                let outside = estate.asset(AssetKind::Endpoint, "external_service", "outside");
                estate.relate(&asset, RelationKind::SendsTo, &outside);
            }
        }
    }
    (estate, asset)
}

/// A flow from an application to the asset of which something is declared.
fn flow(estate: &mut Estate, asset: &AssetId, key: &str, value: &str) {
    let name = format!("app-{key}-{value}");
    let application = estate.asset(AssetKind::Endpoint, "application", &name);
    estate.relate(&application, RelationKind::SendsTo, asset);
    let relation = estate.relations.last_mut().expect("just added");
    relation.attributes.insert(key.to_owned(), value.to_owned());
}

#[test]
fn every_maestro_threat_comes_about_at_every_component_it_applies_to() {
    let knowledge = Knowledge::builtin();
    assert_eq!(knowledge.maestro.threats.len(), 55);
    let mut of_component: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (component, _) in knowledge.maestro.components() {
        let (estate, _) = smallest(component, &[]);
        let facts = estate.facts();
        let graph = ThreatGraph::new(&facts, knowledge);
        let threats = threat::threats(&graph);
        assert!(
            threats.iter().all(|threat| threat.support == Support::Structural && threat.likelihood > 0.0)
        );
        of_component.insert(component, threats.into_iter().map(|threat| threat.kind.into_owned()).collect());
    }
    for threat in &knowledge.maestro.threats {
        assert!(!threat.applies_to.is_empty(), "{} {}", threat.id, threat.name);
        for component in &threat.applies_to {
            let here = &of_component[component.as_str()];
            assert!(here.contains(&threat.id), "{} {} at a {component}", threat.id, threat.name);
        }
    }
    // A component at which nothing can happen would be a hole in the table.
    let silent: Vec<&str> = of_component
        .iter()
        .filter(|(_, threats)| threats.is_empty())
        .map(|(component, _)| *component)
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn every_atlas_technique_comes_about_at_some_component_of_its_row() {
    let knowledge = Knowledge::builtin();
    assert_eq!(knowledge.atlas.techniques.len(), 208);
    // Rows with the same components and needs share an estate.
    let mut estates: BTreeMap<(&str, Vec<Need>), Vec<String>> = BTreeMap::new();
    let mut nowhere = Vec::new();
    for place in &knowledge.technique_places {
        let mut anywhere = false;
        for component in &place.components {
            // Packages are many and are listed with what was observed only.
            if kind_of(component) == AssetKind::Package {
                continue;
            }
            let ids = estates.entry((component, place.needs.clone())).or_insert_with(|| {
                let (estate, asset) = smallest(component, &place.needs);
                let all = technique::techniques(&estate.facts(), knowledge, &[]);
                all.into_iter()
                    .filter(|one| one.asset == asset)
                    .map(|one| one.technique.to_string())
                    .collect()
            });
            anywhere |= ids.contains(&place.technique);
        }
        if !anywhere {
            nowhere.push(place.technique.as_str());
        }
    }
    assert_eq!(nowhere, Vec::<&str>::new(), "techniques that no estate brings about");
}

#[test]
fn needs_that_do_not_hold_keep_a_technique_away() {
    let knowledge = Knowledge::builtin();
    let mut tried = 0;
    for place in knowledge.technique_places.iter().filter(|place| !place.needs.is_empty()) {
        let Some(component) = place.components.iter().find(|component| kind_of(component) != AssetKind::Tool)
        else {
            continue;
        };
        let (estate, asset) = smallest(component, &[]);
        let all = technique::techniques(&estate.facts(), knowledge, &[]);
        let here = all.iter().any(|one| one.asset == asset && *one.technique == *place.technique);
        assert!(!here, "{} at a bare {component}", place.technique);
        tried += 1;
    }
    assert!(tried >= 15, "{tried}");
}

#[test]
fn threats_say_which_agentic_factors_make_them_worse() {
    let mut estate = Estate::default();
    let first = estate.asset(AssetKind::Agent, "agent", "first");
    estate.asset(AssetKind::Agent, "agent", "second");
    let tool = estate.asset(AssetKind::Tool, "tool", "mail");
    let role = estate.asset(AssetKind::Identity, "service_identity", "role");
    let model = estate.asset(AssetKind::Model, "model", "m");
    estate.relate(&first, RelationKind::ActsAs, &role);
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, Knowledge::builtin());
    let threats = threat::threats(&graph);
    let factors = |asset: &AssetId| {
        threats.iter().find(|threat| threat.asset == *asset).map(|threat| threat.factors.join(" ")).unwrap()
    };
    assert_eq!(factors(&first), "F1 F2 F4 F5");
    assert_eq!(
        (factors(&tool), factors(&role), factors(&model)),
        ("F3 F5".into(), "F4 F5".into(), "F5".into())
    );
}
