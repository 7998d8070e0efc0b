//! The present, and where reviews are kept: what only the rim of the program may ask the machine.

use std::path::PathBuf;

use anyhow::Context;
use vauban_domain::Timestamp;
use vauban_knowledge::Knowledge;
use vauban_knowledge::advisories::{Advisories, Origin, Table};
use vauban_store::{Store, StoreLocation};

use crate::arguments::Common;

/// `--now`, else `SOURCE_DATE_EPOCH`, else the clock.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock and the environment are read")]
pub(crate) fn now(common: &Common) -> anyhow::Result<Timestamp> {
    if let Some(text) = &common.now {
        return Timestamp::parse(text)
            .with_context(|| format!("`{text}` is no time; write it as 2026-11-20T08:30:00Z"));
    }
    if let Ok(text) = std::env::var("SOURCE_DATE_EPOCH") {
        let seconds = text
            .parse()
            .with_context(|| format!("SOURCE_DATE_EPOCH is `{text}`, not a number of seconds"))?;
        return Ok(Timestamp(seconds));
    }
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .context("the clock stands before 1970; set it or give --now")?;
    Ok(Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)))
}

/// `--store`, else `vauban/reviews.sqlite` in the user's data folder.
fn store_location(common: &Common) -> anyhow::Result<StoreLocation> {
    Ok(match &common.store {
        Some(text) => StoreLocation::parse(text),
        None => StoreLocation::Sqlite(data_folder()?.join("vauban").join("reviews.sqlite")),
    })
}

/// The store where there is one already: a command that only reads makes none.
pub(crate) fn store_if_there(common: &Common) -> anyhow::Result<Option<Store>> {
    match store_location(common) {
        Ok(StoreLocation::Sqlite(path)) if !path.is_file() => Ok(None),
        // Without a data folder there is none in it.
        Err(_) => Ok(None),
        Ok(_) => store(common).map(Some),
    }
}

/// Opens the store: `--store`, else `vauban/reviews.sqlite` in the user's data folder.
pub(crate) fn store(common: &Common) -> anyhow::Result<Store> {
    let location = store_location(common)?;
    Store::open(&location).with_context(|| format!("cannot use the store {location}"))
}

/// Where advisories are kept: `--database`, else `vauban/advisories.csv` in the user's data folder.
pub(crate) fn database_path(common: &Common) -> anyhow::Result<PathBuf> {
    match &common.database {
        Some(path) => Ok(path.clone()),
        None => Ok(data_folder()?.join("vauban").join("advisories.csv")),
    }
}

/// The imported advisories; `None` if none were imported.
#[expect(clippy::disallowed_methods, reason = "the command line reads what its user imported")]
pub(crate) fn database(common: &Common) -> anyhow::Result<Option<Table>> {
    // Without a data folder there is none in it.
    let Ok(path) = database_path(common) else { return Ok(None) };
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && common.database.is_none() => {
            return Ok(None);
        }
        Err(error) => {
            return Err(error).with_context(|| {
                format!(
                    "cannot read the advisories in `{}`; write some with `vauban db import`",
                    path.display()
                )
            });
        }
    };
    let broken =
        || format!("`{}` is no table of advisories; write it anew with `vauban db import`", path.display());
    let text = String::from_utf8(bytes).with_context(broken)?;
    Table::read(text.into(), Origin::Imported).map(Some).with_context(broken)
}

/// What is known of packages: the compiled-in table and the imported one.
pub(crate) fn advisories(common: &Common) -> anyhow::Result<Advisories> {
    let advisories = Knowledge::builtin().advisories.clone().fresh_for(common.database_days);
    Ok(match database(common)? {
        Some(table) => advisories.with(table),
        None => advisories,
    })
}

/// The user's cache folder by the conventions of the system, if there is one.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock and the environment are read")]
pub(crate) fn cache_folder() -> Option<PathBuf> {
    let folder =
        |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return folder("LOCALAPPDATA");
    }
    let home = folder("HOME");
    if cfg!(target_os = "macos") {
        return home.map(|home| home.join("Library").join("Caches"));
    }
    folder("XDG_CACHE_HOME").or_else(|| home.map(|home| home.join(".cache")))
}

/// The user's data folder by the conventions of the system.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock and the environment are read")]
fn data_folder() -> anyhow::Result<PathBuf> {
    let folder =
        |variable: &str| std::env::var(variable).ok().filter(|value| !value.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return folder("LOCALAPPDATA").context("LOCALAPPDATA is not set; give --store PATH");
    }
    let home = || folder("HOME");
    if cfg!(target_os = "macos") {
        return home()
            .map(|home| home.join("Library").join("Application Support"))
            .context("HOME is not set; give --store PATH");
    }
    folder("XDG_DATA_HOME")
        .or_else(|| home().map(|home| home.join(".local").join("share")))
        .context("neither XDG_DATA_HOME nor HOME is set; give --store PATH")
}
