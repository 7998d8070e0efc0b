//! NPY: one NumPy array in a file. The header is a Python literal and is read as one, never evaluated.
//!
//! Source: NumPy's `numpy/lib/format.py`, NEP 1.

mod literal;
mod values;
mod write;

pub use values::{ValuesError, values, values_f32};
pub use write::{write_f32, write_i64};

use crate::{Defect, Facts, Format, Input, Parsed, Recognised};
use literal::Literal;

/// How NPY files are found and read.
pub const FORMAT: Format = Format { name: "npy", extensions: &["npy"], recognise, parse };

const MAGIC: &[u8] = b"\x93NUMPY";
/// Header bytes that NumPy itself reads without being asked to trust the file is 10,000; some headers of real
/// structured arrays are longer.
const HEADER: usize = 1 << 20;

/// The header of one array.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Npy {
    /// Major version of the format, 1 to 3.
    pub version: u8,
    /// `descr` as written: `<f8`, or a list of fields.
    pub dtype: String,
    /// Element type if it is a plain one.
    pub element: Option<Element>,
    /// Names of the fields of a structured array.
    pub fields: Vec<String>,
    /// Extent per axis; empty for a scalar.
    pub shape: Vec<u64>,
    /// Whether the first axis varies fastest.
    pub fortran_order: bool,
    /// Whether elements are Python objects, so that the data is a pickle.
    pub objects: bool,
    /// Where the data starts.
    pub data_offset: u64,
}

impl Npy {
    /// Number of elements; `None` if it overflows.
    pub fn elements(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent))
    }
}

/// A plain element type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    /// NumPy's kind: `b` bool, `i`, `u`, `f`, `c`, `S`, `U`, `V`, `M`, `m`.
    pub kind: char,
    /// Bytes per element.
    pub bytes: u64,
    /// Whether the most significant byte comes first.
    pub big_endian: bool,
}

impl Element {
    /// Reads a type string such as `<f8`, `|u1`, `>U10`.
    pub fn parse(code: &str) -> Option<Self> {
        let (order, rest) = code.split_at_checked(1)?;
        let (big_endian, rest) = match order {
            ">" => (true, rest),
            "<" | "|" | "=" => (false, rest),
            _ => (false, code),
        };
        let mut characters = rest.chars();
        let kind = characters.next()?;
        let digits = characters.as_str().split('[').next().unwrap_or_default();
        let count: u64 =
            if digits.is_empty() && matches!(kind, 'b' | '?') { 1 } else { digits.parse().ok()? };
        let bytes = match kind {
            'U' => count.checked_mul(4)?,
            '?' | 'b' | 'c' | 'f' | 'i' | 'm' | 'M' | 'S' | 'a' | 'u' | 'V' => count,
            _ => return None,
        };
        Some(Self { kind, bytes, big_endian })
    }
}

fn recognise(input: &Input<'_>) -> Recognised {
    if input.bytes.starts_with(MAGIC) { Recognised::ByMagic } else { Recognised::No }
}

fn parse(input: &Input<'_>) -> Parsed {
    let (npy, defects) = read(input.bytes);
    let mut members = Vec::new();
    if let (true, Some(data)) = (npy.objects, input.bytes.get(npy.data_offset as usize..)) {
        let inner = input.member("objects.pkl", data);
        members.push(crate::Member {
            name: inner.name.to_owned(),
            size: data.len() as u64,
            parsed: crate::parse(&inner),
        });
    }
    Parsed { format: FORMAT.name, facts: Facts::Npy(npy), defects, members }
}

/// Reads the header of an array; what could not be read stays at its default and is told as a defect.
pub fn read(bytes: &[u8]) -> (Npy, Vec<Defect>) {
    let mut npy = Npy::default();
    let mut defects = Vec::new();
    let Some([major, _minor, rest @ ..]) = bytes.strip_prefix(MAGIC) else {
        return (npy, vec![Defect::at("npy-magic", 0, "does not begin with the magic of NPY")]);
    };
    npy.version = *major;
    if !(1..=3).contains(major) {
        return (npy, vec![Defect::at("npy-version", 6, format!("version {major} does not exist"))]);
    }
    let (length, start) = match (major, rest) {
        (1, [low, high, ..]) => (usize::from(u16::from_le_bytes([*low, *high])), 10),
        (_, [a, b, c, d, ..]) if *major > 1 => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, 12),
        _ => return (npy, vec![Defect::at("npy-truncated", 8, "ends before the length of the header")]),
    };
    npy.data_offset = (start + length).min(bytes.len()) as u64;
    let Some(header) = bytes.get(start..start + length) else {
        let detail = format!("a header of {length} bytes ends after the file");
        return (npy, vec![Defect::at("npy-header-past-end", start as u64, detail)]);
    };
    if length > HEADER {
        return (
            npy,
            vec![Defect::at("limit-npy-header", start as u64, format!("a header of {length} bytes"))],
        );
    }
    let text = String::from_utf8_lossy(header);
    match Literal::parse(&text) {
        Some(Literal::Dict(entries)) => fill(&mut npy, entries, start as u64, &mut defects),
        _ => defects.push(Defect::at("npy-header", start as u64, "the header is no literal dictionary")),
    }
    check_length(&npy, bytes.len() as u64, &mut defects);
    (npy, defects)
}

fn fill(npy: &mut Npy, entries: Vec<(Literal, Literal)>, at: u64, defects: &mut Vec<Defect>) {
    let mut seen: Vec<String> = Vec::new();
    for (key, value) in entries {
        let Literal::Text(key) = key else { continue };
        if seen.contains(&key) {
            defects.push(Defect::at("npy-header", at, format!("`{key}` is given twice")));
        }
        match (key.as_str(), value) {
            ("descr", descr) => {
                npy.dtype = descr.to_string();
                npy.objects = descr.holds_objects();
                match &descr {
                    Literal::Text(code) => {
                        npy.dtype.clone_from(code);
                        npy.element = Element::parse(code);
                    }
                    Literal::List(fields) => {
                        npy.fields = fields.iter().filter_map(Literal::first_text).collect();
                    }
                    _ => defects.push(Defect::at("npy-header", at, "`descr` is neither a type nor a list")),
                }
            }
            ("fortran_order", Literal::Bool(value)) => npy.fortran_order = value,
            ("shape", Literal::Tuple(extents)) => {
                for extent in extents {
                    match extent {
                        Literal::Int(extent) if extent >= 0 => npy.shape.push(extent as u64),
                        _ => defects.push(Defect::at("npy-header", at, "`shape` holds what is no size")),
                    }
                }
            }
            (other, _) => {
                defects.push(Defect::at("npy-header", at, format!("`{other}` does not belong in a header")));
            }
        }
        seen.push(key);
    }
    for key in ["descr", "fortran_order", "shape"] {
        if !seen.iter().any(|seen| seen == key) {
            defects.push(Defect::at("npy-header", at, format!("`{key}` is missing")));
        }
    }
}

fn check_length(npy: &Npy, size: u64, defects: &mut Vec<Defect>) {
    let Some(element) = npy.element.filter(|_| !npy.objects) else { return };
    let needed = npy.elements().and_then(|elements| elements.checked_mul(element.bytes));
    let there = size.saturating_sub(npy.data_offset);
    match needed {
        None => defects.push(Defect::whole("npy-shape-overflow", "the shape says more bytes than can exist")),
        Some(needed) if needed > there => {
            defects.push(Defect::whole(
                "npy-data-short",
                format!("{needed} bytes of data are due, {there} there"),
            ));
        }
        Some(needed) if needed < there => {
            let detail = format!("{} bytes after the data", there - needed);
            defects.push(Defect::at("npy-trailing", npy.data_offset + needed, detail));
        }
        Some(_) => {}
    }
}
