//! Searches by queries alone, many samples in step: what they may claim is decided here, not in the attacks.
//!
//! An attack proposes points and hears answers; the points of all samples of a group are asked about together. A point
//! counts only if the model was asked about it, is wrong on it, and it lies where the attack may go.

use std::ops::Range;

use super::driver::{groups, unless_stopped};
use super::loss::margin;
use super::{Norm, SampleResult, Terms};
use crate::samples::Samples;
use crate::target::{LabelTarget, ScoreTarget, TargetError, winner};

/// Elements asked about at once, at most (unless one sample alone has more).
const MOST_ELEMENTS: usize = 1 << 20;

/// Samples in step, at most.
const GROUP: usize = 64;

/// What the model said about one point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Answer {
    /// Whether it is wrong.
    pub wrong: bool,
    /// How far from wrong it is, smaller is closer: logits' or log-probabilities' difference; 1 or -1 by labels.
    pub margin: f32,
}

/// The search for an adversarial example of one sample.
pub(crate) trait Seeker: Send {
    /// Appends the next points to ask about; none when the search is through. Asking for more than `left` (at least 1)
    /// ends the search as cut short.
    fn ask(&mut self, left: u32, points: &mut Vec<f32>);

    /// Hears what the model says about them, in order.
    fn tell(&mut self, points: &[f32], answers: &[Answer]);
}

/// Where to ask.
#[derive(Clone, Copy)]
pub(crate) enum Oracle<'a> {
    /// For labels.
    Labels(&'a dyn LabelTarget),
    /// For scores.
    Scores(&'a dyn ScoreTarget),
}

impl Oracle<'_> {
    /// Answers to `points`, whose true classes are `truth`.
    pub(crate) fn answers(self, points: &[f32], truth: &[i64]) -> Result<Vec<Answer>, TargetError> {
        let (rows, answers) = match self {
            Self::Labels(target) => {
                let labels = target.labels(points)?;
                let answer = |(label, truth): (u32, &i64)| {
                    let wrong = i64::from(label) != *truth;
                    Answer { wrong, margin: if wrong { -1.0 } else { 1.0 } }
                };
                (labels.len(), labels.into_iter().zip(truth).map(answer).collect::<Vec<_>>())
            }
            Self::Scores(target) => {
                let classes = target.classes().max(1);
                let scores = target.scores(points)?;
                let answer = |(scores, truth): (&[f32], &i64)| Answer {
                    wrong: i64::from(winner(scores)) != *truth,
                    margin: usize::try_from(*truth).map_or(f32::INFINITY, |label| far(scores, label)),
                };
                (scores.len() / classes, scores.chunks_exact(classes).zip(truth).map(answer).collect())
            }
        };
        if rows != truth.len() {
            return Err(TargetError::Failed(format!("{rows} answers to {} queries", truth.len())));
        }
        Ok(answers)
    }
}

/// The margin, of logarithms if the scores are probabilities: where a softmax saturates, differences of probabilities
/// round to nothing while their ratios still tell the way.
fn far(scores: &[f32], label: usize) -> f32 {
    let sum: f32 = scores.iter().sum();
    if (sum - 1.0).abs() > 1e-3 || scores.iter().any(|score| !(0.0..=1.0).contains(score)) {
        return margin(scores, label);
    }
    let floor = |score: f32| score.max(f32::MIN_POSITIVE).ln();
    let others = scores.iter().enumerate().filter(|(class, _)| *class != label);
    floor(scores[label]) - floor(others.map(|(_, score)| *score).fold(0.0, f32::max))
}

/// What counts as found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// Any wrong point within `terms.eps` by this norm; the first ends the search.
    Within(Norm),
    /// The closest wrong point by this norm; the seeker says when it is through.
    Closest(Norm),
}

impl Goal {
    /// Takes `point` as the example if it is one, and better than what there is.
    fn consider(self, result: &mut SampleResult, original: &[f32], point: &[f32], eps: f32) {
        let mut found = SampleResult::untouched();
        found.succeed(original, point);
        let better = match self {
            // Moving by eps and subtracting again may be off by a rounding.
            Self::Within(norm) => !result.success && found.distance(norm) <= eps * (1.0 + 1e-5) + 1e-6,
            Self::Closest(norm) => !result.success || found.distance(norm) < result.distance(norm),
        };
        if better {
            result.succeed(original, point);
        }
    }
}

/// How many rows of `width` elements a seeker should ask about at once, at most.
pub(crate) fn most_rows(width: usize) -> usize {
    (MOST_ELEMENTS / width.max(1)).max(1)
}

/// Runs one seeker per sample, made by `make` from the number of the sample and the answer to the sample itself.
pub(crate) fn seek<S: Seeker>(
    oracle: Oracle<'_>,
    samples: &Samples,
    terms: &Terms,
    goal: Goal,
    make: impl Fn(usize, Answer) -> S + Sync,
) -> Result<Vec<SampleResult>, TargetError> {
    if samples.width() == 0 {
        return Err(TargetError::Failed("the samples hold no values to change".to_owned()));
    }
    let size = most_rows(samples.width()).min(GROUP);
    let run =
        |range: Range<usize>| Group { oracle, samples, terms, goal, first: range.start }.run(range, &make);
    match oracle {
        Oracle::Labels(target) => groups(target, samples.len(), size, run),
        Oracle::Scores(target) => groups(target, samples.len(), size, run),
    }
}

struct Group<'a> {
    oracle: Oracle<'a>,
    samples: &'a Samples,
    terms: &'a Terms,
    goal: Goal,
    /// Number of the first sample.
    first: usize,
}

/// A seeker and its place in the group.
struct Place<S> {
    index: usize,
    seeker: S,
}

impl Group<'_> {
    fn run<S: Seeker>(
        &self,
        range: Range<usize>,
        make: &(impl Fn(usize, Answer) -> S + Sync),
    ) -> Result<Vec<SampleResult>, TargetError> {
        let mut results = vec![SampleResult::untouched(); range.len()];
        let width = self.samples.width();
        let clean = if self.terms.queries == 0 {
            None
        } else {
            let rows = &self.samples.inputs[range.start * width..range.end * width];
            unless_stopped(self.oracle.answers(rows, &self.samples.labels[range]))?
        };
        let Some(clean) = clean else {
            results.iter_mut().for_each(|result| result.cut_short = true);
            return Ok(results);
        };
        let mut places = Vec::new();
        for (index, (result, answer)) in results.iter_mut().zip(clean).enumerate() {
            result.queries = 1;
            if answer.wrong {
                result.was_wrong();
            } else {
                places.push(Place { index, seeker: make(self.first + index, answer) });
            }
        }
        while !places.is_empty() {
            let Some(left) = self.round(places, &mut results)? else { break };
            places = left;
        }
        Ok(results)
    }

    /// Lets every seeker ask once; those that go on come back, `None` when the target takes no more.
    fn round<S: Seeker>(
        &self,
        places: Vec<Place<S>>,
        results: &mut [SampleResult],
    ) -> Result<Option<Vec<Place<S>>>, TargetError> {
        let (width, mut going) = (self.samples.width(), Vec::with_capacity(places.len()));
        let mut waiting: Vec<(Place<S>, Range<usize>)> = Vec::new();
        let mut points = Vec::new();
        let mut places = places.into_iter();
        loop {
            let next = places.next();
            let last = next.is_none();
            if let Some(mut place) = next {
                let (start, result) = (points.len(), &mut results[place.index]);
                let left = self.terms.queries - result.queries;
                place.seeker.ask(left.max(1), &mut points);
                let rows = (points.len() - start) / width.max(1);
                if rows as u64 > u64::from(left) {
                    result.cut_short = true;
                    points.truncate(start);
                } else if rows > 0 {
                    waiting.push((place, start..points.len()));
                }
            }
            if waiting.is_empty() || !(last || points.len() >= MOST_ELEMENTS) {
                if last {
                    return Ok(Some(going));
                }
                continue;
            }
            let truth: Vec<i64> = waiting
                .iter()
                .flat_map(|(place, part)| {
                    std::iter::repeat_n(self.samples.labels[self.first + place.index], part.len() / width)
                })
                .collect();
            let Some(answers) = unless_stopped(self.oracle.answers(&points, &truth))? else {
                let rest = waiting.into_iter().map(|(place, _)| place).chain(places).chain(going);
                rest.for_each(|place| results[place.index].cut_short = true);
                return Ok(None);
            };
            for (mut place, part) in waiting.drain(..) {
                let answers = &answers[part.start / width..part.end / width];
                let (points, result) = (&points[part], &mut results[place.index]);
                result.queries += answers.len() as u32;
                let original = self.samples.row(self.first + place.index);
                for (point, answer) in points.chunks_exact(width).zip(answers) {
                    if answer.wrong {
                        self.goal.consider(result, original, point, self.terms.eps);
                    }
                }
                if !(result.success && matches!(self.goal, Goal::Within(_))) {
                    place.seeker.tell(points, answers);
                    going.push(place);
                }
            }
            points.clear();
        }
    }
}
