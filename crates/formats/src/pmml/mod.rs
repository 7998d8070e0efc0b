//! PMML: the functions it calls, the scripts and extensions it carries.
//!
//! Source: PMML 4.4, <https://dmg.org/pmml/v4-4-1/GeneralStructure.html>; JPMML-Evaluator, which takes the name of an
//! unknown function for the name of a Java class.

use std::collections::BTreeSet;

use crate::xml::{self, Seen, Xml, attribute, attributes};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How PMML is found and read.
pub const FORMAT: Format = Format { name: "pmml", extensions: &["pmml"], recognise, parse };

/// A model in PMML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pmml {
    /// Version of PMML.
    pub version: String,
    /// What wrote it.
    pub application: String,
    /// Kinds of models in it.
    pub models: BTreeSet<String>,
    /// Functions that are called.
    pub called: BTreeSet<String>,
    /// Functions that it defines.
    pub defined: BTreeSet<String>,
    /// Functions that call themselves, directly or through others.
    pub endless: BTreeSet<String>,
    /// Elements that are scripts: name of the element with its language, and the text.
    pub scripts: Vec<(String, String)>,
    /// Texts and values in extensions, by element and attribute.
    pub extensions: Vec<(String, String)>,
    /// The document.
    pub xml: Xml,
}

/// Characters kept of a text.
const TEXT: usize = 2_000;
/// Texts kept.
const TEXTS: usize = 10_000;

fn recognise(input: &Input<'_>) -> Recognised {
    if !matches!(input.bytes.first(), Some(b'<' | 0xef | 0xfe | 0xff | 0 | b' ' | b'\t' | b'\n' | b'\r')) {
        return Recognised::No;
    }
    match xml::head(input) {
        Some(head) if xml::begins_with(&head, &["PMML"]) => Recognised::ByMagic,
        Some(_) if input.extension() == "pmml" => Recognised::ByShape,
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut pmml = Pmml::default();
    let mut open: Vec<(String, String)> = Vec::new();
    let mut function: Option<(usize, String)> = None;
    let mut calls: BTreeSet<(String, String)> = BTreeSet::new();
    let mut lies: Vec<Defect> = Vec::new();
    let mut sized: Option<u64> = None;
    let (document, mut defects) = xml::walk(input, |seen, depth, _| match seen {
        Seen::Start(name, element) => {
            let mut language = String::new();
            match name {
                "PMML" if depth == 0 => pmml.version = attribute(element, "version").unwrap_or_default(),
                "Application" => pmml.application = attribute(element, "name").unwrap_or_default(),
                "Apply" => {
                    if let Some(called) = attribute(element, "function").filter(|_| pmml.called.len() < TEXTS)
                    {
                        if let Some((_, caller)) = &function {
                            calls.insert((caller.clone(), called.clone()));
                        }
                        pmml.called.insert(called);
                    }
                }
                "DefineFunction" => {
                    let name = attribute(element, "name").unwrap_or_default();
                    function = Some((open.len(), name.clone()));
                    pmml.defined.insert(name);
                }
                "Array" => sized = attribute(element, "n").and_then(|count| count.parse().ok()),
                name if name.ends_with("Model") && depth == 1 => {
                    pmml.models.insert(name.to_owned());
                }
                _ => {}
            }
            let inside = open.last().is_some_and(|(outer, _)| outer.starts_with("Extension"));
            let extends = name == "Extension" || inside;
            if is_script(name) || extends {
                language = attributes(element)
                    .filter(|(key, _)| matches!(key.as_str(), "language" | "type" | "extender" | "name"))
                    .map(|(_, value)| value)
                    .collect::<Vec<_>>()
                    .join(" ");
            }
            for (key, value) in attributes(element) {
                let kept = extends || key == "script" || value.contains("script:");
                if kept && pmml.extensions.len() < TEXTS {
                    pmml.extensions.push((format!("{name}@{key}"), value.chars().take(TEXT).collect()));
                }
            }
            let shown =
                if extends && !is_script(name) { format!("Extension {name}") } else { name.to_owned() };
            open.push((shown, language));
        }
        Seen::Text(text) => {
            let Some((name, language)) = open.last() else { return };
            let text = text.trim();
            if name == "Array"
                && let Some(count) = sized.take()
                && count > text.len() as u64 + 1
                && !text.is_empty()
            {
                let detail = format!("an array of {count} elements in {} characters", text.len());
                lies.push(Defect::whole("pmml-array-length", detail));
            }
            if text.is_empty() || pmml.scripts.len() + pmml.extensions.len() > TEXTS {
                return;
            }
            let text: String = text.chars().take(TEXT).collect();
            if is_script(name) {
                pmml.scripts.push((format!("{name} {language}").trim().to_owned(), text));
            } else if name.starts_with("Extension") {
                pmml.extensions.push((name.clone(), text));
            }
        }
        Seen::End => {
            open.pop();
            sized = None;
            if function.as_ref().is_some_and(|(level, _)| *level >= open.len()) {
                function = None;
            }
        }
    });
    lies.truncate(1);
    defects.append(&mut lies);
    pmml.endless = endless(&calls);
    pmml.xml = document;
    Parsed { format: FORMAT.name, facts: Facts::Pmml(pmml), defects, members: Vec::new() }
}

fn is_script(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("script") || name.starts_with("x-python") || name.starts_with("x-java") || name == "x-code"
}

/// Functions from which calls lead back to them.
fn endless(calls: &BTreeSet<(String, String)>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (start, _) in calls {
        let mut open = vec![start.as_str()];
        let mut seen = BTreeSet::new();
        while let Some(caller) = open.pop() {
            for (_, called) in
                calls.range((caller.to_owned(), String::new())..).take_while(|(from, _)| from == caller)
            {
                if called == start {
                    found.insert(start.clone());
                }
                if seen.insert(called.as_str()) && seen.len() < 1000 {
                    open.push(called);
                }
            }
        }
        if found.len() + seen.len() > 2000 {
            break;
        }
    }
    found
}
