//! What stored reviews forecast, so that it can be held against what happened since.

use vauban_domain::{Forecast, Timestamp};
use vauban_export::v1;
use vauban_store::Store;

/// Stored reviews that are read at most, the last ones; a review a day for more than a year.
const MOST_REVIEWS: usize = 400;

/// The forecasts of the stored reviews of `subject` before `now`. No table of their own: they are read from the documents,
/// which are kept as they were written. A document that cannot be read any more forecasts nothing.
pub(super) fn stored(store: &mut Store, subject: &str, now: Timestamp) -> anyhow::Result<Vec<Forecast>> {
    let mut forecasts = Vec::new();
    let rows = store.reviews(subject)?;
    for row in rows.into_iter().filter(|row| row.taken_at < now).take(MOST_REVIEWS) {
        if let Some(bytes) = store.document(&row.id)? {
            forecasts.extend(v1::stored_forecasts(&bytes).unwrap_or_default());
        }
    }
    Ok(forecasts)
}
