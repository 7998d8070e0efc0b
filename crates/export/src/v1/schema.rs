//! The JSON Schema of this contract, made from the types and their comments.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::Document;

/// The schema (draft 2020-12) as published in `docs/reference/schema/vauban-v1.schema.json`.
pub fn schema_text() -> String {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>().to_value();
    schema["$id"] = "urn:vauban:schema:v1".into();
    absent_not_null(&mut schema);
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// What is not there is absent and never `null`, which the types cannot say.
fn absent_not_null(schema: &mut Value) {
    if let Some(map) = schema.as_object_mut() {
        if let Some(Value::Array(types)) = map.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                map.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
            if let [Value::Object(only)] = choices.as_slice() {
                let only = only.clone();
                map.remove("anyOf");
                map.extend(only);
            }
        }
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(absent_not_null),
        Value::Array(list) => list.iter_mut().for_each(absent_not_null),
        _ => {}
    }
}
