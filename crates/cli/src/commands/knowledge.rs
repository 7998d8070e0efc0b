//! `vauban knowledge`: facts about facts.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use vauban_knowledge::lint::{Kind, LintProblem, lint, shipped};
use vauban_knowledge::migration::{AtlasDiff, Migration, Named};
use vauban_knowledge::{Atlas, Knowledge, import};

use crate::arguments::{KnowledgeCommand, Plain};
use crate::{Ended, delivery, style, text};

/// Lists, imports or lints.
pub(crate) fn run(command: &KnowledgeCommand) -> anyhow::Result<Ended> {
    match command {
        KnowledgeCommand::List { format } => list(*format),
        KnowledgeCommand::Import { file, format } => import(file, *format),
        KnowledgeCommand::Lint { file: Some(file), format } => lint_file(file, *format),
        KnowledgeCommand::Lint { file: None, format } => lint_shipped(*format),
    }
}

#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn read(path: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8; save it as UTF-8", path.display()))
}

fn print_json(value: &Value) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    delivery::print(&bytes)
}

fn list(format: Plain) -> anyhow::Result<Ended> {
    let knowledge = Knowledge::builtin();
    let atlas = &knowledge.atlas;
    let mut rows = vec![
        ("ATLAS tactics", atlas.edition.clone(), atlas.tactics.len()),
        ("ATLAS techniques", atlas.edition.clone(), atlas.techniques.len()),
        ("ATLAS mitigations", atlas.edition.clone(), atlas.mitigations.len()),
        ("ATLAS case studies", atlas.edition.clone(), atlas.case_studies.len()),
        ("MAESTRO threats", vauban_knowledge::MAESTRO_EDITION.to_owned(), knowledge.maestro.threats.len()),
        ("controls", String::new(), knowledge.controls.len()),
        ("playbooks", String::new(), knowledge.playbooks.len()),
        ("detections in Sigma", String::new(), knowledge.detections.len()),
        ("shapes of credentials", String::new(), knowledge.secrets.len()),
        ("indicators of requirements", String::new(), knowledge.requirements.indicators.len()),
    ];
    let mut frameworks: Vec<(&str, &str)> = knowledge
        .frameworks
        .entries
        .iter()
        .map(|entry| (entry.framework.as_ref(), entry.edition.as_ref()))
        .collect();
    frameworks.sort_unstable();
    frameworks.dedup();
    for (framework, edition) in frameworks {
        rows.push((framework, edition.to_owned(), knowledge.frameworks.of(framework, edition).count()));
    }
    for catalogue in vauban_knowledge::Catalogues::FRAMEWORKS {
        let entries = knowledge.catalogues.entries.iter().filter(|entry| entry.framework == catalogue);
        let edition = entries.clone().next().map(|entry| entry.edition.clone()).unwrap_or_default();
        rows.push((catalogue, edition, entries.count()));
    }
    match format {
        Plain::Text => {
            let rows =
                rows.into_iter().map(|(what, edition, count)| [what.to_owned(), edition, count.to_string()]);
            delivery::print(text::table(["facts", "edition", "entries"], rows).as_bytes())?;
        }
        Plain::Json => {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(what, edition, count)| json!({"facts": what, "edition": edition, "entries": count}))
                .collect();
            print_json(&Value::from(rows))?;
        }
    }
    Ok(Ended::Clean)
}

fn import(path: &Path, format: Plain) -> anyhow::Result<Ended> {
    let knowledge = Knowledge::builtin();
    let read = read(path)?;
    let imported =
        import::parse(&read).with_context(|| format!("`{}` is no ATLAS release", path.display()))?;
    let ours = &knowledge.atlas;
    let older = vauban_knowledge::migration::is_older(&imported.edition, &ours.edition);
    let (before, after) = if older { (&imported, ours) } else { (ours, &imported) };
    let diff = vauban_knowledge::migration::diff(before, after);
    let moves = if older { migrations(knowledge, &imported) } else { Vec::new() };
    match format {
        Plain::Text => delivery::print(import_text(&imported, &diff, &moves).as_bytes())?,
        Plain::Json => print_json(&import_json(&imported, &diff, &moves))?,
    }
    Ok(Ended::Clean)
}

/// Ids of the imported edition that mean something else today, with where the meaning went.
fn migrations(knowledge: &Knowledge, imported: &Atlas) -> Vec<(String, String, String)> {
    let mut moves = Vec::new();
    for technique in &imported.techniques {
        let to = match knowledge.migrate(&technique.id, &imported.edition) {
            Migration::Moved { id, name, reused } => {
                let warning = if reused { "; the old id now stands for something else" } else { "" };
                format!("{id} {name}{warning}")
            }
            Migration::Renamed { now } => format!("same id, now called {now}"),
            Migration::Unknown => "in no edition that we know".to_owned(),
            Migration::Same | Migration::NotYet { .. } => continue,
        };
        moves.push((technique.id.clone(), technique.name.clone(), to));
    }
    moves
}

fn import_text(imported: &Atlas, diff: &AtlasDiff, moves: &[(String, String, String)]) -> String {
    let mut text = format!(
        "ATLAS {}: {} tactics, {} techniques, {} mitigations, {} case studies\n",
        imported.edition,
        imported.tactics.len(),
        imported.techniques.len(),
        imported.mitigations.len(),
        imported.case_studies.len()
    );
    let _ = writeln!(text, "\n{}", style::strong(&format!("from {} to {}", diff.from, diff.to)));
    if diff.is_empty() {
        text.push_str("no difference\n");
    }
    for (what, entries) in [("added", &diff.added), ("removed", &diff.removed)] {
        for entry in entries {
            let _ = writeln!(text, "  {what:8} {} {}", entry.id, entry.name);
        }
    }
    for (what, pairs) in [("renamed", &diff.renamed), ("folded", &diff.folded), ("re-used", &diff.reused)] {
        for (old, new) in pairs {
            let _ = writeln!(text, "  {what:8} {} {} -> {} {}", old.id, old.name, new.id, new.name);
        }
    }
    if !moves.is_empty() {
        let _ = writeln!(text, "\n{}", style::strong("what its ids mean today"));
        for (id, name, to) in moves {
            let _ = writeln!(text, "  {id} {name} -> {to}");
        }
    }
    text
}

fn import_json(imported: &Atlas, diff: &AtlasDiff, moves: &[(String, String, String)]) -> Value {
    let named = |named: &Named| json!({"id": named.id, "name": named.name});
    let all = |list: &[Named]| list.iter().map(named).collect::<Vec<_>>();
    let pairs = |list: &[(Named, Named)]| {
        list.iter().map(|(old, new)| json!({"old": named(old), "new": named(new)})).collect::<Vec<_>>()
    };
    json!({
        "edition": imported.edition,
        "tactics": imported.tactics.len(),
        "techniques": imported.techniques.len(),
        "mitigations": imported.mitigations.len(),
        "case_studies": imported.case_studies.len(),
        "from": diff.from,
        "to": diff.to,
        "added": all(&diff.added),
        "removed": all(&diff.removed),
        "renamed": pairs(&diff.renamed),
        "folded": pairs(&diff.folded),
        "reused": pairs(&diff.reused),
        "migrations": moves.iter().map(|(id, name, to)| json!({"id": id, "name": name, "today": to})).collect::<Vec<_>>(),
    })
}

fn lint_file(path: &Path, format: Plain) -> anyhow::Result<Ended> {
    let problems = lint(&read(path)?, Kind::Auto);
    match format {
        Plain::Text => {
            for problem in &problems {
                let line = lint_line(path, problem);
                delivery::print(line.as_bytes())?;
            }
            style::talk(&match problems.len() {
                0 => "every id resolves and agrees with its name".to_owned(),
                count => format!("{count} problems"),
            });
        }
        Plain::Json => {
            let rows: Vec<_> = problems
                .iter()
                .map(|problem| {
                    json!({
                        "line": problem.line, "key": problem.key, "id": problem.id,
                        "problem": problem.problem.as_str(), "suggestion": problem.suggestion,
                    })
                })
                .collect();
            print_json(&Value::from(rows))?;
        }
    }
    Ok(if problems.is_empty() { Ended::Clean } else { Ended::Gated })
}

/// Everything that is compiled in: requirements and what shows them, controls, dates.
fn lint_shipped(format: Plain) -> anyhow::Result<Ended> {
    let knowledge = Knowledge::builtin();
    let problems = shipped(knowledge, &vauban_engine::rules(knowledge));
    match format {
        Plain::Text => {
            for problem in &problems {
                delivery::print(format!("{}: {}\n", problem.place, problem.problem).as_bytes())?;
            }
            let requirements = &knowledge.requirements;
            style::talk(&match problems.len() {
                0 => format!(
                    "{} requirements of {} frameworks, {} indicators and {} controls hold",
                    requirements.ids().count(),
                    requirements.sets.len(),
                    requirements.indicators.len(),
                    knowledge.controls.len()
                ),
                count => format!("{count} problems"),
            });
        }
        Plain::Json => {
            let rows: Vec<_> = problems
                .iter()
                .map(|problem| json!({"place": problem.place, "problem": problem.problem}))
                .collect();
            print_json(&Value::from(rows))?;
        }
    }
    Ok(if problems.is_empty() { Ended::Clean } else { Ended::Gated })
}

fn lint_line(path: &Path, problem: &LintProblem) -> String {
    format!(
        "{}:{}: {}: {}: {}\n",
        path.display(),
        problem.locator(),
        problem.id,
        problem.problem.as_str(),
        problem.suggestion
    )
}
