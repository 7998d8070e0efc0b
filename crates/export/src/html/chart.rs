//! Line charts as SVG, readable without colour: every series has its own dash and marker, and the numbers follow as a
//! table.

use maud::{Markup, html};

use super::shown;
use crate::summary::grouped;

/// One line of a chart.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    pub(super) points: Vec<(f64, f64)>,
    /// Whether the points are joined; single marks otherwise.
    pub(super) joined: bool,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 26.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;

/// A chart of `series` (three at most look different) with a table of its numbers.
pub(super) fn lines(title: &str, x: &str, y: &str, series: &[Series<'_>]) -> Markup {
    let finite = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
        points.iter().copied().filter(|(x, y)| x.is_finite() && y.is_finite()).collect()
    };
    let series: Vec<Series<'_>> = series
        .iter()
        .map(|one| Series { name: one.name, points: finite(&one.points), joined: one.joined })
        .collect();
    let all = || series.iter().flat_map(|one| one.points.iter().copied());
    if all().next().is_none() {
        return html! { p.note { (shown(title)) ": no points to draw" } };
    }
    let (x_ticks, y_ticks) = (ticks(all().map(|point| point.0)), ticks(all().map(|point| point.1)));
    let across = scale(&x_ticks, LEFT, WIDTH - RIGHT);
    let down = scale(&y_ticks, HEIGHT - BOTTOM, TOP);
    html! {
        figure {
            figcaption { (shown(title)) }
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-label={ (shown(title)) ": " (shown(y)) " over " (shown(x)) } {
                @for tick in &y_ticks {
                    line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(fixed(down(*tick))) y2=(fixed(down(*tick))) {}
                    text x=(LEFT - 6.0) y=(fixed(down(*tick) + 4.0)) text-anchor="end" { (label(*tick)) }
                }
                @for tick in &x_ticks {
                    line.axis x1=(fixed(across(*tick))) x2=(fixed(across(*tick))) y1=(HEIGHT - BOTTOM) y2=(HEIGHT - BOTTOM + 4.0) {}
                    text x=(fixed(across(*tick))) y=(HEIGHT - BOTTOM + 17.0) text-anchor="middle" { (label(*tick)) }
                }
                path.axis d={ "M" (LEFT) " " (TOP) "V" (HEIGHT - BOTTOM) "H" (WIDTH - RIGHT) } {}
                text x=((LEFT + WIDTH - RIGHT) / 2.0) y=(HEIGHT - 8.0) text-anchor="middle" { (shown(x)) }
                text transform={ "translate(13 " ((TOP + HEIGHT - BOTTOM) / 2.0) ") rotate(-90)" } text-anchor="middle" { (shown(y)) }
                @for (index, one) in series.iter().enumerate() {
                    @if one.joined {
                        polyline class={ "series s" (index % 3) } points=(one.points.iter()
                            .map(|(x, y)| format!("{},{}", fixed(across(*x)), fixed(down(*y))))
                            .collect::<Vec<_>>().join(" ")) {}
                    }
                    @if !one.joined || one.points.len() <= 12 {
                        @for (x, y) in &one.points { (marker(index, across(*x), down(*y))) }
                    }
                }
                @if series.len() > 1 {
                    @for (index, one) in series.iter().enumerate() {
                        @let height = TOP + 10.0 + 16.0 * index as f64;
                        @if one.joined {
                            path class={ "series s" (index % 3) } d={ "M" (WIDTH - 190.0) " " (height) "h26" } {}
                        } @else {
                            (marker(index, WIDTH - 177.0, height))
                        }
                        text x=(WIDTH - 158.0) y=(height + 4.0) { (shown(one.name)) }
                    }
                }
            }
            details {
                summary { "The numbers" }
                table {
                    thead { tr { th scope="col" { "series" } th.number scope="col" { (shown(x)) } th.number scope="col" { (shown(y)) } } }
                    tbody {
                        @for one in &series { @for (x, y) in &one.points {
                            tr { th scope="row" { (shown(one.name)) } td.number { (label(*x)) } td.number { (label(*y)) } }
                        } }
                    }
                }
            }
        }
    }
}

/// A bar from 0 to 1 with an interval and its value.
pub(super) fn interval(low: f64, value: f64, high: f64) -> Markup {
    let place = |share: f64| if share.is_finite() { share.clamp(0.0, 1.0) * 100.0 } else { 0.0 };
    html! {
        svg.interval viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="4" width="100" height="2" {}
            rect.span x=(fixed(place(low))) y="2" width=(fixed((place(high) - place(low)).max(0.5))) height="6" {}
            rect.value x=(fixed(place(value) - 0.6)) y="0" width="1.2" height="10" {}
        }
    }
}

/// A circle, a square or a triangle.
fn marker(index: usize, x: f64, y: f64) -> Markup {
    let class = format!("dot s{}", index % 3);
    match index % 3 {
        0 => html! { circle class=(class) cx=(fixed(x)) cy=(fixed(y)) r="3.6" {} },
        1 => html! { rect class=(class) x=(fixed(x - 3.4)) y=(fixed(y - 3.4)) width="6.8" height="6.8" {} },
        _ => html! { path class=(class) d={ "M" (fixed(x)) " " (fixed(y - 5.0)) "l5 9h-10z" } {} },
    }
}

/// Four to eight round numbers from nought, or the lowest value, to over the highest.
fn ticks(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let (low, high) = values.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let span = if high - low > 0.0 { high - low } else { 1.0 };
    let power = 10_f64.powf((span / 5.0).log10().floor());
    let step =
        [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| span / step <= 6.0);
    let step = step.unwrap_or(span);
    let first = (low / step).floor() as i64;
    let last = ((high.max(low + span) / step) - 1e-9).ceil() as i64;
    (first..=last.min(first.saturating_add(20))).map(|number| number as f64 * step).collect()
}

/// From values to places on the drawing.
fn scale(ticks: &[f64], from: f64, to: f64) -> impl Fn(f64) -> f64 + use<> {
    let (low, high) = (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0));
    let span = if high > low { high - low } else { 1.0 };
    move |value| from + (value - low) / span * (to - from)
}

/// A place on the drawing, to a tenth.
fn fixed(place: f64) -> String {
    format!("{place:.1}")
}

/// A number for people: thousands grouped, small ones with as many places as they need.
fn label(value: f64) -> String {
    if value.abs() >= 1000.0 {
        return grouped(value);
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_over_the_values() {
        assert_eq!(ticks([0.0, 0.98].into_iter()), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(ticks([30.0, 400_000.0].into_iter()), [0.0, 100_000.0, 200_000.0, 300_000.0, 400_000.0]);
        assert_eq!(ticks([0.0].into_iter()).first(), Some(&0.0));
        assert!(ticks([f64::MAX].into_iter()).len() < 30);
    }

    #[test]
    fn labels_are_short() {
        assert_eq!([0.6000000000000001, 12.0, 400_000.0].map(label), ["0.6", "12", "400,000"]);
    }
}
