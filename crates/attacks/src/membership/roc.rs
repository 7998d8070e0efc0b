//! How well scores tell members from others: the ROC curve, its area, and the rate of true positives at few false ones.

use rand::RngExt as _;
use vauban_domain::{Curve, Interval};

use crate::evasion::generator;

/// Samples of one tie: as many members and as many others share a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    members: u32,
    others: u32,
}

/// A receiver operating characteristic; larger scores speak for membership.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    /// Area under the curve; .5 is guessing.
    pub auc: f64,
    /// Its 95 % interval (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988).
    pub auc_interval: Interval,
    /// Members scored.
    pub members: u64,
    /// Others scored.
    pub others: u64,
    /// Ties in falling score.
    steps: Vec<Step>,
}

/// Points kept of a curve.
const POINTS: usize = 200;

/// Resamples behind the interval of a true positive rate.
const RESAMPLES: usize = 400;

impl Roc {
    /// The curve of scores of members and of others; NaN counts as the lowest score. `None` if either is empty.
    pub fn new(members: &[f64], others: &[f64]) -> Option<Self> {
        if members.is_empty() || others.is_empty() {
            return None;
        }
        let clean = |score: &f64| if score.is_nan() { f64::NEG_INFINITY } else { *score };
        let mut scored: Vec<(f64, bool)> = members.iter().map(|score| (clean(score), true)).collect();
        scored.extend(others.iter().map(|score| (clean(score), false)));
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        let steps: Vec<Step> = scored
            // -0 and 0 are one score to a threshold.
            .chunk_by(|a, b| a.0 == b.0)
            .map(|tie| {
                let members = tie.iter().filter(|(_, member)| *member).count() as u32;
                Step { members, others: tie.len() as u32 - members }
            })
            .collect();
        let (auc, variance) = delong(&steps, members.len() as f64, others.len() as f64);
        let fewest = members.len().min(others.len()) as u64;
        let auc_interval = if variance > 0.0 {
            let half = 1.959_963_984_540_054 * variance.sqrt();
            Interval { low: (auc - half).max(0.0), high: (auc + half).min(1.0), level: 0.95 }
        } else {
            // A perfect order has no variance in the sample, but not no doubt.
            Interval::wilson((auc * fewest as f64).round() as u64, fewest)
        };
        Some(Self { auc, auc_interval, members: members.len() as u64, others: others.len() as u64, steps })
    }

    /// Largest rate of true positives at a threshold whose rate of false positives is at most `rate`.
    pub fn true_positives_at(&self, rate: f64) -> f64 {
        true_positives(&self.steps, rate, self.members, self.others)
    }

    /// The 95 % interval of [`Roc::true_positives_at`]: percentiles of a bootstrap that draws members and others apart
    /// and moves the threshold with them, widened to Wilson's where that is wider.
    pub fn true_positives_interval(&self, rate: f64, seed: u64) -> Interval {
        let mut random = generator(seed, "roc-bootstrap", 0);
        // The tie of each member, and of each other, to draw from.
        let ties = |count: fn(&Step) -> u32| -> Vec<u32> {
            let steps = self.steps.iter().enumerate();
            steps.flat_map(|(tie, step)| std::iter::repeat_n(tie as u32, count(step) as usize)).collect()
        };
        let (members, others) = (ties(|step| step.members), ties(|step| step.others));
        let mut rates: Vec<f64> = (0..RESAMPLES)
            .map(|_| {
                let mut steps = vec![Step { members: 0, others: 0 }; self.steps.len()];
                for _ in 0..members.len() {
                    steps[members[random.random_range(0..members.len())] as usize].members += 1;
                }
                for _ in 0..others.len() {
                    steps[others[random.random_range(0..others.len())] as usize].others += 1;
                }
                true_positives(&steps, rate, self.members, self.others)
            })
            .collect();
        rates.sort_by(f64::total_cmp);
        let hits = (self.true_positives_at(rate) * self.members as f64).round() as u64;
        let wilson = Interval::wilson(hits, self.members);
        Interval {
            low: rates[RESAMPLES / 40].min(wilson.low),
            high: rates[RESAMPLES - 1 - RESAMPLES / 40].max(wilson.high),
            level: 0.95,
        }
    }

    /// Rates of false and of true positives from (0, 0) to (1, 1), rising.
    pub fn points(&self) -> Vec<(f64, f64)> {
        let (mut hits, mut alarms) = (0_u64, 0_u64);
        let mut points = vec![(0.0, 0.0)];
        for step in &self.steps {
            hits += u64::from(step.members);
            alarms += u64::from(step.others);
            points.push((alarms as f64 / self.others as f64, hits as f64 / self.members as f64));
        }
        points
    }

    /// The same as a curve of some 200 points, the ends and the low rates of false positives among them.
    pub fn curve(&self) -> Curve {
        let points = self.points();
        let every = points.len().div_ceil(POINTS).max(1);
        let kept = points.iter().enumerate().filter(|(index, (false_rate, _))| {
            index % every == 0 || index + 1 == points.len() || *false_rate <= 0.01 && index % 4 == 0
        });
        Curve {
            x: "false positive rate".to_owned(),
            y: "true positive rate".to_owned(),
            points: kept.map(|(_, point)| *point).collect(),
        }
    }
}

fn true_positives(steps: &[Step], rate: f64, members: u64, others: u64) -> f64 {
    let allowed = (rate * others as f64 + 1e-9).floor() as u64;
    let (mut hits, mut alarms) = (0_u64, 0_u64);
    for step in steps {
        alarms += u64::from(step.others);
        if alarms > allowed {
            break;
        }
        hits += u64::from(step.members);
    }
    hits as f64 / members as f64
}

/// Area and its variance: each sample's share of the opposite kind that it beats, ties by half.
fn delong(steps: &[Step], members: f64, others: f64) -> (f64, f64) {
    let (mut above_members, mut above_others) = (0.0, 0.0);
    // Sums and sums of squares of the shares, for members and for others.
    let mut sums = [(0.0, 0.0); 2];
    for step in steps {
        let (own, other) = (f64::from(step.members), f64::from(step.others));
        let member_beats = (others - above_others - other / 2.0) / others;
        let beats_other = (above_members + own / 2.0) / members;
        for (sum, (count, share)) in sums.iter_mut().zip([(own, member_beats), (other, beats_other)]) {
            sum.0 += count * share;
            sum.1 += count * share * share;
        }
        above_members += own;
        above_others += other;
    }
    let auc = sums[0].0 / members;
    let variance = |(sum, squares): (f64, f64), count: f64| {
        if count < 2.0 { 0.0 } else { ((squares - sum * sum / count) / (count - 1.0)).max(0.0) / count }
    };
    (auc, variance(sums[0], members) + variance(sums[1], others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_and_rates_are_those_counted_by_hand() {
        // Pairs won: 3 of 3, 2.5 of 3, 1 of 3.
        let roc = Roc::new(&[0.9, 0.5, 0.2], &[0.5, 0.3, 0.1]).unwrap();
        assert!((roc.auc - 6.5 / 9.0).abs() < 1e-12);
        assert!((roc.true_positives_at(0.0) - 1.0 / 3.0).abs() < 1e-12);
        // The tie at .5 is let in whole.
        assert!((roc.true_positives_at(0.34) - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(roc.points().last(), Some(&(1.0, 1.0)));
    }

    #[test]
    fn delong_covers_and_perfection_keeps_its_doubt() {
        let perfect = Roc::new(&[2.0; 20], &[1.0; 20]).unwrap();
        assert!(perfect.auc == 1.0 && perfect.auc_interval.low < 0.9);
        let equal = Roc::new(&[1.0; 30], &[1.0; 30]).unwrap();
        assert!(equal.auc == 0.5 && equal.true_positives_at(0.01) == 0.0);
        assert!(equal.true_positives_interval(0.01, 1).high > 0.05);
        assert!(Roc::new(&[], &[1.0]).is_none());
        let hostile = Roc::new(&[f64::NAN, f64::INFINITY], &[f64::NAN, -1.0]).unwrap();
        assert!(hostile.auc.is_finite());
    }
}
