//! Printable runs of bytes.

/// Bytes looked at from each end.
const STRETCH: usize = 8 << 20;
/// Shortest run that is kept, longest part of it, and how many.
const SHORTEST: usize = 6;
const LONGEST: usize = 1000;
const MOST: usize = 20_000;

/// Texts in one byte or two bytes per character that contain what names, paths and commands contain.
pub(super) fn texts(bytes: &[u8]) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    let head = bytes.get(..STRETCH).unwrap_or(bytes);
    let tail = bytes.len().saturating_sub(STRETCH).max(head.len());
    for (offset, part) in [(0, head), (tail, bytes.get(tail..).unwrap_or_default())] {
        runs(part, offset, 1, &mut found);
        runs(part, offset, 2, &mut found);
    }
    found
}

fn runs(bytes: &[u8], offset: usize, width: usize, found: &mut Vec<(u64, String)>) {
    let mut at = 0;
    while at < bytes.len() && found.len() < MOST {
        let run: usize = bytes[at..]
            .chunks_exact(width)
            .take_while(|unit| {
                matches!(unit[0], 9 | 10 | 13 | 32..=126) && unit[1..].iter().all(|byte| *byte == 0)
            })
            .count();
        if run >= SHORTEST {
            let text: String = bytes[at..]
                .iter()
                .step_by(width)
                .take(run.min(LONGEST))
                .map(|byte| char::from(*byte))
                .collect();
            if text.contains(['.', '/', '\\', '(', ' ']) {
                found.push(((offset + at) as u64, text));
            }
        }
        at += (run * width).max(1);
    }
}
