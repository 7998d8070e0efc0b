//! Asks the hosts that were named, each by itself; what they answer is read like files.

use anyhow::bail;
use rayon::prelude::*;
use vauban_connect::live::{Bounds, Credentials, Kind, Recorded, addresses, record};
use vauban_domain::{Declaration, Limit, NamedSource};
use vauban_knowledge::Knowledge;

use crate::request::Live;
use crate::{Progress, Request};

/// What was answered, and what was not asked.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// By address.
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) limits: Vec<Limit>,
}

/// One address to ask.
struct Question {
    base: String,
    kind: Kind,
    /// One of many ports of a host, most of which nobody listens on.
    swept: bool,
    credentials: Option<Credentials>,
}

/// Asks every host that the request names, and those of the declaration if the request says so.
///
/// # Errors
/// When what the user named is no address. What does not answer is a stated limit.
pub(crate) fn ask(
    request: &Request,
    declared: &Declaration,
    knowledge: &Knowledge,
    progress: &dyn Progress,
) -> anyhow::Result<Asked> {
    let live = &request.live;
    let mut asked = Asked::default();
    let mut questions = Vec::new();
    for host in &live.hosts {
        let addresses = addresses(host, &live.ports)?;
        let (kind, swept) = (addresses.kind, addresses.swept);
        questions.extend(addresses.bases.into_iter().map(|base| Question {
            base,
            kind,
            swept,
            credentials: None,
        }));
    }
    for source in &declared.sources {
        if live.declared {
            declared_question(source, live, &mut questions, &mut asked.limits)?;
        } else {
            let what = "is declared as a source and was not asked; add --live to ask it";
            asked.limits.push(Limit { place: source.url.clone(), what: what.to_owned() });
        }
    }
    // What is declared with credentials outweighs the same address without.
    questions.sort_by(|one, other| {
        (&one.base, one.credentials.is_none()).cmp(&(&other.base, other.credentials.is_none()))
    });
    questions.dedup_by(|later, kept| {
        let same = later.base == kept.base;
        if same && later.kind == Kind::Mlflow {
            kept.kind = Kind::Mlflow;
        }
        same
    });
    if live.offline {
        let places = questions.into_iter().map(|question| question.base);
        let what = "was not asked, because --offline forbids it";
        asked.limits.extend(places.map(|place| Limit { place, what: what.to_owned() }));
        return Ok(asked);
    }
    if questions.is_empty() {
        return Ok(asked);
    }
    progress.begin("ask", questions.len() as u64);
    let answers: Vec<_> = questions
        .par_iter()
        .map(|question| {
            let credentials = question.credentials.as_ref();
            let table = &knowledge.fingerprints;
            let answer = record(&question.base, question.kind, credentials, table, Bounds::default());
            progress.advance(1);
            answer
        })
        .collect();
    let mut silent = 0;
    for (question, answer) in questions.into_iter().zip(answers) {
        match answer {
            Ok(recorded) => {
                let limits = recorded.limits.iter().cloned();
                asked.limits.extend(limits.map(|what| Limit { place: recorded.base.clone(), what }));
                asked.recorded.push(recorded);
            }
            Err(_) if question.swept => silent += 1,
            Err(why) => {
                let what = format!("was asked and {why}; nothing is known about it");
                asked.limits.push(Limit { place: question.base, what });
            }
        }
    }
    if silent > 0 {
        let what = format!("{silent} of the ports asked do not answer");
        asked.limits.push(Limit { place: live.hosts.join(", "), what });
    }
    Ok(asked)
}

fn declared_question(
    source: &NamedSource,
    live: &Live,
    questions: &mut Vec<Question>,
    limits: &mut Vec<Limit>,
) -> anyhow::Result<()> {
    if source.kind == "bucket" {
        let what = "was not listed, because this version lists no buckets; list it with its own tool \
             (`aws s3api list-objects-v2 --bucket …`) and put the result into the tree";
        limits.push(Limit { place: source.url.clone(), what: what.to_owned() });
        return Ok(());
    }
    let mut read = |name: &str| -> Option<String> {
        if name.is_empty() {
            return None;
        }
        let found = (live.environment)(name).filter(|value| !value.is_empty());
        if found.is_none() {
            let what = format!("was asked without credentials, because the environment has no `{name}`");
            limits.push(Limit { place: source.url.clone(), what });
        }
        found
    };
    let token = read(&source.token_env);
    let (user, password) = (read(&source.user_env), read(&source.password_env));
    let credentials = match (token, user, password) {
        (Some(token), ..) => Some(Credentials::Token { header: source.token_header.to_lowercase(), token }),
        (None, Some(user), Some(password)) => Some(Credentials::Basic { user, password }),
        _ => None,
    };
    let addresses = addresses(&source.url, &live.ports)?;
    if addresses.swept {
        bail!("`{}` is declared as a source without a port; write `http://{}:5000`", source.url, source.url);
    }
    let kind = if source.kind == "mlflow" { Kind::Mlflow } else { addresses.kind };
    questions.extend(addresses.bases.into_iter().map(|base| Question {
        base,
        kind,
        swept: false,
        credentials: credentials.clone(),
    }));
    Ok(())
}
