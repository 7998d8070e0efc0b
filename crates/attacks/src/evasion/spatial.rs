//! Rotation and translation: the mildest of a grid that the model gets wrong.

use super::picture::Picture;
use super::seeker::{Answer, Goal, Oracle, Seeker, seek};
use super::{Attack, Modality, Norm, SampleResult, Terms};
use crate::samples::Samples;
use crate::target::{AccessLevel, Bounds, LabelTarget, TargetError};

/// Entry of the list.
pub const ATTACK: Attack = Attack {
    name: "spatial",
    title: "turns and moves the picture, the mildest of a grid first",
    paper: "Engstrom et al., Exploring the Landscape of Spatial Robustness, ICML 2019, arXiv:1712.02779",
    access: AccessLevel::Labels,
    norm: Norm::Unbounded,
    minimal: false,
    modality: Modality::Pictures,
    techniques: &["AML.T0043@2026.09"],
    parameters: &[
        ("degrees", "30"),
        ("outside", "low end of the box"),
        ("rotations", "31"),
        ("shift", "0.1"),
        ("shifts", "5 x 5"),
    ],
    run: |access, samples, terms| Some(run(access.labels(), samples, terms, &Grid::default())),
};

/// The grid of moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Largest rotation to either side, in degrees.
    pub degrees: f32,
    /// Rotations tried, evenly spread.
    pub rotations: u32,
    /// Largest move to either side, as a share of the picture's height and width.
    pub shift: f32,
    /// Moves tried along each axis, evenly spread.
    pub shifts: u32,
}

impl Default for Grid {
    fn default() -> Self {
        Self { degrees: 30.0, rotations: 31, shift: 0.1, shifts: 5 }
    }
}

/// Moves asked about at once.
const BATCH: usize = 31;

/// A rotation in degrees, and a move in shares of the height and width.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Move {
    degrees: f32,
    down: f32,
    right: f32,
}

impl Grid {
    /// All moves but none, the mildest first.
    fn moves(self) -> Vec<Move> {
        let spread = |most: f32, count: u32| -> Vec<f32> {
            match count {
                0 | 1 => vec![0.0],
                _ => (0..count).map(|at| most * (2.0 * at as f32 / (count - 1) as f32 - 1.0)).collect(),
            }
        };
        let shifts = spread(self.shift, self.shifts.min(101));
        let mut moves = Vec::new();
        for degrees in spread(self.degrees, self.rotations.min(721)) {
            for down in &shifts {
                moves.extend(shifts.iter().map(|right| Move { degrees, down: *down, right: *right }));
            }
        }
        moves.retain(|step| *step != Move { degrees: 0.0, down: 0.0, right: 0.0 });
        let share = |x: f32, most: f32| if most == 0.0 { 0.0 } else { (x / most).powi(2) };
        let size = |step: &Move| {
            share(step.degrees, self.degrees) + share(step.down, self.shift) + share(step.right, self.shift)
        };
        moves.sort_by(|a, b| size(a).total_cmp(&size(b)));
        moves
    }
}

/// The picture in `original` after `step`, bilinear; what comes from outside is `outside`.
fn moved(original: &[f32], picture: Picture, step: Move, outside: f32) -> Vec<f32> {
    let (sine, cosine) = step.degrees.to_radians().sin_cos();
    let middle = ((picture.height as f32 - 1.0) / 2.0, (picture.width as f32 - 1.0) / 2.0);
    let (down, right) = (step.down * picture.height as f32, step.right * picture.width as f32);
    let mut out = vec![0.0; original.len()];
    for row in 0..picture.height {
        for column in 0..picture.width {
            let (y, x) = (row as f32 - middle.0 - down, column as f32 - middle.1 - right);
            let from = (middle.0 + cosine * y - sine * x, middle.1 + sine * y + cosine * x);
            for channel in 0..picture.channels {
                out[picture.at(channel, row, column)] =
                    picture.between(original, channel, from.0, from.1, outside);
            }
        }
    }
    out
}

struct Turner<'a> {
    original: &'a [f32],
    picture: Picture,
    bounds: Bounds,
    moves: &'a [Move],
    next: usize,
}

impl Seeker for Turner<'_> {
    fn ask(&mut self, left: u32, points: &mut Vec<f32>) {
        let batch = BATCH.min((1 << 20) / self.original.len().max(1)).min(left as usize).max(1);
        let end = (self.next + batch).min(self.moves.len());
        for step in &self.moves[self.next..end] {
            let row = moved(self.original, self.picture, *step, self.bounds.low);
            points.extend(row.into_iter().map(|x| self.bounds.clamp(x)));
        }
        self.next = end;
    }

    fn tell(&mut self, _: &[f32], _: &[Answer]) {}
}

/// Tries the moves of the grid, the mildest first, until the model is wrong.
///
/// # Errors
/// When the target fails for another reason than a spent budget or a refusal.
pub fn run(
    target: &dyn LabelTarget,
    samples: &Samples,
    terms: &Terms,
    grid: &Grid,
) -> Result<Vec<SampleResult>, TargetError> {
    let moves = grid.moves();
    let picture = Picture::guess(&samples.shape, samples.width());
    seek(Oracle::Labels(target), samples, terms, Goal::Within(Norm::Unbounded), |sample, _| Turner {
        original: samples.row(sample),
        picture,
        bounds: target.bounds(),
        moves: &moves,
        next: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_turn_and_move() {
        let picture = Picture::guess(&[1, 3, 3], 9);
        let corner = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        let place = |step| {
            let out = moved(&corner, picture, step, 0.0);
            out.iter().position(|x| (x - 1.0).abs() < 1e-3)
        };
        assert_eq!(place(Move { degrees: 0.0, down: 1.0 / 3.0, right: 0.0 }), Some(3));
        assert_eq!(place(Move { degrees: 0.0, down: 0.0, right: 2.0 / 3.0 }), Some(2));
        assert!(matches!(place(Move { degrees: 90.0, down: 0.0, right: 0.0 }), Some(2 | 6)));
        let moves = Grid::default().moves();
        assert_eq!(moves.len(), 774);
        assert!(moves[0].degrees.abs() <= 2.0 && moves[0].down == 0.0);
    }
}
