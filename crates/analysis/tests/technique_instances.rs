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
