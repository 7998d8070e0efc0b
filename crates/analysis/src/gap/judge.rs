//! What a measurement says about the defence: held off, or broken.
//!
//! The thresholds are assumptions, except the robust accuracy that the owner asks for in `vauban.toml`. The end of the
//! interval that speaks against the defence decides, so that few samples never prove much.

use vauban_domain::{Asset, Declaration, Measurement};

/// Robust accuracy that counts as held off when the owner names none: assumed.
const MINIMUM_ROBUST_ACCURACY: f64 = 0.5;
/// Highest agreement of a copy with the model that still counts as held off: assumed.
const MOST_FIDELITY: f64 = 0.8;
/// Largest area under the curve of membership inference that still counts as held off (guessing has .5): assumed.
const MOST_MEMBERSHIP: f64 = 0.6;
/// Highest share of successful attacks that still counts as held off: assumed.
const MOST_SUCCESS: f64 = 0.1;

/// How a measured attack ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    /// Whether the attack was held off.
    pub(crate) held: bool,
    /// Success of the attack per attempt, 0 to 1.
    pub(crate) success: f64,
    /// The result in words.
    pub(crate) words: String,
}

/// Judges a measurement; `None` for numbers that are no attack (a clean accuracy, random noise) or not understood.
pub(crate) fn judge(
    measurement: &Measurement,
    asset: &Asset,
    declaration: &Declaration,
) -> Option<Judgement> {
    if measurement.attack.contains("noise") || !measurement.value.is_finite() {
        return None;
    }
    let interval = measurement.interval;
    let value = measurement.value.clamp(0.0, 1.0);
    let (held, success) = match measurement.metric.as_ref() {
        // Robustness that rests on misleading gradients is apparent, however high it was measured.
        "robust-accuracy" | "constrained-robust-accuracy" => {
            let masked = measurement.notes.iter().any(|note| note.starts_with("masking: "));
            (!masked && interval.low >= minimum_robust_accuracy(asset, declaration), 1.0 - value)
        }
        "membership-auc" => (interval.high <= MOST_MEMBERSHIP, (2.0 * value - 1.0).clamp(0.0, 1.0)),
        "surrogate-fidelity" => (interval.high <= MOST_FIDELITY, value),
        "attack-success" | "attack-success-rate" => (interval.high <= MOST_SUCCESS, value),
        _ => return None,
    };
    let eps = measurement.parameters.get("eps").map(|eps| format!(" at eps {eps}")).unwrap_or_default();
    let words = format!(
        "{} {} {:.2}{eps} ({:.0} % {:.2}-{:.2}, n = {})",
        measurement.attack,
        measurement.metric.replace('-', " "),
        measurement.value,
        interval.level * 100.0,
        interval.low,
        interval.high,
        measurement.trials
    );
    Some(Judgement { held, success, words })
}

fn minimum_robust_accuracy(asset: &Asset, declaration: &Declaration) -> f64 {
    declaration
        .tests
        .iter()
        .find(|scope| {
            scope.model == asset.name || asset.locators.iter().any(|locator| locator.path == scope.model)
        })
        .map_or(MINIMUM_ROBUST_ACCURACY, |scope| scope.minimum_robust_accuracy)
}
