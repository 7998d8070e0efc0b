//! When a cascade fires: conditions that must hold besides its source having happened.
//!
//! ```yaml
//! when:
//!   all:
//!   - not attribute provenance=verified at source
//!   - any:
//!     - relation trained-on|within
//!     - flow persistence=training
//!   - threat L5.1 at target
//! ```
//!
//! `all` and `any` nest; everything else is one line of words, `|` between alternatives:
//!
//! | line | holds when |
//! |---|---|
//! | `threat L1.5 at source` | that threat has happened at that end as well |
//! | `component tool\|mcp_server at target` | that end is such a component |
//! | `attribute way_out=yes at source` | the attribute has one of the values; not known where the asset does not have it |
//! | `relation trained-on\|within` | source and target are joined that way; `within` is the same asset |
//! | `flow persistence=training` | they are joined by a flow of which that is declared; not known where nothing is |
//! | `uses\|reads agent_memory at target` | that end has such a relation to such a component |
//! | `not ...` | the line does not hold; not for threats, since more of one threat must never mean less of another |

mod resolve;

use std::fmt;

use serde::Deserialize;
use vauban_domain::{Direction, IdentityBasis, Persistence, RelationKind, Tenancy};

pub use resolve::problems;

/// Levels of `all` and `any`, at most.
const DEPTH: usize = 4;
/// Lines of one condition, at most.
const LINES: usize = 16;

/// A condition or several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Node")]
pub enum Condition {
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// Another threat at one end.
    Threat {
        /// Its id, `L1.5`.
        threat: String,
        /// Where.
        end: End,
    },
    /// A fact that is known before anything happens.
    Fact {
        /// Which.
        fact: Fact,
        /// Whether it must hold, or must not.
        holds: bool,
    },
}

/// One end of a cascade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where harm comes from.
    Source,
    /// Where it arrives.
    Target,
}

/// What can be known of the ends of a cascade and of what joins them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An attribute of an asset has one of the values.
    Attribute {
        /// Its name.
        key: String,
        /// Any of these.
        values: Vec<String>,
        /// Where.
        end: End,
    },
    /// An asset is one of these component kinds.
    Component {
        /// Any of these.
        components: Vec<String>,
        /// Where.
        end: End,
    },
    /// How the two ends are joined; `None` is within one asset.
    Relation(Vec<Option<RelationKind>>),
    /// The ends are joined by a flow of which this is declared.
    Flow {
        /// Name of the attribute.
        key: String,
        /// Any of these.
        values: Vec<String>,
    },
    /// An end has such a relation to such a component.
    Neighbour {
        /// Any of these.
        relations: Vec<RelationKind>,
        /// Any of these.
        components: Vec<String>,
        /// Where.
        end: End,
    },
}

impl Condition {
    /// Reads one line.
    ///
    /// # Errors
    /// In words, what cannot be understood.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (line, holds) = line.strip_prefix("not ").map_or((line, true), |rest| (rest, false));
        let words: Vec<&str> = line.split_whitespace().collect();
        let fact = match words.as_slice() {
            ["threat", threat, "at", end] if holds => {
                return Ok(Self::Threat { threat: (*threat).to_owned(), end: End::parse(end)? });
            }
            ["threat", ..] if !holds => return Err(format!("`not {line}`: a threat cannot be denied")),
            ["attribute", pair, "at", end] => {
                let (key, values) = pair_of(pair)?;
                Fact::Attribute { key, values, end: End::parse(end)? }
            }
            ["component", components, "at", end] => {
                Fact::Component { components: alternatives(components), end: End::parse(end)? }
            }
            ["relation", kinds] => Fact::Relation(
                kinds
                    .split('|')
                    .map(|kind| if kind == "within" { Ok(None) } else { relation(kind).map(Some) })
                    .collect::<Result<_, _>>()?,
            ),
            ["flow", pair] => flow(pair)?,
            [kinds, components, "at", end] => Fact::Neighbour {
                relations: kinds.split('|').map(relation).collect::<Result<_, _>>()?,
                components: alternatives(components),
                end: End::parse(end)?,
            },
            _ => return Err(format!("`{line}` is no condition; see the module `condition`")),
        };
        Ok(Self::Fact { fact, holds })
    }

    /// All single conditions, in order.
    pub fn lines(&self) -> Vec<&Self> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::lines).collect(),
            Self::Threat { .. } | Self::Fact { .. } => vec![self],
        }
    }
}

impl End {
    /// The word of the notation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }

    fn parse(word: &str) -> Result<Self, String> {
        [Self::Source, Self::Target]
            .into_iter()
            .find(|end| end.as_str() == word)
            .ok_or_else(|| format!("`{word}` is neither source nor target"))
    }
}

fn alternatives(words: &str) -> Vec<String> {
    words.split('|').map(str::to_owned).collect()
}

fn relation(word: &str) -> Result<RelationKind, String> {
    RelationKind::parse(word).ok_or_else(|| format!("`{word}` is no kind of relation"))
}

fn pair_of(pair: &str) -> Result<(String, Vec<String>), String> {
    let (key, values) = pair.split_once('=').ok_or_else(|| format!("`{pair}` is not key=value"))?;
    let values = alternatives(values);
    if key.is_empty() || values.iter().any(String::is_empty) {
        return Err(format!("`{pair}` lacks a key or a value"));
    }
    Ok((key.to_owned(), values))
}

/// A fact of a flow, with a value that such facts can have.
fn flow(pair: &str) -> Result<Fact, String> {
    let (key, values) = pair_of(pair)?;
    for value in &values {
        let known = match key.as_str() {
            "data_direction" | "instructions" => Direction::parse(value).is_some(),
            "human_gate" => matches!(value.as_str(), "yes" | "no"),
            "identity" => IdentityBasis::parse(value).is_some(),
            "persistence" => Persistence::parse(value).is_some(),
            "tenancy" => Tenancy::parse(value).is_some(),
            _ => return Err(format!("`{key}` is no fact of a flow that conditions can ask for")),
        };
        if !known {
            return Err(format!("`{value}` is no {key} of a flow"));
        }
    }
    Ok(Fact::Flow { key, values })
}

/// A condition as the file writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Node {
    All(AllOf),
    Any(AnyOf),
    Line(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AllOf {
    all: Vec<Node>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnyOf {
    any: Vec<Node>,
}

impl Node {
    fn read(self, depth: usize) -> Result<Condition, String> {
        let parts = |parts: Vec<Self>| {
            if depth == 0 {
                return Err(format!("more than {DEPTH} levels of all and any"));
            }
            if parts.is_empty() {
                return Err("an empty list of conditions says nothing".to_owned());
            }
            parts.into_iter().map(|part| part.read(depth - 1)).collect::<Result<Vec<_>, _>>()
        };
        match self {
            Self::All(list) => Ok(Condition::All(parts(list.all)?)),
            Self::Any(list) => Ok(Condition::Any(parts(list.any)?)),
            Self::Line(line) => Condition::parse(&line),
        }
    }
}

impl TryFrom<Node> for Condition {
    type Error = String;

    fn try_from(node: Node) -> Result<Self, String> {
        let condition = node.read(DEPTH)?;
        if condition.lines().len() > LINES {
            return Err(format!("more than {LINES} lines in one condition"));
        }
        Ok(condition)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, parts: &[Self], word: &str| {
            f.write_str("(")?;
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(f, " {word} ")?;
                }
                part.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Self::All(parts) => list(f, parts, "and"),
            Self::Any(parts) => list(f, parts, "or"),
            Self::Threat { threat, end } => write!(f, "threat {threat} at {}", end.as_str()),
            Self::Fact { fact, holds } => {
                if !holds {
                    f.write_str("not ")?;
                }
                fact.fmt(f)
            }
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds =
            |kinds: &[RelationKind]| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join("|");
        match self {
            Self::Attribute { key, values, end } => {
                write!(f, "attribute {key}={} at {}", values.join("|"), end.as_str())
            }
            Self::Component { components, end } => {
                write!(f, "component {} at {}", components.join("|"), end.as_str())
            }
            Self::Relation(ways) => {
                let ways: Vec<&str> =
                    ways.iter().map(|way| way.map_or("within", RelationKind::as_str)).collect();
                write!(f, "relation {}", ways.join("|"))
            }
            Self::Flow { key, values } => write!(f, "flow {key}={}", values.join("|")),
            Self::Neighbour { relations, components, end } => {
                write!(f, "{} {} at {}", kinds(relations), components.join("|"), end.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Condition, String> {
        crate::yaml::read(yaml)
    }

    #[test]
    fn what_is_read_is_written_the_same() {
        for line in [
            "threat L1.5 at source",
            "component tool|mcp_server at target",
            "attribute way_out=yes at source",
            "not attribute provenance=verified at source",
            "relation trained-on|within",
            "flow persistence=memory|training",
            "uses|reads agent_memory at target",
        ] {
            assert_eq!(Condition::parse(line).map(|condition| condition.to_string()), Ok(line.to_owned()));
        }
        let nested =
            read("all:\n- any:\n  - relation within\n  - flow tenancy=shared\n- threat L1.5 at target\n");
        let words = "((relation within or flow tenancy=shared) and threat L1.5 at target)";
        assert_eq!(nested.map(|condition| condition.to_string()), Ok(words.to_owned()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (line, word) in [
            ("not threat L1.5 at source", "denied"),
            ("threat L1.5 at origin", "neither source nor target"),
            ("relation knows", "no kind of relation"),
            ("flow persistence=forever", "no persistence"),
            ("flow protocol=https", "no fact of a flow"),
            ("attribute way_out at source", "not key=value"),
            ("attribute =yes at source", "lacks"),
            ("maybe", "no condition"),
        ] {
            let error = Condition::parse(line).expect_err(line);
            assert!(error.contains(word), "{line}: {error}");
        }
        assert!(read("all: []").is_err());
        assert!(read("all: [relation within]\nany: [relation within]").is_err());
        let deep = format!("{}relation within{}", "{all: [".repeat(6), "]}".repeat(6));
        assert!(read(&deep).is_err());
        let many = format!("any: [{}]", "relation within, ".repeat(17));
        assert!(read(&many).is_err());
    }
}
