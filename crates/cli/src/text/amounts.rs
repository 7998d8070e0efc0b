//! Amounts and shares, the same everywhere.

use vauban_domain::words::NO_DECLARED_LOSS;

/// `1.2 M`, `340 k`, `87`: three significant digits are more than any forecast has.
pub(super) fn money(amount: f64) -> String {
    let size = amount.abs();
    let (scaled, unit) = match size {
        _ if size >= 1e9 => (amount / 1e9, " G"),
        _ if size >= 1e6 => (amount / 1e6, " M"),
        _ if size >= 1e4 => (amount / 1e3, " k"),
        _ => (amount, ""),
    };
    let digits = if unit.is_empty() || scaled.abs() >= 100.0 { 0 } else { 1 };
    format!("{scaled:.digits$}{unit}")
}

/// An expected loss, as [`vauban_domain::words::expected_loss`] with the room of a terminal.
pub(super) fn expected_loss(amount: f64) -> String {
    if amount > 0.0 { money(amount) } else { NO_DECLARED_LOSS.to_owned() }
}

/// `34 %`, `0.4 %`.
pub(super) fn share(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 || percent >= 10.0 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_what_matters() {
        let shown: Vec<_> = [0.0, 87.4, 9_400.0, 34_000.0, 340_000.0, 1_234_567.0, 2.5e9].map(money).into();
        assert_eq!(shown, ["0", "87", "9400", "34.0 k", "340 k", "1.2 M", "2.5 G"]);
        let shown: Vec<_> = [0.0, 0.004, 0.34, 1.0].map(share).into();
        assert_eq!(shown, ["0 %", "0.4 %", "34 %", "100 %"]);
    }
}
