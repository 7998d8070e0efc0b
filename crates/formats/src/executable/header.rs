//! Whether a program begins at an offset: header fields must agree with one another and with the bytes there are.

use super::Kind;

/// A program that begins at an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// What kind.
    pub(crate) kind: Kind,
    /// Whether it is a library, as far as its header says.
    pub(crate) library: bool,
}

/// Whether a program begins at `offset` of `bytes`, by its header and not only by its magic. Cheap: a few reads.
pub(crate) fn at(bytes: &[u8], offset: usize) -> Option<Found> {
    let bytes = bytes.get(offset..)?;
    let found = |kind, library| Some(Found { kind, library });
    match bytes {
        [0x7f, b'E', b'L', b'F', ..] => found(Kind::Elf, elf(bytes)?),
        [b'M', b'Z', b'q', b'F', b'p', b'D', b'=', ..]
        | [b'j', b'a', b'r', b't', b's', b'r', b'=', b'\'', ..] => found(Kind::Ape, false),
        [b'M', b'Z', ..] => found(Kind::Pe, pe(bytes)?),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => {
            wasm(bytes).then_some(Found { kind: Kind::Wasm, library: true })
        }
        [0xca, 0xfe, 0xba, 0xbe, ..] => {
            if java_class(bytes) {
                found(Kind::JavaClass, true)
            } else {
                universal(bytes).then_some(Found { kind: Kind::MachO, library: false })
            }
        }
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => {
            found(Kind::MachO, mach(bytes)?)
        }
        // A shortcut: header size and class id of the shell link format (MS-SHLLINK 2.1).
        [0x4c, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xc0, ..] => found(Kind::Shortcut, false),
        [b'd', b'e', b'x', b'\n', b'0', b'0'..=b'9', b'0'..=b'9', 0, ..] if bytes.len() >= 0x70 => {
            (u32_at(bytes, 0x24, false)? == 0x70).then_some(Found { kind: Kind::Dex, library: true })
        }
        _ => None,
    }
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn u16_at(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    array(bytes, at).map(if big { u16::from_be_bytes } else { u16::from_le_bytes })
}

fn u32_at(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    array(bytes, at).map(if big { u32::from_be_bytes } else { u32::from_le_bytes })
}

/// Whether it is a shared object; `None` if the header contradicts itself.
fn elf(bytes: &[u8]) -> Option<bool> {
    let [class, data, version] = array(bytes, 4)?;
    let big = data == 2;
    if !matches!(class, 1 | 2) || !matches!(data, 1 | 2) || version != 1 {
        return None;
    }
    let kind = u16_at(bytes, 16, big)?;
    let machine = u16_at(bytes, 18, big)?;
    let (header, size_at) = if class == 2 { (64, 52) } else { (52, 40) };
    // Samples cut to a header often leave its size out.
    let stated = u16_at(bytes, size_at, big)?;
    let sound =
        matches!(kind, 1..=4) && machine != 0 && machine < 0x1000 && (stated == header || stated == 0);
    sound.then_some(kind == 3)
}

/// Machines of COFF (Microsoft PE format, "Machine types").
const MACHINES: &[u16] =
    &[0x14c, 0x166, 0x1c0, 0x1c2, 0x1c4, 0x200, 0x5032, 0x5064, 0x6264, 0x8664, 0xa641, 0xaa64, 0xebc];

/// Whether it is a DLL; `None` if there is no PE header where the DOS header says.
fn pe(bytes: &[u8]) -> Option<bool> {
    let at = u32_at(bytes, 0x3c, false)? as usize;
    if bytes.get(at..at.checked_add(4)?)? != b"PE\0\0" {
        return None;
    }
    let machine = u16_at(bytes, at + 4, false)?;
    let flags = u16_at(bytes, at + 22, false).unwrap_or_default();
    MACHINES.contains(&machine).then_some(flags & 0x2000 != 0)
}

/// Whether it is a library; `None` if the header contradicts itself.
fn mach(bytes: &[u8]) -> Option<bool> {
    let big = bytes[0] == 0xfe;
    let cpu = u32_at(bytes, 4, big)? & 0x00ff_ffff;
    let kind = u32_at(bytes, 12, big)?;
    let commands = u32_at(bytes, 16, big)?;
    let size = u32_at(bytes, 20, big)?;
    let sound =
        matches!(cpu, 1 | 6..=8 | 10..=18) && (1..=13).contains(&kind) && commands < 10_000 && size < 1 << 24;
    sound.then_some(matches!(kind, 3 | 6 | 8 | 9))
}

/// Mach-O for several processors: a few architectures, each inside the file.
fn universal(bytes: &[u8]) -> bool {
    let Some(count @ 1..=30) = u32_at(bytes, 4, true) else { return false };
    let cpu = u32_at(bytes, 8, true).unwrap_or_default() & 0x00ff_ffff;
    let offset = u32_at(bytes, 16, true).unwrap_or_default();
    matches!(cpu, 1 | 6..=8 | 10..=18) && offset as usize >= 8 + count as usize * 20
}

/// A class file: version 45 (Java 1.0) to 99; as a number of architectures that would be too many.
fn java_class(bytes: &[u8]) -> bool {
    let (Some(minor), Some(major)) = (u16_at(bytes, 4, true), u16_at(bytes, 6, true)) else { return false };
    (45..100).contains(&major) && (minor <= 3 || minor == 0xffff)
}

/// A module: its first section has a known id and ends inside the file.
fn wasm(bytes: &[u8]) -> bool {
    let Some(id) = bytes.get(8) else { return true };
    let (mut size, mut shift, mut at) = (0_u64, 0, 9);
    while let Some(byte) = bytes.get(at) {
        size |= u64::from(byte & 0x7f) << shift;
        at += 1;
        shift += 7;
        if byte & 0x80 == 0 || shift > 28 {
            break;
        }
    }
    *id <= 13 && at as u64 + size <= bytes.len() as u64
}
