//! Forecasts that can be held against what then happened.
//!
//! Every review forecasts, for each system and impact with a declared loss, the probability of at least one event until the
//! system's next review is due. When that day has passed and the record of incidents is kept, the forecast is scored: the
//! Brier score is the mean squared difference between forecast and outcome (G. W. Brier, "Verification of Forecasts
//! Expressed in Terms of Probability", Monthly Weather Review 78, 1950), compared with somebody who had always said the
//! share that came true. Reviews made more often than they are due would count the same stretch of time several times;
//! of overlapping forecasts only the first counts.

use std::collections::BTreeMap;

use vauban_domain::{CalibrationRow, Declaration, Forecast, ForecastScore, Interval, Timestamp};

use crate::graph::{LossRate, ThreatGraph};

/// Seconds of a day, and days of a mean year.
const DAY: i64 = 86_400;
const YEAR: f64 = 365.25;
/// Rows of the calibration table.
const ROWS: u32 = 10;

/// Probability of at least one event in `days` of `frequency` events a year.
pub fn probability(frequency: f64, days: f64) -> f64 {
    -(-frequency * days / YEAR).exp_m1()
}

/// What the review forecasts, by system and impact.
pub(crate) fn forecasts(graph: &ThreatGraph<'_>, rates: &[LossRate]) -> Vec<Forecast> {
    let declaration = graph.facts.declaration;
    graph
        .losses
        .iter()
        .zip(rates)
        .filter(|(_, rate)| rate.frequency > 0.0)
        .map(|(loss, rate)| {
            let days = loss.system.every_days.unwrap_or(declaration.cadence.every_days).max(1);
            Forecast {
                system: loss.system.name.clone(),
                impact: loss.impact.to_owned(),
                probability: probability(rate.frequency, f64::from(days)),
                from: graph.facts.now,
                until: Timestamp(graph.facts.now.0.saturating_add(i64::from(days) * DAY)),
            }
        })
        .collect()
}

/// How `earlier` forecasts, in any order, fared at `now` by the incidents of `declaration`.
///
/// An incident counts for a forecast when it is dated after the forecast was made and not after its period. A forecast of a
/// system whose record does not reach back to it is not scored: no incident on record is then no evidence of none.
pub fn score(earlier: &[Forecast], declaration: &Declaration, now: Timestamp) -> ForecastScore {
    let mut by_kind: BTreeMap<(&str, &str), Vec<&Forecast>> = BTreeMap::new();
    for forecast in earlier {
        let right = (0.0..=1.0).contains(&forecast.probability) && forecast.from < forecast.until;
        if right && forecast.from <= now {
            by_kind.entry((&forecast.system, &forecast.impact)).or_default().push(forecast);
        }
    }
    let mut score = ForecastScore::default();
    let mut scored: Vec<(f64, bool)> = Vec::new();
    for ((system, impact), mut forecasts) in by_kind {
        forecasts.sort_by(|one, other| {
            (one.from, one.until)
                .cmp(&(other.from, other.until))
                .then_with(|| one.probability.total_cmp(&other.probability))
        });
        let record = declaration.systems.iter().find(|known| known.name == system);
        let since = record.and_then(|system| system.incidents_since);
        let (mut covered, mut unknown) = (None, 0_usize);
        for forecast in forecasts {
            if covered.is_some_and(|end| forecast.from < end) {
                continue;
            }
            covered = Some(forecast.until);
            if forecast.until > now {
                score.pending += 1;
            } else if since.is_none_or(|since| since > forecast.from) {
                unknown += 1;
            } else {
                let happened = declaration.incidents.iter().any(|incident| {
                    incident.system == system
                        && incident.impact == impact
                        && forecast.from < incident.date
                        && incident.date <= forecast.until
                });
                scored.push((forecast.probability, happened));
            }
        }
        if unknown > 0 {
            score.unscored.push(format!(
                "unknown: {unknown} forecasts of {impact} at `{system}` came due, but its record of incidents does not \
                 reach back to them; declare incidents_since for it"
            ));
        }
    }
    score.count = u32::try_from(scored.len()).unwrap_or(u32::MAX);
    score.happened = scored.iter().filter(|(_, happened)| *happened).count() as u32;
    if scored.is_empty() {
        return score;
    }
    let n = scored.len() as f64;
    let rate = f64::from(score.happened) / n;
    let brier = scored.iter().map(|(said, happened)| (said - f64::from(*happened)).powi(2)).sum::<f64>() / n;
    let base = rate * (1.0 - rate);
    score.brier = Some(brier);
    score.base_rate_brier = Some(base);
    score.skill = (base > 0.0).then(|| 1.0 - brier / base);
    score.calibration = calibration(&scored);
    score
}

/// Forecasts by tenths, without empty rows.
fn calibration(scored: &[(f64, bool)]) -> Vec<CalibrationRow> {
    (0..ROWS)
        .filter_map(|row| {
            let of_row = |said: f64| ((said * f64::from(ROWS)) as u32).min(ROWS - 1) == row;
            let here: Vec<(f64, bool)> = scored.iter().filter(|(said, _)| of_row(*said)).copied().collect();
            if here.is_empty() {
                return None;
            }
            let n = here.len() as f64;
            let happened = here.iter().filter(|(_, happened)| *happened).count();
            Some(CalibrationRow {
                low: f64::from(row) / f64::from(ROWS),
                high: f64::from(row + 1) / f64::from(ROWS),
                count: u32::try_from(here.len()).unwrap_or(u32::MAX),
                forecast: here.iter().map(|(said, _)| said).sum::<f64>() / n,
                observed: happened as f64 / n,
                range: Interval::wilson(happened as u64, here.len() as u64),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_domain::{Incident, Locator, System};

    fn day(day: i64) -> Timestamp {
        Timestamp(day * DAY)
    }

    fn forecast(impact: &str, probability: f64, from: i64, until: i64) -> Forecast {
        Forecast {
            system: "clinic".to_owned(),
            impact: impact.to_owned(),
            probability,
            from: day(from),
            until: day(until),
        }
    }

    fn declaration(since: Option<i64>, incidents: &[(&str, i64)]) -> Declaration {
        Declaration {
            systems: vec![System {
                name: "clinic".to_owned(),
                incidents_since: since.map(day),
                ..System::default()
            }],
            incidents: incidents
                .iter()
                .map(|(impact, date)| Incident {
                    date: day(*date),
                    system: "clinic".to_owned(),
                    impact: (*impact).to_owned(),
                    loss: None,
                    what: String::new(),
                    locator: Locator::file("vauban.toml"),
                })
                .collect(),
            ..Declaration::default()
        }
    }

    #[test]
    fn forecasts_that_came_due_are_scored_by_what_happened() {
        let earlier = [
            forecast("integrity", 0.8, 0, 90),
            forecast("safety", 0.3, 0, 90),
            forecast("integrity", 0.6, 90, 180),
            forecast("integrity", 0.5, 180, 270),
        ];
        let score =
            score(&earlier, &declaration(Some(-10), &[("integrity", 30), ("integrity", 0)]), day(200));
        // Came true: .8. Did not: .3 and .6. (.04 + .09 + .36) / 3; one of three came true: 1/3 x 2/3.
        assert_eq!((score.count, score.happened, score.pending), (3, 1, 1));
        assert!((score.brier.unwrap() - 0.49 / 3.0).abs() < 1e-12);
        assert!((score.base_rate_brier.unwrap() - 2.0 / 9.0).abs() < 1e-12);
        assert!((score.skill.unwrap() - (1.0 - 0.49 / 3.0 * 4.5)).abs() < 1e-12);
        let rows: Vec<(f64, u32, f64)> =
            score.calibration.iter().map(|row| (row.low, row.count, row.observed)).collect();
        assert_eq!(rows, [(0.3, 1, 0.0), (0.6, 1, 0.0), (0.8, 1, 1.0)]);
    }

    #[test]
    fn overlapping_forecasts_count_once() {
        let earlier: Vec<Forecast> = (0..90).map(|from| forecast("safety", 0.2, from, from + 90)).collect();
        let score = score(&earlier, &declaration(Some(0), &[]), day(400));
        assert_eq!((score.count, score.happened, score.pending), (1, 0, 0));
        // Nothing happened, so the base rate was never wrong and there is nothing to be better than.
        assert_eq!((score.base_rate_brier, score.skill), (Some(0.0), None));
        assert!((score.brier.unwrap() - 0.04).abs() < 1e-12);
    }

    #[test]
    fn without_a_record_that_reaches_back_nothing_is_known() {
        for since in [None, Some(20)] {
            let score = score(&[forecast("safety", 0.2, 0, 90)], &declaration(since, &[]), day(400));
            assert_eq!((score.count, score.brier), (0, None));
            assert!(score.unscored[0].starts_with("unknown: 1 forecasts of safety at `clinic`"));
        }
    }

    #[test]
    fn nonsense_from_a_document_is_left_out() {
        let earlier = [
            forecast("safety", 1.5, 0, 90),
            forecast("safety", f64::NAN, 0, 90),
            forecast("safety", 0.1, 9, 2),
        ];
        assert_eq!(score(&earlier, &declaration(Some(0), &[]), day(400)), ForecastScore::default());
    }

    #[test]
    fn a_shorter_period_is_less_probable() {
        assert!((probability(1.0, YEAR) - (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
        assert!((probability(0.4, 90.0) - 0.093_861).abs() < 1e-6, "{}", probability(0.4, 90.0));
    }
}
