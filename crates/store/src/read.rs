//! Reading reviews back.

use sqlx::{Row as _, any::AnyRow};
use vauban_domain::{Digest, Timestamp};

use crate::{Store, StoreError, rows::clean};

/// A line of the list of reviews.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRow {
    /// Id of the review.
    pub id: String,
    /// What was reviewed.
    pub subject: String,
    /// Why, in the words of `Trigger::as_str`.
    pub trigger: String,
    /// When.
    pub taken_at: Timestamp,
    /// Version of Vauban that made it.
    pub tool_version: String,
    /// Edition of ATLAS.
    pub atlas_edition: String,
    /// Number of assets.
    pub assets: u64,
    /// Number of findings.
    pub findings: u64,
}

const SELECT: &str = "SELECT id, subject, cause, taken_at, tool_version, atlas_edition,
    (SELECT COUNT(*) FROM assets WHERE assets.review = reviews.id),
    (SELECT COUNT(*) FROM findings WHERE findings.review = reviews.id)
    FROM reviews WHERE subject = $1 ORDER BY sequence DESC";

impl Store {
    /// Reviews of `subject`, the last saved first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn reviews(&mut self, subject: &str) -> Result<Vec<ReviewRow>, StoreError> {
        let Self { runtime, connection, .. } = self;
        runtime
            .block_on(sqlx::query(SELECT).bind(clean(subject)).fetch_all(connection))
            .and_then(|rows| rows.iter().map(review_row).collect())
            .map_err(|error| self.fail(&error))
    }

    /// Every subject with a review, sorted.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn subjects(&mut self) -> Result<Vec<String>, StoreError> {
        let Self { runtime, connection, .. } = self;
        let mut subjects: Vec<String> = runtime
            .block_on(sqlx::query("SELECT DISTINCT subject FROM reviews").fetch_all(connection))
            .and_then(|rows| rows.iter().map(|row| row.try_get(0)).collect())
            .map_err(|error| self.fail(&error))?;
        // Sorted here: PostgreSQL sorts text by its locale.
        subjects.sort();
        Ok(subjects)
    }

    /// The last saved review of `subject`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub fn latest(&mut self, subject: &str) -> Result<Option<ReviewRow>, StoreError> {
        const LATEST: &str = "SELECT id, subject, cause, taken_at, tool_version, atlas_edition,
            (SELECT COUNT(*) FROM assets WHERE assets.review = reviews.id),
            (SELECT COUNT(*) FROM findings WHERE findings.review = reviews.id)
            FROM reviews WHERE subject = $1 ORDER BY sequence DESC LIMIT 1";
        let Self { runtime, connection, .. } = self;
        runtime
            .block_on(sqlx::query(LATEST).bind(clean(subject)).fetch_optional(connection))
            .and_then(|row| row.as_ref().map(review_row).transpose())
            .map_err(|error| self.fail(&error))
    }

    /// The JSON v1 document of a review, the very bytes that were saved.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or the bytes are damaged.
    pub fn document(&mut self, review: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let Self { runtime, connection, .. } = self;
        let digest: Option<String> = runtime
            .block_on(
                sqlx::query("SELECT digest FROM documents WHERE review = $1")
                    .bind(clean(review))
                    .fetch_optional(connection),
            )
            .and_then(|row| row.map(|row| row.try_get(0)).transpose())
            .map_err(|error| self.fail(&error))?;
        match digest.as_deref().map(Digest::parse) {
            None => Ok(None),
            Some(Some(digest)) => self.blob(digest),
            Some(None) => Err(StoreError::Corrupt {
                place: self.place.clone(),
                cause: format!("the document of review `{review}` is kept under no digest"),
            }),
        }
    }
}

fn review_row(row: &AnyRow) -> Result<ReviewRow, sqlx::Error> {
    let taken_at: String = row.try_get(3)?;
    let count = |index| row.try_get::<i64, _>(index).map(|count| u64::try_from(count).unwrap_or(0));
    Ok(ReviewRow {
        id: row.try_get(0)?,
        subject: row.try_get(1)?,
        trigger: row.try_get(2)?,
        taken_at: Timestamp::parse(&taken_at)
            .ok_or_else(|| sqlx::Error::Decode(format!("`{taken_at}` is no time").into()))?,
        tool_version: row.try_get(4)?,
        atlas_edition: row.try_get(5)?,
        assets: count(6)?,
        findings: count(7)?,
    })
}
