//! An event as Sigma rules see it: the fields that some rule names, nothing else.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use vauban_formats::otel::{Event, Value};

/// The fields of `event` that are in `fields`; `None` if there are none. Prompts and completions are taken out of
/// their messages, and arguments of tools are put together as text.
pub(crate) fn record(event: &Event, fields: &BTreeSet<String>) -> Option<Json> {
    let mut record = Map::new();
    for field in fields {
        let value = match event.get(field) {
            Some(value) => Some(json(value)),
            None => derived(event, field).map(Json::String),
        };
        if let Some(value) = value {
            record.insert(field.clone(), value);
        }
    }
    (!record.is_empty()).then_some(Json::Object(record))
}

fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::String(text.clone()),
        Value::Integer(integer) => Json::from(*integer),
        Value::Float(float) => Json::from(*float),
        Value::Bool(bool) => Json::Bool(*bool),
        Value::Numbers(numbers) => Json::from(numbers.as_slice()),
    }
}

/// Fields that the conventions of OpenTelemetry hold in another shape.
fn derived(event: &Event, field: &str) -> Option<String> {
    match field {
        "gen_ai.prompt" => messages(event.text("gen_ai.input.messages")?, &["user", "tool"]),
        "gen_ai.completion" => messages(event.text("gen_ai.output.messages")?, &["assistant"]),
        "gen_ai.tool.call.arguments" => {
            let prefix = "gen_ai.tool.call.arguments.";
            let arguments: Map<String, Json> = event
                .attributes
                .iter()
                .filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), json(value))))
                .collect();
            (!arguments.is_empty()).then(|| Json::Object(arguments).to_string())
        }
        _ => None,
    }
}

/// The text of all messages of these roles, one per line; a message without a role counts.
fn messages(text: &str, roles: &[&str]) -> Option<String> {
    let Ok(Json::Array(messages)) = serde_json::from_str(text) else { return Some(text.to_owned()) };
    let mut lines: Vec<&str> = Vec::new();
    for message in &messages {
        let role = message.get("role").and_then(Json::as_str);
        if role.is_some_and(|role| !roles.contains(&role)) {
            continue;
        }
        match (message.get("parts").or_else(|| message.get("content")), message) {
            (Some(Json::Array(parts)), _) => lines.extend(parts.iter().filter_map(part)),
            (Some(Json::String(content)), _) | (None, Json::String(content)) => lines.push(content),
            _ => {}
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The text of a part: what was said, or what a tool answered.
fn part(part: &Json) -> Option<&str> {
    ["content", "text", "response", "result"].into_iter().find_map(|key| part.get(key).and_then(Json::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_taken_out_of_messages() {
        let messages = r#"[{"role":"system","parts":[{"type":"text","content":"obey"}]},
            {"role":"user","parts":[{"type":"text","content":"hello"},{"type":"text","content":"you"}]}]"#;
        let mut event = Event::default();
        event.attributes.insert("gen_ai.input.messages".to_owned(), Value::Text(messages.to_owned()));
        event.attributes.insert("gen_ai.tool.call.arguments.path".to_owned(), Value::Text("/tmp".to_owned()));
        let fields = ["gen_ai.prompt", "gen_ai.tool.call.arguments", "user.id"].map(str::to_owned).into();
        let expected = serde_json::json!({"gen_ai.prompt": "hello\nyou",
            "gen_ai.tool.call.arguments": "{\"path\":\"/tmp\"}"});
        assert_eq!(record(&event, &fields), Some(expected));
        assert_eq!(record(&event, &["user.id".to_owned()].into()), None);
    }
}
