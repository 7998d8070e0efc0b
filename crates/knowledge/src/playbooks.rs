//! Response playbooks: who does what, in which order, when something happens.
//!
//! Shaped so that an export to CACAO 2.0 is a translation, not an invention. Texts are our own.

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
    Vec::new()
}
