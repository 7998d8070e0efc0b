//! Whether a pickle that calls something begins at a byte: opcodes are walked without a stack, which chance does
//! not survive.
//!
//! Source: CPython's `Lib/pickletools.py`.

/// Opcodes walked.
const MOST: usize = 20_000;

/// The length of a complete pickle that looks something up and calls it, if one begins here.
pub(crate) fn calling_pickle(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut names, mut calls, mut texts) = (0, 0_u32, 0_u32, 0_u32);
    for round in 0..MOST {
        let opcode = *bytes.get(at)?;
        at += 1;
        match opcode {
            b'.' => return (names > 0 && calls > 0 && round > 2).then_some(at),
            0x80 => {
                if round > 0 || *bytes.get(at)? > 5 {
                    return None;
                }
                at += 1;
            }
            b'c' | b'i' => {
                at = name(bytes, name(bytes, at)?)?;
                names += 1;
                calls += u32::from(opcode == b'i');
            }
            0x93 => {
                if texts < 2 {
                    return None;
                }
                names += 1;
            }
            b'R' | b'o' | 0x81 | 0x92 => calls += 1,
            b'F' | b'I' | b'L' | b'S' | b'V' | b'P' | b'g' | b'p' => {
                texts += 1;
                at = line(bytes, at)?;
            }
            b'K' | b'h' | b'q' | 0x82 => at += 1,
            b'M' | 0x83 => at += 2,
            b'J' | b'j' | b'r' | 0x84 => at += 4,
            b'G' => at += 8,
            0x95 => {
                if usize::try_from(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()?
                    > bytes.len() + 8
                {
                    return None;
                }
                at += 8;
            }
            b'U' | b'C' | 0x8c | 0x8a => {
                texts += 1;
                at += 1 + usize::from(*bytes.get(at)?);
            }
            b'T' | b'B' | b'X' | 0x8b => {
                texts += 1;
                let length = u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
                at = at.checked_add(4)?.checked_add(length as usize)?;
            }
            0x8d | 0x8e | 0x96 => {
                texts += 1;
                let length = u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?);
                at = at.checked_add(8)?.checked_add(usize::try_from(length).ok()?)?;
            }
            b'('
            | b')'
            | b'0'
            | b'1'
            | b'2'
            | b'N'
            | b'Q'
            | b']'
            | b'a'
            | b'b'
            | b'd'
            | b'e'
            | b'l'
            | b's'
            | b't'
            | b'u'
            | b'}'
            | 0x85..=0x89
            | 0x8f
            | 0x90
            | 0x91
            | 0x94
            | 0x97
            | 0x98 => {}
            _ => return None,
        }
    }
    // Whoever walks this far did not get here by chance.
    (names > 0 && calls > 0).then_some(bytes.len())
}

/// Behind a line that is a dotted name.
fn name(bytes: &[u8], at: usize) -> Option<usize> {
    let end = line(bytes, at)?;
    let text = bytes.get(at..end - 1)?;
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.<>".contains(byte);
    (!text.is_empty() && text.iter().all(plain)).then_some(end)
}

/// Behind the end of a line.
fn line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..bytes.len().min(at.saturating_add(4096)))?;
    rest.iter().position(|byte| *byte == b'\n').map(|length| at + length + 1)
}
