//! The control library: what can be put in place, what it helps against, what it costs.
//!
//! Everything in the table is our own judgement; effectiveness and cost are expert priors, to be replaced by
//! measurements and by the owner's numbers.

use serde::Deserialize;
use vauban_domain::{Aspect, ControlTerms, Layer};

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

/// A three-point estimate in 0..1: an expert prior.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effectiveness {
    /// Pessimistic.
    pub low: f64,
    /// Most likely.
    pub mode: f64,
    /// Optimistic.
    pub high: f64,
}

impl Control {
    /// Takes the owner's numbers where there are some. Ranges stay in order: the end that is not declared moves with the
    /// one that is.
    pub fn apply(&mut self, terms: &ControlTerms) {
        self.cost_low = terms.cost_low.unwrap_or(self.cost_low);
        self.cost_high = terms.cost_high.unwrap_or(self.cost_high);
        match terms.cost_high {
            Some(_) => self.cost_low = self.cost_low.min(self.cost_high),
            None => self.cost_high = self.cost_high.max(self.cost_low),
        }
        let effectiveness = &mut self.effectiveness;
        effectiveness.mode = terms.effectiveness.unwrap_or(effectiveness.mode);
        effectiveness.low = terms.effectiveness_low.unwrap_or(effectiveness.low);
        effectiveness.high = terms.effectiveness_high.unwrap_or(effectiveness.high);
        if terms.effectiveness.is_none() {
            effectiveness.mode = effectiveness
                .mode
                .clamp(effectiveness.low.min(effectiveness.high), effectiveness.high.max(effectiveness.low));
        }
        effectiveness.low = effectiveness.low.min(effectiveness.mode);
        effectiveness.high = effectiveness.high.max(effectiveness.mode);
        self.utility_cost = terms.utility_cost.unwrap_or(self.utility_cost);
    }
}

pub(crate) fn builtin() -> Vec<Control> {
    let files: Vec<File> =
        crate::yaml::read(include_str!("../data/controls.yaml")).expect("the compiled-in file is tested");
    let mut controls: Vec<Control> = files.into_iter().map(File::into_fact).collect();
    controls.sort_by(|left, right| left.id.cmp(&right.id));
    controls
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    id: String,
    name: String,
    description: String,
    aspects: Vec<AspectWord>,
    layer: String,
    components: Vec<String>,
    techniques: Vec<String>,
    mitigations: Vec<String>,
    threats: Vec<String>,
    effectiveness: (f64, f64, f64),
    cost: (f64, f64),
    utility: f64,
    playbook: String,
    silences: Vec<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AspectWord {
    Prevent,
    Detect,
    Respond,
}

impl File {
    fn into_fact(mut self) -> Control {
        for list in [&mut self.techniques, &mut self.mitigations, &mut self.threats, &mut self.silences] {
            list.sort();
        }
        let aspects = self.aspects.iter().map(|word| match word {
            AspectWord::Prevent => Aspect::Prevent,
            AspectWord::Detect => Aspect::Detect,
            AspectWord::Respond => Aspect::Respond,
        });
        let (low, mode, high) = self.effectiveness;
        Control {
            aspects: aspects.collect(),
            layer: Layer::from_id(&self.layer).expect("the compiled-in file is tested"),
            id: self.id,
            name: self.name,
            description: self.description,
            components: self.components,
            techniques: self.techniques,
            mitigations: self.mitigations,
            threats: self.threats,
            effectiveness: Effectiveness { low, mode, high },
            cost_low: self.cost.0,
            cost_high: self.cost.1,
            utility_cost: self.utility,
            playbook: self.playbook,
            silences: self.silences,
        }
    }
}
