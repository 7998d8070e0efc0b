//! Opening a store, and one connection to it.

use std::path::Path;

use sqlx::{AnyConnection, Connection as _};
use tokio::runtime::Runtime;

use crate::{StoreError, StoreLocation, error::classify, migration};

/// How long a writer waits for another one, in milliseconds.
const BUSY_TIMEOUT: u32 = 30_000;

/// Which words a database understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// An open store: one connection, and the little runtime that drives it.
pub struct Store {
    pub(crate) runtime: Runtime,
    pub(crate) connection: AnyConnection,
    pub(crate) dialect: Dialect,
    pub(crate) place: String,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store at `location`, makes it when it is not there and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError`] when nothing can be had there, the file is damaged or somebody else's, or the tables are of a
    /// later version.
    ///
    /// # Panics
    /// When called from inside an asynchronous runtime.
    pub fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        let place = location.to_string();
        let unreachable = |cause: &dyn std::fmt::Display| StoreError::Unreachable {
            place: place.clone(),
            cause: cause.to_string(),
        };
        sqlx::any::install_default_drivers();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| unreachable(&error))?;
        let (address, dialect) = match location {
            StoreLocation::Sqlite(path) => {
                create_private(path).map_err(|error| unreachable(&error))?;
                (sqlite_address(path).map_err(|cause| unreachable(&cause))?, Dialect::Sqlite)
            }
            StoreLocation::Postgres(address) => (address.clone(), Dialect::Postgres),
        };
        let connection =
            runtime.block_on(connect(&address, dialect)).map_err(|error| classify(&place, &error))?;
        let mut store = Self { runtime, connection, dialect, place };
        migration::run(&mut store)?;
        Ok(store)
    }

    /// Statement that opens a transaction which is going to write. SQLite must take its lock at once: a reader that
    /// turns writer halfway fails when another one wrote in between.
    pub(crate) const fn begin(dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// An error of the driver, sorted.
    pub(crate) fn fail(&self, error: &sqlx::Error) -> StoreError {
        classify(&self.place, error)
    }
}

async fn connect(address: &str, dialect: Dialect) -> Result<AnyConnection, sqlx::Error> {
    let mut connection = AnyConnection::connect(address).await?;
    match dialect {
        Dialect::Sqlite => {
            let pragmas = [
                format!("PRAGMA busy_timeout = {BUSY_TIMEOUT}"),
                "PRAGMA foreign_keys = ON".to_owned(),
                "PRAGMA synchronous = NORMAL".to_owned(),
            ];
            for pragma in pragmas {
                sqlx::raw_sql(sqlx::AssertSqlSafe(pragma)).execute(&mut connection).await?;
            }
            write_ahead(&mut connection).await?;
        }
        Dialect::Postgres => {
            let timeout = format!("SET lock_timeout = {BUSY_TIMEOUT}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(timeout)).execute(&mut connection).await?;
        }
    }
    Ok(connection)
}

/// Turns write-ahead logging on, so that readers and a writer do not wait for each other. SQLite does not wait out its
/// busy timeout for this one statement, so that two processes which open a new file at once need a few tries.
async fn write_ahead(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let mut left = 100;
    loop {
        match sqlx::raw_sql("PRAGMA journal_mode = WAL").execute(&mut *connection).await {
            Err(error) if left > 0 && matches!(classify("", &error), StoreError::Busy { .. }) => {
                left -= 1;
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            done => return done.map(drop),
        }
    }
}

/// Makes the file and its folder for the owner alone: findings tell an attacker where to go.
fn create_private(path: &Path) -> std::io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// The address of an SQLite file, everything but plain characters escaped.
fn sqlite_address(path: &Path) -> Result<String, String> {
    let path = std::path::absolute(path).map_err(|error| error.to_string())?;
    let text = path.to_str().ok_or("the path is not valid UTF-8")?;
    let mut address = String::from("sqlite://");
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            address.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(address)
}
