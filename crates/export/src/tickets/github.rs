//! Tickets for GitHub: a JSON list whose `title`, `body` and `labels` are what `POST /repos/{owner}/{repo}/issues` takes.
//!
//! GitHub assigns by sign-in name, which a review does not know: `owner` is text for whoever creates the issues.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Ticket, line, tickets};
use crate::exporter::{ExportError, Exporter};
use crate::markdown::escape;
use crate::tree::bytes;
use crate::v1::Document;

/// Tickets for GitHub.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "tickets-github",
    extension: "github.json",
    media_type: "application/json",
    summary: "actions as issues for GitHub, a JSON list",
    write,
};

/// GitHub takes 256 characters in a title and 65,536 in a body.
const TITLE: usize = 250;
const BODY: usize = 60_000;

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let Some(tickets) = tickets(document) else {
        return Err(ExportError::MissingPart { format: "tickets-github", part: "actions" });
    };
    let issues: Vec<Value> = tickets
        .iter()
        .map(|ticket| {
            json!({
                "title": line(&ticket.action.title, TITLE),
                "body": body(ticket, &document.review.id),
                "labels": ticket.labels(),
                "owner": ticket.owner,
                "due": ticket.due,
                "id": ticket.action.id,
            })
        })
        .collect();
    Ok(bytes(&Value::Array(issues))?)
}

fn body(ticket: &Ticket<'_>, review: &str) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}\n", escape(&ticket.action.why));
    let _ = writeln!(text, "- Owner: {}\n- Due: {}", escape(ticket.owner), escape(ticket.due));
    let _ = writeln!(text, "- Severity: {}", ticket.action.severity);
    if let Some(system) = &ticket.action.system {
        let _ = writeln!(text, "- System: {}", escape(system));
    }
    if !ticket.techniques.is_empty() {
        let _ = writeln!(text, "- ATLAS: {}", escape(&ticket.techniques.join(", ")));
    }
    list(&mut text, "If it has already happened", &ticket.containment, "- ");
    list(&mut text, "Steps", &ticket.steps, "- [ ] ");
    list(&mut text, "Done when", &ticket.done_when, "- [ ] ");
    let (assets, all) = &ticket.assets;
    let mut assets: Vec<String> = assets.iter().map(|asset| (*asset).to_owned()).collect();
    if assets.len() < *all {
        assets.push(format!("and {} more", all - assets.len()));
    }
    list(&mut text, "Assets", &assets, "- ");
    let _ = writeln!(text, "\n{} of review {}", escape(&ticket.action.id), escape(review));
    text.chars().take(BODY).collect()
}

fn list(text: &mut String, heading: &str, lines: &[String], mark: &str) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n### {heading}\n");
    for line in lines {
        let _ = writeln!(text, "{mark}{}", escape(line));
    }
}
