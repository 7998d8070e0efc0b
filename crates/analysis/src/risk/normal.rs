//! The inverse of the standard normal distribution function.
//!
//! M. J. Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988),
//! routine PPND16: relative error about 1e-16. Only `ln` and `sqrt`, and only outside the central 85 %.

/// The ninety-fifth percentile of the standard normal distribution.
pub(crate) const PERCENTILE_95: f64 = 1.644_853_626_951_472_2;

/// A polynomial with coefficients in rising powers.
#[inline]
fn polynomial(x: f64, coefficients: &[f64; 8]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The `z` with a share of `p` of the standard normal distribution below it; `p` strictly between 0 and 1.
#[inline]
pub(crate) fn quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(r, &CENTRE.0) / polynomial(r, &CENTRE.1);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 {
        polynomial(r - 1.6, &MIDDLE.0) / polynomial(r - 1.6, &MIDDLE.1)
    } else {
        polynomial(r - 5.0, &FAR.0) / polynomial(r - 5.0, &FAR.1)
    };
    if q < 0.0 { -z } else { z }
}

type Ratio = ([f64; 8], [f64; 8]);

/// For |p - .5| up to .425.
const CENTRE: Ratio = (
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
);

/// For tails down to e^-25.
const MIDDLE: Ratio = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

/// For tails beyond that.
const FAR: Ratio = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_049e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_values_printed_in_the_paper() {
        // Section "Test data" of AS 241, and the percentile used for fitting.
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_813_5),
            (1e-20, -9.262_340_089_798_408),
            (0.95, PERCENTILE_95),
        ] {
            assert!((quantile(p) - z).abs() < 1e-13 * z.abs().max(1.0), "{p}: {} against {z}", quantile(p));
        }
        assert!(quantile(0.5).abs() < 1e-16);
    }

    #[test]
    fn rises_and_is_odd() {
        let grid: Vec<f64> = (1..2000).map(|step| quantile(f64::from(step) / 2000.0)).collect();
        assert!(grid.windows(2).all(|pair| pair[0] < pair[1]));
        for step in 1..1000 {
            let p = f64::from(step) / 2000.0;
            assert!((quantile(p) + quantile(1.0 - p)).abs() < 1e-12, "{p}");
        }
    }
}
