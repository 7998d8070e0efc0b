//! Records of drills: found in a folder `drills`, timed, and what finished ones prove. What stands in a record is
//! [`vauban_formats::drill`]'s to say.

use std::path::Path;

use vauban_analysis::DrillProof;
use vauban_connect::Content;
use vauban_domain::{AssetId, Limit, Locator, Timestamp};
use vauban_formats::drill::{self, DrillRecord, DrillStep};
use vauban_formats::{Budget, Input};

/// Folder that records are looked for in.
const FOLDER: &str = "drills";

/// How one step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepResult {
    /// The step.
    pub step: DrillStep,
    /// Seconds from the start to the first entry; `None` when there is none.
    pub seconds: Option<i64>,
    /// Whether it came after its limit, or its limit passed without it.
    pub late: bool,
}

/// How every step went at `now`, in order. An open drill has time left; a finished one has not.
pub fn results(record: &DrillRecord, now: Timestamp) -> Vec<StepResult> {
    let (Some(start), Some(began)) = (&record.start, record.began()) else { return Vec::new() };
    let end = record.finished.as_deref().and_then(Timestamp::parse);
    let results = start.steps.iter().map(|step| {
        let times = record.entries.iter().filter(|entry| entry.step == step.number);
        let first = times.filter_map(|entry| Timestamp::parse(&entry.at)).min();
        let seconds = first.map(|first| first.0.saturating_sub(began.0));
        let late = step.hours.is_some_and(|hours| {
            let limit = i64::from(hours) * 3_600;
            seconds.map_or_else(
                || end.is_some() || now.0.saturating_sub(began.0) > limit,
                |seconds| seconds > limit,
            )
        });
        StepResult { step: step.clone(), seconds, late }
    });
    results.collect()
}

/// What a finished drill proves; `None` while it is open or when nothing was written down.
fn proof(record: &DrillRecord, path: &str) -> Option<DrillProof> {
    let start = record.start.as_ref()?;
    let finished = Timestamp::parse(record.finished.as_deref()?)?;
    let began = record.began()?;
    // A record that ends before it begins, or in which nobody did anything, proves nothing.
    if finished < began || record.entries.is_empty() {
        return None;
    }
    let results = results(record, finished);
    let missed = |one: &&StepResult| one.step.phase == "contain" && one.seconds.is_none();
    let missed = results.iter().filter(missed).count();
    Some(DrillProof {
        id: start.id.clone(),
        techniques: start.techniques.iter().map(|id| id.clone().into()).collect(),
        assets: start.assets.iter().filter_map(|id| AssetId::parse(id)).collect(),
        finished,
        missed,
        locator: Locator::file(path),
    })
}

/// Finished drills among `paths`, those in a folder `drills`; what cannot be used is a limit.
pub(crate) fn found<'a>(
    root: &Path,
    paths: impl Iterator<Item = &'a str>,
    limits: &mut Vec<Limit>,
) -> Vec<DrillProof> {
    let mut drills = Vec::new();
    let in_folder = |path: &&str| {
        path.ends_with(drill::EXTENSION) && path.rsplit('/').skip(1).any(|folder| folder == FOLDER)
    };
    for path in paths.filter(in_folder) {
        let mut limit = |what: String| limits.push(Limit { place: path.to_owned(), what });
        let content = match Content::open(&root.join(path)) {
            Ok(content) => content,
            Err(error) => {
                limit(format!("the drill cannot be read: {error}"));
                continue;
            }
        };
        let budget = Budget::default();
        let (record, defects) = drill::read(&Input::new(path, &content, &budget));
        if let Some(defect) = defects.first() {
            limit(format!("in this record of a drill, {}", defect.detail));
        }
        match proof(&record, path) {
            Some(proof) => drills.push(proof),
            None => limit(
                "this drill is not finished, or nobody did anything in it; it proves nothing".to_owned(),
            ),
        }
    }
    drills.sort_by(|one, other| (one.finished, &one.id).cmp(&(other.finished, &other.id)));
    drills
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: &str = r#"{"event":"start","schema":"vauban-drill/v1","id":"d","at":"2026-11-20T08:00:00Z","system":"s","techniques":["AML.T0018"],"assets":["model:m"],"steps":[{"number":1,"phase":"contain","who":"o","what":"freeze"},{"number":2,"phase":"tell","who":"o","what":"authority","hours":72}]}"#;

    fn record(lines: &[&str]) -> DrillRecord {
        let text = format!("{START}\n{}", lines.join("\n"));
        let (record, defects) = drill::read(&Input::new("r", text.as_bytes(), &Budget::default()));
        assert_eq!(defects, []);
        record
    }

    fn did(step: u32, at: &str) -> String {
        format!(r#"{{"event":"did","step":{step},"at":"{at}","who":"Ann","what":"done"}}"#)
    }

    #[test]
    fn times_misses_and_limits_are_told() {
        let finish = r#"{"event":"finish","at":"2026-11-24T08:00:00Z"}"#;
        let told = |record: &DrillRecord| -> Vec<(Option<i64>, bool)> {
            let now = Timestamp::parse("2026-11-20T09:00:00Z").unwrap();
            results(record, now).iter().map(|one| (one.seconds, one.late)).collect()
        };
        let open = record(&[&did(1, "2026-11-20T08:10:00Z")]);
        assert_eq!(told(&open), [(Some(600), false), (None, false)]);
        assert!(proof(&open, "p").is_none(), "an open drill proves nothing");
        let late = record(&[&did(1, "2026-11-20T08:10:00Z"), &did(2, "2026-11-23T08:00:01Z"), finish]);
        assert_eq!(told(&late), [(Some(600), false), (Some(259_201), true)]);
        assert_eq!(proof(&late, "p").unwrap().missed, 0);
        let missed = record(&[&did(0, "2026-11-20T08:10:00Z"), finish]);
        assert_eq!(told(&missed), [(None, false), (None, true)]);
        assert_eq!(proof(&missed, "p").unwrap().missed, 1);
        assert!(proof(&record(&[finish]), "p").is_none(), "nobody did anything");
    }
}
