//! Notebook servers that let everyone in.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_knowledge::fingerprints::Gives;

use super::service;
use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A notebook server asks for no token.
    pub const RULE: "notebook-server-without-token" {
        family: Access,
        severity: Critical,
        title: "notebook server without token or password",
        why: "whoever reaches the port runs code with the rights of the notebook: on the data, the models and the accounts it can use",
        remedy: "leave the token on (the default) or put sign-in in front; take the token from a Secret",
        techniques: ["AML.T0132@2026.09", "AML.T0049@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02"],
        source: "https://jupyter-server.readthedocs.io/en/latest/operators/security.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Server(check) };

fn check(subject: &Subject<'_, Facts>, report: &mut Report) -> bool {
    match subject.facts {
        Facts::Recording(recording) => {
            let (place, asset) = (subject.locator, &subject.asset.id);
            let (knowledge, severity) = (subject.knowledge, RULE.severity);
            return service::judge(recording, Gives::Notebooks, place, asset, knowledge, report, severity);
        }
        Facts::Kubernetes(file) => {
            for object in &file.objects {
                for (_, container) in object.containers() {
                    let mut words: Vec<(String, u32)> = container
                        .command
                        .iter()
                        .flat_map(|(text, line)| text.split_whitespace().map(|word| (word.to_owned(), *line)))
                        .collect();
                    words.extend(container.env.iter().filter(|env| env.name == "JUPYTER_TOKEN").filter_map(
                        |env| Some((format!("--ServerApp.token={}", env.value.as_ref()?), env.line)),
                    ));
                    if let Some((word, line)) = opens(&words) {
                        let key = format!("{}/{}", object.title(), container.name);
                        let evidence = Evidence::new(subject.locator.clone().at_line(line), key, word);
                        let message = format!("{} lets everyone in who reaches it", object.title());
                        report.find(&owner(subject, &object.title()), message, vec![evidence]);
                    }
                }
            }
        }
        Facts::Dockerfile(file) => {
            for instruction in &file.instructions {
                if !matches!(instruction.keyword.as_str(), "CMD" | "ENTRYPOINT" | "RUN") {
                    continue;
                }
                let words: Vec<(String, u32)> =
                    instruction.words().into_iter().map(|word| (word, instruction.line)).collect();
                if let Some((word, line)) = opens(&words) {
                    let evidence = Evidence::new(
                        subject.locator.clone().at_line(line),
                        instruction.keyword.clone(),
                        word,
                    );
                    report.find(
                        &subject.asset.id,
                        "starts a notebook server that lets everyone in",
                        vec![evidence],
                    );
                }
            }
        }
        _ => return false,
    }
    true
}

/// The word that empties the token, unless a password is set instead.
fn opens(words: &[(String, u32)]) -> Option<(String, u32)> {
    let value = |word: &str, key: &str| -> Option<String> {
        let (name, value) = word.split_once('=')?;
        let named = name.starts_with("--") || name.starts_with("c.");
        (named && name.ends_with(key)).then(|| value.trim_matches(['"', '\'']).to_owned())
    };
    let has_password = words.iter().any(|(word, _)| {
        ["password", "hashed_password"].iter().any(|key| value(word, key).is_some_and(|v| !v.is_empty()))
    });
    let empty = words.iter().find(|(word, _)| {
        value(word, "App.token").or_else(|| value(word, "Provider.token")).is_some_and(|v| v.is_empty())
    });
    empty.filter(|_| !has_password).cloned()
}
