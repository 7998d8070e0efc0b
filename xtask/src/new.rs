//! Starts new things in the right places.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use vauban_domain::Family;

/// Writes the skeleton of a check and lists it; returns what was written.
///
/// # Errors
/// When the family is unknown, the id is not made of lower-case words joined by hyphens, or the check exists.
pub fn check(root: &Path, family: &str, rule: &str) -> anyhow::Result<Vec<PathBuf>> {
    let family = Family::ALL
        .into_iter()
        .find(|known| known.as_str() == family)
        .with_context(|| format!("unknown family `{family}`; see vauban_domain::Family"))?;
    ensure!(
        !rule.is_empty()
            && rule
                .split('-')
                .all(|word| !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
        "`{rule}` is no rule id; use lower-case words joined by hyphens"
    );
    let module = rule.replace('-', "_");
    let folder = root.join("crates/checks/src").join(family.as_str());
    let file = folder.join(format!("{module}.rs"));
    ensure!(!file.exists(), "`{}` exists", file.display());
    let list = folder.join("mod.rs");
    let listed =
        std::fs::read_to_string(&list).with_context(|| format!("cannot read `{}`", list.display()))?;
    std::fs::write(&file, skeleton(family, rule))?;
    std::fs::write(&list, with_module(&listed, &module))?;
    let fixtures = root.join("crates/checks/fixtures").join(rule);
    std::fs::create_dir_all(&fixtures)?;
    Ok(vec![file, list, fixtures])
}

fn skeleton(family: Family, rule: &str) -> String {
    let variant = format!("{family:?}");
    format!(
        r#"//! Tells when ...

use vauban_domain::{{Evidence, rule}};
use vauban_formats::Facts;

use crate::{{Check, Look, Report, Subject}};

rule! {{
    /// ...
    pub const RULE: "{rule}" {{
        family: {variant},
        severity: Medium,
        title: "",
        why: "",
        remedy: "",
        techniques: [],
        mitigations: [],
        weaknesses: [],
        owasp: [],
        threats: [],
        source: "",
    }}
}}

/// The check.
pub const CHECK: Check = Check {{ rule: &RULE, look: Look::Any(check) }};

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {{
    let evidence = Evidence::new(subject.locator.clone(), "stable key", "what was seen");
    report.find(&subject.asset.id, "what is wrong here", vec![evidence]);
}}
"#
    )
}

/// The list with one more module and one more line, both in their sorted places.
fn with_module(list: &str, module: &str) -> String {
    let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
    insert_sorted(&mut lines, "mod ", format!("mod {module};"));
    insert_sorted(&mut lines, "    ", format!("    {module}::CHECK,"));
    lines.join("\n") + "\n"
}

/// Puts `line` before the first line that starts with `prefix`, ends like it and sorts behind it; else after the last.
fn insert_sorted(lines: &mut Vec<String>, prefix: &str, line: String) {
    let ending = line.rsplit(|c: char| c.is_alphanumeric() || c == '_').next().unwrap_or("").to_owned();
    let alike: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].starts_with(prefix) && !ending.is_empty() && lines[*at].ends_with(&ending))
        .collect();
    let place = alike
        .iter()
        .copied()
        .find(|at| lines[*at] > line)
        .or_else(|| alike.last().map(|at| at + 1))
        .unwrap_or(lines.len());
    lines.insert(place, line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_module_lands_in_its_sorted_places() {
        let list = "mod apple;\nmod cherry;\n\npub const CHECKS: &[Check] = &[\n    apple::CHECK,\n    cherry::CHECK,\n];\n";
        let expected = "mod apple;\nmod banana;\nmod cherry;\n\npub const CHECKS: &[Check] = &[\n    apple::CHECK,\n    banana::CHECK,\n    cherry::CHECK,\n];\n";
        assert_eq!(with_module(list, "banana"), expected);
    }
}
