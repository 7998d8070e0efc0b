//! What a host answered when it was asked: the questions, status codes, chosen headers and bodies, as Vauban records them.
//!
//! A review of a running host and one of its recording are the same, because both read this document:
//! `{"vauban_recording": 1, "base": "http://host:5000", "kind": "host", "exchanges": [{"method": "GET", "path": "/version",
//! "status": 200, "headers": {"server": "uvicorn"}, "body": "3.1.0"}, {"method": "GET", "path": "/x", "error": "timed out"}]}`.

mod registry;

use crate::search::holds;
use crate::yaml::{Node, text_of};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised, json};

pub use registry::{Input as RunInput, Registered, Registry, Run, Version};

/// Recordings of what hosts answered.
pub const FORMAT: Format = Format { name: "recording", extensions: &["json"], recognise, parse };

/// The first key of every recording; its value is the version of the shape.
pub const KEY: &str = "vauban_recording";

/// The facts of one recording.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recording {
    /// Address that was named, without credentials: `http://host:5000`.
    pub base: String,
    /// `host`, `mlflow`.
    pub kind: String,
    /// Whether the certificate was issued for the host by somebody that clients trust; `None` without TLS.
    pub certificate_trusted: Option<bool>,
    /// What was asked and answered, in order.
    pub exchanges: Vec<Exchange>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Exchange {
    /// `GET`, `HEAD`; `POST` only for the searches of a registry's interface.
    pub method: String,
    /// Path and query below the base.
    pub path: String,
    /// What was sent with a `POST`.
    pub sent: String,
    /// Status; 0 where nothing was answered.
    pub status: u16,
    /// Headers that say something about the product, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning.
    pub body: String,
    /// Whether the body was longer.
    pub cut: bool,
    /// Whether credentials were sent with the question.
    pub signed_in: bool,
    /// Why there is no answer; empty if there is one.
    pub error: String,
    /// One-based line.
    pub line: u32,
}

impl Recording {
    /// What was answered.
    pub fn answers(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().filter(|exchange| exchange.status != 0)
    }

    /// Whether anybody on the way can read and change what is said.
    pub fn is_plain(&self) -> bool {
        self.base.starts_with("http://")
    }

    /// The name or number of the host, without port.
    pub fn host(&self) -> &str {
        let rest = self.base.split_once("://").map_or(self.base.as_str(), |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match host.strip_prefix('[') {
            Some(inner) => inner.split(']').next().unwrap_or(inner),
            None => host.split(':').next().unwrap_or(host),
        }
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(64);
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    let found = first == Some(&b'{') && holds(head, KEY.as_bytes());
    if found { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (text, mut defects) = text_of(input.bytes, &input.budget.limits);
    let (root, mut more) = json::read_text(&text, &input.budget.limits);
    defects.append(&mut more);
    if root.get(KEY).integer() != Some(1) {
        let detail = format!("the shape of the recording is {}, not 1", root.get(KEY).text_or_empty());
        defects.push(Defect::whole("recording-version", detail));
    }
    let exchanges: Vec<Exchange> = root.get("exchanges").items().iter().map(exchange).collect();
    if let Some(stopped) = root.get("stopped").text() {
        defects.push(Defect::whole("limit-questions", stopped));
    }
    let recording = Recording {
        base: root.get("base").text_or_empty().to_owned(),
        kind: root.get("kind").text().unwrap_or("host").to_owned(),
        certificate_trusted: root.at("tls.certificate_trusted").truth(),
        exchanges,
    };
    Parsed { format: FORMAT.name, facts: Facts::Recording(recording), defects, members: Vec::new() }
}

fn exchange(node: &Node) -> Exchange {
    let text = |key: &str| node.get(key).text_or_empty().to_owned();
    let headers = node.get("headers").entries().iter();
    let status = node.get("status").integer().and_then(|status| u16::try_from(status).ok());
    Exchange {
        method: text("method"),
        path: text("path"),
        sent: text("sent"),
        status: status.unwrap_or_default(),
        headers: headers
            .map(|header| (header.key.to_lowercase(), header.node.text_or_empty().to_owned()))
            .collect(),
        body: text("body"),
        cut: node.get("cut").is_true(),
        signed_in: node.get("signed_in").is_true(),
        error: text("error"),
        line: node.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn read(text: &str) -> (Recording, Vec<&'static str>) {
        let budget = Budget::default();
        let parsed = crate::parse(&Input::new("host.json", text.as_bytes(), &budget));
        let Facts::Recording(recording) = parsed.facts else { panic!("read as {}", parsed.format) };
        (recording, parsed.defects.iter().map(|defect| defect.code).collect())
    }

    #[test]
    fn questions_and_answers_are_read_in_order() {
        let (recording, defects) = read(
            r#"{"vauban_recording": 1, "base": "https://[::1]:5000/ml", "tls": {"certificate_trusted": false},
            "exchanges": [
              {"method": "GET", "path": "/version", "status": 200, "headers": {"Server": "uvicorn"}, "body": "3.1.0"},
              {"method": "GET", "path": "/x", "error": "timed out"}
            ]}"#,
        );
        assert_eq!(defects, [""; 0]);
        assert_eq!((recording.host(), recording.is_plain()), ("::1", false));
        assert_eq!((recording.kind.as_str(), recording.certificate_trusted), ("host", Some(false)));
        assert_eq!(recording.answers().count(), 1);
        assert_eq!(recording.exchanges[0].headers, [("server".to_owned(), "uvicorn".to_owned())]);
        assert_eq!((recording.exchanges[0].line, recording.exchanges[1].error.as_str()), (3, "timed out"));
    }

    #[test]
    fn what_was_not_asked_is_a_limit() {
        let (_, defects) = read(
            r#"{"vauban_recording":2,"base":"http://a","exchanges":[],"stopped":"3 questions timed out"}"#,
        );
        assert_eq!(defects, ["recording-version", "limit-questions"]);
    }
}
