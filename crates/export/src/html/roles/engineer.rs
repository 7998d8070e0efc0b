//! For engineers: tasks by owner, and the findings behind them.

use std::collections::BTreeMap;

use maud::{Markup, html};
use vauban_domain::{day, words::counted};

use super::super::{Section, actions, findings, measurements, page, rules, text, unknown};
use crate::{
    exporter::{ExportError, Exporter},
    v1::{Action, Document},
};

pub(super) const EXPORTER: Exporter = Exporter {
    name: "report-engineer",
    extension: "html",
    media_type: "text/html",
    summary: "a report for engineers: tasks by owner, and the findings behind them",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    let tasks = document
        .actions
        .as_deref()
        .ok_or(ExportError::MissingPart { format: "report-engineer", part: "actions" })?;
    let sections: [Section; 5] = [
        ("tasks", "Tasks", Some(by_owner(tasks))),
        ("findings", "Findings", findings::section(document)),
        ("exercises", "Exercises", measurements::exercises(document)),
        ("unknown", "What was not looked at", Some(unknown::section(document))),
        ("rules", "Appendix: rules in force", rules::section(document)),
    ];
    let first = tasks.iter().map(|task| day(&task.due)).min();
    let answer = match first {
        None => "There is no task: no gap was found where it was looked.".to_owned(),
        Some(first) => {
            format!(
                "{}, the first until {first}. Each says which rule falls silent when it is done.",
                counted(tasks.len(), "task")
            )
        }
    };
    let header = super::header(document, "engineers", &answer);
    Ok(page(document, "engineers", header, &sections))
}

/// Tasks under the names of those who have to do them; what nobody owns comes first, because nobody will.
fn by_owner(tasks: &[Action]) -> Markup {
    let mut owners: BTreeMap<&str, Vec<&Action>> = BTreeMap::new();
    for task in tasks {
        owners.entry(&task.owner).or_default().push(task);
    }
    html! {
        @if tasks.is_empty() { p { "No gap was found where it was looked." } }
        @for (owner, tasks) in &owners {
            h3 { @if owner.is_empty() { "Nobody named" } @else { (text(owner)) } }
            (actions::table("Most urgent first", tasks.iter().copied()))
        }
    }
}
