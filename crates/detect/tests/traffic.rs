//! Made-up traffic of one attacker or one oddity among ordinary clients: who has an alert.

use std::collections::BTreeSet;

use vauban_detect::run;
use vauban_formats::otel::{Event, Value};
use vauban_knowledge::Knowledge;

/// Elements of an input.
const WIDTH: usize = 32;

/// A fixed sequence of numbers in \[0, 1\] (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 40) as f32 / (1_u32 << 24) as f32
    }

    /// An input as they are usually asked: a mixture of four fixed waves, with a little noise.
    fn usual(&mut self) -> Vec<f32> {
        let weights: Vec<f32> = (0..4).map(|_| self.next()).collect();
        let wave = |at: usize, wave: usize| (at as f32 * (wave + 1) as f32 * 0.4).sin() * 0.5 + 0.5;
        let mixed = |at: usize| weights.iter().enumerate().map(|(k, w)| w * wave(at, k)).sum::<f32>() / 4.0;
        (0..WIDTH).map(|at| mixed(at) + 0.1 * self.next()).collect()
    }
}

fn event(client: &str, seconds: usize, input: Vec<f32>) -> Event {
    let text = |text: &str| Value::Text(text.to_owned());
    Event {
        id: format!("{client}-{seconds:06}"),
        time_unix_nano: 1_795_132_800_000_000_000 + seconds as i64 * 1_000_000_000,
        name: "predict".to_owned(),
        attributes: [
            ("user.id".to_owned(), text(client)),
            ("ml.model.name".to_owned(), text("waves")),
            ("ml.request.input".to_owned(), Value::Numbers(input)),
        ]
        .into(),
    }
}

/// Ten ordinary clients with sixty requests each over ten hours.
fn ordinary(numbers: &mut Numbers) -> Vec<Event> {
    let mut events = Vec::new();
    for client in 0..10 {
        for request in 0..60 {
            events.push(event(&format!("ordinary-{client}"), request * 600 + client, numbers.usual()));
        }
    }
    events
}

/// Rules that fire on `odd`, a request every two seconds, and that nobody else has an alert.
fn check(odd: impl Fn(&mut Numbers, usize) -> Vec<f32>, requests: usize, expected: &[&str]) {
    let mut numbers = Numbers(7);
    let mut events = ordinary(&mut numbers);
    for request in 0..requests {
        let input = odd(&mut numbers, request);
        events.push(event("odd", 2 * request, input));
    }
    let alerts = run(&events, Knowledge::builtin());
    assert!(alerts.iter().all(|alert| alert.client == "odd"), "{alerts:#?}");
    let rules: BTreeSet<&str> = alerts.iter().map(|alert| &*alert.rule).collect();
    for rule in expected {
        assert!(rules.contains(rule), "{rule} is not among {rules:?}");
    }
    assert!(!expected.is_empty() || rules.is_empty(), "{alerts:#?}");
}

#[test]
fn ordinary_clients_have_no_alert() {
    check(|numbers, _| numbers.usual(), 300, &[]);
}

#[test]
fn a_health_check_has_no_alert() {
    check(|_, _| Numbers(1).usual(), 300, &[]);
}

#[test]
fn a_quality_test_that_varies_a_few_inputs_has_no_alert() {
    let bright = |_: &mut Numbers, request: usize| -> Vec<f32> {
        let factor = 1.0 + 0.02 * (request % 10) as f32;
        Numbers((request / 10) as u64).usual().into_iter().map(|value| value * factor).collect()
    };
    check(bright, 150, &[]);
}

#[test]
fn small_changes_to_one_input_are_evasion_probing() {
    let near = |numbers: &mut Numbers, _| -> Vec<f32> {
        Numbers(1).usual().into_iter().map(|value| value + 0.02 * (numbers.next() - 0.5)).collect()
    };
    check(near, 60, &["evasion-probing"]);
}

#[test]
fn a_search_that_takes_twenty_inputs_in_turns_is_evasion_probing() {
    let turns = |numbers: &mut Numbers, request: usize| -> Vec<f32> {
        let base = Numbers((request % 20) as u64).usual();
        base.into_iter().map(|value| value + 0.02 * (numbers.next() - 0.5)).collect()
    };
    check(turns, 800, &["evasion-probing"]);
}

#[test]
fn inputs_like_nobody_elses_are_extraction_querying() {
    check(|numbers, _| (0..WIDTH).map(|_| numbers.next()).collect(), 300, &["extraction-querying"]);
}

#[test]
fn one_changed_element_at_a_time_is_similar_queries() {
    let step = |_: &mut Numbers, request: usize| -> Vec<f32> {
        let mut input = Numbers(1).usual();
        input[request % WIDTH] = (request / WIDTH + 1) as f32 * 0.25;
        input
    };
    check(step, 96, &["similar-queries"]);
}
