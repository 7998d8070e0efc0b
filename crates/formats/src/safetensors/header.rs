//! The JSON header, read so that keys given twice are seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::Tensor;

/// What the header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) tensors: Vec<Tensor>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) duplicates: Vec<String>,
    /// Entries that are no tensors, and why.
    pub(super) malformed: Vec<(String, String)>,
}

/// Reads the header; at most `most` entries are kept.
pub(super) fn parse(text: &[u8], most: usize) -> Result<Header, String> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let Entries(entries) = Entries::deserialize(&mut json).map_err(|error| error.to_string())?;
    json.end().map_err(|error| error.to_string())?;
    let mut header = Header::default();
    let mut seen = BTreeSet::new();
    for (name, value) in entries.into_iter().take(most) {
        if !seen.insert(name.clone()) {
            header.duplicates.push(name.clone());
        }
        if name == "__metadata__" {
            metadata(&value, &mut header);
            continue;
        }
        match tensor(&name, &value) {
            Some(tensor) => header.tensors.push(tensor),
            None => {
                header.malformed.push((name, "is no description of a tensor".to_owned()));
            }
        }
    }
    Ok(header)
}

fn metadata(value: &Value, header: &mut Header) {
    let Value::Object(pairs) = value else {
        header.malformed.push(("__metadata__".to_owned(), "is no object".to_owned()));
        return;
    };
    for (key, value) in pairs {
        match value {
            Value::String(text) => {
                header.metadata.insert(key.clone(), text.clone());
            }
            _ => header.malformed.push(("__metadata__".to_owned(), format!("`{key}` is no text"))),
        }
    }
}

fn tensor(name: &str, value: &Value) -> Option<Tensor> {
    let shape: Option<Vec<u64>> = value.get("shape")?.as_array()?.iter().map(Value::as_u64).collect();
    let [begin, end] = value.get("data_offsets")?.as_array()?.as_slice() else { return None };
    let fields = value.as_object()?.len();
    (fields == 3).then_some(())?;
    Some(Tensor {
        name: name.to_owned(),
        dtype: value.get("dtype")?.as_str()?.to_owned(),
        shape: shape?,
        begin: begin.as_u64()?,
        end: end.as_u64()?,
    })
}

/// The entries of a JSON object in order, keys given twice included.
struct Entries(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                    if entries.len() > 4_000_000 {
                        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                        break;
                    }
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}
