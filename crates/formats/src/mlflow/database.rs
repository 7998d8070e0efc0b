//! The database of a tracking server or of basic authentication.

use super::{Dataset, Experiment, GatewayEndpoint, Logged, MlFlow, Origin, Registered, Run, Version};
use crate::sqlite::{Database, Row};

/// The facts of a database with MLflow's tables; `None` for any other.
pub(crate) fn from_database(database: &Database<'_>) -> Option<MlFlow> {
    let has = |name: &str| database.table(name).is_some();
    let tracking = has("experiments") && has("runs") && has("latest_metrics");
    let authentication = has("users") && has("experiment_permissions") && has("registered_model_permissions");
    if !tracking && !authentication {
        return None;
    }
    let mut facts = MlFlow { origin: Origin::Database, ..MlFlow::default() };
    if authentication {
        // The hash in the column beside is not read.
        each(database, "users", |row| {
            facts.users.push((row.text_or_empty("username"), row.integer("is_admin") == Some(1)));
        });
    }
    if tracking {
        runs(database, &mut facts);
        inputs(database, &mut facts);
        registry(database, &mut facts);
        logged(database, &mut facts);
        gateway(database, &mut facts);
    }
    Some(facts)
}

fn each(database: &Database<'_>, table: &str, mut see: impl FnMut(&Row<'_>)) {
    database.rows(table, |row| {
        see(row);
        true
    });
}

fn runs(database: &Database<'_>, facts: &mut MlFlow) {
    each(database, "experiments", |row| {
        let experiment = Experiment {
            name: row.text_or_empty("name"),
            artifacts: row.text_or_empty("artifact_location"),
            deleted: row.text("lifecycle_stage").as_deref() == Some("deleted"),
        };
        facts.experiments.insert(row.text_or_empty("experiment_id"), experiment);
    });
    each(database, "runs", |row| {
        let run = Run {
            name: row.text_or_empty("name"),
            experiment: row.text_or_empty("experiment_id"),
            status: row.text_or_empty("status"),
            user: row.text_or_empty("user_id"),
            artifacts: row.text_or_empty("artifact_uri"),
            deleted: row.text("lifecycle_stage").as_deref() == Some("deleted"),
            ..Run::default()
        };
        facts.runs.insert(row.text_or_empty("run_uuid"), run);
    });
    let mut note = |table: &str, put: fn(&mut Run, String, String)| {
        each(database, table, |row| {
            if let Some(run) = facts.runs.get_mut(&row.text_or_empty("run_uuid")) {
                put(run, row.text_or_empty("key"), row.text_or_empty("value"));
            }
        });
    };
    note("params", |run, key, value| drop(run.parameters.insert(key, value)));
    note("tags", |run, key, value| drop(run.tags.insert(key, value)));
    note("latest_metrics", |run, key, value| drop(run.metrics.insert(key, value)));
}

fn inputs(database: &Database<'_>, facts: &mut MlFlow) {
    each(database, "datasets", |row| {
        let dataset = Dataset::of(
            row.text_or_empty("name"),
            row.text_or_empty("digest"),
            row.text_or_empty("dataset_source_type"),
            &row.text_or_empty("dataset_source"),
        );
        facts.datasets.insert(row.text_or_empty("dataset_uuid"), dataset);
    });
    let mut contexts = std::collections::BTreeMap::new();
    each(database, "input_tags", |row| {
        if row.text("name").as_deref() == Some("mlflow.data.context") {
            contexts.insert(row.text_or_empty("input_uuid"), row.text_or_empty("value"));
        }
    });
    each(database, "inputs", |row| {
        let of = |column: &str| row.text_or_empty(column);
        if of("source_type") == "DATASET"
            && of("destination_type") == "RUN"
            && let Some(run) = facts.runs.get_mut(&of("destination_id"))
        {
            let context = contexts.get(&of("input_uuid")).cloned().unwrap_or_default();
            run.inputs.push((of("source_id"), context));
        }
    });
}

fn registry(database: &Database<'_>, facts: &mut MlFlow) {
    each(database, "registered_models", |row| {
        let model = Registered { description: row.text_or_empty("description"), ..Registered::default() };
        facts.models.insert(row.text_or_empty("name"), model);
    });
    each(database, "registered_model_tags", |row| {
        if let Some(model) = facts.models.get_mut(&row.text_or_empty("name")) {
            model.tags.insert(row.text_or_empty("key"), row.text_or_empty("value"));
        }
    });
    each(database, "registered_model_aliases", |row| {
        if let Some(model) = facts.models.get_mut(&row.text_or_empty("name")) {
            model.aliases.insert(row.text_or_empty("alias"), row.text_or_empty("version"));
        }
    });
    let number = |row: &Row<'_>| row.integer("version").and_then(|version| u64::try_from(version).ok());
    each(database, "model_versions", |row| {
        let (Some(model), Some(number)) = (facts.models.get_mut(&row.text_or_empty("name")), number(row))
        else {
            return;
        };
        let version = Version {
            source: row.text_or_empty("source"),
            storage: row.text_or_empty("storage_location"),
            run: row.text_or_empty("run_id"),
            run_link: row.text_or_empty("run_link"),
            stage: row.text_or_empty("current_stage"),
            status: row.text_or_empty("status"),
            user: row.text_or_empty("user_id"),
            description: row.text_or_empty("description"),
            ..Version::default()
        };
        model.versions.insert(number, version);
    });
    each(database, "model_version_tags", |row| {
        let model = facts.models.get_mut(&row.text_or_empty("name"));
        let version = model.zip(number(row)).and_then(|(model, number)| model.versions.get_mut(&number));
        if let Some(version) = version {
            let (key, value) = (row.text_or_empty("key"), row.text_or_empty("value"));
            if key == "mlflow.version.model_id" || key == "mlflow.model_id" {
                version.logged.clone_from(&value);
            }
            version.tags.insert(key, value);
        }
    });
}

fn logged(database: &Database<'_>, facts: &mut MlFlow) {
    each(database, "logged_models", |row| {
        if row.text("lifecycle_stage").as_deref() == Some("deleted") {
            return;
        }
        let logged = Logged {
            name: row.text_or_empty("name"),
            experiment: row.text_or_empty("experiment_id"),
            run: row.text_or_empty("source_run_id"),
            artifacts: row.text_or_empty("artifact_location"),
            kind: row.text_or_empty("model_type"),
            status: row.text_or_empty("status"),
            ..Logged::default()
        };
        facts.logged.insert(row.text_or_empty("model_id"), logged);
    });
    each(database, "logged_model_tags", |row| {
        if let Some(logged) = facts.logged.get_mut(&row.text_or_empty("model_id")) {
            logged.tags.insert(row.text_or_empty("tag_key"), row.text_or_empty("tag_value"));
        }
    });
    // A version says `models:/m-…` where its source is a logged model.
    let ids: Vec<&String> = facts.logged.keys().collect();
    for version in facts.models.values_mut().flat_map(|model| model.versions.values_mut()) {
        let id = version.source.strip_prefix("models:/").unwrap_or_default();
        if version.logged.is_empty() && ids.iter().any(|known| *known == id) {
            version.logged = id.to_owned();
        }
    }
}

fn gateway(database: &Database<'_>, facts: &mut MlFlow) {
    // Neither the encrypted value nor the masked one is read.
    each(database, "secrets", |row| {
        facts.secrets.push((row.text_or_empty("secret_name"), row.text_or_empty("provider")));
    });
    let mut definitions = std::collections::BTreeMap::new();
    each(database, "model_definitions", |row| {
        let model = (row.text_or_empty("provider"), row.text_or_empty("model_name"));
        definitions.insert(row.text_or_empty("model_definition_id"), model);
    });
    let mut endpoints = std::collections::BTreeMap::new();
    each(database, "endpoints", |row| {
        let endpoint = GatewayEndpoint { name: row.text_or_empty("name"), models: Vec::new() };
        endpoints.insert(row.text_or_empty("endpoint_id"), endpoint);
    });
    each(database, "endpoint_model_mappings", |row| {
        let model = definitions.get(&row.text_or_empty("model_definition_id"));
        let endpoint = endpoints.get_mut(&row.text_or_empty("endpoint_id"));
        if let (Some(model), Some(endpoint)) = (model, endpoint) {
            endpoint.models.push(model.clone());
        }
    });
    facts.endpoints = endpoints.into_values().collect();
    each(database, "mcp_servers", |row| {
        facts.tool_servers.push((row.text_or_empty("name"), String::new()));
    });
    each(database, "mcp_access_endpoints", |row| {
        let name = row.text_or_empty("server_name");
        if let Some(server) = facts.tool_servers.iter_mut().find(|server| server.0 == name) {
            server.1 = row.text_or_empty("url");
        }
    });
    each(database, "webhooks", |row| {
        facts.webhooks.push((row.text_or_empty("name"), row.text_or_empty("url")));
    });
}
