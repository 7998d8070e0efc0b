//! Inferences as measurements.

use std::collections::BTreeMap;

use vauban_domain::{AssetId, Measurement, Part};

use super::{Inference, TECHNIQUES};

/// Metric of every measurement here.
pub const METRIC: &str = "membership-auc";

/// Rates of false positives at which the rate of true positives is stated.
const RATES: [f64; 2] = [0.01, 0.001];

/// One measurement per attack: the area under the curve with DeLong's interval, parts with the rate of true positives
/// at 1 % and .1 % false ones, and the curve.
pub fn measurements(asset: &AssetId, access: &str, inferences: &[Inference], seed: u64) -> Vec<Measurement> {
    let measure = |inference: &Inference| {
        let roc = &inference.roc;
        let part = |rate: f64| Part {
            by: "true-positives-at-false-positives".into(),
            name: rate.to_string(),
            value: roc.true_positives_at(rate),
            interval: roc.true_positives_interval(rate, seed),
            trials: roc.members,
        };
        let parameters = [
            ("access", access.to_owned()),
            ("members", roc.members.to_string()),
            ("others", roc.others.to_string()),
        ];
        let coarse = RATES.iter().filter(|rate| (roc.others as f64) * **rate < 1.0);
        Measurement {
            techniques: TECHNIQUES.iter().map(|id| id.split('@').next().unwrap_or(id).into()).collect(),
            value: roc.auc,
            interval: roc.auc_interval,
            trials: roc.members + roc.others,
            queries: inference.queries,
            seed,
            parameters: parameters
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<BTreeMap<_, _>>(),
            curves: vec![roc.curve()],
            parts: RATES.into_iter().map(part).collect(),
            notes: coarse
                .map(|rate| {
                    format!(
                        "{} others are too few for a rate of {rate}; it allows no false positive",
                        roc.others
                    )
                })
                .collect(),
            ..Measurement::new(asset, format!("membership-{}", inference.attack), METRIC)
        }
    };
    inferences.iter().map(measure).collect()
}
