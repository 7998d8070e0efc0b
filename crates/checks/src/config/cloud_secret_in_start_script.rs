//! A secret stands, encoded, in the script that a machine or notebook runs when it starts.

use crate::secret::scan::{connection_strings, provider_tokens};
use vauban_domain::rule;

use crate::clouds::{Verdict, place};
use crate::{Check, Estate, Look, Report};

rule! {
    /// A secret stands, encoded, in the script that a machine or notebook runs when it starts.
    pub const RULE: "cloud-secret-in-start-script" {
        family: Config,
        severity: High,
        title: "secret in a start script",
        why: "everyone who may describe the machine or notebook, or read its state, has the secret; base64 hides it from nobody",
        remedy: "keep it in a secret store and let the script fetch it",
        techniques: ["AML.T0055@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-526", "CWE-798"],
        owasp: ["LLM02:2025"],
        threats: ["L4.6@2025-02"],
        source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Estate(check) };

/// Texts in base64 that run when something starts. What stands in the clear is found by the rules about text.
const SCRIPTS: &[(&str, &str)] = &[
    ("aws_instance", "user_data"),
    ("aws_instance", "user_data_base64"),
    ("aws_launch_template", "user_data"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_create"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_create.content"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_start"),
    ("aws_sagemaker_notebook_instance_lifecycle_configuration", "on_start.content"),
    ("aws_sagemaker_studio_lifecycle_config", "studio_lifecycle_config_content"),
];

fn check(estate: &Estate<'_>, report: &mut Report) {
    for (kind, path) in SCRIPTS {
        for (stack, it) in estate.clouds.of_kind(&[kind]) {
            let Some(script) = it.text(path).and_then(decoded) else { continue };
            let hit = script.lines().find_map(|line| {
                let tokens = provider_tokens(line, estate.knowledge).into_iter();
                tokens.chain(connection_strings(line)).next()
            });
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

fn decoded(text: &str) -> Option<String> {
    let bytes = vauban_formats::encoded::base64(text.trim().as_bytes())?;
    String::from_utf8(bytes).ok()
}
