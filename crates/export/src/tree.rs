//! JSON trees without what is not known: absent facts leave no key behind.

use serde_json::Value;

/// The same tree without `null`, empty lists and empty objects, at any depth.
pub(crate) fn tidy(value: Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, tidy(value)))
                .filter(|(_, value)| !is_empty(value))
                .collect(),
        ),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(tidy).filter(|value| !is_empty(value)).collect())
        }
        value => value,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

/// Indented JSON with a line feed at the end.
pub(crate) fn bytes(value: &Value) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Text in an address: everything but letters, digits and a few signs as `%XX`.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A UUID of version 8 (RFC 9562, section 5.8) out of a name, so that the same review has the same number.
pub(crate) fn uuid(name: &str) -> String {
    let mut bytes = *vauban_domain::Digest::of(name.as_bytes()).bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_known_leaves_no_key() {
        let value = json!({"a": null, "b": {"c": []}, "d": [null, {"e": {}}], "f": false, "g": ""});
        assert_eq!(tidy(value), json!({"f": false, "g": ""}));
    }
}
