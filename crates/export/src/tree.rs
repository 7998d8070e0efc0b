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
    written(vauban_domain::Digest::of(name.as_bytes()).bytes(), 8)
}

/// The same in the shape of version 4, for formats that allow no other: it looks random and is not.
pub(crate) fn uuid_4(name: &str) -> String {
    written(vauban_domain::Digest::of(name.as_bytes()).bytes(), 4)
}

/// A UUID of version 5 (RFC 9562, section 5.5): SHA-1 of a namespace and a name.
pub(crate) fn uuid_5(namespace: [u8; 16], name: impl AsRef<[u8]>) -> String {
    use sha1::Digest as _;
    written(&sha1::Sha1::new().chain_update(namespace).chain_update(name).finalize(), 5)
}

/// The first sixteen bytes with version and variant set, in hexadecimal groups.
fn written(bytes: &[u8], version: u8) -> String {
    let mut hex = String::with_capacity(36);
    for (at, byte) in bytes.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            hex.push('-');
        }
        let byte = match at {
            6 => byte & 0x0f | version << 4,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        hex.push_str(&format!("{byte:02x}"));
    }
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn version_5_is_that_of_other_libraries() {
        // Python: uuid.uuid5(uuid.NAMESPACE_DNS, "python.org").
        let dns = *b"\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4\x00\xc0\x4f\xd4\x30\xc8";
        assert_eq!(uuid_5(dns, "python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
        assert_eq!(uuid_4("a").as_bytes()[14], b'4');
        assert_eq!(uuid("a").as_bytes()[14], b'8');
    }

    #[test]
    fn what_is_not_known_leaves_no_key() {
        let value = json!({"a": null, "b": {"c": []}, "d": [null, {"e": {}}], "f": false, "g": ""});
        assert_eq!(tidy(value), json!({"f": false, "g": ""}));
    }
}
