//! JavaScript and TypeScript: programs that talk to language models, with their models, endpoints and tools.

use std::collections::{BTreeMap, BTreeSet};

use vauban_domain::{Asset, AssetId, AssetKind, Confidence, Layer, Relation, RelationKind};
use vauban_formats::Facts;
use vauban_formats::python::{Call, Value};
use vauban_formats::script::Script;

use super::sdk::{self, Sdk};
use super::{Collector, Seen, identity};

/// Maps a source file that asks a model or serves tools to one.
pub(super) fn map(seen: &Seen<'_>, collector: &mut Collector) {
    let Facts::Script(script) = &seen.parsed.facts else { return };
    // Types alone ask nobody: some call must go to the library.
    let calls = || script.calls.iter().filter_map(|call| Some((call, sdk::of_script(&call.callee)?)));
    let Some((client, first)) = calls().find(|(_, sdk)| sdk.framework != "mcp").or_else(|| calls().next())
    else {
        return;
    };
    let (kind, component, layer) = match first.framework {
        "mcp" => (AssetKind::Tool, "mcp_server", Layer::AgentFrameworks),
        _ => (AssetKind::Agent, "agent", Layer::Ecosystem),
    };
    let url = base_url(script);
    let mut asset = Asset::new(kind, component, layer, seen.path, Confidence::Inferred, seen.locator())
        .with("framework", first.framework)
        .with("language", "javascript");
    asset.digest = seen.digest;
    asset.size = Some(seen.size);
    if let Some(url) = url {
        asset = asset.with("base_url", url);
    }
    let id = collector.asset(asset);
    collector.home(&id);
    let locator = seen.locator().at_line(client.line);
    let endpoint = match (url, first.provider) {
        (Some(url), _) => sdk::endpoint_at(url, locator.clone()),
        (None, Some("ollama")) => sdk::endpoint_at("http://localhost:11434", locator.clone()),
        // Models of these run in the process.
        (None, Some(_)) if first.framework == "transformers.js" => None,
        (None, Some(provider)) => Some(sdk::provider_endpoint(provider, locator.clone())),
        (None, None) => None,
    };
    if let Some(endpoint) = endpoint {
        let address = endpoint.attribute("url").and_then(identity::address);
        let endpoint = collector.asset(endpoint);
        if let Some(address) = address {
            collector.known_as(&endpoint, address);
        }
        collector.relation(Relation::new(
            id.clone(),
            RelationKind::SendsTo,
            endpoint,
            Confidence::Declared,
            locator,
        ));
    }
    for (call, sdk) in calls().filter(|(_, sdk)| sdk.framework != "mcp") {
        for (provider, model) in models(call, sdk, script) {
            let locator = seen.locator().at_line(call.line);
            let local = sdk.framework == "transformers.js";
            let asset = sdk::provider_model(provider, model, locator.clone());
            let model = collector.asset(if local { asset.with("hosting", "in the process") } else { asset });
            let kinds: &[RelationKind] =
                if local { &[RelationKind::Loads] } else { &[RelationKind::SendsTo, RelationKind::Uses] };
            for kind in kinds {
                let relation =
                    Relation::new(id.clone(), *kind, model.clone(), Confidence::Declared, locator.clone());
                collector.relation(relation);
            }
        }
    }
    prompts(seen, script, &id, collector);
    tools(seen, script, &id, collector);
}

/// The address of the model service that some call of a library is given.
fn base_url(script: &Script) -> Option<&str> {
    script.calls.iter().filter(|call| sdk::of_script(&call.callee).is_some()).find_map(|call| {
        let options = call.arguments.iter().find(|value| matches!(value, Value::Dict(_)))?;
        let url = ["baseURL", "baseUrl", "endpoint", "host", "azureOpenAIEndpoint"]
            .iter()
            .find_map(|key| script.text_of(options.item(key)?))
            .or_else(|| script.text_of(options.item("configuration")?.item("baseURL")?));
        url.filter(|url| url.contains("://"))
    })
}

/// Models that a call names.
fn models<'a>(call: &'a Call, sdk: Sdk, script: &'a Script) -> Vec<(&'a str, &'a str)> {
    let mut found = Vec::new();
    for options in call.arguments.iter().filter(|value| matches!(value, Value::Dict(_))) {
        let keys = ["model", "modelName", "modelId", "model_id", "deploymentName"];
        found.extend(keys.iter().find_map(|key| script.text_of(options.item(key)?)));
    }
    let first = || call.arguments.first().and_then(|value| script.text_of(value));
    // `openai("gpt-5")` of the AI SDK, `getGenerativeModel`, `pipeline("task", "model")`.
    if sdk.framework == "ai-sdk" && sdk.provider.is_some() && call.arguments.len() <= 2 {
        found.extend(first());
    }
    if sdk.framework == "transformers.js" {
        match call.name() {
            "from_pretrained" => found.extend(first()),
            "pipeline" => found.extend(call.arguments.get(1).and_then(|value| script.text_of(value))),
            _ => {}
        }
    }
    if call.name() == "initChatModel" {
        found.extend(first());
    }
    found
        .into_iter()
        .filter(|model| {
            !model.is_empty()
                && model.len() < 200
                && !model.contains(char::is_whitespace)
                && !model.contains("://")
        })
        .map(|model| sdk::model_name(sdk, model))
        .collect()
}

/// Instructions that are written in the file.
fn prompts(seen: &Seen<'_>, script: &Script, agent: &AssetId, collector: &mut Collector) {
    let mut found: BTreeMap<String, (u32, usize)> = BTreeMap::new();
    for assignment in &script.assignments {
        let name = assignment.target.to_lowercase();
        let named = ["prompt", "system_message", "systemmessage", "instructions"]
            .iter()
            .any(|word| name.contains(word));
        if let Some(text) = assignment.value.text().filter(|text| named && text.len() >= 20) {
            found.insert(assignment.target.clone(), (assignment.line, text.chars().count()));
        }
    }
    for call in script.calls.iter() {
        for options in &call.arguments {
            for key in ["system", "instructions", "systemPrompt", "systemInstruction"] {
                if let Some(text) = options.item(key).and_then(Value::text).filter(|text| text.len() >= 20) {
                    found.insert(format!("{key}[{}]", call.callee), (call.line, text.chars().count()));
                }
            }
            if let Some(Value::List(messages)) = options.item("messages") {
                let system = messages.iter().filter(|message| {
                    matches!(message.item("role").and_then(Value::literal), Some("system" | "developer"))
                });
                for text in system
                    .filter_map(|message| message.item("content")?.text())
                    .filter(|text| text.len() >= 20)
                {
                    found.insert(format!("messages[{}]", call.callee), (call.line, text.chars().count()));
                }
            }
        }
    }
    for (key, (line, characters)) in found {
        let locator = seen.locator().at_line(line).at_key(key.clone());
        let asset = Asset::new(
            AssetKind::Prompt,
            "agent_framework",
            Layer::AgentFrameworks,
            &format!("{}#{key}", seen.path),
            Confidence::Verified,
            locator.clone(),
        )
        .with("characters", characters.to_string());
        let prompt = collector.asset(asset);
        collector.relation(Relation::new(
            agent.clone(),
            RelationKind::Uses,
            prompt,
            Confidence::Verified,
            locator,
        ));
    }
}

/// Functions handed to something that registers them for a model.
fn tools(seen: &Seen<'_>, script: &Script, agent: &AssetId, collector: &mut Collector) {
    for (index, call) in script.calls.iter().enumerate() {
        let registers = matches!(
            call.name(),
            "DynamicStructuredTool"
                | "DynamicTool"
                | "addTool"
                | "betaZodTool"
                | "createTool"
                | "defineTool"
                | "registerTool"
                | "tool"
        );
        if !registers {
            continue;
        }
        let options = call.arguments.iter().filter(|value| matches!(value, Value::Dict(_)));
        let named = options.filter_map(|options| options.item("name")?.literal()).next();
        let first = call.arguments.first().and_then(Value::literal);
        let Some(name) = named.or(first).or(call.assigned_to.as_deref()) else { continue };
        let given =
            || script.functions.iter().enumerate().filter(|(_, function)| function.given_to == Some(index));
        if given().next().is_none() {
            continue;
        }
        let mut effects: BTreeSet<&'static str> = BTreeSet::new();
        for called in script.calls.iter() {
            let inside = |function: usize| {
                let mut at = Some(function);
                for _ in 0..32 {
                    match at {
                        Some(index) if given().any(|(given, _)| given == index) => return true,
                        Some(index) => at = script.functions.get(index).and_then(|function| function.parent),
                        None => return false,
                    }
                }
                false
            };
            if called.function.is_some_and(inside) {
                effects.extend(effect(called));
            }
        }
        let locator = seen.locator().at_line(call.line).at_key(name.to_owned());
        let mut asset = Asset::new(
            AssetKind::Tool,
            "tool",
            Layer::AgentFrameworks,
            &format!("{}#{name}", seen.path),
            Confidence::Verified,
            locator.clone(),
        );
        if !effects.is_empty() {
            asset = asset.with("side_effects", effects.into_iter().collect::<Vec<_>>().join(", "));
        }
        let tool = collector.asset(asset);
        collector.relation(Relation::new(
            agent.clone(),
            RelationKind::Uses,
            tool,
            Confidence::Inferred,
            locator,
        ));
    }
}

/// What a call does to the world.
fn effect(call: &Call) -> Option<&'static str> {
    let callee = call.callee.as_str();
    let method = |value: &Value| value.item("method").and_then(Value::literal).map(str::to_uppercase);
    Some(match (callee, call.name()) {
        ("eval" | "Function" | "vm.runInNewContext" | "vm.runInThisContext", _) => "code",
        (_, "exec" | "execSync" | "spawn" | "spawnSync" | "execFile" | "execFileSync")
            if callee.starts_with("child_process") =>
        {
            "process"
        }
        ("execa" | "execa.execa" | "zx.$", _) => "process",
        ("fetch", _) => match call.arguments.get(1).and_then(method).as_deref() {
            None | Some("GET" | "HEAD") => "network",
            Some(_) => "network-write",
        },
        (_, "post" | "put" | "patch" | "delete")
            if callee.starts_with("axios") || callee.starts_with("got") =>
        {
            "network-write"
        }
        (_, "get") if callee.starts_with("axios") || callee.starts_with("got") => "network",
        (_, "unlink" | "unlinkSync" | "rm" | "rmSync" | "rmdir" | "rmdirSync")
            if callee.starts_with("fs") =>
        {
            "file-delete"
        }
        (_, "writeFile" | "writeFileSync" | "appendFile" | "appendFileSync") if callee.starts_with("fs") => {
            "file-write"
        }
        (_, "readFile" | "readFileSync" | "readdir" | "readdirSync") if callee.starts_with("fs") => {
            "file-read"
        }
        (_, "sendMail") => "message",
        (_, "query" | "execute" | "$queryRaw" | "$executeRaw" | "$queryRawUnsafe" | "$executeRawUnsafe") => {
            "database"
        }
        _ if callee.starts_with("stripe.") => "payment",
        _ => return None,
    })
}
