//! Whether conditions speak of things that exist and can ever hold.

use super::{Condition, End, Fact};
use crate::Maestro;
use crate::maestro::{Cascade, ThreatKind};

/// What is wrong with the conditions of all cascades, each with the cascade it belongs to, `L7.5 to L7.4`.
pub fn problems(maestro: &Maestro) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    for threat in &maestro.threats {
        for cascade in &threat.cascades_to {
            for line in cascade.when.iter().flat_map(Condition::lines) {
                if let Some(problem) = problem(maestro, threat, cascade, line) {
                    problems
                        .push((format!("{} to {}", threat.id, cascade.to), format!("`{line}`: {problem}")));
                }
            }
        }
    }
    problems
}

fn problem(maestro: &Maestro, from: &ThreatKind, cascade: &Cascade, line: &Condition) -> Option<String> {
    let Some(to) = maestro.threat(&cascade.to) else {
        return Some(format!("the cascade leads to {}, which does not exist", cascade.to));
    };
    let at = |end: End| if end == End::Source { &from.applies_to } else { &to.applies_to };
    let unknown = |components: &[String]| {
        let unknown = components.iter().find(|component| maestro.layer_of(component).is_none());
        unknown.map(|component| format!("no component kind is called {component}"))
    };
    match line {
        Condition::Threat { threat, end } => match maestro.threat(threat) {
            None => Some(format!("no threat is called {threat}")),
            Some(other) if other.id == from.id && *end == End::Source => {
                Some("the source has happened anyway".to_owned())
            }
            Some(other) if other.id == to.id && *end == End::Target => {
                Some("a threat cannot be its own condition".to_owned())
            }
            Some(other) => {
                let shared = other.applies_to.iter().any(|component| at(*end).contains(component));
                (!shared).then(|| format!("{threat} and the {} never share a component", end.as_str()))
            }
        },
        Condition::Fact { fact: Fact::Component { components, end }, .. } => {
            unknown(components).or_else(|| {
                let never = components.iter().find(|component| !at(*end).contains(component));
                never.map(|component| format!("the {} is never a {component}", end.as_str()))
            })
        }
        Condition::Fact { fact: Fact::Neighbour { components, .. }, .. } => unknown(components),
        Condition::Fact { .. } | Condition::All(_) | Condition::Any(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    #[test]
    fn every_condition_of_the_compiled_in_file_can_hold() {
        assert_eq!(problems(&Knowledge::builtin().maestro), Vec::new());
        let conditions = Knowledge::builtin()
            .maestro
            .threats
            .iter()
            .flat_map(|threat| &threat.cascades_to)
            .filter(|cascade| cascade.when.is_some())
            .count();
        assert!(conditions >= 15, "{conditions}");
    }

    #[test]
    fn conditions_that_cannot_hold_are_named() {
        for (line, word) in [
            ("threat L9.9 at source", "no threat"),
            ("threat L7.5 at source", "anyway"),
            ("threat L7.4 at target", "own condition"),
            ("threat L4.1 at source", "never share"),
            ("component spaceship at target", "no component kind"),
            ("component gpu at target", "never a gpu"),
            ("uses spaceship at target", "no component kind"),
        ] {
            let mut maestro = Knowledge::builtin().maestro.clone();
            let threat = maestro.threats.iter_mut().find(|threat| threat.id == "L7.5").expect("it exists");
            let cascade =
                threat.cascades_to.iter_mut().find(|cascade| cascade.to == "L7.4").expect("as well");
            cascade.when = Some(Condition::parse(line).expect("well formed"));
            let found = problems(&maestro);
            assert!(found.len() == 1 && found[0].1.contains(word), "{line}: {found:?}");
        }
    }
}
