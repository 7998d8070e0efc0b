//! Pipelines of GitLab.

use super::github::variables;
use super::{Ci, Include, Job, Step, System};
use crate::yaml::Node;

/// Keys at the first level that are no jobs.
const GLOBAL: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "pages",
    "services",
    "spec",
    "stages",
    "variables",
    "workflow",
];

pub(super) fn read(root: &Node) -> Ci {
    let mut ci = Ci { system: System::GitLab, variables: variables(root.get("variables")), ..Ci::default() };
    for include in root.get("include").one_or_many() {
        if let Some(place) = include.text() {
            let kind = if place.contains("://") { "remote" } else { "local" };
            let (kind, place) = (kind.to_owned(), place.to_owned());
            ci.includes.push(Include { kind, place, reference: None, line: include.line });
            continue;
        }
        for kind in ["remote", "project", "template", "component", "local"] {
            if let Some(place) = include.get(kind).text() {
                let reference = include.get("ref").text().map(str::to_owned);
                let reference = reference.or_else(|| include.get("integrity").text().map(str::to_owned));
                let (kind, place) = (kind.to_owned(), place.to_owned());
                ci.includes.push(Include { kind, place, reference, line: include.line });
            }
        }
    }
    let mut shared = job("default", root.line, root);
    let default = job("default", root.line, root.get("default"));
    shared.images.extend(default.images);
    shared.steps.extend(default.steps);
    if !shared.images.is_empty() || !shared.steps.is_empty() {
        ci.jobs.push(shared);
    }
    for entry in
        root.entries().iter().filter(|entry| entry.key == "pages" || !GLOBAL.contains(&entry.key.as_str()))
    {
        if entry.node.is_map() {
            ci.jobs.push(job(&entry.key, entry.line, &entry.node));
        }
    }
    ci
}

fn job(name: &str, line: u32, node: &Node) -> Job {
    let mut job = Job { name: name.to_owned(), line, ..Job::default() };
    let is_global = name == "default";
    if !is_global {
        job.variables = variables(node.get("variables"));
    }
    job.runners =
        node.get("tags").one_or_many().iter().filter_map(|tag| tag.text().map(str::to_owned)).collect();
    let services = node.get("services").items().iter();
    for place in std::iter::once(node.get("image")).chain(services) {
        let image = if place.is_map() { place.get("name") } else { place };
        if let Some(text) = image.text().filter(|text| !text.is_empty()) {
            job.images.push((text.to_owned(), image.line));
        }
    }
    for key in ["before_script", "script", "after_script"] {
        let script = node.get(key);
        let mut step =
            Step { name: key.to_owned(), line: script.line, run_line: script.line, ..Step::default() };
        let mut waiting: Vec<&Node> = script.one_or_many().iter().rev().collect();
        // Anchors put lists into lists.
        while let Some(part) = waiting.pop() {
            if part.is_list() {
                waiting.extend(part.items().iter().rev());
            } else if let Some(text) = part.text() {
                step.run.push_str(text);
                step.run.push('\n');
            }
        }
        if !step.run.is_empty() {
            job.steps.push(step);
        }
    }
    job
}
