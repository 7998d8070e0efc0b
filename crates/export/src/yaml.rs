//! YAML 1.2 in block style out of a JSON tree.
//!
//! Every text is quoted as JSON quotes it, which YAML reads the same way: no word of a stranger becomes a number, a
//! date, a tag or an alias.

use serde_json::Value;

/// The tree as a YAML document.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    let mut text = String::new();
    block(&mut text, value, 0);
    text.into_bytes()
}

fn block(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                indent(text, depth);
                text.push_str(&name(key));
                text.push(':');
                after(text, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                indent(text, depth);
                text.push('-');
                after(text, item, depth);
            }
        }
        scalar => {
            indent(text, depth);
            text.push_str(&scalar.to_string());
            text.push('\n');
        }
    }
}

/// What stands behind `key:` or `-`: a scalar on the line, everything else below it.
fn after(text: &mut String, value: &Value, depth: usize) {
    let is_empty = match value {
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if is_empty {
        text.push(' ');
        text.push_str(&value.to_string());
        text.push('\n');
    } else {
        text.push('\n');
        block(text, value, depth + 1);
    }
}

/// Plain where it is a plain word, which keys of formats are; quoted otherwise.
fn name(key: &str) -> String {
    let plain = key.starts_with(|first: char| first.is_ascii_lowercase())
        && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        && !matches!(key, "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if plain { key.to_owned() } else { Value::from(key).to_string() }
}

fn indent(text: &mut String, depth: usize) {
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_quoted_and_trees_are_indented() {
        let value = json!({"a b": ["x: y", 1, true, null, {}], "no": {"id": "*alias\n"}, "plain_1": []});
        let text = String::from_utf8(bytes(&value)).unwrap();
        assert_eq!(
            text,
            "\"a b\":\n  - \"x: y\"\n  - 1\n  - true\n  - null\n  - {}\n\"no\":\n  id: \"*alias\\n\"\nplain_1: []\n"
        );
    }
}
