//! Inflates a stream and parses what comes out, without ever holding more than the budget allows.

use std::io::Read;

use super::metered::Metered;
use crate::{Defect, Facts, Input, Parsed, payload, tar};

/// What came out of a stream.
pub(crate) struct Flow {
    /// The facts of the content, unless it is empty.
    pub(crate) parsed: Option<Parsed>,
    /// Bytes that came out.
    pub(crate) size: u64,
    /// Their CRC-32.
    pub(crate) crc: u32,
    /// Whether all of it came out.
    pub(crate) whole: bool,
    /// What was wrong on the way.
    pub(crate) defects: Vec<Defect>,
}

/// Bytes of a window in which the rest of a large stream is searched.
const WINDOW: usize = 2 << 20;
/// Bytes that windows share, so that nothing is cut in two.
const SHARED: usize = 64 << 10;

/// Reads `reader`, which was given `packed` bytes and should give `expected`, and parses it as `name` in `input`.
///
/// Archives that can be read from front to back are; of anything else that is larger than what may be held the
/// beginning is parsed and the rest searched for what hides.
pub(crate) fn flow(input: &Input<'_>, name: &str, reader: impl Read, packed: usize, expected: u64) -> Flow {
    let mut metered = Metered::new(reader, packed, input.budget);
    let mut defects = Vec::new();
    let mut head = Vec::with_capacity(tar::HEAD);
    // The error is kept in the meter.
    let _ = metered.by_ref().take(tar::HEAD as u64).read_to_end(&mut head);
    let parsed = if head.is_empty() {
        None
    } else if head.len() == tar::HEAD && tar::begins(&head) && input.depth < input.budget.limits.depth {
        Some(tar::stream(&input.member(name, &head), &mut metered))
    } else {
        let (bytes, held, cut) = metered.fill(head, expected);
        let mut parsed = crate::parse(&input.member(name, &bytes));
        if cut {
            // What ends too early ends there because we stopped.
            parsed.defects.retain(|defect| defect.is_limit() || defect.code.starts_with("hidden-"));
            let kept = bytes.len();
            drop((bytes, held));
            let detail = format!("`{name}`: its first {kept} bytes were parsed, the rest only searched");
            parsed.defects.push(Defect::whole("limit-held", detail));
            search(&mut metered, kept as u64, &mut parsed.defects);
        }
        Some(parsed)
    };
    let understood = parsed.as_ref().is_some_and(|parsed| {
        !matches!(parsed.facts, Facts::Unknown | Facts::Text(_) | Facts::Table(_))
            || !parsed.members.is_empty()
    });
    let mut stopped = metered.stopped.take();
    if stopped.is_none() && metered.is_bomb() {
        stopped = Some(("limit-ratio", metered.ratio()));
    }
    let whole = stopped.is_none();
    if let Some((mut code, why)) = stopped {
        // Arrays of zeros shrink as far as bombs do, and are what they say.
        if code == "limit-ratio" && understood {
            code = "limit-size";
        }
        if code != "limit-size" || metered.total > 64 << 20 {
            defects.push(Defect::whole(code, format!("`{name}`: {why}")));
        }
    }
    Flow { parsed, size: metered.total, crc: metered.crc(), whole, defects }
}

/// Searches what is left of a stream, a window at a time.
fn search<R: Read>(metered: &mut Metered<'_, R>, mut offset: u64, defects: &mut Vec<Defect>) {
    let mut window: Vec<u8> = Vec::with_capacity(WINDOW + SHARED);
    loop {
        let kept = window.len().min(SHARED);
        window.drain(..window.len() - kept);
        let read = metered.by_ref().take(WINDOW as u64).read_to_end(&mut window).unwrap_or(0);
        if read == 0 {
            return;
        }
        for defect in payload::hidden(&window, offset - kept as u64, "the stream") {
            if !defects.contains(&defect) && defects.len() < 64 {
                defects.push(defect);
            }
        }
        offset += read as u64;
    }
}
