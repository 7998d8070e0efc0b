//! Libraries that talk to language models, in Python and JavaScript: their framework and whose models they ask.

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Locator};

use super::identity;

/// A library that makes a client, a model or an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sdk {
    /// The framework's name.
    pub(super) framework: &'static str,
    /// Whose models it asks, if it asks those of one provider only.
    pub(super) provider: Option<&'static str>,
}

/// Beginnings of callees in Python, their framework, and the provider behind it.
const PYTHON: &[(&str, &str, &str)] = &[
    ("agents.Agent", "openai-agents", "openai"),
    ("ai21.", "ai21", "ai21"),
    ("anthropic.Anthropic", "anthropic", "anthropic"),
    ("anthropic.AsyncAnthropic", "anthropic", "anthropic"),
    ("autogen", "autogen", ""),
    ("azure.ai.inference", "azure-ai-inference", "azure"),
    ("boto3.client().converse", "bedrock", "bedrock"),
    ("boto3.client().invoke_agent", "bedrock", "bedrock"),
    ("boto3.client().invoke_model", "bedrock", "bedrock"),
    ("claude_agent_sdk.", "claude-agent-sdk", "anthropic"),
    ("cohere.", "cohere", "cohere"),
    ("crewai.", "crewai", ""),
    ("dspy.", "dspy", ""),
    ("fastmcp.FastMCP", "mcp", ""),
    ("google.adk.", "google-adk", "google"),
    ("google.genai.Client", "google-genai", "google"),
    ("google.generativeai.GenerativeModel", "google-generativeai", "google"),
    ("groq.", "groq", "groq"),
    ("haystack.components.generators", "haystack", ""),
    ("haystack_experimental.", "haystack", ""),
    ("huggingface_hub.InferenceClient", "huggingface-hub", "huggingface"),
    ("instructor.", "instructor", ""),
    ("langchain.agents", "langchain", ""),
    ("langchain.chat_models.init_chat_model", "langchain", ""),
    ("langchain_anthropic.", "langchain", "anthropic"),
    ("langchain_aws.", "langchain", "bedrock"),
    ("langchain_cohere.", "langchain", "cohere"),
    ("langchain_community.chat_models", "langchain", ""),
    ("langchain_community.llms", "langchain", ""),
    ("langchain_google_genai.", "langchain", "google"),
    ("langchain_google_vertexai.", "langchain", "google"),
    ("langchain_groq.", "langchain", "groq"),
    ("langchain_mistralai.", "langchain", "mistral"),
    ("langchain_ollama.", "langchain", "ollama"),
    ("langchain_openai.AzureChatOpenAI", "langchain", "azure"),
    ("langchain_openai.", "langchain", "openai"),
    ("langgraph.", "langgraph", ""),
    ("litellm.", "litellm", ""),
    ("llama_index.llms.anthropic", "llama-index", "anthropic"),
    ("llama_index.llms.ollama", "llama-index", "ollama"),
    ("llama_index.llms.openai.", "llama-index", "openai"),
    ("llama_index.", "llama-index", ""),
    ("mcp.server.", "mcp", ""),
    ("mistralai.", "mistralai", "mistral"),
    ("ollama.", "ollama", "ollama"),
    ("openai.AsyncAzureOpenAI", "openai", "azure"),
    ("openai.AsyncOpenAI", "openai", "openai"),
    ("openai.AzureOpenAI", "openai", "azure"),
    ("openai.ChatCompletion", "openai", "openai"),
    ("openai.OpenAI", "openai", "openai"),
    ("openai.chat.", "openai", "openai"),
    ("pydantic_ai.", "pydantic-ai", ""),
    ("replicate.run", "replicate", "replicate"),
    ("semantic_kernel.", "semantic-kernel", ""),
    ("smolagents.", "smolagents", ""),
    ("strands.", "strands", "bedrock"),
    ("together.", "together", "together"),
    ("vertexai.generative_models", "vertexai", "google"),
];

/// Modules of JavaScript, their framework, and the provider behind it.
const SCRIPT: &[(&str, &str, &str)] = &[
    ("@ai-sdk/amazon-bedrock", "ai-sdk", "bedrock"),
    ("@ai-sdk/anthropic", "ai-sdk", "anthropic"),
    ("@ai-sdk/azure", "ai-sdk", "azure"),
    ("@ai-sdk/cohere", "ai-sdk", "cohere"),
    ("@ai-sdk/google", "ai-sdk", "google"),
    ("@ai-sdk/groq", "ai-sdk", "groq"),
    ("@ai-sdk/mistral", "ai-sdk", "mistral"),
    ("@ai-sdk/openai-compatible", "ai-sdk", ""),
    ("@ai-sdk/openai", "ai-sdk", "openai"),
    ("@anthropic-ai/claude-agent-sdk", "claude-agent-sdk", "anthropic"),
    ("@anthropic-ai/claude-code", "claude-agent-sdk", "anthropic"),
    ("@anthropic-ai/sdk", "anthropic", "anthropic"),
    ("@aws-sdk/client-bedrock-runtime", "bedrock", "bedrock"),
    ("@azure-rest/ai-inference", "azure-ai-inference", "azure"),
    ("@azure/openai", "openai", "azure"),
    ("@google/genai", "google-genai", "google"),
    ("@google/generative-ai", "google-generativeai", "google"),
    ("@huggingface/inference", "huggingface-inference", "huggingface"),
    ("@huggingface/transformers", "transformers.js", "huggingface"),
    ("@langchain/anthropic", "langchain", "anthropic"),
    ("@langchain/google-genai", "langchain", "google"),
    ("@langchain/ollama", "langchain", "ollama"),
    ("@langchain/openai", "langchain", "openai"),
    ("@langchain/", "langchain", ""),
    ("@mastra/", "mastra", ""),
    ("@mistralai/mistralai", "mistralai", "mistral"),
    ("@modelcontextprotocol/sdk", "mcp", ""),
    ("@openai/agents", "openai-agents", "openai"),
    ("@xenova/transformers", "transformers.js", "huggingface"),
    ("ai", "ai-sdk", ""),
    ("cohere-ai", "cohere", "cohere"),
    ("fastmcp", "mcp", ""),
    ("genkit", "genkit", ""),
    ("groq-sdk", "groq", "groq"),
    ("langchain", "langchain", ""),
    ("llamaindex", "llama-index", ""),
    ("ollama", "ollama", "ollama"),
    ("openai", "openai", "openai"),
    ("replicate", "replicate", "replicate"),
    ("together-ai", "together", "together"),
];

/// The library of a callee in Python.
pub(super) fn of_python(callee: &str) -> Option<Sdk> {
    let found = PYTHON.iter().find(|(start, ..)| callee.starts_with(start));
    found.map(|(_, framework, provider)| Sdk { framework, provider: some(provider) })
}

/// The library of a callee or import in JavaScript, `openai.default`, `@langchain/openai.ChatOpenAI`.
pub(super) fn of_script(callee: &str) -> Option<Sdk> {
    let found = SCRIPT.iter().find(|(module, ..)| {
        callee
            .strip_prefix(module)
            .is_some_and(|rest| module.ends_with('/') || rest.is_empty() || rest.starts_with(['.', '/', '(']))
    });
    found.map(|(_, framework, provider)| Sdk { framework, provider: some(provider) })
}

fn some(word: &'static str) -> Option<&'static str> {
    (!word.is_empty()).then_some(word)
}

/// Provider and name of a model as code names it: `openai:gpt-5`, `anthropic/claude-x`, `gpt-5`.
pub(super) fn model_name(sdk: Sdk, model: &str) -> (&str, &str) {
    const PROVIDERS: &[&str] = &[
        "anthropic",
        "azure",
        "bedrock",
        "cohere",
        "deepseek",
        "fireworks_ai",
        "gemini",
        "google",
        "google-gla",
        "groq",
        "huggingface",
        "mistral",
        "ollama",
        "openai",
        "openrouter",
        "replicate",
        "together_ai",
        "vertex_ai",
        "xai",
    ];
    if let Some((before, rest)) = model.split_once([':', '/'])
        && PROVIDERS.contains(&before)
        && !rest.is_empty()
        && sdk.provider.is_none_or(|provider| provider == before)
    {
        let provider = match before {
            "gemini" | "google-gla" | "vertex_ai" => "google",
            "together_ai" => "together",
            "fireworks_ai" => "fireworks",
            other => other,
        };
        return (provider, rest);
    }
    if let Some(provider) = sdk.provider {
        return (provider, model);
    }
    let known = [
        ("gpt-", "openai"),
        ("o1", "openai"),
        ("o3", "openai"),
        ("o4", "openai"),
        ("text-embedding-", "openai"),
        ("claude-", "anthropic"),
        ("gemini-", "google"),
        ("command-", "cohere"),
        ("mistral-", "mistral"),
        ("deepseek-", "deepseek"),
    ];
    let guessed = known.iter().find(|(start, _)| model.starts_with(start)).map(|(_, provider)| *provider);
    (guessed.unwrap_or(sdk.framework), model)
}

/// A model that a provider answers with: nobody here has its bytes.
pub(super) fn provider_model(provider: &str, model: &str, locator: Locator) -> Asset {
    if provider == "huggingface" {
        return identity::hugging_face(AssetKind::Model, model, None, Confidence::Declared, locator)
            .with("hosting", "remote");
    }
    let name = format!("{provider}/{model}");
    Asset::new(AssetKind::Model, "model", Layer::FoundationModels, &name, Confidence::Declared, locator)
        .with("source", provider)
        .with("hosting", "remote")
}

/// What answers for a provider: its public interface.
pub(super) fn provider_endpoint(provider: &str, locator: Locator) -> Asset {
    Asset::new(
        AssetKind::Endpoint,
        "external_service",
        Layer::Ecosystem,
        provider,
        Confidence::Declared,
        locator,
    )
    .with("role", "interface of a model provider")
    .with("hosting", "remote")
}

/// What answers at an address that code is given for its models.
pub(super) fn endpoint_at(url: &str, locator: Locator) -> Option<Asset> {
    let address = identity::address(url)?;
    let encrypted = if address.starts_with("https://") { "yes" } else { "no" };
    Some(
        Asset::new(
            AssetKind::Endpoint,
            "inference_endpoint",
            Layer::FoundationModels,
            &address,
            Confidence::Declared,
            locator,
        )
        .with("url", address.clone())
        .with("encrypted", encrypted),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callees_belong_to_their_library() {
        let framework = |sdk: Option<Sdk>| sdk.map(|sdk| (sdk.framework, sdk.provider));
        assert_eq!(
            framework(of_python("langchain_openai.AzureChatOpenAI")),
            Some(("langchain", Some("azure")))
        );
        assert_eq!(framework(of_python("pandas.read_csv")), None);
        assert_eq!(framework(of_script("openai.default().chat")), Some(("openai", Some("openai"))));
        assert_eq!(framework(of_script("@ai-sdk/openai.openai")), Some(("ai-sdk", Some("openai"))));
        assert_eq!(framework(of_script("ai.generateText")), Some(("ai-sdk", None)));
        assert_eq!(framework(of_script("aimless.run")), None);
        assert_eq!(framework(of_script("@langchain/core/tools.tool")), Some(("langchain", None)));
    }

    #[test]
    fn models_belong_to_their_provider() {
        let sdk = |provider| Sdk { framework: "litellm", provider };
        assert_eq!(model_name(sdk(None), "anthropic/claude-x"), ("anthropic", "claude-x"));
        assert_eq!(model_name(sdk(None), "openai:gpt-5"), ("openai", "gpt-5"));
        assert_eq!(model_name(sdk(None), "gpt-5"), ("openai", "gpt-5"));
        assert_eq!(model_name(sdk(Some("groq")), "openai/gpt-oss-20b"), ("groq", "openai/gpt-oss-20b"));
        assert_eq!(model_name(sdk(None), "house-model"), ("litellm", "house-model"));
    }
}
