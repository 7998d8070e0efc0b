//! Every rule that can have a finding.

use std::collections::BTreeMap;

use vauban_domain::Rule;
use vauban_knowledge::Knowledge;

/// All rules by id: those of checks, attacks and detections, and those of what is imported.
pub fn rules(knowledge: &Knowledge) -> Vec<Rule> {
    let mut rules: BTreeMap<_, Rule> = BTreeMap::new();
    let checks = vauban_checks::all().map(|check| check.rule.clone());
    let attacks = vauban_attacks::rules::RULES.iter().cloned();
    let detections = vauban_detect::rules(knowledge);
    for rule in checks.chain(attacks).chain(detections).chain(crate::import::rules()) {
        rules.insert(rule.id.clone(), rule);
    }
    rules.into_values().collect()
}

#[cfg(test)]
mod tests {
    use vauban_knowledge::lint::shipped;

    use super::*;

    #[test]
    fn every_mapping_that_is_compiled_in_holds() {
        let knowledge = Knowledge::builtin();
        let problems = shipped(knowledge, &rules(knowledge));
        let lines: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.place, problem.problem)).collect();
        assert!(lines.is_empty(), "{}", lines.join("\n"));
    }
}
