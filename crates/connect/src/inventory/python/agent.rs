//! A program that talks to a language model: its model, its prompts, its tools.

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::python::{Call, Python, Value};

use super::{relate, text_of, tool};
use crate::inventory::{Collector, Seen};

/// Beginnings of callees that make a client or agent, and the framework they belong to.
const CLIENTS: &[(&str, &str)] = &[
    ("agents.Agent", "openai-agents"),
    ("anthropic.Anthropic", "anthropic"),
    ("anthropic.AsyncAnthropic", "anthropic"),
    ("autogen", "autogen"),
    ("cohere.Client", "cohere"),
    ("crewai.Agent", "crewai"),
    ("crewai.Crew", "crewai"),
    ("google.genai.Client", "google-genai"),
    ("google.generativeai.GenerativeModel", "google-generativeai"),
    ("groq.Groq", "groq"),
    ("haystack_experimental.", "haystack"),
    ("langchain.agents", "langchain"),
    ("langchain_anthropic.", "langchain"),
    ("langchain_community.chat_models", "langchain"),
    ("langchain_openai.", "langchain"),
    ("langgraph.", "langgraph"),
    ("litellm.completion", "litellm"),
    ("llama_index.", "llama-index"),
    ("mcp.server.fastmcp.FastMCP", "mcp"),
    ("mistralai.", "mistralai"),
    ("ollama.", "ollama"),
    ("openai.AsyncOpenAI", "openai"),
    ("openai.AzureOpenAI", "openai"),
    ("openai.ChatCompletion", "openai"),
    ("openai.OpenAI", "openai"),
    ("pydantic_ai.Agent", "pydantic-ai"),
    ("semantic_kernel.", "semantic-kernel"),
    ("smolagents.", "smolagents"),
];

fn framework(callee: &str) -> Option<&'static str> {
    CLIENTS.iter().find(|(start, _)| callee.starts_with(start)).map(|(_, framework)| *framework)
}

/// Maps a file that makes a client of a language model; false if it makes none.
pub(super) fn map(seen: &Seen<'_>, python: &Python, collector: &mut Collector) -> bool {
    let Some((client, framework)) =
        python.calls.iter().find_map(|call| Some((call, framework(&call.callee)?)))
    else {
        return false;
    };
    let id = AssetId::new(AssetKind::Agent, seen.path);
    let mut agent = Asset::new(
        AssetKind::Agent,
        "agent",
        Layer::Ecosystem,
        seen.path,
        Confidence::Inferred,
        seen.locator(),
    )
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
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::Uses,
            tool,
            Confidence::Inferred,
            locator,
        ));
    }
    models(seen, python, &id, framework, base_url.as_deref(), collector);
    prompts(seen, python, &id, collector);
    relate(&id, python, |line| seen.locator().at_line(line), collector);
    true
}

/// The address of the model service, of the client or of any call that names one.
fn base_url(python: &Python, client: &Call) -> Option<String> {
    let of = |call: &Call| {
        ["base_url", "api_base", "azure_endpoint", "endpoint"]
            .iter()
            .find_map(|key| text_of(call.keyword(key)?, python).map(str::to_owned))
    };
    of(client).or_else(|| python.calls.iter().filter(|call| framework(&call.callee).is_some()).find_map(of))
}

/// Models that calls name: remote ones that nobody here has the bytes of.
fn models(
    seen: &Seen<'_>,
    python: &Python,
    agent: &AssetId,
    framework: &str,
    base_url: Option<&str>,
    collector: &mut Collector,
) {
    let provider = base_url
        .and_then(|url| url.split("://").nth(1))
        .and_then(|rest| rest.split(['/', ':']).next())
        .unwrap_or(framework);
    for call in python.calls.iter().filter(|call| framework_call(call)) {
        let model =
            ["model", "model_name", "model_id"].iter().find_map(|key| text_of(call.keyword(key)?, python));
        let Some(model) = model.filter(|model| !model.is_empty() && model.len() < 200) else { continue };
        let locator = seen.locator().at_line(call.line);
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            &format!("{provider}/{model}"),
            Confidence::Declared,
            locator.clone(),
        )
        .with("source", provider)
        .with("hosting", "remote");
        let id = collector.asset(asset);
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

fn framework_call(call: &Call) -> bool {
    framework(&call.callee).is_some()
        || matches!(call.name(), "create" | "completion" | "generate_content" | "chat" | "invoke")
}

/// Long texts under names that say they instruct, and files of prompts that are read.
fn prompts(seen: &Seen<'_>, python: &Python, agent: &AssetId, collector: &mut Collector) {
    for assignment in &python.assignments {
        let name = assignment.target.to_lowercase();
        let named = ["prompt", "system_message", "instructions"].iter().any(|word| name.contains(word));
        let Some(text) = assignment.value.text().filter(|text| named && text.len() >= 20) else { continue };
        let locator = seen.locator().at_line(assignment.line).at_key(assignment.target.clone());
        let asset = Asset::new(
            AssetKind::Prompt,
            "agent_framework",
            Layer::AgentFrameworks,
            &format!("{}#{}", seen.path, assignment.target),
            Confidence::Verified,
            locator.clone(),
        )
        .with("characters", text.chars().count().to_string());
        let id = collector.asset(asset);
        collector.relation(Relation::new(
            agent.clone(),
            RelationKind::Uses,
            id,
            Confidence::Verified,
            locator,
        ));
    }
    for call in &python.calls {
        let path = call.arguments.first().and_then(Value::literal).filter(|path| path.contains("prompt"));
        if let Some(path) = path.filter(|_| matches!(call.name(), "open" | "Path")) {
            collector.link(agent, RelationKind::Uses, path, seen.locator().at_line(call.line));
        }
    }
}
