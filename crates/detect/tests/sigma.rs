//! Every Sigma rule of the knowledge base fires on its own examples and on none of its counterexamples.

use serde_json::Value as Json;
use vauban_detect::run;
use vauban_formats::otel::{Event, Value};
use vauban_knowledge::Knowledge;
use vauban_knowledge::detections::Sample;

/// 2026-11-20T00:00:00Z.
const START: i64 = 1_795_132_800_000_000_000;

fn events(sample: &Sample) -> Vec<Event> {
    let spread = i64::from(sample.over) * 1_000_000_000 / i64::from(sample.times.max(1));
    let at = |number: u32| Event {
        id: format!("{number:06}"),
        time_unix_nano: START + i64::from(number) * spread,
        name: String::new(),
        attributes: sample.event.iter().map(|(key, json)| (key.clone(), value(json))).collect(),
    };
    (0..sample.times).map(at).collect()
}

fn value(json: &Json) -> Value {
    match json {
        Json::String(text) => Value::Text(text.clone()),
        Json::Bool(bool) => Value::Bool(*bool),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Float(number.as_f64().unwrap_or_default()),
        },
        other => Value::Text(other.to_string()),
    }
}

fn fires(rule: &str, sample: &Sample) -> bool {
    run(&events(sample), Knowledge::builtin()).iter().any(|alert| alert.rule == rule)
}

#[test]
fn every_rule_can_be_evaluated() {
    assert_eq!(vauban_detect::unusable(Knowledge::builtin()), []);
}

#[test]
fn examples_fire_and_counterexamples_do_not() {
    for detection in &Knowledge::builtin().detections {
        let rule = &detection.rule.id;
        for (number, sample) in detection.examples.iter().enumerate() {
            assert!(fires(rule, sample), "{rule}: example {number} is silent");
        }
        for (number, sample) in detection.counterexamples.iter().enumerate() {
            assert!(!fires(rule, sample), "{rule}: counterexample {number} fires");
        }
    }
}

#[test]
fn a_rule_reads_only_logs_that_hold_its_fields() {
    let mut event = Event { time_unix_nano: START, ..Event::default() };
    event.attributes.insert("user.id".to_owned(), Value::Text("key-one".to_owned()));
    assert!(vauban_detect::readable(std::slice::from_ref(&event), Knowledge::builtin()).is_empty());
    event.attributes.insert("ml.request.input".to_owned(), Value::Numbers(vec![0.0, 1.0]));
    let rules = vauban_detect::readable(&[event], Knowledge::builtin());
    assert!(rules.contains("evasion-probing") && !rules.contains("detection-prompt-injection"));
}
