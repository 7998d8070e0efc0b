//! Distances and robust statistics.

/// Elements after which a sum of squares is compared with its bound.
const BLOCK: usize = 16;

/// Squared Euclidean distance of two points of the same length.
pub(super) fn squared(one: &[f32], other: &[f32]) -> f32 {
    squared_below(one, other, f32::INFINITY).unwrap_or(f32::INFINITY)
}

/// Squared Euclidean distance of two points of the same length if it is below `bound`; most are not, and that shows
/// after a few elements.
pub(super) fn squared_below(one: &[f32], other: &[f32], bound: f32) -> Option<f32> {
    let mut sum = 0.0;
    for (one, other) in one.chunks(BLOCK).zip(other.chunks(BLOCK)) {
        // Separate lanes let the compiler use vector registers; the order of additions is fixed.
        let mut lanes = [0.0_f32; BLOCK];
        for ((lane, a), b) in lanes.iter_mut().zip(one).zip(other) {
            *lane = (a - b) * (a - b);
        }
        sum += lanes.iter().sum::<f32>();
        if sum >= bound {
            return None;
        }
    }
    Some(sum)
}

/// Largest absolute difference of two points of the same length.
pub(super) fn largest_step(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Median; 0 for no values. Sorts `values`.
pub(super) fn median(values: &mut [f32]) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[odd / 2],
        even => (values[even / 2 - 1] + values[even / 2]) / 2.0,
    }
}

/// Upper quartile, the value that a quarter is not below; 0 for no values. Sorts `values`.
pub(super) fn upper_quartile(values: &mut [f32]) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    values.get(values.len() * 3 / 4).copied().unwrap_or(0.0)
}

/// Median plus so many robust standard deviations (the median absolute deviation times 1.4826).
pub(super) fn upper_fence(values: &[f32], deviations: f32) -> f32 {
    let mut sorted = values.to_vec();
    let middle = median(&mut sorted);
    let mut away: Vec<f32> = values.iter().map(|value| (value - middle).abs()).collect();
    middle + deviations * 1.4826 * median(&mut away)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_and_medians_are_those_of_the_textbook() {
        let (one, other): (Vec<f32>, Vec<f32>) = ((0..11).map(|x| x as f32).collect(), vec![1.0; 11]);
        assert_eq!(squared(&one, &other), 286.0);
        assert_eq!(squared_below(&one, &other, 286.0), None);
        assert_eq!(squared_below(&one, &other, 287.0), Some(286.0));
        assert_eq!(largest_step(&one, &other), 9.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(upper_quartile(&mut [4.0, 1.0, 2.0, 3.0]), 4.0);
        assert_eq!(upper_fence(&[1.0, 2.0, 3.0, 4.0, 100.0], 2.0), 3.0 + 2.0 * 1.4826);
    }
}
