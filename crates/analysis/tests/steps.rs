//! What a step of a path stands on, and who has done it before.

mod estate;

use estate::{Estate, kind, knowledge, rule};
use vauban_analysis::{ThreatGraph, cascade};
use vauban_domain::{AssetKind, Family, PathStep, RelationKind, Severity};
use vauban_knowledge::Knowledge;

/// Paths from data, of which nothing is known, to a model of which something is.
fn steps(estate: &Estate, knowledge: &Knowledge) -> Vec<PathStep> {
    let facts = estate.facts();
    let graph = ThreatGraph::new(&facts, knowledge);
    let paths = cascade::paths(&graph, 5);
    paths.into_iter().find(|path| path.steps.len() == 2).expect("data leads to the model").steps
}

fn estate() -> (Estate, Knowledge) {
    let mut estate = Estate::default();
    let data = estate.asset(AssetKind::Dataset, "dataset", "d");
    let model = estate.asset(AssetKind::Model, "model", "m");
    estate.relate(&model, RelationKind::TrainedOn, &data);
    estate.loses("integrity", 100_000.0, 200_000.0);
    let mut kinds = vec![kind("L2.1", "dataset", &[("L1.1", 0.6)]), kind("L1.1", "model", &[])];
    kinds[0].atlas = vec!["AML.T0020".to_owned()];
    kinds[1].atlas = vec!["AML.T0043".to_owned()];
    (estate, knowledge(kinds, Vec::new()))
}

#[test]
fn findings_measurements_and_alerts_are_told_apart() {
    let (mut estate, knowledge) = estate();
    let model = estate.assets[1].id.clone();
    estate.find(&rule("weak", Family::Artifact, Severity::High, "AML.T0043@2026.09"), &model);
    estate.find(&rule("alarm", Family::Detection, Severity::High, "AML.T0043@2026.09"), &model);
    estate.measure(&model, "AML.T0043", 5, 10);
    let steps = steps(&estate, &knowledge);
    let first = &steps[0].evidence;
    assert!(first.findings.is_empty() && first.measurements.is_empty() && first.alerts.is_empty());
    let last = &steps[1].evidence;
    assert_eq!(last.findings, [estate.findings[0].fingerprint.clone()]);
    assert_eq!(last.alerts, [estate.findings[1].fingerprint.clone()]);
    assert_eq!(last.measurements, [estate.measurements[0].id.clone()]);
}

#[test]
fn case_studies_are_real_use_the_technique_and_begin_with_incidents() {
    let (estate, knowledge) = estate();
    let steps = steps(&estate, &knowledge);
    for step in &steps {
        let technique = step.technique.as_ref().expect("the threat has one");
        assert!(!step.case_studies.is_empty() && step.case_studies.len() <= 2, "{technique}");
        for named in &step.case_studies {
            let study = knowledge.atlas.case_study(&named.id).expect("it is in ATLAS");
            assert_eq!((&*named.name, named.incident), (study.name.as_str(), study.kind == "incident"));
            let uses = |step: &vauban_knowledge::atlas::CaseStep| step.technique.starts_with(&**technique);
            assert!(study.steps.iter().any(uses), "{}", study.id);
        }
        assert!(step.case_studies.is_sorted_by_key(|study| !study.incident));
    }
    // The later of the two incidents with poisoned training data.
    assert_eq!(steps[0].case_studies[0].id, "AML.CS0002");
}
