//! What is known of a flow between two assets, in words that analysis and exports share.

use std::collections::BTreeMap;

/// Which way something travels along a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// It does not travel at all.
    None,
    /// From the flow's source to its target.
    Forward,
    /// From the flow's target to its source.
    Backward,
    /// Both ways.
    Both,
}

impl Direction {
    /// All directions.
    pub const ALL: [Self; 4] = [Self::None, Self::Forward, Self::Backward, Self::Both];

    /// The lower-case word used in `vauban.toml` and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Both => "both",
        }
    }

    /// Reads what [`Direction::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.as_str() == word)
    }

    /// Whether anything travels from source to target.
    pub const fn goes_forward(self) -> bool {
        matches!(self, Self::Forward | Self::Both)
    }

    /// Whether anything travels from target to source.
    pub const fn goes_backward(self) -> bool {
        matches!(self, Self::Backward | Self::Both)
    }
}

/// Where what arrives by a flow stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Persistence {
    /// Nowhere.
    None,
    /// In a memory or index that later answers read.
    Memory,
    /// In data that a model is trained or tuned on.
    Training,
}

impl Persistence {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::None, Self::Memory, Self::Training];

    /// The lower-case word used in `vauban.toml` and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Memory => "memory",
            Self::Training => "training",
        }
    }

    /// Reads what [`Persistence::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// On whose authority the target acts on what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityBasis {
    /// Nobody's: it is not asked who calls.
    Anonymous,
    /// One secret that several callers share.
    SharedKey,
    /// A service's own identity.
    Service,
    /// A person's, handed on by an agent or service.
    Delegated,
    /// The calling person's own.
    User,
}

impl IdentityBasis {
    /// All bases.
    pub const ALL: [Self; 5] = [Self::Anonymous, Self::SharedKey, Self::Service, Self::Delegated, Self::User];

    /// The hyphenated word used in `vauban.toml` and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::SharedKey => "shared-key",
            Self::Service => "service",
            Self::Delegated => "delegated",
            Self::User => "user",
        }
    }

    /// Reads what [`IdentityBasis::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == word)
    }
}

/// Whether a flow serves one tenant or several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tenancy {
    /// One.
    Single,
    /// Several share it.
    Shared,
}

impl Tenancy {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Single, Self::Shared];

    /// The lower-case word used in `vauban.toml` and outputs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Shared => "shared",
        }
    }

    /// Reads what [`Tenancy::as_str`] wrote.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tenancy| tenancy.as_str() == word)
    }
}

/// The facts of a flow, read from the attributes of a declared flow or of a relation. `None` is "not known".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FlowFacts {
    /// How it travels, `https`.
    pub protocol: Option<String>,
    /// How the other side is known; `none` is known not to be asked.
    pub authentication: Option<String>,
    /// On whose authority the target acts.
    pub identity: Option<IdentityBasis>,
    /// Classes of data.
    pub data: Vec<String>,
    /// Name of the trust boundary that is crossed.
    pub boundary: Option<String>,
    /// Which way instructions travel: who can tell whom what to do.
    pub instructions: Option<Direction>,
    /// Which way data travels.
    pub data_direction: Option<Direction>,
    /// Where what arrives stays.
    pub persistence: Option<Persistence>,
    /// Whether a person looks at it first.
    pub human_gate: Option<bool>,
    /// Requests a minute at most.
    pub rate_limit: Option<f64>,
    /// Whether tenants share it.
    pub tenancy: Option<Tenancy>,
}

impl FlowFacts {
    /// Reads attributes as [`crate::Relation::attributes`] holds them. What is not understood is not known.
    pub fn of(attributes: &BTreeMap<String, String>) -> Self {
        let text = |key: &str| attributes.get(key).filter(|value| !value.is_empty()).cloned();
        let word = |key: &str| attributes.get(key).map(String::as_str);
        Self {
            protocol: text("protocol"),
            authentication: text("authentication"),
            identity: word("identity").and_then(IdentityBasis::parse),
            data: word("data")
                .map(|data| {
                    data.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
                })
                .unwrap_or_default(),
            boundary: text("boundary"),
            instructions: word("instructions").and_then(Direction::parse),
            data_direction: word("data_direction").and_then(Direction::parse),
            persistence: word("persistence").and_then(Persistence::parse),
            human_gate: word("human_gate").and_then(|gate| match gate {
                "yes" | "true" => Some(true),
                "no" | "false" => Some(false),
                _ => None,
            }),
            rate_limit: word("rate_limit").and_then(|limit| limit.parse().ok()),
            tenancy: word("tenancy").and_then(Tenancy::parse),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_the_rest_is_not_known() {
        let attributes = [
            ("data", "health, personal"),
            ("human_gate", "no"),
            ("instructions", "backward"),
            ("persistence", "somewhere"),
            ("rate_limit", "60"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        let facts = FlowFacts::of(&attributes);
        assert_eq!(facts.data, ["health", "personal"]);
        assert_eq!(facts.human_gate, Some(false));
        assert!(facts.instructions.is_some_and(Direction::goes_backward));
        assert_eq!((facts.persistence, facts.rate_limit, facts.tenancy), (None, Some(60.0), None));
    }
}
