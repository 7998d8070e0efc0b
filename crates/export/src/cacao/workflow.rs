//! The steps of a CACAO 2.0 playbook, with those who do them and what they are done to.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::tree::uuid_4;
use crate::v1::Asset;

/// A step that a person takes.
pub(super) struct Doing<'a> {
    /// Name for people.
    pub(super) name: String,
    /// What to do.
    pub(super) action: String,
    /// Who does it.
    pub(super) actor: String,
    /// Word of the vocabulary `playbook-activity-type`.
    pub(super) activity: &'a str,
    /// Ids of targets.
    pub(super) targets: Vec<String>,
}

/// Steps, agents and targets by id.
pub(super) struct Workflow {
    seed: String,
    pub(super) steps: Map<String, Value>,
    pub(super) agents: Map<String, Value>,
    pub(super) targets: Map<String, Value>,
    activities: BTreeSet<String>,
}

impl Workflow {
    /// An empty workflow whose ids are made from `seed`.
    pub(super) fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            steps: Map::new(),
            agents: Map::new(),
            targets: Map::new(),
            activities: BTreeSet::new(),
        }
    }

    fn id(&self, kind: &str, name: &str) -> String {
        format!("{kind}--{}", uuid_4(&format!("{}\n{kind}\n{name}", self.seed)))
    }

    fn step(&mut self, kind: &str, key: &str, mut step: Value) -> String {
        let id = self.id(kind, key);
        step["type"] = json!(kind);
        self.steps.insert(id.clone(), step);
        id
    }

    /// The step that everything begins with.
    pub(super) fn start(&mut self, next: &str) -> String {
        self.step("start", "start", json!({"on_completion": next}))
    }

    /// A step that ends a branch, or everything.
    pub(super) fn end(&mut self, key: &str) -> String {
        self.step("end", key, json!({}))
    }

    /// A step that a person takes before `next`.
    pub(super) fn act(&mut self, key: &str, doing: Doing<'_>, next: &str) -> String {
        let agent = self.agent(&doing.actor);
        self.activities.insert(doing.activity.to_owned());
        let command = json!({"type": "manual", "command": doing.action, "playbook_activity": doing.activity});
        let step = json!({
            "name": doing.name,
            "on_completion": next,
            "commands": [command],
            "agent": agent,
            "targets": doing.targets,
        });
        self.step("action", key, step)
    }

    /// Branches that run side by side, as a branch of its own; a single one needs no fork.
    pub(super) fn side_by_side(
        &mut self,
        key: &str,
        name: &str,
        mut branches: Vec<String>,
    ) -> Option<String> {
        if branches.len() < 2 {
            return branches.pop();
        }
        let end = self.end(&format!("end of {key}"));
        let step = json!({"name": name, "next_steps": branches, "on_completion": end});
        Some(self.step("parallel", key, step))
    }

    /// A fork before `next`: the branch `yes` when the condition holds, nothing when it does not.
    pub(super) fn condition(
        &mut self,
        key: &str,
        name: &str,
        condition: String,
        yes: &str,
        next: &str,
    ) -> String {
        let step = json!({"name": name, "condition": condition, "on_true": yes, "on_completion": next});
        self.step("if-condition", key, step)
    }

    fn agent(&mut self, name: &str) -> String {
        let id = self.id("group", name);
        self.agents.insert(id.clone(), json!({"type": "group", "name": name}));
        id
    }

    /// The asset as something that commands are about.
    pub(super) fn target(&mut self, asset: &Asset) -> String {
        let id = self.id("security-category", &asset.id);
        let target = json!({
            "type": "security-category",
            "name": asset.name,
            "description": format!("{}, {} in layer {}", asset.id, asset.component, asset.layer),
            "category": [asset.component],
        });
        self.targets.insert(id.clone(), target);
        id
    }

    /// Whether there is a step of this type.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.steps.values().any(|step| step["type"] == kind)
    }

    /// What the steps are in CACAO's words, sorted.
    pub(super) fn activities(&self) -> Vec<String> {
        self.activities.iter().cloned().collect()
    }
}
