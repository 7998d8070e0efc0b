//! Signatures of reviews. What they say and whether they hold is not the store's to judge.

use sqlx::Row as _;

use crate::{Store, StoreError, error::classify, rows::clean};

impl Store {
    /// Adds a signed envelope, one line of text, as number `sequence` (from 1) of the chain of `review`.
    ///
    /// # Errors
    /// [`StoreError::NoReview`] when there is no such review, [`StoreError::Signed`] when another signature took that
    /// place meanwhile, others when the database fails.
    pub fn sign(&mut self, review: &str, sequence: u64, envelope: &str) -> Result<(), StoreError> {
        const INSERT: &str =
            "INSERT INTO signatures (review, sequence, envelope) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let Self { runtime, connection, place, .. } = self;
        let (known, written) = runtime
            .block_on(async {
                let known = sqlx::query("SELECT id FROM reviews WHERE id = $1")
                    .bind(clean(review))
                    .fetch_optional(&mut *connection)
                    .await?;
                if known.is_none() {
                    return Ok((false, 0));
                }
                let inserted = sqlx::query(INSERT)
                    .bind(clean(review))
                    .bind(i64::try_from(sequence).unwrap_or(i64::MAX))
                    .bind(clean(envelope))
                    .execute(&mut *connection)
                    .await?;
                Ok((true, inserted.rows_affected()))
            })
            .map_err(|error| classify(place, &error))?;
        if !known {
            return Err(StoreError::NoReview(review.to_owned()));
        }
        if written == 1 { Ok(()) } else { Err(StoreError::Signed(review.to_owned())) }
    }

    /// The envelopes of `review`, oldest first; none when nobody has signed it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn signatures(&mut self, review: &str) -> Result<Vec<String>, StoreError> {
        let Self { runtime, connection, .. } = self;
        runtime
            .block_on(
                sqlx::query("SELECT envelope FROM signatures WHERE review = $1 ORDER BY sequence")
                    .bind(clean(review))
                    .fetch_all(connection),
            )
            .and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
            .map_err(|error| self.fail(&error))
    }
}
