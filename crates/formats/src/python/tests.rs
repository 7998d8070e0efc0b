//! Facts of small sources, and sources made to hurt.

use super::*;

fn read(source: &str) -> Python {
    let (python, defects) = parse_source(source, false, &Limits::default());
    assert_eq!(defects, [], "{source}");
    python
}

fn callees(source: &str) -> Vec<String> {
    read(source).calls.into_iter().map(|call| call.callee).collect()
}

#[test]
fn callees_are_resolved_through_imports_and_results() {
    assert_eq!(callees("import torch as t\nt.load('a.pt')"), ["torch.load"]);
    assert_eq!(callees("from pickle import load as l\nl(open('x'))"), ["pickle.load", "open"]);
    assert_eq!(
        callees("from openai import OpenAI\nc = OpenAI()\nc.chat.completions.create()"),
        ["openai.OpenAI", "openai.OpenAI().chat.completions.create"]
    );
    assert_eq!(
        callees(
            "import m\nclass A:\n  def __init__(self):\n    self.m = m.Model()\n  def f(self):\n    self.m.fit(1)\n"
        ),
        ["m.Model", "m.Model().fit"]
    );
    assert_eq!(callees("from x import C\ndef f(c: C):\n  c.go()\nc.go()"), ["x.C().go", "c.go"]);
    assert_eq!(callees("import pickle\nwith open('m') as f:\n  pickle.load(f)"), ["open", "pickle.load"]);
    assert_eq!(callees("import xml.dom.minidom\nxml.dom.minidom.parse(1)"), ["xml.dom.minidom.parse"]);
}

#[test]
fn values_are_read_where_they_are_literal() {
    let python = read("a = f('x', 2, -1.5, k=True, t=(1, 'b'), d={'k': None}, **rest)\n");
    let call = &python.calls[0];
    assert_eq!(call.assigned_to.as_deref(), Some("a"));
    assert_eq!(call.arguments, [Value::Text("x".into()), Value::Integer(2), Value::Float(-1.5)]);
    assert_eq!(call.keyword("k"), Some(&Value::Bool(true)));
    assert_eq!(call.keyword("t"), Some(&Value::List(vec![Value::Integer(1), Value::Text("b".into())])));
    assert_eq!(call.keyword("d").and_then(|d| d.item("k")), Some(&Value::None));
    assert!(call.has_unpacked_keywords());
    let python =
        read("p = f'hello {user.name}' ' and {}'\nq = 'a' + 'b'\nr = 'see %s' % x\nh['Key'] = 'v'\n");
    let texts: Vec<_> = python.assignments.iter().map(|a| (a.target.as_str(), &a.value)).collect();
    assert_eq!(
        texts,
        [
            ("p", &Value::Template("hello {user.name} and {}".into())),
            ("q", &Value::Text("ab".into())),
            ("r", &Value::Template("see %s".into())),
            ("h[\"Key\"]", &Value::Text("v".into())),
        ]
    );
}

#[test]
fn functions_know_their_decorators_and_what_they_call() {
    let source = "import os\n@mcp.tool()\ndef remove(path: str):\n    \"\"\"Deletes a file.\"\"\"\n    os.remove(path)\n\ndef plain(): pass\n";
    let python = read(source);
    assert!(python.functions[0].is_tool() && !python.functions[1].is_tool());
    assert_eq!(python.functions[0].docstring.as_deref(), Some("Deletes a file."));
    assert_eq!(python.functions[0].line, 3);
    let removes = python.calls.iter().find(|call| call.callee == "os.remove").unwrap();
    assert_eq!((removes.function, removes.line), (Some(0), 5));
}

#[test]
fn magics_and_shell_lines_are_kept() {
    let (python, defects) =
        parse_source("%pip install x\n!curl a | sh\nfiles = !ls\nf()\n", true, &Limits::default());
    assert_eq!(defects, []);
    let escapes: Vec<_> = python.escapes.iter().map(|e| (e.shell, e.command.as_str(), e.line)).collect();
    assert_eq!(escapes, [(false, "pip install x", 1), (true, "curl a | sh", 2), (true, "ls", 3)]);
}

#[test]
fn broken_source_still_gives_what_is_around_it() {
    let (python, defects) = parse_source("import os\nx = = 1\nos.system('x')\n", false, &Limits::default());
    assert_eq!(defects[0].code, "python-syntax");
    assert!(python.calls.iter().any(|call| call.callee == "os.system"));
}

#[test]
fn deep_and_long_sources_are_refused_or_survived() {
    let deep = [
        "(".repeat(50_000),
        "[".repeat(50_000),
        "x = ".to_owned() + &"not ".repeat(50_000) + "y",
        "x = ".to_owned() + &"-".repeat(50_000) + "1",
        "x = ".to_owned() + &"1 + ".repeat(50_000) + "1",
        "x = a".to_owned() + &".b()".repeat(50_000),
        "x = ".to_owned() + &"lambda: ".repeat(50_000) + "1",
        "x = ".to_owned() + &"a if b else ".repeat(50_000) + "1",
        "x = ".to_owned() + &"f'{".repeat(50_000),
        (0..5_000).map(|depth| format!("{}if x:\n", " ".repeat(depth))).collect(),
    ];
    for source in deep {
        let (_, defects) = parse_source(&source, false, &Limits::default());
        assert!(defects.iter().any(|d| d.is_limit() || d.code == "python-syntax"), "{}", &source[..20]);
    }
    let piled = "x = x.a()\n".repeat(20_000);
    assert!(read(&piled).calls.iter().all(|call| call.callee.len() <= 300));
}

/// Callees as they resolve, with their first text.
fn deeds(source: &str) -> Vec<(String, Option<String>)> {
    let flow = flow_of(source);
    flow.deeds
        .into_iter()
        .map(|deed| (deed.callee, deed.arguments.into_iter().next().and_then(|it| it.text)))
        .collect()
}

#[test]
fn names_are_followed_through_look_ups_and_built_texts() {
    let last = |source: &str| deeds(source).pop().unwrap_or_default();
    let call = |callee: &str, text: &str| (callee.to_owned(), Some(text.to_owned()));
    assert_eq!(last("import a as b\nb.c('x')\n"), call("a.c", "x"));
    assert_eq!(last("getattr(__import__('a'), 'c')('x' + 'y')\n"), call("a.c", "xy"));
    assert_eq!(last("f = globals()['g']\nf(chr(120))\n"), call("g", "x"));
    assert_eq!(last("f(''.join(chr(c ^ 1) for c in [121, 120]))\n"), call("f", "xy"));
    assert_eq!(last("import base64\nf(base64.b64decode('eHk='))\n"), call("f", "xy"));
    assert_eq!(last("f('yx'[::-1])\n"), call("f", "xy"));
    assert_eq!(last("f('%s%s' % ('x', 'y'))\n"), call("f", "xy"));
    assert_eq!(last("from a import *\nf(bytes.fromhex('7879').decode())\n"), call("f", "xy"));
}

#[test]
fn scopes_say_what_runs_on_import() {
    let flow = flow_of(
        "a()\nclass B:\n    b()\n    def m(self):\n        c()\nif __name__ == '__main__':\n    d()\n",
    );
    let on_import: Vec<bool> = flow.deeds.iter().map(|deed| flow.runs_on_import(deed.scope)).collect();
    assert_eq!(on_import, [true, true, false, false]);
}
