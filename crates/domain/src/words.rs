//! Numbers in sentences, written the same wherever a reader meets them.

/// An amount of money with three significant digits, more than any forecast has, and thousands set apart:
/// `EUR 134,000`. Without a currency the number stands alone.
pub fn amount(value: f64, currency: &str) -> String {
    let size = value.abs();
    let unit = if size >= 1_000.0 { 10_f64.powf(size.log10().floor() - 2.0) } else { 1.0 };
    format!("{currency} {}", grouped((value / unit).round() * unit)).trim_start().to_owned()
}

/// What stands for an expected loss of nought, which is no amount: the harm reaches nothing that a loss is declared for, which
/// does not say that nothing would be lost.
pub const NO_DECLARED_LOSS: &str = "no declared loss";

/// An expected loss, and [`NO_DECLARED_LOSS`] for nought.
pub fn expected_loss(value: f64, currency: &str) -> String {
    match value {
        _ if value <= 0.0 => NO_DECLARED_LOSS.to_owned(),
        _ if value < 0.5 => format!("less than {}", amount(1.0, currency)),
        _ => amount(value, currency),
    }
}

/// A whole number with thousands set apart by commas: `1,234,567`.
pub fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < 0.0 && digits != "0" { format!("-{text}") } else { text }
}

/// A share of one as a percentage with one decimal at most: `12.3 %`.
pub fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// `1 asset`, `1,200 assets`.
pub fn counted(number: usize, noun: &str) -> String {
    format!("{} {}", grouped(number as f64), plural(number, noun))
}

/// `asset` of one, else `assets`.
pub fn plural(number: usize, noun: &str) -> String {
    if number == 1 { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_three_digits_that_mean_something() {
        for (value, expected) in [
            (0.0, "EUR 0"),
            (7.4, "EUR 7"),
            (12_000.0, "EUR 12,000"),
            (134_567.0, "EUR 135,000"),
            (999.9, "EUR 1,000"),
            (1e6, "EUR 1,000,000"),
        ] {
            assert_eq!(amount(value, "EUR"), expected);
        }
        assert_eq!([amount(12.0, ""), amount(-999.6, "")], ["12", "-1,000"]);
    }

    #[test]
    fn no_expected_loss_is_nought() {
        assert_eq!(
            [0.0, 0.2, 5_210.4].map(|loss| expected_loss(loss, "EUR")),
            ["no declared loss", "less than EUR 1", "EUR 5,210"]
        );
    }

    #[test]
    fn whole_numbers_and_shares_are_set_for_people() {
        assert_eq!([1_234_567.4, -999.0, -0.2].map(grouped), ["1,234,567", "-999", "0"]);
        assert_eq!([0.5, 0.123].map(percent), ["50 %", "12.3 %"]);
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!(
            [0, 1, 1_200].map(|number| counted(number, "asset")),
            ["0 assets", "1 asset", "1,200 assets"]
        );
    }
}
