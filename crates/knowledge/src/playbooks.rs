//! Response playbooks: who does what, in which order, when something happens.
//!
//! Shaped so that an export to CACAO 2.0 is a translation, not an invention. Texts are our own.

use serde::Deserialize;
use vauban_domain::Layer;

/// What to do when something happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// Stable id, `stolen-model`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What starts it.
    pub trigger: String,
    /// First measures by layer: what to cut, freeze or isolate where.
    pub containment: Vec<Containment>,
    /// What to do, in order.
    pub steps: Vec<Step>,
}

/// A measure that keeps harm from passing a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Containment {
    /// Where it acts.
    pub layer: Layer,
    /// What to do there.
    pub action: String,
}

/// One step of a playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Who does it: `model owner`, `platform engineer` ...
    pub actor: String,
    /// What to do.
    pub action: String,
    /// What must be true before the next step; empty when nothing.
    pub done_when: String,
}

pub(crate) fn builtin() -> Vec<Playbook> {
    let files: Vec<File> =
        crate::yaml::read(include_str!("../data/playbooks.yaml")).expect("the compiled-in file is tested");
    let mut playbooks: Vec<Playbook> = files.into_iter().map(File::into_fact).collect();
    playbooks.sort_by(|left, right| left.id.cmp(&right.id));
    playbooks
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    trigger: String,
    containment: Vec<String>,
    steps: Vec<String>,
}

impl File {
    fn into_fact(self) -> Playbook {
        let containment = self.containment.iter().map(|line| {
            let (layer, action) = line.split_once(" | ").unwrap_or(("X", line));
            Containment {
                layer: Layer::from_id(layer).expect("the compiled-in file is tested"),
                action: action.to_owned(),
            }
        });
        let steps = self.steps.iter().map(|line| {
            let mut parts = line.split(" | ").map(str::to_owned);
            Step {
                actor: parts.next().unwrap_or_default(),
                action: parts.next().unwrap_or_default(),
                done_when: parts.next().unwrap_or_default(),
            }
        });
        Playbook {
            id: self.id,
            name: self.name,
            trigger: self.trigger,
            containment: containment.collect(),
            steps: steps.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_step_says_who_what_and_until_when() {
        let playbooks = super::builtin();
        assert!(playbooks.len() >= 15);
        for playbook in playbooks {
            assert!(!playbook.containment.is_empty() && playbook.steps.len() >= 3, "{}", playbook.id);
            for step in &playbook.steps {
                let complete =
                    !step.actor.is_empty() && !step.action.is_empty() && !step.done_when.is_empty();
                assert!(complete, "{}: {step:?}", playbook.id);
            }
        }
    }
}
