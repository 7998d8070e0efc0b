//! States of Pulumi, as `pulumi stack export` writes them: bridged providers keep Terraform's attributes.
//!
//! <https://www.pulumi.com/docs/iac/cli/commands/pulumi_stack_export/>

use super::name::{snake, snake_tree};
use super::{Found, Resource};
use crate::yaml::Node;

pub(super) fn state(root: &Node, found: &mut Found) {
    for resource in root.at("deployment.resources").items() {
        let Some(kind) = terraform_type(resource.get("type").text_or_empty()) else { continue };
        let urn = resource.get("urn").text_or_empty();
        let name = urn.rsplit("::").next().unwrap_or(urn).to_owned();
        let outputs = resource.get("outputs");
        let body = if outputs.is_map() { outputs } else { resource.get("inputs") };
        found.push(Resource {
            address: format!("{kind}.{name}"),
            kind,
            name,
            line: resource.line,
            body: snake_tree(body),
            complete: true,
        });
    }
}

/// `aws:sagemaker/notebookInstance:NotebookInstance` as `aws_sagemaker_notebook_instance`.
fn terraform_type(written: &str) -> Option<String> {
    let mut parts = written.split(':');
    let (provider, module, name) = (parts.next()?, parts.next()?, parts.next()?);
    let module = module.split('/').next().unwrap_or(module);
    let name = snake(name.trim_end_matches("V2"));
    let (prefix, module) = match provider {
        "aws" => ("aws", if module == "ec2" { "" } else { module }),
        "gcp" => ("google", module),
        "azure" => ("azurerm", module),
        _ => return None,
    };
    Some(match module {
        "" => format!("{prefix}_{name}"),
        module => format!("{prefix}_{}_{name}", snake(module)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_those_of_the_bridged_provider() {
        for (written, wanted) in [
            ("aws:sagemaker/notebookInstance:NotebookInstance", Some("aws_sagemaker_notebook_instance")),
            ("aws:s3/bucketV2:BucketV2", Some("aws_s3_bucket")),
            ("aws:ec2/securityGroup:SecurityGroup", Some("aws_security_group")),
            ("gcp:vertex/aiEndpoint:AiEndpoint", Some("google_vertex_ai_endpoint")),
            ("pulumi:pulumi:Stack", None),
        ] {
            assert_eq!(terraform_type(written).as_deref(), wanted);
        }
    }
}
