//! `tokenizer.json`: what is replaced by what, and the regular expressions; the vocabulary itself is passed over.

use serde::Deserialize;
use serde_json::Value;

use super::{HuggingFace, Replacement, Text};
use crate::Defect;

#[derive(Deserialize)]
struct Tokenizer {
    #[serde(default)]
    added_tokens: Vec<Added>,
    normalizer: Option<Value>,
    pre_tokenizer: Option<Value>,
    post_processor: Option<Value>,
    decoder: Option<Value>,
}

#[derive(Deserialize)]
struct Added {
    #[serde(default)]
    content: String,
}

pub(super) fn read(text: &str) -> (HuggingFace, Option<Defect>) {
    let mut facts = HuggingFace::default();
    let tokenizer: Tokenizer = match serde_json::from_str(text) {
        Ok(tokenizer) => tokenizer,
        // Other files have the name, too.
        Err(_) => return (facts, None),
    };
    for token in tokenizer.added_tokens.into_iter().filter(|token| token.content.len() > 12).take(super::KEPT)
    {
        facts.texts.push(Text { key: "added token".to_owned(), text: token.content, line: 0 });
    }
    let parts = [tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.post_processor, tokenizer.decoder];
    for part in parts.iter().flatten() {
        visit(part, &mut facts, 0);
    }
    (facts, None)
}

fn visit(value: &Value, facts: &mut HuggingFace, depth: usize) {
    if depth > 32 || facts.replacements.len() + facts.patterns.len() > super::KEPT {
        return;
    }
    match value {
        Value::Object(map) => {
            let pattern = map.get("pattern").map(|pattern| match pattern {
                Value::String(text) => text.clone(),
                Value::Object(inner) => {
                    if let Some(Value::String(regex)) = inner.get("Regex") {
                        facts.patterns.push(regex.clone());
                    }
                    inner.values().find_map(Value::as_str).unwrap_or_default().to_owned()
                }
                _ => String::new(),
            });
            if let (Some(pattern), Some(Value::String(content))) = (pattern, map.get("content")) {
                facts.replacements.push(Replacement { pattern, content: content.clone() });
            }
            map.values().for_each(|value| visit(value, facts, depth + 1));
        }
        Value::Array(items) => items.iter().for_each(|item| visit(item, facts, depth + 1)),
        _ => {}
    }
}
