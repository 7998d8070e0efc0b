//! What to do about each gap.

use std::fmt::Write;

use vauban_domain::day;
use vauban_export::v1::Document;

use super::{absent, section, short};

/// `vauban actions`.
pub(crate) fn actions(document: &Document) -> String {
    let Some(actions) = &document.actions else { return absent("actions") };
    let mut text = String::new();
    let blind = actions.iter().filter(|action| action.kind == "blind-spot").count();
    section(
        &mut text,
        &format!("{} actions, {blind} for blind spots first, most urgent first", actions.len()),
    );
    for action in actions {
        let owner = if action.owner.is_empty() { "nobody named" } else { &action.owner };
        let due = day(&action.due);
        let _ = writeln!(
            text,
            "{} {} {} until {due}, {}",
            action.id,
            action.severity.as_str(),
            action.kind.replace('-', " "),
            short(owner, 80)
        );
        let _ = writeln!(text, "   {}", short(&action.title, 160));
        let _ = writeln!(text, "   {}", short(&action.why, 200));
        if !action.detection.is_empty() {
            let _ =
                writeln!(text, "   detection {}, reads the {}", action.detection, short(&action.log, 200));
        }
        if !action.playbook.is_empty() {
            let _ = writeln!(text, "   playbook {}", action.playbook);
        }
        if action.done_when.is_empty() && !action.silences.is_empty() {
            let _ = writeln!(text, "   done when silent: {}", short(&action.silences.join(", "), 160));
        }
        for line in &action.done_when {
            let _ = writeln!(text, "   done when {}", short(line, 260));
        }
    }
    text
}
