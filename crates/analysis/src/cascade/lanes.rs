//! The seven MAESTRO layers as lanes, with the assets on the worst paths and the paths as numbered arrows.
//!
//! Self-contained SVG without scripts, fonts or links. Readable without colour: paths differ by dash pattern and
//! number, assets by label; everything is drawn in black on white with one grey.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use vauban_domain::{
    Asset, AssetId, AttackPath, Layer, Threat,
    words::{NO_DECLARED_LOSS, amount},
};

/// Paths drawn.
const PATHS: usize = 10;
/// Of these, paths from asset to asset at most.
const TRAVELLING: usize = 7;
/// Boxes in a row of a lane.
const COLUMNS: usize = 6;
/// Rows of a lane.
const ROWS: usize = 3;
/// Drawing units.
const WIDTH: f64 = 1200.0;
const LABEL: f64 = 170.0;
const BOX: (f64, f64) = (160.0, 46.0);
const GAP: f64 = 22.0;
const LEGEND_LINE: f64 = 18.0;

/// Dash patterns, told apart in print.
const DASHES: [&str; 5] = ["none", "9 4", "2 4", "12 4 2 4", "6 3 2 3 2 3"];

/// The lanes, top down, as in MAESTRO's own figure: the ecosystem above, the foundation models below.
const LANES: [Layer; 7] = [
    Layer::Ecosystem,
    Layer::Security,
    Layer::Observability,
    Layer::Deployment,
    Layer::AgentFrameworks,
    Layer::DataOperations,
    Layer::FoundationModels,
];

/// Draws up to ten of the `paths` (given worst first) and the assets on them, at most 18 to a lane; a number is the
/// path's rank, the percentage in a box the likelihood of its likeliest threat, and a note says how many assets are not
/// drawn. Empty input gives the empty lanes.
pub fn lanes_svg(assets: &[Asset], threats: &[Threat], paths: &[AttackPath]) -> String {
    let by_id: BTreeMap<&AssetId, &Asset> = assets.iter().map(|asset| (&asset.id, asset)).collect();
    let shown = select(paths);
    let mut drawing = Drawing::new(&by_id, &shown);
    let likelihoods = worst(threats);
    let height = drawing.bottom + LEGEND_LINE * (shown.len() as f64 + 3.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#000\">\n<title>Attack paths across the seven MAESTRO \
         layers</title>\n<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n\
         <rect width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"#fff\"/>\n"
    );
    drawing.lanes(&mut svg);
    // Boxes lie over the arrows that pass behind them, numbers over both.
    let mut numbers = String::new();
    for (position, (rank, path)) in shown.iter().enumerate() {
        drawing.arrows(&mut svg, &mut numbers, position, *rank, path);
    }
    drawing.boxes(&mut svg, &by_id, &likelihoods);
    svg.push_str(&numbers);
    drawing.legend(&mut svg, assets.len(), &shown);
    svg.push_str("</svg>\n");
    svg
}

/// The paths to draw with their ranks: ways from asset to asset first, since these need a drawing, then the worst
/// others; in the order of their ranks.
fn select(paths: &[AttackPath]) -> Vec<(usize, &AttackPath)> {
    let travels = |path: &AttackPath| path.steps.windows(2).any(|pair| pair[0].asset != pair[1].asset);
    let (mut chosen, others): (Vec<_>, Vec<_>) =
        paths.iter().enumerate().map(|(index, path)| (index + 1, path)).partition(|(_, path)| travels(path));
    chosen.truncate(TRAVELLING);
    chosen.extend(others.into_iter().take(PATHS - chosen.len()));
    chosen.sort_by_key(|(rank, _)| *rank);
    chosen
}

/// Number of threats and the highest likelihood at each asset.
fn worst(threats: &[Threat]) -> BTreeMap<&AssetId, (usize, f64)> {
    let mut worst: BTreeMap<&AssetId, (usize, f64)> = BTreeMap::new();
    for threat in threats {
        let slot = worst.entry(&threat.asset).or_default();
        *slot = (slot.0 + 1, slot.1.max(threat.likelihood));
    }
    worst
}

/// Where everything goes.
struct Drawing<'a> {
    /// Upper left corner of each box.
    places: BTreeMap<&'a AssetId, (f64, f64)>,
    /// Top and height of each lane.
    lanes: Vec<(Layer, f64, f64)>,
    bottom: f64,
    /// How many number tags sit on each box already.
    tags: BTreeMap<&'a AssetId, usize>,
}

impl<'a> Drawing<'a> {
    fn new(assets: &BTreeMap<&'a AssetId, &'a Asset>, paths: &[(usize, &'a AttackPath)]) -> Self {
        let mut members: BTreeMap<Layer, Vec<&'a AssetId>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for step in paths.iter().flat_map(|(_, path)| &path.steps) {
            if let Some((id, asset)) = assets.get_key_value(&step.asset)
                && seen.insert(*id)
            {
                // An asset that spans layers is drawn where people meet it.
                let lane = if asset.layer == Layer::CrossLayer { Layer::Ecosystem } else { asset.layer };
                let lane = members.entry(lane).or_default();
                if lane.len() < COLUMNS * ROWS {
                    lane.push(*id);
                }
            }
        }
        let mut drawing =
            Self { places: BTreeMap::new(), lanes: Vec::new(), bottom: 0.0, tags: BTreeMap::new() };
        for layer in LANES {
            let boxes = members.remove(&layer).unwrap_or_default();
            let rows = boxes.len().div_ceil(COLUMNS).max(1);
            let height = GAP + rows as f64 * (BOX.1 + GAP);
            let spacing = (WIDTH - LABEL) / boxes.len().clamp(1, COLUMNS) as f64;
            // Every other lane is set off, so that arrows between lanes are seen beside the boxes between.
            let room = ((spacing - BOX.0) / 2.0 - 4.0).min(70.0);
            let aside = if drawing.lanes.len().is_multiple_of(2) { room } else { -room };
            for (index, id) in boxes.into_iter().enumerate() {
                let x = LABEL + spacing * ((index % COLUMNS) as f64 + 0.5) - BOX.0 / 2.0 + aside;
                let y = drawing.bottom + GAP + (index / COLUMNS) as f64 * (BOX.1 + GAP);
                drawing.places.insert(id, (x, y));
            }
            drawing.lanes.push((layer, drawing.bottom, height));
            drawing.bottom += height;
        }
        drawing
    }

    fn lanes(&self, svg: &mut String) {
        for (index, (layer, top, height)) in self.lanes.iter().enumerate() {
            let fill = if index % 2 == 0 { "#f2f2f2" } else { "#fff" };
            let middle = top + height / 2.0;
            put(
                svg,
                format_args!(
                    "<g><rect y=\"{top:.0}\" width=\"{WIDTH}\" height=\"{height:.0}\" fill=\"{fill}\" \
                 stroke=\"#999\"/><text x=\"10\" y=\"{:.0}\" font-weight=\"bold\">{}</text>\
                 <text x=\"10\" y=\"{:.0}\">{}</text></g>\n",
                    middle - 4.0,
                    layer.id(),
                    middle + 12.0,
                    escape(layer.name())
                ),
            );
        }
    }

    fn boxes(
        &self,
        svg: &mut String,
        assets: &BTreeMap<&AssetId, &Asset>,
        worst: &BTreeMap<&AssetId, (usize, f64)>,
    ) {
        for (id, (x, y)) in &self.places {
            let Some(asset) = assets.get(*id) else { continue };
            let (count, likelihood) = worst.get(*id).copied().unwrap_or_default();
            put(
                svg,
                format_args!(
                    "<g><title>{}</title><rect x=\"{x:.0}\" y=\"{y:.0}\" width=\"{:.0}\" height=\"{:.0}\" rx=\"4\" \
                 fill=\"#fff\" stroke=\"#000\"/><text x=\"{:.0}\" y=\"{:.0}\">{}</text>\
                 <text x=\"{:.0}\" y=\"{:.0}\" font-size=\"10\">{}, {count} threats, {:.0} %</text></g>\n",
                    escape(id.as_str()),
                    BOX.0,
                    BOX.1,
                    x + 8.0,
                    y + 19.0,
                    escape(&shorten(&asset.name, 21)),
                    x + 8.0,
                    y + 35.0,
                    escape(asset.kind.as_str()),
                    likelihood * 100.0
                ),
            );
        }
    }

    /// The arrows of one path; a path that stays at one asset is a number on its box.
    fn arrows(
        &mut self,
        svg: &mut String,
        numbers: &mut String,
        position: usize,
        rank: usize,
        path: &'a AttackPath,
    ) {
        let mut stops: Vec<&'a AssetId> = path.steps.iter().map(|step| &step.asset).collect();
        stops.dedup();
        let stops: Vec<&AssetId> = stops.into_iter().filter(|id| self.places.contains_key(*id)).collect();
        if let Some(first) = stops.first() {
            let tag = self.tags.entry(first).or_default();
            let (x, y) = self.places[*first];
            number_at(numbers, rank, x + 12.0 + *tag as f64 * 19.0, y);
            *tag += 1;
        }
        // Arrows of different paths between the same boxes must not lie on each other.
        let shift = (position as f64 - PATHS as f64 / 2.0) * 6.0;
        for pair in stops.windows(2) {
            let (from, to) = (self.places[pair[0]], self.places[pair[1]]);
            let down = to.1 > from.1;
            let (x1, x2) = (from.0 + BOX.0 / 2.0 + shift, to.0 + BOX.0 / 2.0 + shift);
            let (y1, y2) = if to.1 == from.1 {
                (from.1 + BOX.1, to.1 + BOX.1)
            } else if down {
                (from.1 + BOX.1, to.1)
            } else {
                (from.1, to.1 + BOX.1)
            };
            let bend = if to.1 == from.1 { 20.0 } else { (y2 - y1) * 0.4 };
            let (c1, c2) = if to.1 == from.1 { (y1 + bend, y2 + bend) } else { (y1 + bend, y2 - bend) };
            put(
                svg,
                format_args!(
                    "<path d=\"M{x1:.0} {y1:.0}C{x1:.0} {c1:.0} {x2:.0} {c2:.0} {x2:.0} {y2:.0}\" fill=\"none\" \
                 stroke=\"#000\" stroke-width=\"1.5\" stroke-dasharray=\"{}\" marker-end=\"url(#head)\"/>\n",
                    DASHES[position % DASHES.len()]
                ),
            );
            number_at(numbers, rank, (x1 + x2) / 2.0, (y1 + 3.0 * c1 + 3.0 * c2 + y2) / 8.0);
        }
    }

    fn legend(&self, svg: &mut String, assets: usize, paths: &[(usize, &AttackPath)]) {
        let mut y = self.bottom + LEGEND_LINE;
        for (position, (rank, path)) in paths.iter().enumerate() {
            let stops: Vec<&str> = path.steps.iter().map(|step| step.threat.as_str()).collect();
            let loss = if path.expected_loss > 0.0 {
                format!("{} a year", amount(path.expected_loss, ""))
            } else {
                NO_DECLARED_LOSS.to_owned()
            };
            put(
                svg,
                format_args!(
                    "<line x1=\"34\" y1=\"{:.0}\" x2=\"84\" y2=\"{:.0}\" stroke=\"#000\" stroke-width=\"1.5\" \
                 stroke-dasharray=\"{}\"/>",
                    y - 4.0,
                    y - 4.0,
                    DASHES[position % DASHES.len()]
                ),
            );
            number_at(svg, *rank, 18.0, y - 4.0);
            put(
                svg,
                format_args!(
                    "<text x=\"94\" y=\"{y:.0}\">{}</text>\n",
                    escape(&format!("{loss}: {}", shorten(&stops.join(" → "), 150)))
                ),
            );
            y += LEGEND_LINE;
        }
        let hidden = assets.saturating_sub(self.places.len());
        put(
            svg,
            format_args!(
                "<text x=\"10\" y=\"{:.0}\" fill=\"#333\">{} of {assets} assets drawn: those on {} of the worst paths; {hidden} \
             not drawn</text>\n",
                y + 6.0,
                self.places.len(),
                paths.len()
            ),
        );
    }
}

/// A path's number in a circle.
fn number_at(svg: &mut String, number: usize, x: f64, y: f64) {
    put(
        svg,
        format_args!(
            "<circle cx=\"{x:.0}\" cy=\"{y:.0}\" r=\"8\" fill=\"#fff\" stroke=\"#000\"/><text x=\"{x:.0}\" y=\"{:.0}\" \
         font-size=\"10\" text-anchor=\"middle\">{}</text>",
            y + 3.5,
            number
        ),
    );
}

/// Writing to a string cannot fail.
fn put(svg: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = svg.write_fmt(text);
}

/// The text cut to `most` characters, its end kept because that is where names differ.
fn shorten(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(count + 1 - most).collect();
    format!("…{tail}")
}

/// Text safe inside XML, without characters that XML forbids.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            control if control.is_control() || ('\u{fffe}'..='\u{ffff}').contains(&control) => {
                escaped.push(' ')
            }
            other => escaped.push(other),
        }
    }
    escaped
}
