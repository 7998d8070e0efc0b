//! `vauban drill`: a tabletop from the incident-response book, written down line by line.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use vauban_domain::Timestamp;
use vauban_engine::drill::results;
use vauban_export::tabletop;
use vauban_formats::drill::{self, DrillEntry, DrillLine, DrillRecord, DrillStart, DrillStep};
use vauban_formats::{Budget, Defect, Input};

use crate::arguments::{Common, DrillCommand, DrillRecordArguments, DrillStartArguments, Plain};
use crate::{Ended, delivery, present, style, text};

/// Starts, adds to, ends or shows a drill.
pub(crate) fn run(common: &Common, command: &DrillCommand) -> anyhow::Result<Ended> {
    let now = present::now(common)?;
    match command {
        DrillCommand::Start(arguments) => start(arguments, now),
        DrillCommand::Record(arguments) => record(arguments, now),
        DrillCommand::Finish { file } => finish(file, now),
        DrillCommand::Show { file, format: Plain::Text } => {
            print(file, now)?;
            Ok(Ended::Clean)
        }
        DrillCommand::Show { file, format: Plain::Json } => {
            let (record, defects) = read(file)?;
            delivery::print(&as_json(&record, &defects, now)?)?;
            Ok(Ended::Clean)
        }
    }
}

fn start(arguments: &DrillStartArguments, now: Timestamp) -> anyhow::Result<Ended> {
    let document = super::read_document(&arguments.from)?;
    let table = tabletop::tabletop(&document, &arguments.system, arguments.path.as_deref())
        .map_err(|why| anyhow::anyhow!(why))?;
    let day = now.day();
    let word: String = arguments
        .system
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    let id = format!("{day}-{}", word.to_lowercase());
    let file = arguments
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from("drills").join(format!("{id}{}", drill::EXTENSION)));
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    }
    let line = DrillLine::Start(Box::new(DrillStart {
        schema: drill::SCHEMA.to_owned(),
        id,
        at: now.to_string(),
        system: arguments.system.clone(),
        path: table.path,
        review: document.review.id.clone(),
        techniques: table.techniques,
        assets: table.assets,
        steps: table
            .steps
            .into_iter()
            .zip(1..)
            .map(|(step, number)| DrillStep {
                number,
                phase: step.phase.to_owned(),
                who: step.who,
                what: step.what,
                hours: step.hours,
            })
            .collect(),
    }));
    // Never over another drill.
    OpenOptions::new().write(true).create_new(true).open(&file).with_context(|| {
        format!(
            "cannot write `{}`; a drill is only added to, so name a new file with --output",
            file.display()
        )
    })?;
    append(&file, &line)?;
    style::talk(&format!("the drill has begun; add to it with `vauban drill record {}`", file.display()));
    print(&file, now)?;
    Ok(Ended::Clean)
}

fn record(arguments: &DrillRecordArguments, now: Timestamp) -> anyhow::Result<Ended> {
    let (record, _) = read(&arguments.file)?;
    if record.finished.is_some() {
        bail!("this drill is finished; start another with `vauban drill start`");
    }
    let at = match &arguments.at {
        Some(at) => Timestamp::parse(at)
            .with_context(|| format!("`{at}` is no time; write it as 2026-11-20T08:30:00Z"))?,
        None => now,
    };
    if let Some(began) = record.began().filter(|began| at < *began) {
        bail!("{at} is before the drill began at {began}; give a later --at");
    }
    let steps = record.start.as_ref().map_or(0, |start| start.steps.len());
    if arguments.step as usize > steps {
        bail!("the drill has {steps} steps and no step {}; 0 is for what belongs to none", arguments.step);
    }
    if arguments.who.trim().is_empty() || arguments.what.trim().is_empty() {
        bail!("say who did what: --who and --what must not be empty");
    }
    let entry = DrillEntry {
        step: arguments.step,
        at: at.to_string(),
        who: arguments.who.chars().take(200).collect(),
        what: arguments.what.chars().take(4_000).collect(),
    };
    append(&arguments.file, &DrillLine::Did(entry))?;
    style::talk(&format!("step {} recorded at {at}", arguments.step));
    Ok(Ended::Clean)
}

fn finish(file: &Path, now: Timestamp) -> anyhow::Result<Ended> {
    let (record, _) = read(file)?;
    if record.finished.is_some() {
        bail!("this drill is finished already; see it with `vauban drill show {}`", file.display());
    }
    append(file, &DrillLine::Finish { at: now.to_string() })?;
    print(file, now)?;
    Ok(Ended::Clean)
}

fn print(file: &Path, now: Timestamp) -> anyhow::Result<()> {
    let (record, defects) = read(file)?;
    delivery::print(text::drill(&record, &defects, now).as_bytes())
}

/// How every step went, with what was done for it and what was done for none.
fn as_json(record: &DrillRecord, defects: &[Defect], now: Timestamp) -> anyhow::Result<Vec<u8>> {
    let results = results(record, now);
    let steps: Vec<Value> = results
        .iter()
        .map(|result| {
            let entries = record.entries.iter().filter(|entry| entry.step == result.step.number);
            json!({
                "step": result.step, "seconds": result.seconds, "late": result.late,
                "entries": entries.collect::<Vec<_>>(),
            })
        })
        .collect();
    let belongs = |entry: &DrillEntry| results.iter().any(|result| result.step.number == entry.step);
    let value = json!({
        "start": record.start.as_ref().map(|start| json!({
            "id": start.id, "at": start.at, "system": start.system, "path": start.path, "review": start.review,
            "techniques": start.techniques, "assets": start.assets,
        })),
        "finished": record.finished,
        "steps": steps,
        "other_entries": record.entries.iter().filter(|entry| !belongs(entry)).collect::<Vec<_>>(),
        "taken": results.iter().filter(|result| result.seconds.is_some()).count(),
        "late": results.iter().filter(|result| result.late).count(),
        "not_read": defects.iter().map(|defect| &defect.detail).collect::<Vec<_>>(),
    });
    let mut bytes = serde_json::to_vec_pretty(&value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a record that says what is played; of a file beyond the bound no more than shows that it is.
#[expect(clippy::disallowed_methods, reason = "the user named the file")]
fn read(file: &Path) -> anyhow::Result<(DrillRecord, Vec<Defect>)> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|open| open.take(drill::LARGEST as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read `{}`", file.display()))?;
    let (record, defects) = drill::read(&Input::new(&file.to_string_lossy(), &bytes, &Budget::default()));
    if record.start.is_none() {
        let why = defects.first().map_or_else(String::new, |defect| format!(" ({})", defect.detail));
        bail!(
            "`{}` is no record of a drill that can be read{why}; start one with `vauban drill start`",
            file.display()
        );
    }
    Ok((record, defects))
}

/// Adds one line and waits until it is on the disk; a torn last line is closed first, so that nothing after it is lost.
fn append(file: &Path, line: &DrillLine) -> anyhow::Result<()> {
    let what = || format!("cannot add to `{}`", file.display());
    let mut open = OpenOptions::new().read(true).append(true).open(file).with_context(what)?;
    let mut bytes = Vec::new();
    if open.seek(SeekFrom::End(0)).with_context(what)? > 0 {
        open.seek(SeekFrom::End(-1)).with_context(what)?;
        let mut last = [0_u8];
        open.read_exact(&mut last).with_context(what)?;
        if last != *b"\n" {
            bytes.push(b'\n');
        }
    }
    serde_json::to_writer(&mut bytes, line)?;
    bytes.push(b'\n');
    open.write_all(&bytes).with_context(what)?;
    open.sync_all().with_context(what)?;
    Ok(())
}
