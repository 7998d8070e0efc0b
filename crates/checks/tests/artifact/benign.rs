//! Pickles as libraries write them: silent.

use crate::assembler::Assembler as A;
use crate::check;

fn dtype(stream: A, code: &str) -> A {
    stream
        .stack_global("numpy", "dtype")
        .text(code)
        .raw(b"\x89\x88\x87R")
        .raw(b"(K\x03\x8c\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb")
}

#[test]
fn plain_data() {
    check("m.pkl", &A::protocol(0).raw(b"(dp0\nS'a'\np1\nI1\nsV\\u00e9\np2\nF1.5\ns.").0, &[]);
    check("m.pkl", &A::protocol(2).raw(b"}q\x00(X\x01\x00\x00\x00aK\x01u.").0, &[]);
    check("m.pkl", &A::protocol(5).raw(b"\x95\x05\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a.").0, &[]);
}

#[test]
fn an_array() {
    let bytes = A::protocol(4)
        .stack_global("numpy._core.multiarray", "_reconstruct")
        .stack_global("numpy", "ndarray")
        .raw(b"K\x00\x85C\x01b\x87R(K\x01K\x02\x85");
    let bytes = dtype(bytes, "f8").raw(b"\x89").bytes(&[0; 16]).raw(b"tb.").0;
    check("m.pkl", &bytes, &[]);
}

#[test]
fn an_estimator_with_a_bound_method() {
    let bytes = A::protocol(2)
        .global("__builtin__", "getattr")
        .global("sklearn.linear_model._base", "LinearRegression")
        .raw(b")\x81}X\x04\x00\x00\x00coefK\x01sbX\x07\x00\x00\x00predict\x86R.")
        .0;
    check("m.pkl", &bytes, &[]);
}

#[test]
fn bytes_of_protocol_2() {
    let bytes = A::protocol(2).global("_codecs", "encode").text("abc").text("latin1").reduce2().stop();
    check("m.pkl", &bytes, &[]);
}

#[test]
fn an_array_stored_by_joblib_between_opcodes() {
    let bytes = A::protocol(4)
        .stack_global("joblib.numpy_pickle", "NumpyArrayWrapper")
        .raw(b")\x81}(")
        .text("shape")
        .raw(b"K\x02\x85")
        .text("dtype");
    let bytes = dtype(bytes, "f8")
        .text("numpy_array_alignment_bytes")
        .raw(b"K\x10ub")
        .raw(&[3, 0xff, 0xff, 0xff])
        // Raw numbers that would be a call if they were opcodes.
        .raw(b"cos\nsyst")
        .raw(b"em\n(tR..")
        .stop();
    check("m.joblib", &bytes, &[]);
}

#[test]
fn texts_are_no_pickles() {
    for text in
        ["class A:\n    pass\n", "Name,age\nx,1\n", "(c) 2026 by us\n.\n", "N.\n", "I am.\n", "import os\n"]
    {
        check("notes.txt", text.as_bytes(), &[]);
    }
}

#[test]
fn objects_of_serialisers_and_libraries() {
    for (what, bytes) in [
        (
            "a partial function with its state",
            A::protocol(4)
                .stack_global("functools", "partial")
                .stack_global("numpy", "clip")
                .raw(b"\x85R(")
                .stack_global("numpy", "clip")
                .raw(b")}Ntb.")
                .0,
        ),
        (
            "an enumeration",
            A::protocol(4)
                .stack_global("transformers.trainer_utils", "IntervalStrategy")
                .text("steps")
                .reduce1()
                .stop(),
        ),
        (
            "a path that is only named",
            A::protocol(4)
                .stack_global("pathlib", "PosixPath")
                .raw(b"(")
                .text("/")
                .text("data")
                .raw(b"tR.")
                .0,
        ),
        (
            "a regular expression",
            A::protocol(4).stack_global("re", "_compile").text("a(b|c)/d").raw(b"K \x86R.").0,
        ),
        (
            "an exception",
            A::protocol(4).stack_global("builtins", "ValueError").text("no / such; value").reduce1().stop(),
        ),
        (
            "a Cython object",
            A::protocol(4)
                .stack_global("sklearn.metrics._dist_metrics", "newObj")
                .stack_global("sklearn.metrics._dist_metrics", "EuclideanDistance64")
                .raw(b"\x85R.")
                .0,
        ),
        (
            "a constructor kept by protocol 2",
            A::protocol(2)
                .global("functools", "partial")
                .global("scipy.stats._stats_py", "LinregressResult.__new__")
                .global("scipy.stats._stats_py", "LinregressResult")
                .raw(b"\x86R.")
                .0,
        ),
    ] {
        let found = crate::rules("m.pkl", &bytes);
        assert!(found.is_empty(), "{what}: {found:?}");
    }
}
