use super::*;
use crate::Budget;

fn kinds(cloud: &Cloud) -> Vec<&str> {
    cloud.resources.iter().map(|resource| resource.kind.as_str()).collect()
}

fn stack_of<'a>(files: &'a [(&'a str, Facts)]) -> Vec<Stack<'a>> {
    stacks(files.iter().map(|(path, facts)| (*path, facts)))
}

fn facts(name: &str, text: &str) -> Facts {
    let budget = Budget::default();
    let parsed = crate::parse(&Input::new(name, text.as_bytes(), &budget));
    assert_eq!(parsed.defects, [], "{name}");
    parsed.facts
}

#[test]
fn a_module_is_read_with_its_variables_and_what_its_callers_give() {
    let files = [
        ("infra/main.tf", facts("main.tf", "module \"s\" {\n  source = \"./store\"\n  name = \"ours\"\n}\n")),
        (
            "infra/store/main.tf",
            facts(
                "main.tf",
                "resource \"aws_s3_bucket\" \"m\" {\n  bucket = \"${var.name}-models\"\n  count = var.on ? 1 : 0\n}\n\
                 resource \"aws_s3_bucket\" \"gone\" {\n  count = 0\n}\n\
                 resource \"aws_s3_bucket_acl\" \"m\" {\n  bucket = aws_s3_bucket.m[0].id\n  acl = local.acl\n}\n",
            ),
        ),
        (
            "infra/store/variables.tf",
            facts(
                "variables.tf",
                "variable \"name\" {\n  default = \"other\"\n}\nvariable \"on\" {\n  default = true\n}\nlocals {\n  acl = \"private\"\n}\n",
            ),
        ),
    ];
    let stacks = stack_of(&files);
    let store = stacks.iter().find(|stack| stack.resources.len() == 2).unwrap();
    let (bucket, acl) = (&store.resources[0], &store.resources[1]);
    assert_eq!(bucket.physical_name(), Some("ours-models"));
    assert_eq!(acl.text("acl"), Some("private"));
    assert_eq!(store.meant(acl.field("bucket"), &["aws_s3_bucket"]).map(|it| it.name.as_str()), Some("m"));
    assert_eq!(store.filled_in("${aws_s3_bucket.m[0].arn}/*"), "arn:aws:s3:::ours-models/*");
}

#[test]
fn policies_are_read_in_every_spelling() {
    let file = [(
        "a.tf",
        facts(
            "a.tf",
            "resource \"p\" \"a\" {\n  policy = jsonencode({\n    Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = [\"*\"] }]\n  })\n}\n\
             resource \"p\" \"b\" {\n  policy = <<EOF\n{\n  \"Statement\": {\"Effect\": \"Deny\", \"Action\": [\"s3:*\"], \"Principal\": {\"AWS\": \"*\"}, \"Resource\": \"${x.y}/*\"}\n}\nEOF\n}\n\
             data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions   = [\"s3:GetObject\"]\n    resources = [\"*\"]\n    principals {\n      type = \"AWS\"\n      identifiers = [\"*\"]\n    }\n  }\n}\n\
             resource \"p\" \"c\" {\n  policy = data.aws_iam_policy_document.d.json\n}\n",
        ),
    )];
    let stacks = stack_of(&file);
    let policies: Vec<Vec<Statement>> =
        stacks[0].of_kind(&["p"]).map(|it| stacks[0].statements(it.field("policy"))).collect();
    assert_eq!((policies[0][0].line, &policies[0][0].actions[..]), (3, &["*".to_owned()][..]));
    assert_eq!((policies[1][0].line, policies[1][0].allows), (9, false));
    assert!(policies[1][0].principals[0].is_everyone());
    assert_eq!(policies[2][0].actions, ["s3:GetObject"]);
    assert!(policies[2][0].is_for_everyone());
}

#[test]
fn conditions_bind_or_do_not() {
    let with = |condition: &str| {
        let text = format!(
            "{{\"Statement\": [{{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:*\", \"Condition\": {condition}}}]}}"
        );
        policy::statements(&Node::scalar(1, text, true))[0].is_for_everyone()
    };
    assert!(!with("{\"StringEquals\": {\"aws:SourceVpce\": \"vpce-1\"}}"));
    assert!(!with("{\"StringEquals\": {\"aws:PrincipalOrgID\": [\"o-1\"]}}"));
    assert!(with("{\"Bool\": {\"aws:SecureTransport\": \"true\"}}"));
    assert!(with("{\"IpAddress\": {\"aws:SourceIp\": \"0.0.0.0/0\"}}"));
    assert!(with("{\"StringNotEquals\": {\"aws:PrincipalOrgID\": \"o-1\"}}"));
}

#[test]
fn grants_know_denials_and_exceptions() {
    let read = |text: &str| policy::statements(&Node::scalar(1, text, true));
    let power = read(
        "{\"Statement\": [{\"Effect\": \"Allow\", \"NotAction\": \"iam:*\", \"Resource\": \"*\"}, {\"Effect\": \"Deny\", \"Action\": \"s3:PutObject\", \"Resource\": \"arn:aws:s3:::m/*\"}]}",
    );
    let may = |action: &str, arn: &str| policy::grant(&power, action, arn, true).is_some();
    assert!(may("sagemaker:CreateModel", "arn:aws:sagemaker:::x"));
    assert!(!may("iam:PassRole", "arn:aws:iam::1:role/x"));
    assert!(may("s3:PutObject", "arn:aws:s3:::other/a"));
    assert!(!may("s3:PutObject", "arn:aws:s3:::m/a"));
    assert_eq!(read("%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%7D%5D%7D").len(), 1);
}

#[test]
fn templates_in_yaml_and_json_read_alike() {
    let yaml = "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  Name: {Type: String, Default: ours}\nResources:\n  Models:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Sub '${Name}-models'\n      VersioningConfiguration: {Status: Enabled}\n\
                \x20 Policy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: !Ref Models\n      PolicyDocument:\n        Statement:\n          - Effect: Allow\n            Principal: '*'\n            Action: s3:GetObject\n            Resource: !Join ['', [!GetAtt Models.Arn, '/*']]\n";
    let json = "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Parameters\": {\"Name\": {\"Type\": \"String\", \"Default\": \"ours\"}}, \"Resources\": {\"Models\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": {\"BucketName\": {\"Fn::Sub\": \"${Name}-models\"}, \"VersioningConfiguration\": {\"Status\": \"Enabled\"}}}, \"Policy\": {\"Type\": \"AWS::S3::BucketPolicy\", \"Properties\": {\"Bucket\": {\"Ref\": \"Models\"}, \"PolicyDocument\": {\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"s3:GetObject\", \"Resource\": {\"Fn::Join\": [\"\", [{\"Fn::GetAtt\": [\"Models\", \"Arn\"]}, \"/*\"]]}}]}}}}}";
    for (name, text) in [("t.yaml", yaml), ("t.json", json)] {
        let files = [(name, facts(name, text))];
        let stacks = stack_of(&files);
        let stack = &stacks[0];
        let bucket = stack.of_kind(&["aws_s3_bucket"]).next().unwrap();
        assert_eq!(bucket.physical_name(), Some("ours-models"), "{name}");
        assert_eq!(bucket.is_on("versioning.enabled", false), Some(true));
        let policy = stack.pointing_at(bucket, "aws_s3_bucket_policy", "bucket");
        let statements = stack.statements(policy[0].field("policy"));
        assert_eq!(statements[0].resources, ["arn:aws:s3:::ours-models/*"], "{name}");
        assert!(statements[0].is_for_everyone());
    }
}

#[test]
fn plans_and_states_keep_references_and_addresses() {
    let plan = r#"{"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"address": "module.s[0]", "resources": [
        {"address": "module.s[0].aws_s3_bucket_acl.m", "mode": "managed", "type": "aws_s3_bucket_acl", "name": "m", "values": {"acl": "private", "bucket": null}}]}]}},
        "resource_changes": [], "configuration": {"root_module": {"module_calls": {"s": {"module": {"resources": [
        {"mode": "managed", "type": "aws_s3_bucket_acl", "name": "m", "expressions": {"bucket": {"references": ["aws_s3_bucket.m.id", "aws_s3_bucket.m"]}}}]}}}}}}"#;
    let cloud = parsed("plan.json", plan);
    assert_eq!(cloud.source, Source::Plan);
    assert_eq!(cloud.resources[0].references()[0].1, "m");
    let state = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": [{"module": "module.s", "mode": "managed", "type": "aws_s3_bucket", "name": "m",
        "instances": [{"index_key": "a", "attributes": {"bucket": "x", "versioning": [{"enabled": false}]}}]}]}"#;
    let cloud = parsed("terraform.tfstate", state);
    assert_eq!(cloud.resources[0].address, "module.s.aws_s3_bucket.m[\"a\"]");
    assert_eq!(cloud.resources[0].is_on("versioning.enabled", true), Some(false));
}

#[test]
fn answers_are_recognised_by_their_keys_and_nothing_else_is() {
    for (name, text, wanted) in [
        (
            "a.json",
            r#"{"NotebookInstances": [{"NotebookInstanceName": "n", "NotebookInstanceArn": "arn"}]}"#,
            "aws_sagemaker_notebook_instance",
        ),
        ("a.json", r#"{"agent": {"agentName": "n", "agentArn": "arn"}}"#, "aws_bedrockagent_agent"),
        ("a.json", r#"{"UserDetailList": [], "RoleDetailList": [{"RoleName": "r"}]}"#, "aws_iam_role"),
        ("models-versioning.json", r#"{"Status": "Suspended"}"#, "aws_s3_bucket_versioning"),
        (
            "a.json",
            r#"{"bindings": [{"role": "roles/owner", "members": []}], "etag": "x"}"#,
            "google_project_iam_binding",
        ),
        (
            "a.json",
            r#"[{"name": "projects/p/locations/l/models/1", "displayName": "m", "createTime": "x"}]"#,
            "google_vertex_ai_model",
        ),
        (
            "a.json",
            r#"[{"id": "/subscriptions/0/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a", "name": "a"}]"#,
            "azurerm_cognitive_account",
        ),
    ] {
        assert_eq!(kinds(&parsed(name, text)), [wanted], "{text}");
    }
    for (name, text) in [
        ("a.json", r#"{"Status": "Enabled"}"#),
        ("package.json", r#"{"name": "x", "version": "1.0.0", "resources": []}"#),
        ("a.json", r#"{"agent": {"name": "x"}, "model": "y"}"#),
        ("a.json", r#"{"Models": ["a"], "Policy": "x"}"#),
        ("a.json", r#"[{"id": 1, "name": "x"}]"#),
        ("a.json", "[]"),
        ("a.yaml", "Resources:\n  - cpu\n  - memory\n"),
        ("values.yaml", "resources:\n  limits: {}\n"),
    ] {
        let budget = Budget::default();
        assert_eq!(recognise(&Input::new(name, text.as_bytes(), &budget)), Recognised::No, "{text}");
    }
    // What everyone could use is nobody's model.
    let catalogue = r#"{"modelSummaries": [{"modelArn": "arn:aws:bedrock:eu-west-1::foundation-model/a.b", "modelId": "a.b", "modelName": "B"}]}"#;
    assert_eq!(parsed("a.json", catalogue).resources, []);
}

#[test]
fn buckets_are_found_in_the_names_of_files() {
    for name in [
        "models-acl.json",
        "models.get-bucket-acl.json",
        "get-bucket-acl-models.json",
        "models_get_bucket_acl.json",
        "bucket-acl_models.json",
    ] {
        let cloud = parsed(name, r#"{"Owner": {"ID": "x"}, "Grants": []}"#);
        assert_eq!(cloud.resources[0].text("bucket"), Some("models"), "{name}");
    }
}

#[test]
fn hostile_texts_end() {
    let deep = "{\"Fn::Sub\": ".repeat(90);
    for (name, text) in [
        ("a.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": ".to_owned() + &deep),
        ("a.json", "{\"format_version\": 1, \"planned_values\": ".to_owned() + &"{\"root_module\": ".repeat(90)),
        ("a.yaml", "AWSTemplateFormatVersion: x\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: !Sub [!Sub [!Ref".to_owned()),
        ("get-bucket-policy.json", "{\"Policy\": \"{".to_owned()),
        ("a.json", "{\"RoleDetailList\": [1, null, {}, []], \"UserDetailList\": 3}".to_owned()),
    ] {
        let budget = Budget::default();
        let parsed = (FORMAT.parse)(&Input::new(name, text.as_bytes(), &budget));
        let _ = Stack::of_file(name, &parsed.facts);
    }
}
