//! How far results are not known, what drives them, whether controls pay and what waiting costs.

mod estate;

use estate::{Estate, days_ago, good_control, weak_model};
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::{plan, risk};
use vauban_domain::{AppetitePoint, DriverKind, Incident, Interval, Locator, LossRange};
use vauban_knowledge::Knowledge;

fn incident(days: i64, loss: Option<f64>) -> Incident {
    Incident {
        date: days_ago(days),
        system: "clinic".to_owned(),
        impact: "integrity".to_owned(),
        loss,
        what: String::new(),
        locator: Locator::file("vauban.toml"),
    }
}

fn assess(estate: &Estate, knowledge: &Knowledge) -> vauban_domain::Risk {
    risk::assess(&ThreatGraph::new(&estate.facts(), knowledge), None, 200_000, 7)
}

fn width(interval: Interval) -> f64 {
    interval.high - interval.low
}

#[test]
fn what_is_not_known_is_wider_than_what_was_not_simulated() {
    let (estate, knowledge) = weak_model(vec![good_control()]);
    let risk = assess(&estate, &knowledge);
    let known = risk.total.expected_range.unwrap();
    assert_eq!(risk.draws, 400);
    assert!(width(known) > 20.0 * width(risk.total.mean_interval));
    // The frequency is gamma with shape .15 x 2 and rate 2: 95 % of it lies below .6862 (scipy.stats.gamma), 5 % below 1.7e-5.
    // Of 400 draws, four standard errors of that percentile are .33.
    assert!((known.high / 100_000.0 - 0.6862).abs() < 0.33, "{known:?}");
    assert!(known.low < 100.0, "{known:?}");
    assert_eq!(risk.scenarios[0].expected_range, Some(known));
    let error = risk.scenarios[0].simulation_error;
    assert!(error.low < 15_000.0 && 15_000.0 < error.high && width(error) < 1_000.0, "{error:?}");
}

#[test]
fn a_long_record_leaves_little_doubt() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    let wide = assess(&estate, &knowledge).total.expected_range.unwrap();
    // Thirty events in a hundred years: gamma with shape 30.3 and rate 102, 90 % between .214 and .391.
    estate.declaration.incidents = (0..30).map(|event| incident(1_000 * event + 1, None)).collect();
    estate.declaration.systems[0].incidents_since = Some(days_ago(36_525));
    let known = assess(&estate, &knowledge).total.expected_range.unwrap();
    assert!((known.low - 21_400.0).abs() < 1_500.0 && (known.high - 39_100.0).abs() < 2_500.0, "{known:?}");
    assert!(known.high / known.low < 2.5 && wide.high / wide.low > 100.0);
}

#[test]
fn recorded_losses_move_the_declared_range_and_say_so() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    estate.declaration.systems[0].losses.clear();
    estate.loses("integrity", 10_000.0, 1_000_000.0);
    let before = assess(&estate, &knowledge);
    // The size of a loss counts whether or not the record is complete; one that cost nothing does not.
    estate.declaration.incidents =
        vec![incident(10, Some(5_000.0)), incident(20, Some(0.0)), incident(30, None)];
    let after = assess(&estate, &knowledge);
    let (before, after) = (&before.scenarios[0], &after.scenarios[0]);
    assert_eq!((before.loss_low, before.loss_high), (10_000.0, 1_000_000.0));
    // The median 100,000 moves by a fifth of the way on the log scale: x (1/20)^(1/5) = .5493.
    let median = (after.loss_low * after.loss_high).sqrt();
    assert!((median - 54_928.0).abs() < 10.0, "{median}");
    assert!((after.frequency - before.frequency).abs() < 1e-12);
    assert!(
        after
            .basis
            .iter()
            .any(|line| line.starts_with("declared: 1 recorded losses move the mean loss per event")),
        "{:?}",
        after.basis
    );
}

#[test]
fn a_most_likely_loss_makes_a_pert() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    let range = LossRange { low: 10_000.0, likely: Some(40_000.0), high: 130_000.0 };
    estate.declaration.systems[0].losses.insert("integrity".to_owned(), range);
    let risk = assess(&estate, &knowledge);
    // Mean (10 + 4 x 40 + 130) / 6 = 50 thousand, .15 times a year.
    let error = risk.scenarios[0].simulation_error;
    assert!(error.low < 7_500.0 && 7_500.0 < error.high, "{error:?}");
    assert!(risk.scenarios[0].basis[0].contains("40,000 most likely"), "{:?}", risk.scenarios[0].basis);
    assert!(risk.scenarios[0].loss_low > 10_000.0 && risk.scenarios[0].loss_high < 130_000.0);
    let range = LossRange { low: 10_000.0, likely: Some(1.0), high: 130_000.0 };
    estate.declaration.systems[0].losses.insert("integrity".to_owned(), range);
    assert!(assess(&estate, &knowledge).assumptions.iter().any(|line| line.contains("cannot be fitted")));
}

#[test]
fn a_control_pays_with_the_probability_that_the_closed_form_gives() {
    let (estate, knowledge) = weak_model(vec![good_control()]);
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let mut planned = plan::plan(&graph);
    let delay = risk::returns(&graph, &mut planned, 200_000, 7).unwrap();
    let step = &planned.plan.steps[0];
    let back = step.return_on_control.unwrap();
    assert_eq!((back.draws, back.years, step.cost), (400, 40_000, 100.0));
    // It removes .8 x frequency x 100,000, on average 12,000, and costs 100: pays when the gamma with shape .3 and rate 2 is
    // above .00125, with probability .8155 (scipy.stats.gamma); four standard errors of 400 draws are .08.
    assert!((back.expected_probability - 0.8155).abs() < 0.08, "{back:?}");
    assert!((back.net_benefit - 11_900.0).abs() < 5_500.0, "{back:?}");
    // A year has an event that it stops with probability 1 - E[exp(-.8 f)] = 1 - (2 / 2.8)^.3 = .0960.
    assert!((back.probability - 0.0960).abs() < 0.03, "{back:?}");
    assert!((back.range.low + 100.0).abs() < 1e-9, "a quiet year costs the control: {back:?}");
    assert!(back.expected_range.low < back.net_benefit && back.net_benefit < back.expected_range.high);
    // 12,000 a year are 1,000 a month, for the step and, as it is the only one, for the plan.
    let of_step = step.cost_of_delay.unwrap();
    assert!(
        (of_step.month - 1_000.0).abs() < 1e-6 && (of_step.quarter - 3_000.0).abs() < 1e-6,
        "{of_step:?}"
    );
    assert_eq!(of_step, delay);
}

#[test]
fn nothing_is_said_to_pay_where_no_loss_is_declared_or_nothing_drawn() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let mut planned = plan::plan(&graph);
    assert_eq!(risk::returns(&graph, &mut planned, 0, 7), None);
    assert_eq!(risk::assess(&graph, None, 0, 7).total.expected_range, None);
    estate.declaration.systems.clear();
    let graph = ThreatGraph::new(&estate.facts(), &knowledge);
    let mut planned = plan::plan(&graph);
    assert_eq!(risk::returns(&graph, &mut planned, 10_000, 7), None);
    assert!(planned.plan.steps.iter().all(|step| step.return_on_control.is_none()));
}

#[test]
fn every_driver_is_moved_alone() {
    let (mut estate, mut knowledge) = weak_model(vec![good_control()]);
    knowledge.priors.attempts[0].low = 0.5;
    knowledge.priors.attempts[0].high = 4.0;
    knowledge.controls[0].effectiveness.low = 0.4;
    knowledge.controls[0].effectiveness.high = 0.9;
    estate.declaration.systems[0].losses.clear();
    estate.loses("integrity", 50_000.0, 200_000.0);
    let model = estate.assets[0].id.clone();
    estate.exercise(&model, "AML.T0043", true, &["good"]);
    let drivers = assess(&estate, &knowledge).drivers;
    // .2 of .15 events a year are left at an effectiveness of .8.
    let mean = 100_000.0 * (0.5 * (4.0_f64.ln() / 3.289_707_253_902_945).powi(2)).exp();
    let ends = |kind| {
        let driver = drivers.iter().find(|driver| driver.kind == kind).unwrap();
        (driver.loss_at_low, driver.loss_at_high)
    };
    let close = |(low, high): (f64, f64), expected: (f64, f64)| {
        assert!(
            (low / expected.0 - 1.0).abs() < 1e-6 && (high / expected.1 - 1.0).abs() < 1e-6,
            "{low} {high}"
        );
    };
    close(ends(DriverKind::Frequency), (0.015 * mean, 0.12 * mean));
    close(ends(DriverKind::Magnitude), (0.03 * 50_000.0, 0.03 * 200_000.0));
    close(ends(DriverKind::Control), (0.15 * 0.6 * mean, 0.15 * 0.1 * mean));
    assert!(drivers.windows(2).all(|pair| pair[0].swing() >= pair[1].swing()));
    assert!(
        drivers.iter().all(|driver| driver.basis.contains("assumed") || driver.basis.contains("declared"))
    );
}

#[test]
fn every_point_of_the_appetite_has_a_verdict_and_how_sure_it_is() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    estate.declaration.appetite = [(50_000.0, 0.05), (50_000.0, 0.15), (1e9, 0.01)]
        .map(|(loss, probability)| AppetitePoint { loss, probability })
        .to_vec();
    let risk = assess(&estate, &knowledge);
    let held: Vec<bool> = risk.verdicts.iter().map(|verdict| verdict.held).collect();
    // 1 - exp(-.15) = .139 of years lose something.
    assert_eq!(held, [false, true, true]);
    let (first, last) = (risk.verdicts[0], risk.verdicts[2]);
    assert!((first.probability - 0.1393).abs() < 0.004);
    // The draws of the frequency are mostly far below its mean, so that the first point holds in more than half of them.
    assert!((0.4..0.8).contains(&first.confidence.unwrap()), "{first:?}");
    assert!(first.range.unwrap().low < 0.01 && first.range.unwrap().high > 0.3, "{first:?}");
    assert_eq!(last.confidence, Some(1.0));
}
