//! A tornado as SVG, readable without colour: the side of the low end is outlined, that of the high end is filled, and every
//! bar carries its numbers.

use maud::{Markup, html};
use vauban_domain::words::{amount, grouped};

use super::shown;
use crate::v1::Driver;

const WIDTH: f64 = 760.0;
const LEFT: f64 = 330.0;
const RIGHT: f64 = 40.0;
const ROW: f64 = 30.0;
const TOP: f64 = 24.0;
/// Letters of an input that fit beside its bar.
const LETTERS: usize = 52;

/// The drivers as bars around `base`, the expected annual loss with every input as it is.
pub(super) fn tornado(drivers: &[Driver], base: f64, currency: &str) -> Markup {
    let finite = |driver: &&Driver| driver.loss_at_low.is_finite() && driver.loss_at_high.is_finite();
    let drivers: Vec<&Driver> = drivers.iter().filter(finite).collect();
    if drivers.is_empty() || !base.is_finite() {
        return html! {};
    }
    let ends = || drivers.iter().flat_map(|driver| [driver.loss_at_low, driver.loss_at_high]);
    let (low, high) = ends().fold((base, base), |(low, high), end| (low.min(end), high.max(end)));
    let span = if high > low { high - low } else { 1.0 };
    let across = |value: f64| LEFT + (value - low) / span * (WIDTH - LEFT - RIGHT);
    let height = TOP + ROW * drivers.len() as f64 + 34.0;
    html! {
        figure {
            figcaption { "What drives the expected annual loss" }
            svg.chart.tornado viewBox={ "0 0 " (WIDTH) " " (height) } role="img"
                aria-label="Expected annual loss with each input at its low and its high end" {
                text x=(fixed(across(base))) y="12" text-anchor="middle" { (amount(base, currency)) }
                @for (index, driver) in drivers.iter().enumerate() {
                    @let y = TOP + ROW * index as f64;
                    text x=(LEFT - 8.0) y=(fixed(y + 14.0)) text-anchor="end" { (shown(&cut(&driver.input))) }
                    @let bar = |end: f64| (across(end.min(base)), across(end.max(base)) - across(end.min(base)));
                    @let (from, width) = bar(driver.loss_at_low);
                    rect.low x=(fixed(from)) y=(fixed(y + 3.0)) width=(fixed(width)) height="15" {}
                    @let (from, width) = bar(driver.loss_at_high);
                    rect.high x=(fixed(from)) y=(fixed(y + 3.0)) width=(fixed(width)) height="15" {}
                }
                line.axis x1=(fixed(across(base))) x2=(fixed(across(base))) y1=(TOP - 6.0) y2=(fixed(height - 28.0)) {}
                rect.low x=(LEFT) y=(fixed(height - 18.0)) width="22" height="10" {}
                text x=(LEFT + 28.0) y=(fixed(height - 9.0)) { "input at its low end" }
                rect.high x=(LEFT + 170.0) y=(fixed(height - 18.0)) width="22" height="10" {}
                text x=(LEFT + 198.0) y=(fixed(height - 9.0)) { "input at its high end" }
            }
            details {
                summary { "The numbers" }
                table {
                    thead { tr {
                        th scope="col" { "input" } th scope="col" { "low, used, high" }
                        th.number scope="col" { "loss a year at low" } th.number scope="col" { "at high" } th scope="col" { "ends" }
                    } }
                    tbody { @for driver in &drivers { tr {
                        th scope="row" { (shown(&driver.input)) }
                        td { (value(driver.low)) ", " (value(driver.base)) ", " (value(driver.high)) " " (shown(&driver.unit)) }
                        td.number { (amount(driver.loss_at_low, currency)) }
                        td.number { (amount(driver.loss_at_high, currency)) }
                        td { (shown(&driver.basis)) }
                    } } }
                }
            }
        }
    }
}

fn cut(words: &str) -> String {
    if words.chars().count() <= LETTERS {
        return words.to_owned();
    }
    words.chars().take(LETTERS - 1).chain(['\u{2026}']).collect()
}

fn fixed(place: f64) -> String {
    format!("{place:.1}")
}

fn value(value: f64) -> String {
    if value.abs() >= 100.0 {
        return grouped(value);
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
