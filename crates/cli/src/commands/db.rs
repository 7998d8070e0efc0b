//! `vauban db`: advisories about packages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use serde_json::{Value, json};
use vauban_domain::{Asset, AssetKind, Timestamp};
use vauban_engine::{Stages, database};
use vauban_knowledge::Ecosystem;
use vauban_knowledge::advisories::{Advisories, Knows, Origin, Table};

use crate::arguments::{Common, DbCommand, Plain, StatusSubject};
use crate::bars::Bars;
use crate::{Ended, delivery, present, style, text};

/// Imports or shows.
pub(crate) fn run(common: &Common, command: &DbCommand) -> anyhow::Result<Ended> {
    match command {
        DbCommand::Import { paths, replace, format } => import(common, paths, *replace, *format),
        DbCommand::Status { subject, format } => status(common, subject, *format),
    }
}

fn print_json(value: &Value) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    delivery::print(&bytes)
}

fn import(common: &Common, paths: &[PathBuf], replace: bool, format: Plain) -> anyhow::Result<Ended> {
    let target = present::database_path(common)?;
    let now = present::now(common)?;
    // One that was never written is none; one that is broken is replaced, not mourned.
    let known = if replace || !target.exists() { None } else { present::database(common).ok().flatten() };
    let bars = Bars::new(common.quiet);
    let read = database::import(paths, known.as_ref(), now, &bars)?;
    bars.finish();
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("cannot make the folder `{}`; give --database FILE", folder.display())
        })?;
    }
    delivery::write(&target, read.text.as_bytes())?;
    let table = Table::read(read.text.into(), Origin::Imported)?;
    match format {
        Plain::Text => {
            delivery::print(coverage_table(&table, now, common.database_days).as_bytes())?;
            for (reason, count) in &read.skipped {
                style::talk(&format!("not taken: {count} x {reason}"));
            }
            style::talk(&format!("{} records read, written to {}", read.records, target.display()));
        }
        Plain::Json => {
            let skipped: BTreeMap<&str, u64> =
                read.skipped.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
            print_json(&json!({
                "database": target, "records": read.records, "ecosystems": coverage_json(&table, now, common.database_days),
                "skipped": skipped,
            }))?;
        }
    }
    Ok(Ended::Clean)
}

fn age(as_of: Timestamp, now: Timestamp) -> i64 {
    now.days_since(as_of).max(0)
}

/// The word for how much silence is worth.
fn worth(table: &Table, as_of: Timestamp, now: Timestamp, days: i64) -> &'static str {
    match table.origin() {
        Origin::Builtin => "some packages",
        Origin::Imported if age(as_of, now) > days => "too old",
        Origin::Imported => "fresh",
    }
}

fn coverage_rows(table: &Table, now: Timestamp, days: i64) -> Vec<[String; 6]> {
    let origin = match table.origin() {
        Origin::Builtin => "built in",
        Origin::Imported => "imported",
    };
    let rows = table.coverages().iter().map(|coverage| {
        [
            coverage.ecosystem.to_string(),
            origin.to_owned(),
            coverage.records.to_string(),
            coverage.packages.to_string(),
            format!("{} ({} days)", &coverage.as_of.to_string()[..10], age(coverage.as_of, now)),
            worth(table, coverage.as_of, now, days).to_owned(),
        ]
    });
    rows.collect()
}

const COLUMNS: [&str; 6] = ["ecosystem", "table", "records", "packages", "newest record", "worth"];

fn coverage_table(table: &Table, now: Timestamp, days: i64) -> String {
    text::table(COLUMNS, coverage_rows(table, now, days))
}

fn coverage_json(table: &Table, now: Timestamp, days: i64) -> Vec<Value> {
    let rows = table.coverages().iter().map(|coverage| {
        json!({
            "ecosystem": coverage.ecosystem.as_str(), "records": coverage.records, "packages": coverage.packages,
            "newest": coverage.as_of.to_string(), "age_days": age(coverage.as_of, now),
            "worth": worth(table, coverage.as_of, now, days),
        })
    });
    rows.collect()
}

/// What of the packages at a path is covered, by what comes before `/` in their names.
#[derive(Default)]
struct Used {
    packages: u64,
    pinned: u64,
    named: u64,
}

fn status(common: &Common, subject: &StatusSubject, format: Plain) -> anyhow::Result<Ended> {
    let now = present::now(common)?;
    ensure!(common.database_days >= 0, "--database-days is less than 0; give a number of days");
    let advisories = present::advisories(common)?;
    let used = match subject.subject() {
        Some(subject) => {
            let bars = Bars::new(common.quiet);
            let request = super::request(&subject, None, Stages::INVENTORY, now);
            let reviewed = vauban_engine::review(&request, &bars)?;
            bars.finish();
            Some(used(&reviewed.review.assets, &advisories))
        }
        None => None,
    };
    let tables = [advisories.imported_table(), Some(advisories.builtin_table())];
    match format {
        Plain::Text => {
            let rows = tables
                .into_iter()
                .flatten()
                .flat_map(|table| coverage_rows(table, now, common.database_days));
            delivery::print(text::table(COLUMNS, rows).as_bytes())?;
            if let Some(used) = &used {
                let rows = used.iter().map(|(kind, used)| {
                    [
                        kind.clone(),
                        used.packages.to_string(),
                        used.pinned.to_string(),
                        used.named.to_string(),
                        known(&advisories, kind, now).to_owned(),
                    ]
                });
                let columns = ["packages of", "used", "pinned", "with advisories", "silence means"];
                delivery::print(format!("\n{}", text::table(columns, rows)).as_bytes())?;
            }
            if advisories.imported_table().is_none() {
                style::talk("no database was imported; `vauban db import --help` says where to get one");
            }
        }
        Plain::Json => {
            let list =
                |table: Option<&Table>| table.map(|table| coverage_json(table, now, common.database_days));
            let used = used.as_ref().map(|used| {
                let rows = used.iter().map(|(kind, used)| {
                    json!({
                        "packages_of": kind, "used": used.packages, "pinned": used.pinned,
                        "with_advisories": used.named, "silence_means": known(&advisories, kind, now),
                    })
                });
                rows.collect::<Vec<_>>()
            });
            print_json(&json!({
                "database": present::database_path(common).ok(), "imported": list(advisories.imported_table()),
                "builtin": list(Some(advisories.builtin_table())),
                "sources": advisories.imported_table().map(Table::sources), "used": used,
            }))?;
        }
    }
    Ok(Ended::Clean)
}

fn used(assets: &[Asset], advisories: &Advisories) -> BTreeMap<String, Used> {
    let mut by_kind: BTreeMap<String, Used> = BTreeMap::new();
    for asset in assets.iter().filter(|asset| asset.kind == AssetKind::Package) {
        let Some((kind, name)) = asset.id.name().split_once('/') else { continue };
        let used = by_kind.entry(kind.to_owned()).or_default();
        used.packages += 1;
        let Some(ecosystem) = Ecosystem::of_purl(kind) else { continue };
        let versions = asset.attribute("version").unwrap_or_default().split(',').map(str::trim);
        used.pinned += u64::from(versions.into_iter().any(|version| ecosystem.is_version(version)));
        used.named += u64::from(!advisories.of(ecosystem, name).is_empty());
    }
    by_kind
}

/// What it means that nothing was found about a pinned package of this kind.
fn known(advisories: &Advisories, kind: &str, now: Timestamp) -> &'static str {
    let Some(ecosystem) = Ecosystem::of_purl(kind) else { return "unknown: not matched" };
    match advisories.knows(ecosystem) {
        Knows::All { as_of } if age(as_of, now) <= advisories.fresh_days() => "clean",
        Knows::All { .. } => "unknown: database too old",
        Knows::Some { .. } => "unknown: built-in table only",
        Knows::Nothing => "unknown: no advisories",
    }
}
