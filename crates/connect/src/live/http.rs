//! One question over HTTP: bounded in time and size, on one host, with what is kept of the answer.
#![expect(clippy::disallowed_types, reason = "this is where hosts that the user named are asked")]

use std::io::Read;
use std::time::Duration;

use ureq::http::Response;
use ureq::tls::TlsConfig;
use ureq::{Agent, Body};
use vauban_formats::recording::Exchange;

/// Bytes of a body that are kept; more than any answer that is looked for, fewer than a download.
const BODY: u64 = 1 << 20;
/// Bytes of a header's value that are kept.
const HEADER: usize = 512;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(3);
/// Headers that say something about the product or who is let in. Cookies are none of them.
const KEPT: &[&str] = &[
    "content-type",
    "location",
    "server",
    "www-authenticate",
    "x-elastic-product",
    "x-jupyterhub-version",
    "x-powered-by",
    "x-version",
];

/// What signs the user in, read from the environment.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// A token in a header, `authorization` with `Bearer` before it unless another is named.
    Token {
        /// Header.
        header: String,
        /// Token.
        token: String,
    },
    /// Name and password.
    Basic {
        /// Name.
        user: String,
        /// Password.
        password: String,
    },
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    /// Name and value of the header that carries them.
    fn header(&self) -> (String, String) {
        match self {
            Self::Token { header, token } if header.is_empty() => {
                ("authorization".to_owned(), format!("Bearer {token}"))
            }
            Self::Token { header, token } => (header.clone(), token.clone()),
            Self::Basic { user, password } => {
                let both = base64(format!("{user}:{password}").as_bytes());
                ("authorization".to_owned(), format!("Basic {both}"))
            }
        }
    }
}

/// Asks one host.
#[derive(Debug)]
pub struct Http {
    base: String,
    agent: Agent,
    certificate_trusted: Option<bool>,
    credentials: Option<Credentials>,
}

impl Http {
    /// For the host at `base`, `http://host:5000`, and nobody else.
    pub fn new(base: &str) -> Self {
        let certificate_trusted = base.starts_with("https://").then_some(true);
        Self { base: base.to_owned(), agent: agent(true), certificate_trusted, credentials: None }
    }

    /// The address.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether somebody vouches for the host; `None` without TLS.
    pub fn certificate_trusted(&self) -> Option<bool> {
        self.certificate_trusted
    }

    /// Sends credentials with questions that want them; false if it is not known whose host that is.
    pub fn sign_in(&mut self, credentials: &Credentials) -> bool {
        let known = self.certificate_trusted != Some(false);
        if known {
            self.credentials = Some(credentials.clone());
        }
        known
    }

    /// Asks for a path below the base.
    pub fn get(&mut self, path: &str, signed_in: bool) -> Exchange {
        self.exchange("GET", path, "", signed_in)
    }

    /// Posts a search to an interface that wants it so.
    pub fn search(&mut self, path: &str, sent: &str) -> Exchange {
        let signed_in = self.credentials.is_some();
        self.exchange("POST", path, sent, signed_in)
    }

    fn exchange(&mut self, method: &str, path: &str, sent: &str, signed_in: bool) -> Exchange {
        let signed_in = signed_in && self.credentials.is_some();
        let mut answered = self.call(method, path, sent, signed_in);
        // What a host with a certificate of its own making is can be said all the same, and that it has one as well.
        if self.certificate_trusted == Some(true)
            && !signed_in
            && answered.as_ref().is_err_and(is_about_certificate)
        {
            self.agent = agent(false);
            self.certificate_trusted = Some(false);
            answered = self.call(method, path, sent, false);
        }
        let (method, path, sent) = (method.to_owned(), path.to_owned(), sent.to_owned());
        let asked = Exchange { method, path, sent, signed_in, ..Exchange::default() };
        match answered {
            Ok(response) => keep(response, asked),
            Err(error) => Exchange { error: explain(&error), ..asked },
        }
    }

    fn call(
        &self,
        method: &str,
        path: &str,
        sent: &str,
        signed_in: bool,
    ) -> Result<Response<Body>, ureq::Error> {
        let url = format!("{}{path}", self.base);
        let header = self.credentials.as_ref().filter(|_| signed_in).map(Credentials::header);
        if method == "POST" {
            let mut request = self.agent.post(&url).header("content-type", "application/json");
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            return request.send(sent);
        }
        let mut request = self.agent.get(&url);
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.call()
    }

    /// Where an answer sends one, as a path below the base, if that is on the same host.
    pub fn redirect(&self, exchange: &Exchange) -> Option<String> {
        if !matches!(exchange.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let (_, place) = exchange.headers.iter().find(|(name, _)| name == "location")?;
        let start = self.base.find("://")? + 3;
        let origin =
            self.base.get(..self.base[start..].find('/').map_or(self.base.len(), |at| start + at))?;
        let path = if place.starts_with("//") {
            return None;
        } else if place.starts_with('/') {
            place.as_str()
        } else {
            place.strip_prefix(origin).filter(|rest| rest.starts_with('/'))?
        };
        let path = path.strip_prefix(&self.base[origin.len()..])?;
        (path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic())).then(|| path.to_owned())
    }
}

#[expect(clippy::disallowed_types, reason = "this is the place that opens sockets")]
fn agent(verify: bool) -> Agent {
    let name =
        concat!("vauban/", env!("CARGO_PKG_VERSION"), " (passive inventory; asks only hosts its user named)");
    agent_named(name, verify, PATIENCE)
}

/// An agent that follows no redirect, heeds no proxy and waits `patience` for an answer.
#[expect(clippy::disallowed_types, reason = "this is the place that opens sockets")]
pub(crate) fn agent_named(name: &str, verify: bool, patience: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(patience))
        .timeout_connect(Some(CONNECT))
        .user_agent(name)
        .accept_encoding("identity")
        .tls_config(TlsConfig::builder().disable_verification(!verify).build())
        .build()
        .into()
}

fn keep(mut response: Response<Body>, asked: Exchange) -> Exchange {
    let headers = response.headers();
    let headers = KEPT.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        Some(((*name).to_owned(), value.chars().take(HEADER).collect()))
    });
    let (headers, status) = (headers.collect(), response.status().as_u16());
    let mut bytes = Vec::new();
    let read = response.body_mut().as_reader().take(BODY + 1).read_to_end(&mut bytes);
    let cut = bytes.len() as u64 > BODY || read.is_err();
    bytes.truncate(usize::try_from(BODY).unwrap_or(usize::MAX));
    let body = String::from_utf8_lossy(&bytes).into_owned();
    Exchange { status, headers, body, cut, ..asked }
}

fn is_about_certificate(error: &ureq::Error) -> bool {
    error.to_string().to_lowercase().contains("certificate")
}

/// What went wrong, in words that do not depend on the machine.
pub(crate) fn explain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "timed out".to_owned(),
        ureq::Error::HostNotFound => "no host of this name was found".to_owned(),
        ureq::Error::ConnectionFailed => "cannot be reached".to_owned(),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "refused the connection".to_owned()
        }
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => "timed out".to_owned(),
        error => format!("answers nothing that is HTTP: {error}"),
    }
}

/// As RFC 4648 has it, for the one header that wants it.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        for at in 0..4 {
            let letter = usize::try_from(group >> (18 - 6 * at) & 63).unwrap_or(0);
            text.push(if at <= chunk.len() { char::from(ALPHABET[letter]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_as_the_standard_has_it() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn redirects_stay_on_the_host() {
        let http = Http::new("http://a:5000/ml");
        let to = |place: &str| {
            let headers = vec![("location".to_owned(), place.to_owned())];
            http.redirect(&Exchange { status: 302, headers, ..Exchange::default() })
        };
        assert_eq!(to("/ml/login?next=/").as_deref(), Some("/login?next=/"));
        assert_eq!(to("http://a:5000/ml/x").as_deref(), Some("/x"));
        for elsewhere in
            ["https://a/x", "http://a:50001/ml/x", "//b/ml/x", "http://b:5000/ml/x", "/other", "x"]
        {
            assert_eq!(to(elsewhere), None, "{elsewhere}");
        }
    }
}
