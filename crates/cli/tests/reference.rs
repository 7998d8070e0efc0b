//! Keeps docs/reference/commands.md equal to what `--help` says. `VAUBAN_BLESS=1` writes it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails where it stands")]

use std::path::Path;
use std::process::Command;

#[expect(clippy::disallowed_methods, reason = "the test runs the binary as a user does")]
fn help(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_vauban"))
        .args(words)
        .arg("--help")
        .env_remove("VAUBAN_DATABASE")
        .env_remove("VAUBAN_STORE")
        .env_remove("VAUBAN_NOW")
        .env("USER", "you")
        .env("COLUMNS", "110")
        .output()
        .unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Commands as the help lists them.
fn commands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "help")
        .collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the page is a file")]
fn the_page_of_commands_says_what_help_says() {
    let top = help(&[]);
    let mut page = format!(
        "<!-- Generated: VAUBAN_BLESS=1 cargo test -p vauban --test reference. Do not edit. -->\n\n# Commands\n\n```\n{top}\n```\n"
    );
    for command in commands(&top) {
        let text = help(&[&command]);
        page.push_str(&format!("\n## vauban {command}\n\n```\n{text}\n```\n"));
        for inner in commands(&text) {
            let text = help(&[&command, &inner]);
            page.push_str(&format!("\n### vauban {command} {inner}\n\n```\n{text}\n```\n"));
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/commands.md");
    if std::env::var("VAUBAN_BLESS").is_ok() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/reference/commands.md is stale; run VAUBAN_BLESS=1 cargo test -p vauban --test reference"
    );
}
