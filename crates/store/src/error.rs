//! Why a store could not do its job.

/// Why a store could not do its job. Every message names the place and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file or server can be had there.
    #[error(
        "cannot open the store {place}: {cause}; check the path or address and who may read and write it"
    )]
    Unreachable {
        /// The store, password masked.
        place: String,
        /// What the driver said.
        cause: String,
    },
    /// The file is damaged or no SQLite database.
    #[error(
        "the store {place} is damaged or no SQLite database: {cause}; move it away to start a new one, or restore a copy"
    )]
    Corrupt {
        /// The store.
        place: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A database, but somebody else's.
    #[error("the database {place} holds other tables and no Vauban store; name another with `--store`")]
    Foreign {
        /// The store, password masked.
        place: String,
    },
    /// Written by a later version.
    #[error(
        "the store {place} has schema {found}, this version knows up to {known}; update vauban or name another store with `--store`"
    )]
    Newer {
        /// The store, password masked.
        place: String,
        /// Schema of the store.
        found: i64,
        /// Latest schema of this version.
        known: i64,
    },
    /// Another process has been writing for too long.
    #[error("the store {place} is being written by another process; try again when it is done")]
    Busy {
        /// The store, password masked.
        place: String,
    },
    /// There is no such review.
    #[error("the store has no review `{0}`; list them with `vauban report --list`")]
    NoReview(String),
    /// Another signature came first.
    #[error(
        "somebody else signed review `{0}` at the same time; sign again, so that yours comes after theirs"
    )]
    Signed(String),
    /// The database refused a statement.
    #[error("the store {place} failed: {cause}; nothing of this step was kept")]
    Database {
        /// The store, password masked.
        place: String,
        /// What the database said.
        cause: String,
    },
}

/// Sorts an error of the driver: busy and corrupt have ways out of their own.
pub(crate) fn classify(place: &str, error: &sqlx::Error) -> StoreError {
    let place = place.to_owned();
    let cause = error.to_string();
    if let sqlx::Error::Database(database) = error
        && let Some(code) = database.code()
        && let Ok(code) = code.parse::<u32>()
    {
        // The low byte of SQLite's extended result codes is the primary one (sqlite.org/rescode.html). PostgreSQL's
        // codes have five places and cannot be taken for them.
        match (database.code().is_some_and(|text| text.len() == 5), code & 0xff) {
            (false, 5 | 6) => return StoreError::Busy { place },
            (false, 11 | 26) => return StoreError::Corrupt { place, cause },
            (false, 8 | 14) => return StoreError::Unreachable { place, cause },
            _ => {}
        }
    }
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Configuration(_) => {
            StoreError::Unreachable { place, cause }
        }
        _ => StoreError::Database { place, cause },
    }
}
