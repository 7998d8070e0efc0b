use super::*;

fn one(text: &str) -> (Node, Vec<&'static str>) {
    let mut read = read_text(text, &Limits::default());
    assert_eq!(read.documents.len(), 1, "{read:?}");
    (read.documents.remove(0), read.defects.iter().map(|defect| defect.code).collect())
}

#[test]
fn every_key_and_value_knows_its_line() {
    let (node, defects) = one("# a comment\nspec:\n  containers:\n    - name: a\n      image: b:1\n");
    assert_eq!(defects, [""; 0]);
    let container = &node.at("spec.containers").items()[0];
    assert_eq!(container.get("image").text(), Some("b:1"));
    assert_eq!(container.get("image").line, 5);
    assert_eq!(node.entry("spec").map(|entry| entry.line), Some(2));
    assert!(node.at("spec.nothing.there").is_null());
}

#[test]
fn quoting_decides_what_is_a_truth_value() {
    let (node, _) = one("a: true\nb: 'true'\nc: 12\nd: \"12\"\ne:\n");
    assert!(node.get("a").is_true());
    assert_eq!(node.get("b").truth(), None);
    assert_eq!(node.get("c").integer(), Some(12));
    assert_eq!(node.get("d").integer(), None);
    assert!(node.get("e").is_null());
}

#[test]
fn documents_come_in_order_and_the_broken_one_does_not_take_the_rest() {
    let read = read_text("a: 1\n---\nb: [1\nc: {{ .Values.x }}\n---\nd: 4\n", &Limits::default());
    assert_eq!(read.defects.len(), 1);
    assert_eq!(read.defects[0].code, "yaml-syntax");
    let last = read.documents.last().unwrap();
    assert_eq!(read.documents[0].get("a").text(), Some("1"));
    assert_eq!(last.get("d").line, 6);
}

#[test]
fn aliases_and_merge_keys_are_expanded() {
    let (node, defects) = one(
        "base: &base {image: a, tag: 1}\nother: &other {user: 0}\nx:\n  <<: [*base, *other]\n  tag: 2\ny: *base\n",
    );
    assert_eq!(defects, [""; 0]);
    assert_eq!(node.at("x.image").text(), Some("a"));
    assert_eq!(node.at("x.tag").text(), Some("2"));
    assert_eq!(node.at("x.user").text(), Some("0"));
    assert_eq!(node.at("y.tag").text(), Some("1"));
}

#[test]
fn a_billion_laughs_stay_bounded() {
    let mut text = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{},", level - 1).repeat(9);
        text.push_str(&format!("a{level}: &a{level} [{below}]\n"));
    }
    let (_, defects) = one(&text);
    assert_eq!(defects, ["limit-alias"]);
}

#[test]
fn a_node_in_itself_is_refused() {
    let (node, defects) = one("a: &a\n  b: *a\nc: 1\n");
    assert_eq!(defects, ["limit-alias"]);
    assert_eq!(node.get("c").text(), Some("1"));
}

#[test]
fn depth_is_bounded_also_through_aliases() {
    let open = 60;
    let text = format!(
        "a: &a {}{}\nb: {}*a{}\n",
        "[".repeat(open),
        "]".repeat(open),
        "[".repeat(open),
        "]".repeat(open)
    );
    assert_eq!(one(&text).1, ["limit-depth"]);
    let text = format!("a: {}{}\nb: 1\n", "[".repeat(200), "]".repeat(200));
    let (node, defects) = one(&text);
    assert_eq!(defects, ["limit-depth"]);
    assert_eq!(node.get("b").text(), Some("1"));
    let far = format!("{}\n", "[".repeat(100_000));
    assert!(!read_text(&far, &Limits::default()).defects.is_empty());
}

#[test]
fn nodes_are_bounded() {
    let limits = Limits { nodes: 50, ..Limits::default() };
    let read = read_text(&"- 1\n".repeat(1000), &limits);
    assert_eq!(read.defects[0].code, "limit-nodes");
    assert!(read.documents[0].items().len() < 50);
}

#[test]
fn duplicate_keys_and_foreign_bytes_are_defects() {
    let (node, defects) = one("a: 1\na: 2\n");
    assert_eq!(defects, ["yaml-duplicate-key"]);
    assert_eq!(node.get("a").text(), Some("2"));
    let (text, defects) = text_of(b"a: \xff\n", &Limits::default());
    assert_eq!(defects[0].code, "not-utf8");
    assert_eq!(text, "a: \u{fffd}\n");
}
