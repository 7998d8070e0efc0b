//! Findings that the owner lives with, for a reason and a time.

use std::collections::BTreeMap;

use sqlx::{Connection as _, Row as _};
use vauban_domain::{Fingerprint, Timestamp};

use crate::{Store, StoreError, connection::Dialect, error::classify, rows::clean};

/// A decision to live with a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAcceptance {
    /// Fingerprint of the finding.
    pub fingerprint: Fingerprint,
    /// Why.
    pub reason: String,
    /// Until when; from then on it is expired.
    pub until: Timestamp,
    /// Who decided.
    pub by: String,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether its time is over.
    pub expired: bool,
}

impl Store {
    /// Accepts the finding `fingerprint` for `reason` until `until`, decided by `by` at `at`. Accepting again replaces
    /// the decision; the earlier one stays on record.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn accept(
        &mut self,
        fingerprint: &Fingerprint,
        reason: &str,
        until: Timestamp,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Self { runtime, connection, dialect, place } = self;
        runtime
            .block_on(async {
                let mut transaction = connection.begin_with(Self::begin(*dialect)).await?;
                if *dialect == Dialect::Postgres {
                    sqlx::raw_sql("LOCK TABLE acceptances IN SHARE ROW EXCLUSIVE MODE")
                        .execute(&mut *transaction)
                        .await?;
                }
                sqlx::query(
                    "INSERT INTO acceptances (sequence, fingerprint, reason, until, accepted_by, accepted_at)
                     VALUES ((SELECT COALESCE(MAX(sequence), 0) + 1 FROM acceptances), $1, $2, $3, $4, $5)",
                )
                .bind(fingerprint.as_str())
                .bind(clean(reason))
                .bind(until.to_string())
                .bind(clean(by))
                .bind(at.to_string())
                .execute(&mut *transaction)
                .await?;
                transaction.commit().await
            })
            .map_err(|error| classify(place, &error))
    }

    /// The decisions in force at `now`, and those whose time is over, by fingerprint.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn acceptances(&mut self, now: Timestamp) -> Result<Vec<StoredAcceptance>, StoreError> {
        const SELECT: &str =
            "SELECT fingerprint, reason, until, accepted_by, accepted_at FROM acceptances ORDER BY sequence";
        let Self { runtime, connection, .. } = self;
        let rows =
            runtime.block_on(sqlx::query(SELECT).fetch_all(connection)).map_err(|error| self.fail(&error))?;
        let mut last = BTreeMap::new();
        for row in &rows {
            let text = |index| row.try_get::<String, _>(index).map_err(|error| self.fail(&error));
            let (fingerprint, until, at) = (text(0)?, text(2)?, text(4)?);
            // Rows that only another hand can have written are not trusted with a silence.
            let (Some(fingerprint), Some(until), Some(at)) =
                (Fingerprint::parse(&fingerprint), Timestamp::parse(&until), Timestamp::parse(&at))
            else {
                continue;
            };
            let (reason, by, expired) = (text(1)?, text(3)?, until <= now);
            last.insert(
                fingerprint.clone(),
                StoredAcceptance { fingerprint, reason, until, by, at, expired },
            );
        }
        Ok(last.into_values().collect())
    }
}
