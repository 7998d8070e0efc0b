//! Facts of small sources, and sources made to hurt.

use super::*;
use crate::python::Value;

fn read(source: &str) -> Script {
    let (script, stopped) = parse_source(source, true, 100_000);
    assert!(!stopped, "{source}");
    script
}

fn callees(source: &str) -> Vec<String> {
    read(source).calls.into_iter().map(|call| call.callee).collect()
}

#[test]
fn callees_are_resolved_through_imports_and_results() {
    assert_eq!(
        callees(
            "import OpenAI from 'openai';\nconst c = new OpenAI({ apiKey: k });\nawait c.chat.completions.create({})"
        ),
        ["openai.default", "openai.default().chat.completions.create"]
    );
    assert_eq!(
        callees("import { ChatOpenAI as Chat } from \"@langchain/openai\"; new Chat()"),
        ["@langchain/openai.ChatOpenAI"]
    );
    assert_eq!(callees("import * as ai from 'ai'\nai.generateText({})"), ["ai.generateText"]);
    assert_eq!(
        callees("const { exec: run } = require('node:child_process'); run(x)"),
        ["child_process.exec"]
    );
    assert_eq!(callees("const cp = require('child_process')\ncp.exec(x)"), ["child_process.exec"]);
    assert_eq!(
        callees("class A { constructor() { this.c = new Client() } go() { this.c.send(1) } }"),
        ["Client", "Client().send"]
    );
    assert_eq!(callees("const c: Client = new Client<Foo, Bar>(); c.go()"), ["Client", "Client().go"]);
}

#[test]
fn values_are_read_where_they_are_literal() {
    let script = read(
        "f({ model: 'm', 'max-tokens': 3, t: -1.5, on: true, list: [1, 'a'], ...rest, short, run() { g() }, d: { k: null } })",
    );
    let call = script.calls.iter().find(|call| call.callee == "f").unwrap_or_else(|| unreachable!());
    let options = &call.arguments[0];
    assert_eq!(options.item("model"), Some(&Value::Text("m".into())));
    assert_eq!(options.item("max-tokens"), Some(&Value::Integer(3)));
    assert_eq!(options.item("t"), Some(&Value::Float(-1.5)));
    assert_eq!(options.item("on"), Some(&Value::Bool(true)));
    assert_eq!(options.item("short"), Some(&Value::Name("short".into())));
    assert_eq!(options.item("d").and_then(|d| d.item("k")), Some(&Value::None));
    let script =
        read("const u = process.env.URL ?? 'http://a.example/v1'; const t = `x ${u} y`; const s = 'a' + b;");
    let values: Vec<_> = script.assignments.iter().map(|a| &a.value).collect();
    assert_eq!(
        values,
        [
            &Value::Text("http://a.example/v1".into()),
            &Value::Template("x {u} y".into()),
            &Value::Template("a{b}".into())
        ]
    );
}

#[test]
fn strings_comments_patterns_and_elements_hide_nothing_and_show_nothing() {
    assert_eq!(callees("// f()\n/* g() */ const s = 'h()'; const r = /i('\\/)/g; j()"), ["j"]);
    assert_eq!(callees("const a = b / c; d(); e / f()"), ["d", "f"]);
    assert_eq!(callees("const t = `a ${f(`b ${g()}`)} c`; h()"), ["h", "g", "f"]);
    assert_eq!(
        callees("const v = <p title=\"x\">Don't {f(1)} <b onClick={() => g()}>it's</b></p>; h('a')"),
        ["h", "f", "g"]
    );
    assert_eq!(callees("if (a < b) { f() } else if (c) { g() } for (;;) { h() }"), ["f", "g", "h"]);
}

#[test]
fn functions_know_their_names_and_whose_argument_they_are() {
    let script = read(
        "const t = tool({ description: 'x', execute: async ({ c }) => { return execSync(c) } });\nfunction plain(a) { f() }\nconst arrow = (a: string): number => g(a);\n",
    );
    let names: Vec<_> = script.functions.iter().map(|f| (f.name.as_str(), f.given_to)).collect();
    assert_eq!(names, [("execute", Some(0)), ("plain", None), ("arrow", None)]);
    let made_in: Vec<_> = script.calls.iter().map(|call| (call.callee.as_str(), call.function)).collect();
    assert_eq!(made_in, [("tool", None), ("execSync", Some(0)), ("f", Some(1)), ("g", Some(2))]);
    assert_eq!(script.calls[0].assigned_to.as_deref(), Some("t"));
}

#[test]
fn answers_are_followed_through_destructuring() {
    let script = read(
        "import { generateText } from 'ai';\nconst { text } = await generateText({ prompt });\neval(text);",
    );
    assert_eq!(script.calls[1].arguments, [Value::Name("ai.generateText().text".into())]);
    assert_eq!(script.assignments[0].value, Value::Call("ai.generateText".into()));
}

#[test]
fn sources_made_to_hurt_end() {
    for source in [
        "(".repeat(200_000),
        ")".repeat(200_000),
        "([{".repeat(50_000),
        "(]".repeat(100_000),
        "`${".repeat(50_000),
        "<a>{".repeat(50_000),
        "a=>".repeat(100_000),
        "f(".repeat(100_000),
        "a.".repeat(100_000),
        "a.b().c=".repeat(50_000),
        "x<".repeat(100_000),
        "{a:".repeat(100_000),
        "\\u{".repeat(1_000),
        "'\\".to_owned(),
        "import {".repeat(20_000),
        "é`${é}`<é>{é}".repeat(100),
    ] {
        let (script, _) = parse_source(&source, true, 2_000_000);
        assert!(script.calls.iter().all(|call| call.callee.len() <= NAME_BOUND));
    }
}

const NAME_BOUND: usize = 300;
