//! Techniques at assets: where the table puts them, what holds there, and what evidence adds.

mod estate;

use estate::{Estate, rule};
use vauban_analysis::technique::techniques;
use vauban_domain::{AssetKind, Family, RelationKind, Severity, Support};
use vauban_knowledge::Knowledge;

#[test]
fn a_tool_makes_the_difference_for_an_agent() {
    let mut estate = Estate::default();
    let agent = estate.asset(AssetKind::Agent, "agent", "triage");
    let has = |estate: &Estate, id: &str| {
        techniques(&estate.facts(), Knowledge::builtin(), &[])
            .iter()
            .any(|instance| instance.asset == agent && instance.technique == id)
    };
    assert!(has(&estate, "AML.T0051"));
    assert!(!has(&estate, "AML.T0086"), "no tool to carry anything out with");
    let tool = estate.asset(AssetKind::Tool, "tool", "mail");
    estate.relate(&agent, RelationKind::Uses, &tool);
    assert!(has(&estate, "AML.T0086"));
}

#[test]
fn exposure_platform_and_evidence_decide() {
    let mut estate = Estate::default();
    estate.loses("integrity", 1.0, 2.0);
    let endpoint = estate.asset(AssetKind::Endpoint, "inference_endpoint", "api");
    let model = estate.asset(AssetKind::Model, "model", "triage.onnx");
    estate.set(&model, "task", "classification");
    let package = estate.asset(AssetKind::Package, "package", "numpy");
    let find = |estate: &Estate, id: &str| {
        techniques(&estate.facts(), Knowledge::builtin(), &[]).into_iter().find(|instance| instance.id == id)
    };
    // The system is internal: nobody scans it from outside.
    let scan = format!("AML.T0049/{endpoint}");
    assert_eq!(find(&estate, &scan), None);
    estate.declaration.systems[0].exposure = "internet".to_owned();
    let reason = find(&estate, &scan).expect("exposed now").reason;
    assert!(reason.contains("kind inference_endpoint") && reason.contains("from the internet"), "{reason}");
    // A classifier is not jailbroken; its inputs are crafted.
    assert_eq!(find(&estate, &format!("AML.T0054/{model}")), None);
    let craft = format!("AML.T0043/{model}");
    assert_eq!(find(&estate, &craft).map(|instance| instance.support), Some(Support::Structural));
    // A measurement of a sub-technique speaks for the technique, not for its siblings.
    estate.measure(&model, "AML.T0043.000", 3, 10);
    let seen = find(&estate, &craft).expect("still there");
    assert_eq!((seen.support, seen.measurements.len()), (Support::Observed, 1));
    let sibling = find(&estate, &format!("AML.T0043.001/{model}")).expect("placed by the table");
    assert_eq!(sibling.support, Support::Structural);
    // Packages count when something was seen.
    let names = |estate: &Estate| {
        let all = techniques(&estate.facts(), Knowledge::builtin(), &[]);
        all.into_iter().filter(|one| one.asset == package).map(|one| one.id).collect::<Vec<_>>()
    };
    assert!(names(&estate).is_empty());
    estate.find(&rule("bad-package", Family::Dependency, Severity::High, "AML.T0011.001"), &package);
    assert_eq!(names(&estate), [format!("AML.T0011/{package}"), format!("AML.T0011.001/{package}")]);
}

#[test]
fn factors_follow_kind_identity_and_company() {
    let mut estate = Estate::default();
    let first = estate.asset(AssetKind::Agent, "agent", "first");
    let factors = |estate: &Estate, asset: &vauban_domain::AssetId| {
        let all = techniques(&estate.facts(), Knowledge::builtin(), &[]);
        all.into_iter().find(|one| one.asset == *asset).map(|one| one.factors.join(" "))
    };
    assert_eq!(factors(&estate, &first).as_deref(), Some("F1 F2"));
    let role = estate.asset(AssetKind::Identity, "service_identity", "role");
    estate.relate(&first, RelationKind::ActsAs, &role);
    let _ = estate.asset(AssetKind::Agent, "agent", "second");
    let server = estate.asset(AssetKind::Tool, "mcp_server", "files");
    assert_eq!(factors(&estate, &first).as_deref(), Some("F1 F2 F4 F5"));
    assert_eq!(factors(&estate, &server).as_deref(), Some("F3 F5"));
}

#[test]
fn a_declared_flow_that_instructs_an_agent_makes_it_a_channel_and_threats_are_those_at_the_asset() {
    let mut estate = Estate::default();
    let agent = estate.asset(AssetKind::Agent, "agent", "triage");
    let mail = estate.asset(AssetKind::Tool, "tool", "mail");
    let id = format!("AML.T0108/{agent}");
    let has = |estate: &Estate| {
        techniques(&estate.facts(), Knowledge::builtin(), &[]).iter().any(|instance| instance.id == id)
    };
    let flow = |direction: &str| vauban_domain::DataFlow {
        from: mail.to_string(),
        to: agent.to_string(),
        data: Vec::new(),
        boundary: String::new(),
        attributes: [("instructions".to_owned(), direction.to_owned())].into(),
        locator: vauban_domain::Locator::file("vauban.toml"),
    };
    estate.declaration.flows = vec![flow("backward")];
    assert!(!has(&estate), "the agent instructs the tool, not the other way round");
    estate.declaration.flows = vec![flow("forward")];
    assert!(has(&estate));
    let facts = estate.facts();
    let graph = vauban_analysis::ThreatGraph::new(&facts, Knowledge::builtin());
    let threats = vauban_analysis::threat::threats(&graph);
    let all = techniques(&facts, Knowledge::builtin(), &threats);
    assert!(all.iter().any(|one| !one.threats.is_empty()), "some technique brings a threat about");
    for one in &all {
        for id in &one.threats {
            let threat = threats.iter().find(|threat| threat.id == *id).expect("it exists");
            assert_eq!(threat.asset, one.asset);
            assert!(threat.techniques.iter().any(|own| own.split('@').next() == Some(&*one.technique)));
        }
    }
}
