//! `HopSkipJump`: walks along the decision boundary by labels alone, in Euclidean or L-infinity distance.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::driver::signs;
use super::result::l2;
use super::seeker::{Answer, Goal, Oracle, Seeker, most_rows, seek};
use super::start::Start;
use super::{Attack, Modality, Norm, SampleResult, Terms, generator};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list: Euclidean distance.
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

/// Entry of the list: L-infinity distance.
pub const LINF: Attack = Attack {
    name: "hop-skip-jump-linf",
    norm: Norm::Linf,
    run: |access, samples, terms| Some(run_linf(access.labels(), samples, terms, &Hops::default())),
    ..ATTACK
};

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hops {
    /// Hops along the boundary.
    pub hops: u32,
    /// Random points tried for a start, when no other sample serves.
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

/// Runs the attack in Euclidean distance; success means that any adversarial point was found, its distance is what
/// counts.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    hops: &Hops,
) -> Result<Vec<SampleResult>, TargetError> {
    walk(target, samples, terms, hops, &ATTACK)
}

/// Runs the attack in L-infinity distance.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run_linf(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    hops: &Hops,
) -> Result<Vec<SampleResult>, TargetError> {
    walk(target, samples, terms, hops, &LINF)
}

fn walk(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    hops: &Hops,
    attack: &Attack,
) -> Result<Vec<SampleResult>, TargetError> {
    let width = samples.width();
    seek(Oracle::Labels(target), samples, terms, Goal::Closest(attack.norm), |sample, _| Walk {
        original: samples.row(sample),
        norm: attack.norm,
        bounds: target.bounds(),
        random: generator(terms.seed, attack.name, sample),
        hops: *hops,
        hop: 0,
        point: samples.row(sample).to_vec(),
        sums: Sums { all: vec![0.0; width], wrong: vec![0.0; width], asked: 0, of_them_wrong: 0 },
        stage: Stage::Start(Start::new(samples, sample, target.bounds(), hops.tries)),
    })
}

/// Halvings of a step before it is given up.
const HALVINGS: u32 = 20;

enum Stage {
    Start(Start),
    /// The boundary on the way from the sample to the point.
    Search {
        right: f32,
        wrong: f32,
        tolerance: f32,
    },
    /// The direction in which the model becomes more wrong: directions still to ask about, and how far away.
    Directions {
        left: u32,
        reach: f32,
    },
    /// The longest step along it that stays wrong.
    Step {
        direction: Vec<f32>,
        length: f32,
        halvings: u32,
    },
    Through,
}

/// Sums over the directions asked about.
struct Sums {
    all: Vec<f32>,
    wrong: Vec<f32>,
    asked: u32,
    of_them_wrong: u32,
}

struct Walk<'a> {
    original: &'a [f32],
    norm: Norm,
    bounds: Bounds,
    random: Pcg64,
    hops: Hops,
    /// Hops begun.
    hop: u32,
    /// The wrong point walked with.
    point: Vec<f32>,
    sums: Sums,
    stage: Stage,
}

impl Walk<'_> {
    fn distance(&self) -> f32 {
        match self.norm {
            Norm::Linf => {
                self.original.iter().zip(&self.point).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
            }
            _ => l2(self.original, &self.point),
        }
    }

    /// Accuracy of the search, relative to the length searched.
    fn tolerance(&self) -> f32 {
        let width = self.original.len() as f32;
        match self.norm {
            Norm::Linf => 1.0 / (width * width).max(16.0),
            _ => width.max(2.0).powf(-1.5),
        }
        .max(1e-6)
    }

    /// The point at this share of the way: on the line in Euclidean distance, cut to a cube otherwise.
    fn on_the_way(&self, share: f32, distance: f32) -> impl Iterator<Item = f32> {
        let (linf, reach) = (self.norm == Norm::Linf, share * distance);
        self.original.iter().zip(&self.point).map(move |(original, x)| {
            if linf {
                x.max(original - reach).min(original + reach)
            } else {
                original + share * (x - original)
            }
        })
    }

    fn search(&self) -> Stage {
        Stage::Search { right: 0.0, wrong: 1.0, tolerance: self.tolerance() }
    }

    /// The next hop, from a point on the boundary.
    fn begin_hop(&mut self) -> Stage {
        self.hop += 1;
        let distance = self.distance();
        if self.hop > self.hops.hops || distance == 0.0 {
            return Stage::Through;
        }
        let width = self.original.len() as f32;
        let spread = if self.norm == Norm::Linf { width } else { width.sqrt() };
        let reach = match self.hop {
            1 => 0.1 * (self.bounds.high - self.bounds.low),
            _ => spread * self.tolerance() * distance,
        };
        let directions = (self.hops.first_directions as f32 * (self.hop as f32).sqrt()) as u32;
        self.sums.all.fill(0.0);
        self.sums.wrong.fill(0.0);
        (self.sums.asked, self.sums.of_them_wrong) = (0, 0);
        Stage::Directions { left: directions.clamp(1, self.hops.most_directions.max(1)), reach }
    }

    /// Appends points around the point walked with.
    fn around(&mut self, count: usize, reach: f32, points: &mut Vec<f32>) {
        let (start, width) = (points.len(), self.point.len());
        points.resize(start + count * width, 0.0);
        if self.norm == Norm::Linf {
            points[start..].iter_mut().for_each(|x| *x = 2.0 * self.random.random::<f32>() - 1.0);
        } else {
            // The paper draws Gaussian directions; corners of a cube estimate as well and are drawn much faster.
            signs(&mut self.random, &mut points[start..]);
        }
        for row in points[start..].chunks_exact_mut(width) {
            let length = row.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            for (x, at) in row.iter_mut().zip(&self.point) {
                *x = self.bounds.clamp(at + *x * reach / length);
            }
        }
    }

    /// The estimate from the sums, as a step of length 1 in the norm.
    fn direction(&self) -> Vec<f32> {
        let Sums { all, wrong, asked, of_them_wrong } = &self.sums;
        let share = *of_them_wrong as f32 / (*asked).max(1) as f32;
        let mut direction: Vec<f32> = match *of_them_wrong {
            // All on one side: nothing to weigh against, follow (or flee) the mean.
            0 => all.iter().map(|x| -x).collect(),
            wrong if wrong == *asked => all.clone(),
            _ => wrong.iter().zip(all).map(|(wrong, all)| wrong - share * all).collect(),
        };
        if self.norm == Norm::Linf {
            direction.iter_mut().for_each(|x| *x = if *x == 0.0 { 0.0 } else { x.signum() });
            return direction;
        }
        let length = direction.iter().map(|x| x * x).sum::<f32>().sqrt();
        if length > 0.0 {
            direction.iter_mut().for_each(|x| *x /= length);
        }
        direction
    }
}

impl Seeker for Walk<'_> {
    fn ask(&mut self, _: u32, points: &mut Vec<f32>) {
        match &mut self.stage {
            Stage::Start(start) => start.ask(&mut self.random, points),
            Stage::Search { right, wrong, .. } => {
                let middle = f32::midpoint(*right, *wrong);
                points.extend(self.on_the_way(middle, self.distance()));
            }
            Stage::Directions { left, reach } => {
                let count = (*left as usize).min(most_rows(self.original.len()));
                let reach = *reach;
                self.around(count, reach, points);
            }
            Stage::Step { direction, length, .. } => points
                .extend(self.point.iter().zip(direction).map(|(x, to)| self.bounds.clamp(x + *length * *to))),
            Stage::Through => {}
        }
    }

    fn tell(&mut self, points: &[f32], answers: &[Answer]) {
        let width = self.original.len();
        match &mut self.stage {
            Stage::Start(_) => {
                let wrong = points.chunks_exact(width).zip(answers).filter(|(_, answer)| answer.wrong);
                let closest = wrong
                    .map(|(point, _)| (l2(self.original, point), point))
                    .min_by(|a, b| a.0.total_cmp(&b.0));
                if let Some((_, point)) = closest {
                    self.point.copy_from_slice(point);
                    self.stage = self.search();
                }
            }
            Stage::Search { right, wrong, tolerance } => {
                let middle = f32::midpoint(*right, *wrong);
                if answers[0].wrong {
                    *wrong = middle
                } else {
                    *right = middle
                }
                if *wrong - *right <= *tolerance {
                    let share = *wrong;
                    // The same arithmetic as when it was asked about.
                    self.point = self.on_the_way(share, self.distance()).collect();
                    self.stage = self.begin_hop();
                }
            }
            Stage::Directions { left, .. } => {
                *left -= answers.len() as u32;
                let left = *left;
                for (asked, answer) in points.chunks_exact(width).zip(answers) {
                    self.sums.asked += 1;
                    self.sums.of_them_wrong += u32::from(answer.wrong);
                    for (((all, wrong), asked), at) in
                        self.sums.all.iter_mut().zip(&mut self.sums.wrong).zip(asked).zip(&self.point)
                    {
                        *all += asked - at;
                        *wrong += if answer.wrong { asked - at } else { 0.0 };
                    }
                }
                if left == 0 {
                    let length = self.distance() / (self.hop as f32).sqrt();
                    let direction = self.direction();
                    self.stage = Stage::Step { direction, length, halvings: HALVINGS };
                }
            }
            Stage::Step { length, halvings, .. } => {
                if answers[0].wrong {
                    self.point.copy_from_slice(points);
                    self.stage = self.search();
                } else if *halvings == 0 {
                    self.stage = self.begin_hop();
                } else {
                    *length /= 2.0;
                    *halvings -= 1;
                }
            }
            Stage::Through => {}
        }
    }
}
