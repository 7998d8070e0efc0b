//! Runs detections over the logs that were declared, and over those that were found.

use std::collections::{BTreeMap, BTreeSet};

use vauban_analysis::DetectionInForce;
use vauban_detect::{Alert, client, readable, unusable};
use vauban_domain::{
    Asset, AssetId, AssetKind, Declaration, Finding, Limit, Locator, LogSource, Outcome, Rule, RuleId,
    Timestamp, Verdict,
};
use vauban_formats::declaration::Pattern;
use vauban_formats::otel::Event;
use vauban_formats::{Facts, Parsed};
use vauban_knowledge::Knowledge;

use crate::Progress;
use crate::discover::Discovered;

/// Requests with inputs of ordinary clients that are kept of each log, for exercises.
const ORDINARY: usize = 2_000;
/// Formats of logs that are read.
const FORMATS: [&str; 3] = ["", "otel", "otel-ndjson"];

/// What the detections gave.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    pub(crate) findings: Vec<Finding>,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) limits: Vec<Limit>,
    pub(crate) in_force: Vec<DetectionInForce>,
    /// Logs that were read, for exercises.
    pub(crate) logs: Vec<WatchedLog>,
}

/// A log, as an exercise needs it.
#[derive(Debug)]
pub(crate) struct WatchedLog {
    /// Its files as one name.
    pub(crate) place: String,
    /// What it is about.
    pub(crate) assets: Vec<AssetId>,
    /// Requests with inputs by clients without an alert, evenly thinned, in order of time.
    pub(crate) ordinary: Vec<Event>,
    /// Most answered requests that any client sent within a minute.
    pub(crate) busiest_minute: usize,
    /// Requests of each client without an alert in each minute in which it sent any.
    pub(crate) minutes: Vec<u32>,
}

/// One log: its files and what it is about.
struct Log<'a> {
    /// Path pattern as declared, or the file's path.
    place: String,
    /// First file.
    locator: Locator,
    assets: Vec<AssetId>,
    events: Vec<&'a Event>,
}

/// Reads the logs and runs every detection over each of them.
pub(crate) fn detect(
    discovered: &Discovered,
    declaration: &Declaration,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> Watched {
    let rules = vauban_detect::rules(knowledge);
    let mut watched = Watched::default();
    for broken in unusable(knowledge) {
        let what = format!("this detection cannot be evaluated: {}", broken.why);
        watched.limits.push(Limit { place: broken.rule.into_owned(), what });
    }
    let (logs, missing) = logs(discovered, declaration, &mut watched.limits);
    for (source, assets) in missing {
        absent(source, &assets, &rules, &mut watched);
    }
    progress.begin("detect", logs.iter().map(|log| log.events.len() as u64).sum());
    let mut read: BTreeSet<RuleId> = BTreeSet::new();
    for log in logs {
        read.extend(watch(&log, &rules, knowledge, &mut watched));
        progress.advance(log.events.len() as u64);
    }
    for rule in rules.iter().filter(|rule| !read.contains(&rule.id)) {
        if !watched.in_force.iter().any(|detection| detection.rule == rule.id) {
            watched.in_force.push(in_force(rule, None, None, Vec::new()));
        }
    }
    watched.outcomes = settle(watched.outcomes);
    watched.findings.sort_by(|one, other| one.fingerprint.cmp(&other.fingerprint));
    watched.findings.dedup_by(|one, other| one.fingerprint == other.fingerprint);
    watched
}

/// The logs that are there, and the declared ones that are missing with the assets they would be about.
fn logs<'a>(
    discovered: &'a Discovered,
    declaration: &'a Declaration,
    limits: &mut Vec<Limit>,
) -> (Vec<Log<'a>>, Vec<(&'a LogSource, Vec<AssetId>)>) {
    let mut found: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for file in &discovered.files {
        let events = events(&file.parsed);
        if !events.is_empty() {
            found.insert(&file.path, events);
        }
    }
    let (mut logs, mut missing) = (Vec::new(), Vec::new());
    for source in &declaration.logs {
        let assets = assets(discovered, &source.about);
        if assets.is_empty() {
            let what = format!("the log is about `{}`, which names no asset; correct `about`", source.about);
            limits.push(Limit { place: source.path.clone(), what });
        }
        if !FORMATS.contains(&source.format.as_str()) {
            let what =
                format!("logs in the format `{}` are not read; convert it to otel-ndjson", source.format);
            limits.push(Limit { place: source.path.clone(), what });
            missing.push((source, assets));
            continue;
        }
        let Pattern::Path(_, glob) = Pattern::new(&source.path) else { continue };
        let paths: Vec<&str> = found.keys().copied().filter(|path| glob.is_match(path)).collect();
        let Some(first) = paths.first() else {
            let what =
                "this declared log is missing or holds no events; no detection could read it".to_owned();
            limits.push(Limit { place: source.path.clone(), what });
            missing.push((source, assets));
            continue;
        };
        let locator = Locator::file(*first);
        let assets = if assets.is_empty() { homes(discovered, &paths) } else { assets };
        let events = paths.iter().filter_map(|path| found.remove(path)).flatten().collect();
        logs.push(Log { place: source.path.clone(), locator, assets, events });
    }
    for (path, events) in found {
        let named = events.first().map_or("", |event| model(event));
        let assets = if named.is_empty() { Vec::new() } else { assets(discovered, named) };
        let assets = if assets.is_empty() { homes(discovered, &[path]) } else { assets };
        logs.push(Log { place: path.to_owned(), locator: Locator::file(path), assets, events });
    }
    (logs, missing)
}

/// All events in a file and in what it contains.
fn events(parsed: &Parsed) -> Vec<&Event> {
    let mut events = Vec::new();
    parsed.visit(|_, inner| {
        if let Facts::Otel(log) = &inner.facts {
            events.extend(&log.events);
        }
    });
    events
}

/// The model that an event names.
pub(crate) fn model(event: &Event) -> &str {
    ["ml.model.name", "gen_ai.request.model"].into_iter().find_map(|key| event.text(key)).unwrap_or("")
}

/// Assets by id, path pattern or plain name; what answers requests comes first.
fn assets(discovered: &Discovered, about: &str) -> Vec<AssetId> {
    let pattern = Pattern::new(about);
    let mut matching: Vec<&Asset> = discovered
        .assets
        .iter()
        .filter(|asset| {
            pattern.matches(asset) || asset.name == about || asset.system.as_deref() == Some(about)
        })
        .collect();
    let order = |asset: &Asset| match asset.kind {
        AssetKind::Endpoint => 0,
        AssetKind::Model | AssetKind::Agent => 1,
        _ => 2,
    };
    matching.sort_by_key(|asset| order(asset));
    matching.into_iter().map(|asset| asset.id.clone()).collect()
}

/// The assets that files belong to.
fn homes(discovered: &Discovered, paths: &[&str]) -> Vec<AssetId> {
    let homes: BTreeSet<&AssetId> = discovered
        .files
        .iter()
        .filter(|file| paths.contains(&file.path.as_str()))
        .map(|file| &file.home)
        .collect();
    homes.into_iter().cloned().collect()
}

/// Notes that nobody could look.
fn absent(source: &LogSource, assets: &[AssetId], rules: &[Rule], watched: &mut Watched) {
    for rule in rules {
        watched.in_force.push(in_force(rule, None, None, assets.to_vec()));
        for asset in assets {
            let verdict = Verdict::Skipped(format!("the declared log `{}` could not be read", source.path));
            watched.outcomes.push(Outcome { rule: rule.id.clone(), asset: asset.clone(), verdict });
        }
    }
}

/// Runs the detections over one log; gives the rules that had something to read in it.
fn watch(log: &Log<'_>, rules: &[Rule], knowledge: &Knowledge, watched: &mut Watched) -> BTreeSet<RuleId> {
    let events: Vec<Event> = log.events.iter().map(|event| (*event).clone()).collect();
    let read = readable(&events, knowledge);
    let last = events.iter().map(|event| event.time_unix_nano).max();
    let last = last.filter(|nano| *nano > 0).map(|nano| Timestamp(nano.div_euclid(1_000_000_000)));
    let alerts = vauban_detect::run(&events, knowledge);
    if let Some(asset) = log.assets.first() {
        watched.findings.extend(vauban_detect::findings(&alerts, rules, asset, &log.locator));
    }
    for rule in rules {
        if read.contains(&rule.id) {
            watched.in_force.push(in_force(rule, Some(log.locator.clone()), last, log.assets.clone()));
        }
        let raised = alerts.iter().filter(|alert| alert.rule == rule.id).count();
        for (position, asset) in log.assets.iter().enumerate() {
            let verdict = match raised {
                _ if !read.contains(&rule.id) => {
                    Verdict::NotApplicable(format!("`{}` holds nothing that it reads", log.place))
                }
                0 => Verdict::Clean,
                // The findings are at the first asset; about the others the log says the same, once.
                raised if position == 0 => Verdict::Found(raised),
                _ => continue,
            };
            watched.outcomes.push(Outcome { rule: rule.id.clone(), asset: asset.clone(), verdict });
        }
    }
    watched.logs.push(WatchedLog {
        place: log.place.clone(),
        assets: log.assets.clone(),
        ordinary: ordinary(&events, &alerts),
        busiest_minute: busiest_minute(&events),
        minutes: minutes(&events, &alerts),
    });
    read
}

fn in_force(
    rule: &Rule,
    log: Option<Locator>,
    last_event: Option<Timestamp>,
    assets: Vec<AssetId>,
) -> DetectionInForce {
    DetectionInForce {
        rule: rule.id.clone(),
        techniques: rule.techniques.iter().cloned().collect(),
        log_present: log.is_some(),
        log,
        last_event,
        assets,
    }
}

/// One outcome for each rule and asset: findings of several logs add up, and any look beats none.
fn settle(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let rank = |verdict: &Verdict| match verdict {
        Verdict::Found(_) => 0,
        Verdict::Clean => 1,
        Verdict::Failed(_) => 2,
        Verdict::Skipped(_) => 3,
        Verdict::NotApplicable(_) => 4,
    };
    let mut settled: BTreeMap<(RuleId, AssetId), Verdict> = BTreeMap::new();
    for Outcome { rule, asset, verdict } in outcomes {
        let merged = match (settled.remove(&(rule.clone(), asset.clone())), verdict) {
            (Some(Verdict::Found(known)), Verdict::Found(more)) => Verdict::Found(known + more),
            (Some(known), verdict) if rank(&known) <= rank(&verdict) => known,
            (_, verdict) => verdict,
        };
        settled.insert((rule, asset), merged);
    }
    settled.into_iter().map(|((rule, asset), verdict)| Outcome { rule, asset, verdict }).collect()
}

/// Requests with inputs by clients without an alert.
fn unsuspected<'e>(events: &'e [Event], alerts: &[Alert]) -> Vec<&'e Event> {
    let alarmed: BTreeSet<&str> = alerts.iter().map(|alert| alert.client.as_str()).collect();
    let is_kept =
        |event: &&Event| event.numbers("ml.request.input").is_some() && !alarmed.contains(client(event));
    events.iter().filter(is_kept).collect()
}

/// How many of them each client sent in each minute in which it sent any.
fn minutes(events: &[Event], alerts: &[Alert]) -> Vec<u32> {
    let mut counts: BTreeMap<(&str, i64), u32> = BTreeMap::new();
    for event in unsuspected(events, alerts) {
        *counts.entry((client(event), event.time_unix_nano.div_euclid(60_000_000_000))).or_default() += 1;
    }
    counts.into_values().collect()
}

/// The same requests, evenly thinned.
fn ordinary(events: &[Event], alerts: &[Alert]) -> Vec<Event> {
    let mut kept = unsuspected(events, alerts);
    kept.sort_by(|one, other| (one.time_unix_nano, &one.id).cmp(&(other.time_unix_nano, &other.id)));
    let taken = kept.len().min(ORDINARY);
    (0..taken).map(|at| kept[at * kept.len() / taken].clone()).collect()
}

/// Most requests that one client got answered in any sixty seconds.
fn busiest_minute(events: &[Event]) -> usize {
    let mut times: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for event in events {
        let status = event.integer("http.response.status_code").unwrap_or(200);
        if event.numbers("ml.request.input").is_some() && status < 400 {
            times.entry(client(event)).or_default().push(event.time_unix_nano);
        }
    }
    let busiest = times.values_mut().map(|times| {
        times.sort_unstable();
        let mut begin = 0;
        let mut most = 0;
        for (end, at) in times.iter().enumerate() {
            while at.saturating_sub(times[begin]) >= 60_000_000_000 {
                begin += 1;
            }
            most = most.max(end - begin + 1);
        }
        most
    });
    busiest.max().unwrap_or(0)
}
