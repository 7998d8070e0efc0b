//! A draft of the technical documentation that Article 11(1) and Annex IV of Regulation (EU) 2024/1689 ask of providers of
//! high-risk systems, one part for each system that is declared as one.
//!
//! The points are those of the annex, under headings of our own. What the review knows is filled in; for everything else
//! stands who has to supply it. It is no finished documentation and does not become one by being printed.

mod control;
mod elements;
mod view;

use std::fmt::Write as _;

use crate::{
    exporter::{ExportError, Exporter},
    markdown::escape,
    v1::{Document, RequirementStatus, System},
};
use view::View;

/// Technical documentation as Markdown.
pub(crate) const EXPORTER: Exporter = Exporter {
    name: "annex-iv",
    extension: "annex-iv.md",
    media_type: "text/markdown",
    summary: "draft of the technical documentation of EU AI Act Annex IV, for each high-risk system",
    write,
};

/// Lines shown of one list.
const LISTED: usize = 30;

/// The annex's numbered points, with headings of our own.
const SECTIONS: [(char, &str); 9] = [
    ('1', "The system in general"),
    ('2', "Parts, design and development"),
    ('3', "Performance, limits, oversight"),
    ('4', "Why these metrics"),
    ('5', "Risk management"),
    ('6', "Changes"),
    ('7', "Standards and other solutions"),
    ('8', "Declaration of conformity"),
    ('9', "After it is in use"),
];

/// One point of the annex.
struct Point {
    /// Its id in the annex, `2(g)`.
    id: &'static str,
    /// Our heading.
    heading: &'static str,
    /// What the review knows, a line each, not yet escaped.
    known: Vec<String>,
    /// What it cannot know, and who has to supply it.
    missing: Vec<(&'static str, &'static str)>,
}

impl Point {
    fn new(id: &'static str, heading: &'static str) -> Self {
        Self { id, heading, known: Vec::new(), missing: Vec::new() }
    }

    /// Adds a line that the review knows.
    fn with(mut self, line: impl Into<String>) -> Self {
        self.known.push(line.into());
        self
    }

    /// Adds lines, the first of them if they are many.
    fn with_all(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        let mut lines = lines.into_iter();
        self.known.extend(lines.by_ref().take(LISTED));
        let left = lines.count();
        if left > 0 {
            self.known.push(format!("and {left} more in the JSON v1 document"));
        }
        self
    }

    /// Adds `fact: text`, or that it is not on record when there is no text.
    fn fact(self, fact: &'static str, text: &str, who: &'static str) -> Self {
        match text.trim() {
            "" => self.without(fact, who),
            text => self.with(format!("{fact}: {text}")),
        }
    }

    /// Says that `what` is not on record and `who` has to supply it.
    fn without(mut self, what: &'static str, who: &'static str) -> Self {
        self.missing.push((what, who));
        self
    }

    /// The same if nothing is known so far.
    fn or(self, what: &'static str, who: &'static str) -> Self {
        if self.known.is_empty() { self.without(what, who) } else { self }
    }
}

fn write(document: &Document) -> Result<Vec<u8>, ExportError> {
    if document.assets.is_none() {
        return Err(ExportError::MissingPart { format: "annex-iv", part: "assets" });
    }
    let review = &document.review;
    let mut text = String::from("# DRAFT: technical documentation (Annex IV)\n\n");
    let _ = writeln!(
        text,
        "**This is a draft.** It was made from review `{}` of {}, taken {}, for Article 11(1) and Annex IV of Regulation (EU) 2024/1689. \
         It is no finished documentation and no statement of conformity: the provider answers for both. Headings are ours, numbers are the \
         annex's. Lines that begin with *not on record* name who has to supply what a review cannot know.\n",
        code(&review.id),
        escape(&review.subject),
        escape(&review.taken_at),
    );
    let systems = &review.declaration.systems;
    let (high, other): (Vec<&System>, Vec<&System>) =
        systems.iter().partition(|system| system.risk_class.starts_with("high"));
    if high.is_empty() {
        text.push_str(
            "No system of the declaration is declared as high-risk, so this draft has no part.\n\n",
        );
    }
    for system in high {
        part(&mut text, &View::of(document, system));
    }
    text.push_str("## Systems that this draft does not cover\n\n");
    for system in &other {
        let class = match system.risk_class.as_str() {
            "" => "class not on record: the owner has to declare `risk_class`",
            class => class,
        };
        let _ = writeln!(text, "- {}: {}", escape(&system.name), escape(class));
    }
    if other.is_empty() {
        text.push_str("- none of those declared; what nobody declared is not covered\n");
    }
    text.push_str("\n## What the review did not look at\n\n");
    for limit in review.limits.iter().take(LISTED) {
        let _ = writeln!(text, "- {}: {}", escape(&limit.place), escape(&limit.what));
    }
    match review.limits.len() {
        0 => text.push_str("- no limit was hit\n"),
        many if many > LISTED => {
            let _ = writeln!(text, "- and {} more in the JSON v1 document", many - LISTED);
        }
        _ => {}
    }
    text.push_str("\nEnd of the draft.\n");
    Ok(text.into_bytes())
}

/// The part about one system.
fn part(text: &mut String, view: &View<'_>) {
    let _ = writeln!(text, "## Draft for the system {}\n", escape(&view.system.name));
    let mut points = elements::points(view);
    points.extend(control::points(view));
    let empty: Vec<&str> = points.iter().filter(|one| one.known.is_empty()).map(|one| one.id).collect();
    let open: usize = points.iter().map(|point| point.missing.len()).sum();
    let _ = writeln!(
        text,
        "Class: {}. Role of {}: {}. This draft leaves {open} things to supply; nothing at all is on record for {}.\n",
        escape(&view.system.risk_class),
        escape(view.organisation()),
        escape(if view.system.role.is_empty() { "not on record" } else { &view.system.role }),
        if empty.is_empty() { "no point".to_owned() } else { format!("the points {}", empty.join(", ")) },
    );
    for (number, heading) in SECTIONS {
        let _ = writeln!(text, "### Annex IV, point {number}: {heading} (draft)\n");
        for point in points.iter().filter(|point| point.id.starts_with(number)) {
            let _ = writeln!(text, "**{} {}**\n", point.id, point.heading);
            for line in &point.known {
                let _ = writeln!(text, "- {}", escape(line));
            }
            for (what, who) in &point.missing {
                let _ = writeln!(text, "- *not on record*: {what}; {who} has to fill this in");
            }
            text.push('\n');
        }
    }
    let asked = view.requirements();
    if !asked.is_empty() {
        let _ = writeln!(text, "### How the requirements of the Regulation stand in this review (draft)\n");
        text.push_str("| requirement | status | why |\n| --- | --- | --- |\n");
        for one in asked {
            let status = match one.status {
                RequirementStatus::Unknown => "unknown: nobody looked".to_owned(),
                status => status.to_string(),
            };
            let _ = writeln!(text, "| {} | {status} | {} |", escape(&one.id), escape(&one.reason));
        }
        text.push('\n');
    }
}

/// Text between backticks.
fn code(text: &str) -> String {
    text.chars().filter(|letter| *letter != '`' && !letter.is_control()).collect()
}
