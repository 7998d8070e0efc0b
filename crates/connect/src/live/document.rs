//! Writes what was asked and answered as the document that `formats::recording` reads.

use serde_json::{Map, Value, json};
use vauban_formats::recording::{Exchange, KEY};

use super::Kind;

/// The document; the same conversation gives the same bytes.
pub(super) fn write(
    base: &str,
    kind: Kind,
    certificate_trusted: Option<bool>,
    exchanges: &[Exchange],
    stopped: Option<&str>,
) -> Vec<u8> {
    // Written by hand on the outside, so that the key by which it is recognised comes first.
    let mut text =
        format!("{{\n\"{KEY}\": 1,\n\"base\": {},\n\"kind\": \"{}\",\n", json!(base), kind.as_str());
    if let Some(trusted) = certificate_trusted {
        text.push_str(&format!("\"tls\": {{\"certificate_trusted\": {trusted}}},\n"));
    }
    if let Some(stopped) = stopped {
        text.push_str(&format!("\"stopped\": {},\n", json!(stopped)));
    }
    let lines: Vec<String> = exchanges.iter().map(|exchange| one(exchange).to_string()).collect();
    text.push_str(&format!("\"exchanges\": [\n{}\n]\n}}\n", lines.join(",\n")));
    text.into_bytes()
}

fn one(exchange: &Exchange) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| map.insert(key.to_owned(), value);
    put("method", json!(exchange.method));
    put("path", json!(exchange.path));
    if !exchange.sent.is_empty() {
        put("sent", json!(exchange.sent));
    }
    if exchange.signed_in {
        put("signed_in", json!(true));
    }
    if exchange.error.is_empty() {
        put("status", json!(exchange.status));
        let headers: Map<String, Value> =
            exchange.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        put("headers", Value::Object(headers));
        put("body", json!(exchange.body));
    } else {
        put("error", json!(exchange.error));
    }
    if exchange.cut {
        put("cut", json!(true));
    }
    Value::Object(map)
}
