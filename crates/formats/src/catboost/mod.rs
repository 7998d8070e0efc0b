//! CatBoost models: `CBM1` around a FlatBuffers core, and the JSON export.
//!
//! Source: CatBoost `catboost/libs/model/flatbuffers/model.fbs`, `catboost/libs/model/model.cpp`.

use crate::flatbuffer::{Flatbuffer, Step, Table};
use crate::search::holds;
use crate::xgboost::tree::{Reader, Tree};
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How CatBoost models are found and read.
pub const FORMAT: Format = Format { name: "catboost", extensions: &["cbm"], recognise, parse };

/// A boosted model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catboost {
    /// Whether it is the JSON export.
    pub json: bool,
    /// Trees that are there.
    pub trees: usize,
    /// What the trainer wrote about itself: key and value, cut.
    pub notes: Vec<(String, String)>,
}

const MAGIC: &[u8] = b"CBM1";
/// Bytes in front of the core.
const HEADER: usize = 8;
/// Characters of a note that are kept.
const NOTE: usize = 4096;

fn recognise(input: &Input<'_>) -> Recognised {
    let head = input.head(4 << 10);
    let says = |word: &[u8]| holds(head, word);
    match head.trim_ascii_start() {
        _ if input.bytes.starts_with(MAGIC) => Recognised::ByMagic,
        [b'{', ..]
            if says(b"\"oblivious_trees\"")
                || says(b"\"ctr_data\"")
                || says(b"\"features_info\"")
                || says(b"\"float_features\"") =>
        {
            Recognised::ByShape
        }
        _ => Recognised::No,
    }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut model = Catboost::default();
    let mut defects = Vec::new();
    let wrong = if input.bytes.starts_with(MAGIC) {
        binary(input.bytes, &mut model, &mut defects)
    } else {
        model.json = true;
        json(input, &mut model, &mut defects)
    };
    defects.extend(wrong.err());
    Parsed { format: FORMAT.name, facts: Facts::Catboost(model), defects, members: Vec::new() }
}

fn binary(bytes: &[u8], model: &mut Catboost, defects: &mut Vec<Defect>) -> Step<()> {
    let size = bytes.get(4..8).and_then(|size| size.try_into().ok()).map_or(0, u32::from_le_bytes) as usize;
    let Some(core) = bytes.get(HEADER..HEADER.saturating_add(size)) else {
        let detail = format!("a core of {size} bytes ends after the file");
        return Err(Defect::at("catboost-size", 4, detail));
    };
    let root = Flatbuffer::new(core).root()?;
    let parts = root.vector(3, 4)?.map_or(0, |parts| parts.len());
    let rest = bytes.len() - HEADER - size;
    if parts == 0 && rest > 0 {
        let detail = format!("{rest} bytes behind a model without further parts");
        defects.push(Defect::at("catboost-trailing", (HEADER + size) as u64, detail));
    }
    if let Some(notes) = root.vector(2, 4)? {
        for note in notes.tables().take(1000) {
            let note = note?;
            let text = |slot| -> Step<String> {
                Ok(note.text(slot)?.unwrap_or_default().chars().take(NOTE).collect())
            };
            model.notes.push((text(0)?, text(1)?));
        }
    }
    match root.table(1)? {
        Some(trees) => check(&trees, model),
        None => Err(Defect::whole("catboost-trees", "there are no trees in the core")),
    }
}

fn check(trees: &Table<'_>, model: &mut Catboost) -> Step<()> {
    let wrong = |code, detail: String| Err(Defect::at(code, (HEADER + trees.position()) as u64, detail));
    let integers = |slot: usize| -> Step<Vec<i32>> {
        Ok(trees.vector(slot, 4)?.map_or_else(Vec::new, |vector| vector.i32s().collect()))
    };
    let outputs = trees.i32(0)?.unwrap_or(1);
    if !(1..=10_000_000).contains(&outputs) {
        return wrong("catboost-outputs", format!("{outputs} outputs"));
    }
    let (splits, sizes, starts) = (integers(1)?, integers(2)?, integers(3)?);
    model.trees = sizes.len();
    if sizes.len() != starts.len() {
        return wrong(
            "catboost-trees",
            format!("{} sizes and {} starts of trees", sizes.len(), starts.len()),
        );
    }
    for (index, (size, start)) in sizes.iter().zip(&starts).enumerate() {
        let end = i64::from(*start) + i64::from(*size);
        if *size < 0 || *start < 0 || end > splits.len() as i64 {
            let detail = format!("tree {index} is splits {start} to {end} of {}", splits.len());
            return wrong("catboost-tree-bounds", detail);
        }
    }
    // Slot 8: values of leaves; 10 and 11: steps and leaves of trees without symmetry.
    let values = trees.vector(8, 8)?.map_or(0, |values| values.len() as u64);
    let steps = trees.vector(10, 4)?;
    let symmetric = steps.is_none_or(|steps| steps.is_empty());
    if symmetric && values > 0 {
        let leaves = sizes.iter().fold(0_u64, |sum, size| {
            sum.saturating_add(1_u64.checked_shl(u32::try_from(*size).unwrap_or(63)).unwrap_or(u64::MAX))
        });
        let needed = leaves.saturating_mul(outputs as u64);
        if needed != values {
            return wrong(
                "catboost-leaves",
                format!("{needed} values of leaves are due, {values} are there"),
            );
        }
    }
    if let Some(steps) = steps {
        let count = steps.len();
        for (index, step) in steps.elements().enumerate() {
            let [a, b, c, d] = step else { continue };
            let (left, right) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
            let furthest = index + usize::from(left.max(right));
            if furthest >= count.max(1) {
                return wrong("catboost-step", format!("step {index} leads to {furthest} of {count}"));
            }
        }
        for leaf in integers(11)? {
            if values > 0 && u64::from(leaf as u32) >= values && leaf != -1 {
                return wrong("catboost-leaves", format!("leaf {} of {values} is asked for", leaf as u32));
            }
        }
    }
    Ok(())
}

fn json(input: &Input<'_>, model: &mut Catboost, defects: &mut Vec<Defect>) -> Step<()> {
    if input.bytes.len() > input.budget.limits.text_bytes.saturating_mul(4) {
        return Err(Defect::whole("limit-text", format!("a model of {} bytes", input.bytes.len())));
    }
    let mut reader = Reader::new(input.bytes, input.budget);
    let tree = reader.json(0)?;
    let rest = reader.rest();
    if !rest.is_empty() {
        let detail = format!("{} bytes behind the model", rest.len());
        defects.push(Defect::at("catboost-trailing", rest.start as u64, detail));
    }
    for (key, value) in tree.get("model_info").entries() {
        let text = value.text().unwrap_or_default();
        model.notes.push((key.clone(), text.chars().take(NOTE).collect()));
    }
    let features = tree.at("features_info.float_features").length();
    let trees = tree.get("oblivious_trees").items();
    model.trees = trees.len().max(tree.get("trees").items().len());
    for (index, tree) in trees.iter().enumerate() {
        let splits = tree.get("splits").items();
        let values = tree.get("leaf_values").length();
        let leaves = 1_usize.checked_shl(u32::try_from(splits.len()).unwrap_or(64)).unwrap_or(usize::MAX);
        if values == 0 || !values.is_multiple_of(leaves) {
            let detail = format!("tree {index}: {values} values for {leaves} leaves");
            return Err(Defect::whole("catboost-leaves", detail));
        }
        for split in splits {
            let feature = split.get("float_feature_index");
            if let Some(feature) = feature.number()
                && !(0.0..features as f64).contains(&feature)
            {
                let detail = format!("tree {index} asks for feature {feature} of {features}");
                return Err(Defect::whole("catboost-feature", detail));
            }
        }
        let not_a_number =
            |values: &Tree| values.numbers().is_some_and(|all| all.iter().any(|value| value.is_nan()));
        if not_a_number(tree.get("leaf_values")) {
            return Err(Defect::whole(
                "catboost-not-a-number",
                format!("tree {index}: a value is no number"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Budget;

    fn codes(bytes: &[u8]) -> Vec<&'static str> {
        let budget = Budget::default();
        let parsed = parse(&Input::new("m.cbm", bytes, &budget));
        parsed.defects.into_iter().map(|defect| defect.code).collect()
    }

    #[test]
    fn sizes_that_lie() {
        assert_eq!(codes(b"CBM1\xff\0\0\0\x04\0\0\0"), ["catboost-size"]);
        assert_eq!(codes(b"CBM1"), ["catboost-size"]);
    }

    const JSON: &str = r#"{"features_info":{"float_features":[{"borders":[0.5]}]},"oblivious_trees":
        [{"leaf_values":[0.1,0.2],"splits":[{"border":0.5,"float_feature_index":0}]}]}"#;

    #[test]
    fn the_export_in_json() {
        assert!(codes(JSON.as_bytes()).is_empty());
        assert_eq!(codes(JSON.replace("[0.1,0.2]", "[0.1,0.2,0.3]").as_bytes()), ["catboost-leaves"]);
        assert_eq!(codes(JSON.replace("index\":0", "index\":8").as_bytes()), ["catboost-feature"]);
    }

    #[test]
    fn broken_bytes_never_panic() {
        for at in 0..JSON.len() {
            codes(&JSON.as_bytes()[..at]);
        }
        let mut core = b"CBM1\x40\0\0\0".to_vec();
        core.extend((0..64).map(|byte| byte * 3));
        for at in 8..core.len() {
            for value in [0, 1, 4, 0x7f, 0xff] {
                let mut bytes = core.clone();
                bytes[at] = value;
                codes(&bytes);
            }
        }
    }
}
