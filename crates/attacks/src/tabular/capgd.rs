//! CAPGD: climbs the margin with an adaptive step, pulled back by violated relations and repaired after every step.
//!
//! Steps are taken in units of each column's range. The walk itself is relaxed (whole numbers and one-hot groups may be
//! between); at every step the rounded and repaired row is put to the model.

use rand::RngExt as _;

use super::judge::{GROUP, Judge, margin, margin_slope, sign};
use super::repair::Reach;
use super::result::{TabularResult, TabularSample};
use super::schema::range;
use crate::evasion::generator;
use crate::target::{GradientTarget, TargetError};
use vauban_formats::tabular_schema::Kind;

/// Steps per start.
const STEPS: usize = 30;
/// Steps between looks at whether the step is too long.
const CHECK: usize = 5;
/// Share of new and old direction (Croce and Hein, ICML 2020).
const MOMENTUM: f32 = 0.75;

struct Walk {
    index: usize,
    reach: Reach,
    point: Vec<f32>,
    before: Vec<f32>,
    best: Vec<f32>,
    best_loss: f64,
    last_loss: f64,
    rises: usize,
    step: f32,
    sample: TabularSample,
    done: bool,
}

/// Attacks what is open in `result`: from the sample itself, then from a random point in reach.
pub(super) fn search(
    judge: &Judge<'_>,
    target: &dyn GradientTarget,
    result: &mut TabularResult,
) -> Result<(), TargetError> {
    let samples = &result.samples;
    let ended = judge.spread(&result.open(), GROUP, |indices| {
        let mut walks: Vec<Walk> =
            indices.iter().map(|index| begin(judge, *index, &samples[*index])).collect();
        for start in 0..2 {
            for walk in walks.iter_mut().filter(|walk| !walk.done) {
                restart(judge, walk, start > 0);
            }
            for step in 0..STEPS {
                let gradients = climb(judge, target, &mut walks, step)?;
                put(judge, &mut walks, &gradients)?;
            }
        }
        Ok(walks.into_iter().map(|walk| (walk.index, walk.sample)).collect())
    })?;
    ended.into_iter().for_each(|(index, sample)| result.samples[index] = sample);
    Ok(())
}

fn begin(judge: &Judge<'_>, index: usize, sample: &TabularSample) -> Walk {
    let original = judge.samples.row(index);
    Walk {
        index,
        reach: judge.schema.reach(original, judge.terms.eps),
        point: original.to_vec(),
        before: original.to_vec(),
        best: original.to_vec(),
        best_loss: f64::NEG_INFINITY,
        last_loss: f64::NEG_INFINITY,
        rises: 0,
        step: 0.0,
        sample: TabularSample { spent: 0, ..sample.clone() },
        done: false,
    }
}

fn restart(judge: &Judge<'_>, walk: &mut Walk, random: bool) {
    walk.point = judge.samples.row(walk.index).to_vec();
    if random {
        let mut generator = generator(judge.terms.seed, "capgd", walk.index);
        for (at, x) in walk.point.iter_mut().enumerate() {
            let (low, high) = (walk.reach.low[at], walk.reach.high[at]);
            *x = low + (high - low) * generator.random::<f32>();
        }
        judge.schema.repair(judge.samples.row(walk.index), &walk.reach, &mut walk.point, true);
    }
    walk.before.clone_from(&walk.point);
    walk.best.clone_from(&walk.point);
    (walk.best_loss, walk.last_loss, walk.rises) = (f64::NEG_INFINITY, f64::NEG_INFINITY, 0);
    walk.step = (judge.terms.eps.min(1.0) / 2.0) as f32;
}

/// One step of every walk; gives the gradients of those that are not done, in order.
fn climb(
    judge: &Judge<'_>,
    target: &dyn GradientTarget,
    walks: &mut [Walk],
    step: usize,
) -> Result<Vec<Vec<f32>>, TargetError> {
    for walk in walks.iter_mut().filter(|walk| !walk.done) {
        // A step asks twice, and a success once more.
        if walk.sample.spent.saturating_add(3) > judge.terms.queries {
            (walk.done, walk.sample.cut_short) = (true, true);
        }
    }
    let mut open: Vec<&mut Walk> = walks.iter_mut().filter(|walk| !walk.done).collect();
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<f32> = open.iter().flat_map(|walk| &walk.point).copied().collect();
    let labels: Vec<usize> = open.iter().map(|walk| judge.label(walk.index)).collect();
    let slope =
        |row: usize, logits: &[f32], gradient: &mut [f32]| margin_slope(logits, labels[row], gradient);
    let answer = match target.gradients(&rows, &slope) {
        Ok(answer) => answer,
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => {
            open.iter_mut().for_each(|walk| (walk.done, walk.sample.cut_short) = (true, true));
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let width = judge.schema.width();
    let mut gradients = Vec::with_capacity(open.len());
    for (place, walk) in open.iter_mut().enumerate() {
        let logits = &answer.logits[place * target.classes()..][..target.classes()];
        let gradient = &answer.inputs[place * width..][..width];
        walk.sample.charge(1);
        let loss = margin(logits, labels[place]) - judge.schema.penalty(&walk.point);
        walk.rises += usize::from(loss > walk.last_loss);
        walk.last_loss = loss;
        if loss > walk.best_loss {
            walk.best_loss = loss;
            walk.best.clone_from(&walk.point);
        }
        if step % CHECK == CHECK - 1 {
            if walk.rises * 4 < CHECK * 3 {
                walk.step /= 2.0;
                walk.point.clone_from(&walk.best);
                walk.before.clone_from(&walk.best);
            }
            walk.rises = 0;
        }
        advance(judge, walk, gradient);
        gradients.push(gradient.to_vec());
    }
    Ok(gradients)
}

fn advance(judge: &Judge<'_>, walk: &mut Walk, gradient: &[f32]) {
    let schema = judge.schema;
    let mut pull = vec![0.0; gradient.len()];
    schema.penalty_gradient(&walk.point, &mut pull);
    let scaled = |at: usize, value: f64| value * range(&schema.columns[at]);
    let largest = |values: &mut dyn Iterator<Item = f64>| {
        values.filter(|value| value.is_finite()).fold(0.0_f64, |most, value| most.max(value.abs()))
    };
    let most = largest(&mut gradient.iter().enumerate().map(|(at, g)| scaled(at, f64::from(*g))));
    let most_pull = largest(&mut pull.iter().enumerate().map(|(at, p)| scaled(at, *p)));
    let mut next = walk.point.clone();
    for at in 0..next.len() {
        // Codes have no order, so no direction either; the evolutionary attack changes them.
        if schema.columns[at].kind == Kind::Categorical {
            continue;
        }
        let mut direction = scaled(at, f64::from(gradient[at])) / most.max(f64::MIN_POSITIVE);
        if most_pull > 0.0 {
            direction -= scaled(at, pull[at]) / most_pull;
        }
        let width = range(&schema.columns[at]) as f32;
        let moved = walk.point[at] + walk.step * width * sign(direction as f32);
        next[at] +=
            MOMENTUM * (moved - walk.point[at]) + (1.0 - MOMENTUM) * (walk.point[at] - walk.before[at]);
    }
    schema.repair(judge.samples.row(walk.index), &walk.reach, &mut next, true);
    walk.before = std::mem::replace(&mut walk.point, next);
}

/// Puts the rounded and repaired points to the model.
fn put(judge: &Judge<'_>, walks: &mut [Walk], gradients: &[Vec<f32>]) -> Result<(), TargetError> {
    let mut asked: Vec<(&mut Walk, Vec<f32>)> = Vec::new();
    for (walk, gradient) in walks.iter_mut().filter(|walk| !walk.done).zip(gradients) {
        let original = judge.samples.row(walk.index);
        let weight = |unit: usize, row: &[f32]| -> f64 {
            let columns = &judge.schema.units[unit].columns;
            columns.iter().map(|at| f64::from(gradient[*at] * (row[*at] - original[*at]))).sum()
        };
        if let Some(row) = judge.admit(walk.index, &walk.reach, &walk.point, weight) {
            asked.push((walk, row));
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    let rows: Vec<f32> = asked.iter().flat_map(|(_, row)| row).copied().collect();
    let labels = match judge.target.labels().labels(&rows) {
        Ok(labels) => labels,
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => {
            asked.iter_mut().for_each(|(walk, _)| (walk.done, walk.sample.cut_short) = (true, true));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for ((walk, row), label) in asked.into_iter().zip(labels) {
        walk.sample.charge(1);
        if label as usize != judge.label(walk.index) {
            judge.accept(walk.index, &walk.reach, row, &mut walk.sample, "capgd")?;
            walk.done |= walk.sample.success;
        }
    }
    Ok(())
}
