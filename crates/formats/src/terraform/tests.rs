use super::*;
use crate::Limits;
use crate::yaml::Value;

fn read(text: &str) -> Terraform {
    let (blocks, defects) = hcl::read(text, &Limits::default());
    assert_eq!(defects, []);
    Terraform { blocks, text: String::new() }
}

#[test]
fn blocks_attributes_and_literals_have_lines() {
    let file = read(
        "# buckets\nresource \"aws_s3_bucket\" \"models\" {\n  bucket = \"m\" // name\n  versioning {\n    enabled = true\n  }\n\
         \n  tags = {\n    Team = \"ml\", \"a/b\" : 1\n  }\n  list = [\n    \"x\",\n    var.y, -2.5\n  ]\n}\n",
    );
    let bucket = &file.blocks[0];
    assert_eq!((bucket.name(), bucket.line), ("models", 2));
    assert_eq!(bucket.body.get("bucket").text(), Some("m"));
    assert!(bucket.body.at("versioning.enabled").is_true());
    assert_eq!(bucket.body.at("versioning.enabled").line, 5);
    assert_eq!(bucket.body.get("tags").get("a/b").integer(), Some(1));
    assert_eq!(bucket.body.get("list").items()[1].value, Value::Expression("var.y".into()));
    assert_eq!(bucket.body.get("list").items()[2].number(), Some(-2.5));
}

#[test]
fn what_has_to_be_computed_stays_as_written() {
    let file = read(
        "resource \"a\" \"b\" {\n  x = var.on ? \"p\" : \"q\"\n  y = \"${var.name}-${lookup({ a = \"}\" }, \"a\")}\"\n\
         z = [for k in var.list : k if k != \"\"]\n  w = merge(\n    local.a,\n    { c = 1 },\n  )\n  v = \"$${literal}\"\n}\n",
    );
    let body = &file.blocks[0].body;
    assert_eq!(body.get("x").value, Value::Expression("var.on ? \"p\" : \"q\"".into()));
    assert!(matches!(body.get("y").value, Value::Expression(_)));
    assert!(matches!(body.get("z").value, Value::Expression(_)));
    assert!(matches!(body.get("w").value, Value::Expression(_)));
    assert_eq!(body.get("v").text(), Some("$${literal}"));
}

#[test]
fn a_broken_block_leaves_its_neighbours() {
    let (blocks, defects) =
        hcl::read("a \"b\" {\n  x = = 1\n  ?? \n}\nc \"d\" { y = 2 }\n", &Limits::default());
    assert_eq!(defects[0].code, "hcl-syntax");
    assert_eq!(blocks.last().unwrap().body.get("y").integer(), Some(2));
}

#[test]
fn hostile_texts_end() {
    for text in [
        "a = [".to_owned() + &"[".repeat(200_000),
        "a { ".repeat(100_000),
        "a = \"${".repeat(50_000),
        "a = (".to_owned() + &"(".repeat(100_000),
        "a = <<EOF\n".repeat(2000),
        "a = jsonencode(".to_owned() + &"jsonencode(".repeat(20_000),
        "a = !!!!! {".to_owned(),
        "\u{e9} \u{e9} {\u{e9}".to_owned(),
        "a { \"\\".to_owned(),
        "a = {".repeat(3000),
    ] {
        let (_, defects) = hcl::read(&text, &Limits::default());
        assert!(!defects.is_empty(), "{}", &text.chars().take(20).collect::<String>());
    }
}
