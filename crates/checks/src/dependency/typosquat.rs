//! `dependency-typosquat`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Ecosystem;
use vauban_formats::requirements::Requirement;
use vauban_knowledge::Packages;

use crate::{Check, Look, Report, Subject};

rule! {
    /// A name that is almost a well-known one.
    pub(super) const RULE: "dependency-typosquat" {
        family: Dependency,
        severity: High,
        title: "the name of a dependency is one slip away from a well-known package",
        why: "names that differ from a popular package by one letter are registered to be installed by mistake, and run code when they are",
        remedy: "check the name against the project's own page; if it is meant, accept the finding with the reason",
        techniques: ["AML.T0010.001@2026.09", "AML.T0011.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0016@2026.09"],
        weaknesses: ["CWE-1357", "CWE-829"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Dependencies(check) };

/// Names shorter than this are one letter away from half of all names.
const SHORTEST: usize = 5;

fn check(subject: &Subject<'_, [Requirement]>, report: &mut Report) {
    for requirement in subject.facts {
        let packages = &subject.knowledge.packages;
        let Some(meant) = imitated(requirement.ecosystem, &requirement.name, packages) else { continue };
        // An alias is written otherwise than what it installs.
        let installed = requirement.ecosystem.normalise(&requirement.written) == requirement.name;
        let shown = if installed { &requirement.written } else { &requirement.name };
        let message = format!("`{shown}` looks like a slip for `{meant}`");
        let key = format!("{}:{}", subject.locator.path, requirement.name);
        let place = subject.locator.clone().at_line(requirement.line);
        report.find(&subject.asset.id, message, vec![Evidence::new(place, key, shown)]);
    }
}

/// The popular package whose name this one imitates.
fn imitated<'a>(ecosystem: Ecosystem, name: &str, packages: &'a Packages) -> Option<&'a str> {
    // Channels of conda carry what the Python index does.
    let table = match ecosystem {
        Ecosystem::Conda => Ecosystem::PyPi.as_str(),
        ecosystem => ecosystem.as_str(),
    };
    // Environments of conda have the interpreter among their packages.
    let interpreter = ecosystem == Ecosystem::Conda && matches!(name, "python" | "r-base");
    if name.len() < SHORTEST || interpreter || packages.is_known(table, name) {
        return None;
    }
    let bare = without_separators(name);
    let parts = sorted_parts(name);
    packages.popular(table).find(|popular| {
        let long = popular.len() >= SHORTEST;
        let separators = long && without_separators(popular) == bare;
        let swapped = popular.contains(SEPARATORS) && sorted_parts(popular) == parts;
        let confused = long && unconfused(name) == unconfused(popular);
        long && (one_edit(name, popular) || separators || swapped || confused)
    })
}

const SEPARATORS: [char; 4] = ['-', '_', '/', '@'];

fn without_separators(name: &str) -> String {
    name.replace(SEPARATORS, "")
}

fn sorted_parts(name: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = name.split(SEPARATORS).filter(|part| !part.is_empty()).collect();
    parts.sort_unstable();
    parts
}

/// Characters that are taken for one another, made the same.
fn unconfused(name: &str) -> String {
    name.replace("rn", "m").replace("vv", "w").replace('0', "o").replace(['1', 'i'], "l").replace('5', "s")
}

/// Whether the names differ by one insertion, deletion, substitution or swap of neighbours (Damerau-Levenshtein 1).
///
/// A digit more or less at the end is a version of the same project (`boto`, `boto3`), not a slip.
fn one_edit(a: &str, b: &str) -> bool {
    let (a, b) = if a.len() <= b.len() { (a.as_bytes(), b.as_bytes()) } else { (b.as_bytes(), a.as_bytes()) };
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (rest_a, rest_b) = (&a[common..], &b[common..]);
    match rest_b.len() - rest_a.len() {
        0 => match (rest_a, rest_b) {
            ([], []) => false,
            ([x, ..], [y, ..]) if rest_a[1..] == rest_b[1..] => !(x.is_ascii_digit() && y.is_ascii_digit()),
            ([x1, x2, tail_a @ ..], [y1, y2, tail_b @ ..]) => x1 == y2 && x2 == y1 && tail_a == tail_b,
            _ => false,
        },
        1 => rest_b[1..] == *rest_a && !(rest_a.is_empty() && rest_b[0].is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen() {
        for (name, meant) in [
            ("transfomers", "transformers"),
            ("tensorfIow", "tensorflow"),
            ("tesnorflow", "tensorflow"),
            ("numppy", "numpy"),
            ("sklearn-scikit", ""),
            ("learn-scikit", "scikit-learn"),
            ("scikitlearn", "scikit-learn"),
            ("lang-chain", "langchain"),
            ("opena1", "openai"),
            ("huggingfacehub", "huggingface-hub"),
        ] {
            let packages = Packages::builtin();
            let found = imitated(Ecosystem::PyPi, &name.to_lowercase(), &packages).unwrap_or_default();
            assert_eq!(found, meant, "{name}");
        }
    }

    #[test]
    fn genuine_names_are_silent() {
        for name in [
            "torch",
            "torchvision",
            "sklearn-crfsuite",
            "boto",
            "boto3",
            "nump",
            "keras-cv",
            "harbor-forms",
            "jinja2",
            "openapi",
            "pytorch",
        ] {
            assert_eq!(imitated(Ecosystem::PyPi, name, &Packages::builtin()), None, "{name}");
        }
    }

    #[test]
    fn other_ecosystems_have_popular_packages_too() {
        let packages = Packages::builtin();
        for (ecosystem, name, meant) in [
            (Ecosystem::Npm, "opanai", "openai"),
            (Ecosystem::Npm, "langchain-core", "@langchain/core"),
            (Ecosystem::Npm, "@langchian/core", "@langchain/core"),
            (Ecosystem::Npm, "anthropic-ai-sdk", "@anthropic-ai/sdk"),
            (Ecosystem::Cargo, "tokenizer", "tokenizers"),
            (Ecosystem::Go, "github.com/sashabarunov/go-openai", "github.com/sashabaranov/go-openai"),
            (Ecosystem::Conda, "transfomers", "transformers"),
        ] {
            assert_eq!(imitated(ecosystem, name, &packages), Some(meant), "{name}");
        }
        for name in ["@acme/core", "openai", "preact", "tslint", "vitest", "dotenvx"] {
            assert_eq!(imitated(Ecosystem::Npm, name, &packages), None, "{name}");
        }
    }
}
