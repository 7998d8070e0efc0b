//! What the writers of bills of materials share: which words of an asset say what, licences, package URLs, advisories.

use std::collections::BTreeSet;

use crate::tree::percent;
use crate::v1::{Asset, AssetKind, Document, Finding, Relation, RelationKind};

/// The rule whose findings are known vulnerabilities of packages.
const VULNERABLE: &str = "dependency-vulnerable";

/// The first of these attributes that says anything.
pub(crate) fn said<'a>(asset: &'a Asset, keys: &[&str]) -> Option<&'a str> {
    keys.iter().filter_map(|key| asset.attribute(key)).map(str::trim).find(|text| !text.is_empty())
}

/// A list that an attribute holds, separated by semicolons or line breaks.
pub(crate) fn list<'a>(asset: &'a Asset, keys: &[&str]) -> Vec<&'a str> {
    let text = said(asset, keys).unwrap_or_default();
    text.split([';', '\n']).map(str::trim).filter(|item| !item.is_empty()).collect()
}

/// The keys under which facts of model and data cards are kept.
pub(crate) mod key {
    pub(crate) const DESCRIPTION: &[&str] = &["description", "summary"];
    pub(crate) const SUPPLIER: &[&str] = &["supplier", "producer", "author", "authors", "publisher", "owner"];
    pub(crate) const LICENCE: &[&str] = &["licence", "license"];
    pub(crate) const LICENCE_CONCLUDED: &[&str] = &["licence_concluded", "concluded_licence"];
    pub(crate) const TASK: &[&str] = &["task", "pipeline_tag"];
    pub(crate) const FAMILY: &[&str] = &["architecture", "model_type"];
    pub(crate) const ARCHITECTURE: &[&str] = &["class", "architecture"];
    pub(crate) const USERS: &[&str] = &["users", "intended_users"];
    pub(crate) const USES: &[&str] = &["use_cases", "intended_use", "intended_uses"];
    pub(crate) const LIMITATIONS: &[&str] = &["limitations", "technical_limitations", "out_of_scope_use"];
    pub(crate) const ETHICS: &[&str] = &["ethical_considerations", "risks"];
    pub(crate) const FAIRNESS: &[&str] = &["fairness", "bias", "known_bias"];
    pub(crate) const TRAINING: &[&str] = &["training", "training_procedure", "training_data"];
    pub(crate) const PREPROCESSING: &[&str] = &["preprocessing", "data_preprocessing"];
    pub(crate) const LANGUAGES: &[&str] = &["languages", "language"];
    pub(crate) const COLLECTION: &[&str] =
        &["collection", "data_collection", "collected", "annotations_creators"];
    pub(crate) const SENSITIVITY: &[&str] = &["classification", "sensitivity", "data_class"];
    pub(crate) const RELEASED: &[&str] = &["created", "released", "release_time", "last_modified", "date"];
    pub(crate) const ADDRESS: &[&str] = &["repository", "homepage", "url", "uri", "remote"];
}

/// The versions of an asset: a package may be there in several.
pub(crate) fn versions(asset: &Asset) -> Vec<&str> {
    let text = asset.attribute("version").map(str::trim).filter(|text| !text.is_empty());
    match text {
        Some(text) if asset.kind == AssetKind::Package => {
            let versions: BTreeSet<&str> =
                text.split(',').map(str::trim).filter(|version| !version.is_empty()).collect();
            versions.into_iter().collect()
        }
        Some(text) => vec![text],
        None => Vec::new(),
    }
}

/// The ecosystem and name of a package, `("pypi", "torch")`.
pub(crate) fn package(asset: &Asset) -> Option<(&str, &str)> {
    (asset.kind == AssetKind::Package).then(|| asset.name.split_once('/')).flatten()
}

/// The package URL of one version: that which the asset states if it has one version, else made of its parts.
pub(crate) fn package_url(asset: &Asset, version: Option<&str>) -> Option<String> {
    let made = package(asset).map(|(ecosystem, name)| {
        let name = if ecosystem == "pypi" { name.to_lowercase() } else { name.to_owned() };
        // `@` before a scope is data here, a slash between namespace and name is not.
        let name = encoded(&name);
        let version = version.map(|version| format!("@{}", encoded(version).replace('/', "%2F")));
        format!("pkg:{ecosystem}/{name}{}", version.unwrap_or_default())
    });
    let stated = asset.attribute("purl").filter(|purl| purl.starts_with("pkg:") && is_plain(purl));
    match (stated, made) {
        (Some(stated), _)
            if versions(asset).len() < 2 && version.is_none_or(|version| stated.contains(version)) =>
        {
            Some(stated.to_owned())
        }
        (_, Some(made)) => Some(made),
        (stated, None) => stated.map(str::to_owned),
    }
}

/// Text in a package URL, where `@` stands before the version and nowhere else.
fn encoded(text: &str) -> String {
    percent(text).replace('@', "%40")
}

/// Whether text may stand in an address as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|\\^`".contains(&byte))
}

/// An address that something can be fetched from.
pub(crate) fn address(asset: &Asset) -> Option<&str> {
    key::ADDRESS
        .iter()
        .filter_map(|key| asset.attribute(key))
        .find(|text| text.contains("://") && !text.contains(' ') && is_plain(text) && !text.contains('@'))
}

/// What a licence text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Licence {
    /// An id of the SPDX list.
    Id(String),
    /// An expression of such ids.
    Expression(String),
    /// Anything else.
    Name(String),
}

/// Ids of the SPDX licence list that models, data and their packages carry.
const LICENCES: &[&str] = &[
    "0BSD",
    "AFL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-3-Clause-Clear",
    "BSL-1.0",
    "CC-BY-2.0",
    "CC-BY-2.5",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-2.0",
    "CC-BY-NC-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-3.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-2.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0",
    "ECL-2.0",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.1",
    "EUPL-1.2",
    "GFDL-1.3-or-later",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ISC",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "LPPL-1.3c",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "MS-PL",
    "NCSA",
    "ODC-By-1.0",
    "ODbL-1.0",
    "OFL-1.1",
    "OSL-3.0",
    "PDDL-1.0",
    "PSF-2.0",
    "PostgreSQL",
    "Python-2.0",
    "Unlicense",
    "Unicode-3.0",
    "WTFPL",
    "ZPL-2.1",
    "Zlib",
    "HPND",
];

/// The SPDX id that is written like this in another case, as model cards have them.
fn licence_id(text: &str) -> Option<&'static str> {
    LICENCES.iter().find(|id| id.eq_ignore_ascii_case(text)).copied()
}

/// Reads a licence as written in a card or a package.
pub(crate) fn licence(text: &str) -> Licence {
    if let Some(id) = licence_id(text) {
        return Licence::Id(id.to_owned());
    }
    let words: Vec<String> = text
        .replace('(', " ( ")
        .replace(')', " ) ")
        .split_ascii_whitespace()
        .map(|word| licence_id(word).unwrap_or(word).to_owned())
        .collect();
    let operator = |word: &str| matches!(word, "AND" | "OR" | "WITH");
    let known = words.iter().enumerate().all(|(at, word)| {
        operator(word)
            || matches!(word.as_str(), "(" | ")")
            || licence_id(word).is_some()
            || (at > 0 && words[at - 1] == "WITH" && is_plain(word))
    });
    let balanced =
        words.iter().filter(|word| *word == "(").count() == words.iter().filter(|word| *word == ")").count();
    let operands = words.iter().filter(|word| !operator(word) && !matches!(word.as_str(), "(" | ")")).count();
    let operators = words.iter().filter(|word| operator(word)).count();
    if known && balanced && operands > 1 && operators + 1 == operands {
        return Licence::Expression(words.join(" ").replace("( ", "(").replace(" )", ")"));
    }
    Licence::Name(text.to_owned())
}

/// A known vulnerability of a package, with what the owner decided about it.
#[derive(Debug)]
pub(crate) struct Vulnerability<'a> {
    /// Its id: CVE, GHSA, PYSEC ...
    pub(crate) id: String,
    /// Other names of it in the finding.
    pub(crate) aliases: Vec<String>,
    /// The finding that names it.
    pub(crate) finding: &'a Finding,
    /// What is known about its effect here.
    pub(crate) state: &'static str,
    /// Why it has none.
    pub(crate) justification: Option<&'static str>,
}

/// Why something does not affect a product, in the words of CycloneDX.
const JUSTIFICATIONS: &[&str] = &[
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

/// Vulnerabilities of packages that the review found, by id.
pub(crate) fn vulnerabilities(document: &Document) -> Vec<Vulnerability<'_>> {
    let mut found: Vec<Vulnerability<'_>> = document
        .findings()
        .iter()
        .filter(|finding| finding.rule == VULNERABLE)
        .map(|finding| {
            let mut texts: Vec<&str> =
                finding.evidence.iter().map(|evidence| evidence.key.as_str()).collect();
            texts.push(&finding.message);
            texts.extend(finding.evidence.iter().map(|evidence| evidence.excerpt.as_str()));
            let mut ids: Vec<String> = Vec::new();
            for id in texts.iter().flat_map(|text| advisory_ids(text)) {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            let id = if ids.is_empty() { format!("vauban-{}", finding.fingerprint) } else { ids.remove(0) };
            let (state, justification) = decision(finding);
            Vulnerability { id, aliases: ids, finding, state, justification }
        })
        .collect();
    found.sort_by(|a, b| (&a.id, &a.finding.fingerprint).cmp(&(&b.id, &b.finding.fingerprint)));
    found
}

/// The state of an accepted finding: its reason may begin with a word of VEX (`code_not_reachable: …`,
/// `false_positive`, `resolved`); any other reason accepts a vulnerability that stays what it is.
fn decision(finding: &Finding) -> (&'static str, Option<&'static str>) {
    let Some(acceptance) = finding.acceptance.as_ref().filter(|_| finding.is_accepted()) else {
        return ("in_triage", None);
    };
    let word =
        acceptance.reason.split([':', ' ', ',']).next().unwrap_or_default().to_lowercase().replace('-', "_");
    if let Some(justification) = JUSTIFICATIONS.iter().find(|known| **known == word) {
        return ("not_affected", Some(justification));
    }
    match word.as_str() {
        "false_positive" => ("false_positive", None),
        "not_affected" => ("not_affected", None),
        "resolved" | "fixed" => ("resolved", None),
        _ => ("exploitable", None),
    }
}

/// Which of these versions a finding is about: those that its evidence names, else those that its message names, else all.
/// The message also names the version that repairs it, which the evidence does not.
pub(crate) fn affected<'a>(finding: &Finding, versions: &[&'a str]) -> Vec<&'a str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || ".+-_!".contains(letter);
    let named = |texts: &[&str]| -> Vec<&'a str> {
        let words: BTreeSet<&str> = texts
            .iter()
            .flat_map(|text| text.split(|letter: char| !is_part(letter)))
            .map(|word| word.trim_end_matches('.'))
            .collect();
        versions.iter().copied().filter(|version| words.contains(version)).collect()
    };
    let excerpts: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.excerpt.as_str()).collect();
    let seen = named(&excerpts);
    let seen = if seen.is_empty() { named(&[&finding.message]) } else { seen };
    if seen.is_empty() { versions.to_vec() } else { seen }
}

/// Ids of advisories in a text.
fn advisory_ids(text: &str) -> Vec<String> {
    text.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'))
        .filter(|word| {
            ["CVE-", "GHSA-", "PYSEC-", "RUSTSEC-", "OSV-", "MAL-", "GO-"].iter().any(|start| {
                word.strip_prefix(start).is_some_and(|rest| rest.len() >= 6 && rest.contains('-'))
            })
        })
        .map(str::to_owned)
        .collect()
}

/// Where an advisory can be read.
pub(crate) fn advisory_source(id: &str) -> (&'static str, String) {
    if id.starts_with("CVE-") {
        ("NVD", format!("https://nvd.nist.gov/vuln/detail/{id}"))
    } else if id.starts_with("GHSA-") {
        ("GitHub Advisories", format!("https://github.com/advisories/{id}"))
    } else {
        ("OSV", format!("https://osv.dev/vulnerability/{id}"))
    }
}

/// Assets at the other end of relations of these kinds from `asset`.
pub(crate) fn targets<'a>(
    document: &'a Document,
    asset: &'a str,
    kinds: &'a [RelationKind],
) -> impl Iterator<Item = &'a Relation> {
    document
        .relations()
        .iter()
        .filter(move |relation| relation.from == asset && kinds.contains(&relation.kind))
        .filter(|relation| document.asset(&relation.to).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_told_apart() {
        assert_eq!(licence("apache-2.0"), Licence::Id("Apache-2.0".to_owned()));
        assert_eq!(
            licence("(mit OR Apache-2.0) AND GPL-2.0-only WITH Classpath-exception-2.0"),
            Licence::Expression(
                "(MIT OR Apache-2.0) AND GPL-2.0-only WITH Classpath-exception-2.0".to_owned()
            )
        );
        for other in ["llama3 community", "MIT OR", "AND", "MIT Apache-2.0", "(MIT OR ISC"] {
            assert_eq!(licence(other), Licence::Name(other.to_owned()), "{other}");
        }
    }

    #[test]
    fn ids_of_advisories_are_found_in_sentences() {
        let text = "torch 2.0 has CVE-2024-31580 (GHSA-5pcm-hx3q-hm94, PYSEC-2024-251); CVE-x";
        assert_eq!(advisory_ids(text), ["CVE-2024-31580", "GHSA-5pcm-hx3q-hm94", "PYSEC-2024-251"]);
    }
}
