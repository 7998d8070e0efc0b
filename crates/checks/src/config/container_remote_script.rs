//! Builds that run what a download brings.

use vauban_domain::{Evidence, rule};
use vauban_formats::dockerfile::Dockerfile;

use crate::{Check, Look, Report, Subject};

rule! {
    /// The build runs a script straight from the network.
    pub const RULE: "container-remote-script" {
        family: Config,
        severity: High,
        title: "container build runs a downloaded script",
        why: "the script is not reviewed, not pinned and not verified; whoever controls the server, or the way to it, controls the image",
        remedy: "download a fixed version, check its digest, then run it; for ADD use --checksum",
        techniques: ["AML.T0010.001@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-494"],
        owasp: ["LLM03:2025", "ASI04:2026"],
        threats: ["L4.1@2025-02"],
        source: "https://docs.docker.com/reference/dockerfile/#add---checksum",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Dockerfile(check) };

/// Programs that fetch, and programs that run what they are given.
const FETCH: &[&str] = &["curl", "wget"];
const RUN: &[&str] = &["ash", "bash", "dash", "perl", "python", "python3", "sh", "zsh"];

fn check(subject: &Subject<'_, Dockerfile>, report: &mut Report) {
    for instruction in &subject.facts.instructions {
        let found = match instruction.keyword.as_str() {
            "RUN" | "CMD" | "ENTRYPOINT" => runs_download(&instruction.arguments),
            "ADD" => {
                !instruction.arguments.contains("--checksum=")
                    && instruction.words().iter().rev().skip(1).any(|word| word.starts_with("http"))
            }
            _ => false,
        };
        if found {
            let address = instruction.arguments.split_whitespace().find(|word| word.contains("://"));
            let address = address.unwrap_or("download").trim_matches(['"', '\'', ')', '(']);
            let evidence = Evidence::new(
                subject.locator.clone().at_line(instruction.line),
                format!("{} {address}", instruction.keyword),
                instruction.arguments.chars().take(120).collect::<String>(),
            );
            report.find(
                &subject.asset.id,
                format!("runs or adds `{address}` without checking it"),
                vec![evidence],
            );
        }
    }
}

/// Whether a shell command hands a download to an interpreter: `curl | sh`, `sh <(curl)`, `sh -c "$(curl)"`.
fn runs_download(command: &str) -> bool {
    command.split(['\n', ';']).flat_map(|line| line.split("&&")).any(|line| {
        let first_word = |part: &str| -> String {
            let mut words = part.split_whitespace().skip_while(|word| {
                word.starts_with('-') || word.contains('=') || matches!(*word, "sudo" | "env" | "exec")
            });
            let word = words.next().unwrap_or_default();
            word.trim_start_matches(['(', '"', '\'']).rsplit('/').next().unwrap_or_default().to_owned()
        };
        let mut fetched = false;
        for part in line.split('|') {
            let word = first_word(part);
            if fetched && RUN.contains(&word.as_str()) {
                return true;
            }
            fetched |= FETCH.contains(&word.as_str());
        }
        let inner = ["<(", "$(", "`"]
            .iter()
            .any(|open| line.split(open).skip(1).any(|rest| FETCH.contains(&first_word(rest).as_str())));
        inner && RUN.contains(&first_word(line).as_str())
    })
}
