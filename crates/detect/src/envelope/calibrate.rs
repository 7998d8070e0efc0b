//! Learns from the population what is usual.

use super::distance::{median, squared, squared_below, upper_fence, upper_quartile};
use super::watch::Crowd;
use crate::traffic::{Query, Traffic};

/// Distinct inputs that each client gives to the reference at most, so that no client speaks for all.
const SHARE: usize = 24;
/// Inputs of a client whose distance from the population is taken to know what is usual.
const SAMPLE: usize = 96;
/// Points in the reference at most.
const REFERENCE: usize = 2048;
/// Distinct inputs a client needs to count in the calibration.
const ENOUGH: usize = 16;
/// First inputs of each client that the calibration looks at.
const FIRST: usize = 256;
/// Clients that the calibration needs.
const POPULATION: usize = 3;
/// Own inputs among which the usual nearest distance is looked for.
const LOCAL: usize = 32;
/// Two inputs are near if closer than this share of the usual nearest distance.
const NEAR: f32 = 0.4;
/// Fewest near neighbours that raise an alert. A quality test varies an input a dozen times.
const CROWDED: f32 = 20.0;
/// Smallest distance from the population that raises an alert, as a share of the usual nearest distance. A dirty
/// scanner stays below.
const REMOTE: f32 = 0.9;
/// Robust standard deviations between the middle of the population and the limits.
const DEVIATIONS: f32 = 6.0;

/// What is usual for the clients of one model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Envelope {
    /// Usual distance between a client's input and the nearest of its own before.
    pub(super) scale: f32,
    /// Two inputs closer than this are near.
    pub(super) near: f32,
    /// As many near neighbours are too many.
    pub(super) crowded: f32,
    /// An upper quartile of the distance from the population above this is too far.
    pub(super) remote: f32,
    /// Inputs of the population and who sent them; nobody for training data.
    reference: Vec<(Option<usize>, Vec<f32>)>,
}

impl Envelope {
    /// Learns from the traffic and, if given, from training inputs of the same length; `None` when both are too few.
    pub(crate) fn calibrate(traffic: &Traffic<'_>, training: &[Vec<f32>]) -> Option<Self> {
        let distinct = distinct_inputs(traffic);
        let mut locals: Vec<f32> =
            distinct.iter().filter(|own| own.len() >= ENOUGH).map(|own| local_distance(own)).collect();
        if locals.len() < POPULATION {
            let own: Vec<&[f32]> = training.iter().take(FIRST).map(Vec::as_slice).collect();
            locals = if own.len() >= ENOUGH { vec![local_distance(&own)] } else { Vec::new() };
        }
        let scale = median(&mut locals);
        if scale <= 0.0 {
            return None;
        }
        let near = NEAR * scale;
        let mut envelope =
            Self { scale, near, crowded: 0.0, remote: 0.0, reference: reference(&distinct, training) };
        let regular = || distinct.iter().enumerate().filter(|(_, own)| own.len() >= ENOUGH);
        let crowds: Vec<f32> = first_crowds(traffic, near);
        let distances: Vec<f32> = regular()
            .map(|(client, own)| {
                let mut distances: Vec<f32> =
                    evenly(own, SAMPLE).filter_map(|point| envelope.distance(client, point)).collect();
                upper_quartile(&mut distances)
            })
            .collect();
        envelope.crowded = upper_fence(&crowds, DEVIATIONS).max(CROWDED);
        envelope.remote = upper_fence(&distances, DEVIATIONS).max(REMOTE * scale);
        Some(envelope)
    }

    /// Distance to the nearest input of anybody else; `None` while there are too few to tell.
    pub(super) fn distance(&self, client: usize, point: &[f32]) -> Option<f32> {
        let others = self.reference.iter().filter(|(owner, _)| *owner != Some(client));
        let (mut count, mut nearest) = (0, f32::INFINITY);
        for (_, other) in others {
            count += 1;
            if let Some(closer) = squared_below(point, other, nearest) {
                nearest = closer;
            }
        }
        (count >= ENOUGH).then(|| nearest.sqrt())
    }
}

/// The first distinct inputs of each client.
fn distinct_inputs<'a>(traffic: &'a Traffic<'_>) -> Vec<Vec<&'a [f32]>> {
    let mut distinct: Vec<Vec<&[f32]>> = vec![Vec::new(); traffic.clients.len()];
    for Query { client, point, .. } in &traffic.queries {
        let own = &mut distinct[*client];
        if own.len() < FIRST && !own.contains(&point.as_slice()) {
            own.push(point);
        }
    }
    distinct
}

/// Median over a client's inputs of the distance to the nearest of the inputs shortly before.
fn local_distance(own: &[&[f32]]) -> f32 {
    let mut distances: Vec<f32> = (1..own.len())
        .map(|at| {
            let before = &own[at.saturating_sub(LOCAL)..at];
            before.iter().map(|other| squared(own[at], other)).fold(f32::INFINITY, f32::min).sqrt()
        })
        .collect();
    median(&mut distances)
}

/// The largest crowd among each client's first inputs.
fn first_crowds(traffic: &Traffic<'_>, near: f32) -> Vec<f32> {
    let mut crowds = vec![(0, Crowd::default(), 0); traffic.clients.len()];
    for (index, query) in traffic.queries.iter().enumerate() {
        let (seen, crowd, largest) = &mut crowds[query.client];
        if *seen < FIRST {
            *seen += 1;
            *largest = crowd.see(&traffic.queries, index, near).map_or(0, |near| near.count).max(*largest);
        }
    }
    crowds.into_iter().filter(|(seen, ..)| *seen >= ENOUGH).map(|(.., largest)| largest as f32).collect()
}

fn reference(distinct: &[Vec<&[f32]>], training: &[Vec<f32>]) -> Vec<(Option<usize>, Vec<f32>)> {
    let population: usize = distinct.iter().map(|own| own.len().min(SHARE)).sum();
    // With many clients each gives less.
    let share = (SHARE * REFERENCE / population.max(REFERENCE)).max(1);
    let mut reference: Vec<(Option<usize>, Vec<f32>)> = Vec::new();
    for (client, own) in distinct.iter().enumerate() {
        reference.extend(evenly(own, share).map(|point| (Some(client), point.to_vec())));
    }
    reference.truncate(REFERENCE);
    let training: Vec<&[f32]> = training.iter().map(Vec::as_slice).collect();
    reference.extend(evenly(&training, REFERENCE).map(|point| (None, point.to_vec())));
    reference
}

/// At most `count` of the items, evenly spaced.
fn evenly<'a>(items: &'a [&'a [f32]], count: usize) -> impl Iterator<Item = &'a [f32]> {
    let taken = items.len().min(count);
    (0..taken).map(move |at| items[at * items.len() / taken])
}
