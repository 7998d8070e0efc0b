//! Sets of small numbers as bits, for the searches of this folder.

/// A set of numbers below a bound that is fixed when it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct IndexSet {
    words: Vec<u64>,
}

impl IndexSet {
    /// The empty set of numbers below `bound`.
    pub(super) fn empty(bound: usize) -> Self {
        Self { words: vec![0; bound.div_ceil(64)] }
    }

    /// All numbers below `bound`.
    pub(super) fn full(bound: usize) -> Self {
        let mut set = Self::empty(bound);
        (0..bound).for_each(|index| set.insert(index));
        set
    }

    pub(super) fn of(bound: usize, members: &[usize]) -> Self {
        let mut set = Self::empty(bound);
        members.iter().for_each(|index| set.insert(*index));
        set
    }

    pub(super) fn insert(&mut self, index: usize) {
        self.words[index / 64] |= 1 << (index % 64);
    }

    pub(super) fn remove(&mut self, index: usize) {
        self.words[index / 64] &= !(1 << (index % 64));
    }

    pub(super) fn contains(&self, index: usize) -> bool {
        self.words[index / 64] >> (index % 64) & 1 == 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Takes out whatever is in `other`.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, other)| *word &= !other);
    }

    /// How many members are in `other` as well.
    pub(super) fn common(&self, other: &Self) -> usize {
        self.words.iter().zip(&other.words).map(|(word, other)| (word & other).count_ones() as usize).sum()
    }

    /// Whether every member that is in `within` is in `other`.
    pub(super) fn is_inside(&self, other: &Self, within: &Self) -> bool {
        self.words
            .iter()
            .zip(&other.words)
            .zip(&within.words)
            .all(|((word, other), within)| word & within & !other == 0)
    }

    /// Members that are in `other` as well, rising.
    pub(super) fn both<'s>(&'s self, other: &'s Self) -> impl Iterator<Item = usize> + 's {
        self.words.iter().zip(&other.words).enumerate().flat_map(|(place, (word, other))| {
            let mut left = word & other;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    place * 64 + bit
                })
            })
        })
    }

    /// Members, rising.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.both(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_out_rising_and_once() {
        let set = IndexSet::of(200, &[130, 0, 63, 64, 130]);
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, 130]);
        let mut rest = IndexSet::full(200);
        rest.subtract(&set);
        assert_eq!((rest.common(&set), rest.iter().count()), (0, 196));
        assert!(set.is_inside(&set, &rest) && !set.is_inside(&rest, &set));
    }
}
