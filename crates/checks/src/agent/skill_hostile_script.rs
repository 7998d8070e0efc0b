//! Scripts of skills that run what they fetch or carry secrets away.

use vauban_domain::{Evidence, Locator, rule};
use vauban_formats::Facts;
use vauban_formats::prompt::Kind;

use super::shell::{address_of, is_near, runs_download, sends_out};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A script beside a skill fetches code and runs it, or reads credentials and has a way out.
    pub const RULE: "skill-hostile-script" {
        family: Agent,
        severity: High,
        title: "script of a skill fetches code or reads credentials to send",
        why: "the model runs the scripts of a skill as its text tells it, with the user's rights; few people read them before",
        remedy: "remove the skill, look for what it sent, and replace the credentials it could read",
        techniques: ["AML.T0110.001@2026.09", "AML.T0011.002@2026.09", "AML.T0055@2026.09"],
        mitigations: ["AML.M0014@2026.09", "AML.M0028@2026.09"],
        weaknesses: ["CWE-506", "CWE-494"],
        owasp: ["ASI04:2026", "ASI05:2026"],
        threats: ["L3.4@2025-02", "X.4@2025-02"],
        source: "https://owasp.org/www-project-agentic-skills-top-10/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Places of credentials, as scripts write them.
pub(super) const CREDENTIALS: &[&str] = &[
    ".aws/credentials",
    ".azure/accesstokens",
    ".config/gcloud",
    ".docker/config.json",
    ".git-credentials",
    ".gnupg",
    ".kube/config",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".ssh/id_",
    "id_ed25519",
    "id_rsa",
    "login data",
    "login.keychain",
    "wallet.dat",
];

/// Ways out of a script.
const EXITS: &[&str] = &[
    "requests.post",
    "httpx.post",
    "urlopen(",
    "urllib.request",
    "fetch(",
    "axios.post",
    "curl ",
    "wget ",
    "socket.",
    "smtplib",
    "nc ",
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    let files = estate.inventory.files;
    let skills: Vec<&str> = files
        .iter()
        .filter(|file| matches!(&file.parsed.facts, Facts::Prompt(prompt) if prompt.kind == Kind::Skill))
        .map(|file| file.path.rsplit_once('/').map_or("", |(folder, _)| folder))
        .collect();
    if skills.is_empty() {
        return;
    }
    for file in files {
        let text = match &file.parsed.facts {
            Facts::Python(python) => &python.source,
            Facts::Text(text) => &text.text,
            _ => continue,
        };
        let code = [".py", ".sh", ".bash", ".zsh", ".js", ".mjs", ".cjs", ".ts", ".ps1", ".rb", ".pl"];
        let below = |folder: &&str| file.path.strip_prefix(*folder).is_some_and(|rest| rest.starts_with('/'));
        // A skill at the root of a repository does not make every file of it the skill's.
        let in_skill = skills.iter().filter(|folder| !folder.is_empty()).any(below)
            || (skills.contains(&"") && file.path.starts_with("scripts/"));
        if !in_skill || !code.iter().any(|end| file.path.ends_with(end)) {
            continue;
        }
        report.looked_at(&file.home);
        for (line, number) in text.lines().zip(1_u32..) {
            let place = Locator::file(&file.path).at_line(number);
            let excerpt = || line.trim().chars().take(160).collect::<String>();
            if let Some(address) = runs_download(line).filter(|address| !is_near(address)) {
                let evidence = Evidence::new(place, format!("{}/{address}", file.path), excerpt());
                report.find(
                    &file.home,
                    format!("a script of a skill fetches {address} and runs it"),
                    vec![evidence],
                );
            } else if let Some(address) = sends_out(line).filter(|_| reads_credentials(line)) {
                let evidence = Evidence::new(place, format!("{}/{address}", file.path), excerpt());
                report.find(
                    &file.home,
                    format!("a script of a skill sends credentials to {address}"),
                    vec![evidence],
                );
            }
        }
        carried_away(file, text, report);
    }
}

/// A script that names a place of credentials and sends to an address.
fn carried_away(file: &crate::File, text: &str, report: &mut Report) {
    let Some((read, number)) = text.lines().zip(1_u32..).find(|(line, _)| reads_credentials(line)) else {
        return;
    };
    let lower = text.to_lowercase();
    let exit = EXITS.iter().any(|exit| lower.contains(exit));
    let Some(address) = address_of(text).filter(|address| exit && !is_near(address)) else { return };
    let place = Locator::file(&file.path).at_line(number);
    let evidence = Evidence::new(
        place,
        format!("{}/{address}", file.path),
        read.trim().chars().take(160).collect::<String>(),
    );
    report.find(
        &file.home,
        format!("a script of a skill reads credentials and speaks to {address}"),
        vec![evidence],
    );
}

fn reads_credentials(line: &str) -> bool {
    let lower = line.to_lowercase();
    let comment = lower.trim_start().starts_with(['#']) || lower.trim_start().starts_with("//");
    !comment && CREDENTIALS.iter().any(|place| lower.contains(place))
}
