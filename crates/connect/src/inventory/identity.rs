//! What things are called, so that two mappers that meet the same thing make the same asset of it.

use vauban_domain::{Asset, AssetKind, Confidence, Layer, Locator};

/// A repository of the Hugging Face hub, `owner/name`: `model:huggingface/owner/name`.
pub(super) fn hugging_face(
    kind: AssetKind,
    repository: &str,
    revision: Option<&str>,
    confidence: Confidence,
    locator: Locator,
) -> Asset {
    let (component, layer) = match kind {
        AssetKind::Dataset => ("dataset", Layer::DataOperations),
        _ => ("model", Layer::FoundationModels),
    };
    let asset = Asset::new(kind, component, layer, &format!("huggingface/{repository}"), confidence, locator)
        .with("source", "huggingface");
    match revision {
        Some(revision) => {
            asset.with("purl", format!("pkg:huggingface/{repository}@{revision}")).with("version", revision)
        }
        None => asset.with("purl", format!("pkg:huggingface/{repository}")),
    }
}

/// A package of an ecosystem as purl has it (`pypi`, `npm`, `cargo`, `golang`, `conda`): `package:pypi/name`.
pub(super) fn package(ecosystem: &str, name: &str, version: Option<&str>, locator: Locator) -> Asset {
    let asset = Asset::new(
        AssetKind::Package,
        "package",
        Layer::AgentFrameworks,
        &format!("{ecosystem}/{name}"),
        Confidence::Declared,
        locator,
    )
    .with("purl", purl(ecosystem, name, version));
    match version {
        Some(version) => asset.with("version", version),
        None => asset,
    }
}

/// The address of a package by <https://github.com/package-url/purl-spec>: the `@` of a scope and the `+` of a build are
/// written as `%40` and `%2B`.
pub(super) fn purl(ecosystem: &str, name: &str, version: Option<&str>) -> String {
    let name = name.replace('@', "%40");
    match version {
        Some(version) => {
            format!("pkg:{ecosystem}/{name}@{}", version.replace('@', "%40").replace('+', "%2B"))
        }
        None => format!("pkg:{ecosystem}/{name}"),
    }
}

/// The name of an object or bucket for [`super::Collector::known_as`]: `s3://bucket/key` for every way of writing it
/// (`s3a://`, `gcs://`, `https://bucket.s3.eu-west-1.amazonaws.com/key`, an ARN); `None` if it is no object store's.
pub(super) fn object(uri: &str) -> Option<String> {
    if let Some(rest) = uri.strip_prefix("arn:aws:s3:::") {
        return place("s3", rest);
    }
    let (scheme, rest) = uri.split_once("://")?;
    match scheme {
        "s3" | "s3a" | "s3n" => place("s3", rest),
        "gs" | "gcs" => place("gs", rest),
        "abfs" | "abfss" | "wasb" | "wasbs" => {
            let (container, rest) = rest.split_once('@')?;
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let account = host.split('.').next()?;
            place("az", &format!("{account}/{container}/{path}"))
        }
        "az" => place("az", rest),
        "http" | "https" => {
            let rest = rest.split(['?', '#']).next().unwrap_or(rest);
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            if host == "storage.googleapis.com" {
                return place("gs", path);
            }
            if let Some(account) = host.strip_suffix(".blob.core.windows.net") {
                return place("az", &format!("{account}/{path}"));
            }
            let service = host.strip_suffix(".amazonaws.com")?;
            match service.split_once(".s3") {
                Some((bucket, region)) if region.is_empty() || region.starts_with(['.', '-']) => {
                    place("s3", &format!("{bucket}/{path}"))
                }
                _ => (service == "s3" || service.starts_with("s3.") || service.starts_with("s3-"))
                    .then(|| place("s3", path))?,
            }
        }
        _ => None,
    }
}

fn place(scheme: &str, path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    (!path.is_empty()).then(|| format!("{scheme}://{path}"))
}

/// The name of what answers at an address for [`super::Collector::known_as`]: `http://host:8080`, without path,
/// credentials and default ports; `None` if it is no address.
pub(super) fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?.to_lowercase();
    let bare = match scheme {
        "http" => host.strip_suffix(":80"),
        "https" => host.strip_suffix(":443"),
        _ => return None,
    };
    let host = bare.unwrap_or(&host);
    (!host.is_empty()).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_object_gives_one_name() {
        for uri in [
            "s3://models/a/b.pt",
            "s3a://models/a/b.pt",
            "arn:aws:s3:::models/a/b.pt",
            "https://models.s3.amazonaws.com/a/b.pt",
            "https://models.s3.eu-west-1.amazonaws.com/a/b.pt?versionId=3",
            "https://s3.eu-west-1.amazonaws.com/models/a/b.pt",
        ] {
            assert_eq!(object(uri).as_deref(), Some("s3://models/a/b.pt"), "{uri}");
        }
        assert_eq!(object("https://storage.googleapis.com/m/a").as_deref(), Some("gs://m/a"));
        assert_eq!(
            object("abfss://data@account.dfs.core.windows.net/x").as_deref(),
            Some("az://account/data/x")
        );
        assert_eq!(
            object("https://account.blob.core.windows.net/data/x").as_deref(),
            Some("az://account/data/x")
        );
        assert_eq!(object("https://example.com/a"), None);
        assert_eq!(object("models/a.pt"), None);
    }

    #[test]
    fn an_address_has_no_path_and_no_secret() {
        assert_eq!(address("http://user:word@Host:80/a?b").as_deref(), Some("http://host"));
        assert_eq!(address("https://host:8443/").as_deref(), Some("https://host:8443"));
        assert_eq!(address("s3://host"), None);
    }
}
