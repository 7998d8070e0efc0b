//! What may be sent: one host, its paths, a window of time, a budget.

use vauban_domain::{DeclaredTarget, Timestamp};

use crate::live::{AddressError, addresses};

/// Why nothing may be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The address does not name a model, or names it in a way the protocol does not.
    #[error("{0}")]
    Path(String),
    /// Another host or path than the permitted one.
    #[error("`{asked}` is outside the scope, which is `{permitted}`; nothing was sent")]
    Elsewhere {
        /// What was to be asked.
        asked: String,
        /// What may be asked.
        permitted: String,
    },
    /// Too early or too late.
    #[error("it is {now}, outside the window {window}; nothing was sent")]
    Window {
        /// The present.
        now: Timestamp,
        /// From and until.
        window: String,
    },
    /// The budget is 0 or not given.
    #[error("the scope has no budget of queries; state how many may be sent in all")]
    NoBudget,
    /// Requests per second are no number above 0.
    #[error("`{0}` requests per second are no rate; state a number above 0")]
    Rate(String),
}

/// What the owner of an endpoint permits.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// `https://host:port`.
    origin: String,
    /// Path that answers questions, with its query if it has one.
    predict: String,
    /// Path that tells about the model, if the protocol has one.
    metadata: Option<String>,
    /// Rows in all, whatever became of them.
    pub(super) budget: u64,
    /// Requests per second.
    pub(super) rate: f64,
    /// Rows in one request.
    pub(super) batch: usize,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl Scope {
    /// The scope that a declaration states.
    ///
    /// # Errors
    /// [`ScopeError`] when the address does not name one path of one host, or budget or rate are missing.
    pub fn new(target: &DeclaredTarget) -> Result<Self, ScopeError> {
        let (address, query) = match target.url.split_once('?') {
            Some((address, query)) => (address, format!("?{}", query.split('#').next().unwrap_or(query))),
            None => (target.url.as_str(), String::new()),
        };
        if !address.contains("://") {
            return Err(AddressError::Malformed(target.url.clone()).into());
        }
        if !query.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ScopeError::Path(format!("`{query}` holds what belongs in no address")));
        }
        let mut found = addresses(address, &[])?.bases;
        let base = found.pop().ok_or_else(|| AddressError::Malformed(target.url.clone()))?;
        let start = base.find("://").map_or(0, |at| at + 3);
        let end = base[start..].find('/').map_or(base.len(), |at| start + at);
        let (origin, path) = base.split_at(end);
        let (predict, metadata) = paths(target, path)?;
        if target.budget == 0 {
            return Err(ScopeError::NoBudget);
        }
        if !(target.requests_per_second > 0.0 && target.requests_per_second.is_finite()) {
            return Err(ScopeError::Rate(target.requests_per_second.to_string()));
        }
        Ok(Self {
            origin: origin.to_owned(),
            predict: format!("{predict}{query}"),
            metadata,
            budget: target.budget,
            rate: target.requests_per_second,
            batch: (target.batch as usize).max(1),
            from: target.from,
            until: target.until,
        })
    }

    /// The address that answers questions.
    pub fn predict(&self) -> String {
        format!("{}{}", self.origin, self.predict)
    }

    /// The address that tells about the model, if the protocol has one.
    pub(super) fn metadata(&self) -> Option<String> {
        self.metadata.as_ref().map(|path| format!("{}{path}", self.origin))
    }

    /// Whether `address` may be asked at `now`.
    ///
    /// # Errors
    /// [`ScopeError::Elsewhere`] or [`ScopeError::Window`].
    pub fn permits(&self, address: &str, now: Timestamp) -> Result<(), ScopeError> {
        if address != self.predict() && Some(address) != self.metadata().as_deref() {
            return Err(ScopeError::Elsewhere { asked: address.to_owned(), permitted: self.predict() });
        }
        if self.from.is_some_and(|from| now < from) || self.until.is_some_and(|until| now >= until) {
            let end =
                |time: Option<Timestamp>| time.map_or_else(|| "ever".to_owned(), |time| time.to_string());
            let window = format!("from {} until {}", end(self.from), end(self.until));
            return Err(ScopeError::Window { now, window });
        }
        Ok(())
    }
}

/// Where to ask and where to learn about the model, by protocol.
fn paths(target: &DeclaredTarget, path: &str) -> Result<(String, Option<String>), ScopeError> {
    let named = |root: &str, path: &str| -> Result<String, ScopeError> {
        let at = path.find(root).map(|at| at + root.len());
        if let Some(name) = at.and_then(|at| path.get(at..)).filter(|name| !name.is_empty()) {
            let first = name.split('/').next().unwrap_or(name);
            if !target.model.is_empty() && target.model != first {
                let what =
                    format!("the address names the model `{first}`, the declaration `{}`", target.model);
                return Err(ScopeError::Path(what));
            }
            return Ok(path.to_owned());
        }
        if target.model.is_empty() {
            let what = format!("`{}` names no model; write `{root}NAME` behind the host", target.url);
            return Err(ScopeError::Path(what));
        }
        for part in [&target.model, &target.version] {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if !part.chars().all(plain) || part.chars().all(|c| c == '.') && !part.is_empty() {
                return Err(ScopeError::Path(format!("`{part}` is no name of a model or version")));
            }
        }
        let path = path.strip_suffix(root.trim_end_matches('/')).unwrap_or(path);
        let version = match target.version.as_str() {
            "" => String::new(),
            version => format!("/versions/{version}"),
        };
        Ok(format!("{path}{root}{}{version}", target.model))
    };
    match target.protocol.as_str() {
        "v2" => {
            let model = named("/v2/models/", path.strip_suffix("/infer").unwrap_or(path))?;
            Ok((format!("{model}/infer"), Some(model)))
        }
        "tensorflow" => {
            let model = named("/v1/models/", path.strip_suffix(":predict").unwrap_or(path))?;
            Ok((format!("{model}:predict"), None))
        }
        "mlflow" | "sagemaker" if path.is_empty() => Ok(("/invocations".to_owned(), None)),
        "mlflow" | "sagemaker" => Ok((path.to_owned(), None)),
        "custom" => Ok((if path.is_empty() { "/" } else { path }.to_owned(), None)),
        other => {
            let known = super::PROTOCOLS.join(", ");
            Err(ScopeError::Path(format!("`{other}` is no protocol; use one of {known}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(protocol: &str, url: &str, model: &str) -> DeclaredTarget {
        let (protocol, url, model) = (protocol.to_owned(), url.to_owned(), model.to_owned());
        DeclaredTarget { protocol, url, model, budget: 1, ..DeclaredTarget::default() }
    }

    #[test]
    fn protocols_know_their_paths() {
        for (protocol, url, model, predict) in [
            ("v2", "http://a:1/v2/models/m", "", "http://a:1/v2/models/m/infer"),
            ("v2", "http://a:1/v2/models/m/infer", "", "http://a:1/v2/models/m/infer"),
            ("v2", "http://a:1/v2/models/m/versions/3", "m", "http://a:1/v2/models/m/versions/3/infer"),
            ("v2", "http://a:1", "m", "http://a:1/v2/models/m/infer"),
            ("v2", "http://a:1/below", "m", "http://a:1/below/v2/models/m/infer"),
            ("tensorflow", "http://a:1/v1/models/m:predict", "", "http://a:1/v1/models/m:predict"),
            ("tensorflow", "http://a:1/", "m", "http://a:1/v1/models/m:predict"),
            ("mlflow", "http://a:1", "", "http://a:1/invocations"),
            ("sagemaker", "https://a/endpoints/e/invocations", "", "https://a/endpoints/e/invocations"),
            ("custom", "https://a/score?version=2", "", "https://a/score?version=2"),
        ] {
            let scope = Scope::new(&target(protocol, url, model)).unwrap();
            assert_eq!(scope.predict(), predict, "{protocol} {url}");
        }
    }

    #[test]
    fn what_names_no_model_or_another_is_refused() {
        for (protocol, url, model) in [
            ("v2", "http://a:1", ""),
            ("v2", "http://a:1/v2/models/m", "other"),
            ("v2", "http://a:1", "../admin"),
            ("v2", "http://a:1", ".."),
            ("v2", "a:1", "m"),
            ("v2", "http://me:secret@a:1", "m"),
            ("soap", "http://a:1", "m"),
        ] {
            assert!(Scope::new(&target(protocol, url, model)).is_err(), "{protocol} {url} {model}");
        }
        let unpaid = DeclaredTarget { budget: 0, ..target("mlflow", "http://a:1", "") };
        assert_eq!(Scope::new(&unpaid), Err(ScopeError::NoBudget));
        let unpaced = DeclaredTarget { requests_per_second: 0.0, ..target("mlflow", "http://a:1", "") };
        assert!(matches!(Scope::new(&unpaced), Err(ScopeError::Rate(_))));
    }

    #[test]
    fn other_hosts_paths_and_times_are_outside() {
        let (from, until) = (Some(Timestamp(100)), Some(Timestamp(200)));
        let scope = Scope::new(&DeclaredTarget { from, until, ..target("v2", "http://a:1/v2/models/m", "") })
            .unwrap();
        let now = Timestamp(150);
        assert_eq!(scope.permits("http://a:1/v2/models/m/infer", now), Ok(()));
        assert_eq!(scope.permits("http://a:1/v2/models/m", now), Ok(()));
        for elsewhere in [
            "http://b:1/v2/models/m/infer",
            "http://a:2/v2/models/m/infer",
            "https://a:1/v2/models/m/infer",
            "http://a:1/v2/models/n/infer",
            "http://a:1/v2/models/m/infer?x",
            "http://a:1/",
        ] {
            assert!(
                matches!(scope.permits(elsewhere, now), Err(ScopeError::Elsewhere { .. })),
                "{elsewhere}"
            );
        }
        for (now, inside) in [(99, false), (100, true), (199, true), (200, false)] {
            assert_eq!(scope.permits(&scope.predict(), Timestamp(now)).is_ok(), inside, "{now}");
        }
    }
}
