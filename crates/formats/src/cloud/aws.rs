//! What the command line of AWS answers: `describe-…`, `get-…` and `list-…`, recognised by the keys of the answer.
//!
//! <https://docs.aws.amazon.com/cli/latest/reference/>

use super::name::Arn;
use super::outline::Outline;
use super::{Found, iam};
use crate::yaml::{Entry, Node, Value};

/// An answer about things of one type.
struct Answer {
    /// Keys that all have to be there; the last part of the table says what is under the first one.
    keys: &'static [&'static str],
    /// Type in Terraform's words.
    kind: &'static str,
    /// Key of the name.
    name: &'static str,
    /// Where the things are.
    place: Place,
    /// Whether everything that is set is shown.
    complete: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The answer is the thing.
    Whole,
    /// The first key holds the thing.
    Inside,
    /// The first key holds a list of things.
    List,
}

const fn whole(keys: &'static [&'static str], kind: &'static str, name: &'static str) -> Answer {
    Answer { keys, kind, name, place: Place::Whole, complete: true }
}

const fn inside(keys: &'static [&'static str], kind: &'static str, name: &'static str) -> Answer {
    Answer { keys, kind, name, place: Place::Inside, complete: true }
}

const fn list(keys: &'static [&'static str], kind: &'static str, name: &'static str) -> Answer {
    Answer { keys, kind, name, place: Place::List, complete: false }
}

const fn full_list(keys: &'static [&'static str], kind: &'static str, name: &'static str) -> Answer {
    Answer { keys, kind, name, place: Place::List, complete: true }
}

/// Answers, the more particular first. In lists the second key is one of the things' own.
const ANSWERS: &[Answer] = &[
    whole(
        &["NotebookInstanceArn", "NotebookInstanceName"],
        "aws_sagemaker_notebook_instance",
        "NotebookInstanceName",
    ),
    whole(
        &["EndpointConfigArn", "ProductionVariants"],
        "aws_sagemaker_endpoint_configuration",
        "EndpointConfigName",
    ),
    whole(&["EndpointArn", "EndpointConfigName"], "aws_sagemaker_endpoint", "EndpointName"),
    whole(&["TrainingJobArn", "AlgorithmSpecification"], "aws_sagemaker_training_job", "TrainingJobName"),
    whole(&["ProcessingJobArn", "AppSpecification"], "aws_sagemaker_processing_job", "ProcessingJobName"),
    whole(&["ModelPackageArn", "InferenceSpecification"], "aws_sagemaker_model_package", "ModelPackageArn"),
    whole(
        &["ModelPackageGroupArn", "ModelPackageGroupName"],
        "aws_sagemaker_model_package_group",
        "ModelPackageGroupName",
    ),
    whole(&["ModelArn", "ModelName", "ExecutionRoleArn"], "aws_sagemaker_model", "ModelName"),
    whole(&["ModelArn", "ModelName", "CreationTime"], "aws_sagemaker_model", "ModelName"),
    whole(&["DomainArn", "AuthMode"], "aws_sagemaker_domain", "DomainName"),
    whole(&["FeatureGroupArn", "FeatureDefinitions"], "aws_sagemaker_feature_group", "FeatureGroupName"),
    whole(&["PipelineArn", "PipelineDefinition"], "aws_sagemaker_pipeline", "PipelineName"),
    whole(&["guardrailArn", "guardrailId", "status"], "aws_bedrock_guardrail", "name"),
    whole(&["modelArn", "baseModelArn", "trainingDataConfig"], "aws_bedrock_custom_model", "modelName"),
    whole(&["inferenceProfileArn", "models"], "aws_bedrock_inference_profile", "inferenceProfileName"),
    list(
        &["NotebookInstances", "NotebookInstanceArn"],
        "aws_sagemaker_notebook_instance",
        "NotebookInstanceName",
    ),
    list(
        &["EndpointConfigs", "EndpointConfigArn"],
        "aws_sagemaker_endpoint_configuration",
        "EndpointConfigName",
    ),
    list(&["Endpoints", "EndpointArn"], "aws_sagemaker_endpoint", "EndpointName"),
    list(&["TrainingJobSummaries", "TrainingJobArn"], "aws_sagemaker_training_job", "TrainingJobName"),
    list(&["Models", "ModelArn"], "aws_sagemaker_model", "ModelName"),
    list(&["Domains", "DomainArn"], "aws_sagemaker_domain", "DomainName"),
    list(&["FeatureGroupSummaries", "FeatureGroupArn"], "aws_sagemaker_feature_group", "FeatureGroupName"),
    list(
        &["ModelPackageGroupSummaryList", "ModelPackageGroupArn"],
        "aws_sagemaker_model_package_group",
        "ModelPackageGroupName",
    ),
    list(&["ModelPackageSummaryList", "ModelPackageArn"], "aws_sagemaker_model_package", "ModelPackageArn"),
    list(&["PipelineSummaries", "PipelineArn"], "aws_sagemaker_pipeline", "PipelineName"),
    inside(&["agent", "agentArn"], "aws_bedrockagent_agent", "agentName"),
    list(&["agentSummaries", "agentId"], "aws_bedrockagent_agent", "agentName"),
    inside(&["knowledgeBase", "knowledgeBaseArn"], "aws_bedrockagent_knowledge_base", "name"),
    list(&["knowledgeBaseSummaries", "knowledgeBaseId"], "aws_bedrockagent_knowledge_base", "name"),
    inside(&["dataSource", "dataSourceId"], "aws_bedrockagent_data_source", "name"),
    list(&["guardrails", "arn"], "aws_bedrock_guardrail", "name"),
    list(&["modelSummaries", "modelArn"], "aws_bedrock_custom_model", "modelName"),
    list(
        &["inferenceProfileSummaries", "inferenceProfileArn"],
        "aws_bedrock_inference_profile",
        "inferenceProfileName",
    ),
    inside(&["loggingConfig"], "aws_bedrock_model_invocation_logging_configuration", ""),
    inside(&["DomainStatus", "DomainName"], "aws_opensearch_domain", "DomainName"),
    full_list(&["DomainStatusList", "DomainName"], "aws_opensearch_domain", "DomainName"),
    full_list(&["SecurityGroups", "GroupId"], "aws_security_group", "GroupId"),
    full_list(&["repositories", "repositoryArn"], "aws_ecr_repository", "repositoryName"),
    inside(&["Configuration", "FunctionArn"], "aws_lambda_function", "FunctionName"),
    full_list(&["Functions", "FunctionArn"], "aws_lambda_function", "FunctionName"),
    list(&["Buckets", "CreationDate"], "aws_s3_bucket", "Name"),
    inside(&["Role", "AssumeRolePolicyDocument"], "aws_iam_role", "RoleName"),
    list(&["Roles", "AssumeRolePolicyDocument"], "aws_iam_role", "RoleName"),
    whole(&["RoleName", "PolicyName", "PolicyDocument"], "aws_iam_role_policy", "PolicyName"),
    whole(&["UserName", "PolicyName", "PolicyDocument"], "aws_iam_user_policy", "PolicyName"),
];

/// Answers of `s3api` about one bucket, which they do not name.
const BUCKET: &[(&str, &str)] = &[
    ("PublicAccessBlockConfiguration", "aws_s3_bucket_public_access_block"),
    ("ServerSideEncryptionConfiguration", "aws_s3_bucket_server_side_encryption_configuration"),
];

fn fitting(has: impl Fn(&str) -> bool, has_below: impl Fn(&str) -> bool) -> Option<&'static Answer> {
    ANSWERS.iter().find(|answer| {
        let Some((first, others)) = answer.keys.split_first() else { return false };
        has(first)
            && others.iter().all(|key| if answer.place == Place::Whole { has(key) } else { has_below(key) })
    })
}

/// Whether the keys are those of an answer.
pub(super) fn is_answer(outline: &Outline<'_>, file_name: &str) -> bool {
    if outline.list {
        return false;
    }
    let has = |key: &str| outline.has(key);
    if has("RoleDetailList") || has("UserDetailList") || has("Reservations") && outline.has_below("Instances")
    {
        return true;
    }
    if BUCKET.iter().any(|(key, _)| has(key)) || has("Grants") && has("Owner") {
        return true;
    }
    let name = file_name.to_lowercase();
    if has("Policy") && outline.top.len() == 1 && name.contains("policy") && !outline.has_below("PolicyName")
    {
        return true;
    }
    if has("Status") && outline.top.len() <= 2 && name.contains("versioning") {
        return true;
    }
    if outline.top.is_empty() && name.contains("invocation-logging") {
        return true;
    }
    // Lists of nothing say so by their key alone and hold no fact.
    fitting(has, |key| outline.has_below(key)).is_some()
}

/// Reads an answer.
pub(super) fn answer(root: &Node, file_name: &str, found: &mut Found) {
    if root.get("RoleDetailList").is_list() || root.get("UserDetailList").is_list() {
        iam::details(root, found);
        return;
    }
    if root.get("Reservations").is_list() {
        for reservation in root.get("Reservations").items() {
            for instance in reservation.get("Instances").items() {
                iam::push(found, "aws_instance", instance.get("InstanceId").text_or_empty(), instance, false);
            }
        }
        return;
    }
    if about_bucket(root, file_name, found) {
        return;
    }
    if root.entries().is_empty() && file_name.to_lowercase().contains("invocation-logging") {
        let nothing = Node { line: 1, value: Value::Map(Vec::new()) };
        iam::push(found, LOGGING, "account", &nothing, true);
        return;
    }
    let has_below = |key: &str| {
        root.entries().iter().any(|entry| {
            !entry.node.get(key).is_null()
                || entry.node.items().first().is_some_and(|item| !item.get(key).is_null())
        })
    };
    let Some(answer) = fitting(|key| root.entry(key).is_some(), has_below) else { return };
    let first = answer.keys.first().copied().unwrap_or_default();
    match answer.place {
        Place::Whole => thing(answer, root, found),
        Place::Inside if answer.kind == LOGGING => iam::push(found, LOGGING, "account", root, true),
        Place::Inside => thing(answer, root.get(first), found),
        Place::List => root.get(first).items().iter().for_each(|item| thing(answer, item, found)),
    }
}

const LOGGING: &str = "aws_bedrock_model_invocation_logging_configuration";

fn thing(answer: &Answer, item: &Node, found: &mut Found) {
    // Catalogues of the provider list what everyone could use.
    let arn = item.get("modelArn").text_or_empty();
    if answer.kind == "aws_bedrock_custom_model" && !arn.contains(":custom-model/") {
        return;
    }
    if answer.kind == "aws_bedrock_inference_profile" && item.get("type").text() == Some("SYSTEM_DEFINED") {
        return;
    }
    let name = item.get(answer.name).text_or_empty();
    let name =
        Arn::of(name).map_or(name, |arn| arn.resource.split_once('/').map_or(arn.resource, |(_, rest)| rest));
    if !name.is_empty() {
        iam::push(found, answer.kind, name, item, answer.complete);
    }
}

/// What `s3api` says of one bucket. Which one is in the resources of its policy, or in the name of the file.
fn about_bucket(root: &Node, file_name: &str, found: &mut Found) -> bool {
    let name = file_name.to_lowercase();
    let (kind, attributes): (&str, Vec<Entry>) =
        if let Some((key, kind)) = BUCKET.iter().find(|(key, _)| root.entry(key).is_some()) {
            (kind, root.get(key).entries().to_vec())
        } else if root.get("Grants").is_list() {
            ("aws_s3_bucket_acl", root.entries().to_vec())
        } else if root.get("Policy").text().is_some() {
            ("aws_s3_bucket_policy", root.entries().to_vec())
        } else if root.get("Status").text().is_some() && name.contains("versioning") {
            ("aws_s3_bucket_versioning", vec![entry("VersioningConfiguration", root.clone())])
        } else {
            return false;
        };
    let bucket = bucket_of_policy(root.get("Policy")).unwrap_or_else(|| bucket_in(file_name));
    let mut entries = attributes;
    entries.push(entry("Bucket", Node::scalar(root.line, bucket.clone(), true)));
    let body = Node { line: root.line, value: Value::Map(entries) };
    iam::push(found, kind, &bucket, &body, true);
    true
}

fn entry(key: &str, node: Node) -> Entry {
    Entry { key: key.to_owned(), line: node.line, node }
}

fn bucket_of_policy(policy: &Node) -> Option<String> {
    super::policy::statements(policy)
        .into_iter()
        .flat_map(|statement| statement.resources)
        .find_map(|arn| Some(Arn::of(&arn)?.resource.split('/').next()?.to_owned()))
}

/// The bucket that a file is named after: `models.get-bucket-acl.json`, `bucket-encryption_models.json`.
fn bucket_in(file_name: &str) -> String {
    const WORDS: &[&str] = &[
        "get-bucket-",
        "get-",
        "bucket-",
        "s3api-",
        "public-access-block",
        "encryption",
        "versioning",
        "acl",
        "policy",
    ];
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem).replace('_', "-");
    let mut name = stem.clone();
    for word in WORDS {
        if let Some(rest) = name.strip_prefix(word) {
            name = rest.trim_start_matches(['-', '.']).to_owned();
        }
        if let Some(rest) = name.strip_suffix(word.trim_end_matches('-')) {
            name = rest.trim_end_matches(['-', '.']).to_owned();
        }
    }
    // `models-get-bucket` is what is left of `models-get-bucket-acl`.
    for end in ["-get-bucket", ".get-bucket", "-get", ".get", "-bucket"] {
        if let Some(rest) = name.strip_suffix(end) {
            name = rest.to_owned();
        }
    }
    if name.is_empty() { stem } else { name }
}
