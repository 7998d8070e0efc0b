//! A program that talks to a language model: its model, its prompts, its tools.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Locator, Relation, RelationKind};
use vauban_formats::python::{Call, Python, Value};

use super::{relate, text_of, tool};
use crate::inventory::sdk::{self, Sdk};
use crate::inventory::{Collector, Seen, identity};

/// Maps a file that makes a client of a language model; false if it makes none.
pub(super) fn map(seen: &Seen<'_>, python: &Python, collector: &mut Collector) -> bool {
    let clients = || python.calls.iter().filter_map(|call| Some((call, sdk::of_python(&call.callee)?)));
    // A file that serves tools is an agent only if it also asks a model.
    let Some((client, sdk)) = clients().find(|(_, sdk)| sdk.framework != "mcp").or_else(|| clients().next())
    else {
        parts(seen, python, collector);
        return false;
    };
    let framework = sdk.framework;
    let (kind, component, layer) = match framework {
        "mcp" => (AssetKind::Tool, "mcp_server", Layer::AgentFrameworks),
        _ => (AssetKind::Agent, "agent", Layer::Ecosystem),
    };
    let id = AssetId::new(kind, seen.path);
    let mut agent = Asset::new(kind, component, layer, seen.path, Confidence::Inferred, seen.locator())
        .with("framework", framework);
    agent.digest = seen.digest;
    agent.size = Some(seen.size);
    let base_url = base_url(python, client);
    if let Some(url) = &base_url {
        agent = agent.with("base_url", url.clone());
    }
    let mut tools = Vec::new();
    for found in tool::tools(python) {
        let (asset, facts) = found.asset(seen, python);
        for (key, value) in facts {
            agent.attributes.entry(key.to_owned()).or_insert_with(|| value.to_owned());
        }
        tools.push(asset);
    }
    collector.asset(agent);
    collector.home(&id);
    for asset in tools {
        let locator = asset.locators.first().cloned().unwrap_or_else(|| seen.locator());
        let tool = collector.asset(asset);
        uses(&id, tool, Confidence::Inferred, locator, collector);
    }
    models(seen, python, &id, sdk, base_url.as_deref(), collector);
    interface(seen, &id, client, sdk, base_url.as_deref(), collector);
    prompts(seen, python, &id, collector);
    relate(&id, python, |line| seen.locator().at_line(line), collector);
    true
}

fn uses(agent: &AssetId, what: AssetId, confidence: Confidence, locator: Locator, collector: &mut Collector) {
    collector.relation(Relation::new(agent.clone(), RelationKind::Uses, what, confidence, locator));
}

/// Tools and prompts that a file keeps for an agent elsewhere.
fn parts(seen: &Seen<'_>, python: &Python, collector: &mut Collector) {
    for found in tool::marked(python) {
        collector.asset(found.asset(seen, python).0);
    }
    for asset in kept_prompts(seen, python) {
        collector.asset(asset);
    }
}

/// The address of the model service, of the client or of any call that names one.
fn base_url(python: &Python, client: &Call) -> Option<String> {
    let of = |call: &Call| {
        ["base_url", "api_base", "azure_endpoint", "endpoint", "endpoint_url", "openai_api_base", "host"]
            .iter()
            .find_map(|key| {
                text_of(call.keyword(key)?, python).filter(|url| url.contains("://")).map(str::to_owned)
            })
    };
    of(client)
        .or_else(|| python.calls.iter().filter(|call| sdk::of_python(&call.callee).is_some()).find_map(of))
}

/// What answers the agent: the address it is given, or the interface of its provider.
fn interface(
    seen: &Seen<'_>,
    agent: &AssetId,
    client: &Call,
    sdk: Sdk,
    base_url: Option<&str>,
    collector: &mut Collector,
) {
    let locator = seen.locator().at_line(client.line);
    let asset = match (base_url, sdk.provider) {
        (Some(url), _) => sdk::endpoint_at(url, locator.clone()),
        // Ollama answers at home.
        (None, Some("ollama")) => sdk::endpoint_at("http://localhost:11434", locator.clone()),
        (None, Some(provider)) => Some(sdk::provider_endpoint(provider, locator.clone())),
        (None, None) => None,
    };
    let Some(asset) = asset else { return };
    let address = asset.attribute("url").and_then(identity::address);
    let endpoint = collector.asset(asset);
    if let Some(address) = address {
        collector.known_as(&endpoint, address);
    }
    collector.relation(Relation::new(
        agent.clone(),
        RelationKind::SendsTo,
        endpoint,
        Confidence::Declared,
        locator,
    ));
}

/// Models that calls name: remote ones that nobody here has the bytes of.
fn models(
    seen: &Seen<'_>,
    python: &Python,
    agent: &AssetId,
    first: Sdk,
    base_url: Option<&str>,
    collector: &mut Collector,
) {
    let host =
        base_url.and_then(|url| url.split("://").nth(1)).and_then(|rest| rest.split(['/', ':']).next());
    for call in python.calls.iter().filter(|call| framework_call(call)) {
        let sdk = sdk::of_python(&call.callee).unwrap_or(first);
        let model =
            ["model", "model_name", "model_id", "modelId", "azure_deployment", "deployment_name", "llm"]
                .iter()
                .find_map(|key| text_of(call.keyword(key)?, python))
                .or_else(|| text_of(call.arguments.first()?, python).filter(|_| names_model_first(call)));
        let Some(model) = model.filter(|model| is_model(model)) else { continue };
        let (provider, model) = match host {
            Some(host) => (host, model),
            None => sdk::model_name(sdk, model),
        };
        let locator = seen.locator().at_line(call.line);
        let id = collector.asset(sdk::provider_model(provider, model, locator.clone()));
        // Prompts go there, and what comes back is acted on.
        for kind in [RelationKind::SendsTo, RelationKind::Uses] {
            collector.relation(Relation::new(
                agent.clone(),
                kind,
                id.clone(),
                Confidence::Declared,
                locator.clone(),
            ));
        }
    }
}

/// Whether the first argument of a call is the name of a model.
fn names_model_first(call: &Call) -> bool {
    matches!(
        call.callee.as_str(),
        "dspy.LM"
            | "google.generativeai.GenerativeModel"
            | "langchain.chat_models.init_chat_model"
            | "pydantic_ai.Agent"
            | "replicate.run"
            | "vertexai.generative_models.GenerativeModel"
    )
}

fn is_model(name: &str) -> bool {
    !name.is_empty() && name.len() < 200 && !name.contains(char::is_whitespace)
}

fn framework_call(call: &Call) -> bool {
    sdk::of_python(&call.callee).is_some_and(|sdk| sdk.framework != "mcp")
        || matches!(call.name(), "create" | "completion" | "generate_content" | "chat" | "invoke")
}

/// Long texts under names that say they instruct.
fn kept_prompts(seen: &Seen<'_>, python: &Python) -> Vec<Asset> {
    let mut kept = Vec::new();
    for assignment in &python.assignments {
        let name = assignment.target.to_lowercase();
        let named = ["prompt", "system_message", "instructions"].iter().any(|word| name.contains(word));
        let Some(text) = assignment.value.text().filter(|text| named && text.len() >= 20) else { continue };
        let asset = Asset::new(
            AssetKind::Prompt,
            "agent_framework",
            Layer::AgentFrameworks,
            &format!("{}#{}", seen.path, assignment.target),
            Confidence::Verified,
            seen.locator().at_line(assignment.line).at_key(assignment.target.clone()),
        );
        kept.push(asset.with("characters", text.chars().count().to_string()));
    }
    kept
}

/// Prompts that the file keeps, hands over, or reads from elsewhere.
fn prompts(seen: &Seen<'_>, python: &Python, agent: &AssetId, collector: &mut Collector) {
    for asset in kept_prompts(seen, python) {
        let locator = asset.locators.first().cloned().unwrap_or_else(|| seen.locator());
        let id = collector.asset(asset);
        uses(agent, id, Confidence::Verified, locator, collector);
    }
    for (index, (text, line, key)) in python.calls.iter().flat_map(instructions).enumerate() {
        let locator = seen.locator().at_line(line).at_key(format!("{key}[{index}]"));
        let asset = Asset::new(
            AssetKind::Prompt,
            "agent_framework",
            Layer::AgentFrameworks,
            &format!("{}#{key}[{index}]", seen.path),
            Confidence::Verified,
            locator.clone(),
        )
        .with("characters", text.chars().count().to_string());
        let id = collector.asset(asset);
        uses(agent, id, Confidence::Verified, locator, collector);
    }
    for call in &python.calls {
        let path = call.arguments.first().and_then(Value::literal).filter(|path| path.contains("prompt"));
        if let Some(path) = path.filter(|_| matches!(call.name(), "open" | "Path")) {
            collector.link(agent, RelationKind::Uses, path, seen.locator().at_line(call.line));
        }
    }
}

/// Instructions that a call hands over itself: `system=`, `instructions=`, a message of the system.
fn instructions(call: &Call) -> Vec<(&str, u32, &'static str)> {
    const KEYWORDS: &[&str] =
        &["backstory", "instructions", "system", "system_instruction", "system_message", "system_prompt"];
    let mut found: Vec<(&str, u32, &'static str)> =
        KEYWORDS.iter().filter_map(|key| Some((call.keyword(key)?.text()?, call.line, *key))).collect();
    if call.name() == "SystemMessage" {
        found.extend(
            call.argument(0, "content").and_then(Value::text).map(|text| (text, call.line, "system")),
        );
    }
    if let Some(Value::List(messages)) = call.keyword("messages") {
        let system = messages.iter().filter(|message| {
            matches!(message.item("role").and_then(Value::literal), Some("system" | "developer"))
        });
        found.extend(
            system.filter_map(|message| Some((message.item("content")?.text()?, call.line, "messages"))),
        );
    }
    found.retain(|(text, ..)| text.len() >= 20);
    found
}
