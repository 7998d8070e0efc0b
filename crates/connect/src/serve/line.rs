//! The line to one endpoint: scope, budget, pace, tries, and the journal, around every request.

use std::fmt;

use vauban_attacks::target::TargetError;

use super::ServeError;
use super::answer::printable;
use super::client::{Client, Reply, Silence};
use super::journal::{Journal, JournalError};
use super::pace::{Clock, LONGEST, Pace, TRIES, back_off, retry_after};
use super::protocol::{Metadata, Protocol};
use super::scope::Scope;

/// What stays the same from request to request.
pub(super) struct Line {
    pub(super) scope: Scope,
    pub(super) client: Client,
    pub(super) protocol: Box<dyn Protocol>,
    pub(super) clock: Box<dyn Clock>,
}

/// What changes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) journal: Journal,
    pub(super) pace: Pace,
    /// Rows of this run that were answered without being sent.
    pub(super) remembered: u64,
    /// Why nothing more is sent.
    pub(super) closed: Option<TargetError>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl Line {
    /// The body of the answer to some rows, after as many tries as that takes. Every try is counted before it is sent.
    pub(super) fn exchange(&self, state: &mut State, rows: &[&[f32]]) -> Result<String, TargetError> {
        let address = self.scope.predict();
        let call = self.protocol.encode(rows);
        let mut tried = 0;
        loop {
            if let Some(why) = &state.closed {
                return Err(why.clone());
            }
            state.pace.wait(self.clock.as_ref());
            let now = self.clock.now();
            if let Err(outside) = self.scope.permits(&address, now) {
                return Err(close(state, TargetError::Refused(outside.to_string())));
            }
            if rows.len() as u64 > self.scope.budget.saturating_sub(state.journal.sent()) {
                return Err(TargetError::BudgetSpent);
            }
            state.journal.count(rows.len() as u64, now).map_err(broken)?;
            let answered = self.client.send(&self.scope, &address, Some(&call), now);
            let (why, asked) = match answered {
                Ok(Reply { status: 200..=299, body, .. }) => return Ok(body),
                Ok(reply) if matches!(reply.status, 429 | 502 | 503 | 504) => {
                    let asked =
                        reply.retry_after.as_deref().and_then(|value| retry_after(value, self.clock.now()));
                    (TargetError::Refused(refusal(&reply)), asked)
                }
                Err(Silence::Broken(why)) => (TargetError::Failed(format!("`{address}` {why}")), None),
                Ok(reply) => {
                    let why = if matches!(reply.status, 401 | 403) {
                        TargetError::Refused(refusal(&reply))
                    } else {
                        TargetError::Failed(refusal(&reply))
                    };
                    state.journal.failed(&why.to_string(), self.clock.now()).map_err(broken)?;
                    return Err(close(state, why));
                }
                Err(Silence::Outside(outside)) => {
                    return Err(close(state, TargetError::Refused(outside.to_string())));
                }
                Err(Silence::Dead(why)) => {
                    let why = TargetError::Failed(format!("`{address}` {why}"));
                    state.journal.failed(&why.to_string(), self.clock.now()).map_err(broken)?;
                    return Err(close(state, why));
                }
            };
            state.journal.failed(&why.to_string(), self.clock.now()).map_err(broken)?;
            tried += 1;
            let wait = back_off(tried - 1, asked);
            if tried >= TRIES || wait > LONGEST {
                return Err(close(state, why));
            }
            self.clock.wait(wait);
        }
    }
}

/// Remembers that nothing more is to be sent: a server that refused is not asked again in this run.
pub(super) fn close(state: &mut State, why: TargetError) -> TargetError {
    state.closed.get_or_insert(why).clone()
}

pub(super) fn broken(error: JournalError) -> TargetError {
    TargetError::Failed(error.to_string())
}

/// What an answer that is none says.
fn refusal(reply: &Reply) -> String {
    let Reply { status, location, body, .. } = reply;
    match (status, location) {
        (300..=399, Some(place)) => {
            let place = printable(place, 200);
            format!("it redirects to `{place}`, which is outside the scope; nothing was sent there")
        }
        (413, _) => "it answers 413, the request is too large; lower `batch`".to_owned(),
        (401 | 403, _) => {
            format!("it answers {status}; name the variable that holds a token with `token_env`")
        }
        _ => format!("it answers {status}: {}", printable(body.trim(), 200)),
    }
}

/// What a server of protocol v2 tells about its model; nothing where it does not.
pub(super) fn metadata(
    client: &Client,
    scope: &Scope,
    pace: &mut Pace,
    clock: &dyn Clock,
) -> Result<Metadata, ServeError> {
    let Some(address) = scope.metadata() else { return Ok(Metadata::default()) };
    pace.wait(clock);
    match client.send(scope, &address, None, clock.now()) {
        Ok(Reply { status: 200, body, .. }) => Metadata::read(&body).map_err(ServeError::Answer),
        Ok(reply) if matches!(reply.status, 404 | 401 | 403 | 300..=399) => {
            Err(ServeError::Answer(format!("`{address}`: {}", refusal(&reply))))
        }
        // Telling about models is optional; what is needed is declared or shown by the first answer.
        Ok(_) | Err(Silence::Broken(_)) => Ok(Metadata::default()),
        Err(Silence::Outside(outside)) => Err(outside.into()),
        Err(Silence::Dead(why)) => Err(ServeError::Answer(format!("`{address}` {why}"))),
    }
}
