//! What a tabular attack did, per sample and in sum.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Curve, Interval, Measurement, Part};

use super::TabularTerms;
use crate::target::AccessLevel;

/// What became of a sample under an attack that ignores the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unconstrained {
    /// Nothing was found.
    Held,
    /// What was found satisfies the schema.
    Valid,
    /// What was found is a row that the system could never see.
    Invalid,
}

/// What became of one sample.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TabularSample {
    /// Class of the unchanged row.
    pub predicted: u32,
    /// What the unchanged row violates; such a sample is not attacked and not counted.
    pub invalid_before: Vec<String>,
    /// Whether the model is wrong on the unchanged row.
    pub wrong_before: bool,
    /// Whether a valid row was found on which the model is wrong.
    pub success: bool,
    /// The row.
    pub example: Option<Vec<f32>>,
    /// Which of the attacks found it.
    pub found_by: &'static str,
    /// Columns and one-hot groups that it changes.
    pub changed: Vec<String>,
    /// Gower distance to the sample, between 0 and 1.
    pub gower: f64,
    /// What it costs the attacker, in the unit of the schema.
    pub cost: f64,
    /// Queries spent, with the one for the unchanged row and without the attack that ignores the schema.
    pub queries: u32,
    /// Whether budget or target ended an attack early.
    pub cut_short: bool,
    /// Whether a success was not one any more when the model was asked again.
    pub unconfirmed: bool,
    /// What an attack that ignores the schema gave, where there are gradients.
    pub unconstrained: Option<Unconstrained>,
    /// Queries of the attack that is running.
    pub(super) spent: u32,
}

impl TabularSample {
    pub(super) fn charge(&mut self, queries: u32) {
        self.queries = self.queries.saturating_add(queries);
        self.spent = self.spent.saturating_add(queries);
    }
}

/// What a tabular attack did.
#[derive(Debug, Clone, PartialEq)]
pub struct TabularResult {
    /// `capgd`, `moeva` or `caa`.
    pub attack: &'static str,
    /// What was allowed.
    pub terms: TabularTerms,
    /// One per sample, in order.
    pub samples: Vec<TabularSample>,
    /// What the attacker saw.
    pub access: AccessLevel,
}

impl TabularResult {
    /// Samples that are valid, right before, and not broken yet.
    pub(super) fn open(&self) -> Vec<usize> {
        let open = |sample: &TabularSample| {
            sample.invalid_before.is_empty() && !sample.wrong_before && !sample.success
        };
        (0..self.samples.len()).filter(|index| open(&self.samples[*index])).collect()
    }

    fn counted(&self) -> impl Iterator<Item = &TabularSample> + Clone {
        self.samples.iter().filter(|sample| sample.invalid_before.is_empty())
    }

    /// Valid samples that the model gets right whatever was tried, and all valid samples.
    pub fn robust(&self) -> (u64, u64) {
        let held = self.counted().filter(|sample| !sample.wrong_before && !sample.success).count();
        (held as u64, self.counted().count() as u64)
    }

    /// How many successes of the attack that ignores the schema are invalid, and how many there are; `None` if it was not
    /// run.
    pub fn invalid_unconstrained(&self) -> Option<(u64, u64)> {
        let looked = self.samples.iter().filter_map(|sample| sample.unconstrained);
        looked.clone().next()?;
        let count = |wanted| looked.clone().filter(|one| *one == wanted).count() as u64;
        let invalid = count(Unconstrained::Invalid);
        Some((invalid, invalid + count(Unconstrained::Valid)))
    }

    /// In how many examples each column or group is changed, most often first.
    pub fn changed(&self) -> Vec<(String, u64)> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for name in self.samples.iter().flat_map(|sample| &sample.changed) {
            *counts.entry(name).or_default() += 1;
        }
        let mut sorted: Vec<(String, u64)> =
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        sorted
    }

    /// The result as a measurement: robust accuracy, share of examples per changed column, success against cost and against
    /// Gower distance.
    pub fn measurement(&self, asset: &AssetId) -> Measurement {
        let (robust, trials) = self.robust();
        let right = self.counted().filter(|sample| !sample.wrong_before).count();
        let found = self.samples.iter().filter(|sample| sample.success).count() as u64;
        let optional = |value: Option<String>| value.unwrap_or_else(|| "any".to_owned());
        let parameters = [
            ("access", self.access.to_string()),
            ("clean-accuracy", format!("{:.4}", right as f64 / trials.max(1) as f64)),
            ("columns", optional(self.terms.columns.map(|most| most.to_string()))),
            ("cost", optional(self.terms.cost.map(|most| most.to_string()))),
            ("eps", self.terms.eps.to_string()),
            ("norm", "linf, share of each column's range".to_owned()),
            ("queries-per-sample", self.terms.queries.to_string()),
        ];
        let parts = self.changed().into_iter().map(|(name, count)| Part {
            by: "column changed".into(),
            name,
            value: count as f64 / found.max(1) as f64,
            interval: Interval::wilson(count, found),
            trials: found,
        });
        let mut notes = Vec::new();
        let invalid = self.samples.len() as u64 - trials;
        if invalid > 0 {
            let why = self.samples.iter().find_map(|sample| sample.invalid_before.first());
            let why = why.map_or("", String::as_str);
            notes.push(format!(
                "{invalid} samples violate the schema themselves and were left out, such as {why}"
            ));
        }
        match self.invalid_unconstrained() {
            Some((invalid, all)) => notes.push(format!(
                "{invalid} of {all} successes of an attack that ignores the schema are rows that cannot occur"
            )),
            None => notes.push("no gradients, so no attack that ignores the schema was compared".to_owned()),
        }
        for (what, count) in [
            ("cut short by the budget or a refusal", self.samples.iter().filter(|one| one.cut_short).count()),
            (
                "not broken any more when the model was asked again",
                self.samples.iter().filter(|one| one.unconfirmed && !one.success).count(),
            ),
        ] {
            if count > 0 {
                notes.push(format!("{count} samples: {what}"));
            }
        }
        let techniques = if self.access == AccessLevel::Gradients {
            ["AML.T0015", "AML.T0043.000"]
        } else {
            ["AML.T0015", "AML.T0043.001"]
        };
        Measurement {
            techniques: techniques.into_iter().map(Into::into).collect(),
            queries: self.samples.iter().map(|sample| u64::from(sample.queries)).sum(),
            seed: self.terms.seed,
            parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            curves: vec![
                self.curve("cost of the attack, unit of the schema", |sample| sample.cost),
                self.curve("Gower distance", |sample| sample.gower),
            ],
            parts: parts.collect(),
            notes,
            ..Measurement::new(asset, self.attack, "constrained-robust-accuracy").share(robust, trials)
        }
    }

    /// Share of samples that were right and are broken by at most `x`.
    fn curve(&self, x: &str, of: fn(&TabularSample) -> f64) -> Curve {
        let right = self.counted().filter(|sample| !sample.wrong_before).count().max(1) as f64;
        let mut values: Vec<f64> = self.samples.iter().filter(|one| one.success).map(of).collect();
        values.sort_by(f64::total_cmp);
        let mut points = vec![(0.0, 0.0)];
        for (place, value) in values.iter().enumerate() {
            // The last of equals counts.
            if values.get(place + 1) != Some(value) {
                points.push((*value, (place + 1) as f64 / right));
            }
        }
        Curve { x: x.to_owned(), y: "share of right samples broken".to_owned(), points }
    }
}
