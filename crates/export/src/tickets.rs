//! Actions as tickets: one for each, with owner, due date, steps and what shows that it is done.

mod github;
mod jira;

pub(crate) use github::EXPORTER as GITHUB;
pub(crate) use jira::EXPORTER as JIRA;

use vauban_domain::day;
use vauban_knowledge::Knowledge;

use crate::v1::{Action, Document};

/// Assets and findings that a ticket names at most.
const LISTED: usize = 20;

/// What a ticket says, before anybody's markup.
struct Ticket<'a> {
    action: &'a Action,
    owner: &'a str,
    /// Day, `2026-12-24`.
    due: &'a str,
    /// What to do, in order.
    steps: Vec<String>,
    /// What shows that it is done.
    done_when: Vec<String>,
    /// What to do first when it has already happened.
    containment: Vec<String>,
    /// Assets, and how many there are.
    assets: (Vec<&'a str>, usize),
    techniques: Vec<&'a str>,
}

fn tickets(document: &Document) -> Option<Vec<Ticket<'_>>> {
    Some(document.actions.as_ref()?.iter().map(Ticket::of).collect())
}

impl<'a> Ticket<'a> {
    fn of(action: &'a Action) -> Self {
        let knowledge = Knowledge::builtin();
        let mut steps = Vec::new();
        let control = knowledge.control(&action.control);
        if action.kind != "blind-spot"
            && let Some(playbook) = knowledge.playbook(&action.playbook)
        {
            steps.extend(
                playbook
                    .steps
                    .iter()
                    .map(|step| format!("{}: {} (done when {})", step.actor, step.action, step.done_when)),
            );
        }
        if let Some(control) = control {
            let description = control.description.trim();
            steps.push(format!("put `{}` in place ({}): {description}", control.name, control.id));
        }
        if !action.detection.is_empty() {
            steps.push(format!("bring the {}", action.log));
            steps.push(format!("switch on the detection {} (export `sigma`)", action.detection));
        }
        let mut done_when = action.done_when.clone();
        if done_when.is_empty() && !action.silences.is_empty() {
            done_when.push(format!("silent: {}", action.silences.join(", ")));
        }
        Self {
            action,
            owner: if action.owner.is_empty() { "nobody is named" } else { &action.owner },
            due: day(&action.due),
            steps,
            done_when,
            containment: if action.kind == "blind-spot" { Vec::new() } else { action.containment.clone() },
            assets: (action.assets.iter().take(LISTED).map(String::as_str).collect(), action.assets.len()),
            techniques: action.techniques.iter().take(LISTED).map(String::as_str).collect(),
        }
    }

    /// Words that a tracker can filter by: no blanks.
    fn labels(&self) -> Vec<String> {
        let mut labels =
            vec!["vauban".to_owned(), self.action.kind.clone(), format!("severity-{}", self.action.severity)];
        labels.extend(self.action.system.as_ref().map(|system| format!("system-{}", word(system))));
        labels.extend((!self.action.control.is_empty()).then(|| word(&self.action.control)));
        labels
    }
}

/// Letters, digits and hyphens only, at most 40 of them: GitHub takes 50 in a label.
fn word(text: &str) -> String {
    let hyphened = text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' });
    hyphened.collect::<String>().to_lowercase().trim_matches('-').chars().take(40).collect()
}

/// One line of at most `width` characters without control characters.
fn line(text: &str, width: usize) -> String {
    let seen = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut line: String = seen.collect();
    if line.chars().count() > width {
        line = line.chars().take(width.saturating_sub(1)).collect();
        line.push('…');
    }
    line
}
