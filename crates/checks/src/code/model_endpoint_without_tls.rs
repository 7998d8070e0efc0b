//! `code-model-endpoint-without-tls`.

use vauban_domain::{Evidence, rule};
use vauban_formats::Facts;
use vauban_formats::python::{Call, Value};

use crate::{Check, Look, Report, Subject};

rule! {
    /// A client of a language model speaks to it in the clear.
    pub(super) const RULE: "code-model-endpoint-without-tls" {
        family: Code,
        severity: Medium,
        title: "prompts and keys go to a model over plain HTTP",
        why: "everyone on the way reads the prompts, the answers and the key, and can answer in the model's place",
        remedy: "give the service a certificate and use https, or keep it on the same machine",
        techniques: ["AML.T0055@2026.09", "AML.T0040@2026.09"],
        mitigations: ["AML.M0012@2026.09"],
        weaknesses: ["CWE-319"],
        owasp: ["LLM02:2025"],
        threats: ["L4.6@2025-02", "X.4@2025-02"],
        source: "https://genai.owasp.org/llmrisk/llm022025-sensitive-information-disclosure/",
    }
}

/// The check.
pub(super) const CHECK: Check = Check { rule: &RULE, look: Look::Source(check) };

/// Names of the option that says where the model is.
const OPTIONS: &[&str] =
    &["api_base", "azure_endpoint", "baseURL", "baseUrl", "base_url", "endpoint_url", "openai_api_base"];
/// Parts of names of callables that make a client of a model.
const CLIENTS: &[&str] = &[
    "ai-sdk",
    "anthropic",
    "autogen",
    "azure.ai",
    "cohere",
    "crewai",
    "dspy",
    "genai",
    "groq",
    "huggingface",
    "langchain",
    "litellm",
    "llama_index",
    "llm",
    "mistral",
    "ollama",
    "openai",
    "pydantic_ai",
    "smolagents",
    "together",
    "vllm",
];

fn check(subject: &Subject<'_, Facts>, report: &mut Report) {
    match subject.facts {
        Facts::Python(python) => {
            for call in &python.calls {
                let text =
                    |value: &Value| vauban_formats::python::fetch::text_of(value, python).map(str::to_owned);
                let url = OPTIONS.iter().find_map(|key| text(call.keyword(key)?));
                judge(subject, call, url, report);
            }
        }
        Facts::Notebook(notebook) => {
            for cell in &notebook.cells {
                let locator = subject.locator.clone().at_key(format!("cells[{}]", cell.index));
                for call in &cell.python.calls {
                    let url = OPTIONS.iter().find_map(|key| call.keyword(key)?.literal().map(str::to_owned));
                    judge(&subject.with(subject.facts).at(&locator), call, url, report);
                }
            }
        }
        Facts::Script(script) => {
            for call in &script.calls {
                let url = call.arguments.iter().find_map(|options| {
                    OPTIONS.iter().find_map(|key| script.text_of(options.item(key)?).map(str::to_owned))
                });
                judge(subject, call, url, report);
            }
        }
        _ => {}
    }
}

fn judge(subject: &Subject<'_, Facts>, call: &Call, url: Option<String>, report: &mut Report) {
    let callee = call.callee.to_lowercase();
    let Some(url) = url.filter(|url| is_plain(url) && CLIENTS.iter().any(|part| callee.contains(part)))
    else {
        return;
    };
    let place = subject.locator.clone().at_line(call.line);
    let key = format!("{}:{}:{url}", subject.locator.path, call.callee);
    let message = format!("`{}` talks to `{url}` in the clear", call.callee);
    report.find(&subject.asset.id, message, vec![Evidence::new(place, key, url)]);
}

/// Whether an address is plain HTTP to another machine. A name without a dot is a neighbour in a cluster or in a compose
/// file, whose network is judged elsewhere; made-up names of documentation are nobody.
fn is_plain(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let local = matches!(host, "localhost" | "0.0.0.0" | "host.docker.internal")
        || host.starts_with("127.")
        || host.starts_with('[')
        || [".local", ".internal", ".localhost", ".svc", ".test"].iter().any(|end| host.ends_with(end));
    let placeholder =
        host.contains(['{', '<', '$', '*']) || host.starts_with("your") || host.starts_with("example.");
    host.contains('.') && !local && !placeholder
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn other_machines_are_told_from_this_one() {
        for yes in ["http://llm.clinic.example/v1", "http://10.1.2.3:8000/v1"] {
            assert!(is_plain(yes), "{yes}");
        }
        for no in [
            "https://llm.clinic.example",
            "http://localhost:8000",
            "http://127.0.0.1/v1",
            "http://vllm:8000/v1",
            "http://{host}/v1",
            "http://your-host.com",
        ] {
            assert!(!is_plain(no), "{no}");
        }
    }
}
