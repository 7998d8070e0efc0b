//! Techniques against pickles as tables: one line each, and what is said about it.

use crate::assembler::Assembler as A;
use crate::{check, rules};

const CODE: &str = "pickle-code-execution";
const FILES: &str = "pickle-file-access";
const NETWORK: &str = "pickle-network-access";
const REACH: &str = "pickle-unsafe-import";
const UNKNOWN: &str = "pickle-unknown-callable";
const EXHAUSTION: &str = "pickle-resource-exhaustion";

/// A call of `module.name` with one text.
fn call(module: &str, name: &str, argument: &str) -> Vec<u8> {
    A::protocol(4).stack_global(module, name).text(argument).reduce1().stop()
}

#[test]
fn a_call_is_judged_by_what_it_does() {
    for (module, name, argument, expected) in [
        // Code and processes.
        ("os", concat!("sys", "tem"), "id", CODE),
        ("posix", "popen", "id", CODE),
        ("nt", "startfile", "x", CODE),
        ("commands", "getoutput", "id", CODE),
        ("builtins", "exec", "1", CODE),
        ("__builtin__", "execfile", "x", CODE),
        ("subprocess", "check_output", "id", CODE),
        ("asyncio.subprocess", "create_subprocess_shell", "id", CODE),
        ("multiprocessing.util", "spawnv_passfds", "x", CODE),
        ("runpy", "run_module", "x", CODE),
        ("code", "InteractiveInterpreter", "x", CODE),
        ("timeit", "main", "x", CODE),
        ("cProfile", "run", "x", CODE),
        ("bdb", "Bdb.run", "x", CODE),
        ("pdb", "run", "x", CODE),
        ("doctest", "debug_script", "x", CODE),
        ("idlelib.pyshell", "ModifiedInterpreter.runcommand", "x", CODE),
        ("lib2to3.pgen2.grammar", "Grammar.loadgrammar", "x", CODE),
        ("test.support.script_helper", "assert_python_ok", "x", CODE),
        ("distutils.spawn", "spawn", "x", CODE),
        ("setuptools", "setup", "x", CODE),
        ("pip", "main", "x", CODE),
        ("ensurepip", "_run_pip", "x", CODE),
        ("venv", "create", "x", CODE),
        ("pydoc", "pipepager", "x", CODE),
        ("webbrowser", "open", "x", CODE),
        ("ctypes", "CDLL", "x", CODE),
        ("marshal", "loads", "x", CODE),
        ("cPickle", "loads", "x", CODE),
        ("joblib", "load", "x", CODE),
        ("numpy", "load", "x", CODE),
        ("pandas", "read_pickle", "x", CODE),
        ("numpy.testing._private.utils", "runstring", "x", CODE),
        ("numpy.f2py.crackfortran", "getlincoef", "x", CODE),
        ("torch", "load", "x", CODE),
        ("torch.hub", "load", "x", CODE),
        ("torch.utils.collect_env", "run", "x", CODE),
        ("torch._dynamo.guards", "GuardBuilder.get", "x", CODE),
        ("torch.fx.graph_module", "_forward_from_src", "x", CODE),
        ("cloudpickle", "loads", "x", CODE),
        ("dill", "loads", "x", CODE),
        ("dill._dill", "_eval_repr", "exit()", CODE),
        // Files.
        ("builtins", "open", "x", FILES),
        ("io", "open", "x", FILES),
        ("shutil", "rmtree", "x", FILES),
        ("pathlib", "Path.write_text", "x", FILES),
        ("linecache", "getlines", "x", FILES),
        ("os", "listdir", "x", FILES),
        ("tarfile", "open", "x", FILES),
        ("sqlite3", "connect", "x", FILES),
        ("posixpath", "exists", "x", FILES),
        ("numpy", "save", "x", FILES),
        ("pandas", "read_csv", "x", FILES),
        // Network.
        ("socket", "create_connection", "x", NETWORK),
        ("urllib.request", "urlopen", "x", NETWORK),
        ("urllib2", "urlopen", "x", NETWORK),
        ("ssl", "get_server_certificate", "x", NETWORK),
        ("smtplib", "SMTP", "x", NETWORK),
        ("ftplib", "FTP", "x", NETWORK),
        ("requests.api", "get", "x", NETWORK),
        ("paramiko", "SSHClient", "x", NETWORK),
        // Time and memory.
        ("time", "sleep", "x", EXHAUSTION),
        ("sys", "exit", "x", EXHAUSTION),
        // What nobody has said anything about.
        ("statsmodels.nobody", "knows", "x", UNKNOWN),
        ("clinic.features", "load_all", "x", UNKNOWN),
        ("__main__", "start", "x", UNKNOWN),
        ("sched2", "Runner", "/bin/x", UNKNOWN),
        ("zoneinfo", "reset_tzpath", "x", UNKNOWN),
        ("sklearn.utils", "Anything", "/etc/x", UNKNOWN),
    ] {
        let found = rules("m.pkl", &call(module, name, argument));
        assert!(found.iter().any(|rule| rule == expected), "{module}.{name}: {found:?}, not {expected}");
    }
}

#[test]
fn ways_to_reach_a_name() {
    let system = concat!("sys", "tem");
    let module = || A::protocol(4).stack_global("importlib", "import_module").text("os").reduce1();
    let chains: &[(&str, Vec<u8>, &str)] = &[
        ("a dotted name", call("posixpath", &format!("os.{system}"), "id"), CODE),
        ("a module in a module", A::protocol(4).stack_global("shutil", "os").stop(), REACH),
        ("a module in a harmless module", A::protocol(4).stack_global("random", "_os").stop(), REACH),
        (
            "NumPy's look-up of functions by name",
            A::protocol(4)
                .stack_global("numpy.core", "_ufunc_reconstruct")
                .text("os")
                .text(system)
                .reduce2()
                .text("id")
                .reduce1()
                .stop(),
            CODE,
        ),
        (
            "pkgutil.resolve_name",
            A::protocol(4)
                .stack_global("pkgutil", "resolve_name")
                .text(&format!("os:{system}"))
                .reduce1()
                .text("id")
                .reduce1()
                .stop(),
            CODE,
        ),
        (
            "dill's import of a dotted name",
            A::protocol(4)
                .stack_global("dill._dill", "_import_module")
                .text(&format!("os.{system}"))
                .reduce1()
                .text("id")
                .reduce1()
                .stop(),
            CODE,
        ),
        (
            "cloudpickle's import of a module",
            A::protocol(4).stack_global("cloudpickle.cloudpickle", "subimport").text("os").reduce1().stop(),
            REACH,
        ),
        ("an import by name", module().stop(), REACH),
        (
            "a name joined from pieces",
            A::protocol(4)
                .text("os")
                .stack_global("builtins", "str.join")
                .text("")
                .raw(b"](")
                .text("sys")
                .text("tem")
                .raw(b"e")
                .reduce2()
                .raw(b"\x93")
                .text("id")
                .reduce1()
                .stop(),
            CODE,
        ),
        (
            "a name that is decoded",
            A::protocol(4)
                .text("os")
                .stack_global("codecs", "decode")
                .text("flfgrz")
                .text("rot13")
                .reduce2()
                .raw(b"\x93")
                .text("id")
                .reduce1()
                .stop(),
            CODE,
        ),
        (
            "a name that cannot be worked out",
            A::protocol(4)
                .text("os")
                .stack_global("clinic", "word")
                .raw(b")R\x93")
                .text("id")
                .reduce1()
                .stop(),
            REACH,
        ),
        (
            "internals of a class",
            A::protocol(4).stack_global("builtins", "int.__class__.__base__.__subclasses__").raw(b")R.").0,
            CODE,
        ),
    ];
    for (technique, bytes, expected) in chains {
        let found = rules("m.pkl", bytes);
        assert!(found.iter().any(|rule| rule == expected), "{technique}: {found:?}, not {expected}");
    }
}

#[test]
fn classes_of_strangers_are_notes_and_functions_are_not() {
    for (technique, bytes, severe) in [
        ("an instance", A::protocol(4).stack_global("clinic.features", "Scaler").raw(b")\x81}b.").0, false),
        (
            "an instance of this program",
            A::protocol(4).stack_global("__main__", "Model").raw(b")\x81.").0,
            false,
        ),
        ("an old instance", A::default().raw(b"(iclinic\nScaler\n.").0, false),
        (
            "a class made with a number",
            A::protocol(4).stack_global("clinic", "Colour").raw(b"K\x01\x85R.").0,
            false,
        ),
        ("a function that is kept", A::protocol(4).stack_global("clinic", "tokenise").stop(), false),
        ("a function that is called", A::protocol(4).stack_global("clinic", "tokenise").raw(b")R.").0, true),
        ("a class made with a path", call("clinic", "Reader", "/etc/x"), true),
        (
            "a class of the standard library",
            A::protocol(4).stack_global("sched", "scheduler").raw(b")\x81.").0,
            true,
        ),
        (
            "a known library's class",
            A::protocol(4).stack_global("sklearn.svm._classes", "SVC").raw(b")\x81}b.").0,
            false,
        ),
    ] {
        let found = crate::findings("m.pkl", &bytes);
        let severest = found.iter().map(|finding| finding.severity).max();
        assert_eq!(severest >= Some(vauban_domain::Severity::Medium), severe, "{technique}: {found:#?}");
    }
}

/// A function as cloudpickle writes it, with these names and constants.
fn function(names: &[&str], constant: &str) -> Vec<u8> {
    let mut code = A::protocol(4)
        .stack_global("cloudpickle.cloudpickle", "_make_function")
        .raw(b"(")
        .stack_global("cloudpickle.cloudpickle", "_builtin_type")
        .text("CodeType")
        .reduce1()
        .raw(b"(K\x01K\x00K\x00K\x01K\x02KC")
        .bytes(b"\x97\x00|\x00S\x00")
        .raw(b"N")
        .text(constant)
        .raw(b"\x86(");
    for name in names {
        code = code.text(name);
    }
    code.raw(b"t")
        .text("x")
        .raw(b"\x85")
        .text("m.py")
        .text("<lambda>")
        .raw(b"K\x01")
        .bytes(b"")
        .raw(b"tR}NN)tR.")
        .0
}

#[test]
fn functions_in_the_file_are_judged_by_their_names() {
    check("m.pkl", &function(&[], "a"), &["python-bytecode"]);
    check("m.pkl", &function(&["np", "maximum"], "a"), &["python-bytecode"]);
    check("m.pkl", &function(&["os", "path", "join"], "a"), &["python-bytecode"]);
    let harm: &[&str] = &["python-bytecode", "python-bytecode-execution"];
    check("m.pkl", &function(&["os", concat!("sys", "tem")], "id"), harm);
    check("m.pkl", &function(&["eval"], "1"), harm);
    check("m.pkl", &function(&["open", "read"], "/etc/passwd"), harm);
    check("m.pkl", &function(&["getattr"], "popen"), harm);
    let called = [&function(&[], "a")[..function(&[], "a").len() - 1], b")R."].concat();
    check("m.pkl", &called, &["pickle-code-execution", "python-bytecode"]);
    let hidden =
        A::protocol(4).stack_global("types", "CodeType").stack_global("clinic", "code").raw(b")R\x85R.").0;
    check("m.pkl", &hidden, &["pickle-unknown-callable", "python-bytecode"]);
}

#[test]
fn where_a_stream_can_hide() {
    let evil = A::protocol(2).global("os", concat!("sys", "tem")).text("id").reduce1().stop();
    let held = |bytes: &[u8]| A::protocol(4).raw(b"}").text("state").bytes(bytes).raw(b"s.").0;
    let hexadecimal: String = evil.iter().map(|byte| format!("{byte:02x}")).collect();
    let cut = &evil[..evil.len() - 1];
    for (technique, name, bytes) in [
        ("in a byte string", "m.pkl", held(&evil)),
        ("as hexadecimal", "m.pkl", A::protocol(4).text(&hexadecimal).stop()),
        ("behind junk", "m.bin", [vec![0xfe; 100], evil.clone()].concat()),
        ("without an end", "m.pkl", cut.to_vec()),
        ("before what is no opcode", "m.dat", [cut, &[0xff, 0xff]].concat()),
        ("without an extension", "model", evil.clone()),
        ("under a foreign extension", "m.h5", evil.clone()),
        ("behind another stream", "m.pkl", [A::protocol(4).raw(b"N").stop(), evil.clone()].concat()),
        (
            "without a protocol",
            "m.pkl",
            A::default().global("os", concat!("sys", "tem")).raw(b"(S'id'\ntR.").0,
        ),
    ] {
        let found = rules(name, &bytes);
        assert!(found.iter().any(|rule| rule == CODE), "{technique}: {found:?}");
    }
}

#[test]
fn what_takes_time_or_memory() {
    let list = |count: i32| {
        A::protocol(4)
            .stack_global("builtins", "bytearray")
            .raw(b"\x8a\x06")
            .raw(&i64::from(count).wrapping_mul(1 << 20).to_le_bytes()[..6])
            .raw(b"\x85R.")
            .0
    };
    let mut doubled = A::protocol(4).raw(b"K\x01");
    for _ in 0..64 {
        doubled = doubled.raw(b"2\x86");
    }
    let as_key = [b"\x80\x04}".to_vec(), doubled.0[2..].to_vec(), b"Ns.".to_vec()].concat();
    for (technique, bytes) in [
        ("a tuple of itself, 64 times", doubled.stop()),
        ("a dictionary key that is never hashed to its end", as_key),
        ("a byte array of terabytes", list(1 << 20)),
        ("a place of the memo far away", A::protocol(2).raw(b"Nr\xff\xff\xff\x7f.").0),
        ("lists inside one another", [vec![b']'; 30_000], vec![b'a'; 29_999], b".".to_vec()].concat()),
        (
            "a power of a power",
            A::protocol(4).stack_global("operator", "pow").raw(b"K\x0aJ\x00\xca\x9a\x3b\x86R.").0,
        ),
    ] {
        let found = rules("m.pkl", &bytes);
        assert!(found.iter().any(|rule| rule == EXHAUSTION), "{technique}: {found:?}");
    }
}

/// A code object as Python 3.8 marshals it, with these names, in a `.pyc` of 3.8 if it is a module.
fn marshalled(module: bool, names: &[&str]) -> Vec<u8> {
    let text = |text: &str| [&[b'z', text.len() as u8], text.as_bytes()].concat();
    let mut out = if module { [b"U\x0d\r\n".as_slice(), &[0; 12]].concat() } else { Vec::new() };
    out.push(0xe3);
    for number in [0_u32, 0, 0, 0, 2, 64] {
        out.extend(number.to_le_bytes());
    }
    out.extend([b's', 4, 0, 0, 0, 0x64, 0, 0x53, 0, b')', 1, b'N', b')', names.len() as u8]);
    names.iter().for_each(|name| out.extend(text(name)));
    out.extend(b")\x00)\x00)\x00");
    out.extend([text("a.py"), text(if module { "<module>" } else { "<lambda>" })].concat());
    out.extend([1, 0, 0, 0, b's', 0, 0, 0, 0]);
    out
}

#[test]
fn marshalled_code() {
    let system = concat!("sys", "tem");
    let note: &[&str] = &["python-bytecode"];
    let harm: &[&str] = &["python-bytecode", "python-bytecode-execution"];
    for (name, module, names, expected) in [
        ("f.marshal", false, &["np", "maximum"][..], note),
        ("f.marshal", false, &["os", system], harm),
        ("f.marshal", false, &["exec"], harm),
        ("m.pyc", true, &["os", "path", "subprocess", "socket"], note),
        ("m.pyc", true, &["os", system], harm),
        ("m.pyc", true, &["subprocess", "run"], harm),
        ("payload.bin", false, &["eval"], harm),
    ] {
        check(name, &marshalled(module, names), expected);
    }
}
