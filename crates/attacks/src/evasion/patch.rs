//! An adversarial patch: one square that is put at random places of every picture.

use rand::RngExt as _;

use super::ball::sign;
use super::driver::unless_stopped;
use super::loss::Loss;
use super::pack::{GROUP, Pack};
use super::picture::Picture;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator, groups};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, GradientTarget, TargetError, winner};

/// Entry of the list: a tenth of the picture.
pub const ATTACK: Attack = Attack {
    name: "patch",
    title: "one square over a tenth of the picture, learned at random places of every other sample, judged on all",
    paper: "Brown et al., Adversarial Patch, 2017, arXiv:1712.09665",
    access: AccessLevel::Gradients,
    norm: Norm::Unbounded,
    minimal: false,
    modality: Modality::Pictures,
    techniques: &["AML.T0043.000@2026.09"],
    parameters: &[("learned-on", "every other sample"), ("places", "3"), ("share", "0.1"), ("steps", "40")],
    run: |access, samples, terms| Some(run(access.gradients()?, samples, terms, &Sticker::default())),
};

/// What is put on the pictures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sticker {
    /// Share of the picture it covers.
    pub share: f32,
    /// Steps of learning, each at new places.
    pub steps: u32,
    /// Random places at which each sample is judged; one that fools is enough.
    pub places: u32,
}

impl Default for Sticker {
    fn default() -> Self {
        Self { share: 0.1, steps: 40, places: 3 }
    }
}

/// Learns the patch and judges it.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    sticker: &Sticker,
) -> Result<Vec<SampleResult>, TargetError> {
    let picture = Picture::guess(&samples.shape, samples.width());
    let area = (picture.height * picture.width) as f32 * sticker.share.clamp(0.0, 1.0);
    let side = (area.sqrt().round() as usize).max(1);
    let form = Form {
        picture,
        height: side.min(picture.height),
        width: if picture.height == 1 { (area.round() as usize).max(1) } else { side }.min(picture.width),
    };
    let afford = terms.queries.saturating_sub(1 + sticker.places).min(sticker.steps);
    let (patch, spent, stopped) = learn(target, samples, terms, form, afford)?;
    groups(target, samples.len(), GROUP, |range| {
        let mut pack = Pack::new(target, samples, terms, &range);
        for index in (0..range.len()).filter(|index| (range.start + index).is_multiple_of(2)) {
            pack.results[index].queries = spent;
            pack.results[index].cut_short = stopped || afford < sticker.steps;
        }
        let mut random: Vec<_> = range.map(|sample| generator(terms.seed, "patch-judged", sample)).collect();
        let (mut active, _) = pack.right()?;
        for _ in 0..sticker.places {
            pack.admit(&mut active, 1);
            let mut points = Vec::with_capacity(active.len() * pack.width());
            for index in &active {
                let mut point = pack.original(*index).to_vec();
                form.put(&patch, form.place(&mut random[*index]), &mut point);
                points.extend(point);
            }
            let Some(scores) = pack.scores(&active, &points)? else { break };
            let rows = scores.chunks_exact(target.classes()).zip(points.chunks_exact(pack.width().max(1)));
            for (index, (scores, point)) in active.iter().zip(rows) {
                if pack.wrong(*index, scores) {
                    pack.succeed(*index, point);
                }
            }
            active.retain(|index| !pack.results[*index].success);
        }
        Ok(pack.results)
    })
}

/// The layout of pictures and the extents of the patch.
#[derive(Clone, Copy)]
struct Form {
    picture: Picture,
    height: usize,
    width: usize,
}

impl Form {
    fn place(&self, random: &mut rand_pcg::Pcg64) -> (usize, usize) {
        let top = random.random_range(0..=self.picture.height - self.height);
        (top, random.random_range(0..=self.picture.width - self.width))
    }

    /// Positions of the patch's elements in a picture, in the patch's order.
    fn positions(self, (top, left): (usize, usize)) -> impl Iterator<Item = usize> {
        (0..self.picture.channels).flat_map(move |channel| {
            (0..self.height).flat_map(move |row| {
                let start = (channel * self.picture.height + top + row) * self.picture.width + left;
                start..start + self.width
            })
        })
    }

    fn put(self, patch: &[f32], place: (usize, usize), point: &mut [f32]) {
        for (value, position) in patch.iter().zip(self.positions(place)) {
            point[position] = *value;
        }
    }
}

/// The patch, the queries each sample learned on has paid, and whether the target stopped answering.
fn learn(
    target: &dyn GradientTarget,
    samples: &Samples,
    terms: &Terms,
    form: Form,
    steps: u32,
) -> Result<(Vec<f32>, u32, bool), TargetError> {
    let bounds: Bounds = target.bounds();
    let rows: Vec<usize> = (0..samples.len()).step_by(2).collect();
    let labels: Vec<usize> =
        rows.iter().map(|row| usize::try_from(samples.labels[*row]).unwrap_or(0)).collect();
    let mut random = generator(terms.seed, ATTACK.name, 0);
    let range = bounds.high - bounds.low;
    let size = form.picture.channels * form.height * form.width;
    let mut patch: Vec<f32> =
        (0..size).map(|_| bounds.clamp(bounds.low + range * random.random::<f32>())).collect();
    for spent in 0..steps {
        let places: Vec<(usize, usize)> = rows.iter().map(|_| form.place(&mut random)).collect();
        let mut points = Vec::with_capacity(rows.len() * samples.width());
        for (row, place) in rows.iter().zip(&places) {
            let start = points.len();
            points.extend_from_slice(samples.row(*row));
            form.put(&patch, *place, &mut points[start..]);
        }
        let cotangent = |row: usize, logits: &[f32], gradient: &mut [f32]| {
            // A sample that is wrong already pulls no more, so that the rest decides.
            if winner(logits) as usize == labels[row] {
                Loss::CrossEntropy.gradient(logits, labels[row], 0, gradient);
            }
        };
        let Some(answer) = unless_stopped(target.gradients(&points, &cotangent))? else {
            return Ok((patch, spent, true));
        };
        let mut mean = vec![0.0_f32; size];
        for (gradient, place) in answer.inputs.chunks_exact(samples.width().max(1)).zip(&places) {
            for (sum, position) in mean.iter_mut().zip(form.positions(*place)) {
                *sum += if gradient[position].is_finite() { gradient[position] } else { 0.0 };
            }
        }
        // Steps shrink linearly from a fifth of the range.
        let step = 0.2 * range * (steps - spent) as f32 / steps as f32;
        for (value, slope) in patch.iter_mut().zip(&mean) {
            *value = bounds.clamp(*value + step * sign(*slope));
        }
    }
    Ok((patch, steps, false))
}
