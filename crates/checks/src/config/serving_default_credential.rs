//! `serving-default-credential`.

use vauban_domain::{AssetId, Evidence, rule};
use vauban_formats::Facts;

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A service for models or data keeps the credential of its documentation.
    pub const RULE: "serving-default-credential" {
        family: Config,
        severity: High,
        title: "service keeps the credential of its documentation",
        why: "whoever reaches the service tries the documented credential first, and then has everything that the service keeps or may call",
        remedy: "set a long random value from a secret store, and replace what the service could reach meanwhile",
        techniques: ["AML.T0012@2026.09", "AML.T0055@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-1392"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02"],
        source: "https://docs.litellm.ai/docs/proxy/virtual_keys and the first steps of each product",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Container(check) };

/// Names of settings and variables, and the values that documentation gives them.
const DEFAULTS: &[(&str, &[&str])] = &[
    ("AIRFLOW_ADMIN_PASSWORD", &["admin", "airflow"]),
    ("_AIRFLOW_WWW_USER_PASSWORD", &["airflow"]),
    ("FLOWISE_PASSWORD", &["1234"]),
    ("LABEL_STUDIO_PASSWORD", &["123456", "password"]),
    ("LANGFLOW_SUPERUSER_PASSWORD", &["langflow", "admin"]),
    ("LITELLM_MASTER_KEY", &["sk-1234"]),
    ("MINIO_ACCESS_KEY", &["minioadmin"]),
    ("MINIO_ROOT_PASSWORD", &["minioadmin", "minio123", "password"]),
    ("MINIO_SECRET_KEY", &["minioadmin", "minio123"]),
    ("NEXTAUTH_SECRET", &["mysecret"]),
    ("OPENSEARCH_INITIAL_ADMIN_PASSWORD", &["admin"]),
    ("master_key", &["sk-1234"]),
];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    let mut see = |asset: AssetId, owner: &str, name: &str, value: &str, line: u32| {
        let known = DEFAULTS.iter().any(|(known, values)| *known == name && values.contains(&value));
        if known {
            let place = subject.locator.clone().at_line(line).at_key(owner.to_owned());
            let message = format!("`{name}` of {owner} is the value that the documentation gives");
            report.find(&asset, message, vec![Evidence::new(place, format!("{owner}:{name}"), name)]);
        }
    };
    match subject.facts {
        Facts::Kubernetes(file) => {
            for object in &file.objects {
                for env in object.containers().flat_map(|(_, container)| &container.env) {
                    let value = env.value.as_deref().unwrap_or_default();
                    see(owner(subject, &object.title()), &object.title(), &env.name, value, env.line);
                }
            }
        }
        Facts::Compose(file) => {
            for service in &file.services {
                for variable in &service.environment {
                    let value = variable.value.as_deref().unwrap_or_default();
                    see(owner(subject, &service.name), &service.name, &variable.name, value, variable.line);
                }
            }
        }
        Facts::Serving(file) => {
            for setting in &file.settings {
                let name = setting.key.rsplit('.').next().unwrap_or_default();
                let product = file.product.as_str();
                see(subject.asset.id.clone(), product, name, &setting.value, setting.line);
            }
        }
        _ => {}
    }
}
