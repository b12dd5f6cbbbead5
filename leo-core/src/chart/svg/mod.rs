//! Static SVG: one self-contained document, readable on light and dark, all text escaped.

mod axes;
mod canvas;
mod cartesian;
mod other;
mod points;

use canvas::{Anchor, Canvas, Colours, colour, fitted, text_width};

use super::spec::{ChartKind, ChartSpec};
use crate::table::Table;

/// How an SVG is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SvgOptions {
    /// Width in pixels, 160–4,000.
    pub width: u32,
    /// Height in pixels, 120–4,000.
    pub height: u32,
    /// Colours of text, grid and background.
    pub theme: Theme,
}

impl Default for SvgOptions {
    fn default() -> Self {
        Self { width: 640, height: 400, theme: Theme::Auto }
    }
}

/// Colours of text, grid and background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// No background and greys of middle tone, which can be read on white and on near-black.
    #[default]
    Auto,
    /// Dark text on white.
    Light,
    /// Light text on near-black.
    Dark,
}

/// The chart as an SVG document.
///
/// At most 60 bars, 20 horizontal bars, 8 slices, 10 series and 5,000 points are drawn; a note says how much is not shown. Values are
/// in `<title>` elements that browsers show as tooltips.
pub fn svg(spec: &ChartSpec, table: &Table, options: &SvgOptions) -> String {
    let (width, height) = (f64::from(options.width.clamp(160, 4_000)), f64::from(options.height.clamp(120, 4_000)));
    // A sparkline is as flat as its name, and one figure needs no more room than a headline.
    let height = match spec.kind {
        ChartKind::Sparkline => height.min((width / 6.0).max(40.0)),
        ChartKind::Kpi => height.min(200.0),
        _ => height,
    };
    let colours = match options.theme {
        Theme::Auto => Colours { text: "#737a86", grid: "#8b93a0", background: None },
        Theme::Light => Colours { text: "#2f3540", grid: "#8b93a0", background: Some("#ffffff") },
        Theme::Dark => Colours { text: "#d8dce3", grid: "#8b93a0", background: Some("#14171c") },
    };
    let mut canvas = Canvas::new(colours);
    let drawn = match spec.kind {
        ChartKind::Bar | ChartKind::HorizontalBar => cartesian::bars(&mut canvas, spec, table, width, height),
        ChartKind::Line | ChartKind::Area => cartesian::lines(&mut canvas, spec, table, width, height),
        ChartKind::Scatter => points::scatter(&mut canvas, spec, table, width, height),
        ChartKind::Pie => points::pie(&mut canvas, spec, table, width, height),
        ChartKind::Heatmap => other::heatmap(&mut canvas, spec, table, width, height),
        ChartKind::Kpi => other::kpi(&mut canvas, spec, table, width, height),
        ChartKind::Sparkline => other::sparkline(&mut canvas, spec, table, width, height),
        ChartKind::Table => other::grid(&mut canvas, table, width, height),
    };
    if drawn.is_none() {
        canvas = Canvas::new(colours);
        canvas.text(width / 2.0, height / 2.0, 14.0, Anchor::Middle, "nothing to draw");
    }
    let title = if spec.title.is_empty() { spec.kind.label() } else { &spec.title };
    canvas.finish(width, height, title, &spec.alt_text)
}

/// The room inside a chart.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn width(&self) -> f64 {
        (self.right - self.left).max(1.0)
    }

    fn height(&self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }
}

/// Title, legend and note; returns the room they leave.
fn frame(canvas: &mut Canvas, spec: &ChartSpec, names: &[&str], note: Option<&str>, width: f64, height: f64) -> Area {
    let mut area = Area { left: 12.0, top: 12.0, right: width - 12.0, bottom: height - 10.0 };
    if !spec.title.is_empty() {
        canvas.bold(12.0, 24.0, 15.0, Anchor::Start, &fitted(&super::format::label(&spec.title, 200), 16.0, width - 24.0));
        area.top = 38.0;
    }
    if names.len() > 1 {
        let (mut x, mut y) = (12.0, area.top + 8.0);
        for (index, name) in names.iter().enumerate() {
            let name = fitted(name, 11.0, (width - 60.0).min(160.0));
            let needed = 16.0 + text_width(&name, 11.0) + 14.0;
            if x + needed > width - 8.0 && x > 12.0 {
                x = 12.0;
                y += 17.0;
            }
            canvas.rect([x, y - 9.0, 10.0, 10.0], colour(index), 1.0, "");
            canvas.text(x + 15.0, y, 11.0, Anchor::Start, &name);
            x += needed;
        }
        area.top = y + 10.0;
    }
    if let Some(note) = note {
        canvas.text(width - 12.0, height - 8.0, 10.0, Anchor::End, note);
        area.bottom -= 14.0;
    }
    area
}
