//! Services of models and data that ask nobody who they are.

use vauban_domain::{Evidence, rule};
use vauban_formats::compose::{Compose, Port, Service};

use crate::owner::owner;
use crate::{Check, Look, Report, Subject};

rule! {
    /// A model or its data is published without a sign-in.
    pub const RULE: "compose-service-without-authentication" {
        family: Access,
        severity: High,
        title: "service with models or data is published without a sign-in",
        why: "the port is bound on every address of the machine, past most firewalls: whoever reaches it uses the model, reads the vectors or experiments, or runs jobs",
        remedy: "bind the port to 127.0.0.1, do not publish it at all, or set the service's key and put a proxy with a sign-in in front",
        techniques: ["AML.T0049@2026.09", "AML.T0040@2026.09", "AML.T0132@2026.09"],
        mitigations: ["AML.M0019@2026.09"],
        weaknesses: ["CWE-306", "CWE-668"],
        owasp: ["ASI03:2026"],
        threats: ["L4.2@2025-02", "L1.2@2025-02", "L2.2@2025-02"],
        source: "https://docs.docker.com/engine/network/packet-filtering-firewalls/",
    }
}

/// The check.
pub const CHECK: Check = Check { rule: &RULE, look: Look::Compose(check) };

/// How one kind of service is recognised and made to ask.
struct Kind {
    /// Part of the image's name.
    image: &'static str,
    /// What it is, for people.
    name: &'static str,
    /// Ports on which it answers.
    ports: &'static [&'static str],
    /// Variables that make it ask; any value counts.
    variables: &'static [&'static str],
    /// Parts of its command that make it ask.
    words: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        image: "chromadb/chroma",
        name: "Chroma",
        ports: &["8000"],
        variables: &["CHROMA_SERVER_AUTHN_PROVIDER", "CHROMA_SERVER_AUTH_PROVIDER"],
        words: &[],
    },
    Kind {
        image: "milvusdb/milvus",
        name: "Milvus",
        ports: &["19530"],
        variables: &["COMMON_SECURITY_AUTHORIZATIONENABLED"],
        words: &[],
    },
    Kind {
        image: "mlflow",
        name: "MLflow",
        ports: &["5000", "8080"],
        variables: &["MLFLOW_AUTH_CONFIG_PATH"],
        words: &["basic-auth", "--app-name"],
    },
    Kind { image: "ollama/ollama", name: "Ollama", ports: &["11434"], variables: &[], words: &[] },
    Kind {
        image: "pytorch/torchserve",
        name: "TorchServe",
        ports: &["8080", "8081", "8082"],
        variables: &["TS_TOKEN_AUTH"],
        words: &[],
    },
    Kind {
        image: "qdrant/qdrant",
        name: "Qdrant",
        ports: &["6333", "6334"],
        variables: &["QDRANT__SERVICE__API_KEY", "QDRANT__SERVICE__JWT_RBAC"],
        words: &[],
    },
    Kind {
        image: "rayproject/ray",
        name: "Ray",
        ports: &["8265", "10001", "6379"],
        variables: &["RAY_AUTH_MODE"],
        words: &[],
    },
    Kind {
        image: "text-generation-inference",
        name: "TGI",
        ports: &["80", "8080", "3000"],
        variables: &["API_KEY"],
        words: &["--api-key"],
    },
    Kind {
        image: "tritonserver",
        name: "Triton",
        ports: &["8000", "8001"],
        variables: &[],
        words: &["restricted"],
    },
    Kind {
        image: "vllm/vllm-openai",
        name: "vLLM",
        ports: &["8000"],
        variables: &["VLLM_API_KEY"],
        words: &["--api-key"],
    },
];

fn check(subject: &Subject<'_, Compose>, report: &mut Report) {
    for service in &subject.facts.services {
        let Some((name, why)) = lets_in(service) else { continue };
        let mut open = service.ports.iter().filter(|port| port.is_open());
        let Some(port) = open.find(|port| answers(service, port)) else { continue };
        let published = if port.published.is_empty() { &port.target } else { &port.published };
        let place = subject.locator.clone().at_line(port.line);
        let key = format!("{}/{}", service.name, port.target);
        let evidence = Evidence::new(place, key, format!("{published}:{}", port.target));
        let message =
            format!("{name} in service `{}` answers everyone on port {published}: {why}", service.name);
        report.find(&owner(subject, &service.name), message, vec![evidence]);
    }
}

fn kind(service: &Service) -> Option<&'static Kind> {
    let image = service.repository().to_lowercase();
    KINDS.iter().find(|kind| image.contains(kind.image))
}

/// Whether the service itself, rather than something beside it, answers on a port of the container.
fn answers(service: &Service, port: &Port) -> bool {
    let told = |word: &String| word == &port.target || word.ends_with(&format!("={}", port.target));
    kind(service)
        .is_none_or(|kind| kind.ports.contains(&port.target.as_str()) || service.command.iter().any(told))
}

/// What it is and why it asks nobody.
fn lets_in(service: &Service) -> Option<(&'static str, &'static str)> {
    let image = service.repository().to_lowercase();
    let value =
        |name: &str| service.variable(name).map(|variable| variable.value.as_deref().unwrap_or("given"));
    if image.contains("jupyter") {
        let empty = |word: &String| {
            word.contains("token") && ["=", "=''", "=\"\""].iter().any(|end| word.ends_with(end))
        };
        let opened = service.command.iter().any(empty) || value("JUPYTER_TOKEN") == Some("");
        let password =
            service.command.iter().any(|word| word.contains("hashed_password=") && !word.ends_with('='));
        return (opened && !password).then_some(("Jupyter", "its token is empty"));
    }
    if image.contains("semitechnologies/weaviate") {
        let anonymous = value("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED");
        let on = anonymous.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        return on.then_some(("Weaviate", "anonymous access is on"));
    }
    let kind = kind(service)?;
    let set = |value: &str| !value.is_empty() && !value.eq_ignore_ascii_case("false");
    let by_variable = kind.variables.iter().any(|name| value(name).is_some_and(set));
    let by_word = kind.words.iter().any(|part| service.command.iter().any(|word| word.contains(part)));
    // Settings may stand in a file that is not here.
    let elsewhere = !kind.variables.is_empty() && !service.environment_files.is_empty();
    let files = ["config.yaml", "config.properties", "milvus.yaml", "production.yaml"];
    let configured = service
        .volumes
        .iter()
        .any(|(volume, _)| files.iter().any(|file| volume.trim_end_matches(":ro").ends_with(file)));
    (!by_variable && !by_word && !elsewhere && !configured).then_some((kind.name, "no key is set"))
}
