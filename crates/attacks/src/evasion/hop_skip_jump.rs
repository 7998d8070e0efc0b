//! HopSkipJump in Euclidean distance: walks along the decision boundary by labels alone.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::driver::unless_stopped;
use super::result::l2;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups, normal};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "hop-skip-jump-l2",
    title: "walks along the decision boundary towards the sample, by labels alone",
    paper: "Chen, Jordan, Wainwright, HopSkipJumpAttack, IEEE S&P 2020, arXiv:1904.02144",
    access: AccessLevel::Labels,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Any,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("first-directions", "100"), ("hops", "10"), ("most-directions", "1000"), ("tries", "100")],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms, &Hops::default())),
};

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hops {
    /// Hops along the boundary.
    pub hops: u32,
    /// Random points tried for a start.
    pub tries: u32,
    /// Directions asked about at the first hop; they grow with the square root of the hop.
    pub first_directions: u32,
    /// Directions asked about at most.
    pub most_directions: u32,
}

impl Default for Hops {
    fn default() -> Self {
        Self { hops: 10, tries: 100, first_directions: 100, most_directions: 1_000 }
    }
}

/// Runs the attack; success means that any adversarial point was found, its distance is what counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    hops: &Hops,
) -> Result<Vec<SampleResult>, TargetError> {
    groups(target, samples.len(), 1, |range| {
        range
            .map(|sample| {
                let mut walk = Walk {
                    target,
                    original: samples.row(sample),
                    label: samples.labels[sample],
                    bounds: target.bounds(),
                    random: generator(terms.seed, ATTACK.name, sample),
                    left: terms.queries,
                    result: SampleResult::untouched(),
                };
                if walk.all(hops)?.is_none() {
                    walk.result.cut_short = true;
                }
                walk.result.queries = terms.queries - walk.left;
                Ok(walk.result)
            })
            .collect()
    })
}

struct Walk<'a> {
    target: &'a dyn LabelTarget,
    original: &'a [f32],
    label: i64,
    bounds: Bounds,
    random: Pcg64,
    left: u32,
    result: SampleResult,
}

/// `Ok(None)` when the budget is spent or the target refuses.
type Step<T> = Result<Option<T>, TargetError>;

impl Walk<'_> {
    /// Which of `points` the model gets wrong; the closest of them is kept as the result.
    fn wrong(&mut self, points: &[f32]) -> Step<Vec<bool>> {
        let width = self.original.len();
        let count = u32::try_from(points.len() / width).unwrap_or(u32::MAX);
        let Some(left) = self.left.checked_sub(count) else { return Ok(None) };
        let Some(labels) = unless_stopped(self.target.labels(points))? else { return Ok(None) };
        self.left = left;
        Ok(Some(labels.iter().map(|label| i64::from(*label) != self.label).collect()))
    }

    fn keep(&mut self, point: &[f32]) {
        if self.result.adversarial.is_none() || l2(self.original, point) < self.result.l2 {
            self.result.succeed(self.original, point);
        }
    }

    fn all(&mut self, hops: &Hops) -> Step<()> {
        let original = self.original;
        let Some(wrong) = self.wrong(original)? else { return Ok(None) };
        if wrong[0] {
            self.result.was_wrong();
            return Ok(Some(()));
        }
        // A model that is right everywhere tried leaves nothing to walk on; the attack is through.
        let Some(start) = self.start(hops.tries)? else { return Ok(None) };
        let Some(start) = start else { return Ok(Some(())) };
        let width = original.len() as f32;
        // Tolerance of the search along a line, as a share of its length.
        let tolerance = width.powf(-1.5);
        let Some(mut point) = self.search_boundary(&start, tolerance)? else { return Ok(None) };
        for hop in 1..=hops.hops {
            let distance = l2(original, &point);
            if distance == 0.0 {
                break;
            }
            let reach = match hop {
                1 => 0.1 * (self.bounds.high - self.bounds.low),
                _ => width.sqrt() * tolerance * distance,
            };
            let directions = (hops.first_directions as f32 * (hop as f32).sqrt()) as u32;
            let Some(direction) = self.direction(&point, reach, directions.min(hops.most_directions))? else {
                return Ok(None);
            };
            let Some(stepped) = self.step(&point, &direction, distance / (hop as f32).sqrt())? else {
                return Ok(None);
            };
            let Some(next) = self.search_boundary(&stepped, tolerance)? else { return Ok(None) };
            point = next;
        }
        Ok(Some(()))
    }

    /// The closest misclassified one of a batch of random points, in as few batches as it takes.
    fn start(&mut self, tries: u32) -> Step<Option<Vec<f32>>> {
        let width = self.original.len();
        for batch in (0..tries).step_by(10) {
            let count = 10.min(tries - batch) as usize;
            let (low, high) = (self.bounds.low, self.bounds.high);
            let points: Vec<f32> =
                (0..count * width).map(|_| low + (high - low) * self.random.random::<f32>()).collect();
            let Some(wrong) = self.wrong(&points)? else { return Ok(None) };
            let closest = points
                .chunks_exact(width)
                .zip(wrong)
                .filter(|(_, wrong)| *wrong)
                .map(|(point, _)| (l2(self.original, point), point))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, point)) = closest {
                self.keep(point);
                return Ok(Some(Some(point.to_vec())));
            }
        }
        Ok(Some(None))
    }

    /// The misclassified end of the step across the boundary, on the line from the sample to `far`.
    fn search_boundary(&mut self, far: &[f32], tolerance: f32) -> Step<Vec<f32>> {
        let (mut near, mut out) = (0.0_f32, 1.0_f32);
        let mut best = far.to_vec();
        while out - near > tolerance {
            let middle = f32::midpoint(near, out);
            let point: Vec<f32> =
                self.original.iter().zip(far).map(|(x, far)| x + middle * (far - x)).collect();
            let Some(wrong) = self.wrong(&point)? else { return Ok(None) };
            if wrong[0] {
                out = middle;
                best = point;
            } else {
                near = middle;
            }
        }
        self.keep(&best);
        Ok(Some(best))
    }

    /// Monte Carlo estimate of the direction in which the model becomes more wrong.
    fn direction(&mut self, point: &[f32], reach: f32, count: u32) -> Step<Vec<f32>> {
        let width = point.len();
        let mut points = Vec::with_capacity(count as usize * width);
        for _ in 0..count {
            let start = points.len();
            while points.len() < start + width {
                let (a, b) = normal(&mut self.random);
                points.push(a);
                if points.len() < start + width {
                    points.push(b);
                }
            }
            let length = points[start..].iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            for (x, at) in points[start..].iter_mut().zip(point) {
                *x = self.bounds.clamp(at + *x * reach / length);
            }
        }
        let Some(wrong) = self.wrong(&points)? else { return Ok(None) };
        let share = wrong.iter().filter(|wrong| **wrong).count() as f32 / count.max(1) as f32;
        // All on one side: nothing to weigh against, follow (or flee) the mean.
        let weight = |wrong: bool| match share {
            1.0 => 1.0,
            0.0 => -1.0,
            _ => f32::from(u8::from(wrong)) - share,
        };
        let mut direction = vec![0.0; width];
        for (asked, wrong) in points.chunks_exact(width).zip(wrong) {
            let weight = weight(wrong);
            direction
                .iter_mut()
                .zip(asked)
                .zip(point)
                .for_each(|((sum, asked), at)| *sum += weight * (asked - at));
        }
        let length = direction.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            direction.iter_mut().for_each(|x| *x /= length);
        }
        Ok(Some(direction))
    }

    /// The longest of `length`, `length / 2`, ... along `direction` that stays misclassified.
    fn step(&mut self, point: &[f32], direction: &[f32], length: f32) -> Step<Vec<f32>> {
        let mut length = length;
        for _ in 0..20 {
            let next: Vec<f32> =
                point.iter().zip(direction).map(|(x, to)| self.bounds.clamp(x + length * to)).collect();
            let Some(wrong) = self.wrong(&next)? else { return Ok(None) };
            if wrong[0] {
                return Ok(Some(next));
            }
            length /= 2.0;
        }
        Ok(Some(point.to_vec()))
    }
}
