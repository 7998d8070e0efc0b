//! Tool servers that are given the machine they run on.

use vauban_domain::{Evidence, rule};
use vauban_formats::mcp::{Mcp, Server, WITH_VALUE, program};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A tool server can reach the whole machine.
    pub const RULE: "mcp-host-access" {
        family: Agent,
        severity: High,
        title: "MCP server is given the whole machine",
        why: "whoever steers the model, with a page or a mail it reads, reaches every file or the kernel of the machine through this server: keys, sessions, other projects",
        remedy: "give it the one folder it needs, read-only where that will do; run its container without privileges, host namespaces and the engine's socket",
        techniques: ["AML.T0105@2026.09", "AML.T0112.000@2026.09", "AML.T0053@2026.09"],
        mitigations: ["AML.M0026@2026.09", "AML.M0028@2026.09", "AML.M0032@2026.09"],
        weaknesses: ["CWE-250", "CWE-668"],
        owasp: ["ASI03:2026", "ASI05:2026"],
        threats: ["L7.4@2025-02", "X.3@2025-02"],
        source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Mcp(check) };

fn check(subject: &Subject<'_, Mcp>, report: &mut Report) {
    for server in &subject.facts.servers {
        let mut seen: Vec<(String, String)> = container(server);
        if is_file_server(server) {
            seen.extend(
                server
                    .args
                    .iter()
                    .filter(|(word, _)| is_whole(word))
                    .map(|(word, _)| (word.clone(), format!("serves every file below `{word}`"))),
            );
        }
        for (key, what) in seen {
            let line = server
                .args
                .iter()
                .find(|(word, _)| word.contains(&key))
                .map_or(server.line, |(_, line)| *line);
            let evidence = Evidence::new(
                subject.locator.clone().at_line(line),
                format!("{}/{key}", server.name),
                key.clone(),
            );
            report.find(
                &owner(subject, &server.name),
                format!("server `{}` {what}", server.name),
                vec![evidence],
            );
        }
    }
}

fn is_file_server(server: &Server) -> bool {
    server.words().any(|word| {
        let word = word.to_lowercase();
        !word.starts_with('-')
            && (word.contains("filesystem")
                || word.contains("mcp-files")
                || word.contains("desktop-commander"))
    })
}

/// What a container is given, with what that means.
fn container(server: &Server) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let words: Vec<&str> = server.words().collect();
    let [engine, "run" | "container", rest @ ..] = words.as_slice() else { return found };
    if !matches!(program(engine), "docker" | "podman" | "nerdctl") {
        return found;
    }
    let mut rest = rest.iter().copied();
    while let Some(word) = rest.next() {
        if !word.starts_with('-') {
            if word == "run" {
                continue;
            }
            break;
        }
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, value),
            None if WITH_VALUE.contains(&word) => (word, rest.next().unwrap_or_default()),
            None => (word, ""),
        };
        match flag {
            "--privileged" if value != "false" => {
                found.push((flag.to_owned(), "runs in a privileged container".to_owned()))
            }
            "--net" | "--network" | "--pid" | "--ipc" | "--userns" if value == "host" => {
                found.push((
                    format!("{}=host", flag),
                    format!("shares the host's {} namespace", flag.trim_start_matches('-')),
                ));
            }
            "--cap-add"
                if matches!(
                    value.to_uppercase().trim_start_matches("CAP_"),
                    "ALL" | "SYS_ADMIN" | "SYS_PTRACE" | "SYS_MODULE" | "DAC_READ_SEARCH"
                ) =>
            {
                found.push((value.to_owned(), format!("is given the capability {value}")));
            }
            "-v" | "--volume" | "--mount" => {
                if let Some(source) = source_of(flag, value) {
                    if source.ends_with("docker.sock")
                        || source.ends_with("podman.sock")
                        || source.ends_with("containerd.sock")
                    {
                        found.push((
                            source.to_owned(),
                            "is given the socket of the container engine".to_owned(),
                        ));
                    } else if is_whole(source) {
                        found.push((source.to_owned(), format!("is given `{source}` of the host")));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

fn source_of<'a>(flag: &str, value: &'a str) -> Option<&'a str> {
    if flag == "--mount" {
        let fields = value.split(',').filter_map(|field| field.split_once('='));
        return fields.filter(|(key, _)| matches!(*key, "src" | "source")).map(|(_, source)| source).next();
    }
    // A drive letter has a colon of its own.
    let drive = value.get(1..3).filter(|part| matches!(*part, ":\\" | ":/")).map_or(0, |_| 2);
    let end = value.get(drive..)?.find(':').map(|at| drive + at)?;
    value.get(..end)
}

/// Whether a path is a whole disk, all homes, one home or a folder of the system's or user's secrets.
fn is_whole(path: &str) -> bool {
    let path = path.trim_end_matches(['/', '\\']);
    if matches!(
        path,
        "" | "~"
            | "$HOME"
            | "${HOME}"
            | "${env:HOME}"
            | "${userHome}"
            | "%USERPROFILE%"
            | "${env:USERPROFILE}"
            | "/home"
            | "/Users"
            | "/root"
            | "/etc"
            | "/var"
            | "/proc"
            | "/sys"
    ) {
        return true;
    }
    let lower = path.to_lowercase();
    let drive = lower.len() == 2 && lower.ends_with(':');
    let home =
        ["/home/", "/users/", "c:\\users\\", "c:/users/"].iter().find_map(|start| lower.strip_prefix(start));
    let secrets = [".ssh", ".aws", ".gnupg", ".kube"]
        .iter()
        .any(|folder| lower.rsplit(['/', '\\']).next() == Some(*folder));
    drive || secrets || home.is_some_and(|rest| !rest.is_empty() && !rest.contains(['/', '\\']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_machines_are_told_from_folders() {
        for path in
            ["/", "~/", "$HOME", "/home/ann", "/Users/ann/", "C:\\", "C:\\Users\\ann", "~/.ssh", "/etc"]
        {
            assert!(is_whole(path), "{path}");
        }
        for path in
            ["/home/ann/notes", "./data", "/srv/files", "${workspaceFolder}", "-y", "C:\\work\\x", "/tmp"]
        {
            assert!(!is_whole(path), "{path}");
        }
        assert_eq!(source_of("-v", "C:\\Users\\ann:/data"), Some("C:\\Users\\ann"));
        assert_eq!(source_of("--mount", "type=bind,src=/,dst=/host"), Some("/"));
        assert_eq!(source_of("-v", "named"), None);
    }
}
