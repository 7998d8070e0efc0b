//! What earlier reviews came to, beside this one.

use maud::{Markup, html};
use vauban_domain::words::{amount, grouped, percent};

use super::{chart, columns, date};
use crate::v1::{Document, TrendPoint};

pub(super) fn section(document: &Document) -> Option<Markup> {
    if document.review.trend.is_empty() {
        return None;
    }
    let now = TrendPoint::of(document);
    let points = || document.review.trend.iter().chain([&now]);
    let currency = document.review.declaration.currency.as_str();
    let numbered = |value: fn(&TrendPoint) -> Option<f64>| -> Vec<(f64, f64)> {
        points().enumerate().filter_map(|(index, point)| Some((index as f64 + 1.0, value(point)?))).collect()
    };
    let money =
        |value: Option<f64>| value.map_or_else(|| "\u{2013}".to_owned(), |value| amount(value, currency));
    let share = |value: Option<f64>| value.map_or_else(|| "\u{2013}".to_owned(), percent);
    Some(html! { div.pair {
        (chart::lines(
            "Expected loss and the worst twentieth of years, review by review",
            "review, oldest first",
            &format!("a year ({currency})"),
            &[
                chart::Series { name: "expected loss", points: numbered(|point| point.expected_loss), joined: true },
                chart::Series { name: "worst twentieth", points: numbered(|point| point.tail_mean_95), joined: true },
            ],
        ))
        div.scroll {
            table {
                thead {
                    (columns(&[
                        "taken", "expected loss a year#", "worst twentieth#", "appetite", "critical and high#",
                        "open findings#", "scores exercised#", "blind#",
                    ]))
                }
                tbody {
                    @for point in points() {
                        tr {
                            th scope="row" { (date(&point.taken_at)) }
                            td.number { (money(point.expected_loss)) }
                            td.number { (money(point.tail_mean_95)) }
                            td { @match point.appetite_exceeded { Some(true) => "exceeded", Some(false) => "holds", None => "not known" } }
                            td.number { (grouped(point.open_severe as f64)) }
                            td.number { (grouped(point.open as f64)) }
                            td.number { (share(point.exercised)) }
                            td.number { (share(point.blind)) }
                        }
                    }
                }
            }
        }
    } })
}
