//! What an attack did to each sample.

use vauban_domain::Interval;

use super::Norm;

/// What an attack did to one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleResult {
    /// Whether the model was wrong before anything was changed.
    pub wrong_before: bool,
    /// Whether the model is wrong on the example found (true if it was wrong before).
    pub success: bool,
    /// Queries spent on it.
    pub queries: u32,
    /// Euclidean distance of the example; 0 if none was needed or found.
    pub l2: f32,
    /// Largest change of an element; 0 if none was needed or found.
    pub linf: f32,
    /// Sum of the changes; 0 if none was needed or found.
    pub l1: f32,
    /// The example, if one was found.
    pub adversarial: Option<Vec<f32>>,
    /// Gradients that were exactly zero.
    pub zero_gradients: u32,
    /// Whether the budget ended or the target refused before the attack was through.
    pub cut_short: bool,
}

impl SampleResult {
    /// Before the first query.
    pub(crate) const fn untouched() -> Self {
        Self {
            wrong_before: false,
            success: false,
            queries: 0,
            l2: 0.0,
            linf: 0.0,
            l1: 0.0,
            adversarial: None,
            zero_gradients: 0,
            cut_short: false,
        }
    }

    /// Notes that `example` of `original` is adversarial.
    pub(crate) fn succeed(&mut self, original: &[f32], example: &[f32]) {
        self.success = true;
        self.l2 = l2(original, example);
        self.linf = original.iter().zip(example).fold(0.0, |most, (a, b)| most.max((a - b).abs()));
        self.l1 = original.iter().zip(example).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() as f32;
        self.adversarial = Some(example.to_vec());
    }

    /// Distance of the example in `norm`; 0 if none was needed or found, or if the norm says nothing.
    pub fn distance(&self, norm: Norm) -> f32 {
        match norm {
            Norm::Linf => self.linf,
            Norm::L2 => self.l2,
            Norm::L1 => self.l1,
            Norm::Unbounded => 0.0,
        }
    }

    /// Notes that the model is wrong on the sample itself.
    pub(crate) fn was_wrong(&mut self) {
        self.wrong_before = true;
        self.success = true;
    }
}

/// Euclidean distance.
pub(crate) fn l2(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt() as f32
}

/// The results of one attack in numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Share of samples the model gets right unchanged.
    pub clean_accuracy: f64,
    /// Share of samples the model gets right under attack.
    pub robust_accuracy: f64,
    /// Interval of the robust accuracy.
    pub interval: Interval,
    /// Median Euclidean distance of the examples found, if any.
    pub median_l2: Option<f64>,
    /// Mean Euclidean distance of the examples found, if any.
    pub mean_l2: Option<f64>,
    /// Queries in all.
    pub queries: u64,
    /// Share of attacked samples with a gradient of exactly zero.
    pub zero_gradients: f64,
    /// Samples on which the attack was cut short.
    pub cut_short: usize,
}

impl Summary {
    /// Sums up `results`.
    pub fn new(results: &[SampleResult]) -> Self {
        let count = results.len();
        let share = |matching: usize| matching as f64 / count.max(1) as f64;
        let robust = results.iter().filter(|result| !result.success).count();
        let attacked = results.iter().filter(|result| !result.wrong_before);
        let zero = attacked.clone().filter(|result| result.zero_gradients > 0).count();
        let mut distances: Vec<f64> = results
            .iter()
            .filter(|result| result.adversarial.is_some())
            .map(|result| f64::from(result.l2))
            .collect();
        distances.sort_by(f64::total_cmp);
        let middle = distances.len() / 2;
        let median = match distances.len() {
            0 => None,
            length if length.is_multiple_of(2) => {
                Some(f64::midpoint(distances[middle - 1], distances[middle]))
            }
            _ => Some(distances[middle]),
        };
        Self {
            clean_accuracy: share(results.iter().filter(|result| !result.wrong_before).count()),
            robust_accuracy: share(robust),
            interval: Interval::wilson(robust as u64, count as u64),
            median_l2: median,
            mean_l2: (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / distances.len() as f64),
            queries: results.iter().map(|result| u64::from(result.queries)).sum(),
            zero_gradients: zero as f64 / attacked.count().max(1) as f64,
            cut_short: results.iter().filter(|result| result.cut_short).count(),
        }
    }
}
