//! Tables and their versions.

use sqlx::{Connection as _, Row as _};

use crate::{Store, StoreError, connection::Dialect, error::classify};

/// One step of the tables' history, told to each database in its own words.
struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

/// Every step, oldest first; a step is never changed once released.
const MIGRATIONS: &[Migration] = &[
    Migration {
        sqlite: include_str!("../migrations/sqlite/0001-reviews.sql"),
        postgres: include_str!("../migrations/postgres/0001-reviews.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/sqlite/0002-signatures.sql"),
        postgres: include_str!("../migrations/postgres/0002-signatures.sql"),
    },
];

/// Brings the tables up to date, in one transaction that keeps other processes out.
pub(crate) fn run(store: &mut Store) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as i64;
    let (place, dialect) = (store.place.clone(), store.dialect);
    let Store { runtime, connection, .. } = store;
    runtime.block_on(async {
        let database = |error| classify(&place, &error);
        let mut transaction = connection.begin_with(Store::begin(dialect)).await.map_err(database)?;
        if dialect == Dialect::Postgres {
            // Any number does as long as every version uses the same. The cast is there because the driver knows no
            // `void`.
            sqlx::raw_sql("SELECT pg_advisory_xact_lock(7654321)::text")
                .execute(&mut *transaction)
                .await
                .map_err(database)?;
        }
        let tables = sqlx::query(match dialect {
            Dialect::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            }
            Dialect::Postgres => {
                "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = current_schema()"
            }
        })
        .fetch_all(&mut *transaction)
        .await
        .map_err(database)?;
        let ours =
            tables.iter().any(|row| row.try_get::<String, _>(0).is_ok_and(|name| name == "vauban_schema"));
        if !ours && !tables.is_empty() {
            return Err(StoreError::Foreign { place: place.clone() });
        }
        let mut version = 0;
        if ours {
            let row = sqlx::query("SELECT version FROM vauban_schema")
                .fetch_one(&mut *transaction)
                .await
                .map_err(database)?;
            version = row.try_get::<i64, _>(0).map_err(database)?;
        } else {
            let first =
                "CREATE TABLE vauban_schema (version BIGINT NOT NULL); INSERT INTO vauban_schema VALUES (0)";
            sqlx::raw_sql(first).execute(&mut *transaction).await.map_err(database)?;
        }
        if version > known {
            return Err(StoreError::Newer { place: place.clone(), found: version, known });
        }
        for migration in MIGRATIONS.iter().skip(usize::try_from(version).unwrap_or(0)) {
            let statements = match dialect {
                Dialect::Sqlite => migration.sqlite,
                Dialect::Postgres => migration.postgres,
            };
            sqlx::raw_sql(statements).execute(&mut *transaction).await.map_err(database)?;
        }
        if version < known {
            sqlx::query("UPDATE vauban_schema SET version = $1")
                .bind(known)
                .execute(&mut *transaction)
                .await
                .map_err(database)?;
        }
        transaction.commit().await.map_err(database)
    })
}
