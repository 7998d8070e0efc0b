//! Distances and robust statistics.

/// Squared Euclidean distance of two points of the same length.
pub(super) fn squared(one: &[f32], other: &[f32]) -> f32 {
    // Eight sums let the compiler use vector registers; the order of additions is fixed.
    let mut sums = [0.0_f32; 8];
    let (heads, tails) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f32 = heads.remainder().iter().zip(tails.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in heads.zip(tails) {
        for lane in 0..8 {
            let difference = a[lane] - b[lane];
            sums[lane] += difference * difference;
        }
    }
    sums.iter().sum::<f32>() + rest
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
        assert_eq!(largest_step(&one, &other), 9.0);
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(upper_fence(&[1.0, 2.0, 3.0, 4.0, 100.0], 2.0), 3.0 + 2.0 * 1.4826);
    }
}
