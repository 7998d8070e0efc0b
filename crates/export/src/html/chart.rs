//! Line charts as SVG, readable without colour: every series has its own dash and marker, and the numbers follow as a
//! table.

use maud::{Markup, html};
use vauban_domain::words::grouped;

use super::shown;

/// One line of a chart.
pub(super) struct Series<'a> {
    pub(super) name: &'a str,
    pub(super) points: Vec<(f64, f64)>,
    /// Whether the points are joined; single marks otherwise.
    pub(super) joined: bool,
}

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 38.0;
const TOP: f64 = 30.0;
/// Width that each name of a series has above the drawing.
const NAME: f64 = 145.0;
const BOTTOM: f64 = 44.0;

/// A chart of `series` (three at most look different) with a table of its numbers.
pub(super) fn lines(title: &str, x: &str, y: &str, series: &[Series<'_>]) -> Markup {
    drawing(title, x, y, series, Scale::of)
}

/// The same with `x` in powers of ten, as losses are read; what is not above nought stands at the left end.
pub(super) fn over_powers_of_ten(title: &str, x: &str, y: &str, series: &[Series<'_>]) -> Markup {
    drawing(title, x, y, series, Scale::in_powers_of_ten)
}

fn drawing(title: &str, x: &str, y: &str, series: &[Series<'_>], along: fn(&[f64]) -> Scale) -> Markup {
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
    let values = |of: fn((f64, f64)) -> f64| all().map(of).collect::<Vec<f64>>();
    let (along, upwards) = (along(&values(|point| point.0)), Scale::of(&values(|point| point.1)));
    let across = |value: f64| LEFT + along.share(value) * (WIDTH - RIGHT - LEFT);
    let down = |value: f64| HEIGHT - BOTTOM - upwards.share(value) * (HEIGHT - BOTTOM - TOP);
    html! {
        figure {
            figcaption { (shown(title)) }
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-label={ (shown(title)) ": " (shown(y)) " over " (shown(x)) } {
                @for tick in &upwards.ticks {
                    line.grid x1=(LEFT) x2=(WIDTH - RIGHT) y1=(fixed(down(*tick))) y2=(fixed(down(*tick))) {}
                    text x=(LEFT - 6.0) y=(fixed(down(*tick) + 4.0)) text-anchor="end" { (label(*tick)) }
                }
                @for tick in &along.ticks {
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
                        @let left = LEFT + NAME * index as f64;
                        @if one.joined {
                            path class={ "series s" (index % 3) } d={ "M" (left) " 12h26" } {}
                        } @else {
                            (marker(index, left + 13.0, 12.0))
                        }
                        text x=(left + 32.0) y="16" { (shown(one.name)) }
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

/// An axis.
struct Scale {
    ticks: Vec<f64>,
    powers_of_ten: bool,
}

impl Scale {
    /// Four to eight round numbers from nought, or the lowest value, to over the highest.
    fn of(values: &[f64]) -> Self {
        let (low, high) =
            values.iter().fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(*value), high.max(*value)));
        let span = if high - low > 0.0 { high - low } else { 1.0 };
        let power = 10_f64.powf((span / 5.0).log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| span / step <= 6.0);
        let step = step.unwrap_or(span);
        // Between whole numbers, as of reviews, there is nothing to mark.
        let whole = values.iter().all(|value| value.fract() == 0.0);
        let step = if whole { step.max(1.0) } else { step };
        let first = (low / step).floor() as i64;
        let last = ((high.max(low + span) / step) - 1e-9).ceil() as i64;
        let ticks = (first..=last.min(first.saturating_add(20))).map(|number| number as f64 * step).collect();
        Self { ticks, powers_of_ten: false }
    }

    /// Powers of ten around all values above nought, seven at most.
    fn in_powers_of_ten(values: &[f64]) -> Self {
        let above = || values.iter().copied().filter(|value| *value > 0.0);
        let high = above().fold(1.0, f64::max).log10().ceil() as i32;
        let low = above().fold(f64::MAX, f64::min).log10().floor() as i32;
        let low = low.clamp(high - 6, high - 1);
        Self { ticks: (low..=high).map(|power| 10_f64.powi(power)).collect(), powers_of_ten: true }
    }

    /// How far along the axis a value stands, from 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let place = |value: f64| if self.powers_of_ten { value.log10() } else { value };
        let (low, high) =
            (self.ticks.first().copied().unwrap_or(0.0), self.ticks.last().copied().unwrap_or(1.0));
        let span = place(high) - place(low);
        if span > 0.0 && value > low { (place(value) - place(low)) / span } else { 0.0 }
    }
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
        let ticks = |values: &[f64]| Scale::of(values).ticks;
        assert_eq!(ticks(&[0.0, 0.98]), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
        assert_eq!(ticks(&[30.0, 400_000.0]), [0.0, 100_000.0, 200_000.0, 300_000.0, 400_000.0]);
        assert_eq!(ticks(&[0.0]).first(), Some(&0.0));
        assert!(ticks(&[f64::MAX]).len() < 30);
    }

    #[test]
    fn losses_stand_over_powers_of_ten() {
        let scale = Scale::in_powers_of_ten(&[0.0, 3_000.0, 400_000.0]);
        assert_eq!(scale.ticks, [1e3, 1e4, 1e5, 1e6]);
        let near = |value: f64, share: f64| assert!((scale.share(value) - share).abs() < 1e-12, "{value}");
        near(0.0, 0.0);
        near(1e6, 1.0);
        near(31_622.776_601_683_792, 0.5);
        for values in [&[][..], &[0.0], &[1.0], &[f64::MAX, f64::MIN_POSITIVE]] {
            let ticks = Scale::in_powers_of_ten(values).ticks;
            assert!((2..=7).contains(&ticks.len()) && ticks.is_sorted(), "{values:?}");
        }
    }

    #[test]
    fn labels_are_short() {
        assert_eq!([0.6000000000000001, 12.0, 400_000.0].map(label), ["0.6", "12", "400,000"]);
    }
}
