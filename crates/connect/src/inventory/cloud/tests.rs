use vauban_domain::{Confidence, RelationKind};
use vauban_formats::{Budget, Input};

use crate::inventory::{Estate, Seen, map};

/// The estate of a few files.
fn estate(files: &[(&str, &str)]) -> Estate {
    let collectors = files.iter().map(|(path, text)| {
        let parsed = vauban_formats::parse(&Input::new(path, text.as_bytes(), &Budget::default()));
        assert!(matches!(parsed.format, "cloud" | "terraform"), "{path} is read as {}", parsed.format);
        map(&Seen { path, size: text.len() as u64, digest: None, parsed: &parsed })
    });
    Estate::merge(collectors.collect(), &[], "all")
}

fn ids(estate: &Estate) -> Vec<&str> {
    estate.assets.iter().map(|asset| asset.id.as_str()).collect()
}

fn edges(estate: &Estate) -> Vec<String> {
    let edge = |it: &vauban_domain::Relation| format!("{} {} {}", it.from, it.kind, it.to);
    estate.relations.iter().map(edge).collect()
}

const CODE: &str = "resource \"aws_s3_bucket\" \"m\" {\n  bucket = \"models-of-ours\"\n}\n\
    resource \"aws_iam_role\" \"r\" {\n  name = \"server\"\n}\n\
    resource \"aws_iam_role_policy\" \"p\" {\n  role = aws_iam_role.r.id\n  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Action = [\"s3:GetObject\"], Resource = \"${aws_s3_bucket.m.arn}/*\" }] })\n}\n\
    resource \"aws_sagemaker_model\" \"m\" {\n  name = \"reader\"\n  execution_role_arn = aws_iam_role.r.arn\n  primary_container {\n    image = \"1.dkr.ecr.eu-west-1.amazonaws.com/serve:1\"\n    model_data_url = \"s3://${aws_s3_bucket.m.bucket}/m.tar.gz\"\n  }\n}\n\
    resource \"aws_sagemaker_endpoint_configuration\" \"c\" {\n  name = \"c\"\n  production_variants {\n    model_name = aws_sagemaker_model.m.name\n  }\n}\n\
    resource \"aws_sagemaker_endpoint\" \"e\" {\n  name = \"reader\"\n  endpoint_config_name = aws_sagemaker_endpoint_configuration.c.name\n}\n";

const STATE: &str = r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": [
    {"mode": "managed", "type": "aws_s3_bucket", "name": "m", "instances": [{"attributes": {"bucket": "models-of-ours", "id": "models-of-ours", "arn": "arn:aws:s3:::models-of-ours"}}]},
    {"mode": "managed", "type": "aws_iam_role", "name": "r", "instances": [{"attributes": {"name": "server", "arn": "arn:aws:iam::111122223333:role/server"}}]}]}"#;

const ANSWER: &str = r#"{"ModelName": "reader", "ModelArn": "arn:aws:sagemaker:eu-west-1:111122223333:model/reader", "CreationTime": "x",
    "ExecutionRoleArn": "arn:aws:iam::111122223333:role/server", "PrimaryContainer": {"Image": "1.dkr.ecr.eu-west-1.amazonaws.com/serve:1", "ModelDataUrl": "s3://models-of-ours/m.tar.gz"}}"#;

#[test]
fn code_gives_assets_and_what_they_have_to_do_with_each_other() {
    let estate = estate(&[("infra/main.tf", CODE)]);
    assert_eq!(
        ids(&estate),
        [
            "endpoint:terraform/infra/aws_sagemaker_endpoint.e",
            "identity:terraform/infra/aws_iam_role.r",
            "infrastructure:image/1.dkr.ecr.eu-west-1.amazonaws.com/serve:1",
            "infrastructure:terraform/infra/aws_s3_bucket.m",
            "model:terraform/infra/aws_sagemaker_model.m",
        ]
    );
    assert!(estate.assets.iter().all(|asset| asset.confidence == Confidence::Declared));
    assert_eq!(
        edges(&estate),
        [
            "endpoint:terraform/infra/aws_sagemaker_endpoint.e serves model:terraform/infra/aws_sagemaker_model.m",
            "identity:terraform/infra/aws_iam_role.r reads infrastructure:terraform/infra/aws_s3_bucket.m",
            "model:terraform/infra/aws_sagemaker_model.m acts-as identity:terraform/infra/aws_iam_role.r",
            "model:terraform/infra/aws_sagemaker_model.m reads infrastructure:terraform/infra/aws_s3_bucket.m",
            "model:terraform/infra/aws_sagemaker_model.m runs-on infrastructure:image/1.dkr.ecr.eu-west-1.amazonaws.com/serve:1",
        ]
    );
}

#[test]
fn one_thing_in_code_state_and_answer_is_one_asset() {
    let estate = estate(&[
        ("infra/main.tf", CODE),
        ("infra/terraform.tfstate", STATE),
        ("answers/model.json", ANSWER),
    ]);
    let of = |kind: &str| ids(&estate).into_iter().filter(|id| id.starts_with(kind)).count();
    assert_eq!((of("identity:"), of("model:")), (1, 1), "{:?}", ids(&estate));
    assert_eq!(of("infrastructure:"), 2, "{:?}", ids(&estate));
    let role = estate.assets.iter().find(|asset| asset.id.as_str().starts_with("identity:")).unwrap();
    assert_eq!((role.confidence, role.locators.len()), (Confidence::Verified, 3));
    let acts = estate.relations.iter().find(|it| it.kind == RelationKind::ActsAs).unwrap();
    assert_eq!(acts.confidence, Confidence::Verified);
}

#[test]
fn twins_with_one_name_stay_apart() {
    let code = "resource \"aws_sagemaker_notebook_instance\" \"n\" {\n  name = \"explore\"\n}\n";
    let answer = r#"{"NotebookInstanceName": "explore", "NotebookInstanceArn": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/explore"}"#;
    assert_eq!(estate(&[("a/main.tf", code), ("x.json", answer)]).assets.len(), 1);
    assert_eq!(estate(&[("a/main.tf", code), ("b/main.tf", code), ("x.json", answer)]).assets.len(), 3);
}

#[test]
fn files_of_one_module_refer_to_each_other() {
    let role = "resource \"aws_iam_role\" \"r\" {\n  name = \"server\"\n}\n";
    let model = "resource \"aws_sagemaker_model\" \"m\" {\n  execution_role_arn = aws_iam_role.r.arn\n}\n";
    let found = estate(&[("infra/iam.tf", role), ("infra/model.tf", model)]);
    assert_eq!(
        edges(&found),
        ["model:terraform/infra/aws_sagemaker_model.m acts-as identity:terraform/infra/aws_iam_role.r"]
    );
}

#[test]
fn agents_serve_the_provider_s_models() {
    let agent = "resource \"aws_bedrockagent_agent\" \"a\" {\n  agent_name = \"clerk\"\n  foundation_model = \"anthropic.claude-3-haiku-20240307-v1:0\"\n  agent_resource_role_arn = \"arn:aws:iam::111122223333:role/clerk\"\n}\n";
    let found = estate(&[("main.tf", agent)]);
    assert_eq!(
        edges(&found),
        [
            "agent:terraform/./aws_bedrockagent_agent.a acts-as identity:aws/iam_role/clerk",
            "agent:terraform/./aws_bedrockagent_agent.a serves model:bedrock/anthropic.claude-3-haiku-20240307-v1:0",
        ]
    );
}
