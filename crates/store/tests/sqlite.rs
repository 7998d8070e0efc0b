//! Every case in SQLite, and what only a file can go through.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests break files and fail loudly")]

mod cases;

use cases::Home;
use vauban_store::{Store, StoreError, StoreLocation};

struct Folder(tempfile::TempDir);

fn folder(_case: &str) -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

impl Folder {
    fn path(&self) -> std::path::PathBuf {
        // A name that an address would have to escape.
        self.0.path().join("new folder/50 % käse?#.db")
    }
}

impl Home for Folder {
    fn location(&self) -> StoreLocation {
        StoreLocation::Sqlite(self.path())
    }

    fn meddle(&self, statement: &'static str) {
        use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
        std::fs::create_dir_all(self.path().parent().unwrap()).unwrap();
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let mut connection = options.connect().await.unwrap();
            sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        });
    }
}

every_case!(folder);

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let folder = folder("");
    std::fs::create_dir_all(folder.path().parent().unwrap()).unwrap();
    std::fs::write(folder.path(), "meeting notes\n".repeat(400)).unwrap();
    let error = Store::open(&folder.location()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(error.to_string().contains("move it away"), "{error}");
}

#[test]
fn a_torn_file_is_an_error_and_no_crash() {
    let folder = folder("");
    drop(Store::open(&folder.location()).unwrap());
    folder.meddle("PRAGMA wal_checkpoint(TRUNCATE)");
    let whole = std::fs::metadata(folder.path()).unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(folder.path()).unwrap();
    file.set_len(whole / 2 + 100).unwrap();
    let error = Store::open(&folder.location())
        .and_then(|mut store| store.acceptances(vauban_domain::Timestamp(0)))
        .unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. } | StoreError::Database { .. }), "{error}");
}

#[test]
fn a_place_that_cannot_be_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = Store::open(&StoreLocation::Sqlite(folder.path().join("file/store.db"))).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("");
    drop(Store::open(&folder.location()).unwrap());
    assert_eq!(std::fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
}
