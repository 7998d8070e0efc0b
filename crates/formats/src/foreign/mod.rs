//! What other engines found, in the formats in which they write it down. Read only when somebody names the file: nothing
//! in a scanned tree can speak for it.
//!
//! SARIF, and the own formats of Bandit, Checkov, garak, Gitleaks, ModelAudit, ModelScan, nuclei, picklescan, promptfoo,
//! Prowler (OCSF), PyRIT, Semgrep and Trivy; statements about exploitability in CycloneDX and OpenVEX. Each file of this
//! folder names its source.

mod bandit;
mod checkov;
mod garak;
mod gitleaks;
mod modelaudit;
mod modelscan;
mod nuclei;
mod picklescan;
mod place;
mod promptfoo;
mod prowler;
mod pyrit;
mod sarif;
mod semgrep;
#[cfg(test)]
mod tests;
mod trivy;
mod vex;

use vauban_domain::Severity;

use crate::yaml::{Node, text_of};
use crate::{Defect, Input, Limits, json};

pub use place::{Package, Place};

/// What part of the world a result is about, which decides what becomes of one that no rule is known for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Family {
    /// Model files.
    Artifact,
    /// Cloud accounts, infrastructure code, clusters, running services.
    Cloud,
    /// Source code.
    #[default]
    Code,
    /// What a language model says under test.
    LanguageModel,
    /// Known vulnerabilities of packages.
    Vulnerability,
}

/// One result of another engine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reported {
    /// The engine, in lower case: `semgrep`.
    pub engine: String,
    /// Its name for what it looked for.
    pub rule: String,
    /// What tells several results of one rule at one place apart: a callable, a package.
    pub detail: String,
    /// What it says, in its words.
    pub message: String,
    /// How bad it says that is, in its word; empty if it does not say.
    pub severity_word: String,
    /// The same on our scale.
    pub severity: Option<Severity>,
    /// What part of the world it is about.
    pub family: Family,
    /// Where.
    pub place: Place,
    /// CWE ids, `CWE-502`.
    pub weaknesses: Vec<String>,
    /// Ids of vulnerabilities, `CVE-2024-1`, `GHSA-…`.
    pub vulnerabilities: Vec<String>,
    /// Attempts made and attempts that got through, of engines that try.
    pub trials: Option<Trials>,
}

/// Attempts against a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Trials {
    /// Made and judged.
    pub made: u64,
    /// That got through.
    pub failed: u64,
}

/// What somebody says about a vulnerability in something.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statement {
    /// Who says it, if it is written.
    pub author: String,
    /// Ids of the vulnerability.
    pub vulnerabilities: Vec<String>,
    /// What it is said about; empty for everything in the document's subject.
    pub packages: Vec<Package>,
    /// `not_affected`, `fixed` ...
    pub state: String,
    /// Why, in the format's word and the author's.
    pub justification: String,
}

impl Statement {
    /// Whether it says that nothing needs to be done.
    pub fn answers(&self) -> bool {
        matches!(
            self.state.as_str(),
            "not_affected" | "false_positive" | "resolved" | "resolved_with_pedigree" | "fixed"
        )
    }
}

/// The facts of one file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Foreign {
    /// Name of the format: `sarif`, `modelscan` ...
    pub format: &'static str,
    /// What was found.
    pub results: Vec<Reported>,
    /// What was said about vulnerabilities.
    pub statements: Vec<Statement>,
    /// Things that were looked at and found clean, as far as the engine says.
    pub clean: u64,
}

/// Reads a file of results. What is wrong with it is a defect with its place; a file of no known engine is one too.
pub fn read(input: &Input<'_>) -> (Foreign, Vec<Defect>) {
    let limits = &input.budget.limits;
    let (text, mut defects) = text_of(input.bytes, limits);
    let trimmed = text.trim_start_matches('\u{feff}').trim_start();
    if !trimmed.starts_with(['{', '[']) {
        return match picklescan::read(&text) {
            Some(results) => (
                bounded(
                    Foreign { format: "picklescan", results, ..Foreign::default() },
                    limits,
                    &mut defects,
                ),
                defects,
            ),
            None => unknown("is neither JSON nor the output of picklescan", defects),
        };
    }
    if let Some(found) = lines(trimmed, limits) {
        return match found {
            Ok(foreign) => (bounded(foreign, limits, &mut defects), defects),
            Err(defect) => {
                defects.push(defect);
                (Foreign::default(), defects)
            }
        };
    }
    let (root, mut more) = json::read_text(&text, limits);
    defects.append(&mut more);
    if !defects.is_empty() {
        return (Foreign::default(), defects);
    }
    match document(&root) {
        Some(foreign) => (bounded(foreign, limits, &mut defects), defects),
        None => unknown("is JSON of no engine that is known here", defects),
    }
}

fn unknown(why: &str, mut defects: Vec<Defect>) -> (Foreign, Vec<Defect>) {
    defects.push(Defect::whole("foreign-unknown", why.to_owned()));
    (Foreign::default(), defects)
}

fn bounded(mut foreign: Foreign, limits: &Limits, defects: &mut Vec<Defect>) -> Foreign {
    if foreign.results.len() > limits.records {
        foreign.results.truncate(limits.records);
        defects.push(Defect::whole("limit-records", format!("more than {} results", limits.records)));
    }
    foreign
}

/// A file with one JSON object in every line; `None` if it is none.
fn lines(text: &str, limits: &Limits) -> Option<Result<Foreign, Defect>> {
    let first = text.lines().next()?.trim();
    if !first.starts_with('{') || !first.ends_with('}') {
        return None;
    }
    let (head, problems) = json::read_text(first, limits);
    if !problems.is_empty() {
        return None;
    }
    let is_garak = !head.get("entry_type").is_null();
    let is_nuclei = !head.get("template-id").is_null();
    let is_promptfoo = !head.get("promptIdx").is_null() && !head.get("provider").is_null();
    if !is_garak && !is_nuclei && !is_promptfoo {
        return None;
    }
    let mut entries = Vec::new();
    for (line, number) in text.lines().zip(1_u32..).filter(|(line, _)| !line.trim().is_empty()) {
        let (entry, problems) = json::read_text(line, limits);
        if let Some(problem) = problems.first() {
            let detail = problem.detail.strip_prefix("line 1: ").unwrap_or(&problem.detail);
            return Some(Err(Defect::whole("json-syntax", format!("line {number}: {detail}"))));
        }
        if is_garak && entry.get("entry_type").text() == Some("attempt") {
            // Attempts hold whole conversations, and the evaluations below count them.
            continue;
        }
        entries.push(entry);
        if entries.len() > limits.records {
            return Some(Err(Defect::whole(
                "limit-records",
                format!("more than {} records", limits.records),
            )));
        }
    }
    Some(Ok(if is_garak {
        garak::read(&entries)
    } else if is_nuclei {
        nuclei::read(&entries)
    } else {
        promptfoo::read(entries.iter())
    }))
}

/// A file that is one JSON value.
fn document(root: &Node) -> Option<Foreign> {
    let first = root.items().first().unwrap_or(root);
    if root.get("runs").is_list()
        && (root.get("$schema").text_or_empty().contains("sarif")
            || root.get("version").text().is_some_and(|version| version.starts_with("2.1")))
    {
        return Some(sarif::read(root));
    }
    if root.get("bomFormat").text() == Some("CycloneDX") && root.get("vulnerabilities").is_list() {
        return Some(vex::cyclonedx(root));
    }
    if root.get("@context").text_or_empty().contains("openvex") {
        return Some(vex::openvex(root));
    }
    if root.at("summary.modelscan_version").text().is_some() {
        return Some(modelscan::read(root));
    }
    if root.get("issues").is_list() && !root.get("bytes_scanned").is_null() {
        return Some(modelaudit::read(root));
    }
    if !root.get("SchemaVersion").is_null() && !root.get("ArtifactName").is_null() {
        return Some(trivy::read(root));
    }
    if first.get("check_type").text().is_some() && first.get("results").is_map() {
        return Some(checkov::read(root));
    }
    if !first.at("metadata.event_code").is_null()
        || first.at("metadata.product.name").text() == Some("Prowler")
    {
        return Some(prowler::read(root));
    }
    if root.get("results").is_list() && root.at("metrics._totals").is_map() {
        return Some(bandit::read(root));
    }
    if root.get("results").is_list()
        && (!root.get("errors").is_null() || !root.get("version").is_null())
        && (root.get("paths").is_map()
            || !root
                .get("results")
                .items()
                .first()
                .map_or(&Node::default(), |result| result.get("check_id"))
                .is_null())
    {
        return Some(semgrep::read(root));
    }
    if root.get("results").get("results").is_list() {
        return Some(promptfoo::read(root.get("results").get("results").items().iter()));
    }
    if first.get("template-id").text().is_some() {
        return Some(nuclei::read(entries(root)));
    }
    if first.get("RuleID").text().is_some() && !first.get("File").is_null() {
        return Some(gitleaks::read(root));
    }
    if pyrit::is_pyrit(first) {
        return Some(pyrit::read(root));
    }
    None
}

/// The items of a list, or the value itself.
fn entries(root: &Node) -> &[Node] {
    root.one_or_many()
}

/// Severities by the words of any engine.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    match word.to_lowercase().as_str() {
        "critical" | "fatal" => Some(Severity::Critical),
        "high" | "error" => Some(Severity::High),
        "medium" | "moderate" | "warning" => Some(Severity::Medium),
        "low" | "note" | "minor" => Some(Severity::Low),
        "info" | "informational" | "information" | "none" | "inventory" => Some(Severity::Info),
        _ => None,
    }
}

/// A CWE id out of `CWE-502: …`, `cwe-502`, `502` or `external/cwe/cwe-502`.
fn weakness(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let digits = match lower.rfind("cwe-") {
        Some(at) => &lower[at + 4..],
        None => lower.trim(),
    };
    let number: String = digits.chars().take_while(char::is_ascii_digit).collect();
    let number = number.trim_start_matches('0');
    let whole = lower.contains("cwe-") || digits.len() == number.len();
    (!number.is_empty() && number.len() <= 5 && whole).then(|| format!("CWE-{number}"))
}

/// Whether a word is the id of a vulnerability.
fn is_vulnerability(word: &str) -> bool {
    ["CVE-", "GHSA-", "PYSEC-", "OSV-", "RUSTSEC-", "GO-", "MAL-"]
        .iter()
        .any(|start| word.to_uppercase().starts_with(start))
}

/// Texts of a list or of one text.
fn texts(node: &Node) -> Vec<String> {
    node.one_or_many().iter().filter_map(|item| item.text().map(str::to_owned)).collect()
}

/// What people read of a message of several lines.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// A one-based line.
fn line_of(node: &Node) -> Option<u32> {
    node.integer().and_then(|line| u32::try_from(line).ok()).filter(|line| *line > 0)
}
