use super::*;
use crate::Limits;

fn read(text: &str) -> Terraform {
    let (blocks, defects) = hcl::read(text, &Limits::default());
    assert_eq!(defects, []);
    Terraform { blocks }
}

#[test]
fn blocks_attributes_and_literals_have_lines() {
    let file = read(
        "# buckets\nresource \"aws_s3_bucket\" \"models\" {\n  bucket = \"m\" // name\n  versioning {\n    enabled = true\n  }\n\
         \n  tags = {\n    Team = \"ml\", \"a/b\" : 1\n  }\n  list = [\n    \"x\",\n    var.y, -2.5\n  ]\n}\n",
    );
    let bucket = file.resources("aws_s3_bucket").next().unwrap();
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
fn references_and_defaults_resolve() {
    let file = read(
        "variable \"acl\" {\n  default = \"public-read\"\n}\nresource \"aws_s3_bucket\" \"a\" { bucket = \"n\" }\n\
         resource \"aws_s3_bucket\" \"ab\" {}\n\
         resource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = aws_s3_bucket.ab.id\n  acl = var.acl\n}\n",
    );
    let acl = file.resources("aws_s3_bucket_acl").next().unwrap();
    let buckets: Vec<_> =
        file.blocks.iter().filter(|block| block.resource_type() == "aws_s3_bucket").collect();
    assert_eq!(file.resolve(acl.body.get("acl")).text(), Some("public-read"));
    assert!(!file.refers_to(acl.body.get("bucket"), buckets[0]));
    assert!(file.refers_to(acl.body.get("bucket"), buckets[1]));
    assert!(file.refers_to(&Node::scalar(1, "n", true), buckets[0]));
}

#[test]
fn policies_are_read_in_every_spelling() {
    let file = read(
        "resource \"p\" \"a\" {\n  policy = jsonencode({\n    Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = [\"*\"] }]\n  })\n}\n\
         resource \"p\" \"b\" {\n  policy = <<EOF\n{\n  \"Statement\": {\"Effect\": \"Deny\", \"Action\": [\"s3:*\"], \"Principal\": {\"AWS\": \"*\"}, \"Resource\": \"${x.y}/*\"}\n}\nEOF\n}\n\
         data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions   = [\"s3:GetObject\"]\n    resources = [\"*\"]\n    principals {\n      type = \"AWS\"\n      identifiers = [\"*\"]\n    }\n  }\n}\n\
         resource \"p\" \"c\" { policy = data.aws_iam_policy_document.d.json }\n",
    );
    let policies: Vec<Vec<Statement>> =
        file.resources("p").map(|block| statements(&file, block.body.get("policy"))).collect();
    assert_eq!((policies[0][0].line, &policies[0][0].actions[..]), (3, &["*".to_owned()][..]));
    assert_eq!((policies[1][0].line, policies[1][0].allows), (9, false));
    assert_eq!(policies[1][0].principals, ["*"]);
    assert_eq!(policies[2][0].actions, ["s3:GetObject"]);
    assert_eq!(policies[2][0].principals, ["*"]);
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
