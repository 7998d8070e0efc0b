//! Metadata of checkpoints.

use crate::check;

#[test]
fn how_values_are_restored() {
    let plain = r#"{"tree_metadata": {"('params', 'w')": {"value_metadata": {"value_type": "np.ndarray"}}}}"#;
    check("c/_METADATA", plain.as_bytes(), &[]);
    let handler = format!(r#"{{"custom_metadata": {{"restore_fn": "os.{}"}}}}"#, concat!("sys", "tem"));
    check("c/_METADATA", handler.as_bytes(), &["orbax-code-execution"]);
    let array = |codec: &str| format!(r#"{{"shape": [1], "dtype": "|O", "filters": [{{"id": "{codec}"}}]}}"#);
    check("w/.zarray", array("vlen-utf8").as_bytes(), &[]);
    check("w/.zarray", array("pickle").as_bytes(), &["orbax-code-execution"]);
}
