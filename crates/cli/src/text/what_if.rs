//! Before and after a supposed change.

use super::amounts::money;
use super::table;

/// The figures side by side, with the difference.
pub(crate) fn what_if(sides: &[Vec<(&'static str, f64)>; 2], currency: &str) -> String {
    let [before, after] = sides;
    let mut text = format!(
        "amounts in {currency}; controls are supposed to be seen in place, same random numbers on both sides\n\n"
    );
    text.push_str(&table(
        ["", "before", "after", "difference"],
        before.iter().zip(after).map(|((name, before), (_, after))| {
            [(*name).to_owned(), money(*before), money(*after), money(after - before)]
        }),
    ));
    text
}
