//! The plan and the loss curves.

mod estate;

use estate::{Estate, NOW, control, good_control, weak_model};
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::{plan, risk};
use vauban_domain::AppetitePoint;
use vauban_knowledge::Knowledge;

fn model() -> (Estate, Knowledge) {
    weak_model(vec![
        control("dear", "model", "L1.1", 0.9, &[]),
        control("elsewhere", "agent", "L1.1", 0.9, &[]),
        good_control(),
        control("useless", "model", "L7.4", 0.9, &[]),
    ])
}

#[test]
fn steps_are_taken_by_risk_removed_per_cost() {
    let (estate, mut knowledge) = model();
    knowledge.controls[0].cost_low = 900.0;
    knowledge.controls[0].cost_high = 1100.0;
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let planned = plan::plan(&graph);
    // .5 events x .3 x 100,000 = 15,000 a year; the good one leaves .2 of that, the dear one then .1, but never less
    // than the residual of .05.
    let steps: Vec<(&str, f64, f64)> = planned
        .plan
        .steps
        .iter()
        .map(|step| (step.control.as_str(), step.risk_removed.round(), step.risk_left.round()))
        .collect();
    assert_eq!(steps, [("good", 12_000.0, 3_000.0), ("dear", 2_250.0, 750.0)]);
    let first = &planned.plan.steps[0];
    assert_eq!(first.silences, ["model-weak"]);
    assert_eq!(first.findings.len(), 1);
    assert_eq!((first.rank, first.cost, first.mitigations.len()), (1, 100.0, 1));
    assert_eq!(first.threats, ["L1.1/model:m"]);
    assert!(planned.plan.unaddressed.is_empty());
}

#[test]
fn of_very_many_candidates_the_best_are_taken_in_order() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    let (asset, finding, system) =
        (estate.assets[0].clone(), estate.findings[0].clone(), estate.declaration.systems[0].clone());
    estate.declaration.systems.clear();
    estate.assets.clear();
    estate.findings.clear();
    for index in 0..400_u32 {
        let (mut asset, mut finding, mut system) = (asset.clone(), finding.clone(), system.clone());
        asset.id = vauban_domain::AssetId::new(asset.kind, &format!("m{index}"));
        asset.system = Some(format!("s{index}"));
        finding.asset = asset.id.clone();
        // Losses in no order that the list of systems has: 7 is no divisor of 400.
        let loss = 1_000.0 * f64::from(index * 7 % 400 + 1);
        system.losses.values_mut().for_each(|range| (range.low, range.high) = (loss, loss));
        system.name = format!("s{index}");
        estate.assets.push(asset);
        estate.findings.push(finding);
        estate.declaration.systems.push(system);
    }
    let planned = plan::plan(&ThreatGraph::new(&estate.facts(), &knowledge));
    let removed: Vec<f64> = planned.plan.steps.iter().map(|step| step.risk_removed.round()).collect();
    // As in the case of one model: of .15 events a year .8 are stopped, largest losses first.
    let largest: Vec<f64> = (0..25).map(|rank| 0.15 * 0.8 * 1_000.0 * f64::from(400 - rank)).collect();
    assert_eq!(removed, largest);
}

#[test]
fn what_is_in_place_or_does_not_pay_is_not_proposed() {
    let (mut estate, mut knowledge) = model();
    let model = estate.assets[0].id.clone();
    estate.exercise(&model, "AML.T0043", true, &["dear"]);
    knowledge.controls[2].cost_low = 1e6;
    knowledge.controls[2].cost_high = 1e6;
    knowledge.controls[2].silences.clear();
    let planned = plan::plan(&ThreatGraph::new(&estate.facts(), &knowledge));
    assert_eq!(planned.plan.steps, []);
    assert_eq!(planned.plan.unaddressed, ["model-weak"]);
    // A claim alone does not count as in place.
    let (mut estate, knowledge) = self::model();
    estate.claim("dear", "clinic", NOW);
    let planned = plan::plan(&ThreatGraph::new(&estate.facts(), &knowledge));
    assert!(planned.plan.steps.iter().any(|step| step.control == "dear"));
}

#[test]
fn open_findings_of_high_severity_are_closed_even_where_money_does_not_ask_for_it() {
    let (mut estate, mut knowledge) = model();
    knowledge.controls[2].cost_high = 1e9;
    knowledge.controls.remove(0);
    estate.declaration.systems[0].losses.clear();
    estate.loses("integrity", 1.0, 2.0);
    let planned = plan::plan(&ThreatGraph::new(&estate.facts(), &knowledge));
    assert_eq!(planned.plan.steps.len(), 1);
    assert!(planned.plan.steps[0].basis[0].contains("closes 1 open findings of high"));
}

#[test]
fn without_prices_the_plan_says_so() {
    let (mut estate, knowledge) = model();
    estate.declaration.systems.clear();
    let planned = plan::plan(&ThreatGraph::new(&estate.facts(), &knowledge));
    assert!(!planned.plan.steps.is_empty());
    for step in &planned.plan.steps {
        assert!(step.basis.iter().any(|line| line.starts_with("unknown: no loss declared")), "{step:?}");
    }
}

#[test]
fn risk_follows_the_declared_range_and_the_plan_lowers_it() {
    let (mut estate, knowledge) = model();
    estate.declaration.appetite = vec![
        AppetitePoint { loss: 50_000.0, probability: 0.05 },
        AppetitePoint { loss: 10_000_000.0, probability: 0.01 },
    ];
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let planned = plan::plan(&graph);
    let risk = risk::assess(&graph, Some(&planned.after), 100_000, 7);
    let scenario = &risk.scenarios[0];
    assert_eq!((scenario.id.as_str(), risk.scenarios.len()), ("clinic/integrity", 1));
    assert!((scenario.frequency - 0.15).abs() < 1e-9);
    assert!(risk.total.mean_interval.low < 15_000.0 && 15_000.0 < risk.total.mean_interval.high);
    assert_eq!(
        scenario.basis[0],
        "declared: integrity loss EUR 100,000 to 100,000 per event, 90 % sure (vauban.toml:3)"
    );
    assert_eq!(risk.exceeded, risk.appetite[..1]);
    let after = risk.after_plan.unwrap();
    assert!(after.mean < risk.total.mean / 10.0);
    assert_eq!(after.value_at_risk_95, 0.0);
}

#[test]
fn a_system_without_a_declared_loss_is_unknown_and_never_nothing() {
    let (mut estate, knowledge) = model();
    estate.declaration.systems[0].losses.clear();
    let risk = risk::assess(&ThreatGraph::new(&estate.facts(), &knowledge), None, 1000, 7);
    assert!(risk.scenarios.is_empty());
    assert!(
        risk.assumptions.contains(
            &"unknown: no loss declared for system `clinic`; it is not in the total (vauban.toml:3)"
                .to_owned()
        ),
        "{:?}",
        risk.assumptions
    );
    estate.loses("integrity", 9.0, 1.0);
    let risk = risk::assess(&ThreatGraph::new(&estate.facts(), &knowledge), None, 1000, 7);
    assert!(risk.assumptions.iter().any(|line| line.contains("cannot be fitted")));
}
