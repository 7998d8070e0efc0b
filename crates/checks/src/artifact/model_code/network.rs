//! What source sends to the network and fetches from it.
//!
//! Source: the libraries' documentation.

use vauban_domain::Severity;

use super::file::SECRETS;
use super::judge::{Judge, Verdict, cut, starts_any, texts};
use super::{Harm, Moment, Place};

/// Starts of names that reach the network.
const NETWORK: &[&str] = &[
    "aiohttp.",
    "ftplib.",
    "http.client.",
    "httplib.",
    "httpx.",
    "paramiko.",
    "pycurl.",
    "requests.",
    "smtplib.",
    "socket.",
    "telnetlib.",
    "urllib.request.",
    "urllib2.",
    "urllib3.",
    "websocket.",
    "websockets.",
    "wget.",
    "urllib.urlopen",
    "urllib.urlretrieve",
    "xmlrpc.client.",
    "webbrowser.open",
    "dns.resolver.",
];
/// Parts of network modules that reach nothing.
const QUIET: &[&str] = &[
    "requests.Session",
    "requests.adapters.",
    "requests.exceptions.",
    "requests.utils.",
    "requests.auth.",
    "socket.gethostname",
    "socket.getfqdn",
    "socket.inet_",
    "socket.hto",
    "socket.ntoh",
    "socket.AF_",
    "socket.socket.settimeout",
    "urllib.request.Request",
    "urllib3.util.",
    "urllib3.exceptions.",
    "urllib3.disable_warnings",
    "requests.packages.",
    "httpx.Timeout",
    "httpx.Limits",
    "aiohttp.ClientTimeout",
    "http.client.responses",
    "urllib.request.pathname2url",
    "urllib.request.url2pathname",
    "requests.Request",
    "urllib.request.getproxies",
];
/// Methods that send something.
const SENDS: &[&str] = &[
    "connect",
    "connect_ex",
    "create_connection",
    "patch",
    "post",
    "put",
    "request",
    "send",
    "sendall",
    "sendmail",
    "send_message",
    "sendto",
    "storbinary",
    "urlopen",
    "gethostbyname",
    "getaddrinfo",
    "query",
    "gethostbyname_ex",
];

impl Judge<'_> {
    /// What is sent or fetched.
    pub(super) fn network(&self) -> Verdict {
        let callee = self.deed.callee.as_str();
        let found = |severity, what: String| Some((Harm::Network, severity, what));
        let last = callee.rsplit('.').next().unwrap_or(callee);
        let sends = SENDS.contains(&last);
        let named =
            |name: &str| matches!(name, "headers" | "auth" | "timeout" | "verify" | "params" | "cookies");
        let secret = |origin: &str| {
            origin.ends_with("HfFolder.get_token")
                || origin == "huggingface_hub.get_token"
                || origin.starts_with("keyring.get")
                || origin.starts_with("browser_cookie3.")
        };
        let reads_secret = self.operands().any(|operand| {
            operand.origins.iter().any(|origin| {
                origin == "open" || origin.ends_with(".read_text") || origin.ends_with(".read_bytes")
            }) && operand
                .pieces
                .iter()
                .chain(&operand.text)
                .any(|text| SECRETS.iter().any(|path| text.contains(path)))
        });
        // A token in a header is how services are called.
        let whole = self.comes_from(|origin| origin == "os.environ");
        let body = self.deed.keywords.iter().filter(|(name, _)| !named(name)).map(|(_, value)| value);
        let mut sent = self.deed.arguments.iter().chain(body);
        let origin = whole.or_else(|| {
            sent.clone()
                .flat_map(|operand| &operand.origins)
                .map(String::as_str)
                .find(|origin| secret(origin))
        });
        if self.moment != Moment::Main || self.place == Place::Model {
            if let Some(origin) = origin {
                return found(
                    Severity::Critical,
                    format!("sends `{}` away: `{}`", cut(origin), self.shown()),
                );
            }
            if reads_secret {
                return found(
                    Severity::Critical,
                    format!("sends a file of credentials away: `{}`", self.shown()),
                );
            }
        }
        if self.place != Place::Model || self.moment == Moment::Main {
            return None;
        }
        if sends && sent.any(|operand| operand.origins.iter().any(|origin| origin == "os.environ[secret]")) {
            return found(Severity::High, format!("sends a credential away: `{}`", self.shown()));
        }
        let host = [
            "platform.node",
            "socket.gethostname",
            "getpass.getuser",
            "os.getlogin",
            "os.uname",
            "platform.uname",
            "os.getcwd",
            "platform.platform",
        ];
        if sends && let Some(origin) = self.comes_from(|origin| host.contains(&origin)) {
            return found(Severity::High, format!("sends `{}` away: `{}`", cut(origin), self.shown()));
        }
        let address = texts(self.deed).into_iter().find(|text| text.contains("://"));
        let ours = address.as_deref().is_some_and(|url| {
            url.contains("://huggingface.co")
                || url.contains("localhost")
                || url.contains("127.0.0.1")
                || url.contains("0.0.0.0")
        });
        let constant =
            address.is_some() || self.deed.arguments.first().is_some_and(|first| first.text.is_some());
        match self.moment {
            _ if ours => None,
            // Where to is not written here: what is given decides.
            Moment::Import if !constant && !callee.starts_with("socket.") => {
                found(Severity::Low, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Import if sends || callee.starts_with("socket.") => {
                found(Severity::High, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Import => found(Severity::Medium, format!("reaches the network: `{}`", self.shown())),
            Moment::Called
                if callee.starts_with("socket.")
                    && matches!(
                        last,
                        "connect"
                            | "connect_ex"
                            | "create_connection"
                            | "gethostbyname"
                            | "getaddrinfo"
                            | "sendto"
                    )
                    && constant =>
            {
                found(Severity::High, format!("reaches the network: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() && sends => {
                found(Severity::High, format!("sends data to a fixed address: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() && matches!(last, "urlretrieve" | "download") => {
                found(Severity::Medium, format!("fetches a file from a fixed address: `{}`", self.shown()))
            }
            Moment::Called
                if matches!(last, "gethostbyname" | "getaddrinfo")
                    && self.comes_from(|origin| origin != "parameter").is_some() =>
            {
                found(Severity::High, format!("asks a name server for what it computes: `{}`", self.shown()))
            }
            Moment::Called if address.is_some() => {
                found(Severity::Low, format!("reaches the network: `{}`", self.shown()))
            }
            _ => None,
        }
    }
}

pub(super) fn is_network(name: &str) -> bool {
    starts_any(name, NETWORK) && !starts_any(name, QUIET)
        || name.starts_with("requests.Session()") && name.matches('.').count() > 1
}
