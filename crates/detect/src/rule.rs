//! The rules of the detections that are code; those of the Sigma texts document themselves.

use vauban_domain::{Rule, rule};
use vauban_knowledge::Knowledge;

rule! {
    /// A client walks around single inputs and watches the answer change.
    pub const EVASION_PROBING: "evasion-probing" {
        family: Detection,
        severity: High,
        title: "a client probes a model for inputs that it misreads",
        why: "many small changes to the same input find the smallest one that changes the answer; nobody else asks \
              the same thing a hundred times over",
        remedy: "stop or slow down the client, look at the last inputs of each run, and answer with fewer decimals \
                 or labels only",
        techniques: ["AML.T0043.001@2026.09", "AML.T0015@2026.09", "AML.T0042@2026.09"],
        mitigations: ["AML.M0004@2026.09", "AML.M0015@2026.09", "AML.M0002@2026.09"],
        weaknesses: ["CWE-799"],
        owasp: ["ML01:2023"],
        threats: ["L1.1@2025-02"],
        source: "Chen, Carlini, Wagner, Stateful Detection of Black-Box Adversarial Attacks, SPAI 2020, \
                 https://arxiv.org/abs/1907.05587",
    }
}

rule! {
    /// A client covers the input space beyond what its peers ask.
    pub const EXTRACTION_QUERYING: "extraction-querying" {
        family: Detection,
        severity: High,
        title: "a client queries a model as if to copy it",
        why: "inputs spread or bent in ways that no peer's are, in number, are what training a copy needs",
        remedy: "stop or slow down the client, ask who it is, and limit queries and decimals per client",
        techniques: ["AML.T0024.002@2026.09", "AML.T0005.001@2026.09"],
        mitigations: ["AML.M0004@2026.09", "AML.M0002@2026.09", "AML.M0019@2026.09"],
        weaknesses: ["CWE-799"],
        owasp: ["ML05:2023", "LLM10:2025"],
        threats: ["L1.2@2025-02"],
        source: "Juuti, Szyller, Marchal, Asokan, PRADA: Protecting against DNN Model Stealing Attacks, EuroS&P 2019, \
                 https://arxiv.org/abs/1805.02628",
    }
}

rule! {
    /// A client sends inputs that share most of their content with earlier ones of its own.
    pub const SIMILAR_QUERIES: "similar-queries" {
        family: Detection,
        severity: Medium,
        title: "a client sends long runs of inputs that are almost the same",
        why: "attacks that search by asking cannot avoid asking almost the same again and again",
        remedy: "look at the run: retries and quality tests repeat a few inputs, attacks move on from each",
        techniques: ["AML.T0043.001@2026.09", "AML.T0024@2026.09"],
        mitigations: ["AML.M0004@2026.09", "AML.M0015@2026.09"],
        weaknesses: ["CWE-799"],
        owasp: ["ML01:2023", "ML05:2023"],
        threats: ["L1.1@2025-02"],
        source: "Li, Shan, Wenger, Zhang, Zheng, Zhao, Blacklight: Scalable Defense for Neural Networks against \
                 Query-Based Black-Box Attacks, USENIX Security 2022, https://arxiv.org/abs/2006.14042",
    }
}

/// The rules of detections that are code, sorted by id.
pub const BUILTIN: [&Rule; 3] = [&EVASION_PROBING, &EXTRACTION_QUERYING, &SIMILAR_QUERIES];

/// Every rule a detection can raise, sorted by id.
pub fn rules(knowledge: &Knowledge) -> Vec<Rule> {
    let sigma = knowledge.detections.iter().map(|detection| detection.rule.clone());
    let mut rules: Vec<Rule> = sigma.chain(BUILTIN.into_iter().cloned()).collect();
    rules.sort_by(|one, other| one.id.cmp(&other.id));
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_every_reference_resolves() {
        let knowledge = Knowledge::builtin();
        let rules = rules(knowledge);
        assert!(rules.windows(2).all(|pair| pair[0].id < pair[1].id));
        for rule in BUILTIN {
            let lists = [&rule.techniques, &rule.mitigations, &rule.weaknesses, &rule.owasp, &rule.threats];
            for text in lists.into_iter().flat_map(|list| list.iter()) {
                assert!(knowledge.resolve_text(text).is_some(), "{}: {text}", rule.id);
            }
        }
    }
}
