//! When each system has to be reviewed next, seen from a later day than that of the review.

use serde::Serialize;
use vauban_domain::Timestamp;

use crate::v1::Document;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// When a system is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Name in `vauban.toml`.
    pub system: String,
    /// Days between reviews.
    pub every_days: u32,
    /// When it was last reviewed, RFC 3339 in UTC; `None` when no review of it is known.
    pub last: Option<String>,
    /// When it is or was due, RFC 3339 in UTC; `None` without a review: since ever.
    pub due: Option<String>,
    /// Days by which it is overdue; 0 when it is not, or was never reviewed.
    pub overdue_days: u32,
    /// `due`, `overdue` or `never-reviewed`.
    pub state: &'static str,
}

impl Due {
    /// Whether a review should have been made by now.
    pub fn is_overdue(&self) -> bool {
        self.state != "due"
    }
}

/// When the systems of `review` are due at `now`, the most overdue first. `declared` are the names and days of the systems
/// as they are declared today: these count, and one that the review does not know was never reviewed. `None` takes the
/// systems and days of the review itself.
pub fn due(review: Option<&Document>, declared: Option<&[(String, u32)]>, now: Timestamp) -> Vec<Due> {
    let known = |name: &str| {
        review
            .is_some_and(|review| review.review.declaration.systems.iter().any(|system| system.name == name))
    };
    let own: Vec<(String, u32)> = review
        .and_then(|review| review.schedule.as_ref())
        .map(|schedule| schedule.systems.iter().map(|one| (one.system.clone(), one.every_days)).collect())
        .unwrap_or_default();
    let taken = review.map(|review| review.review.taken_at.as_str());
    let mut list: Vec<Due> = declared
        .unwrap_or(&own)
        .iter()
        .map(|(system, every_days)| {
            let last = taken.filter(|_| known(system));
            // A time that is none is no review on record.
            let due = last
                .and_then(Timestamp::parse)
                .map(|last| Timestamp(last.0.saturating_add(i64::from(*every_days) * DAY)));
            let overdue = due.map_or(0, |due| now.days_since(due)).max(0);
            Due {
                system: system.clone(),
                every_days: *every_days,
                last: due.and(last).map(str::to_owned),
                due: due.map(|due| due.to_string()),
                overdue_days: u32::try_from(overdue).unwrap_or(u32::MAX),
                state: match due {
                    None => "never-reviewed",
                    Some(due) if due < now => "overdue",
                    Some(_) => "due",
                },
            }
        })
        .collect();
    list.sort_by(|one, other| (&one.due, &one.system).cmp(&(&other.due, &other.system)));
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVIEW: &str = r#"{"schema":"vauban/v1","review":{"id":"x","subject":"clinic","trigger":"manual",
        "taken_at":"2026-11-20T08:00:00Z","tool_version":"1","atlas_edition":"2026.09","maestro_edition":"1","seed":1,
        "declaration":{"organisation":"clinic","currency":"EUR","every_days":90,"half_life_days":90,"systems":[
        {"name":"triage","owner":"x","criticality":"high","purpose":"","exposure":"internal","locator":{"path":"vauban.toml"}}]}},
        "schedule":{"systems":[{"system":"triage","every_days":30,"next":"2026-12-20T08:00:00Z","late_days":0}]}}"#;

    fn at(time: &str, declared: Option<&[(String, u32)]>) -> Vec<(String, &'static str, u32)> {
        let review = Document::read(REVIEW.as_bytes()).unwrap();
        due(Some(&review), declared, Timestamp::parse(time).unwrap())
            .into_iter()
            .map(|one| (one.system, one.state, one.overdue_days))
            .collect()
    }

    #[test]
    fn a_system_is_overdue_when_its_day_is_over() {
        assert_eq!(at("2026-12-20T08:00:00Z", None), [("triage".to_owned(), "due", 0)]);
        assert_eq!(at("2026-12-20T08:00:01Z", None), [("triage".to_owned(), "overdue", 0)]);
        assert_eq!(at("2027-01-20T08:00:00Z", None), [("triage".to_owned(), "overdue", 31)]);
    }

    #[test]
    fn what_is_declared_today_counts() {
        let declared = [("new".to_owned(), 90), ("triage".to_owned(), 7)];
        let expected = [("new".to_owned(), "never-reviewed", 0), ("triage".to_owned(), "overdue", 3)];
        assert_eq!(at("2026-11-30T08:00:00Z", Some(&declared)), expected);
        let none = due(None, Some(&declared), Timestamp(0));
        assert!(none.iter().all(Due::is_overdue));
    }
}
