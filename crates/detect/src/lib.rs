//! Detections over normalised events of ML services: pure state machines, events in, alerts out.
//!
//! Extraction and evasion are seen in how a client's inputs lie to each other and to those of its peers; what single
//! events or counts tell is said in Sigma rules of the knowledge base. Nothing here reads a file or a clock.

#![forbid(unsafe_code)]

mod alert;
mod envelope;
mod finding;
mod record;
mod rule;
mod sigma;
mod similar;
mod traffic;

pub use alert::{Alert, Number};
pub use finding::findings;
pub use rule::{BUILTIN, EVASION_PROBING, EXTRACTION_QUERYING, SIMILAR_QUERIES, rules};
pub use sigma::Unusable;
pub use traffic::client;

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::RuleId;
use vauban_formats::otel::Event;
use vauban_knowledge::Knowledge;

use envelope::Envelope;
use sigma::Sigma;

/// Runs every detection over one log, in any order of events; one alert per rule and client, sorted.
pub fn run(events: &[Event], knowledge: &Knowledge) -> Vec<Alert> {
    run_with(events, &[], knowledge)
}

/// As [`run`], with inputs the model was trained on; those of another length than a request's are left out.
pub fn run_with(events: &[Event], training: &[Vec<f32>], knowledge: &Knowledge) -> Vec<Alert> {
    let (mut sigma, _) = Sigma::new(knowledge);
    let mut in_time: Vec<&Event> = events.iter().collect();
    in_time.sort_by(|one, other| (one.time_unix_nano, &one.id).cmp(&(other.time_unix_nano, &other.id)));
    for event in in_time {
        sigma.see(event);
    }
    let mut alerts = sigma.alerts();
    for traffic in traffic::by_model(events) {
        let width = traffic.queries.first().map_or(0, |query| query.point.len());
        let fitting: Vec<Vec<f32>> = training.iter().filter(|input| input.len() == width).cloned().collect();
        if let Some(envelope) = Envelope::calibrate(&traffic, &fitting) {
            alerts.extend(envelope::watch(&traffic, &envelope));
        }
        alerts.extend(similar::watch(&traffic));
    }
    strongest(alerts)
}

/// The rules that can read something in a log; about anything else their silence says nothing.
pub fn readable(events: &[Event], knowledge: &Knowledge) -> BTreeSet<RuleId> {
    let (sigma, _) = Sigma::new(knowledge);
    let mut rules = sigma.readable(events);
    if events.iter().any(|event| event.numbers("ml.request.input").is_some()) {
        rules.extend(BUILTIN.iter().map(|rule| rule.id.clone()));
    }
    rules
}

/// Rules of the knowledge base that cannot be evaluated, and why.
pub fn unusable(knowledge: &Knowledge) -> Vec<Unusable> {
    Sigma::new(knowledge).1
}

/// Keeps the strongest alert of each rule and client.
fn strongest(alerts: Vec<Alert>) -> Vec<Alert> {
    let mut kept: BTreeMap<(String, String), Alert> = BTreeMap::new();
    for alert in alerts {
        let key = (alert.rule.to_string(), alert.client.clone());
        match kept.get(&key) {
            Some(known) if known.score >= alert.score => {}
            _ => {
                kept.insert(key, alert);
            }
        }
    }
    kept.into_values().collect()
}
