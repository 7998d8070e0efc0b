//! Where each ATLAS technique can happen: component kinds, and what must hold there besides. Our own judgement, as data.

use serde::Deserialize;

use crate::table::{rows, words};

/// Where one technique can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TechniquePlace {
    /// Technique, at [`crate::ATLAS_EDITION`], `AML.T0043.000`.
    pub technique: String,
    /// MAESTRO component kinds, sorted.
    pub components: Vec<String>,
    /// What must hold there, all of it; empty for nothing.
    pub needs: Vec<Need>,
}

/// A condition at an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The asset or its system is reached by partners or from the internet.
    Exposed,
    /// What arrives stays in a memory or index.
    KeptInMemory,
    /// What arrives stays in training data.
    KeptForTraining,
    /// Someone can instruct it.
    Instructed,
    /// It acts with an identity.
    Identity,
    /// It uses a tool.
    Tool,
    /// It was trained on known data.
    Trained,
    /// It sends something to the outside.
    Outbound,
}

impl Need {
    /// All conditions.
    pub const ALL: [Self; 8] = [
        Self::Exposed,
        Self::KeptInMemory,
        Self::KeptForTraining,
        Self::Instructed,
        Self::Identity,
        Self::Tool,
        Self::Trained,
        Self::Outbound,
    ];

    /// The word used in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::KeptInMemory => "flow:persistence=memory",
            Self::KeptForTraining => "flow:persistence=training",
            Self::Instructed => "flow:instructions=in",
            Self::Identity => "identity",
            Self::Tool => "tool",
            Self::Trained => "trained",
            Self::Outbound => "outbound",
        }
    }

    /// Reads what [`Need::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|need| need.as_str() == word)
    }
}

pub(crate) fn builtin() -> Vec<TechniquePlace> {
    rows::<Row>("technique-places", include_str!("../data/technique-places.csv"))
        .into_iter()
        .map(|row| TechniquePlace {
            technique: row.technique,
            components: words(&row.components),
            needs: words(&row.needs)
                .iter()
                .map(|word| Need::parse(word).expect("the compiled-in table is tested"))
                .collect(),
        })
        .collect()
}

#[derive(Deserialize)]
struct Row {
    technique: String,
    components: String,
    needs: String,
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;

    #[test]
    fn a_technique_of_a_threat_is_placed_wherever_the_threat_is() {
        let knowledge = Knowledge::builtin();
        for threat in &knowledge.maestro.threats {
            for place in
                knowledge.technique_places.iter().filter(|place| threat.atlas.contains(&place.technique))
            {
                for component in
                    threat.applies_to.iter().filter(|kind| knowledge.maestro.layer_of(kind).is_some())
                {
                    assert!(
                        place.components.contains(component),
                        "{} {} {component}",
                        threat.id,
                        place.technique
                    );
                }
            }
        }
    }
}
