//! TensorFlow checkpoints: the index that says which tensor lies where in the data files beside it.
//!
//! Source: `tensorflow/core/lib/io/table*.{h,cc}` (the table format of LevelDB) and
//! `tensorflow/core/protobuf/tensor_bundle.proto`. The data files carry no magic and are known by their names alone.

use crate::protobuf::Fields;
use crate::{Defect, Facts, Format, Input, Parsed, Recognised};

/// How indexes of checkpoints are found and read.
pub const FORMAT: Format =
    Format { name: "tensorflow-checkpoint", extensions: &["ckpt", "index"], recognise, parse };

/// The last eight bytes of a table.
const MAGIC: [u8; 8] = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
/// Handles of two blocks and the magic.
const FOOTER: usize = 48;

/// The index of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checkpoint {
    /// Data files.
    pub shards: u64,
    /// Tensors.
    pub tensors: Vec<Tensor>,
}

/// Where a tensor lies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tensor {
    /// Name.
    pub name: String,
    /// Number of its element type.
    pub dtype: u64,
    /// Extents.
    pub shape: Vec<i64>,
    /// Number of the data file.
    pub shard: u64,
    /// First byte in it.
    pub offset: u64,
    /// Bytes.
    pub size: u64,
    /// Whether it is stored in slices, each an entry of its own.
    pub sliced: bool,
}

fn recognise(input: &Input<'_>) -> Recognised {
    let magic = input.bytes.len() >= FOOTER && input.bytes.ends_with(&MAGIC);
    // Rivals share the magic (LevelDB); the names of its files are others.
    if magic { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let mut facts = Checkpoint::default();
    let mut defects = Vec::new();
    if let Err(defect) = read(input, &mut facts) {
        defects.push(defect);
    }
    for tensor in &facts.tensors {
        let bits = match tensor.dtype {
            1 | 3 | 22 => 4,
            2 | 8 | 9 | 23 => 8,
            4 | 6 | 10 => 1,
            5 | 14 | 17 | 19 => 2,
            18 => 16,
            _ => continue,
        };
        let open = tensor.shape.iter().any(|extent| *extent < 0);
        let elements =
            tensor.shape.iter().fold(1_u64, |product, extent| product.saturating_mul(extent.unsigned_abs()));
        if !tensor.sliced && (open || elements.saturating_mul(bits) != tensor.size) && defects.len() < 16 {
            let detail = format!(
                "tensor `{}` of {:?} is said to take {} bytes",
                tensor.name, tensor.shape, tensor.size
            );
            defects.push(Defect::whole("checkpoint-tensor-size", detail));
        }
    }
    Parsed { format: FORMAT.name, facts: Facts::Checkpoint(facts), defects, members: Vec::new() }
}

/// A position in a block.
struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let end = self.at.checked_add(usize::try_from(length).ok()?)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }
}

fn read(input: &Input<'_>, facts: &mut Checkpoint) -> Result<(), Defect> {
    let broken = |detail: &str| Defect::whole("checkpoint-table", detail);
    let bytes = input.bytes;
    let start = bytes.len().saturating_sub(FOOTER);
    let mut footer = Cursor { bytes: bytes.get(start..).unwrap_or_default(), at: 0 };
    let mut handle = || Some((footer.varint()?, footer.varint()?));
    let (_, index) = handle().zip(handle()).ok_or_else(|| broken("the footer names no blocks"))?;
    let mut blocks = Vec::new();
    block(bytes, index, &mut |_, value| {
        let mut cursor = Cursor { bytes: value, at: 0 };
        if let (Some(offset), Some(size)) = (cursor.varint(), cursor.varint()) {
            blocks.push((offset, size));
        }
    })?;
    for place in blocks {
        if input.budget.is_stopped() {
            return Err(Defect::whole("limit-time", "the time for the file was over"));
        }
        block(bytes, place, &mut |key, value| {
            if facts.tensors.len() >= input.budget.limits.records {
                return;
            }
            if key.is_empty() {
                facts.shards = number(value, 1);
            } else {
                facts.tensors.push(tensor(key, value));
            }
        })?;
    }
    Ok(())
}

fn number(bytes: &[u8], wanted: u32) -> u64 {
    let fields = Fields::new(bytes, 0..bytes.len()).map_while(Result::ok);
    fields.filter(|field| field.number == wanted).find_map(|field| field.varint()).unwrap_or_default()
}

fn tensor(key: &[u8], value: &[u8]) -> Tensor {
    let mut tensor = Tensor { name: String::from_utf8_lossy(key).into_owned(), ..Tensor::default() };
    for field in Fields::new(value, 0..value.len()).map_while(Result::ok) {
        match (field.number, field.varint(), field.bytes()) {
            (1, Some(dtype), _) => tensor.dtype = dtype,
            (2, _, Some(shape)) => {
                for dim in
                    Fields::new(value, shape).map_while(Result::ok).filter(|dim| dim.number == 2).take(64)
                {
                    let content = dim.bytes().and_then(|range| value.get(range)).unwrap_or_default();
                    tensor.shape.push(number(content, 1).cast_signed());
                }
            }
            (3, Some(shard), _) => tensor.shard = shard,
            (4, Some(offset), _) => tensor.offset = offset,
            (5, Some(size), _) => tensor.size = size,
            (7, ..) => tensor.sliced = true,
            _ => {}
        }
    }
    tensor
}

/// The entries of a block; keys share their beginnings with the key before.
fn block(bytes: &[u8], (offset, size): (u64, u64), see: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), Defect> {
    let lie = || Defect::at("checkpoint-table", offset, "a block of the table is not where the table says");
    let from = usize::try_from(offset).map_err(|_| lie())?;
    let to = usize::try_from(size).ok().and_then(|size| from.checked_add(size)).ok_or_else(lie)?;
    let content = bytes.get(from..to).ok_or_else(lie)?;
    // One byte says how the block is compressed; TensorFlow does not compress, but reads Snappy.
    if bytes.get(to).is_some_and(|kind| *kind != 0) {
        return Err(Defect::at("limit-compressed", offset, "a compressed block was not read"));
    }
    let restarts =
        content.last_chunk::<4>().map(|four| u32::from_le_bytes(*four) as usize).ok_or_else(lie)?;
    let tail = restarts.checked_add(1).and_then(|count| count.checked_mul(4)).ok_or_else(lie)?;
    let entries = content.len().checked_sub(tail).and_then(|end| content.get(..end)).ok_or_else(lie)?;
    let mut cursor = Cursor { bytes: entries, at: 0 };
    let mut key: Vec<u8> = Vec::new();
    while cursor.at < entries.len() {
        let read = (|| {
            let (shared, rest, length) = (cursor.varint()?, cursor.varint()?, cursor.varint()?);
            key.truncate(usize::try_from(shared).ok().filter(|shared| *shared <= key.len())?);
            key.extend_from_slice(cursor.take(rest)?);
            see(&key, cursor.take(length)?);
            Some(())
        })();
        read.ok_or_else(lie)?;
    }
    Ok(())
}
