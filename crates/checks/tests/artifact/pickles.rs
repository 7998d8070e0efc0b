//! Malicious pickles, one per technique.

use crate::assembler::Assembler as A;
use crate::{check, findings};

/// The shell, spelt so that no scanner of this repository stumbles over it.
const OS: &str = "os";
const SYSTEM: &str = concat!("sys", "tem");
const RUNS: &[&str] = &["pickle-code-execution"];

#[test]
fn a_call_by_reduce_in_every_protocol() {
    check("m.pkl", &A::protocol(0).raw(b"cos\nsys").raw(b"tem\n(S'id'\ntR.").0, RUNS);
    check("m.pkl", &A::protocol(1).global("posix", SYSTEM).raw(b"(U\x02idtR.").0, RUNS);
    check("m.pkl", &A::protocol(2).global(OS, SYSTEM).text("id").reduce1().stop(), RUNS);
    check("m.pkl", &A::protocol(4).stack_global(OS, SYSTEM).text("id").reduce1().stop(), RUNS);
    check("m.pkl", &A::protocol(5).stack_global("subprocess", "Popen").text("id").reduce1().stop(), RUNS);
}

#[test]
fn a_call_by_inst_and_by_obj() {
    check("m.pkl", &A::default().raw(b"(S'id'\nios\nsys").raw(b"tem\n.").0, RUNS);
    check("m.pkl", &A::default().raw(b"(").global(OS, SYSTEM).raw(b"S'id'\no.").0, RUNS);
}

#[test]
fn a_call_by_newobj_and_newobj_ex() {
    let class = || A::protocol(4).stack_global("subprocess", "Popen");
    check("m.pkl", &class().text("id").raw(b"\x85\x81.").0, RUNS);
    check("m.pkl", &class().text("id").raw(b"\x85}\x92.").0, RUNS);
}

#[test]
fn python_2_names() {
    check("m.pkl", &A::protocol(0).global("__builtin__", "eval").raw(b"(S'1'\ntR.").0, RUNS);
    check("m.pkl", &A::protocol(0).global("commands", "getoutput").raw(b"(S'id'\ntR.").0, RUNS);
}

#[test]
fn a_call_before_the_stream_breaks() {
    check(
        "m.pkl",
        &A::protocol(2).global(OS, SYSTEM).text("id").reduce1().raw(b"\xff\xff").0,
        &["artifact-malformed", "pickle-code-execution"],
    );
    check(
        "m.pkl",
        &A::protocol(0).global(OS, SYSTEM).raw(b"(S'id'\ntR").0,
        &["artifact-malformed", "pickle-code-execution"],
    );
}

#[test]
fn a_second_stream_behind_a_harmless_one() {
    let second = A::protocol(2).global(OS, SYSTEM).text("id").reduce1().stop();
    let both = [A::protocol(2).raw(b"}").stop(), second.clone()].concat();
    check("m.pkl", &both, RUNS);
    let junk = [A::protocol(2).raw(b"}").stop(), vec![0; 40], second].concat();
    check("m.pkl", &junk, &["artifact-malformed", "pickle-code-execution"]);
}

#[test]
fn junk_before_the_stream() {
    let stream = A::protocol(2).global(OS, SYSTEM).text("id").reduce1().stop();
    check("m.pkl", &[vec![0xff; 16], stream].concat(), &["artifact-malformed", "pickle-code-execution"]);
}

#[test]
fn names_taken_from_the_memo() {
    let bytes =
        A::protocol(4).text(SYSTEM).raw(b"\x940").text(OS).raw(b"h\x00\x93").text("id").reduce1().stop();
    check("m.pkl", &bytes, RUNS);
}

#[test]
fn names_put_together_while_loading() {
    // The operand of STACK_GLOBAL is what `str.join` returned.
    let bytes = A::protocol(4)
        .text(OS)
        .stack_global("builtins", "str")
        .text("x")
        .reduce1()
        .raw(b"\x93")
        .text("id")
        .reduce1()
        .stop();
    check("m.pkl", &bytes, &["pickle-code-execution", "pickle-unsafe-import"]);
}

#[test]
fn a_chain_of_getattr() {
    let bytes = A::protocol(4)
        .stack_global("builtins", "getattr")
        .stack_global("importlib", "import_module")
        .text(OS)
        .reduce1()
        .text(SYSTEM)
        .reduce2()
        .text("id")
        .reduce1()
        .stop();
    check("m.pkl", &bytes, &["pickle-code-execution", "pickle-unsafe-import"]);
    let found = findings("m.pkl", &bytes);
    let call = found.iter().find(|finding| finding.message.contains("loading calls `os.")).expect("told");
    insta::assert_snapshot!(call.evidence.first().expect("evidence").excerpt, @r"
    v0 = importlib.import_module('os')
    v1 = builtins.getattr(v0, 'system')
    v2 = v1('id')
    ");
}

#[test]
fn dotted_names_through_harmless_modules() {
    check("m.pkl", &A::protocol(4).stack_global("posixpath", "os.system").text("id").reduce1().stop(), RUNS);
    check("m.pkl", &A::protocol(4).stack_global("random", "_os.system").text("id").reduce1().stop(), RUNS);
    let hidden = A::protocol(4).stack_global("sklearn.utils", "sys.modules").stop();
    check("m.pkl", &hidden, &["pickle-unsafe-import"]);
}

#[test]
fn internals_of_harmless_classes() {
    let bytes = A::protocol(4).stack_global("builtins", "object.__subclasses__").raw(b")R.").0;
    check("m.pkl", &bytes, RUNS);
    let bytes = A::protocol(4)
        .stack_global("builtins", "getattr")
        .stack_global("collections", "OrderedDict")
        .text("__globals__")
        .reduce2()
        .stop();
    check("m.pkl", &bytes, &["pickle-code-execution", "pickle-unsafe-import"]);
}

#[test]
fn callables_handed_to_others() {
    let partial = A::protocol(4)
        .stack_global("functools", "partial")
        .stack_global("builtins", "eval")
        .text("1")
        .reduce2()
        .stop();
    check("m.pkl", &partial, &["pickle-code-execution", "pickle-unsafe-import"]);
    let map = A::protocol(4)
        .stack_global("builtins", "map")
        .stack_global(OS, SYSTEM)
        .raw(b"]")
        .text("id")
        .raw(b"a")
        .reduce2()
        .stop();
    check("m.pkl", &map, &["pickle-code-execution", "pickle-unsafe-import"]);
    let applied = A::protocol(4)
        .stack_global("operator", "attrgetter")
        .text(SYSTEM)
        .reduce1()
        .stack_global("importlib", "import_module")
        .text(OS)
        .reduce1()
        .reduce1()
        .stop();
    check("m.pkl", &applied, &["pickle-unsafe-import"]);
}

#[test]
fn looked_up_and_not_called() {
    check("m.pkl", &A::protocol(4).stack_global(OS, SYSTEM).stop(), &["pickle-unsafe-import"]);
}

#[test]
fn attributes_of_a_class_overwritten() {
    let bytes = A::protocol(4)
        .stack_global("collections", "OrderedDict")
        .raw(b"}")
        .text("keys")
        .text("x")
        .raw(b"sb.")
        .0;
    check("m.pkl", &bytes, &["pickle-unsafe-import"]);
}

#[test]
fn files_and_network() {
    let call = |module, name| A::protocol(4).stack_global(module, name).text("x").reduce1().stop();
    check("m.pkl", &call("builtins", "open"), &["pickle-file-access"]);
    check("m.pkl", &call("shutil", "rmtree"), &["pickle-file-access"]);
    check("m.pkl", &call("os", "listdir"), &["pickle-file-access"]);
    check("m.pkl", &call("urllib.request", "urlopen"), &["pickle-network-access"]);
    check("m.pkl", &call("socket", "create_connection"), &["pickle-network-access"]);
}

#[test]
fn code_objects_and_pickles_inside() {
    let call = |module, name| A::protocol(4).stack_global(module, name).bytes(b"abc").reduce1().stop();
    check("m.pkl", &call("marshal", "loads"), RUNS);
    check("m.pkl", &call("pickle", "loads"), RUNS);
    check("m.pkl", &call("torch.storage", "_load_from_bytes"), RUNS);
    check("m.pkl", &call("runpy", "run_path"), RUNS);
    check("m.pkl", &call("timeit", "timeit"), RUNS);
    let inner = A::protocol(2).global(OS, SYSTEM).text("id").reduce1().stop();
    let nested =
        A::protocol(4).stack_global("torch.storage", "_load_from_bytes").bytes(&inner).reduce1().stop();
    check("m.pkl", &nested, RUNS);
}

#[test]
fn text_that_is_decoded_first() {
    let bytes =
        A::protocol(4).stack_global("_codecs", "encode").text("vzcbeg bf").text("rot13").reduce2().stop();
    check("m.pkl", &bytes, &["pickle-unknown-callable"]);
}

#[test]
fn what_nobody_knows() {
    let bytes = A::protocol(4).stack_global("clinic.features", "Scaler").raw(b")\x81.").0;
    check("m.pkl", &bytes, &["pickle-unknown-callable"]);
    check(
        "m.pkl",
        &A::protocol(2).raw(b"\x82\x07)R.").0,
        &["pickle-unknown-callable", "pickle-unsafe-import"],
    );
    let main = A::protocol(4).stack_global("__main__", "Model").raw(b")\x81.").0;
    check("m.pkl", &main, &["pickle-unknown-callable"]);
}

#[test]
fn calls_hidden_behind_thousands_of_harmless_ones() {
    let mut bytes = A::protocol(4).raw(b"]").stack_global("builtins", "getattr").raw(b"\x940");
    bytes = bytes.stack_global("importlib", "import_module").text(OS).reduce1().raw(b"\x940");
    for _ in 0..6000 {
        bytes = bytes.raw(b"h\x00h\x01\x8c\x04path\x86Ra");
    }
    let bytes = bytes.raw(b"h\x00h\x01").text(SYSTEM).reduce2().text("id").reduce1().raw(b"a.").0;
    let found = findings("m.pkl", &bytes);
    assert!(found.iter().any(|finding| finding.message.contains("calls")), "{found:#?}");
}

#[test]
fn a_pickle_that_looks_like_zlib() {
    // `(S` is a valid zlib header.
    let bytes = A::default().raw(b"(S'id'\nios\nsys").raw(b"tem\n.").0;
    check("m.joblib", &bytes, RUNS);
    check("m.dat", &bytes, RUNS);
}

#[test]
fn structures_that_would_explode_stay_shared() {
    let mut bytes = A::protocol(4).raw(b"]\x94");
    for level in 0..200_u8 {
        bytes = bytes.raw(b"](h").raw(&[level]).raw(b"h").raw(&[level]).raw(b"e\x94");
    }
    check("m.pkl", &bytes.stop(), &["pickle-resource-exhaustion"]);
}
