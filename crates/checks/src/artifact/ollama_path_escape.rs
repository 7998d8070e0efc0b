//! Ollama manifests and Modelfiles that name files outside the store or the folder.

use vauban_domain::{Evidence, rule};
use vauban_formats::ollama::Ollama;

use crate::{Check, Look, Report, Subject};

rule! {
    /// Pulling or making the model reaches files outside the store.
    pub const RULE: "ollama-path-escape" {
        family: Artifact,
        severity: High,
        title: "pulling or making the model reaches files outside its folder",
        why: "the server takes a blob's digest for its file name: one that climbs out of the store reads or overwrites any file the server may touch",
        remedy: "do not pull or make it; update Ollama and get the model from its publisher",
        techniques: ["AML.T0010.003@2026.09", "AML.T0011.000@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-22"],
        owasp: ["LLM03:2025"],
        threats: ["L4.2@2025-02"],
        effect: PathTraversal,
        when: Load,
        loaders: "ollama pull and push before 0.1.34, ollama create",
        source: "CVE-2024-37032",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Ollama(check) };

/// Folders in which no model lies.
const SYSTEM: &[&str] =
    &["/boot/", "/dev/", "/etc/", "/proc/", "/root/", "/run/", "/sys/", "/var/run/", "c:\\windows"];
/// Parts of paths in which people keep secrets.
const PRIVATE: &[&str] =
    &["/.aws/", "/.config/", "/.docker/", "/.gnupg/", "/.kube/", "/.ssh/", "id_rsa", "id_ed25519"];

fn check(subject: &Subject<'_, Ollama>, report: &mut Report) {
    let mut tell = |message: String, key: &str, line: u32| {
        let locator = subject.locator.clone().at_line(line);
        report.find(&subject.asset.id, message, vec![Evidence::new(locator, key, key)]);
    };
    match subject.facts {
        Ollama::Manifest(manifest) => {
            for layer in &manifest.layers {
                if !layer.digest.starts_with("sha256") && layer.digest.contains(['/', '\\']) {
                    let message = format!(
                        "the digest of a layer is `{}`, which is a path",
                        layer.digest.escape_debug()
                    );
                    tell(message, &layer.digest, layer.line);
                }
                // The blob of another model is what `from` names in an honest manifest.
                if is_no_models_place(&layer.from) && !layer.from.contains("blobs/sha256") {
                    let message =
                        format!("a layer is taken from `{}`, where no model lies", layer.from.escape_debug());
                    tell(message, &layer.from, layer.line);
                }
            }
        }
        Ollama::Modelfile(file) => {
            for instruction in file.with_keyword("FROM").chain(file.with_keyword("ADAPTER")) {
                if is_no_models_place(&instruction.value) {
                    let message = format!(
                        "`{}` takes `{}`, where no model lies",
                        instruction.keyword,
                        instruction.value.escape_debug()
                    );
                    tell(message, &instruction.value, instruction.line);
                }
            }
        }
    }
}

/// Whether a path leads to the system's files, to people's secrets, or climbs more than two folders.
fn is_no_models_place(path: &str) -> bool {
    let path = path.to_lowercase();
    path.split(['/', '\\']).filter(|part| *part == "..").count() > 2
        || SYSTEM.iter().any(|folder| path.starts_with(folder))
        || PRIVATE.iter().any(|part| path.contains(part))
}
