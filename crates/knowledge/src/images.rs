//! Container images of software for machine learning, and what runs in them.

use serde::Deserialize;

use crate::table::{rows, words};

/// What an image holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// A part of the image's name.
    pub image: String,
    /// The product, `vllm`.
    pub product: String,
    /// Kind of the asset that a container of it is, `endpoint`.
    pub kind: String,
    /// MAESTRO component kind.
    pub component: String,
    /// Layer, `L1`.
    pub layer: String,
    /// What it is for: `serving`, `vectors`, `registry`, `notebook` ...
    pub role: String,
    /// The package that the product is, `pypi/vllm`; empty if it is none.
    pub package: String,
    /// Variables of the environment and arguments that make it ask who calls.
    pub keys: Vec<String>,
}

#[derive(Deserialize)]
struct Row {
    image: String,
    product: String,
    kind: String,
    component: String,
    layer: String,
    role: String,
    package: String,
    key: String,
}

/// Every image, in the order in which they are tried.
pub(crate) fn builtin() -> Vec<Image> {
    rows::<Row>("images.csv", include_str!("../data/images.csv"))
        .into_iter()
        .map(|row| Image {
            image: row.image,
            product: row.product,
            kind: row.kind,
            component: row.component,
            layer: row.layer,
            role: row.role,
            package: row.package,
            keys: words(&row.key),
        })
        .collect()
}

/// What runs in the image called `reference`, as a manifest or a Dockerfile writes it.
pub fn image_of<'a>(images: &'a [Image], reference: &str) -> Option<&'a Image> {
    let name = reference.split('@').next()?.to_lowercase();
    // A colon behind the last slash begins the tag; one before it belongs to the registry's port.
    let slash = name.rfind('/').map_or(0, |at| at + 1);
    let end = name.get(slash..)?.find(':').map_or(name.len(), |at| slash + at);
    let name = name.get(..end)?;
    images.iter().find(|image| has_part(name, &image.image))
}

/// Whether `part` stands in `name` between borders.
fn has_part(name: &str, part: &str) -> bool {
    let border = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    let bytes = name.as_bytes();
    name.match_indices(part).any(|(at, _)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        border(before) && border(bytes.get(at + part.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_told_by_parts_of_their_names() {
        let images = builtin();
        let product = |reference: &str| image_of(&images, reference).map(|image| image.product.as_str());
        for (reference, wanted) in [
            ("vllm/vllm-openai:v0.6.3", Some("vllm")),
            ("registry.example:5000/mirror/vllm-openai@sha256:00", Some("vllm")),
            ("nvcr.io/nvidia/tritonserver:24.08-py3", Some("triton")),
            ("ghcr.io/huggingface/text-generation-inference:2.3", Some("tgi")),
            ("qdrant/qdrant:v1.12.0", Some("qdrant")),
            ("jupyter/scipy-notebook", Some("jupyter")),
            ("quay.io/jupyterhub/k8s-hub:4", Some("jupyterhub")),
            ("ghcr.io/mlflow/mlflow:v2.16.0", Some("mlflow")),
            ("rayproject/ray:2.9.0-py310", Some("ray")),
            ("nvcr.io/nim/meta/llama-3.1-8b-instruct:1.3", Some("nim")),
            ("postgres:16", None),
            ("registry.example/chromatography:1", None),
        ] {
            assert_eq!(product(reference), wanted, "{reference}");
        }
    }

    #[test]
    fn every_row_names_an_asset_kind_and_a_layer_of_its_component() {
        for image in builtin() {
            assert!(matches!(image.kind.as_str(), "endpoint" | "infrastructure"), "{}", image.image);
            assert!(image.layer.starts_with('L'), "{}", image.image);
        }
    }
}
