//! Which operators exist: the registry of TensorFlow 2.21, and the names of well-known extensions.

use std::sync::LazyLock;

/// Names of TensorFlow's operators, sorted.
static OPERATORS: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("operators.txt").lines().collect());

/// Beginnings of the names of operators that well-known extensions bring.
const EXTENSIONS: &[&str] = &[
    "Addons>",
    "Arrow",
    "CaseFoldUTF8",
    "Fast",
    "IO>",
    "NormalizeUTF8",
    "RegexSplit",
    "RougeL",
    "Sentencepiece",
    "SimpleML",
    "SplitMerge",
    "TFLite_Detection_PostProcess",
    "TFText",
    "TRTEngineOp",
    "Tokenizer",
    "UnicodeScriptTokenize",
    "WhitespaceTokenize",
    "WordpieceTokenize",
];

/// Whether TensorFlow itself ships the operator.
pub(in crate::artifact) fn is_known(op: &str) -> bool {
    OPERATORS.binary_search(&op).is_ok() || op.starts_with('_')
}

/// Whether a well-known extension ships it.
pub(in crate::artifact) fn is_extension(op: &str) -> bool {
    EXTENSIONS.iter().any(|start| op.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_sorted_and_known() {
        assert!(OPERATORS.is_sorted());
        assert!(is_known("Conv2D") && !is_known("Conv2E") && is_extension("SentencepieceTokenizeOp"));
    }
}
