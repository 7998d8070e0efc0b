//! The incident-response book: for each system whom to call, what can happen and how it would show, what to cut, keep and
//! bring back, whom to tell until when, and how to drill it.

mod containment;
mod outlook;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use vauban_domain::day;
use vauban_knowledge::Knowledge;

use crate::exporter::{ExportError, Exporter};
use crate::markdown::escape;
use crate::v1::{Asset, Document, System};

pub(crate) use containment::held;
pub(crate) use outlook::paths;

/// The incident-response book.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "response-book",
    extension: "response.md",
    media_type: "text/markdown",
    summary: "incident-response book, a chapter for each system",
    write,
};

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.assets.is_none() {
        return Err(ExportError::MissingPart { format: "response-book", part: "assets" });
    }
    let review = &document.review;
    let mut text = String::new();
    let _ = writeln!(text, "# Incident-response book: {}\n", escape(&review.subject));
    let _ = writeln!(
        text,
        "Made from review {} of {}. It is as good as that review: make it anew after each one.\n",
        escape(&review.id),
        escape(day(&review.taken_at))
    );
    if review.declaration.systems.is_empty() {
        text.push_str("No system is declared, so that nobody can be named. Add [[system]] to vauban.toml.\n");
    }
    for system in &review.declaration.systems {
        chapter(&mut text, document, system);
    }
    Ok(text.into_bytes())
}

fn chapter(text: &mut String, document: &Document, system: &System) {
    let assets: Vec<&Asset> = assets_of(document, &system.name);
    let _ = writeln!(text, "## {}\n", escape(&system.name));
    if !system.purpose.is_empty() {
        let _ = writeln!(text, "It {}.\n", escape(&system.purpose));
    }
    let _ = writeln!(
        text,
        "Criticality {}, exposure {}, data {}, {} assets.\n",
        told(&system.criticality),
        told(&system.exposure),
        told(&system.data.join(", ")),
        assets.len()
    );
    whom_to_call(text, document, system, &assets);
    outlook::write(text, document, system, &assets);
    containment::write(text, &held(&assets));
    whom_to_tell(text, system);
    drill(text, document, system);
}

/// Assets that belong to a system.
fn assets_of<'a>(document: &'a Document, system: &str) -> Vec<&'a Asset> {
    document.assets().iter().filter(|asset| asset.system.as_deref() == Some(system)).collect()
}

fn whom_to_call(text: &mut String, document: &Document, system: &System, assets: &[&Asset]) {
    let declaration = &document.review.declaration;
    text.push_str("### Whom to call\n\n| who | for what | how |\n| --- | --- | --- |\n");
    let mut row = |who: &str, what: &str, how: &str| {
        let who = if who.is_empty() { "nobody is named" } else { who };
        let how = if how.is_empty() { "not declared" } else { how };
        let _ = writeln!(text, "| {} | {} | {} |", escape(who), escape(what), escape(how));
    };
    row(&system.owner, "answers for the system, decides on shutting it down", "");
    for reviewer in &declaration.reviewers {
        if reviewer.systems.is_empty() || reviewer.systems.contains(&system.name) {
            row(&reviewer.name, &format!("signs off for {}", reviewer.role), "");
        }
    }
    let own: BTreeSet<&str> = assets.iter().map(|asset| asset.id.as_str()).collect();
    for vendor in document.vendors.iter().flatten() {
        let hangs = vendor.assets.iter().filter(|id| own.contains(id.as_str())).count();
        if hangs > 0 {
            let contact = declaration.vendors.iter().find(|known| known.name == vendor.vendor);
            let what = format!("supplies {}; {hangs} assets here hang on it", vendor.supplies);
            row(&vendor.vendor, &what, contact.map_or("", |vendor| &vendor.contact));
        }
    }
    text.push('\n');
}

fn whom_to_tell(text: &mut String, system: &System) {
    text.push_str("### Whom to tell, until when\n\n");
    let undeclared: Vec<&str> = [
        ("role", system.role.is_empty()),
        ("risk\\_class", system.risk_class.is_empty()),
        ("data", system.data.is_empty()),
        ("regions", system.regions.is_empty()),
    ]
    .into_iter()
    .filter_map(|(key, missing)| missing.then_some(key))
    .collect();
    let elsewhere =
        !system.regions.is_empty() && !system.regions.iter().any(|region| region.eq_ignore_ascii_case("eu"));
    if elsewhere {
        text.push_str(
            "The system is not used in the EU, and duties elsewhere are not known to this book.\n\n",
        );
        return;
    }
    let duties = Knowledge::builtin().duties_of(&system.role, &system.risk_class, &system.data);
    text.push_str("| article | whose duty | whom | within | from | on | applies from |\n");
    text.push_str("| --- | --- | --- | --- | --- | --- | --- |\n");
    let mut notes: BTreeSet<String> = BTreeSet::new();
    for duty in &duties {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} |",
            escape(&duty.reference()),
            duty.who,
            escape(&duty.to),
            duty.hours.map_or_else(|| "without undue delay".to_owned(), within),
            duty.from,
            escape(&duty.on),
            duty.applies
        );
        if !duty.note.is_empty() {
            notes.insert(format!("{}: {}", escape(&duty.reference()), escape(&duty.note)));
        }
    }
    if duties.is_empty() {
        text.push_str("| none known | | | | | | |\n");
    }
    text.push('\n');
    for note in notes {
        let _ = writeln!(text, "- {note}");
    }
    if !undeclared.is_empty() {
        let _ = writeln!(
            text,
            "- Not declared: {}. Duties that depend on it are listed, not left out.",
            undeclared.join(", ")
        );
    }
    text.push_str(
        "- Whether a duty applies to an incident is for counsel to decide; this table is no advice.\n\n",
    );
}

/// Hours in words; days where they are whole and more than three.
fn within(hours: u32) -> String {
    if hours > 72 && hours.is_multiple_of(24) {
        format!("{} days", hours / 24)
    } else {
        format!("{hours} hours")
    }
}

fn drill(text: &mut String, document: &Document, system: &System) {
    text.push_str("### How to drill\n\n");
    let path = outlook::paths(document, &system.name).next();
    let option = path.map_or_else(String::new, |path| format!(" --path {}", path.id));
    let name = if system.name.contains(['\'', '\n', '\r']) { "NAME" } else { system.name.as_str() };
    let _ = writeln!(
        text,
        "```sh\nvauban drill start --system '{}'{} --from vauban.json\nvauban drill record FILE --step 1 --who NAME \
         --what TEXT\nvauban drill finish FILE\n```\n",
        name.replace('`', ""),
        option.replace(['`', '\n'], "")
    );
    text.push_str(
        "Play the first path above: somebody reads the steps, those named do on paper what they would do, somebody else \
         writes down who did what when. Put the finished record into the folder `drills` of what is reviewed.\n\n",
    );
}

/// A word, or that it is not declared.
fn told(word: &str) -> String {
    if word.is_empty() { "not declared".to_owned() } else { escape(word) }
}
