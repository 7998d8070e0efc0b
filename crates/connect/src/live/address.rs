//! Addresses as people write them.

use super::Kind;

/// Why an address cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No port and no scheme: asking all ports would be a scan that nobody asked for.
    #[error(
        "`{0}` names no port; write `http://{0}:5000`, or add --ports usual to ask the usual ports of services for machine learning"
    )]
    NoPort(String),
    /// A password in an address ends up in histories and reports.
    #[error(
        "`{0}` holds credentials; name the environment variable that holds them in vauban.toml, [[source]]"
    )]
    Credentials(String),
    /// It is none.
    #[error("`{0}` is no address; write it as `http://10.0.0.5:5000`")]
    Malformed(String),
}

/// What an address stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// What to do there.
    pub kind: Kind,
    /// Addresses to ask, `http://host:5000`, without a slash at the end.
    pub bases: Vec<String>,
    /// Whether they were made from a list of ports, of which most will not answer.
    pub swept: bool,
}

/// Reads `http://host:5000/below`, `host:5000`, `mlflow+https://host`, or `host` with the ports given beside it.
///
/// # Errors
/// [`AddressError`] when it is no address, names no port while none are given, or holds credentials.
pub fn addresses(written: &str, ports: &[u16]) -> Result<Addresses, AddressError> {
    let malformed = || AddressError::Malformed(written.split('@').next_back().unwrap_or(written).to_owned());
    let (kind, rest) = match written.strip_prefix("mlflow+") {
        Some(rest) => (Kind::Mlflow, rest),
        None => (Kind::Host, written),
    };
    let (scheme, rest) = match rest.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (Some(scheme), rest),
        Some(_) => return Err(malformed()),
        None => (None, rest),
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if let Some((_, host)) = authority.rsplit_once('@') {
        return Err(AddressError::Credentials(host.to_owned()));
    }
    let (host, port) = split(authority).ok_or_else(malformed)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || !host.chars().all(fine) || !path.chars().all(|c| c.is_ascii_graphic()) {
        return Err(malformed());
    }
    let path = path.trim_end_matches('/');
    let below = if path.is_empty() { String::new() } else { format!("/{path}") };
    let host = host.to_lowercase();
    let base = |scheme: &str, port: Option<u16>| match port {
        Some(port) => format!("{scheme}://{host}:{port}{below}"),
        None => format!("{scheme}://{host}{below}"),
    };
    let (bases, swept) = match (scheme, port, ports) {
        (Some(scheme), port, _) => (vec![base(scheme, port)], false),
        (None, Some(port), _) => (vec![base("http", Some(port))], false),
        (None, None, []) => return Err(AddressError::NoPort(host)),
        (None, None, ports) => (ports.iter().map(|port| base("http", Some(*port))).collect(), true),
    };
    Ok(Addresses { kind, bases, swept })
}

/// Host and port of an authority; `None` if the port is none.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    if let Some(inner) = authority.strip_prefix('[') {
        let (number, rest) = inner.split_once(']')?;
        number.parse::<std::net::Ipv6Addr>().ok()?;
        let host = authority.get(..number.len() + 2)?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port.parse().ok()?))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, Some(port.parse().ok()?))),
        None => Some((authority, None)),
    }
}

/// The port that is asked at a base address.
pub(super) fn port(base: &str) -> u16 {
    let usual = if base.starts_with("https://") { 443 } else { 80 };
    let authority = base.split_once("://").map_or(base, |(_, rest)| rest);
    let authority = authority.split('/').next().unwrap_or(authority);
    split(authority).and_then(|(_, port)| port).unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (written, wanted) in [
            ("http://10.0.0.5:5000", "http://10.0.0.5:5000"),
            ("https://ML.example/mlflow/", "https://ml.example/mlflow"),
            ("10.0.0.5:8888", "http://10.0.0.5:8888"),
            ("[::1]:8888", "http://[::1]:8888"),
        ] {
            assert_eq!(addresses(written, &[]).unwrap().bases, [wanted], "{written}");
        }
        let registry = addresses("mlflow+https://ml.example", &[]).unwrap();
        assert_eq!((registry.kind, registry.bases), (Kind::Mlflow, vec!["https://ml.example".to_owned()]));
        let swept = addresses("gpu1", &[8000, 8265]).unwrap();
        assert_eq!(
            (swept.bases.as_slice(), swept.swept),
            (&["http://gpu1:8000".to_owned(), "http://gpu1:8265".to_owned()][..], true)
        );
        assert_eq!((port("https://a/b"), port("http://[::1]:81"), port("http://a:5000/x")), (443, 81, 5000));
    }

    #[test]
    fn what_cannot_be_asked_is_refused_with_what_to_do() {
        let refused = |written: &str| addresses(written, &[]).unwrap_err().to_string();
        assert!(refused("gpu1").contains("--ports usual"));
        let secret = ["http://clerk:", "hunter2", "@h:1"].concat();
        assert!(refused(&secret).contains("environment variable") && !refused(&secret).contains("hunter2"));
        for written in ["", "ftp://a", "http://a:99999", "http://a b:1", "[1:80", "http://[zz]:1"] {
            assert!(refused(written).contains("no address"), "{written}");
        }
    }
}
