//! Follows each client and raises alerts when it leaves the envelope.

use std::collections::VecDeque;

use super::calibrate::Envelope;
use super::distance::{largest_step, squared_below, upper_quartile};
use crate::traffic::{Query, Traffic};
use crate::{Alert, EVASION_PROBING, EXTRACTION_QUERYING, Number};

/// Distinct inputs of a client that are remembered: enough to follow a search that takes fifty inputs in turns.
const RECENT: usize = 1024;
/// How long an input counts as a neighbour, nanoseconds: an hour.
const HORIZON: i64 = 3_600_000_000_000;
/// Distinct inputs of which the farthest quarter is looked at: who copies a model mixes strange inputs with real ones.
const SPREAD: usize = 128;

/// The last distinct inputs of one client.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Crowd {
    /// Indices into the queries of the traffic.
    recent: VecDeque<usize>,
}

/// The neighbours of an input among the last of the same client.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Neighbours {
    /// How many.
    pub(super) count: usize,
    /// How many of them got another label.
    pub(super) flips: usize,
    /// Smallest L-infinity distance to one of them.
    pub(super) step: f32,
    /// When the first of them was sent, nanoseconds.
    pub(super) since: i64,
}

impl Crowd {
    /// Remembers an input and says what is near it; `None` for one that was sent before and is remembered, because
    /// health checks and retries repeat themselves exactly and a search gains nothing by it.
    pub(super) fn see(&mut self, queries: &[Query], index: usize, near: f32) -> Option<Neighbours> {
        let query = queries.get(index)?;
        let mut neighbours = Neighbours { count: 0, flips: 0, step: f32::INFINITY, since: query.at };
        for other in self.recent.iter().filter_map(|other| queries.get(*other)) {
            let Some(distance) = squared_below(&other.point, &query.point, near * near) else { continue };
            if distance <= 0.0 {
                return None;
            }
            if query.at.saturating_sub(other.at) <= HORIZON {
                let flipped = other.label.is_some() && query.label.is_some() && other.label != query.label;
                neighbours.count += 1;
                neighbours.flips += usize::from(flipped);
                neighbours.step = neighbours.step.min(largest_step(&other.point, &query.point));
                neighbours.since = neighbours.since.min(other.at);
            }
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(index);
        Some(neighbours)
    }
}

/// What is known about one client.
#[derive(Debug, Clone, Default, PartialEq)]
struct Client {
    crowd: Crowd,
    distances: VecDeque<(i64, f32)>,
    probing: Option<Probing>,
    querying: Option<Querying>,
}

/// The worst crowd so far.
#[derive(Debug, Clone, PartialEq)]
struct Probing {
    first: i64,
    raised: i64,
    last: i64,
    events: u64,
    flips: u64,
    crowd: usize,
    step: f32,
}

/// The farthest window so far.
#[derive(Debug, Clone, PartialEq)]
struct Querying {
    first: i64,
    raised: i64,
    last: i64,
    events: u64,
    distance: f32,
}

/// Alerts of one model's traffic, by client, then rule.
pub(crate) fn watch(traffic: &Traffic<'_>, envelope: &Envelope) -> Vec<Alert> {
    let mut clients = vec![Client::default(); traffic.clients.len()];
    for (index, query) in traffic.queries.iter().enumerate() {
        clients[query.client].see(&traffic.queries, index, envelope);
    }
    let named = traffic.clients.iter().zip(clients);
    named.flat_map(|(name, client)| client.alerts(name, traffic.model, envelope)).collect()
}

impl Client {
    fn see(&mut self, queries: &[Query], index: usize, envelope: &Envelope) {
        let query = &queries[index];
        let Some(neighbours) = self.crowd.see(queries, index, envelope.near) else { return };
        self.probe(query, &neighbours, envelope);
        if let Some(distance) = envelope.distance(query.client, &query.point) {
            self.stray(query.at, distance, envelope);
        }
    }

    fn probe(&mut self, query: &Query, neighbours: &Neighbours, envelope: &Envelope) {
        if (neighbours.count as f32) < envelope.crowded {
            return;
        }
        let probing = self.probing.get_or_insert(Probing {
            first: neighbours.since,
            raised: query.at,
            last: query.at,
            events: neighbours.count as u64,
            flips: 0,
            crowd: 0,
            step: f32::INFINITY,
        });
        probing.last = query.at;
        probing.events += 1;
        probing.flips += u64::from(neighbours.flips > 0);
        probing.crowd = probing.crowd.max(neighbours.count);
        probing.step = probing.step.min(neighbours.step);
    }

    fn stray(&mut self, at: i64, distance: f32, envelope: &Envelope) {
        if self.distances.len() == SPREAD {
            self.distances.pop_front();
        }
        self.distances.push_back((at, distance));
        // Light clients never fill a window.
        if self.distances.len() < SPREAD {
            return;
        }
        let mut window: Vec<f32> = self.distances.iter().map(|(_, distance)| *distance).collect();
        let far = upper_quartile(&mut window);
        if far <= envelope.remote {
            return;
        }
        let first = self.distances.front().map_or(at, |(at, _)| *at);
        let querying = self.querying.get_or_insert(Querying {
            first,
            raised: at,
            last: at,
            events: SPREAD as u64 - 1,
            distance: 0.0,
        });
        querying.last = at;
        querying.events += 1;
        querying.distance = querying.distance.max(far);
    }

    fn alerts(self, name: &str, model: &str, envelope: &Envelope) -> impl Iterator<Item = Alert> {
        let probing = self.probing.map(|seen| Alert {
            rule: EVASION_PROBING.id.clone(),
            client: name.to_owned(),
            about: model.to_owned(),
            first_nano: seen.first,
            raised_nano: seen.raised,
            last_nano: seen.last,
            events: seen.events,
            score: f64::from(seen.crowd as f32 / envelope.crowded),
            numbers: vec![
                Number::new("requests", seen.events as f64),
                Number::new("of them near one input within an hour", seen.crowd as f64),
                Number::new("usual limit", f64::from(envelope.crowded.ceil())),
                Number::new("near is closer than", f64::from(envelope.near)),
                Number::new("with another label than a neighbour", seen.flips as f64),
                Number::new("smallest step (L-infinity)", f64::from(seen.step)),
                Number::new("requests a minute", per_minute(seen.events, seen.first, seen.last)),
            ],
        });
        let querying = self.querying.map(|seen| Alert {
            rule: EXTRACTION_QUERYING.id.clone(),
            client: name.to_owned(),
            about: model.to_owned(),
            first_nano: seen.first,
            raised_nano: seen.raised,
            last_nano: seen.last,
            events: seen.events,
            score: f64::from(seen.distance / envelope.remote),
            numbers: vec![
                Number::new("distinct requests", seen.events as f64),
                Number::new("window", SPREAD as f64),
                Number::new("upper quartile of the distance from what others ask", f64::from(seen.distance)),
                Number::new("usual limit", f64::from(envelope.remote)),
                Number::new("usual distance between own inputs", f64::from(envelope.scale)),
                Number::new("requests a minute", per_minute(seen.events, seen.first, seen.last)),
            ],
        });
        probing.into_iter().chain(querying)
    }
}

fn per_minute(events: u64, first: i64, last: i64) -> f64 {
    let minutes = last.saturating_sub(first) as f64 / 60e9;
    if minutes > 0.0 { events as f64 / minutes } else { events as f64 }
}
