//! Asks hosts that the user named what they are: the only place that opens a socket.
//!
//! Only `GET` (and, of a registry that was named as such, the searches that its interface wants to be posted), one
//! question after the other, each bounded in time and size. Redirects are followed on the same host only. No password is
//! tried: credentials are sent where the user gave some for that host, nowhere else, and never to a host whose
//! certificate nobody vouches for. Nothing is written and no model is loaded: the questions are those of the table of
//! fingerprints, which a test holds to that.
//!
//! What was asked and answered becomes a document that `formats::recording` reads like any file.

mod address;
mod document;
mod http;
mod mlflow;

use std::collections::BTreeSet;

use vauban_formats::recording::Exchange;
use vauban_knowledge::Fingerprints;
use vauban_knowledge::fingerprints::{Answer, Authentication, Recognised};

pub use address::{AddressError, Addresses, addresses};
pub use http::{Credentials, Http};
pub(crate) use http::{agent_named, explain};

/// What to do at an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Find out what answers there.
    #[default]
    Host,
    /// Read what an MLflow server keeps, its searches included.
    Mlflow,
}

impl Kind {
    /// The word in declarations and recordings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Mlflow => "mlflow",
        }
    }
}

/// Bounds of one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Questions.
    pub questions: usize,
    /// Questions in a row that may stay without an answer.
    pub silences: usize,
    /// Pages, runs and the like that are read of a registry.
    pub records: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { questions: 120, silences: 3, records: 2_000 }
    }
}

/// What was recorded of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Address, as it was asked.
    pub base: String,
    /// The document.
    pub bytes: Vec<u8>,
    /// What was not asked or not answered, and what that means.
    pub limits: Vec<String>,
}

/// Asks what answers at `base` and reads what it gives away.
///
/// # Errors
/// Why nothing at all was answered there.
pub fn record(
    base: &str,
    kind: Kind,
    credentials: Option<&Credentials>,
    table: &Fingerprints,
    bounds: Bounds,
) -> Result<Recorded, String> {
    let mut conversation = Conversation::new(Http::new(base), bounds);
    let port = address::port(base);
    let mut questions = table.questions(port).into_iter();
    // The first question settles whether anybody is there.
    let first = questions.next().unwrap_or("/");
    conversation.ask(first, false);
    if let Some(silent) = conversation.exchanges.iter().find(|exchange| exchange.status == 0) {
        return Err(silent.error.clone());
    }
    let mut known = conversation.known_service(table);
    for path in questions {
        if known.is_some() || !conversation.may_go_on() {
            break;
        }
        conversation.ask(path, false);
        known = conversation.known_service(table);
    }
    let known = known.or_else(|| conversation.generic_service(table));
    if let Some(service) = known.and_then(|id| table.service(&id)) {
        for path in service.further_questions() {
            conversation.ask(path, false);
        }
        let locked = conversation.authentication(table) != Some(Authentication::None);
        let credentials = credentials.filter(|_| locked || kind == Kind::Mlflow);
        if let Some(credentials) = credentials {
            if conversation.http.sign_in(credentials) {
                for path in service.further_questions() {
                    conversation.ask(path, true);
                }
            } else {
                conversation.limits.push(
                    "no credentials were sent, because nobody vouches for the certificate of the host"
                        .to_owned(),
                );
            }
        }
        if service.id == "mlflow" || kind == Kind::Mlflow {
            mlflow::read(&mut conversation, kind);
        }
    } else if kind == Kind::Mlflow {
        conversation.limits.push("does not answer like an MLflow server; check the address".to_owned());
    }
    Ok(conversation.end(kind))
}

/// Questions and answers so far.
struct Conversation {
    http: Http,
    bounds: Bounds,
    exchanges: Vec<Exchange>,
    asked: BTreeSet<(String, bool)>,
    silences: usize,
    stopped: Option<String>,
    limits: Vec<String>,
}

impl Conversation {
    fn new(http: Http, bounds: Bounds) -> Self {
        let (exchanges, asked, limits) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { http, bounds, exchanges, asked, silences: 0, stopped: None, limits }
    }

    /// Whether the host still answers and there are questions left.
    fn may_go_on(&mut self) -> bool {
        if self.stopped.is_none() {
            if self.silences >= self.bounds.silences {
                let what = format!("stopped asking after {} questions without an answer", self.silences);
                self.stopped = Some(what);
            } else if self.exchanges.len() >= self.bounds.questions {
                self.stopped = Some(format!("stopped after {} questions", self.exchanges.len()));
            }
        }
        self.stopped.is_none()
    }

    /// Asks for a path, and for where it sends one on the same host; each only once.
    fn ask(&mut self, path: &str, signed_in: bool) {
        let mut path = path.to_owned();
        for _ in 0..3 {
            if !self.may_go_on() || !self.asked.insert((path.clone(), signed_in)) {
                return;
            }
            let exchange = self.http.get(&path, signed_in);
            let next = self.http.redirect(&exchange);
            self.keep(exchange);
            match next {
                Some(next) => path = next,
                None => return,
            }
        }
    }

    /// Whether the last question for a path that starts so was answered with a wish to sign in.
    fn is_refused(&self, path: &str) -> bool {
        let asked = self.exchanges.iter().rev().find(|exchange| exchange.path.starts_with(path));
        asked.is_some_and(|exchange| matches!(exchange.status, 401 | 403))
    }

    fn keep(&mut self, exchange: Exchange) {
        self.silences = if exchange.status == 0 { self.silences + 1 } else { 0 };
        self.exchanges.push(exchange);
    }

    fn recognised<'k>(&self, table: &'k Fingerprints) -> Option<Recognised<'k>> {
        let answered = self.exchanges.iter().filter(|exchange| exchange.status != 0);
        let answers: Vec<Answer<'_>> = answered.map(answer).collect();
        table.recognise(&answers)
    }

    fn known_service(&self, table: &Fingerprints) -> Option<String> {
        self.recognised(table).filter(|known| !known.service.generic).map(|known| known.service.id.clone())
    }

    fn generic_service(&self, table: &Fingerprints) -> Option<String> {
        self.recognised(table).map(|known| known.service.id.clone())
    }

    fn authentication(&self, table: &Fingerprints) -> Option<Authentication> {
        self.recognised(table).map(|known| known.authentication.0)
    }

    fn end(self, kind: Kind) -> Recorded {
        let base = self.http.base().to_owned();
        let trusted = self.http.certificate_trusted();
        let bytes = document::write(&base, kind, trusted, &self.exchanges, self.stopped.as_deref());
        Recorded { base, bytes, limits: self.limits }
    }
}

/// An exchange as the table of fingerprints wants it.
pub(crate) fn answer(exchange: &Exchange) -> Answer<'_> {
    let headers = exchange.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Answer::new(&exchange.path, exchange.status, headers, &exchange.body, exchange.signed_in)
}

#[cfg(test)]
mod tests;
