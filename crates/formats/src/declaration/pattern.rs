//! How a declaration names assets: by id, by name, or by a path pattern.

use globset::{GlobBuilder, GlobMatcher};
use vauban_domain::{Asset, AssetId, Confidence};

/// A pattern of `vauban.toml`, ready to match.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// One asset by its id, `endpoint:form-reader-api`.
    Id(AssetId),
    /// Files by path; `*` stays within a folder, `**` does not.
    Path(String, GlobMatcher),
    /// No pattern at all; matches nothing.
    Broken,
}

impl Pattern {
    /// Reads a pattern.
    pub fn new(text: &str) -> Self {
        if let Some(id) = AssetId::parse(text) {
            return Self::Id(id);
        }
        let path = text.trim_start_matches("./");
        match GlobBuilder::new(path).literal_separator(true).build() {
            Ok(glob) => Self::Path(path.to_owned(), glob.compile_matcher()),
            Err(_) => Self::Broken,
        }
    }

    /// Whether it names this asset. A path pattern takes in everything seen in a file that it matches.
    pub fn matches(&self, asset: &Asset) -> bool {
        match self {
            Self::Id(id) => asset.id == *id,
            // What is only declared was seen in no file but the declaration.
            Self::Path(_, glob) => {
                asset.confidence != Confidence::Declared
                    && asset.locators.iter().any(|place| glob.is_match(&place.path))
            }
            Self::Broken => false,
        }
    }

    /// Whether it is the very name of this asset, such as the path of a model file.
    pub fn is_name_of(&self, asset: &Asset) -> bool {
        match self {
            Self::Id(id) => asset.id == *id,
            Self::Path(path, _) => asset.confidence != Confidence::Declared && asset.name == *path,
            Self::Broken => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vauban_domain::{AssetKind, Layer, Locator};

    #[test]
    fn patterns_name_assets_by_id_and_by_path() {
        let place = Locator::file("a/b/m.onnx");
        let asset = Asset::new(
            AssetKind::Model,
            "model",
            Layer::FoundationModels,
            "a/b/m.onnx",
            Confidence::Verified,
            place,
        );
        for (pattern, wanted) in [
            ("a/**", true),
            ("a/*", false),
            ("a/b/*.onnx", true),
            ("./a/b/m.onnx", true),
            ("model:a/b/m.onnx", true),
            ("model:m.onnx", false),
            ("b/**", false),
            ("[", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(&asset), wanted, "{pattern}");
        }
    }
}
