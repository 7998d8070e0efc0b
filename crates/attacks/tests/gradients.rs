//! Every differentiable operator against finite differences.
#![allow(clippy::type_complexity, clippy::unwrap_used)]

mod common;

use common::{Model, Value, numbers};
use vauban_attacks::network::operators::OPERATORS;
use vauban_attacks::target::{GradientTarget, LabelTarget, ScoreTarget};

use Value::{Float, Int, Ints, Text};

/// Inputs away from kinks and poles unless a row says otherwise.
const POSITIVE: bool = true;
const ANY: bool = false;

/// Compares the gradient of a weighted sum of the scores with central differences summed in double precision.
fn check(name: &str, model: Model, positive: bool) {
    let target = model.target();
    assert!(target.gradient_breaks().is_empty(), "{name}: {:?}", target.gradient_breaks());
    let (width, rows) = (target.width(), 3);
    let mut x = numbers(rows * width, 7);
    if positive {
        x.iter_mut().for_each(|x| *x = x.abs() + 0.5);
    }
    let weights = numbers(target.classes(), 11);
    let by_logits = |_: usize, _: &[f32], gradient: &mut [f32]| gradient.copy_from_slice(&weights);
    let own = target.gradients(&x, &by_logits).unwrap();
    let loss = |x: &[f32]| -> Vec<f64> {
        let logits = target.gradients(x, &by_logits).unwrap().logits;
        let row = |row: &[f32]| row.iter().zip(&weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
        logits.chunks_exact(target.classes()).map(row).collect()
    };
    for column in 0..width {
        let step = 2e-3_f32;
        let moved = |by: f32| {
            let mut moved = x.clone();
            moved.iter_mut().skip(column).step_by(width).for_each(|x| *x += by);
            loss(&moved)
        };
        let (up, down) = (moved(step), moved(-step));
        for row in 0..rows {
            let numeric = (up[row] - down[row]) / (2.0 * f64::from(step));
            let analytic = f64::from(own.inputs[row * width + column]);
            let tolerance = 4e-3 * (1.0 + numeric.abs());
            assert!(
                (numeric - analytic).abs() < tolerance,
                "{name}: row {row}, element {column}: {numeric} by differences, {analytic} by the engine"
            );
        }
    }
}

/// `y = op(x)` on rows of six.
fn unary(op: &str, attributes: &[(&str, Value<'_>)], positive: bool) {
    check(op, Model::new(18, &[-1, 6]).node(op, "x", "y", attributes), positive);
}

#[test]
fn elementwise() {
    for op in [
        "Abs",
        "Cos",
        "Elu",
        "Erf",
        "Exp",
        "Gelu",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "LeakyRelu",
        "Mish",
        "Neg",
        "Relu",
        "Selu",
        "Sigmoid",
        "Sin",
        "Softplus",
        "Tanh",
        "Dropout",
    ] {
        unary(op, &[], ANY);
    }
    for op in ["Log", "Reciprocal", "Sqrt"] {
        unary(op, &[], POSITIVE);
    }
    unary("Gelu", &[("approximate", Text("tanh"))], ANY);
    unary("LeakyRelu", &[("alpha", Float(0.3))], ANY);
    unary("Cast", &[("to", Int(1))], ANY);
    let clip = Model::new(13, &[-1, 6]).floats("low", &[], &[-0.4]).floats("high", &[], &[0.6]);
    check("Clip", clip.node("Clip", "x low high", "y", &[]), ANY);
}

#[test]
fn arithmetic_with_broadcasting() {
    for op in ["Add", "Sub", "Mul", "Div", "Max", "Min", "Sum", "PRelu"] {
        for shape in [vec![6], vec![1, 6], vec![1], vec![]] {
            let values: Vec<f32> =
                numbers(shape.iter().product::<i64>() as usize, 3).iter().map(|x| x + 1.5).collect();
            let model = Model::new(13, &[-1, 6]).floats("c", &shape, &values);
            check(op, model.node(op, "x c", "y", &[]), ANY);
        }
    }
    for op in ["Add", "Sub", "Mul", "Div"] {
        // Both operands depend on the input, one of them broadcast along the row.
        let model = Model::new(13, &[-1, 6])
            .ints("axes", &[1], &[1])
            .node("ReduceSum", "x axes", "s", &[])
            .node(op, "x s", "y", &[]);
        check(op, model, POSITIVE);
    }
    let model = Model::new(13, &[-1, 6]).floats("c", &[], &[2.0]);
    check("Pow", model.node("Pow", "x c", "y", &[]), ANY);
    let model = Model::new(13, &[-1, 6]).floats("c", &[], &[1.7]);
    check("Pow", model.node("Pow", "x c", "y", &[]), POSITIVE);
    let model = Model::new(13, &[-1, 6]).bytes("c", 9, &[6], &[1, 0, 1, 0, 0, 1]).node("Neg", "x", "n", &[]);
    check("Where", model.node("Where", "c x n", "y", &[]), ANY);
}

#[test]
fn products() {
    for (trans_a, trans_b) in [(0, 0), (0, 1)] {
        let shape = if trans_b == 1 { [4, 6] } else { [6, 4] };
        let model =
            Model::new(13, &[-1, 6]).floats("w", &shape, &numbers(24, 1)).floats("b", &[4], &numbers(4, 2));
        let attributes =
            [("alpha", Float(0.7)), ("beta", Float(1.3)), ("transA", Int(trans_a)), ("transB", Int(trans_b))];
        check("Gemm", model.node("Gemm", "x w b", "y", &attributes), ANY);
    }
    let model = Model::new(13, &[-1, 6]).floats("w", &[6, 4], &numbers(24, 1));
    check("MatMul", model.node("MatMul", "x w", "y", &[]), ANY);
    let model = Model::new(13, &[-1, 2, 3]).floats("w", &[3, 4], &numbers(12, 1));
    check("MatMul", model.node("MatMul", "x w", "m", &[]).node("Flatten", "m", "y", &[]), ANY);
    let model = Model::new(13, &[-1, 2, 3]).floats("w", &[1, 4, 2], &numbers(8, 1));
    check("MatMul", model.node("MatMul", "w x", "m", &[]).node("Flatten", "m", "y", &[]), ANY);
}

#[test]
fn attention() {
    let weights = |model: Model, name: &str, seed: u64| model.floats(name, &[4, 4], &numbers(16, seed));
    let mut model = Model::new(13, &[-1, 3, 4]).floats("root", &[], &[2.0]);
    for (name, seed) in [("wq", 1), ("wk", 2), ("wv", 3)] {
        model = weights(model, name, seed);
    }
    let model = model
        .node("MatMul", "x wq", "q", &[])
        .node("MatMul", "x wk", "k", &[])
        .node("MatMul", "x wv", "v", &[])
        .node("Transpose", "k", "kt", &[("perm", Ints(&[0, 2, 1]))])
        .node("MatMul", "q kt", "dots", &[])
        .node("Div", "dots root", "scaled", &[])
        .node("Softmax", "scaled", "weights", &[])
        .node("MatMul", "weights v", "mixed", &[])
        .node("Add", "mixed x", "sum", &[])
        .node("Flatten", "sum", "y", &[]);
    check("attention", model, ANY);
}

#[test]
fn convolutions_and_pools() {
    let cases: [(&str, [i64; 4], &[(&str, Value<'_>)]); 6] = [
        ("plain", [3, 2, 3, 3], &[]),
        ("padded", [3, 2, 3, 3], &[("pads", Ints(&[1, 0, 1, 2]))]),
        ("strided", [3, 2, 2, 2], &[("strides", Ints(&[2, 2])), ("pads", Ints(&[1, 1, 0, 0]))]),
        ("dilated", [3, 2, 2, 2], &[("dilations", Ints(&[2, 3]))]),
        ("grouped", [4, 1, 3, 3], &[("group", Int(2))]),
        ("same", [3, 2, 3, 3], &[("auto_pad", Text("SAME_UPPER")), ("strides", Ints(&[2, 2]))]),
    ];
    for (name, shape, attributes) in cases {
        let (filters, size) = (shape[0] as usize, shape.iter().product::<i64>() as usize);
        let model = Model::new(13, &[-1, 2, 5, 6])
            .floats("w", &shape, &numbers(size, 5))
            .floats("b", &[shape[0]], &numbers(filters, 6))
            .node("Conv", "x w b", "c", attributes);
        check(name, model.node("Flatten", "c", "y", &[]), ANY);
    }
    let model = Model::new(13, &[-1, 2, 7]).floats("w", &[3, 2, 3], &numbers(18, 5));
    check(
        "one axis",
        model.node("Conv", "x w", "c", &[("pads", Ints(&[1, 1]))]).node("Flatten", "c", "y", &[]),
        ANY,
    );

    let pools: [(&str, &[(&str, Value<'_>)]); 7] = [
        ("MaxPool", &[("kernel_shape", Ints(&[2, 2])), ("strides", Ints(&[2, 2]))]),
        ("MaxPool", &[("kernel_shape", Ints(&[3, 3])), ("pads", Ints(&[1, 1, 1, 1]))]),
        (
            "MaxPool",
            &[
                ("kernel_shape", Ints(&[2, 2])),
                ("dilations", Ints(&[2, 2])),
                ("ceil_mode", Int(1)),
                ("strides", Ints(&[2, 2])),
            ],
        ),
        ("AveragePool", &[("kernel_shape", Ints(&[2, 2])), ("strides", Ints(&[2, 2]))]),
        (
            "AveragePool",
            &[("kernel_shape", Ints(&[3, 3])), ("pads", Ints(&[1, 1, 1, 1])), ("count_include_pad", Int(1))],
        ),
        ("GlobalAveragePool", &[]),
        ("GlobalMaxPool", &[]),
    ];
    for (op, attributes) in pools {
        let model = Model::new(13, &[-1, 2, 5, 6]).node(op, "x", "p", attributes);
        check(op, model.node("Flatten", "p", "y", &[]), ANY);
    }
}

#[test]
fn normalisation_and_softmax() {
    let statistics = |model: Model| {
        model
            .floats("s", &[2], &[0.8, 1.2])
            .floats("b", &[2], &[0.1, -0.1])
            .floats("m", &[2], &[0.2, 0.3])
            .floats("v", &[2], &[0.5, 1.5])
    };
    let model = statistics(Model::new(13, &[-1, 2, 3]));
    check(
        "BatchNormalization",
        model.node("BatchNormalization", "x s b m v", "n", &[]).node("Flatten", "n", "y", &[]),
        ANY,
    );
    let model = Model::new(17, &[-1, 6]).floats("s", &[6], &numbers(6, 1)).floats("b", &[6], &numbers(6, 2));
    check("LayerNormalization", model.node("LayerNormalization", "x s b", "y", &[]), ANY);
    for op in ["Softmax", "LogSoftmax"] {
        for (opset, axis) in [(11, 1), (13, -1), (13, 1)] {
            // A scale behind it keeps the engine from reading the logits before it.
            let model = Model::new(opset, &[-1, 2, 3])
                .floats("c", &[], &[1.5])
                .node(op, "x", "s", &[("axis", Int(axis))])
                .node("Mul", "s c", "m", &[])
                .node("Flatten", "m", "y", &[]);
            check(op, model, ANY);
        }
    }
}

#[test]
fn reductions() {
    for op in ["ReduceMean", "ReduceMax", "ReduceMin"] {
        for keep in [0, 1] {
            let attributes = [("axes", Ints(&[2])), ("keepdims", Int(keep))];
            let model =
                Model::new(13, &[-1, 2, 3]).node(op, "x", "r", &attributes).node("Flatten", "r", "y", &[]);
            check(op, model, ANY);
        }
    }
    let model = Model::new(13, &[-1, 2, 3]).ints("axes", &[1], &[-2]);
    check("ReduceSum", model.node("ReduceSum", "x axes", "y", &[("keepdims", Int(0))]), ANY);
}

#[test]
fn shapes_and_moves() {
    let model = || Model::new(13, &[-1, 2, 3]);
    let flat = |model: Model| model.node("Flatten", "z", "y", &[]);
    check("Transpose", flat(model().node("Transpose", "x", "z", &[("perm", Ints(&[0, 2, 1]))])), ANY);
    check("Reshape", flat(model().ints("s", &[3], &[0, 3, -1]).node("Reshape", "x s", "z", &[])), ANY);
    let squeezed = model().ints("a", &[1], &[1]).node("Unsqueeze", "x a", "u", &[]);
    check("Squeeze", flat(squeezed.node("Squeeze", "u a", "z", &[])), ANY);
    check(
        "Concat",
        flat(model().node("Neg", "x", "n", &[]).node("Concat", "x n", "z", &[("axis", Int(2))])),
        ANY,
    );
    let sliced =
        model().ints("f", &[1], &[-1]).ints("t", &[1], &[-9]).ints("a", &[1], &[2]).ints("s", &[1], &[-2]);
    check("Slice", flat(sliced.node("Slice", "x f t a s", "z", &[])), ANY);
    let gathered = model().ints("i", &[4], &[0, 2, -1, 2]);
    check("Gather", flat(gathered.node("Gather", "x i", "z", &[("axis", Int(2))])), ANY);
    let padded = model().ints("p", &[6], &[0, 1, 0, 0, 0, 2]).floats("v", &[], &[0.5]);
    check("Pad", flat(padded.node("Pad", "x p v", "z", &[])), ANY);
    let expanded = model().ints("s", &[4], &[2, 1, 2, 3]).node("Expand", "x s", "e", &[]);
    check(
        "Expand",
        flat(expanded.ints("a", &[1], &[0]).node("ReduceSum", "e a", "r", &[("keepdims", Int(0))]).node(
            "Identity",
            "r",
            "z",
            &[],
        )),
        ANY,
    );
    let split = model().ints("l", &[2], &[1, 2]).node("Split", "x l", "a b", &[("axis", Int(2))]);
    check("Split", flat(split.node("Mul", "a b", "z", &[])), ANY);
    // The batch extent read off the input, as exporters write `view(x.size(0), -1)`.
    let shaped = model()
        .ints("zero", &[1], &[0])
        .ints("rest", &[1], &[-1])
        .node("Shape", "x", "s", &[])
        .node("Gather", "s zero", "n", &[])
        .node("Concat", "n rest", "t", &[("axis", Int(0))]);
    check("Shape", shaped.node("Reshape", "x t", "y", &[]), ANY);
}

#[test]
fn operators_without_a_gradient_are_named_and_still_run() {
    for op in ["Sign", "Round", "Floor", "Ceil"] {
        let target = Model::new(13, &[-1, 6]).node(op, "x", "r", &[]).node("Neg", "r", "y", &[]).target();
        assert_eq!(target.gradient_breaks(), [format!("{op} (r)")]);
        assert!(target.access().gradients().is_none());
        assert_eq!(target.scores(&[0.3; 6]).unwrap().len(), 6);
    }
    let grid = Model::new(13, &[-1, 6]).floats("s", &[], &[0.1]).bytes("z", 2, &[], &[0]);
    let target =
        grid.node("QuantizeLinear", "x s z", "q", &[]).node("DequantizeLinear", "q s z", "y", &[]).target();
    assert_eq!(target.gradient_breaks().len(), 2);
    assert_eq!(target.scores(&[0.0, 0.04, 0.06, 0.5, 1.0, -1.0]).unwrap(), [0.0, 0.0, 0.1, 0.5, 1.0, 0.0]);
}

#[test]
fn operators_outside_the_set_are_named() {
    let bytes =
        Model::new(13, &[-1, 6]).node("Frobnicate", "x", "a", &[]).node("Det", "a", "y", &[]).finish();
    let error = common::load(&bytes).err().unwrap().to_string();
    assert_eq!(error, "the model uses operators that are not supported: Det, Frobnicate");
    assert!(OPERATORS.iter().all(|operator| operator.name != "Det"));
}

#[test]
fn a_fixed_batch_is_respected() {
    let model = Model::new(13, &[2, 6]).ints("s", &[2], &[2, 6]).node("Reshape", "x s", "y", &[]);
    let x = numbers(30, 4);
    assert_eq!(model.target().scores(&x).unwrap(), x);
}
