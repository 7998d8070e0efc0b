//! Rules for what other engines found and no rule of ours says: one for each part of the world, so that nothing that was
//! imported is lost and nothing is called what it is not. The engine's own rule is in the evidence and the verdict.

use vauban_domain::{Rule, RuleId, rule};
use vauban_formats::foreign::{Family, Reported};
use vauban_knowledge::Knowledge;
use vauban_knowledge::foreign::{ForeignRule, find};

rule! {
    /// Another engine found a weakness in a model file.
    pub const ARTIFACT: "imported-artifact-weakness" {
        family: Artifact,
        severity: High,
        title: "another engine found a weakness in a model file",
        why: "an engine that was run beside this one reports something about the file that no rule here says; nobody here has confirmed or refuted it",
        remedy: "read what the engine says about its rule; keep the file from being loaded until somebody has looked",
        techniques: ["AML.T0011.000@2026.09"],
        mitigations: ["AML.M0016@2026.09", "AML.M0014@2026.09"],
        weaknesses: [],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02"],
        effect: Unknown,
        when: Load,
        loaders: "those that the engine names",
        source: "the imported report",
    }
}

rule! {
    /// Another engine found a weakness in a cloud, a cluster or a service.
    pub const CLOUD: "imported-cloud-weakness" {
        family: Config,
        severity: Medium,
        title: "another engine found a weakness in infrastructure",
        why: "an engine that was run beside this one reports a setting or a service that no rule here says anything about",
        remedy: "read what the engine says about its rule, and change the setting or accept the finding with a reason",
        techniques: ["AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: [],
        owasp: [],
        threats: ["L4.3@2025-02"],
        source: "the imported report",
    }
}

rule! {
    /// Another engine found a weakness in source code.
    pub const CODE: "imported-code-weakness" {
        family: Code,
        severity: Medium,
        title: "another engine found a weakness in source code",
        why: "an engine that was run beside this one reports a line of code that no rule here says anything about",
        remedy: "read what the engine says about its rule, and change the line or accept the finding with a reason",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0016@2026.09"],
        weaknesses: [],
        owasp: [],
        threats: ["L3.1@2025-02"],
        source: "the imported report",
    }
}

rule! {
    /// Another engine got a language model to do what it should not.
    pub const LANGUAGE_MODEL: "imported-language-model-weakness" {
        family: Robustness,
        severity: Medium,
        title: "a language model gave way to another engine's probes",
        why: "prompts of a known kind got the model to do what it should not; the number of attempts and of those that got through is in the verdict",
        remedy: "look at the attempts that got through, put a guard before the model and run the same probes again",
        techniques: ["AML.T0051@2026.09", "AML.T0054@2026.09"],
        mitigations: ["AML.M0020@2026.09", "AML.M0022@2026.09"],
        weaknesses: ["CWE-1427"],
        owasp: ["LLM01:2025"],
        threats: ["L3.3@2025-02", "L7.5@2025-02"],
        source: "the imported report",
    }
}

rule! {
    /// Another engine knows a vulnerability of a package.
    pub const VULNERABILITY: "imported-vulnerability" {
        family: Dependency,
        severity: Medium,
        title: "another engine knows a vulnerability of a package",
        why: "an engine that was run beside this one reports a published vulnerability of something that is in use",
        remedy: "move to a version that is not affected, or say with a VEX statement why it does not matter here",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0016@2026.09"],
        weaknesses: ["CWE-1395"],
        owasp: ["LLM03:2025"],
        threats: ["L3.1@2025-02"],
        source: "the imported report",
    }
}

/// The rules above, by id.
pub const RULES: &[Rule] = &[ARTIFACT, CLOUD, CODE, LANGUAGE_MODEL, VULNERABILITY];

/// What a result of another engine is called here.
#[derive(Debug, Clone)]
pub struct Mapped<'a> {
    /// Rules of ours that say the same, the likeliest first.
    pub same: Vec<&'static Rule>,
    /// The rule of a finding that is made of it alone.
    pub rule: &'static Rule,
    /// ATLAS techniques with edition.
    pub techniques: Vec<String>,
    /// The row that it stands on.
    pub row: Option<&'a ForeignRule>,
}

/// Looks a result up: rules that say the same, and the one that a finding of it alone is of.
pub fn mapped<'a>(reported: &Reported, knowledge: &'a Knowledge) -> Mapped<'a> {
    let row = find(&knowledge.foreign, &reported.engine, &reported.rule);
    let rule_of = |id: &String| crate::all().map(|check| check.rule).find(|rule| rule.id == id.as_str());
    let same: Vec<&'static Rule> =
        row.map(|row| row.rules.iter().filter_map(rule_of).collect()).unwrap_or_default();
    let generic = match reported.family {
        Family::Artifact => &ARTIFACT,
        Family::Cloud => &CLOUD,
        Family::Code => &CODE,
        Family::LanguageModel => &LANGUAGE_MODEL,
        Family::Vulnerability => &VULNERABILITY,
    };
    let techniques = row
        .map(|row| {
            row.techniques.iter().map(|id| format!("{id}@{}", vauban_knowledge::ATLAS_EDITION)).collect()
        })
        .unwrap_or_default();
    Mapped { rule: same.first().copied().unwrap_or(generic), same, techniques, row }
}

/// The rule with this id, of ours or of those above.
pub fn rule(id: &RuleId) -> Option<&'static Rule> {
    crate::all().map(|check| check.rule).chain(RULES).find(|rule| rule.id == *id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_that_the_table_names_exists() {
        let knowledge = Knowledge::builtin();
        for row in &knowledge.foreign {
            for id in &row.rules {
                assert!(
                    crate::all().any(|check| check.rule.id == id.as_str()),
                    "{id} of {}/{}",
                    row.engine,
                    row.pattern
                );
            }
        }
    }

    #[test]
    fn what_no_rule_says_gets_the_rule_of_its_part_of_the_world() {
        let knowledge = Knowledge::builtin();
        let of = |engine: &str, rule: &str, family| {
            let reported =
                Reported { engine: engine.to_owned(), rule: rule.to_owned(), family, ..Reported::default() };
            mapped(&reported, knowledge).rule.id.to_string()
        };
        assert_eq!(of("bandit", "B301", Family::Code), "code-unsafe-load");
        assert_eq!(of("bandit", "B999", Family::Code), "imported-code-weakness");
        assert_eq!(of("garak", "dan.Dan_11_0", Family::LanguageModel), "imported-language-model-weakness");
        assert_eq!(of("trivy", "CVE-2024-1", Family::Vulnerability), "imported-vulnerability");
    }
}
