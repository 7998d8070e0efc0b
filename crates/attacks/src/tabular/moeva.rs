//! MOEVA: a population of valid rows per sample, selected by margin, distance and violation (NSGA-II).
//!
//! Simonetto et al., A Unified Framework for Adversarial Attack and Defense in Constrained Feature Space, IJCAI 2022, after
//! Deb et al., NSGA-II, IEEE Transactions on Evolutionary Computation 6 (2002). What is exchanged and mutated is a column or
//! a whole one-hot group; samples that the model puts into another class lend their values.

use rand::RngExt as _;
use rand_pcg::Pcg64;

use super::judge::{Judge, margin};
use super::repair::Reach;
use super::result::{TabularResult, TabularSample};
use super::schema::range;
use crate::evasion::{generator, normal};
use crate::target::{TargetError, winner};
use vauban_formats::tabular_schema::Kind;

/// Rows per generation.
const POPULATION: usize = 32;
/// Generations after the first success in which a closer one is looked for.
const PATIENCE: usize = 8;

#[derive(Clone)]
struct Individual {
    row: Vec<f32>,
    /// Margin turned round, distance, violation: all to be small.
    objectives: [f64; 3],
    broken: bool,
}

/// Attacks what is open in `result`, each sample on its own.
pub(super) fn search(judge: &Judge<'_>, result: &mut TabularResult) -> Result<(), TargetError> {
    let samples = &result.samples;
    let ended = judge.spread(&result.open(), 1, |indices| {
        let mut done = Vec::with_capacity(indices.len());
        for index in indices {
            let mut sample = TabularSample { spent: 0, ..samples[*index].clone() };
            evolve(judge, samples, *index, &mut sample)?;
            done.push((*index, sample));
        }
        Ok(done)
    })?;
    ended.into_iter().for_each(|(index, sample)| result.samples[index] = sample);
    Ok(())
}

fn evolve(
    judge: &Judge<'_>,
    samples: &[TabularSample],
    index: usize,
    sample: &mut TabularSample,
) -> Result<(), TargetError> {
    let original = judge.samples.row(index);
    let reach = judge.schema.reach(original, judge.terms.eps);
    let mut random = generator(judge.terms.seed, "moeva", index);
    let label = judge.label(index);
    let donors: Vec<usize> =
        (0..samples.len()).filter(|other| samples[*other].predicted as usize != label).collect();
    let mut population: Vec<Individual> = Vec::new();
    let mut after = 0;
    // Queries are kept for making the success smaller and asking again.
    while sample.spent.saturating_add(1) < judge.terms.queries && after < PATIENCE {
        let left = (judge.terms.queries - sample.spent - 1) as usize;
        // Which changes are taken back where there are too many is left to chance, or columns in front would never change.
        let weights: Vec<f64> = judge.schema.units.iter().map(|_| random.random()).collect();
        let children: Vec<Vec<f32>> = (0..POPULATION)
            .map(|_| child(judge, &population, &donors, original, &reach, &mut random))
            .filter_map(|row| judge.admit(index, &reach, &row, |unit, _| weights[unit]))
            .take(left)
            .collect();
        if children.is_empty() {
            // Nothing valid is in reach of many tries: more of them would only cost time.
            after += 1;
            continue;
        }
        let Some(asked) = ask(judge, index, children)? else {
            sample.cut_short = true;
            break;
        };
        sample.charge(asked.len() as u32);
        population.extend(asked);
        population = select(population);
        after += usize::from(population.iter().any(|one| one.broken));
    }
    let broken = population.into_iter().filter(|one| one.broken);
    match broken.min_by(|a, b| a.objectives[1].total_cmp(&b.objectives[1])) {
        Some(best) => judge.accept(index, &reach, best.row, sample, "moeva"),
        None => {
            sample.cut_short |= sample.spent.saturating_add(1) >= judge.terms.queries;
            Ok(())
        }
    }
}

fn ask(judge: &Judge<'_>, index: usize, rows: Vec<Vec<f32>>) -> Result<Option<Vec<Individual>>, TargetError> {
    let (original, label) = (judge.samples.row(index), judge.label(index));
    let flat: Vec<f32> = rows.iter().flatten().copied().collect();
    let answers = match judge.target.scores() {
        Some(target) => target.scores(&flat).map(|scores| {
            let rows = scores.chunks_exact(target.classes());
            rows.map(|row| (margin(row, label), winner(row) as usize != label)).collect::<Vec<_>>()
        }),
        None => judge.target.labels().labels(&flat).map(|labels| {
            let wrong = labels.into_iter().map(|found| found as usize != label);
            wrong.map(|wrong| (f64::from(u8::from(wrong)), wrong)).collect()
        }),
    };
    let answers = match answers {
        Ok(answers) => answers,
        Err(TargetError::BudgetSpent | TargetError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let individual = |(row, (margin, broken)): (Vec<f32>, (f64, bool))| {
        let objectives = [-margin, judge.schema.gower(original, &row), judge.schema.penalty(&row)];
        Individual { row, objectives, broken }
    };
    Ok(Some(rows.into_iter().zip(answers).map(individual).collect()))
}

fn child(
    judge: &Judge<'_>,
    population: &[Individual],
    donors: &[usize],
    original: &[f32],
    reach: &Reach,
    random: &mut Pcg64,
) -> Vec<f32> {
    let parent = |random: &mut Pcg64| -> Vec<f32> {
        match population.len() {
            0 => original.to_vec(),
            count => population[random.random_range(0..count)].row.clone(),
        }
    };
    let mut row = parent(random);
    let other = match random.random_range(0..4) {
        0 if !donors.is_empty() => judge.samples.row(donors[random.random_range(0..donors.len())]).to_vec(),
        // Back towards the sample: nearer rows that still succeed.
        1 => original.to_vec(),
        _ => parent(random),
    };
    let units: Vec<_> = judge.schema.units.iter().filter(|unit| unit.mutable).collect();
    let rate = 1.0 / units.len().max(1) as f32;
    for unit in units {
        if random.random_bool(0.5) {
            unit.columns.iter().for_each(|at| row[*at] = other[*at]);
        }
        let often = if population.is_empty() { 0.3 } else { rate.max(0.1) };
        if random.random::<f32>() >= often {
            continue;
        }
        if unit.one_hot {
            let chosen = random.random_range(0..unit.columns.len());
            for (place, at) in unit.columns.iter().enumerate() {
                row[*at] = f32::from(u8::from(place == chosen));
            }
            continue;
        }
        let at = unit.columns[0];
        let (low, high) = (reach.low[at], reach.high[at]);
        let anywhere = low + (high - low) * random.random::<f32>();
        let wide = range(&judge.schema.columns[at]) as f32;
        row[at] = match (judge.schema.columns[at].kind, random.random_range(0..3)) {
            (Kind::Categorical, _) | (_, 0) => anywhere,
            (Kind::Binary, _) => 1.0 - row[at],
            (_, 1) => row[at] + 0.1 * wide * normal(random).0,
            _ => {
                if random.random_bool(0.5) {
                    low
                } else {
                    high
                }
            }
        };
    }
    row
}

fn dominates(a: &Individual, b: &Individual) -> bool {
    let pairs = || a.objectives.iter().zip(&b.objectives);
    pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
}

/// The next generation: fronts of rows that none dominates, the last one thinned where it is crowded; the nearest success
/// and the best margin always survive.
fn select(mut all: Vec<Individual>) -> Vec<Individual> {
    all.sort_by(|a, b| {
        a.objectives[0].total_cmp(&b.objectives[0]).then(a.objectives[1].total_cmp(&b.objectives[1]))
    });
    all.dedup_by(|a, b| a.row == b.row);
    let nearest = (0..all.len())
        .filter(|at| all[*at].broken)
        .min_by(|a, b| all[*a].objectives[1].total_cmp(&all[*b].objectives[1]));
    let mut chosen: Vec<usize> = nearest.into_iter().collect();
    let mut rest: Vec<usize> = (0..all.len()).filter(|at| Some(*at) != nearest).collect();
    while chosen.len() < POPULATION && !rest.is_empty() {
        let mut front: Vec<usize> = rest
            .iter()
            .copied()
            .filter(|at| !rest.iter().any(|other| dominates(&all[*other], &all[*at])))
            .collect();
        if front.is_empty() {
            // Only values that do not compare are left.
            front.clone_from(&rest);
        }
        rest.retain(|at| !front.contains(at));
        // In order of margin, every so many: spread along the front, ends included.
        let room = POPULATION - chosen.len();
        if front.len() > room {
            let last = front.len() - 1;
            front = (0..room).map(|place| front[place * last / (room - 1).max(1)]).collect();
        }
        chosen.extend(front);
    }
    chosen.sort_unstable();
    chosen.dedup();
    chosen.into_iter().map(|at| all[at].clone()).collect()
}
