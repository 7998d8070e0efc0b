//! A secret is written into the environment or the start script of a model, job or function.

use vauban_domain::rule;
use vauban_formats::yaml::Value;

use crate::literal::is_secret_literal;
use crate::secret::scan::{connection_strings, masked, provider_tokens};

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A secret is written into the environment or the start script of a model, job or function.
    pub const RULE: "cloud-secret-in-environment" {
        family: Config,
        severity: High,
        title: "secret in the environment of a cloud workload",
        why: "everyone who may describe the resource, or read its code, state or template, has the secret",
        remedy: "keep it in a secret store and let the workload fetch it",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-526", "CWE-798"],
        owasp: ["LLM02:2025"],
        threats: ["L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/sagemaker/latest/dg/data-protection.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Maps of names and values, by type.
const ENVIRONMENTS: &[(&str, &str)] = &[
    ("aws_lambda_function", "environment.variables"),
    ("aws_lambda_function", "environment.Variables"),
    ("aws_sagemaker_model", "container.environment"),
    ("aws_sagemaker_model", "primary_container.environment"),
    ("aws_sagemaker_processing_job", "environment"),
    ("aws_sagemaker_training_job", "environment"),
    ("aws_sagemaker_training_job", "hyper_parameters"),
];
/// Texts that run when a machine starts.
const SCRIPTS: &[(&str, &str)] = &[
    ("aws_instance", "user_data"),
    ("aws_launch_template", "user_data"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_create"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_start"),
    ("google_compute_instance", "metadata_startup_script"),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in ENVIRONMENTS {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let entries = it.blocks(path).into_iter().flat_map(vauban_formats::yaml::Node::entries);
            let secret =
                entries.filter_map(|entry| Some((entry, entry.node.text()?))).find(|(entry, value)| {
                    is_secret_literal(&entry.key, value)
                        || !provider_tokens(value, estate.knowledge).is_empty()
                        || !connection_strings(value).is_empty()
                });
            let said = match secret {
                None => Verdict::Right,
                Some((entry, value)) => Verdict::Wrong {
                    place: place(it, entry.line),
                    what: format!("{} = {}", entry.key, masked(value)),
                    message: format!("`{}` of `{}` is written out", entry.key, it.name),
                },
            };
            estate.clouds.judge(stack, it, report, said);
        }
    }
    for (kind, path) in SCRIPTS {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let text = match &it.field(path).value {
                Value::Scalar { text, .. } | Value::Expression(text) => text.as_str(),
                _ => continue,
            };
            let hit =
                text.lines().find_map(|line| provider_tokens(line, estate.knowledge).into_iter().next());
            let said = match hit {
                None => Verdict::Right,
                Some(hit) => Verdict::Wrong {
                    place: place(it, it.line_of(path)),
                    what: hit.excerpt,
                    message: format!("{path} of `{}` holds a {}", it.name, hit.what),
                },
            };
            estate.clouds.judge(stack, it, report, said);
        }
    }
}
