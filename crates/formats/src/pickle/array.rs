//! Raw arrays between opcodes: joblib's `NumpyUnpickler` reads one after it has built a wrapper object.
//!
//! Source: `joblib/numpy_pickle.py`, `NumpyArrayWrapper.read_array`.

use super::machine::Machine;
use super::slot::Slot;

/// The array that follows.
pub(super) struct RawArray {
    /// Bytes of data.
    pub(super) bytes: u64,
    /// Whether a byte with the length of the padding, and the padding, come first.
    pub(super) aligned: bool,
    /// Whether a pickle comes instead, because the array holds objects.
    pub(super) objects: bool,
}

/// The array announced by a wrapper object built with this state; `None` if the object is no wrapper.
pub(super) fn described(machine: &Machine<'_>, target: Slot, state: Slot) -> Option<RawArray> {
    let (made, import) = machine.maker(target)?;
    let wrapper = |module: &str, name: &str| name == "NumpyArrayWrapper" && module.ends_with("numpy_pickle");
    let is_wrapper = wrapper(&import.module, &import.name)
        || import.name == "_reconstructor"
            && machine.items(made.arguments).first().is_some_and(|class| match class {
                Slot::Import(at) => machine
                    .stream
                    .imports
                    .get(*at as usize)
                    .is_some_and(|import| wrapper(&import.module, &import.name)),
                _ => false,
            });
    if !is_wrapper {
        return None;
    }
    let (dtype, _) = machine.maker(machine.entry(state, "dtype")?)?;
    let code = machine.read(*machine.items(dtype.arguments).first()?)?.into_owned();
    let aligned = matches!(machine.entry(state, "numpy_array_alignment_bytes"), Some(Slot::Int(_)));
    let objects = code.starts_with('O');
    let mut bytes = if objects { 0 } else { item_size(&code)? };
    for extent in machine.items(machine.entry(state, "shape")?) {
        let Slot::Int(extent) = extent else { return None };
        bytes = bytes.checked_mul(u64::try_from(*extent).ok()?)?;
    }
    Some(RawArray { bytes, aligned, objects })
}

/// Bytes per item of a NumPy type code without byte order, `f8`, `U10`, `V64`.
fn item_size(code: &str) -> Option<u64> {
    let code = code.trim_start_matches(['<', '>', '|', '=']);
    let (kind, digits) = code.split_at_checked(1)?;
    let count: u64 = digits.parse().ok()?;
    match kind {
        "U" => count.checked_mul(4),
        "b" | "c" | "f" | "i" | "m" | "M" | "S" | "u" | "V" | "a" => Some(count),
        _ => None,
    }
}
