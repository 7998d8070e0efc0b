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

    async fn connect(&self) -> sqlx::SqliteConnection {
        use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
        std::fs::create_dir_all(self.path().parent().unwrap()).unwrap();
        let options = SqliteConnectOptions::new().filename(self.path()).create_if_missing(true);
        options.connect().await.unwrap()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl Home for Folder {
    fn location(&self) -> StoreLocation {
        StoreLocation::Sqlite(self.path())
    }

    fn meddle(&self, statement: &'static str) {
        runtime().block_on(async {
            sqlx::raw_sql(statement).execute(&mut self.connect().await).await.unwrap();
        });
    }

    fn look(&self, query: &'static str) -> String {
        runtime()
            .block_on(async { sqlx::query_scalar(query).fetch_one(&mut self.connect().await).await.unwrap() })
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

/// Saves one review after the other into the store named by `VAUBAN_TEST_STORE` until somebody ends it.
#[test]
#[ignore = "started and killed by a_killed_process_leaves_the_last_review_whole"]
fn save_until_killed() {
    let location = StoreLocation::parse(&std::env::var("VAUBAN_TEST_STORE").unwrap());
    let round = std::env::var("VAUBAN_TEST_ROUND").unwrap();
    let mut store = Store::open(&location).unwrap();
    for number in 0.. {
        let findings = (0..2_000).map(|key| cases::finding("one-rule", &key.to_string())).collect();
        let review = cases::review(&format!("review-{round}-{number}"), number, findings);
        store.save(&review, &vec![7; 2_000_000], &Default::default()).unwrap();
    }
}

#[test]
fn a_killed_process_leaves_the_last_review_whole() {
    let folder = folder("");
    let mut store = Store::open(&folder.location()).unwrap();
    for round in 0..4 {
        let before = store.reviews("clinic").unwrap().len();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "save_until_killed"])
            .env("VAUBAN_TEST_STORE", folder.path())
            .env("VAUBAN_TEST_ROUND", round.to_string())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while store.reviews("clinic").unwrap().len() == before {
            assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // It is on its next review now, a little further in each round.
        std::thread::sleep(std::time::Duration::from_millis(40 * round));
        child.kill().unwrap();
        child.wait().unwrap();

        drop(store);
        store = Store::open(&folder.location()).unwrap();
        for row in store.reviews("clinic").unwrap() {
            assert_eq!((row.assets, row.findings), (1, 2_000), "{}", row.id);
            assert_eq!(store.document(&row.id).unwrap().unwrap().len(), 2_000_000);
        }
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("");
    drop(Store::open(&folder.location()).unwrap());
    assert_eq!(std::fs::metadata(folder.path()).unwrap().permissions().mode() & 0o777, 0o600);
}
