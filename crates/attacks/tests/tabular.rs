//! Tabular attacks on a tiny model of credits: what is reported as a success could really be applied for.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Model, numbers};
use vauban_attacks::tabular::{
    Column, Direction, Kind, Relation, Schema, SchemaError, TabularError, TabularResult, TabularSchema,
    TabularTerms, caa, capgd, moeva,
};
use vauban_attacks::target::{Access, LabelTarget};
use vauban_attacks::{OnnxTarget, Samples};
use vauban_domain::{AssetId, AssetKind};

/// Low, high and weight over the whole range of each column.
const COLUMNS: [(f32, f32, f32); 10] = [
    (1_000.0, 10_000.0, -3.0), // income
    (500.0, 50_000.0, 2.5),    // amount
    (6.0, 60.0, 1.0),          // term
    (0.0, 10_000.0, 2.0),      // instalment = amount / term
    (0.0, 30_000.0, 1.5),      // other debt, a fact
    (0.0, 80_000.0, 2.0),      // debt = other debt + amount
    (0.0, 10.0, 2.0),          // late payments, only up
    (0.0, 1.0, 0.6),           // job
    (0.0, 1.0, -0.2),
    (0.0, 1.0, -0.7),
];

fn written() -> TabularSchema {
    let column = |name: &str, kind, at: usize| {
        Column::new(name, kind).range(f64::from(COLUMNS[at].0), f64::from(COLUMNS[at].1))
    };
    let job = |name: &str| Column::new(name, Kind::Binary).in_group("job");
    TabularSchema {
        columns: vec![
            column("income", Kind::Integer, 0),
            column("amount", Kind::Integer, 1),
            column("term", Kind::Integer, 2),
            column("instalment", Kind::Continuous, 3),
            column("other", Kind::Integer, 4).immutable(),
            column("debt", Kind::Integer, 5),
            column("late", Kind::Integer, 6).only(Direction::Up),
            job("none"),
            job("clerk"),
            job("officer"),
        ],
        relations: [
            "instalment = amount / term",
            "debt = other + amount",
            "instalment <= income",
            "amount > 20000 implies term >= 24",
            "sum(job) = 1",
        ]
        .map(Relation::new)
        .to_vec(),
    }
}

fn model() -> OnnxTarget {
    let mut weights = Vec::new();
    let mut bias = 0.0;
    for (low, high, weight) in COLUMNS {
        let slope = weight / (high - low);
        weights.extend([0.0, slope]);
        bias -= slope * low;
    }
    Model::new(13, &[-1, 10])
        .floats("w", &[10, 2], &weights)
        .floats("b", &[2], &[0.0, bias - 0.8])
        .node("Gemm", "x w b", "y", &[])
        .target()
}

/// Valid applications, labelled as the model does, so that it is right on all.
fn applications(target: &OnnxTarget, count: usize) -> Samples {
    let random = numbers(count * 7, 11);
    let mut inputs = Vec::new();
    for draw in random.chunks_exact(7) {
        let share = |at: usize| f32::midpoint(draw[at], 1.0);
        let amount = (500.0 + 19_000.0 * share(1)).round();
        let (term, other) = ((12.0 + 48.0 * share(2)).round(), (30_000.0 * share(3)).round());
        let job = (3.0 * share(5)) as usize % 3;
        inputs.extend([
            (2_000.0 + 8_000.0 * share(0)).round(),
            amount,
            term,
            amount / term,
            other,
            other + amount,
        ]);
        inputs.push((3.0 * share(4)).round());
        inputs.extend((0..3).map(|place| f32::from(u8::from(place == job))));
    }
    let labels = target.labels(&inputs).unwrap().into_iter().map(i64::from).collect();
    Samples { inputs, shape: vec![count, 10], labels }
}

/// Everything that must be true of a success, said again without the schema's own code.
fn really_valid(row: &[f32], original: &[f32]) {
    let [income, amount, term, instalment, other, debt, late] = row[..7] else { panic!("{row:?}") };
    for (value, (low, high, _)) in row.iter().zip(COLUMNS) {
        assert!((low..=high).contains(value), "{row:?}");
    }
    assert!([income, amount, term, other, debt, late].iter().all(|x| x.fract() == 0.0), "{row:?}");
    assert!((instalment - amount / term).abs() <= 1e-6 * instalment.max(1.0) * 1.01, "{row:?}");
    assert!(
        debt == other + amount && instalment <= income && other == original[4] && late >= original[6],
        "{row:?}"
    );
    assert!(amount <= 20_000.0 || term >= 24.0, "{row:?}");
    assert_eq!(row[7..].iter().filter(|x| **x == 1.0).count(), 1, "{row:?}");
    assert_eq!(row[7..].iter().filter(|x| **x == 0.0).count(), 2, "{row:?}");
}

fn check(result: &TabularResult, target: &OnnxTarget, samples: &Samples, schema: &Schema) -> usize {
    let mut found = 0;
    for (index, sample) in result.samples.iter().enumerate().filter(|(_, sample)| sample.success) {
        let row = sample.example.as_deref().unwrap();
        really_valid(row, samples.row(index));
        assert_eq!(schema.violations(row, Some(samples.row(index))), [""; 0]);
        assert_ne!(i64::from(target.labels(row).unwrap()[0]), samples.labels[index]);
        assert!((schema.gower(samples.row(index), row) - sample.gower).abs() < 1e-12);
        assert!(sample.gower > 0.0 && !sample.changed.is_empty());
        found += 1;
    }
    found
}

#[test]
fn successes_are_valid_and_those_of_an_unconstrained_attack_are_not() {
    let target = model();
    let samples = applications(&target, 60);
    let schema = Schema::new(&written()).unwrap();
    for index in 0..samples.len() {
        really_valid(samples.row(index), samples.row(index));
        assert_eq!(schema.violations(samples.row(index), None), [""; 0]);
    }
    let terms = TabularTerms { eps: 0.3, queries: 800, seed: 7, ..TabularTerms::default() };
    let access = Access::Gradients(&target);
    let by_gradient = capgd(access, &samples, &schema, &terms).unwrap();
    let by_scores = moeva(Access::Scores(&target), &samples, &schema, &terms).unwrap();
    let by_labels = moeva(Access::Labels(&target), &samples, &schema, &terms).unwrap();
    let both = caa(access, &samples, &schema, &terms).unwrap();
    let found =
        [&by_gradient, &by_scores, &by_labels, &both].map(|one| check(one, &target, &samples, &schema));
    let (invalid, all) = both.invalid_unconstrained().unwrap();
    assert!(found.iter().all(|found| *found > 10), "{found:?}");
    assert!(found[3] >= found[0], "{found:?}");
    assert!(all as usize >= found[3] && invalid == all, "{invalid} of {all}, {found:?}");
    assert!(both.samples.iter().all(|sample| sample.queries <= 1 + 2 * 800));

    let measurement = both.measurement(&AssetId::new(AssetKind::Model, "credit.onnx"));
    assert_eq!(measurement.trials, 60);
    assert!((measurement.value - (60 - found[3]) as f64 / 60.0).abs() < 1e-12);
    let curve = &measurement.curves[0].points;
    assert!(curve.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{curve:?}");
    assert!(measurement.parts.iter().any(|part| part.name == "income"), "{:?}", measurement.parts);
    assert!(measurement.notes.iter().any(|note| note.contains("cannot occur")), "{:?}", measurement.notes);
}

#[test]
fn columns_and_costs_are_kept_to() {
    let target = model();
    let samples = applications(&target, 30);
    let schema = Schema::new(&written()).unwrap();
    let terms = TabularTerms { columns: Some(1), cost: Some(0.2), queries: 600, ..TabularTerms::default() };
    let result = caa(Access::Gradients(&target), &samples, &schema, &terms).unwrap();
    assert!(check(&result, &target, &samples, &schema) > 0);
    for sample in result.samples.iter().filter(|sample| sample.success) {
        assert!(sample.changed.len() == 1 && sample.cost <= 0.2, "{sample:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_result_on_any_number_of_threads() {
    let target = model();
    let samples = applications(&target, 20);
    let schema = Schema::new(&written()).unwrap();
    let terms = TabularTerms { eps: 0.2, queries: 300, seed: 3, ..TabularTerms::default() };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| caa(Access::Gradients(&target), &samples, &schema, &terms).unwrap())
    };
    assert_eq!(run(1), run(3));
}

#[test]
fn what_cannot_be_attacked_is_said() {
    let target = model();
    let schema = Schema::new(&written()).unwrap();
    let mut samples = applications(&target, 3);
    samples.inputs[0] = -5.0;
    let terms = TabularTerms::default();
    let result = caa(Access::Gradients(&target), &samples, &schema, &terms).unwrap();
    assert_eq!(result.samples[0].invalid_before[0], "`income` is out of its range");
    assert!(!result.samples[0].success && result.robust().1 == 2);
    let no = capgd(Access::Labels(&target), &samples, &schema, &terms);
    assert_eq!(no, Err(TabularError::NoGradients));
    let mut narrow = written();
    narrow.columns.pop();
    let narrow = Schema::new(&narrow).unwrap();
    let no = caa(Access::Labels(&target), &samples, &narrow, &terms);
    assert_eq!(no, Err(TabularError::Schema(SchemaError::Width { schema: 9, sample: 10 })));
    let open = TabularSchema { columns: vec![Column::new("a", Kind::Integer)], relations: Vec::new() };
    assert_eq!(Schema::new(&open).err(), Some(SchemaError::Range("a".to_owned())));
    let mut wrong = written();
    wrong.relations.push(Relation::new("incom > 3"));
    let error = Schema::new(&wrong).err().unwrap().to_string();
    assert_eq!(error, "relation `incom > 3`, at character 1: no column is called `incom`");
}
