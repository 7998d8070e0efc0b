//! Reading of YAML into types, under bounds, by way of a JSON tree: the parser of YAML is compiled once and not once for each
//! type, which halves the time that this crate takes to build.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// One document.
///
/// # Errors
/// The first line of what is wrong: with the YAML, with its bounds, or with a field.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(read_in_order::<Value>(text)?).map_err(told)
}

/// All documents of a stream.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_all<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    let trees = read_all_in_order::<Value>(text)?;
    trees.into_iter().map(|tree| serde_json::from_value(tree).map_err(told)).collect()
}

/// One document, straight into a type that keeps the order of keys and the spelling of scalars.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_in_order<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_saphyr::from_str_with_options(text, bounds()).map_err(told)
}

/// All documents of a stream, as [`read_in_order`].
///
/// # Errors
/// As [`read`].
pub(crate) fn read_all_in_order<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    serde_saphyr::from_multiple_with_options(text, bounds()).map_err(told)
}

/// Nothing that is read needs aliases, and ten levels are enough for it; a stranger's file may be a little wilder.
fn bounds() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 256,
            max_nodes: 1_000_000,
            max_events: 4_000_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 8,
        },
    }
}

fn told(error: impl ToString) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
