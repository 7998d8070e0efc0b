//! What a condition of a cascade comes to between two given assets.
//!
//! Facts are answered when the graph is built; only other threats are left, whose likelihoods are known when it is
//! evaluated. What nobody has said is not taken as false: the cascade stays possible, and says what it assumes.
//!
//! What is left is put together as if the threats were independent (noisy-AND, noisy-OR; Henrion, "Some practical issues
//! in constructing belief networks", UAI 1987): all of them with the product of their likelihoods, any of them with
//! one minus the product of the complements. They share attackers, so the product of an AND is rather too low and the
//! OR rather too high; both lie between 0 and the likelihood that a cascade without condition would have.

use vauban_knowledge::condition::{Condition, End, Fact};

/// Threats that must have happened besides the source of an edge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Requirement {
    /// All of them; none is no requirement.
    All(Vec<Requirement>),
    /// At least one of them; never empty.
    Any(Vec<Requirement>),
    /// The event of this instance.
    Instance(usize),
}

impl Requirement {
    /// Probability that it holds, from that of each instance.
    pub(crate) fn probability(&self, of: &impl Fn(usize) -> f64) -> f64 {
        match self {
            Self::All(parts) => parts.iter().map(|part| part.probability(of)).product(),
            Self::Any(parts) => 1.0 - parts.iter().map(|part| 1.0 - part.probability(of)).product::<f64>(),
            Self::Instance(instance) => of(*instance),
        }
    }

    /// All instances that it speaks of, in order.
    pub(crate) fn instances(&self) -> Vec<usize> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::instances).collect(),
            Self::Instance(instance) => vec![*instance],
        }
    }

    /// In words, given those for each instance.
    pub(crate) fn words(&self, of: &impl Fn(usize) -> String) -> String {
        let list = |parts: &[Self], word: &str| {
            parts.iter().map(|part| part.words(of)).collect::<Vec<_>>().join(word)
        };
        match self {
            Self::All(parts) => list(parts, " and "),
            Self::Any(parts) => format!("one of {}", list(parts, ", ")),
            Self::Instance(instance) => of(*instance),
        }
    }
}

/// A condition between two assets.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Reduced<'a> {
    /// What is left to happen; `None` when it holds by the facts.
    pub(super) needs: Option<Requirement>,
    /// Facts that nobody has stated and that are assumed.
    pub(super) assumed: Vec<&'a Fact>,
}

/// What can be asked of the two ends.
pub(super) trait Ends {
    /// Whether the fact holds; `None` for not known.
    fn fact(&self, fact: &Fact) -> Option<bool>;
    /// The instance of a threat at an end, if there is one.
    fn instance(&self, threat: &str, end: End) -> Option<usize>;
}

/// Answers the facts of a condition; `None` when it cannot hold.
pub(super) fn reduce<'a>(condition: &'a Condition, ends: &impl Ends) -> Option<Reduced<'a>> {
    let holds = |assumed| Some(Reduced { needs: None, assumed });
    match condition {
        Condition::Threat { threat, end } => ends
            .instance(threat, *end)
            .map(|instance| Reduced { needs: Some(Requirement::Instance(instance)), assumed: Vec::new() }),
        Condition::Fact { fact, holds: wanted } => match ends.fact(fact) {
            Some(answer) if answer == *wanted => holds(Vec::new()),
            Some(_) => None,
            None => holds(vec![fact]),
        },
        Condition::All(parts) => {
            let parts = parts.iter().map(|part| reduce(part, ends)).collect::<Option<Vec<_>>>()?;
            let (needs, assumed): (Vec<_>, Vec<_>) =
                parts.into_iter().map(|part| (part.needs, part.assumed)).unzip();
            let mut needs: Vec<Requirement> = needs.into_iter().flatten().collect();
            let needs = if needs.len() > 1 { Some(Requirement::All(needs)) } else { needs.pop() };
            Some(Reduced { needs, assumed: assumed.concat() })
        }
        Condition::Any(parts) => {
            let parts: Vec<_> = parts.iter().filter_map(|part| reduce(part, ends)).collect();
            // What is known to hold is better than what is assumed, and that better than what has yet to happen.
            let (settled, open): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.needs.is_none());
            if let Some(best) = settled.into_iter().min_by_key(|part| part.assumed.len()) {
                return Some(best);
            }
            let (needs, assumed): (Vec<_>, Vec<_>) =
                open.into_iter().map(|part| (part.needs, part.assumed)).unzip();
            let mut needs: Vec<Requirement> = needs.into_iter().flatten().collect();
            let only = needs.pop()?;
            let needs = if needs.is_empty() {
                only
            } else {
                needs.push(only);
                Requirement::Any(needs)
            };
            Some(Reduced { needs: Some(needs), assumed: assumed.concat() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is known but that the ends are joined within one asset; threats exist at the source only.
    struct Within;

    impl Ends for Within {
        fn fact(&self, fact: &Fact) -> Option<bool> {
            match fact {
                Fact::Relation(ways) => Some(ways.contains(&None)),
                _ => None,
            }
        }

        fn instance(&self, threat: &str, end: End) -> Option<usize> {
            (end == End::Source).then_some(threat.len())
        }
    }

    fn read(parts: &[&str]) -> Vec<Condition> {
        parts.iter().map(|line| Condition::parse(line).unwrap()).collect()
    }

    #[test]
    fn facts_are_answered_and_threats_are_left() {
        let all =
            Condition::All(read(&["relation within", "threat L1.5 at source", "attribute a=b at target"]));
        let reduced = reduce(&all, &Within).unwrap();
        assert_eq!((reduced.needs, reduced.assumed.len()), (Some(Requirement::Instance(4)), 1));
        let never = Condition::All(read(&["relation serves", "threat L1.5 at source"]));
        assert_eq!(reduce(&never, &Within), None);
        assert_eq!(reduce(&Condition::All(read(&["threat L1.5 at target"])), &Within), None);
    }

    #[test]
    fn any_takes_what_holds_before_what_is_assumed_before_what_must_happen() {
        let any = |parts: &[&str]| Condition::Any(read(parts));
        let condition = any(&["threat L1.5 at source", "flow tenancy=shared", "relation within"]);
        let known = reduce(&condition, &Within).unwrap();
        assert_eq!((known.needs, known.assumed.len()), (None, 0));
        let condition = any(&["threat L1.5 at source", "flow tenancy=shared"]);
        let assumed = reduce(&condition, &Within).unwrap();
        assert_eq!((assumed.needs, assumed.assumed.len()), (None, 1));
        let condition = any(&["threat L1.5 at source", "threat X.1 at source", "relation serves"]);
        let needs = reduce(&condition, &Within).unwrap().needs.unwrap();
        assert_eq!(needs.instances(), [4, 3]);
        assert!((needs.probability(&|_| 0.5) - 0.75).abs() < 1e-12);
        assert_eq!(reduce(&any(&["relation serves", "threat X.1 at target"]), &Within), None);
    }
}
