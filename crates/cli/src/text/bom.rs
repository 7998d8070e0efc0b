//! Scores and differences of bills of materials.

use std::fmt::Write;

use vauban_export::BomDiff;
use vauban_export::score::{Scores, State, Subject};

use super::{section, table};

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn states(subject: &Subject) -> [usize; 3] {
    [State::Present, State::Partly, State::Missing]
        .map(|state| subject.elements.iter().filter(|judged| judged.state == state).count())
}

/// `vauban bom score`.
pub(crate) fn score(scores: &Scores) -> String {
    let mut text =
        format!("{}: {} of {} elements that apply\n", scores.list, percent(scores.score), scores.counted);
    let rows = scores.subjects.iter().map(|subject| {
        let [present, partly, missing] = states(subject).map(|count| count.to_string());
        [subject.kind.clone(), subject.name.clone(), percent(subject.score), present, partly, missing]
    });
    text.push_str(&table(["of", "name", "score", "present", "partly", "missing"], rows));
    for subject in &scores.subjects {
        let open: Vec<_> = subject.elements.iter().filter(|judged| judged.state != State::Present).collect();
        if open.is_empty() {
            continue;
        }
        section(&mut text, &format!("{} {}", subject.kind, subject.name));
        let rows = open.into_iter().map(|judged| {
            [
                judged.state.as_str().to_owned(),
                judged.name.clone(),
                judged.why.clone(),
                judged.supplier.clone(),
            ]
        });
        text.push_str(&table(["", "element", "what there is", "who could supply it"], rows));
    }
    text
}

/// The same for a page.
pub(crate) fn score_markdown(scores: &Scores) -> String {
    let mut text = format!(
        "# {}\n\n{} of {} elements that apply.\n\n",
        scores.list,
        percent(scores.score),
        scores.counted
    );
    text.push_str(
        "| of | name | score | present | partly | missing |\n| --- | --- | --: | --: | --: | --: |\n",
    );
    for subject in &scores.subjects {
        let [present, partly, missing] = states(subject);
        let _ = writeln!(
            text,
            "| {} | {} | {} | {present} | {partly} | {missing} |",
            subject.kind,
            cell(&subject.name),
            percent(subject.score)
        );
    }
    for subject in &scores.subjects {
        let _ = writeln!(text, "\n## {} {}\n", subject.kind, cell(&subject.name));
        text.push_str(
            "| element | state | what there is | who could supply it |\n| --- | --- | --- | --- |\n",
        );
        for judged in &subject.elements {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                judged.name,
                judged.state.as_str(),
                cell(&judged.why),
                judged.supplier
            );
        }
    }
    text
}

/// `vauban bom diff`.
pub(crate) fn diff(diff: &BomDiff) -> String {
    let mut text = String::new();
    for (heading, lines) in lists(diff) {
        if !lines.is_empty() {
            section(&mut text, &format!("{} {heading}", lines.len()));
            for line in lines {
                let _ = writeln!(text, "  {}", plain(&line));
            }
        }
    }
    if text.is_empty() {
        text.push_str("no difference\n");
    }
    text
}

/// The same for a page.
pub(crate) fn diff_markdown(diff: &BomDiff) -> String {
    let mut text = String::from("# Difference of two bills of materials\n");
    for (heading, lines) in lists(diff) {
        if !lines.is_empty() {
            let _ = writeln!(text, "\n## {} {heading}\n", lines.len());
            for line in lines {
                let _ = writeln!(text, "- {}", cell(&line));
            }
        }
    }
    if diff.is_empty() {
        text.push_str("\nNo difference.\n");
    }
    text
}

fn lists(diff: &BomDiff) -> [(&'static str, Vec<String>); 6] {
    let nothing = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    let changed = diff.changed.iter().map(|one| {
        format!("{} {}: {} -> {}", one.component, one.what, nothing(&one.before), nothing(&one.after))
    });
    [
        ("components added", diff.added.clone()),
        ("components removed", diff.removed.clone()),
        ("facts changed", changed.collect()),
        ("vulnerabilities added", diff.vulnerabilities_added.clone()),
        ("vulnerabilities removed", diff.vulnerabilities_removed.clone()),
        ("assessments changed", diff.assessments_changed.clone()),
    ]
}

/// Text without what moves the cursor.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Text that stays text in a table of Markdown.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for letter in plain(text).chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}
