use super::*;
use crate::{Budget, Limits};

fn read(name: &str, text: &str) -> Vec<String> {
    let budget = Budget::new(Limits::default());
    let input = Input::new(name, text.as_bytes(), &budget);
    let parsed = crate::parse(&input);
    let Facts::Instantiation(facts) = parsed.facts else { return vec![parsed.format.to_owned()] };
    facts
        .targets
        .iter()
        .map(|target| {
            format!("{}: {:?} {} {:?}", target.line, target.way, target.name, target.arguments.join(", "))
        })
        .collect()
}

#[test]
fn every_way_to_name_an_object_is_read() {
    insta::assert_debug_snapshot!(read(
        "config.yaml",
        "model:\n  _target_: torch.nn.Linear\n  in_features: 4\n  init:\n    _target_: os.system\n    command: id\n"
    ), @r#"
    [
        "2: Called torch.nn.Linear \"in_features=4, init._target_=os.system, init.command=id\"",
        "5: Called os.system \"command=id\"",
    ]
    "#);
    insta::assert_debug_snapshot!(read(
        "config.yaml",
        "names:\n  library: os\nhook:\n  _target_: ${names.library}.system\nother:\n  _target_: ${not.there}\n"
    ), @r#"
    [
        "4: Called os.system \"\"",
    ]
    "#);
    insta::assert_debug_snapshot!(read(
        "a.yml",
        "a: !!python/object/apply:os.system [id]\nb: !!python/name:os.getcwd\nc: !!python/tuple [1, 2]\n"
    ), @r#"
    [
        "1: Applied os.system \"id\"",
        "2: Looked os.getcwd \"\"",
    ]
    "#);
    insta::assert_debug_snapshot!(read(
        "a.yaml",
        "%TAG !p! tag:yaml.org,2002:python/object/\n---\n!p!apply:subprocess.Popen\nargs: [[touch, x]]\n"
    ), @r#"
    [
        "4: Applied subprocess.Popen \"args, touch, x\"",
    ]
    "#);
    insta::assert_debug_snapshot!(read(
        "a.json",
        r#"{"x": {"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["id"]}]}}"#
    ), @r#"
    [
        "1: Applied os.system \"os.system, id\"",
        "1: Looked os.system \"\"",
    ]
    "#);
}

#[test]
fn other_configuration_is_left_to_others() {
    for text in
        ["a: 1\n", "class_path: /opt/app.jar\n", "note: 'the _target_ key'\n", "_target_: not a name\n"]
    {
        assert_eq!(read("a.yaml", text), ["text"], "{text}");
    }
}

#[test]
fn resolvers_are_listed() {
    let found: Vec<_> = resolvers("${oc.env:HOME}/x ${a.b} ${eval:1+1}").collect();
    assert_eq!(found, ["oc.env:HOME", "eval:1+1"]);
}
