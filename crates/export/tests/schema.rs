//! JSON v1 against its published schema.
#![allow(clippy::unwrap_used, reason = "tests fail loudly")]

mod sample;

use serde_json::Value;
use vauban_domain::History;
use vauban_export::v1::{Document, Part, ReadError, SCHEMA, schema_text};

const PUBLISHED: &str = include_str!("../../../docs/reference/schema/vauban-v1.schema.json");

fn json(document: &Document) -> Value {
    serde_json::from_slice(&document.to_json().unwrap()).unwrap()
}

#[test]
fn the_published_schema_is_fresh() {
    assert!(PUBLISHED == schema_text(), "docs/reference/schema is stale; run `cargo xtask gen`");
}

#[test]
fn whole_reviews_and_parts_are_valid() {
    let schema: Value = serde_json::from_str(PUBLISHED).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let review = sample::review();
    let history = sample::history(&review);
    for (parts, history) in
        [(Part::ALL, &history), (Part::ALL, &History::new()), (Part::SCAN, &history), (&[], &history)]
    {
        let value = json(&Document::of(&review, parts, history).with_lanes("<svg/>"));
        let problems: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(problems.is_empty(), "{problems:#?}");
    }
    assert!(!validator.is_valid(&serde_json::json!({ "schema": SCHEMA })));
}

/// Walks every subschema and names the properties that nobody describes.
fn undescribed(schema: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            if property["description"].as_str().is_none_or(str::is_empty) {
                found.push(format!("{path}/{name}"));
            }
        }
    }
    match schema {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| undescribed(value, &format!("{path}/{key}"), found))
        }
        Value::Array(list) => list.iter().for_each(|value| undescribed(value, path, found)),
        _ => {}
    }
}

#[test]
fn every_property_is_described() {
    let mut found = Vec::new();
    undescribed(&serde_json::from_str(PUBLISHED).unwrap(), "", &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn top_level_keys_are_those_of_the_contract() {
    let keys = |parts| -> Vec<String> {
        let value = json(&Document::of(&sample::review(), parts, &History::new()));
        value.as_object().unwrap().keys().cloned().collect()
    };
    let whole = "actions assets cascades compliance coverage findings measurements outcomes placement plan relations \
                 review risk schedule schema techniques threats vendors";
    assert_eq!(keys(Part::ALL).join(" "), whole);
    assert_eq!(keys(Part::SCAN).join(" "), "assets findings outcomes review schema");
}

#[test]
fn unknown_keys_are_ignored_and_other_contracts_refused() {
    let mut value = json(&Document::from(&sample::review()));
    value["added_in_a_later_version"] = Value::Bool(true);
    value["findings"][0]["added"] = Value::Bool(true);
    let read = Document::read(value.to_string().as_bytes()).unwrap();
    assert_eq!(read, Document::from(&sample::review()));
    value["schema"] = Value::String("vauban/v2".to_owned());
    assert!(matches!(Document::read(value.to_string().as_bytes()), Err(ReadError::Schema(_))));
    assert!(matches!(Document::read(b"[1, 2]"), Err(ReadError::Json(_))));
    assert!(matches!(Document::read("[".repeat(100_000).as_bytes()), Err(ReadError::Json(_))));
}
