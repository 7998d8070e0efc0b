//! Tickets for Jira's import of CSV: a repeated column `Labels`, dates as `yyyy-MM-dd`, cells that no spreadsheet runs.

use super::{Ticket, line, tickets};
use crate::csv::row;
use crate::exporter::{ExportError, Exporter};
use crate::v1::{Document, Severity};

/// Tickets for Jira.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "tickets-jira",
    extension: "jira.csv",
    media_type: "text/csv",
    summary: "actions as issues for Jira's import, a table",
    write,
};

/// Jira takes 255 characters in a summary and 32,767 in a description.
const SUMMARY: usize = 250;
const DESCRIPTION: usize = 32_000;
/// Columns for labels.
const LABELS: usize = 5;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(tickets) = tickets(document) else {
        return Err(ExportError::MissingPart { format: "tickets-jira", part: "actions" });
    };
    let mut table = String::new();
    let mut columns =
        ["External ID", "Issue Type", "Summary", "Description", "Priority", "Assignee", "Due Date"]
            .map(str::to_owned)
            .to_vec();
    columns.extend(std::iter::repeat_n("Labels".to_owned(), LABELS));
    row(&mut table, &columns);
    for ticket in &tickets {
        let mut cells = vec![
            ticket.action.id.clone(),
            "Task".to_owned(),
            line(&ticket.action.title, SUMMARY),
            description(ticket),
            priority(ticket.action.severity).to_owned(),
            ticket.action.owner.clone(),
            ticket.due.to_owned(),
        ];
        let labels = ticket.labels();
        cells.extend((0..LABELS).map(|at| labels.get(at).cloned().unwrap_or_default()));
        row(&mut table, &cells);
    }
    Ok(table.into_bytes())
}

/// Names of Jira's own scheme of priorities.
const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Highest",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Lowest",
    }
}

/// Plain text. Jira reads `{`, `[` and `|` as markup, so they are escaped.
fn description(ticket: &Ticket<'_>) -> String {
    let mut lines = vec![ticket.action.why.clone(), String::new(), format!("Owner: {}", ticket.owner)];
    lines.extend(ticket.action.system.as_ref().map(|system| format!("System: {system}")));
    if !ticket.techniques.is_empty() {
        lines.push(format!("ATLAS: {}", ticket.techniques.join(", ")));
    }
    for (heading, items) in [
        ("If it has already happened", &ticket.containment),
        ("Steps", &ticket.steps),
        ("Done when", &ticket.done_when),
    ] {
        if !items.is_empty() {
            lines.push(String::new());
            lines.push(format!("{heading}:"));
            lines.extend(items.iter().enumerate().map(|(at, item)| format!("{}. {item}", at + 1)));
        }
    }
    let (assets, all) = &ticket.assets;
    lines.push(String::new());
    lines.push(format!("Assets ({all}): {}", assets.join(", ")));
    let mut text = String::new();
    for letter in lines.join("\n").chars().take(DESCRIPTION) {
        if matches!(letter, '{' | '}' | '[' | ']' | '|' | '!' | '~') {
            text.push('\\');
        }
        text.push(if letter.is_control() && letter != '\n' { ' ' } else { letter });
    }
    text
}
