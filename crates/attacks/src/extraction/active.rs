//! Active learning: of many mixtures the ones where the copy wavers, and not all of them in one place (uncertainty and
//! k-centre selection as in Pal et al., ActiveThief, AAAI 2020).

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::mixtures::{NOISE, mix};
use super::strategy::{Own, Propose, Seen};
use crate::surrogate::Surrogate;

/// Mixtures looked at per query asked.
const POOL: usize = 16;
/// Wavering mixtures per query among which those far apart are taken.
const WAVERING: usize = 4;
/// Elements of a pool, whatever the width.
const ELEMENTS: usize = 1 << 22;
/// Answers after which the copy is trained anew at the earliest.
const ROUND: usize = 64;

#[derive(Default)]
pub(super) struct Active {
    /// The copy, and the answers it was trained on.
    copy: Option<(Surrogate, usize)>,
}

impl Propose for Active {
    fn next(&mut self, own: &Own<'_>, seen: &Seen<'_>, count: usize, random: &mut Pcg64) -> Vec<f32> {
        let asked = seen.rows();
        if asked < own.count() {
            return own.unused(asked, count);
        }
        // Training costs the more the more was asked: later rounds are longer.
        let copy = match self.copy.take() {
            Some((copy, rows)) if asked < rows + ROUND.max(rows / 4) => (copy, rows),
            _ => (own.copy(seen), asked),
        };
        let width = own.width();
        let size = (ELEMENTS / width).clamp(count, count.saturating_mul(POOL));
        let mut pool = Vec::with_capacity(size * width);
        for number in 0..size {
            let pair = (random.random_range(0..own.count()), random.random_range(0..own.count()));
            // A few own samples span little without noise, and the copy would only learn what lies between them.
            let noise = if number.is_multiple_of(2) { NOISE } else { 0.0 };
            pool.extend(mix(own, pair, random.random(), noise, random));
        }
        let mut wavering: Vec<(f32, &[f32])> =
            copy.0.logits(&pool).chunks_exact(own.classes).map(lead).zip(pool.chunks_exact(width)).collect();
        wavering.sort_by(|a, b| a.0.total_cmp(&b.0));
        wavering.truncate(count.saturating_mul(WAVERING));
        let rows: Vec<&[f32]> = wavering.into_iter().map(|(_, row)| row).collect();
        self.copy = Some(copy);
        far_apart(&rows, count)
    }
}

/// How far the best logit is ahead of the second.
fn lead(logits: &[f32]) -> f32 {
    let (mut best, mut second) = (f32::NEG_INFINITY, f32::NEG_INFINITY);
    for logit in logits {
        if *logit > best {
            (best, second) = (*logit, best);
        } else if *logit > second {
            second = *logit;
        }
    }
    best - second
}

/// `count` of `rows`: the first, then always the one farthest from those taken (Gonzalez, Theoretical Computer Science
/// 38, 1985).
fn far_apart(rows: &[&[f32]], count: usize) -> Vec<f32> {
    let mut distances = vec![f32::INFINITY; rows.len()];
    let (mut taken, mut next) = (Vec::new(), 0);
    for _ in 0..count.min(rows.len()) {
        let Some(row) = rows.get(next) else { break };
        taken.extend_from_slice(row);
        distances[next] = f32::NEG_INFINITY;
        let mut farthest = f32::NEG_INFINITY;
        for (index, other) in rows.iter().enumerate() {
            let apart: f32 = row.iter().zip(*other).map(|(a, b)| (a - b) * (a - b)).sum();
            distances[index] = distances[index].min(apart);
            if distances[index] > farthest {
                (farthest, next) = (distances[index], index);
            }
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_far_apart_are_taken_first_and_none_twice() {
        let rows: [&[f32]; 4] = [&[0.0], &[0.1], &[1.0], &[0.5]];
        assert_eq!(far_apart(&rows, 3), [0.0, 1.0, 0.5]);
        assert_eq!(far_apart(&rows, 9).len(), 4);
        assert!((lead(&[3.0, -1.0, 2.5]) - 0.5).abs() < 1e-6);
    }
}
