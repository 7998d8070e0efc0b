use super::*;

fn read_all(text: &str) -> Jinja {
    let (jinja, defects) = read(text, true, &Budget::default());
    assert_eq!(defects, [], "{text}");
    jinja
}

fn unread(body: &[Statement]) -> usize {
    body.iter().filter(|statement| matches!(statement.kind, Kind::Unread(_))).count()
}

#[test]
fn statements_and_expressions_are_read() {
    let text = "{%- set ns = namespace(a=1, b=[]) -%}{% for m in messages if m.role != 'x' -%}\
        {% if loop.first and not m['content'] is none and m.content is not defined or 'a' not in m.content[1:-1:2] %}\
        {{- '<|' ~ m.role + '|>' ~ (m.content | trim | replace('a', \"b\\n\")) }}{% elif m is mapping %}{% else %}x{% endif %}\
        {% set ns.a = ns.a + 1 %}{%- endfor %}{% macro f(a, b=2) %}{{ a if b == 2 else {'k': [1, 2.5e3]} }}{% endmacro %}\
        {% call(x) f(1) %}y{% endcall %}{% filter upper %}z{% endfilter %}{% generation %}g{% endgeneration %}\
        {% set block | trim %}q{% endset %}{% raw %}{{ not read }}{% endraw %}{# comment #}{% do ns.b.append(1) %}\
        {% break %}{{ x is divisibleby 3 }}{{ a.0 }}{{ messages[::-1] }}{{ 10 ** -2 // 3 % 4 }}{% with a = 1, b = 2 %}{% endwith %}";
    let jinja = read_all(text);
    assert_eq!(unread(&jinja.body), 0);
    assert_eq!(jinja.body.len(), 15);
}

#[test]
fn escapes_are_undone() {
    let jinja = read_all("{{ '\\x5f\\u005fclass\\137\\n' }}");
    assert_eq!(jinja.body[0].kind, Kind::Output(Expression::Text("__class_\n".to_owned())));
}

#[test]
fn what_cannot_be_read_is_kept_and_the_rest_goes_on() {
    let jinja = read_all("{{ a ? b }}{% frobnicate %}{{ ok }}{% endif %}{{ ok }}");
    assert_eq!(unread(&jinja.body), 2);
    assert_eq!(jinja.body.len(), 4);
}

#[test]
fn hostile_templates_end() {
    let deep = "{% if a %}".repeat(10_000);
    assert_eq!(read(&deep, true, &Budget::default()).1[0].code, "limit-depth");
    for text in [
        format!("{{{{ {} }}}}", "(".repeat(100_000)),
        format!("{{{{ {} }}}}", "not ".repeat(100_000)),
        format!("{{{{ a{} }}}}", ".b".repeat(100_000)),
        format!("{{{{ {}a }}}}", "a+".repeat(100_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(100_000)),
    ] {
        assert_eq!(unread(&read(&text, true, &Budget::default()).0.body), 1);
    }
    let sample = "{%- for m in messages %}{{ m['a\\x41'] | f(1, b=2) }}{% if x %}é{% endif %}{% raw %}{% endraw %}{%endfor%}{{ {1:[2]} }}";
    let bytes = sample.as_bytes();
    for at in 0..bytes.len() {
        for byte in [0, b'{', b'}', b'%', b'"', b'\\', b'(', 0xff] {
            let mut changed = bytes.to_vec();
            changed[at] = byte;
            let budget = Budget::default();
            let _ = (FORMAT.parse)(&Input::new("a.jinja", &changed, &budget));
            let _ = (FORMAT.parse)(&Input::new("a.jinja", &changed[..at], &budget));
        }
    }
}
