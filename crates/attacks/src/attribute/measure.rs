//! The inference as a measurement.

use vauban_domain::{AssetId, Interval, Measurement, Part};

use super::{Inference, Known, METRIC, NAME, Score, TECHNIQUES};

impl Inference {
    /// The lift over the best baseline with its interval; parts hold the accuracy of every way of guessing, by `attack`
    /// and by `baseline`. The id names the columns, as several attributes of one model may be measured.
    pub fn measurement(&self, asset: &AssetId) -> Measurement {
        let part = |by: &'static str, score: &Score| Part {
            by: by.into(),
            name: score.name.to_owned(),
            value: self.share(score),
            interval: Interval::wilson(score.right, self.trials),
            trials: self.trials,
        };
        let columns: Vec<String> = self.parameters.columns.iter().map(usize::to_string).collect();
        let columns = columns.join("+");
        let parameters = [
            ("access", if self.by_scores { "scores" } else { "labels" }.to_owned()),
            ("known", self.parameters.known.as_str().to_owned()),
            ("columns", columns.clone()),
            ("values", self.values.to_string()),
            ("attack", self.attack.name.to_owned()),
            ("accuracy", format!("{:.3}", self.share(&self.attack))),
            ("baseline", self.baseline.name.to_owned()),
            ("baseline-accuracy", format!("{:.3}", self.share(&self.baseline))),
        ];
        let attacks = self.attacks.iter().map(|score| part("attack", score));
        let mut notes = Vec::new();
        if self.parameters.known == Known::Answer {
            notes.push(
                "the attacker has seen the model's answer to each record, the baselines have not".to_owned(),
            );
        }
        Measurement {
            id: format!("{NAME}/{METRIC}/{columns}/{asset}"),
            techniques: TECHNIQUES.iter().map(|id| id.split('@').next().unwrap_or(id).into()).collect(),
            value: self.lift,
            interval: self.interval,
            trials: self.trials,
            queries: self.queries,
            seed: self.parameters.training.seed,
            parameters: parameters.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            parts: attacks.chain(self.baselines.iter().map(|score| part("baseline", score))).collect(),
            notes,
            ..Measurement::new(asset, NAME, METRIC)
        }
    }

    /// Accuracy of one way of guessing, 0 to 1.
    pub fn share(&self, score: &Score) -> f64 {
        score.right as f64 / self.trials.max(1) as f64
    }
}
