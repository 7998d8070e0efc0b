//! The JSON Schema of this contract, made from the types and their comments.

use schemars::generate::SchemaSettings;

use super::Document;

/// The schema (draft 2020-12) as published in `docs/reference/schema/vauban-v1.schema.json`.
pub fn schema_text() -> String {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>();
    schema.insert("$id".to_owned(), "urn:vauban:schema:v1".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text.push('\n');
    text
}
