//! Reads what an MLflow server keeps: registered models, versions, aliases, experiments, and the runs that made the
//! versions with the data they name. <https://mlflow.org/docs/latest/rest-api.html>
//!
//! All of that is `GET`. Searching for all runs and logged models has to be posted, which is done only where the user
//! named the address as an MLflow server.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vauban_formats::recording::Exchange;

use super::{Conversation, Kind};

/// Entries asked for at once; a page has to fit into what is kept of a body.
const PAGE: usize = 100;
/// Runs that are asked for one by one.
const RUNS: usize = 100;

/// Asks for everything; a page that is refused ends its list and nothing else.
pub(super) fn read(conversation: &mut Conversation, kind: Kind) {
    let asked = conversation.exchanges.len();
    conversation.bounds.questions = asked + RUNS + conversation.bounds.records / PAGE * 5;
    let below = "/api/2.0/mlflow";
    let models = pages(conversation, &format!("{below}/registered-models/search"), "registered_models");
    let versions = pages(conversation, &format!("{below}/model-versions/search"), "model_versions");
    let experiments = pages(conversation, &format!("{below}/experiments/search"), "experiments");
    let latest = models.iter().flat_map(|model| list(model, "latest_versions"));
    let runs: BTreeSet<String> =
        versions.iter().chain(latest).filter_map(|version| text(version, "run_id")).collect();
    if kind == Kind::Mlflow {
        let ids: Vec<String> =
            experiments.iter().filter_map(|experiment| text(experiment, "experiment_id")).collect();
        for ids in ids.chunks(PAGE) {
            search(conversation, &format!("{below}/runs/search"), ids, "runs");
            search(conversation, &format!("{below}/logged-models/search"), ids, "models");
        }
        return;
    }
    if conversation.is_refused(&format!("{below}/registered-models/search")) {
        let what = "what it keeps cannot be read without signing in; declare it as a source with credentials and add --live";
        conversation.limits.push(what.to_owned());
        return;
    }
    if runs.len() > RUNS {
        let what = format!("only {RUNS} of {} runs of registered models were read", runs.len());
        conversation.limits.push(what);
    }
    for run in runs.into_iter().filter(|run| run.bytes().all(|byte| byte.is_ascii_alphanumeric())).take(RUNS)
    {
        get(conversation, &format!("{below}/runs/get?run_id={run}"));
    }
    conversation.limits.push(
        "only the runs of registered models were read; name it as `mlflow+http://…` to read all runs"
            .to_owned(),
    );
}

/// All pages of a list that is read with `GET`.
fn pages(conversation: &mut Conversation, path: &str, key: &str) -> Vec<Value> {
    let (mut found, mut token) = (Vec::new(), String::new());
    loop {
        let more = if token.is_empty() { String::new() } else { format!("&page_token={}", escape(&token)) };
        let Some(page) = get(conversation, &format!("{path}?max_results={PAGE}{more}")) else { break };
        found.extend(list(&page, key).cloned());
        match next(&page, &token) {
            Some(next) if found.len() < conversation.bounds.records => token = next,
            Some(_) => {
                let what = format!("stopped after {} of {key}", found.len());
                conversation.limits.push(what);
                break;
            }
            None => break,
        }
    }
    found
}

/// All pages of a list that wants its question posted.
fn search(conversation: &mut Conversation, path: &str, experiments: &[String], key: &str) {
    let (mut found, mut token) = (0, String::new());
    while conversation.may_go_on() {
        let mut sent = json!({"experiment_ids": experiments, "max_results": PAGE});
        if !token.is_empty() {
            sent["page_token"] = json!(token);
        }
        let exchange = conversation.http.search(path, &sent.to_string());
        let page = body(&exchange);
        conversation.keep(exchange);
        let Some(page) = page else { break };
        found += list(&page, key).count();
        match next(&page, &token) {
            Some(next) if found < conversation.bounds.records => token = next,
            Some(_) => {
                conversation.limits.push(format!("stopped after {found} of {key}"));
                break;
            }
            None => break,
        }
    }
}

fn get(conversation: &mut Conversation, path: &str) -> Option<Value> {
    if !conversation.may_go_on() {
        return None;
    }
    let exchange = conversation.http.get(path, true);
    let page = body(&exchange);
    conversation.keep(exchange);
    page
}

fn body(exchange: &Exchange) -> Option<Value> {
    (exchange.status == 200).then(|| serde_json::from_str(&exchange.body).ok()).flatten()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default().iter()
}

fn text(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The token of the next page, unless it is the one we came with.
fn next(page: &Value, token: &str) -> Option<String> {
    text(page, "next_page_token").filter(|next| next != token)
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte))
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
