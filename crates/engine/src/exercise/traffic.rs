//! The queries of an attack as events among those of a log.

use std::collections::BTreeSet;

use vauban_attacks::target::winner;
use vauban_attacks::wrapper::{Answer, Query};
use vauban_formats::otel::{Event, Value};
use vauban_knowledge::Knowledge;

use super::Switch;
use crate::detection::{WatchedLog, model};

/// The attacker's name; no log has a client with spaces and brackets.
const ATTACKER: &str = "(attacker of the exercise)";

/// What the detections made of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    /// Rules that fired on the attacker, sorted.
    pub(super) alerts: Vec<String>,
    /// Seconds from its first request to the first alert.
    pub(super) seconds_to_alert: Option<f64>,
}

/// Shows the attack to the detections, in the middle of the log's ordinary traffic.
pub(super) fn replay(queries: &[Query], seconds_each: f64, log: &WatchedLog, knowledge: &Knowledge) -> Seen {
    let Some(middle) = log.ordinary.get(log.ordinary.len() / 2) else { return Seen::default() };
    let (start, model) = (middle.time_unix_nano, model(middle));
    let mut events = log.ordinary.clone();
    events.extend(queries.iter().enumerate().map(|(number, query)| {
        let at = start.saturating_add((number as f64 * seconds_each * 1e9) as i64);
        event(query, number, at, model)
    }));
    let mine = |alert: &vauban_detect::Alert| alert.client == ATTACKER;
    let alerts: Vec<_> = vauban_detect::run(&events, knowledge).into_iter().filter(mine).collect();
    let first = alerts.iter().map(|alert| alert.raised_nano).min();
    let rules: BTreeSet<String> = alerts.iter().map(|alert| alert.rule.to_string()).collect();
    Seen {
        alerts: rules.into_iter().collect(),
        seconds_to_alert: first.map(|raised| raised.saturating_sub(start) as f64 / 1e9),
    }
}

fn event(query: &Query, number: usize, at: i64, model: &str) -> Event {
    let text = |text: &str| Value::Text(text.to_owned());
    let (status, label) = match &query.answer {
        Answer::Label(label) => (200, Some(*label)),
        Answer::Scores(scores) => (200, Some(winner(scores))),
        Answer::Refused => (429, None),
    };
    let mut event = Event {
        id: format!("exercise-{number:06}"),
        time_unix_nano: at,
        name: "predict".to_owned(),
        attributes: [
            ("http.response.status_code".to_owned(), Value::Integer(status)),
            ("ml.model.name".to_owned(), text(model)),
            ("ml.request.input".to_owned(), Value::Numbers(query.input.clone())),
            ("user.id".to_owned(), text(ATTACKER)),
        ]
        .into(),
    };
    if let Some(label) = label {
        event.attributes.insert("ml.response.label".to_owned(), Value::Integer(i64::from(label)));
    }
    event
}

/// Share of the ordinary clients' requests that a limit of so many a minute would have refused; `None` of no requests.
pub(super) fn refused_by(limit: u32, log: &WatchedLog) -> Option<f64> {
    let all: u64 = log.minutes.iter().map(|requests| u64::from(*requests)).sum();
    let refused: u64 = log.minutes.iter().map(|requests| u64::from(requests.saturating_sub(limit))).sum();
    (all > 0).then(|| refused as f64 / all as f64)
}

/// What in the log shows that a control is not switched on, if anything does.
pub(super) fn contradiction(switch: Switch, log: &WatchedLog) -> Option<String> {
    match switch {
        Switch::RateLimit(limit) => (log.busiest_minute > limit as usize).then(|| {
            format!("a client in `{}` got {} answers within a minute", log.place, log.busiest_minute)
        }),
        Switch::Rounding(decimals) => {
            let scale = 10_f64.powi(decimals.min(4).cast_signed());
            let finer = |score: &f32| {
                let scaled = f64::from(*score) * scale;
                (scaled - scaled.round()).abs() > 0.01
            };
            let answers = log.ordinary.iter().filter_map(|event| event.numbers("ml.response.probabilities"));
            let finer = answers.filter(|scores| scores.iter().any(finer)).count();
            (finer > 0)
                .then(|| format!("{finer} answers in `{}` have more than {decimals} decimals", log.place))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_costs_those_who_ask_more_within_a_minute() {
        let log = |minutes: &[u32]| WatchedLog {
            place: "logs".to_owned(),
            assets: Vec::new(),
            ordinary: Vec::new(),
            busiest_minute: 0,
            minutes: minutes.to_vec(),
        };
        assert_eq!(refused_by(10, &log(&[4, 10, 30])), Some(20.0 / 44.0));
        assert_eq!(refused_by(30, &log(&[4, 10, 30])), Some(0.0));
        assert_eq!(refused_by(30, &log(&[])), None);
    }
}
