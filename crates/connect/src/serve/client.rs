//! One request over HTTP, within a scope.
#![expect(clippy::disallowed_types, reason = "this is where endpoints that the user named are asked")]

use std::io::Read;
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body};
use vauban_domain::Timestamp;

use super::scope::{Scope, ScopeError};
use crate::live::{agent_named, explain};

/// Bytes of an answer that are read; scores of a batch are far fewer.
const BODY: u64 = 32 << 20;

/// A header to send; its value may be a secret and is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Name, lower-case.
    pub name: String,
    /// Value.
    pub value: String,
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Header({}: ..)", self.name)
    }
}

/// A body and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) content_type: &'static str,
    pub(super) accept: &'static str,
    pub(super) body: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) location: Option<String>,
    pub(super) body: String,
}

/// Why nothing came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// Nothing was sent: it is outside the scope.
    Outside(ScopeError),
    /// The connection broke or the answer took too long; another try may do.
    Broken(String),
    /// Nobody is there, or it is no HTTP.
    Dead(String),
}

/// Sends what a scope permits.
#[derive(Debug)]
pub(super) struct Client {
    agent: Agent,
    headers: Vec<Header>,
}

impl Client {
    pub(super) fn new(headers: Vec<Header>, patience: Duration) -> Self {
        let name =
            concat!("vauban/", env!("CARGO_PKG_VERSION"), " (robustness test that the owner permitted)");
        Self { agent: agent_named(name, true, patience), headers }
    }

    /// Posts to `address`, or gets it if there is no call.
    ///
    /// The scope is asked here, where bytes leave, so that no caller can forget to.
    pub(super) fn send(
        &self,
        scope: &Scope,
        address: &str,
        call: Option<&Call>,
        now: Timestamp,
    ) -> Result<Reply, Silence> {
        scope.permits(address, now).map_err(Silence::Outside)?;
        let answered = match call {
            Some(call) => {
                let mut request = self.agent.post(address).header("content-type", call.content_type);
                request = request.header("accept", call.accept);
                for header in &self.headers {
                    request = request.header(&header.name, &header.value);
                }
                request.send(&call.body)
            }
            None => {
                let mut request = self.agent.get(address).header("accept", "application/json");
                for header in &self.headers {
                    request = request.header(&header.name, &header.value);
                }
                request.call()
            }
        };
        match answered {
            Ok(response) => read(response),
            Err(error) if is_passing(&error) => Err(Silence::Broken(explain(&error))),
            Err(error) => Err(Silence::Dead(explain(&error))),
        }
    }
}

fn read(mut response: Response<Body>) -> Result<Reply, Silence> {
    let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
    let (retry_after, location) = (header("retry-after"), header("location"));
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    if let Err(error) = response.body_mut().as_reader().take(BODY + 1).read_to_end(&mut bytes) {
        return Err(Silence::Broken(format!("broke off its answer: {}", error.kind())));
    }
    if bytes.len() as u64 > BODY {
        return Err(Silence::Dead(format!("answers with more than {} MiB; lower `batch`", BODY >> 20)));
    }
    Ok(Reply { status, retry_after, location, body: String::from_utf8_lossy(&bytes).into_owned() })
}

/// Whether the same request may succeed a moment later.
fn is_passing(error: &ureq::Error) -> bool {
    use std::io::ErrorKind as Kind;
    match error {
        ureq::Error::Timeout(_) => true,
        ureq::Error::Io(error) => matches!(
            error.kind(),
            Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::BrokenPipe
                | Kind::TimedOut
                | Kind::UnexpectedEof
                | Kind::WouldBlock
        ),
        // A connection that ends before the first byte of an answer.
        ureq::Error::Protocol(_) => true,
        _ => false,
    }
}
