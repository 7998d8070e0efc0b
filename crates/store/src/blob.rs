//! Bytes kept once, by digest, deflated.

use std::io::{Read as _, Write as _};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use sqlx::{AnyConnection, Row as _};
use vauban_domain::Digest;

use crate::{Store, StoreError};

impl Store {
    /// The bytes with this digest, if they were saved as evidence or document.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or the bytes are no longer those of the digest.
    pub fn blob(&mut self, digest: Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let Self { runtime, connection, place, .. } = self;
        let row = runtime
            .block_on(
                sqlx::query("SELECT size, deflated FROM blobs WHERE digest = $1")
                    .bind(digest.to_string())
                    .fetch_optional(connection),
            )
            .and_then(|row| {
                row.map(|row| Ok((row.try_get::<i64, _>(0)?, row.try_get::<Vec<u8>, _>(1)?))).transpose()
            });
        let Some((size, deflated)) = row.map_err(|error| crate::error::classify(place, &error))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        // One byte more than promised tells a longer one from a whole one without inflating it all.
        let limit = u64::try_from(size).unwrap_or(0).saturating_add(1);
        let inflated = ZlibDecoder::new(deflated.as_slice()).take(limit).read_to_end(&mut bytes);
        if inflated.is_err() || Digest::of(&bytes) != digest {
            let cause = format!("the bytes kept as {digest} have another digest");
            return Err(StoreError::Corrupt { place: place.clone(), cause });
        }
        Ok(Some(bytes))
    }
}

/// Keeps `bytes` unless they are there.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    digest: Digest,
    bytes: &[u8],
) -> Result<(), sqlx::Error> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).map_err(sqlx::Error::Io)?;
    let deflated = encoder.finish().map_err(sqlx::Error::Io)?;
    sqlx::query("INSERT INTO blobs (digest, size, deflated) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(digest.to_string())
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .bind(deflated)
        .execute(connection)
        .await
        .map(drop)
}
