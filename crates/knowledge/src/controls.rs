//! The control library: what can be put in place, what it helps against, what it costs.
//!
//! Everything in the table is our own judgement; effectiveness and cost are expert priors, to be replaced by
//! measurements and by the owner's numbers.

use serde::Deserialize;
use vauban_domain::{Aspect, Layer};

/// A control that can be put on components.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Stable id, lower-case words joined by hyphens: `rate-limit`.
    pub id: String,
    /// Short name for people.
    pub name: String,
    /// What it is, in a sentence or two.
    pub description: String,
    /// What it does about a technique: prevent, detect, respond.
    pub aspects: Vec<Aspect>,
    /// Layer it sits in.
    pub layer: Layer,
    /// MAESTRO component kinds it can be placed on.
    pub components: Vec<String>,
    /// ATLAS techniques it addresses, at [`crate::ATLAS_EDITION`], sorted.
    pub techniques: Vec<String>,
    /// ATLAS mitigations it puts into effect, sorted.
    pub mitigations: Vec<String>,
    /// MAESTRO threats it makes less likely, sorted.
    pub threats: Vec<String>,
    /// Share of successful attempts it stops or turns harmless.
    pub effectiveness: Effectiveness,
    /// First-year cost, low end, in units of about a euro: assumed.
    pub cost_low: f64,
    /// First-year cost, high end: assumed.
    pub cost_high: f64,
    /// Share of the asset's usefulness it takes away, in 0..1: assumed.
    pub utility_cost: f64,
    /// Playbook that puts it in place or uses it.
    pub playbook: String,
    /// Rules that must fall silent when it works.
    pub silences: Vec<String>,
}

/// A three-point estimate in 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effectiveness {
    /// Pessimistic.
    pub low: f64,
    /// Most likely.
    pub mode: f64,
    /// Optimistic.
    pub high: f64,
}

pub(crate) fn builtin() -> Vec<Control> {
    Vec::new()
}
