//! Numbers in sentences.

/// Three significant digits, with commas between thousands: `EUR 134,000`.
pub(crate) fn money(amount: f64, currency: &str) -> String {
    let rounded = if amount >= 1_000.0 {
        let unit = 10_f64.powf(amount.log10().floor() - 2.0);
        (amount / unit).round() * unit
    } else {
        amount.round()
    };
    let digits = format!("{rounded:.0}");
    let mut grouped = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{currency} {grouped}").trim_start().to_owned()
}

/// `1 asset`, `2 assets`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {}", plural(number, noun))
}

/// `asset` of one, else `assets`.
pub(crate) fn plural(number: usize, noun: &str) -> String {
    if number == 1 { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_three_digits_that_mean_something() {
        for (amount, expected) in [
            (0.0, "EUR 0"),
            (7.4, "EUR 7"),
            (134_567.0, "EUR 135,000"),
            (999.9, "EUR 1,000"),
            (1e6, "EUR 1,000,000"),
        ] {
            assert_eq!(money(amount, "EUR"), expected);
        }
        assert_eq!(money(12.0, ""), "12");
    }

    #[test]
    fn one_is_not_many() {
        assert_eq!([0, 1, 2].map(|number| counted(number, "asset")), ["0 assets", "1 asset", "2 assets"]);
    }
}
