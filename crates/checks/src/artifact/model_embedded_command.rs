//! Texts in models that are commands.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::gguf::Value;

use super::command::command;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A text in the model is a command.
    pub const RULE: "model-embedded-command" {
        family: Artifact,
        severity: Medium,
        title: "a text in the model is a command",
        why: "names, notes and settings of a model are not commands: one that is waits for a tool that runs it, or for a second stage",
        remedy: "find out who put it there; get the model again from its publisher",
        techniques: ["AML.T0011.000@2026.09", "AML.T0018.002@2026.09", "AML.T0010.003@2026.09"],
        mitigations: ["AML.M0011@2026.09", "AML.M0014@2026.09"],
        weaknesses: ["CWE-506", "CWE-94"],
        owasp: ["LLM03:2025", "ML06:2023"],
        threats: ["L1.3@2025-02", "L3.4@2025-02"],
        effect: HiddenPayload,
        when: FirstUse,
        loaders: "none by itself: tools that evaluate attributes, or a second stage",
        source: "EvilModel (2021); advisories on evaluated attributes of model converters",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Artifact(check) };

/// Texts looked at in one file.
const TEXTS: usize = 50_000;

/// Bytes from which on a text is a model card, which may well show commands.
const PROSE: usize = 2_000;

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let mut see = |place: &str, offset: Option<u64>, text: &str| {
        if let Some(found) = command(text) {
            let mut locator = subject.locator.clone();
            locator.offset = offset;
            let message = format!("`{}` holds a command (`{}`)", place.escape_debug(), found.word);
            report.find(&subject.asset.id, message, vec![Evidence::new(locator, found.word, found.excerpt)]);
        }
    };
    match subject.facts {
        Facts::Coreml(model) => {
            for (key, text) in model.texts.iter().take(TEXTS) {
                see(key, None, text);
            }
        }
        Facts::Paddle(program) => {
            for operator in program.operators.iter().take(TEXTS) {
                for (key, text) in &operator.texts {
                    see(key, Some(operator.offset), text);
                }
            }
        }
        Facts::Mxnet(graph) => {
            for operator in graph.operators.iter().take(TEXTS) {
                for (key, text) in &operator.attributes {
                    see(key, None, text);
                }
            }
        }
        // Templates are judged from their syntax tree.
        Facts::Gguf(model) => {
            let pairs = model.metadata.iter().filter(|(key, _)| is_setting(key));
            for (key, value) in pairs {
                see(key, None, key);
                if let Value::Text(text) = value
                    && text.len() <= PROSE
                {
                    see(key, None, text);
                }
            }
        }
        Facts::Safetensors(file) => {
            let settings = file.metadata.iter().filter(|(key, text)| is_setting(key) && text.len() <= PROSE);
            for (key, text) in settings.take(TEXTS) {
                see(key, None, text);
            }
        }
        Facts::Cntk(model) => {
            for (key, text) in model.texts.iter().take(TEXTS) {
                see(key, None, text);
            }
        }
        Facts::Engine(engine) => {
            for (offset, text) in engine.texts.iter().take(TEXTS) {
                see("text", Some(*offset), text);
            }
        }
        Facts::Onnx(model) => {
            let notes = [("doc_string", &model.doc_string), ("producer_name", &model.producer_name)];
            let graphs = model.graph.iter().map(|graph| ("graph.doc_string", &graph.doc_string));
            let pairs = model.metadata.iter().chain(&model.texts).map(|(key, text)| (key.as_str(), text));
            for (key, text) in notes.into_iter().chain(graphs).chain(pairs).take(TEXTS) {
                see(key, None, text);
            }
        }
        Facts::Tflite(model) => {
            for text in model.texts.iter().chain([&model.description]) {
                see("name", None, text);
            }
        }
        Facts::Mat(file) => {
            for (place, text) in &file.texts {
                see(place, None, text);
            }
        }
        Facts::Arrow(table) => table.metadata.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text)),
        Facts::Catboost(model) => model.notes.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text)),
        Facts::Msgpack(tree) => tree.texts.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text)),
        Facts::Parquet(table) => {
            table.metadata.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text))
        }
        Facts::Xgboost(model) => model.texts.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text)),
        Facts::Orbax(metadata) => {
            metadata.texts.iter().take(TEXTS).for_each(|(key, text)| see(key, None, text))
        }
        _ => {}
    }
}

/// Whether a key is no template, which has rules of its own, and no prose, which may well speak of commands.
fn is_setting(key: &str) -> bool {
    const PROSE_KEYS: &[&str] =
        &["card", "comment", "description", "documentation", "license", "notes", "readme"];
    let last = key.rsplit('.').next().unwrap_or(key).to_lowercase();
    !key.contains("template") && !PROSE_KEYS.contains(&last.as_str())
}
