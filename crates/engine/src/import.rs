//! Takes in what other engines found: only from files that somebody named.

mod site;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, bail};
use vauban_checks::imported::{self, Mapped};
use vauban_connect::Content;
use vauban_domain::{Asset, EngineVerdict, Evidence, Finding, Limit, Outcome, Rule, Trials, Verdict};
use vauban_formats::foreign::{self, Family, Foreign, Reported, Statement};
use vauban_formats::{Budget, Input};
use vauban_knowledge::Knowledge;

use crate::discover::Discovered;
use site::{Sited, Sites};

/// Lines that two engines may be apart and still mean one place.
const NEAR: u32 = 2;

/// A file of results with its name.
pub(crate) struct Import {
    name: String,
    foreign: Foreign,
}

/// What imports add.
#[derive(Default)]
pub(crate) struct Imported {
    /// Models and targets that only the other engines know.
    pub(crate) assets: Vec<Asset>,
    /// What could not be placed.
    pub(crate) limits: Vec<Limit>,
}

/// Reads files of results.
///
/// # Errors
/// When one cannot be read, is broken or is of no engine that is known: what was named must not be dropped silently.
pub(crate) fn read<'a>(files: impl Iterator<Item = &'a Path>) -> anyhow::Result<Vec<Import>> {
    files
        .map(|path| {
            let name = path.to_string_lossy().replace('\\', "/");
            let content =
                Content::open(path).with_context(|| format!("cannot read `{name}` to import it"))?;
            let budget = Budget::default();
            let (foreign, defects) = foreign::read(&Input::new(&name, &content, &budget));
            if let Some(defect) = defects.first() {
                match (defect.code, defect.offset) {
                    ("foreign-unknown", _) => bail!(
                        "cannot import `{name}`: it {}; give SARIF or the JSON of a known engine",
                        defect.detail
                    ),
                    _ => bail!("cannot import `{name}`: {}; export it again", defect.detail),
                }
            }
            Ok(Import { name, foreign })
        })
        .collect()
}

/// Joins results with the findings that say the same, and makes findings of the rest.
pub(crate) fn merge(
    imports: &[Import],
    discovered: &Discovered,
    subject: &str,
    knowledge: &Knowledge,
    findings: &mut Vec<Finding>,
    outcomes: &mut Vec<Outcome>,
) -> Imported {
    let mut imported = Imported::default();
    let mut sites = Sites::of(discovered, subject);
    let mut placed: Vec<(&Reported, Sited, Mapped<'_>)> = Vec::new();
    for import in imports {
        for reported in &import.foreign.results {
            let sited = sites.site(reported, &import.name, &mut imported.assets);
            placed.push((reported, sited, imported::mapped(reported, knowledge)));
        }
    }
    // The order of files and of results in them decides nothing.
    placed.sort_by(|(one, at, _), (other, there, _)| {
        (&one.engine, &one.rule, &at.asset, &at.locator, &one.detail, &one.message).cmp(&(
            &other.engine,
            &other.rule,
            &there.asset,
            &there.locator,
            &other.detail,
            &other.message,
        ))
    });
    let own = findings.len();
    let mut added: Vec<(Vec<String>, Vec<String>)> = Vec::new();
    for (reported, sited, mapped) in &placed {
        let verdict = verdict(reported, &mapped.techniques);
        let known = best(findings, own, &added, reported, sited, mapped);
        if let Some(finding) = known.and_then(|at| findings.get_mut(at)) {
            if finding.verdicts.is_empty() {
                finding.verdicts.push(ours(finding));
            }
            if !finding.verdicts.contains(&verdict) {
                finding.verdicts.push(verdict);
            }
            continue;
        }
        let finding = finding(reported, sited, mapped.rule, verdict);
        count(outcomes, &finding);
        findings.push(finding);
        added.push((reported.weaknesses.clone(), reported.vulnerabilities.clone()));
    }
    for import in imports {
        let unfit = import
            .foreign
            .statements
            .iter()
            .filter(|statement| !answer(statement, &import.name, findings))
            .count();
        if unfit > 0 {
            let what = format!("{unfit} statements about vulnerabilities fit no finding");
            imported.limits.push(Limit { place: import.name.clone(), what });
        }
    }
    imported
}

/// The finding that says what a result says, if there is one: of ours, or made of another engine's result.
fn best(
    findings: &[Finding],
    own: usize,
    added: &[(Vec<String>, Vec<String>)],
    reported: &Reported,
    sited: &Sited,
    mapped: &Mapped<'_>,
) -> Option<usize> {
    let name = reported.detail.rsplit(['.', ':', '/']).next().unwrap_or_default();
    let mut found: Option<(u32, usize)> = None;
    for (at, finding) in findings.iter().enumerate() {
        let extra = at.checked_sub(own).and_then(|at| added.get(at));
        let vulnerable = reported
            .vulnerabilities
            .iter()
            .any(|id| says(finding, id) || extra.is_some_and(|(_, known)| known.contains(id)));
        if reported.family == Family::Vulnerability || !reported.vulnerabilities.is_empty() && vulnerable {
            if vulnerable && finding.asset == sited.asset {
                return Some(at);
            }
            continue;
        }
        let same_rule = mapped.same.iter().position(|rule| rule.id == finding.rule);
        let weaknesses = || -> Vec<String> {
            let of_rule = imported::rule(&finding.rule)
                .map(|rule| rule.weaknesses.iter().map(ToString::to_string).collect::<Vec<_>>());
            extra
                .map(|(weaknesses, _)| weaknesses.clone())
                .filter(|known| !known.is_empty())
                .or(of_rule)
                .unwrap_or_default()
        };
        let near = is_near(finding, sited);
        let score = match (same_rule, near) {
            (Some(rank), Some(exact)) => {
                let named = !name.is_empty()
                    && finding
                        .evidence
                        .iter()
                        .any(|evidence| evidence.key.contains(name) || evidence.excerpt.contains(name));
                1000 - u32::try_from(rank).unwrap_or(0)
                    + if named { 500 } else { 0 }
                    + if exact { 200 } else { 0 }
            }
            // No row says so, but both name one weakness on one line.
            (None, Some(true))
                if sited.locator.line.is_some()
                    && reported.weaknesses.iter().any(|id| weaknesses().contains(id)) =>
            {
                100
            }
            (None, Some(_))
                if finding.rule == mapped.rule.id
                    && extra.is_some()
                    && reported.family == Family::Artifact
                    && !name.is_empty()
                    && says(finding, name) =>
            {
                50
            }
            _ => continue,
        };
        if found.is_none_or(|(most, _)| score > most) {
            found = Some((score, at));
        }
    }
    found.map(|(_, at)| at)
}

/// Whether a finding is about the place of a result, and whether to the line.
fn is_near(finding: &Finding, sited: &Sited) -> Option<bool> {
    let Some(path) = sited.file.as_deref() else {
        return (finding.asset == sited.asset).then_some(false);
    };
    let mut near = None;
    for evidence in finding.evidence.iter().filter(|evidence| evidence.locator.path == path) {
        let members = (&evidence.locator.member, &sited.locator.member);
        if let (Some(one), Some(other)) = members
            && !one.ends_with(other.as_str())
            && !other.ends_with(one.as_str())
        {
            continue;
        }
        match (evidence.locator.line, sited.locator.line) {
            (Some(one), Some(other)) if one.abs_diff(other) <= NEAR => return Some(true),
            (Some(_), Some(_)) => {}
            _ => near = Some(false),
        }
    }
    near
}

/// Whether a finding names something: in a key, an excerpt or its message, as a whole word.
fn says(finding: &Finding, word: &str) -> bool {
    let word = word.to_lowercase();
    let named = |text: &str| {
        text.to_lowercase()
            .split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_')
            .any(|part| part == word)
    };
    finding.evidence.iter().any(|evidence| named(&evidence.key) || named(&evidence.excerpt))
        || named(&finding.message)
}

fn verdict(reported: &Reported, techniques: &[String]) -> EngineVerdict {
    EngineVerdict {
        engine: reported.engine.clone(),
        rule: reported.rule.clone(),
        severity: reported.severity,
        said: shortened(&reported.message),
        techniques: techniques.to_vec(),
        trials: reported.trials.map(|trials| Trials { made: trials.made, failed: trials.failed }),
        answers: false,
    }
}

/// What this engine says, beside the others.
fn ours(finding: &Finding) -> EngineVerdict {
    EngineVerdict {
        engine: "vauban".to_owned(),
        rule: finding.rule.to_string(),
        severity: Some(finding.severity),
        said: finding.message.clone(),
        ..EngineVerdict::default()
    }
}

fn finding(reported: &Reported, sited: &Sited, rule: &Rule, verdict: EngineVerdict) -> Finding {
    let mut key = format!("{}/{}", reported.engine, reported.rule);
    if !reported.detail.is_empty() {
        key = format!("{key}/{}", reported.detail);
    }
    let excerpt = match reported.trials {
        Some(trials) => {
            format!("{}: {} of {} attempts got through", reported.rule, trials.failed, trials.made)
        }
        None => match &reported.place.package {
            Some(package) => {
                let version = package.version.as_deref().unwrap_or_default();
                shortened(&format!("{} {version}: {}", package.name, reported.message))
            }
            None => shortened(&reported.message),
        },
    };
    let mut evidence = Evidence::new(sited.locator.clone(), key, excerpt);
    if sited.locator.path.is_empty() {
        evidence.locator.path = sited.asset.to_string();
    }
    let said = shortened(&reported.message);
    let said = said.trim_end_matches('.');
    let message = match said {
        "" => format!("{} reports {}", reported.engine, reported.rule),
        said => format!("{} reports {}: {said}", reported.engine, reported.rule),
    };
    let mut finding = Finding::new(rule, &sited.asset, message, vec![evidence]);
    if let Some(severity) = reported.severity {
        finding = finding.with_severity(severity);
    }
    finding.verdicts.push(verdict);
    finding
}

/// The first line, at most two hundred characters.
fn shortened(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().chars().take(200).collect()
}

/// Counts a finding among the outcomes: what was clean by our look is not by theirs.
fn count(outcomes: &mut Vec<Outcome>, finding: &Finding) {
    match outcomes.iter_mut().find(|outcome| outcome.rule == finding.rule && outcome.asset == finding.asset) {
        Some(outcome) => {
            outcome.verdict = match outcome.verdict {
                Verdict::Found(count) => Verdict::Found(count + 1),
                _ => Verdict::Found(1),
            };
        }
        None => outcomes.push(Outcome {
            rule: finding.rule.clone(),
            asset: finding.asset.clone(),
            verdict: Verdict::Found(1),
        }),
    }
}

/// Whether a finding is about a version, or names none.
fn is_version(finding: &Finding, version: &str) -> bool {
    let texts = finding
        .evidence
        .iter()
        .flat_map(|evidence| [&evidence.key, &evidence.excerpt])
        .chain([&finding.message]);
    let words = texts
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '+' | '-' | '!')));
    let mut versions = words
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.starts_with(|first: char| first.is_ascii_digit()) && word.contains('.'))
        .peekable();
    versions.peek().is_none() || versions.any(|word| word == version)
}

/// Gives a statement to the findings that it is about; whether there are any.
fn answer(statement: &Statement, file: &str, findings: &mut [Finding]) -> bool {
    let mut fits = false;
    for finding in findings {
        let about = statement
            .vulnerabilities
            .iter()
            .any(|id| says(finding, id) || finding.verdicts.iter().any(|verdict| verdict.rule == *id));
        let of_package = statement.packages.is_empty()
            || statement.packages.iter().any(|package| {
                site::is_package(&finding.asset, package)
                    && package.version.as_deref().is_none_or(|version| is_version(finding, version))
            });
        if !about || !of_package {
            continue;
        }
        fits = true;
        if finding.verdicts.is_empty() {
            finding.verdicts.push(ours(finding));
        }
        let author = if statement.author.is_empty() { "vex" } else { statement.author.as_str() };
        let said = match statement.justification.as_str() {
            "" => statement.state.clone(),
            why => format!("{}: {}", statement.state, shortened(why)),
        };
        finding.verdicts.push(EngineVerdict {
            engine: author.to_owned(),
            rule: format!("vex {}", file.rsplit('/').next().unwrap_or(file)),
            said,
            answers: statement.answers(),
            ..EngineVerdict::default()
        });
    }
    fits
}

/// The rules that findings of imports can be of, beside our own.
pub(crate) fn rules() -> impl Iterator<Item = Rule> {
    imported::RULES.iter().cloned()
}
