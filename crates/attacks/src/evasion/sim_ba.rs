//! `SimBA`: one pixel or one frequency at a time, up or down, kept when the margin shrinks; then what is not needed is
//! taken back.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::picture::Picture;
use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, ScoreTarget, TargetError};

/// Entry of the list: frequencies, low ones first.
pub const DCT: Attack = Attack {
    name: "sim-ba-dct-l2",
    title: "adds or takes one frequency at a time, low ones first, kept when it helps, then takes back what is not needed",
    paper: "Guo et al., Simple Black-box Adversarial Attacks, ICML 2019, arXiv:1905.07121",
    access: AccessLevel::Scores,
    norm: Norm::L2,
    minimal: true,
    modality: Modality::Pictures,
    techniques: &["AML.T0040@2026.09", "AML.T0043.001@2026.09"],
    parameters: &[("basis", "dct"), ("passes", "20"), ("step", "0.1 of the box")],
    run: |access, samples, terms| {
        Some(run(access.scores()?, samples, terms, Basis::Frequencies, &Steps::default()))
    },
};

/// Entry of the list: elements.
pub const PIXEL: Attack = Attack {
    name: "sim-ba-pixel-l2",
    title: "moves one element at a time, kept when it helps, then takes back what is not needed",
    modality: Modality::Any,
    parameters: &[("basis", "pixels"), ("passes", "20"), ("step", "0.1 of the box")],
    run: |access, samples, terms| {
        Some(run(access.scores()?, samples, terms, Basis::Elements, &Steps::default()))
    },
    ..DCT
};

/// What is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// One element.
    Elements,
    /// One cosine wave over one channel of the picture.
    Frequencies,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Steps {
    /// Length of a step, as a share of the box.
    pub step: f32,
    /// Times the whole basis is gone through at most.
    pub passes: u32,
}

impl Default for Steps {
    fn default() -> Self {
        Self { step: 0.1, passes: 20 }
    }
}

/// What the next answer is about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// A step up along the basis vector in turn.
    Up,
    /// A step down.
    Down,
    /// Taking back the kept vector of this number.
    Prune(usize),
    /// Half the way between a right and a wrong share of the change.
    Halve {
        right: f32,
        wrong: f32,
    },
    Through,
}

struct Walk<'a> {
    original: &'a [f32],
    picture: Picture,
    basis: Basis,
    bounds: Bounds,
    random: Pcg64,
    step: f32,
    passes: u32,
    /// Order in which the basis is gone through, and the place in it.
    order: Vec<usize>,
    turn: usize,
    /// Length along each basis vector so far.
    lengths: Vec<f32>,
    point: Vec<f32>,
    margin: f32,
    stage: Stage,
}

impl Walk<'_> {
    /// A random order; of frequencies by quarters of the spectrum, low first.
    fn shuffle(&mut self) {
        let count = self.order.len();
        for at in (1..count).rev() {
            let other = self.random.random_range(0..=at);
            self.order.swap(at, other);
        }
        if self.basis == Basis::Frequencies {
            let (height, width) = (self.picture.height, self.picture.width);
            self.order.sort_by_key(|index| {
                let (row, column) = (index / width % height, index % width);
                (row * 4 / height).max(column * 4 / width)
            });
        }
    }

    /// Writes `point` plus `length` along basis vector `index` to `candidate`, not yet in the box.
    fn add(&self, candidate: &mut [f32], index: usize, length: f32) {
        match self.basis {
            Basis::Elements => candidate[index] += length,
            Basis::Frequencies => {
                let Picture { height, width, .. } = self.picture;
                let channel = index / (height * width);
                let wave = |frequency: usize, at: usize, extent: usize| {
                    let scale = if frequency == 0 { 1.0 } else { 2.0_f32 };
                    let angle = std::f32::consts::PI * (at as f32 + 0.5) * frequency as f32 / extent as f32;
                    (scale / extent as f32).sqrt() * angle.cos()
                };
                let columns: Vec<f32> = (0..width).map(|column| wave(index % width, column, width)).collect();
                for row in 0..height {
                    let across = length * wave(index / width % height, row, height);
                    for (column, along) in columns.iter().enumerate() {
                        candidate[self.picture.at(channel, row, column)] += across * along;
                    }
                }
            }
        }
    }

    /// Appends `point` moved along a basis vector, in the box; whether that changed anything.
    fn moved(&self, points: &mut Vec<f32>, index: usize, length: f32) -> bool {
        let start = points.len();
        points.extend_from_slice(&self.point);
        self.add(&mut points[start..], index, length);
        let mut changed = false;
        for (x, before) in points[start..].iter_mut().zip(&self.point) {
            *x = self.bounds.clamp(*x);
            changed |= x != before;
        }
        if !changed {
            points.truncate(start);
        }
        changed
    }

    /// The next basis vector.
    fn advance(&mut self) {
        self.stage = Stage::Up;
        self.turn += 1;
        if self.turn == self.order.len() {
            self.turn = 0;
            self.passes = self.passes.saturating_sub(1);
            self.shuffle();
        }
    }

    /// The kept vector with at least this number to try to take back, or the search along the line.
    fn prune_from(&self, from: usize) -> Stage {
        let next = (from..self.lengths.len()).find(|index| self.lengths[*index] != 0.0);
        next.map_or(Stage::Halve { right: 0.0, wrong: 1.0 }, Stage::Prune)
    }

    fn take(&mut self, points: &[f32], margin: f32) {
        self.point.copy_from_slice(points);
        self.margin = margin;
    }
}

impl Seeker for Walk<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        // Steps that the box swallows cost nothing; there are finitely many before the passes end.
        while self.passes > 0 || !matches!(self.stage, Stage::Up | Stage::Down) {
            match self.stage {
                Stage::Up | Stage::Down => {
                    let index = self.order[self.turn];
                    let sign = if self.stage == Stage::Up { 1.0 } else { -1.0 };
                    if self.moved(points, index, sign * self.step) {
                        return;
                    }
                    if self.stage == Stage::Up { self.stage = Stage::Down } else { self.advance() }
                }
                Stage::Prune(index) => {
                    if self.moved(points, index, -self.lengths[index]) {
                        return;
                    }
                    self.stage = self.prune_from(index + 1);
                }
                Stage::Halve { right, wrong } if wrong - right > 1e-3 => {
                    let middle = f32::midpoint(right, wrong);
                    points.extend(self.original.iter().zip(&self.point).map(|(a, b)| a + middle * (b - a)));
                    return;
                }
                Stage::Halve { .. } => self.stage = Stage::Through,
                Stage::Through => return,
            }
        }
    }

    fn tell(&mut self, points: &[f32], answers: &[Answer]) {
        let answer = answers[0];
        match self.stage {
            Stage::Up | Stage::Down => {
                let index = self.order[self.turn];
                let sign = if self.stage == Stage::Up { 1.0 } else { -1.0 };
                if answer.wrong || answer.margin < self.margin {
                    self.take(points, answer.margin);
                    self.lengths[index] += sign * self.step;
                    self.advance();
                } else if self.stage == Stage::Up {
                    self.stage = Stage::Down;
                } else {
                    self.advance();
                }
                if answer.wrong {
                    self.stage = self.prune_from(0);
                }
            }
            Stage::Prune(index) => {
                if answer.wrong {
                    self.take(points, answer.margin);
                    self.lengths[index] = 0.0;
                }
                self.stage = self.prune_from(index + 1);
            }
            Stage::Halve { right, wrong } => {
                let middle = f32::midpoint(right, wrong);
                self.stage = if answer.wrong {
                    Stage::Halve { right, wrong: middle }
                } else {
                    Stage::Halve { right: middle, wrong }
                };
            }
            Stage::Through => {}
        }
    }
}

/// Runs the attack; the closest example met counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn ScoreTarget,
    samples: &Samples,
    terms: &Terms,
    basis: Basis,
    steps: &Steps,
) -> Result<Vec<SampleResult>, TargetError> {
    let name = match basis {
        Basis::Elements => PIXEL.name,
        Basis::Frequencies => DCT.name,
    };
    let (bounds, width) = (target.bounds(), samples.width());
    let picture = Picture::guess(&samples.shape, width);
    seek(Oracle::Scores(target), samples, terms, Goal::Closest(Norm::L2), |sample, clean| {
        let mut walk = Walk {
            original: samples.row(sample),
            picture,
            basis,
            bounds,
            random: generator(terms.seed, name, sample),
            step: steps.step * (bounds.high - bounds.low),
            // A step of nothing would be tried for ever.
            passes: if steps.step > 0.0 && bounds.high > bounds.low { steps.passes } else { 0 },
            order: (0..width).collect(),
            turn: 0,
            lengths: vec![0.0; width],
            point: samples.row(sample).to_vec(),
            margin: clean.margin,
            stage: Stage::Up,
        };
        walk.shuffle();
        walk
    })
}
