//! Workflows and composite actions of GitHub.

use super::{Ci, Job, Permission, Step, System, Variable};
use crate::yaml::Node;

pub(super) fn read(root: &Node) -> Ci {
    let mut ci =
        Ci { system: System::GitHub, name: root.get("name").text_or_empty().to_owned(), ..Ci::default() };
    // YAML 1.1 reads the key `on` as a truth.
    let on = if root.get("on").is_null() { root.get("true") } else { root.get("on") };
    for entry in on.entries() {
        ci.triggers.push((entry.key.clone(), entry.line));
    }
    for item in on.one_or_many().iter().filter(|item| !item.is_map()) {
        ci.triggers.push((item.text_or_empty().to_owned(), item.line));
    }
    ci.permissions = permissions(root.get("permissions"));
    ci.variables = variables(root.get("env"));
    for entry in root.get("jobs").entries() {
        ci.jobs.push(job(&entry.key, entry.line, &entry.node));
    }
    let runs = root.get("runs");
    if runs.is_map() {
        let mut action = Job { name: "runs".to_owned(), line: runs.line, ..Job::default() };
        action.steps = steps(runs.get("steps"));
        if let Some(image) = runs.get("image").text().and_then(|image| image.strip_prefix("docker://")) {
            action.images.push((image.to_owned(), runs.get("image").line));
        }
        ci.jobs.push(action);
    }
    ci
}

fn job(name: &str, line: u32, node: &Node) -> Job {
    let texts =
        |node: &Node| node.one_or_many().iter().filter_map(|item| item.text().map(str::to_owned)).collect();
    let runs_on = node.get("runs-on");
    let mut job = Job {
        name: name.to_owned(),
        line,
        runners: if runs_on.is_map() { texts(runs_on.get("labels")) } else { texts(runs_on) },
        permissions: permissions(node.get("permissions")),
        condition: node.get("if").text_or_empty().to_owned(),
        needs: texts(node.get("needs")),
        variables: variables(node.get("env")),
        steps: steps(node.get("steps")),
        calls: node.get("uses").text().map(str::to_owned),
        ..Job::default()
    };
    let container = node.get("container");
    let services = node.get("services").entries().iter().map(|entry| &entry.node);
    for place in std::iter::once(container).chain(services) {
        let image = if place.is_map() { place.get("image") } else { place };
        if let Some(text) = image.text().filter(|text| !text.is_empty()) {
            job.images.push((text.to_owned(), image.line));
        }
        for part in [place.get("options"), place.get("volumes")] {
            for text in part.one_or_many().iter().filter_map(Node::text) {
                job.options.push_str(text);
                job.options.push(' ');
            }
        }
    }
    job
}

fn steps(node: &Node) -> Vec<Step> {
    let items = node.items().iter().enumerate();
    items
        .map(|(index, step)| {
            let text = |key: &str| step.get(key).text_or_empty().to_owned();
            let named = ["id", "name"].into_iter().find_map(|key| step.get(key).text());
            Step {
                name: named.map_or_else(|| (index + 1).to_string(), str::to_owned),
                line: step.line,
                uses: text("uses"),
                run: text("run"),
                run_line: step.get("run").line,
                shell: text("shell"),
                condition: text("if"),
                with: variables(step.get("with")),
                variables: variables(step.get("env")),
            }
        })
        .collect()
}

fn permissions(node: &Node) -> Vec<Permission> {
    if let Some(all) = node.text() {
        let access = all.strip_suffix("-all").unwrap_or(all).to_owned();
        return vec![Permission { scope: "*".to_owned(), access, line: node.line }];
    }
    let entries = node.entries().iter().map(|entry| Permission {
        scope: entry.key.clone(),
        access: entry.node.text_or_empty().to_owned(),
        line: entry.line,
    });
    let all: Vec<Permission> = entries.collect();
    // `permissions: {}` takes every right away.
    if all.is_empty() && node.is_map() {
        return vec![Permission { scope: "*".to_owned(), access: "none".to_owned(), line: node.line }];
    }
    all
}

pub(super) fn variables(node: &Node) -> Vec<Variable> {
    let entries = node.entries().iter().map(|entry| {
        // GitLab can describe a variable: its value is one level below.
        let value = entry.node.text().or_else(|| entry.node.get("value").text());
        Variable { name: entry.key.clone(), value: value.unwrap_or_default().to_owned(), line: entry.line }
    });
    entries.collect()
}
