//! Who has to be told of an incident, and within which time: duties by article, as data.

use serde::Deserialize;

use crate::Knowledge;
use crate::table::{rows, words};

/// A duty to tell somebody of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    /// Article, `Art.33`.
    pub id: String,
    /// Number of the act, `2016/679`.
    pub edition: String,
    /// Whose duty it is: `provider`, `deployer`, `controller`, `operator`.
    pub who: String,
    /// Whom to tell.
    pub to: String,
    /// Longest time in hours; `None` for "without undue delay".
    pub hours: Option<u32>,
    /// Where the time starts.
    pub from: String,
    /// What sets it off.
    pub on: String,
    /// Risk classes of `vauban.toml` that it is about; empty for any.
    pub classes: Vec<String>,
    /// Classes of data that it is about; empty for any.
    pub data: Vec<String>,
    /// From when it applies, `2018-05-25`.
    pub applies: String,
    /// What it depends on besides; empty for nothing.
    pub note: String,
}

impl Duty {
    /// Article and act, `Art.33@2016/679`.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.id, self.edition)
    }
}

impl Knowledge {
    /// Duties that can concern a system. What the owner did not declare is no reason to leave a duty out: an empty role,
    /// class or list matches.
    pub fn duties_of(&self, role: &str, class: &str, data: &[String]) -> Vec<&Duty> {
        self.duties
            .iter()
            .filter(|duty| match duty.who.as_str() {
                "provider" | "deployer" => role.is_empty() || duty.who == role,
                _ => true,
            })
            .filter(|duty| {
                duty.classes.is_empty() || class.is_empty() || duty.classes.iter().any(|one| one == class)
            })
            .filter(|duty| {
                duty.data.is_empty() || data.is_empty() || duty.data.iter().any(|one| data.contains(one))
            })
            .collect()
    }
}

pub(crate) fn builtin() -> Vec<Duty> {
    rows::<Row>("notification-duties", include_str!("../data/notification-duties.csv"))
        .into_iter()
        .map(|row| Duty {
            id: row.id,
            edition: row.edition,
            who: row.who,
            to: row.to,
            hours: row.hours,
            from: row.from,
            on: row.on,
            classes: words(&row.classes),
            data: words(&row.data),
            applies: row.applies,
            note: row.note,
        })
        .collect()
}

#[derive(Deserialize)]
struct Row {
    id: String,
    edition: String,
    who: String,
    to: String,
    hours: Option<u32>,
    from: String,
    on: String,
    classes: String,
    data: String,
    applies: String,
    note: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(role: &str, class: &str, data: &[&str]) -> String {
        let data: Vec<String> = data.iter().map(|word| (*word).to_owned()).collect();
        let duties = Knowledge::builtin().duties_of(role, class, &data);
        let words = duties.iter().map(|duty| {
            duty.hours.map_or_else(|| duty.reference(), |hours| format!("{} {hours} h", duty.reference()))
        });
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn duties_follow_role_class_and_data() {
        let network = "Art.23@2022/2555 24 h, Art.23@2022/2555 72 h, Art.23@2022/2555 744 h";
        assert_eq!(told("deployer", "minimal", &["weather"]), network);
        assert_eq!(
            told("provider", "high-annex-i", &["health"]),
            format!(
                "{network}, Art.33@2016/679 72 h, Art.34@2016/679, Art.73@2024/1689 48 h, Art.73@2024/1689 240 h, \
                 Art.73@2024/1689 360 h"
            )
        );
        let all = Knowledge::builtin().duties.len();
        assert_eq!(told("", "", &[]).split(", ").count(), all, "what is not declared leaves nothing out");
    }

    #[test]
    fn days_are_days_and_rows_are_sorted() {
        let duties = builtin();
        assert!(duties.is_sorted_by_key(|duty| (duty.id.clone(), duty.hours)));
        for duty in duties {
            assert!(vauban_domain::Timestamp::parse(&duty.applies).is_some(), "{}", duty.reference());
        }
    }
}
