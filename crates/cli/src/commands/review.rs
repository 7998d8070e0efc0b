//! `vauban review`: the main job.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use vauban_domain::{Digest, Finding, History, Timestamp};
use vauban_engine::{Earlier, Reviewed, Stages};
use vauban_export::v1::{Document, Part};
use vauban_store::Store;

use crate::arguments::{Common, ReviewArguments};
use crate::bars::Bars;
use crate::{Ended, delivery, gate, present, style, text};

/// Files that a review leaves in its folder: name and format.
const REPORTS: &[(&str, &str)] = &[
    ("bom.cdx.json", "cyclonedx"),
    ("navigator.json", "navigator"),
    ("report-auditor.html", "report-auditor"),
    ("report-board.html", "report-board"),
    ("report-ciso.html", "report-ciso"),
    ("report-data-scientist.html", "report-data-scientist"),
    ("report-engineer.html", "report-engineer"),
    ("report.html", "html"),
    ("vauban.json", "json"),
    ("vauban.sarif", "sarif"),
];

/// Reviews, compares with the last review, stores, writes the reports and prints the summary.
pub(crate) fn run(common: &Common, arguments: &ReviewArguments) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    let bars = Bars::new(common.quiet);
    let mut request =
        super::request(&arguments.subject, Some(&arguments.numbers), Stages::REVIEW, present::now(common)?);
    request.trigger = arguments.trigger;
    super::asking::apply(common, &arguments.asking, &mut request)?;
    request.imports.clone_from(&arguments.import);
    request.advisories = Some(present::advisories(common)?);
    // Opened first: a store that cannot be used is better known before a minute of work.
    let mut store = (!arguments.no_store).then(|| present::store(common)).transpose()?;
    let last = match (&arguments.earlier, &mut store) {
        (Some(path), _) => Some(Last::saved(super::read_document(path)?)?),
        (None, Some(store)) => Last::of(store, &request.subject, request.now)?,
        (None, None) => None,
    };
    request.earlier = last.as_ref().map(Last::earlier);
    if let Some(store) = &mut store {
        request.forecasts = super::forecasts::stored(store, &request.subject, request.now)?;
    }
    let reviewed = vauban_engine::review(&request, &bars)?;
    bars.finish();
    super::asking::finish(common, &arguments.asking, &reviewed)?;
    let review = &reviewed.review;
    if reviewed.understood_files == 0 {
        style::talk(&format!(
            "nothing to look at in `{}`: none of {} files is of a kind that Vauban reads",
            arguments.subject.path.display(),
            reviewed.files
        ));
        return Ok(Ended::Nothing);
    }
    let history = store.as_mut().map(|store| store.history(review)).transpose()?.unwrap_or_default();
    let mut document = document(&reviewed, &history);
    if let Some(before) = last.as_ref().and_then(|last| last.document.as_ref()) {
        document = document.after(before);
    }
    if let Some(store) = &mut store {
        let json = document.to_json().context("cannot write the review as JSON")?;
        store.save(review, &json, &evidence(&review.findings)).context("cannot store the review")?;
    }
    if !arguments.no_reports {
        write_reports(&document, &arguments.reports)?;
    }
    delivery::deliver(&document, &arguments.output, text::review)?;
    if !arguments.no_reports && !common.quiet {
        let names: Vec<_> = REPORTS.iter().map(|(name, _)| *name).collect();
        style::talk(&format!("\nreports in {}: {}", arguments.reports.display(), names.join(", ")));
        style::talk(&format!("open {}", arguments.reports.join("report.html").display()));
    }
    Ok(gate::judge(&review.findings, &history, arguments.fail_on))
}

/// The last review of the same subject.
pub(super) struct Last {
    taken_at: Timestamp,
    atlas_edition: String,
    /// Absent when this version cannot read what another wrote; its time and edition still count.
    document: Option<Document>,
}

impl Last {
    /// What the store remembers of the last review before `now`.
    pub(super) fn of(store: &mut Store, subject: &str, now: Timestamp) -> anyhow::Result<Option<Self>> {
        let Some(row) = store.reviews(subject)?.into_iter().find(|row| row.taken_at < now) else {
            return Ok(None);
        };
        let document = store.document(&row.id)?.and_then(|bytes| Document::read(&bytes).ok());
        Ok(Some(Self { taken_at: row.taken_at, atlas_edition: row.atlas_edition, document }))
    }

    /// What a saved review says of itself.
    fn saved(document: Document) -> anyhow::Result<Self> {
        let taken_at = Timestamp::parse(&document.review.taken_at).with_context(|| {
            format!("`{}` is no time; the saved review is damaged", document.review.taken_at)
        })?;
        if document.coverage.is_none() {
            bail!("the saved review has no part `coverage` to compare techniques with; name a whole review");
        }
        let atlas_edition = document.review.atlas_edition.clone();
        Ok(Self { taken_at, atlas_edition, document: Some(document) })
    }

    pub(super) fn earlier(&self) -> Earlier {
        let coverage = self.document.iter().flat_map(Document::coverage);
        Earlier {
            taken_at: self.taken_at,
            atlas_edition: self.atlas_edition.clone(),
            techniques: coverage.map(|row| row.technique.clone()).collect(),
        }
    }
}

fn document(reviewed: &Reviewed, history: &History) -> Document {
    let document = Document::of(&reviewed.review, Part::ALL, history);
    match &reviewed.lanes {
        Some(svg) => document.with_lanes(svg.clone()),
        None => document,
    }
}

/// What supports the findings, by digest, so that it outlives the file it was seen in.
fn evidence(findings: &[Finding]) -> BTreeMap<Digest, Vec<u8>> {
    let excerpts =
        findings.iter().flat_map(|finding| &finding.evidence).map(|evidence| evidence.excerpt.as_bytes());
    excerpts
        .filter(|excerpt| !excerpt.is_empty())
        .map(|excerpt| (Digest::of(excerpt), excerpt.to_owned()))
        .collect()
}

/// Writes every report; the folder ignores itself, so that the next review does not look at it.
#[expect(clippy::disallowed_methods, reason = "the command line writes what its user asked for")]
fn write_reports(document: &Document, folder: &Path) -> anyhow::Result<()> {
    let context =
        || format!("cannot write reports to `{}`; choose another folder with --reports", folder.display());
    std::fs::create_dir_all(folder).with_context(context)?;
    std::fs::write(folder.join(".gitignore"), "*\n").with_context(context)?;
    for (name, format) in REPORTS {
        let exporter =
            vauban_export::find(format).with_context(|| format!("no exporter is called {format}"))?;
        let bytes = (exporter.write)(document).with_context(|| format!("cannot write {name}"))?;
        delivery::write(&folder.join(name), &bytes)?;
    }
    Ok(())
}
