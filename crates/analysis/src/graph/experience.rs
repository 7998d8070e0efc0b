//! What has really happened outweighs what was assumed.
//!
//! The frequency that the graph gives a kind of loss is a weak prior that counts like [`PRIOR_YEARS`] of record: a gamma
//! distribution of shape `prior * W` and rate `W`. `n` loss events on record in `T` years make its mean
//! `(prior * W + n) / (W + T)` (conjugate to Poisson events; Gelman and others, "Bayesian Data Analysis", 3rd edition,
//! section 2.6). None in many years is evidence as well.

use vauban_domain::Timestamp;

use super::ThreatGraph;
use super::assumptions::PRIOR_YEARS;
use crate::facts::Facts;

/// Days of a mean year.
const YEAR: f64 = 365.25;

/// Loss events on record, and what they do to a frequency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Experience {
    /// Events on record.
    pub(crate) events: u32,
    /// Years of the record; 0 without one.
    pub(crate) years: f64,
    /// Frequency that the graph gave, events a year.
    pub(crate) prior: f64,
    /// What the frequency is multiplied with.
    pub(crate) factor: f64,
}

impl Experience {
    /// Frequency after what is on record when the graph says `prior`.
    pub(crate) fn posterior(&self, prior: f64) -> f64 {
        if prior <= 0.0 {
            return 0.0;
        }
        let (shape, rate) = self.gamma(prior);
        shape / rate
    }

    /// Shape and rate of the gamma distribution of the frequency when the graph says `prior`.
    pub(crate) fn gamma(&self, prior: f64) -> (f64, f64) {
        (prior * PRIOR_YEARS + f64::from(self.events), PRIOR_YEARS + self.years)
    }
}

impl Default for Experience {
    fn default() -> Self {
        Self { events: 0, years: 0.0, prior: 0.0, factor: 1.0 }
    }
}

/// Works out the factor of every declared loss from the incidents on record.
pub(super) fn learn(graph: &mut ThreatGraph<'_>) {
    let rates = graph.loss_rates(&graph.evaluate());
    let (declaration, now) = (graph.facts.declaration, graph.facts.now);
    for (loss, rate) in graph.losses.iter_mut().zip(&rates) {
        let Some(since) = loss.system.incidents_since.filter(|since| *since < now) else { continue };
        let events = declaration.incidents.iter().filter(|incident| {
            incident.system == loss.system.name
                && incident.impact == loss.impact
                && (since..=now).contains(&incident.date)
        });
        loss.experience = posterior(events.count(), years(since, now), rate.frequency);
    }
    for incident in &declaration.incidents {
        let why = match declaration.systems.iter().find(|system| system.name == incident.system) {
            None => "no system has that name".to_owned(),
            Some(system) => match system.incidents_since {
                None => "declare incidents_since for it, so that quiet years count too".to_owned(),
                Some(since) if incident.date < since => {
                    "it is older than the record of the system".to_owned()
                }
                Some(_) if incident.date > now => "it lies in the future".to_owned(),
                Some(_) if !system.losses.contains_key(&incident.impact) => {
                    format!("no {} loss is declared", incident.impact)
                }
                Some(_) => continue,
            },
        };
        graph.unusable_losses.push(format!(
            "unknown: the incident of system `{}` does not count for the frequency: {why} ({})",
            incident.system, incident.locator
        ));
    }
}

/// What recorded events of one kind cost, in the order of the declaration. The size of a loss says something whether or
/// not anybody knows how long nothing happened; an event that cost nothing has no place among lognormal losses.
pub(super) fn losses(facts: &Facts<'_>, system: &str, impact: &str) -> Vec<f64> {
    facts
        .declaration
        .incidents
        .iter()
        .filter(|incident| {
            incident.system == system && incident.impact == impact && incident.date <= facts.now
        })
        .filter_map(|incident| incident.loss.filter(|loss| *loss > 0.0 && loss.is_finite()))
        .collect()
}

fn years(since: Timestamp, now: Timestamp) -> f64 {
    now.days_since(since) as f64 / YEAR
}

fn posterior(events: usize, years: f64, prior: f64) -> Experience {
    let events = u32::try_from(events).unwrap_or(u32::MAX);
    if prior <= 0.0 {
        return Experience { events, years, prior, factor: 1.0 };
    }
    let mean = (prior * PRIOR_YEARS + f64::from(events)) / (PRIOR_YEARS + years);
    Experience { events, years, prior, factor: mean / prior }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_pulls_the_frequency_towards_what_was_seen() {
        // Prior of 1 a year, 4 events in 1 year: (1 x 2 + 4) / (2 + 1) = 2.
        assert!((posterior(4, 1.0, 1.0).factor - 2.0).abs() < 1e-12);
        // Prior of 2 a year, 10 quiet years: 4 / 12 a year, a factor of 1 / 6.
        assert!((posterior(0, 10.0, 2.0).factor - 1.0 / 6.0).abs() < 1e-12);
        // No record, no change.
        assert!((posterior(0, 0.0, 0.7).factor - 1.0).abs() < 1e-12);
        // A long record hides the prior: 300 events in 100 years are about 3 a year, whatever was assumed.
        let mean = posterior(300, 100.0, 0.01).factor * 0.01;
        assert!((2.9..3.0).contains(&mean), "{mean}");
        assert_eq!(posterior(3, 1.0, 0.0).factor, 1.0);
    }
}
