//! Where a store is.

use std::fmt;
use std::path::PathBuf;

/// A file, or a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreLocation {
    /// An SQLite file, made with its folder when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL address, `postgres://user:password@host/database`.
    Postgres(String),
}

impl StoreLocation {
    /// Reads what a person writes after `--store`: an address that starts with `postgres://`, or a path.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::Sqlite(PathBuf::from(text.strip_prefix("sqlite://").unwrap_or(text)))
        }
    }
}

/// For messages: a password never shows.
impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "`{}`", path.display()),
            Self::Postgres(address) => {
                let (address, _) = address.split_once('?').unwrap_or((address, ""));
                match (address.split_once("://"), address.rfind('@')) {
                    (Some((scheme, rest)), Some(at)) => {
                        let user = rest.split([':', '@']).next().unwrap_or_default();
                        write!(f, "`{scheme}://{user}{}`", address.get(at..).unwrap_or_default())
                    }
                    _ => write!(f, "`{address}`"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_file_and_an_address_a_server() {
        assert_eq!(StoreLocation::parse("a/b.db"), StoreLocation::Sqlite("a/b.db".into()));
        assert_eq!(StoreLocation::parse("sqlite:///a/b.db"), StoreLocation::Sqlite("/a/b.db".into()));
        assert!(matches!(StoreLocation::parse("postgres://host/db"), StoreLocation::Postgres(_)));
    }

    #[test]
    fn no_message_shows_a_password() {
        let shown = StoreLocation::parse("postgres://ann:pa@ss@host:5432/db?password=other").to_string();
        assert_eq!(shown, "`postgres://ann@host:5432/db`");
    }
}
