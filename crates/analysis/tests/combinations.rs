//! Toxic combinations: there with all their parts, gone with any one of them.

mod estate;

use estate::{Estate, NOW, days_ago, rule};
use vauban_analysis::{ThreatGraph, cascade};
use vauban_domain::{
    Acceptance, AssetId, AssetKind, Family, Locator, RelationKind, Rule, Severity, Timestamp,
    ToxicCombination,
};
use vauban_knowledge::Knowledge;

fn combinations(estate: &Estate, kind: &str) -> Vec<ToxicCombination> {
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, Knowledge::builtin());
    let all = cascade::cascades(&graph, &[]).combinations;
    all.into_iter().filter(|one| one.kind == kind).collect()
}

fn weak() -> Rule {
    rule("pickle-code-execution", Family::Artifact, Severity::Critical, "AML.T0018.002@2026.09")
}

fn wide() -> Rule {
    rule("role-wildcard", Family::Access, Severity::High, "AML.T0012@2026.09")
}

/// A service on the internet answers with a model that runs code; it acts as a role that may do anything; its model
/// comes with data about health.
struct Path {
    estate: Estate,
    service: AssetId,
    model: AssetId,
    role: AssetId,
    data: AssetId,
}

fn path() -> Path {
    let mut estate = Estate::default();
    let service = estate.asset(AssetKind::Endpoint, "inference_endpoint", "triage-api");
    let model = estate.asset(AssetKind::Model, "model", "triage.pkl");
    let role = estate.asset(AssetKind::Identity, "service_identity", "serving-role");
    let data = estate.asset(AssetKind::Dataset, "dataset", "records");
    estate.set(&service, "exposure", "internet");
    estate.set(&data, "data", "free text, health");
    estate.relate(&service, RelationKind::Serves, &model);
    estate.relate(&service, RelationKind::ActsAs, &role);
    estate.relate(&service, RelationKind::Reads, &data);
    // The model is a step aside of the way to the data: who runs code in it reads what it reads.
    estate.relate(&model, RelationKind::Reads, &data);
    estate.find(&weak(), &model);
    estate.find(&wide(), &role);
    Path { estate, service, model, role, data }
}

#[test]
fn four_conditions_on_one_way_make_a_combination() {
    let Path { estate, service, model, role, data } = path();
    let found = combinations(&estate, "exposed-path");
    assert_eq!(found.len(), 1, "{found:?}");
    let one = &found[0];
    assert_eq!(one.severity, Severity::Critical);
    let parts: Vec<(&str, &AssetId)> = one.parts.iter().map(|part| (&*part.condition, &part.asset)).collect();
    let expected =
        [("exposure", &service), ("weakness", &model), ("privilege", &role), ("sensitive-data", &data)];
    assert_eq!(parts, expected);
    // Every part says what shows it.
    let fingerprints: Vec<_> = estate.findings.iter().map(|finding| finding.fingerprint.clone()).collect();
    assert_eq!(one.parts[1].findings, [fingerprints[0].clone()]);
    assert_eq!(one.parts[2].findings, [fingerprints[1].clone()]);
    assert!(one.parts[0].shown_by.contains("from the internet"), "{}", one.parts[0].shown_by);
    assert!(one.parts[3].shown_by.contains("holds health"), "{}", one.parts[3].shown_by);
    assert!(
        one.title.contains("endpoint:triage-api -> model:triage.pkl -> dataset:records"),
        "{}",
        one.title
    );
    // Controls act on one of the parts, cheapest first.
    for id in &one.broken_by {
        assert!(Knowledge::builtin().control(id).is_some(), "{id}");
    }
    for expected in ["safe-model-format", "least-privilege-role"] {
        let control = Knowledge::builtin().control(expected).unwrap();
        let dearer = |id: &String| {
            let last = Knowledge::builtin().control(id).unwrap();
            last.cost_low + last.cost_high <= control.cost_low + control.cost_high
        };
        let named = one.broken_by.iter().any(|id| id == expected);
        assert!(named || one.broken_by.iter().all(dearer), "{expected}: {:?}", one.broken_by);
    }
    // In any order of what is known, the same.
    let mut turned = estate.clone();
    turned.assets.reverse();
    turned.relations.reverse();
    turned.findings.reverse();
    assert_eq!(combinations(&turned, "exposed-path"), found);
}

#[test]
fn without_any_one_of_the_four_there_is_none() {
    let none = |change: &dyn Fn(&mut Path)| {
        let mut path = path();
        change(&mut path);
        let found = combinations(&path.estate, "exposed-path");
        assert_eq!(found, [], "{found:?}");
    };
    none(&|path| path.estate.set(&path.service.clone(), "exposure", "internal"));
    none(&|path| path.estate.findings.retain(|finding| finding.asset != path.model));
    none(&|path| path.estate.findings.retain(|finding| finding.asset != path.role));
    none(&|path| path.estate.set(&path.data.clone(), "data", "scanned digits"));
    // Nor where nothing joins them.
    none(&|path| path.estate.relations.retain(|relation| relation.to != path.data));
    none(&|path| path.estate.relations.retain(|relation| relation.kind != RelationKind::ActsAs));
    // A weakness that the owner lives with is no open one, as long as that holds.
    none(&|path| path.estate.declaration.acceptances.push(acceptance(&path.estate, NOW)));
    let mut expired = path();
    expired.estate.declaration.acceptances.push(acceptance(&expired.estate, days_ago(1)));
    assert_eq!(combinations(&expired.estate, "exposed-path").len(), 1);
    // A medium weakness needs preparation.
    let mut medium = path();
    medium.estate.findings[0].severity = Severity::Medium;
    assert_eq!(combinations(&medium.estate, "exposed-path"), []);
}

fn acceptance(estate: &Estate, until: Timestamp) -> Acceptance {
    Acceptance {
        fingerprint: estate.findings[0].fingerprint.to_string(),
        reason: "known".to_owned(),
        until,
        locator: Locator::file("vauban.toml"),
    }
}

#[test]
fn partners_make_it_as_bad_as_the_weakness() {
    let mut path = path();
    path.estate.set(&path.service, "exposure", "partner");
    path.estate.findings[0].severity = Severity::High;
    assert_eq!(combinations(&path.estate, "exposed-path")[0].severity, Severity::High);
}

/// An agent gets mail from outside, reads records by one tool and can post by another.
struct Agent {
    estate: Estate,
    agent: AssetId,
    reader: AssetId,
    poster: AssetId,
}

fn agent() -> Agent {
    let mut estate = Estate::default();
    let agent = estate.asset(AssetKind::Agent, "agent", "assistant");
    let reader = estate.asset(AssetKind::Tool, "tool", "read_record");
    let poster = estate.asset(AssetKind::Tool, "tool", "post");
    let outside = estate.asset(AssetKind::Endpoint, "external_service", "outside");
    estate.relate(&agent, RelationKind::Uses, &reader);
    estate.relate(&agent, RelationKind::Uses, &poster);
    estate.relate(&outside, RelationKind::SendsTo, &agent);
    estate.set(&reader, "private_data", "yes");
    estate.set(&poster, "way_out", "yes");
    Agent { estate, agent, reader, poster }
}

#[test]
fn an_agent_with_all_three_is_named_and_one_with_two_is_not() {
    let Agent { estate, agent: asset, reader, poster } = agent();
    let found = combinations(&estate, "agent-trifecta");
    assert_eq!(found.len(), 1);
    let parts: Vec<(&str, &AssetId)> =
        found[0].parts.iter().map(|part| (&*part.condition, &part.asset)).collect();
    let expected = [("untrusted-input", &asset), ("private-data", &reader), ("way-out", &poster)];
    assert_eq!((parts, found[0].severity), (expected.to_vec(), Severity::High));
    assert!(found[0].parts[0].shown_by.starts_with("declared: "), "{}", found[0].parts[0].shown_by);
    assert!(!found[0].broken_by.is_empty());

    let none = |change: &dyn Fn(&mut Agent)| {
        let mut agent = agent();
        change(&mut agent);
        assert_eq!(combinations(&agent.estate, "agent-trifecta"), []);
    };
    none(&|agent| agent.estate.relations.retain(|relation| relation.kind != RelationKind::SendsTo));
    none(&|agent| agent.estate.set(&agent.reader.clone(), "private_data", "no"));
    none(&|agent| agent.estate.set(&agent.poster.clone(), "way_out", "no"));
    // Tools that another agent has do not count.
    none(&|agent| agent.estate.relations.retain(|relation| relation.to != agent.poster));
    // A person stands in between.
    none(&|agent| agent.estate.set(&agent.poster.clone(), "approval", "yes"));
    none(&|agent| {
        let flow = agent.estate.relations.iter_mut().find(|one| one.kind == RelationKind::SendsTo).unwrap();
        flow.attributes.insert("human_gate".to_owned(), "yes".to_owned());
    });
}

#[test]
fn what_anyone_on_the_internet_can_write_is_critical() {
    let mut agent = agent();
    let flow = agent.estate.relations.iter_mut().find(|one| one.kind == RelationKind::SendsTo).unwrap();
    flow.attributes.insert("boundary".to_owned(), "internet".to_owned());
    assert_eq!(combinations(&agent.estate, "agent-trifecta")[0].severity, Severity::Critical);
}

#[test]
fn one_finding_can_show_all_three() {
    let mut estate = Estate::default();
    let agent = estate.asset(AssetKind::Agent, "agent", "assistant");
    let trifecta = rule("agent-untrusted-to-exit", Family::Agent, Severity::High, "AML.T0086@2026.09");
    estate.find(&trifecta, &agent);
    let found = combinations(&estate, "agent-trifecta");
    assert_eq!(found.len(), 1);
    let fingerprint = estate.findings[0].fingerprint.clone();
    assert!(found[0].parts.iter().all(|part| part.findings == [fingerprint.clone()]));
    assert!(
        found[0].broken_by.iter().any(|control| control == "agent-segmentation"),
        "{:?}",
        found[0].broken_by
    );
}
