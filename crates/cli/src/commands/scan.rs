//! `vauban scan`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, ensure};
use vauban_domain::{History, Limit, Review, Status, Timestamp};
use vauban_engine::{
    Baseline, DeclarationSource, DigestChoice, FileLimits, Request, Reviewed, Source, WalkOptions,
};
use vauban_export::v1::{Document, Part};

use crate::arguments::{Common, Digests, ScanArguments};
use crate::bars::Bars;
use crate::cache::FileCache;
use crate::{Ended, delivery, gate, present, style, text};

/// What stands for standard input.
const STDIN: &str = "-";
/// Days that entries of a new baseline hold.
const BASELINE_DAYS: i64 = 90;

/// Checks what is at the paths; findings that are not accepted go through the gate.
pub(crate) fn run(common: &Common, arguments: &ScanArguments) -> anyhow::Result<Ended> {
    delivery::check_format(&arguments.output.format)?;
    let now = present::now(common)?;
    let baseline = arguments.baseline.as_deref().map(read_baseline).transpose()?.unwrap_or_default();
    let until = last_day(arguments, now)?;
    let bars = Bars::new(common.quiet);
    let (mut request, unread) = request(arguments, now)?;
    super::asking::apply(common, &arguments.asking, &mut request)?;
    request.advisories = Some(present::advisories(common)?);
    let cache = FileCache::of(&arguments.cache, "scan", arguments.trust_times);
    let mut reviewed = vauban_engine::review_with(
        &request,
        cache.as_ref().map(|cache| cache as &dyn vauban_engine::Cache),
        &bars,
    )?;
    if let Some(cache) = &cache {
        cache.prune();
    }
    bars.finish();
    super::asking::finish(common, &arguments.asking, &reviewed)?;
    reviewed.review.limits.extend(unread);
    let whole = arguments.paths.iter().any(|path| path.is_dir());
    let mut history = accepted(common, &reviewed.review)?;
    history.extend(baseline.judge(&mut reviewed.review, whole));
    if let Some(path) = &arguments.write_baseline {
        let written = baseline.write(&reviewed.review, &arguments.reason, until);
        delivery::write(path, written.as_bytes())?;
        style::talk(&format!("wrote {}; give every entry its own reason", path.display()));
        history.extend(Baseline::read(&written, path)?.judge(&mut reviewed.review, whole));
    }
    if arguments.output.format == "text" {
        // The text tells of looks only where nobody looked.
        reviewed.review.outcomes.retain(|outcome| !outcome.verdict.is_known());
    }
    let document = Document::of(&reviewed.review, Part::SCAN, &history);
    let shown = if arguments.all { None } else { Some(arguments.fail_on) };
    delivery::deliver(&document, &arguments.output, |document| {
        text::listings(&reviewed.listings) + &text::scan(document, shown)
    })?;
    Ok(ended(arguments, &reviewed, &history))
}

fn ended(arguments: &ScanArguments, reviewed: &Reviewed, history: &History) -> Ended {
    let review = &reviewed.review;
    if reviewed.understood_files == 0 && review.findings.is_empty() {
        let named: Vec<_> =
            arguments.paths.iter().take(3).map(|path| format!("`{}`", path.display())).collect();
        let more = if arguments.paths.len() > 3 { " and more" } else { "" };
        let why = match reviewed.files {
            0 => "there is no file that can be read".to_owned(),
            1 => "the file is of no kind that Vauban reads".to_owned(),
            files => format!("none of {files} files is of a kind that Vauban reads"),
        };
        style::talk(&format!("nothing to look at in {}{more}: {why}", named.join(", ")));
        return Ended::Nothing;
    }
    gate::judge(&review.findings, history, Some(arguments.fail_on))
}

/// The request that the options make, and what of standard input is not looked at.
fn request(arguments: &ScanArguments, now: Timestamp) -> anyhow::Result<(Request, Option<Limit>)> {
    let bounds = &arguments.bounds;
    let mut unread = None;
    let mut sources = Vec::new();
    let alone = arguments.paths.len() == 1;
    for path in &arguments.paths {
        if path.as_os_str() != STDIN {
            let name = if alone && path.is_dir() { String::new() } else { name_of(path, alone) };
            sources.push(Source::Path { path: path.clone(), name });
        } else if let Some(bytes) = read_stdin(arguments.stdin_limit << 20)? {
            sources.push(Source::Bytes { name: arguments.stdin_name.clone(), bytes });
        } else {
            let what = format!(
                "is larger than {} MiB and was not looked at; raise --stdin-limit",
                arguments.stdin_limit
            );
            style::talk(&format!("standard input {what}"));
            unread = Some(Limit { place: arguments.stdin_name.clone(), what });
        }
    }
    let first = arguments.paths.first().context("there is no path")?;
    let request = Request {
        sources,
        subject: if first.as_os_str() == STDIN {
            arguments.stdin_name.clone()
        } else {
            super::subject_name(first)
        },
        declaration: match &arguments.config {
            Some(path) => DeclarationSource::File(path.clone()),
            // What is scanned may be anybody's: it has no say in what is accepted.
            None => DeclarationSource::None,
        },
        now,
        walk: WalkOptions { respect_ignore: arguments.respect_ignore, files: bounds.max_files },
        limits: FileLimits { time: Duration::from_secs(bounds.file_seconds), ..FileLimits::default() },
        digest: match arguments.digest {
            Digests::Sha256 => DigestChoice::Sha256,
            Digests::Blake3 => DigestChoice::Blake3,
            Digests::None => DigestChoice::None,
        },
        explain: arguments.explain,
        exclude: arguments.exclude.clone(),
        imports: arguments.import.clone(),
        ..Request::scan(first)
    };
    Ok((request, unread))
}

/// What to call a path, so that a file has one name whether it is named itself or found in the working folder: its place
/// below the working folder. One outside is called by its last part if it is the only one, and by its whole path if not.
fn name_of(path: &Path, alone: bool) -> String {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().ok();
    let below = here.as_deref().and_then(|here| full.strip_prefix(here).ok().map(Path::to_owned));
    let shown = match below {
        Some(below) if !below.components().any(|part| part == Component::ParentDir) => below,
        _ if alone => full.file_name().map(PathBuf::from).unwrap_or(full),
        _ => full,
    };
    let parts = shown.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
        Component::ParentDir => Some("..".to_owned()),
        _ => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// All of standard input, or nothing if there is more than `limit` bytes of it.
fn read_stdin(limit: u64) -> anyhow::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.context("cannot read standard input")?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn read_baseline(path: &Path) -> anyhow::Result<Baseline> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Baseline::read(&text, path)
}

fn last_day(arguments: &ScanArguments, now: Timestamp) -> anyhow::Result<Timestamp> {
    let Some(text) = &arguments.until else { return Ok(Timestamp(now.0 + BASELINE_DAYS * 86_400)) };
    let until =
        Timestamp::parse(text).with_context(|| format!("`{text}` is no date; write it as 2027-03-31"))?;
    ensure!(until > now, "{text} has passed; accept until a date to come");
    ensure!(!arguments.reason.trim().is_empty(), "the reason is empty; say why the findings are acceptable");
    Ok(until)
}

/// What the declaration accepts, and the store if one was named.
pub(super) fn accepted(common: &Common, review: &Review) -> anyhow::Result<History> {
    let mut accepted = BTreeMap::new();
    if common.store.is_some() {
        for stored in present::store(common)?.acceptances(review.taken_at)? {
            if !stored.expired {
                accepted.insert(
                    stored.fingerprint,
                    Status::Accepted { reason: stored.reason, until: stored.until },
                );
            }
        }
    }
    for declared in &review.declaration.acceptances {
        if let Some(fingerprint) = vauban_domain::Fingerprint::parse(&declared.fingerprint)
            && review.taken_at.days_since(declared.until) <= 0
        {
            let status = Status::Accepted { reason: declared.reason.clone(), until: declared.until };
            accepted.insert(fingerprint, status);
        }
    }
    accepted
        .retain(|fingerprint, _| review.findings.iter().any(|finding| finding.fingerprint == *fingerprint));
    Ok(accepted)
}
