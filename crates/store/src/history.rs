//! What became of findings between reviews.

use sqlx::Row as _;
use vauban_domain::{Fingerprint, History, Review, Status, Verdict};

use crate::{Store, StoreError, rows::clean};

impl Store {
    /// Status of every finding of `review`, and of those of the last saved review that are gone or were not looked for.
    ///
    /// Ask before saving `review`. Acceptances of the store and of the declaration count while their time is not over
    /// at `review.taken_at`. Empty when the subject has no review yet and nothing is accepted.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn history(&mut self, review: &Review) -> Result<History, StoreError> {
        const STATES: &str =
            "SELECT fingerprint, rule, asset, last_review, fixed_in FROM finding_states WHERE subject = $1";
        let first = self.latest(&review.subject)?.is_none();
        let accepted: Vec<(Fingerprint, Status)> = self.accepted(review)?;
        if first && accepted.is_empty() {
            return Ok(History::new());
        }
        let Self { runtime, connection, .. } = self;
        let rows = runtime
            .block_on(sqlx::query(STATES).bind(clean(&review.subject)).fetch_all(connection))
            .map_err(|error| self.fail(&error))?;
        let mut history: History =
            review.findings.iter().map(|finding| (finding.fingerprint.clone(), Status::New)).collect();
        for row in &rows {
            let text = |index| row.try_get::<String, _>(index).map_err(|error| self.fail(&error));
            let Some(fingerprint) = Fingerprint::parse(&text(0)?) else { continue };
            let fixed: Option<String> = row.try_get(4).map_err(|error| self.fail(&error))?;
            let status = match (history.contains_key(&fingerprint), fixed) {
                (true, None) => Status::Open,
                (true, Some(_)) => Status::Reopened,
                (false, None) if is_gone(review, &text(1)?, &text(2)?) => Status::Fixed,
                (false, None) => Status::Unchecked,
                // Fixed by an earlier review, which said so.
                (false, Some(_)) => continue,
            };
            history.insert(fingerprint, status);
        }
        for (fingerprint, status) in accepted {
            if review.findings.iter().any(|finding| finding.fingerprint == fingerprint) {
                history.insert(fingerprint, status);
            }
        }
        Ok(history)
    }

    /// Acceptances in force when `review` was taken, the declaration's last because it is the newer word.
    fn accepted(&mut self, review: &Review) -> Result<Vec<(Fingerprint, Status)>, StoreError> {
        let stored = self.acceptances(review.taken_at)?;
        let stored = stored.into_iter().filter(|acceptance| !acceptance.expired).map(|acceptance| {
            (acceptance.fingerprint, Status::Accepted { reason: acceptance.reason, until: acceptance.until })
        });
        let declared = review.declaration.acceptances.iter().filter_map(|acceptance| {
            let fingerprint = Fingerprint::parse(&acceptance.fingerprint)?;
            (acceptance.until > review.taken_at).then(|| {
                (fingerprint, Status::Accepted { reason: acceptance.reason.clone(), until: acceptance.until })
            })
        });
        Ok(stored.chain(declared).collect())
    }
}

/// Whether `review` shows that a finding of `rule` at `asset`, which it does not have, is really gone: the asset is no
/// longer there, or the rule looked at it again or can no longer apply. A look that was skipped or failed shows nothing.
pub(crate) fn is_gone(review: &Review, rule: &str, asset: &str) -> bool {
    if !review.assets.iter().any(|candidate| candidate.id.as_str() == asset) {
        return true;
    }
    review.outcomes.iter().any(|outcome| {
        outcome.rule == rule
            && outcome.asset.as_str() == asset
            && matches!(outcome.verdict, Verdict::Found(_) | Verdict::Clean | Verdict::NotApplicable(_))
    })
}
