//! What a supposed control, an incident and the review before change.

mod estate;

use std::collections::BTreeSet;

use estate::{NOW, days_ago, good_control, weak_model};
use vauban_analysis::graph::ThreatGraph;
use vauban_analysis::schedule::{Earlier, schedule};
use vauban_analysis::{Supposed, gap, risk};
use vauban_domain::{Incident, Locator};
use vauban_knowledge::Knowledge;

fn frequency(facts: &vauban_analysis::Facts<'_>, knowledge: &Knowledge) -> f64 {
    let assessed = risk::assess(&ThreatGraph::new(facts, knowledge), None, 1_000, 1);
    assessed.scenarios.iter().map(|scenario| scenario.frequency).sum()
}

#[test]
fn a_supposed_control_counts_as_one_seen_in_place() {
    let (estate, knowledge) = weak_model(vec![good_control()]);
    let mut facts = estate.facts();
    assert!((frequency(&facts, &knowledge) - 0.15).abs() < 1e-12);
    // Seen in place is worth 70 % of an effectiveness of .8, in spite of the finding that is there today.
    let everywhere = [Supposed { control: "good".to_owned(), at: String::new() }];
    facts.supposed = &everywhere;
    assert!((frequency(&facts, &knowledge) - 0.15 * (1.0 - 0.56)).abs() < 1e-12);
    let elsewhere = [Supposed { control: "good".to_owned(), at: "another".to_owned() }];
    facts.supposed = &elsewhere;
    assert!((frequency(&facts, &knowledge) - 0.15).abs() < 1e-12);
}

#[test]
fn incidents_outweigh_the_prior_where_the_record_is_declared() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    let incident = |days| Incident {
        date: days_ago(days),
        system: "clinic".to_owned(),
        impact: "integrity".to_owned(),
        loss: None,
        what: String::new(),
        locator: Locator::file("vauban.toml"),
    };
    estate.declaration.incidents = vec![incident(10), incident(20), incident(9_000)];
    // Without the beginning of the record nobody knows how long was quiet.
    assert!((frequency(&estate.facts(), &knowledge) - 0.15).abs() < 1e-12);
    let told = risk::assess(&ThreatGraph::new(&estate.facts(), &knowledge), None, 10, 1).assumptions;
    assert_eq!(told.iter().filter(|said| said.contains("incidents_since")).count(), 3);
    // 1,461 days are 4 years: (.15 x 2 + 2) / (2 + 4); the oldest is from before the record.
    estate.declaration.systems[0].incidents_since = Some(days_ago(1_461));
    assert!((frequency(&estate.facts(), &knowledge) - 2.3 / 6.0).abs() < 1e-9);
}

#[test]
fn a_review_says_when_the_next_is_due_and_what_is_new() {
    let (mut estate, knowledge) = weak_model(vec![good_control()]);
    estate.declaration.systems[0].every_days = Some(30);
    let facts = estate.facts();
    let coverage = gap::coverage(&facts, &knowledge);
    let first = schedule(&facts, &coverage, "2026.09", None);
    let due = &first.systems[0];
    assert_eq!((due.next.days_since(NOW), due.late_days, due.last), (30, 0, None));
    assert!(first.new_techniques.is_empty());
    let mut earlier =
        Earlier { taken_at: days_ago(45), atlas_edition: "2026.07".to_owned(), techniques: BTreeSet::new() };
    let second = schedule(&facts, &coverage, "2026.09", Some(&earlier));
    assert_eq!(second.systems[0].late_days, 15);
    assert!(second.new_techniques.iter().any(|technique| technique.starts_with("AML.T0043")));
    earlier.techniques = coverage.iter().map(|row| row.technique.to_string()).collect();
    assert!(schedule(&facts, &coverage, "2026.09", Some(&earlier)).new_techniques.is_empty());
}
