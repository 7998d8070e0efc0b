//! Which bytes of an archive its members were read from.

use std::collections::BTreeMap;

/// Disjoint ranges of bytes, start to end.
#[derive(Debug, Default)]
pub(crate) struct Spans(BTreeMap<usize, usize>);

impl Spans {
    /// Adds the bytes `from..to`; true if some of them were there already.
    pub(crate) fn take(&mut self, from: usize, to: usize) -> bool {
        if from >= to {
            return false;
        }
        let (mut start, mut end, mut overlaps) = (from, to, false);
        while let Some((&earlier, &until)) =
            self.0.range(..end).next_back().filter(|(_, until)| **until > start)
        {
            overlaps = true;
            self.0.remove(&earlier);
            (start, end) = (start.min(earlier), end.max(until));
        }
        self.0.insert(start, end);
        overlaps
    }
}

#[cfg(test)]
mod tests {
    use super::Spans;

    #[test]
    fn shared_bytes_are_told_and_touching_ones_are_not() {
        let mut spans = Spans::default();
        let taken = [(10, 20), (20, 30), (0, 10), (40, 50), (5, 5), (29, 41), (49, 60), (0, 60), (60, 61)];
        let overlaps = taken.map(|(from, to)| spans.take(from, to));
        assert_eq!(overlaps, [false, false, false, false, false, true, true, true, false]);
    }
}
