//! Axes: values with a grid, categories with labels that do not run into each other.

use super::Area;
use super::canvas::{Anchor, Canvas, fitted, text_width};
use crate::chart::format;
use crate::chart::hint::Unit;
use crate::chart::scale::Linear;

pub(super) const SMALL: f64 = 11.0;
/// Widest a slanted label may be.
const SLANTED: f64 = 120.0;

/// How category labels are set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Labels {
    /// Side by side.
    Level,
    /// Rising to their place.
    Slanted,
    /// Side by side, leaving out those that would touch.
    Some,
}

/// Room a vertical value axis needs for its labels.
pub(super) fn value_margin(low: f64, high: f64, unit: &Unit) -> f64 {
    let ticks = Linear::nice(low, high, 0.0, 1.0, 5).ticks;
    ticks.iter().map(|tick| text_width(&format::compact(*tick, unit), SMALL)).fold(0.0, f64::max) + 10.0
}

/// Draws a vertical value axis with its grid; the title stands above it.
pub(super) fn vertical(canvas: &mut Canvas, area: Area, scale: &Linear, unit: &Unit, title: &str) {
    for &tick in &scale.ticks {
        let y = scale.at(tick);
        canvas.rule(area.left, y, area.right, y, tick == 0.0);
        canvas.text(area.left - 6.0, y + 4.0, SMALL, Anchor::End, &format::compact(tick, unit));
    }
    if !title.is_empty() {
        canvas.text(12.0, area.top - 11.0, SMALL, Anchor::Start, &fitted(title, SMALL, area.right - 12.0));
    }
}

/// Draws a horizontal value axis with its grid; `write` names the ticks.
pub(super) fn horizontal(canvas: &mut Canvas, area: Area, scale: &Linear, title: &str, write: impl Fn(f64) -> String) {
    let mut free_from = f64::NEG_INFINITY;
    for &tick in &scale.ticks {
        let x = scale.at(tick);
        canvas.rule(x, area.top, x, area.bottom, tick == 0.0);
        let label = write(tick);
        let half = text_width(&label, SMALL) / 2.0;
        if x - half > free_from {
            canvas.text(x, area.bottom + 15.0, SMALL, Anchor::Middle, &label);
            free_from = x + half + 6.0;
        }
    }
    if !title.is_empty() {
        canvas.text(
            (area.left + area.right) / 2.0,
            area.bottom + 31.0,
            SMALL,
            Anchor::Middle,
            &fitted(title, SMALL, area.width()),
        );
    }
}

/// How labels of categories `band` apart are best set, and the room that needs below the axis.
pub(super) fn category_layout(labels: &[String], band: f64, in_time: bool) -> (Labels, f64) {
    let widest = labels.iter().map(|label| text_width(label, SMALL)).fold(0.0, f64::max);
    if widest <= band - 6.0 {
        (Labels::Level, 20.0)
    } else if in_time || band < 15.0 {
        (Labels::Some, 20.0)
    } else {
        (Labels::Slanted, widest.min(SLANTED) * 0.65 + 16.0)
    }
}

/// Draws the labels of categories at `positions` below the area. Where not all fit, every second, third … is drawn.
pub(super) fn categories(canvas: &mut Canvas, area: Area, labels: &[String], positions: &[f64], how: Labels) {
    let widest = labels.iter().map(|label| text_width(label, SMALL)).fold(0.0, f64::max).min(140.0);
    let reach = positions.last().copied().unwrap_or(0.0) - positions.first().copied().unwrap_or(0.0);
    let fit = (reach / (widest + 12.0)).floor().max(1.0);
    let step = if how == Labels::Some { (positions.len().saturating_sub(1) as f64 / fit).ceil().max(1.0) as usize } else { 1 };
    let mut free_from = f64::NEG_INFINITY;
    for (label, &x) in labels.iter().zip(positions).step_by(step) {
        match how {
            Labels::Slanted => canvas.slanted(x + 4.0, area.bottom + 14.0, SMALL, &fitted(label, SMALL, SLANTED)),
            Labels::Level => canvas.text(x, area.bottom + 15.0, SMALL, Anchor::Middle, label),
            Labels::Some => {
                let label = fitted(label, SMALL, 140.0);
                let half = text_width(&label, SMALL) / 2.0;
                // Kept inside on both sides, so that the first and the last are not cut.
                let x = x.clamp(half + 2.0, (area.right + 10.0 - half).max(half + 2.0));
                // Dates need not be evenly apart.
                if x - half > free_from {
                    canvas.text(x, area.bottom + 15.0, SMALL, Anchor::Middle, &label);
                    free_from = x + half + 6.0;
                }
            }
        }
    }
}
