//! Which labels the nearest neighbours of a row disagree with.
//!
//! Features are standardised; for every row the share of its [`K`] nearest neighbours that carry its own label is
//! taken. Where classes merely overlap, that share takes all values and rows just lose a narrow vote; a label that
//! was changed stands alone among unanimous neighbours. So the two are told apart by how rows that lose are spread:
//! *confident* ones, with at most two of ten neighbours on their side, against *narrow* ones. After Wilson, Asymptotic
//! properties of nearest neighbor rules using edited data, IEEE Trans. SMC 2(3), 1972.

/// Neighbours that vote.
pub(super) const K: usize = 10;
/// Votes up to which a row loses confidently.
const CONFIDENT: usize = 2;
/// Standard deviations beyond which a feature is cut, so that one wild value does not rule the distance.
const CUT: f64 = 5.0;
/// Distances computed at most, in multiplications; above it rows are sampled evenly.
const WORK: usize = 2_000_000_000;
/// Share of a class above which its rows are not odd ones out: the features simply do not tell the class.
const UNLEARNABLE: f64 = 0.3;
/// Fewest rows of a class that is judged.
const CLASS_ROWS: usize = 10;

/// Outcome of the screen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Screen {
    /// Rows that were looked at.
    pub(super) rows: usize,
    /// Rows whose label stands alone, ascending, as places in the input.
    pub(super) odd: Vec<usize>,
    /// Share of rows that lose narrowly.
    pub(super) narrow: f64,
}

impl Screen {
    /// Share of odd rows.
    pub(super) fn share(&self) -> f64 {
        self.odd.len() as f64 / self.rows.max(1) as f64
    }

    /// Lower end of the 95 % Wilson interval of that share.
    pub(super) fn lowest_share(&self) -> f64 {
        let (n, p, z) = (self.rows.max(1) as f64, self.share(), 1.96_f64);
        let centre = p + z * z / (2.0 * n);
        let spread = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        (centre - spread) / (1.0 + z * z / n)
    }
}

/// Screens labels (class of every row) against features (columns of equal length; NaN is read as the mean).
///
/// `None` where it cannot work: fewer than two classes with ten rows, no feature that varies.
pub(super) fn screen(features: &[&[f64]], labels: &[u16]) -> Option<Screen> {
    let columns: Vec<Vec<f32>> = features.iter().filter_map(|column| standardised(column)).collect();
    if columns.is_empty() {
        return None;
    }
    let most = ((WORK / columns.len()) as f64).sqrt() as usize;
    let stride = labels.len().div_ceil(most.max(1)).max(1);
    let places: Vec<usize> = (0..labels.len()).step_by(stride).collect();
    let points: Vec<Vec<f32>> =
        places.iter().map(|place| columns.iter().map(|column| column[*place]).collect()).collect();
    let labels: Vec<u16> = places.iter().map(|place| labels[*place]).collect();
    let mut sizes = vec![0_usize; labels.iter().max().map_or(0, |most| usize::from(*most) + 1)];
    for label in &labels {
        sizes[usize::from(*label)] += 1;
    }
    if sizes.iter().filter(|size| **size >= CLASS_ROWS).count() < 2 || places.len() <= K {
        return None;
    }
    let votes: Vec<usize> = (0..points.len()).map(|row| votes(&points, &labels, row)).collect();
    let mut losing = vec![0_usize; sizes.len()];
    for (label, votes) in labels.iter().zip(&votes) {
        losing[usize::from(*label)] += usize::from(*votes <= CONFIDENT);
    }
    let judged = |label: u16| {
        let (size, losing) = (sizes[usize::from(label)], losing[usize::from(label)]);
        size >= CLASS_ROWS && losing as f64 <= UNLEARNABLE * size as f64
    };
    let odd = |row: &usize| votes[*row] <= CONFIDENT && judged(labels[*row]);
    let narrow = votes.iter().filter(|votes| **votes > CONFIDENT && **votes * 2 < K).count();
    Some(Screen {
        rows: places.len(),
        odd: (0..places.len()).filter(odd).map(|row| places[row]).collect(),
        narrow: narrow as f64 / places.len() as f64,
    })
}

/// Mean 0 and standard deviation 1, cut at five; `None` if nothing varies.
fn standardised(column: &[f64]) -> Option<Vec<f32>> {
    let known = || column.iter().filter(|value| value.is_finite());
    let count = known().count() as f64;
    let mean = known().sum::<f64>() / count;
    let deviation = (known().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    if !(deviation.is_finite() && deviation > 1e-9 * (1.0 + mean.abs())) {
        return None;
    }
    let scaled = |value: &f64| {
        if value.is_finite() { ((value - mean) / deviation).clamp(-CUT, CUT) as f32 } else { 0.0 }
    };
    Some(column.iter().map(scaled).collect())
}

/// How many of the nearest neighbours of `row` carry its label; of equally near ones the first count.
fn votes(points: &[Vec<f32>], labels: &[u16], row: usize) -> usize {
    let mut nearest: Vec<(f32, usize)> = Vec::with_capacity(K + 1);
    for (other, point) in points.iter().enumerate() {
        if other == row {
            continue;
        }
        let distance: f32 = points[row].iter().zip(point).map(|(a, b)| (a - b) * (a - b)).sum();
        if nearest.len() == K && nearest.last().is_some_and(|last| distance >= last.0) {
            continue;
        }
        let at = nearest.partition_point(|known| known.0 <= distance);
        nearest.insert(at, (distance, other));
        nearest.truncate(K);
    }
    nearest.iter().filter(|(_, other)| labels[*other] == labels[row]).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evenly mixed numbers between 0 and 1 from a counter (splitmix64).
    fn uniform(seed: u64) -> f64 {
        let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Two clouds, `distance` apart in two of four features; about `flipped` of the labels are changed.
    fn clouds(rows: usize, distance: f64, flipped: f64) -> (Vec<Vec<f64>>, Vec<u16>) {
        let noise = |row: usize, column: usize| {
            (0..12).map(|part| uniform((row * 4096 + column * 64 + part) as u64)).sum::<f64>() - 6.0
        };
        let class = |row: usize| row % 2;
        let shift = |row: usize, column: usize| if column < 2 { class(row) as f64 * distance } else { 0.0 };
        let columns = (0..4)
            .map(|column| (0..rows).map(|row| noise(row, column) + shift(row, column)).collect())
            .collect();
        let changed = |row: usize| uniform(row as u64 + 1_000_000_007) < flipped;
        let labels = (0..rows).map(|row| (class(row) ^ usize::from(changed(row))) as u16).collect();
        (columns, labels)
    }

    fn screened(rows: usize, distance: f64, flipped: f64) -> Screen {
        let (columns, labels) = clouds(rows, distance, flipped);
        screen(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>(), &labels).unwrap()
    }

    #[test]
    fn changed_labels_stand_alone() {
        let screen = screened(600, 4.0, 0.08);
        assert!(screen.lowest_share() > 0.03 && screen.share() > 2.0 * screen.narrow, "{}", screen.share());
    }

    #[test]
    fn overlapping_classes_lose_narrowly() {
        for distance in [0.5, 1.0, 2.0, 3.0] {
            let screen = screened(600, distance, 0.0);
            assert!(
                screen.share() < screen.narrow.max(0.02),
                "{distance}: {} {}",
                screen.share(),
                screen.narrow
            );
        }
    }

    #[test]
    fn what_cannot_be_screened_is_not() {
        assert_eq!(screen(&[&[1.0; 50]], &[0; 50]), None);
        let few: Vec<f64> = (0..5).map(f64::from).collect();
        assert_eq!(screen(&[&few], &[0, 1, 0, 1, 0]), None);
        assert_eq!(screen(&[], &[]), None);
    }
}
