//! Every case in PostgreSQL: `cargo test -p vauban-store --features postgres-tests --test postgres`.
//!
//! Needs an empty database in `VAUBAN_TEST_POSTGRES=postgres://user@host/database` and fails without one. Each case
//! gets a schema of its own.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail loudly, and the address of the test server is the environment's to give"
)]

mod cases;

use cases::Home;
use sqlx::Connection as _;
use vauban_store::StoreLocation;

struct Schema(String);

fn schema(case: &str) -> Schema {
    let server = std::env::var("VAUBAN_TEST_POSTGRES")
        .expect("set VAUBAN_TEST_POSTGRES=postgres://user@host/database to an empty database");
    let name = format!("case_{case}");
    // PostgreSQL cuts names at 63 bytes; two cases must not meet in one schema.
    assert!(name.len() <= 63, "the name of case `{case}` is too long for a schema");
    run(&server, format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"));
    let separator = if server.contains('?') { '&' } else { '?' };
    Schema(format!("{server}{separator}options=-c%20search_path%3D{name}"))
}

fn run(address: &str, statement: String) {
    runtime().block_on(async {
        let mut connection = sqlx::PgConnection::connect(address).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    });
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

impl Home for Schema {
    fn location(&self) -> StoreLocation {
        StoreLocation::Postgres(self.0.clone())
    }

    fn meddle(&self, statement: &'static str) {
        run(&self.0, statement.to_owned());
    }

    fn look(&self, query: &'static str) -> String {
        runtime().block_on(async {
            let mut connection = sqlx::PgConnection::connect(&self.0).await.unwrap();
            sqlx::query_scalar(query).fetch_one(&mut connection).await.unwrap()
        })
    }
}

every_case!(schema);
