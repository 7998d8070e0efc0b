//! Tool servers that may be others tomorrow.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::Mcp;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool server is started without a fixed version.
    pub const RULE: "mcp-server-unpinned" {
        family: Agent,
        severity: High,
        title: "MCP server is not pinned",
        why: "each start fetches whatever was published last under that name and runs it with the rights of the user: a taken-over package becomes code on this machine",
        remedy: "name the version (name@1.2.3, name==1.2.3) or the digest of the image",
        techniques: ["AML.T0010.005@2026.09", "AML.T0109@2026.09"],
        mitigations: ["AML.M0014@2026.09"],
        weaknesses: ["CWE-1357"],
        owasp: ["ASI04:2026", "LLM03:2025"],
        threats: ["L3.4@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        let words: Vec<&str> = server.words().collect();
        let Some(package) = unpinned(&words) else { continue };
        let place = subject.locator.clone().at_line(server.line);
        let evidence = Evidence::new(place, server.name.clone(), words.join(" "));
        let message = format!("server `{}` starts `{package}` in whatever version is newest", server.name);
        report.find(&owner(subject, &server.name), message, vec![evidence]);
    }
}

/// The package or image that a command fetches without naming a version.
fn unpinned<'a>(words: &[&'a str]) -> Option<&'a str> {
    let program =
        words.first()?.rsplit(['/', '\\']).next()?.trim_end_matches(".cmd").trim_end_matches(".exe");
    let rest = words.get(1..)?;
    let runner = match (program, rest.first().copied()) {
        ("cmd", Some("/c" | "/C")) => return unpinned(rest.get(1..)?),
        ("npx" | "bunx" | "pnpx", _) => Runner::Node(rest),
        ("npm", Some("exec" | "x")) | ("pnpm" | "yarn", Some("dlx")) | ("bun", Some("x")) => {
            Runner::Node(rest.get(1..)?)
        }
        ("uvx", _) => Runner::Python(rest),
        ("uv", Some("tool")) => Runner::Python(rest.get(2..)?),
        ("pipx", Some("run")) => Runner::Python(rest.get(1..)?),
        ("docker" | "podman", Some("run")) => Runner::Image(rest.get(1..)?),
        _ => return None,
    };
    match runner {
        Runner::Node(words) => {
            let package = named(words, &["-p", "--package"], &["-c", "--call"])?;
            let version = package.get(1..)?.split_once('@').map(|(_, version)| version);
            let fixed = is_local(package)
                || version.is_some_and(|version| {
                    version.bytes().any(|byte| byte.is_ascii_digit())
                        && !version.starts_with(['^', '~', '>', '*'])
                });
            (!fixed).then_some(package)
        }
        Runner::Python(words) => {
            let package = named(words, &["--from", "--spec"], &["--python", "-p", "--with", "--index-url"])?;
            let commit = package.contains("://")
                && package
                    .rsplit_once('@')
                    .is_some_and(|(_, commit)| commit.len() >= 7 && !commit.contains('/'));
            let fixed = is_local(package)
                || package.contains("==")
                || commit
                || (!package.contains("://")
                    && package.split_once('@').is_some_and(|(_, version)| version != "latest"));
            (!fixed).then_some(package)
        }
        Runner::Image(words) => {
            let image = named(words, &[], WITH_VALUE)?;
            let last = image.rsplit('/').next()?;
            let fixed =
                image.contains("@sha256:") || last.split_once(':').is_some_and(|(_, tag)| tag != "latest");
            (!fixed).then_some(image)
        }
    }
}

/// Words behind a program that fetches what it runs.
enum Runner<'a, 'b> {
    Node(&'b [&'a str]),
    Python(&'b [&'a str]),
    Image(&'b [&'a str]),
}

/// Flags of `docker run` that take a value of their own.
const WITH_VALUE: &[&str] = &[
    "--cpus",
    "--entrypoint",
    "--env",
    "--env-file",
    "--label",
    "--memory",
    "--mount",
    "--name",
    "--network",
    "--platform",
    "--publish",
    "--user",
    "--volume",
    "--workdir",
    "-e",
    "-l",
    "-m",
    "-p",
    "-u",
    "-v",
    "-w",
];

/// The value of one of the flags `naming`, or else the first word that is no flag and no value of one.
fn named<'a>(words: &[&'a str], naming: &[&str], with_value: &[&str]) -> Option<&'a str> {
    let mut words = words.iter();
    let mut first = None;
    while let Some(word) = words.next() {
        if let Some((flag, value)) = word.split_once('=').filter(|(flag, _)| flag.starts_with('-')) {
            if naming.contains(&flag) {
                return Some(value);
            }
        } else if naming.contains(word) {
            return words.next().copied();
        } else if with_value.contains(word) {
            words.next();
        } else if !word.starts_with('-') {
            first = Some(*word);
            break;
        }
    }
    first
}

fn is_local(package: &str) -> bool {
    package.starts_with(['.', '/', '~']) || package.starts_with("file:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_and_their_spellings_are_known() {
        for (command, wanted) in [
            ("npx -y @a/b@1.2.3", None),
            ("npx -y @a/b", Some("@a/b")),
            ("npx -y a@latest", Some("a@latest")),
            ("npx --package=a@1 a", None),
            ("cmd /c npx -y a", Some("a")),
            ("uvx a==1", None),
            ("uvx a@1.0", None),
            ("uvx --from git+https://x/y y", Some("git+https://x/y")),
            ("uvx --from git+https://x/y@0123456789 y", None),
            ("uvx --with b a", Some("a")),
            ("docker run -i --rm -e TOKEN a/b", Some("a/b")),
            ("docker run -i --rm a/b:1.2", None),
            ("docker run a/b@sha256:00", None),
            ("node server.js", None),
            ("/usr/local/bin/npx ./local", None),
        ] {
            let words: Vec<&str> = command.split(' ').collect();
            assert_eq!(unpinned(&words), wanted, "{command}");
        }
    }
}
