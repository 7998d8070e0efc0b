//! Requests to models that carry their input, by model and client, in order of time.

use std::collections::BTreeMap;

use vauban_formats::otel::Event;

/// Longest point that is kept as it is; longer inputs are folded into so many numbers.
const WIDEST: usize = 256;

/// One request to a model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Query {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    pub(crate) at: i64,
    /// Index into [`Traffic::clients`].
    pub(crate) client: usize,
    /// The input, or what it was folded into.
    pub(crate) point: Vec<f32>,
    /// The class that came back.
    pub(crate) label: Option<i64>,
}

/// The requests to one model with inputs of one length.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traffic<'a> {
    /// Name of the model; empty if the log does not say.
    pub(crate) model: &'a str,
    /// Clients, sorted.
    pub(crate) clients: Vec<&'a str>,
    /// In order of time.
    pub(crate) queries: Vec<Query>,
}

/// An event and the input in it.
type Request<'a> = (&'a Event, &'a [f32]);

/// Who sent an event: the user or key, else the address.
pub fn client(event: &Event) -> &str {
    ["user.id", "enduser.id", "client.address", "source.address"]
        .into_iter()
        .find_map(|key| event.text(key).filter(|text| !text.is_empty()))
        .unwrap_or("unknown")
}

/// Name of the model or tool that an event is about.
pub(crate) fn about(event: &Event) -> &str {
    ["ml.model.name", "gen_ai.request.model", "gen_ai.tool.name"]
        .into_iter()
        .find_map(|key| event.text(key))
        .unwrap_or("")
}

/// Splits events into the traffic of each model, sorted by model and length of input. Inputs with a number that is
/// none are left out.
pub(crate) fn by_model(events: &[Event]) -> Vec<Traffic<'_>> {
    let mut groups: BTreeMap<(&str, usize), Vec<Request<'_>>> = BTreeMap::new();
    for event in events {
        let Some(input) = event.numbers("ml.request.input") else { continue };
        if !input.is_empty() && input.iter().all(|number| number.is_finite()) {
            groups.entry((about(event), input.len())).or_default().push((event, input));
        }
    }
    groups.into_iter().map(|((model, _), seen)| traffic(model, seen)).collect()
}

fn traffic<'a>(model: &'a str, mut seen: Vec<Request<'a>>) -> Traffic<'a> {
    // Several collectors write out of order.
    seen.sort_by(|(one, _), (other, _)| {
        (one.time_unix_nano, &one.id).cmp(&(other.time_unix_nano, &other.id))
    });
    let mut clients: Vec<&str> = seen.iter().map(|(event, _)| client(event)).collect();
    clients.sort_unstable();
    clients.dedup();
    let queries = seen
        .into_iter()
        .map(|(event, input)| Query {
            at: event.time_unix_nano,
            client: clients.binary_search(&client(event)).unwrap_or_default(),
            point: fold(input),
            label: event.integer("ml.response.label"),
        })
        .collect();
    Traffic { model, clients, queries }
}

/// Folds a long input by signed hashing, which keeps distances in expectation. Weinberger et al., "Feature Hashing
/// for Large Scale Multitask Learning", ICML 2009.
fn fold(input: &[f32]) -> Vec<f32> {
    if input.len() <= WIDEST {
        return input.to_vec();
    }
    let mut point = vec![0.0_f32; WIDEST];
    for (index, value) in input.iter().enumerate() {
        // The finaliser of SplitMix64 scatters neighbouring indices.
        let mut hash = (index as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^= hash >> 31;
        let sign = if hash & 1 == 0 { 1.0 } else { -1.0 };
        point[(hash >> 1) as usize % WIDEST] += sign * value;
    }
    point
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_keeps_distances() {
        let wave = |step: usize| -> Vec<f32> { (0..4096).map(|at| ((at * step) as f32).sin()).collect() };
        let (one, other) = (wave(3), wave(7));
        let squared = |one: &[f32], other: &[f32]| -> f32 {
            one.iter().zip(other).map(|(one, other)| (one - other).powi(2)).sum()
        };
        let ratio = squared(&fold(&one), &fold(&other)) / squared(&one, &other);
        assert!((0.8..1.25).contains(&ratio), "{ratio}");
    }
}
