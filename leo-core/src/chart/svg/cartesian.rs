//! Bars, lines and areas.

use super::axes::{self, Labels, SMALL};
use super::canvas::{Anchor, Canvas, colour, fitted, fitted_apart, n, text_width};
use super::{Area, frame};
use crate::chart::data::{Plot, days};
use crate::chart::format;
use crate::chart::hint::Unit;
use crate::chart::scale::Linear;
use crate::chart::spec::{Arrangement, ChartKind, ChartSpec, Scale};
use crate::table::Table;

const MAX_SERIES: usize = 10;

struct Parts<'a> {
    plot: Plot,
    unit: &'a Unit,
    title: String,
    x_title: String,
    stacked: bool,
}

fn parts<'a>(spec: &'a ChartSpec, table: &Table, max_categories: usize) -> Option<Parts<'a>> {
    let y = spec.y.first()?;
    let plot = Plot::of(spec, table, max_categories, MAX_SERIES)?;
    if plot.keys.is_empty() {
        return None;
    }
    let title = if spec.y.len() > 1 { String::new() } else { format::label(&y.title, 80) };
    let x_title = spec.x.as_ref().map(|x| format::label(&x.title, 80)).unwrap_or_default();
    Some(Parts { plot, unit: &y.unit, title, x_title, stacked: spec.arrangement == Arrangement::Stacked })
}

impl Parts<'_> {
    fn names(&self) -> Vec<&str> {
        self.plot.series.iter().map(|series| series.name.as_str()).collect()
    }

    fn tooltip(&self, category: &str, series: &str, value: f64) -> String {
        let value = format::in_unit(value, self.unit);
        if self.plot.series.len() > 1 { format!("{category}, {series}: {value}") } else { format!("{category}: {value}") }
    }
}

pub(super) fn bars(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let sideways = spec.kind == ChartKind::HorizontalBar;
    let parts = parts(spec, table, if sideways { 20 } else { 60 })?;
    let (low, high) = parts.plot.range(parts.stacked)?;
    let (low, high) = (low.min(0.0), high.max(0.0));
    let note = parts.plot.note();
    let area = frame(canvas, spec, &parts.names(), note.as_deref(), width, height);
    if sideways {
        across(canvas, &parts, area, low, high)
    } else {
        upright(canvas, &parts, area, low, high)
    }
    Some(())
}

fn upright(canvas: &mut Canvas, parts: &Parts<'_>, mut area: Area, low: f64, high: f64) {
    let plot = &parts.plot;
    area.left = axes::value_margin(low, high, parts.unit) + 4.0;
    area.top += 22.0;
    let band = area.width() / plot.categories.len().max(1) as f64;
    let (how, room) = axes::category_layout(&plot.categories, band, false);
    let x_title = if how == Labels::Slanted { "" } else { parts.x_title.as_str() };
    area.bottom -= room + if x_title.is_empty() { 0.0 } else { 16.0 };
    let scale = Linear::nice(low, high, area.bottom, area.top, 5);
    axes::vertical(canvas, area, &scale, parts.unit, &parts.title);
    let zero = scale.at(0.0);
    let thick = (band * 0.72).min(64.0);
    let beside = if parts.stacked { 1 } else { plot.series.len().max(1) };
    let each = thick / beside as f64;
    let positions: Vec<f64> = (0..plot.categories.len()).map(|at| area.left + band * (at as f64 + 0.5)).collect();
    for (at, (category, centre)) in plot.categories.iter().zip(&positions).enumerate() {
        let (mut up, mut down) = (0.0, 0.0);
        for (index, series) in plot.series.iter().enumerate() {
            let Some(value) = series.values.get(at).copied().flatten() else { continue };
            let tooltip = parts.tooltip(category, &series.name, value);
            if parts.stacked {
                let base = if value >= 0.0 { &mut up } else { &mut down };
                let (from, to) = (scale.at(*base), scale.at(*base + value));
                *base += value;
                canvas.rect([centre - thick / 2.0, to, thick, from - to], colour(index), 1.0, &tooltip);
                continue;
            }
            let x = centre - thick / 2.0 + each * index as f64;
            let y = scale.at(value);
            canvas.rect([x, y, (each - if beside > 1 { 1.0 } else { 0.0 }).max(0.5), zero - y], colour(index), 1.0, &tooltip);
            let label = format::compact(value, parts.unit);
            let fits = text_width(&label, 10.0) <= if beside > 1 { each } else { band } - 2.0;
            if plot.categories.len() * beside <= 16 && fits {
                let y = if value < 0.0 { y + 12.0 } else { y - 4.0 };
                canvas.text(x + each / 2.0, y, 10.0, Anchor::Middle, &label);
            }
        }
    }
    axes::categories(canvas, area, &plot.categories, &positions, how);
    if !x_title.is_empty() {
        let middle = (area.left + area.right) / 2.0;
        canvas.text(middle, area.bottom + 31.0, SMALL, Anchor::Middle, &fitted(x_title, SMALL, area.width()));
    }
}

fn across(canvas: &mut Canvas, parts: &Parts<'_>, mut area: Area, low: f64, high: f64) {
    let plot = &parts.plot;
    let longest = plot.categories.iter().map(|label| text_width(label, SMALL)).fold(0.0, f64::max);
    let room = longest.min(area.width() * 0.35);
    area.left += room + 8.0;
    area.top += 4.0;
    area.bottom -= 36.0;
    let beside = if parts.stacked { 1 } else { plot.series.len().max(1) };
    let labelled = !parts.stacked && plot.categories.len() * beside <= 24;
    if labelled {
        let widest = plot.series.iter().flat_map(|series| series.values.iter().flatten());
        area.right -= widest.map(|value| text_width(&format::compact(*value, parts.unit), 10.0)).fold(0.0, f64::max) + 4.0;
    }
    let scale = Linear::nice(low, high, area.left, area.right, 5);
    axes::horizontal(canvas, area, &scale, &parts.title, |tick| format::compact(tick, parts.unit));
    let band = area.height() / plot.categories.len().max(1) as f64;
    let thick = (band * 0.72).min(40.0);
    let each = thick / beside as f64;
    let zero = scale.at(0.0);
    let labels = fitted_apart(&plot.categories, SMALL, room);
    for (at, category) in plot.categories.iter().enumerate() {
        let middle = area.top + band * (at as f64 + 0.5);
        canvas.text(area.left - 7.0, middle + 4.0, SMALL, Anchor::End, labels.get(at).map_or("", String::as_str));
        let (mut right, mut left) = (0.0, 0.0);
        for (index, series) in plot.series.iter().enumerate() {
            let Some(value) = series.values.get(at).copied().flatten() else { continue };
            let tooltip = parts.tooltip(category, &series.name, value);
            if parts.stacked {
                let base = if value >= 0.0 { &mut right } else { &mut left };
                let (from, to) = (scale.at(*base), scale.at(*base + value));
                *base += value;
                canvas.rect([from, middle - thick / 2.0, to - from, thick], colour(index), 1.0, &tooltip);
                continue;
            }
            let y = middle - thick / 2.0 + each * index as f64;
            let x = scale.at(value);
            canvas.rect([zero, y, x - zero, (each - if beside > 1 { 1.0 } else { 0.0 }).max(0.5)], colour(index), 1.0, &tooltip);
            if labelled && each >= 9.0 {
                let label = format::compact(value, parts.unit);
                canvas.text(x.max(zero) + 4.0, y + each / 2.0 + 3.5, 10.0, Anchor::Start, &label);
            }
        }
    }
}

pub(super) fn lines(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let parts = parts(spec, table, 5_000)?;
    let plot = &parts.plot;
    let filled = spec.kind == ChartKind::Area;
    let stacked = filled && parts.stacked;
    let (low, high) = plot.range(stacked)?;
    // A line may leave out zero when nothing comes near it; an area may not.
    let low = if filled || (low > 0.0 && low < high * 0.5) { low.min(0.0) } else { low };
    let high = if filled { high.max(0.0) } else { high };
    let note = plot.note();
    let mut area = frame(canvas, spec, &parts.names(), note.as_deref(), width, height);
    area.left = axes::value_margin(low, high, parts.unit) + 4.0;
    area.right -= 8.0;
    area.top += 22.0;
    area.bottom -= 36.0;
    let scale = Linear::nice(low, high, area.bottom, area.top, 5);
    axes::vertical(canvas, area, &scale, parts.unit, &parts.title);

    let positions = positions(&parts, spec, area);
    let mut base: Vec<f64> = vec![0.0; plot.categories.len()];
    let marked = plot.categories.len() <= 40;
    for (index, series) in plot.series.iter().enumerate() {
        let points: Vec<Option<(f64, f64, f64)>> = series
            .values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let value = if stacked { Some(value.unwrap_or(0.0)) } else { *value }?;
                let from = if stacked { base.get(at).copied()? } else { 0.0 };
                Some((positions.get(at).copied()?, scale.at(from + value), scale.at(from)))
            })
            .collect();
        for run in points.split(Option::is_none) {
            let run: Vec<(f64, f64, f64)> = run.iter().copied().flatten().collect();
            if filled && run.len() > 1 {
                let mut d = outline(run.iter().map(|point| (point.0, point.1)));
                for (x, _, bottom) in run.iter().rev() {
                    d.push_str(&format!("L{} {}", n(*x), n(*bottom)));
                }
                canvas.path(&format!("{d}Z"), colour(index), "none", 0.45, "");
            }
            if run.len() > 1 {
                canvas.path(&outline(run.iter().map(|point| (point.0, point.1))), "none", colour(index), 1.0, "");
            }
            if let ([(x, y, _)], false) = (run.as_slice(), marked) {
                canvas.circle(*x, *y, 2.0, colour(index), 1.0, "");
            }
        }
        if marked {
            for (at, point) in points.iter().enumerate() {
                let (Some((x, y, _)), Some(Some(value)), Some(category)) =
                    (point, series.values.get(at), plot.categories.get(at))
                else {
                    continue;
                };
                canvas.circle(*x, *y, 3.0, colour(index), 1.0, &parts.tooltip(category, &series.name, *value));
            }
        }
        if stacked {
            for (slot, value) in base.iter_mut().zip(&series.values) {
                *slot += value.unwrap_or(0.0);
            }
        }
    }
    axes::categories(canvas, area, &plot.categories, &positions, Labels::Some);
    let middle = (area.left + area.right) / 2.0;
    canvas.text(middle, area.bottom + 31.0, SMALL, Anchor::Middle, &fitted(&parts.x_title, SMALL, area.width()));
    Some(())
}

fn outline(points: impl Iterator<Item = (f64, f64)>) -> String {
    points.enumerate().fold(String::new(), |mut d, (at, (x, y))| {
        d.push(if at == 0 { 'M' } else { 'L' });
        d.push_str(&format!("{} {}", n(x), n(y)));
        d
    })
}

/// Where the categories lie: dates by their distance in time, everything else evenly.
fn positions(parts: &Parts<'_>, spec: &ChartSpec, area: Area) -> Vec<f64> {
    let count = parts.plot.keys.len();
    let temporal = spec.x.as_ref().is_some_and(|x| x.scale == Scale::Temporal);
    if temporal && count > 1 {
        let at: Option<Vec<f64>> = parts.plot.keys.iter().map(|key| days(key.as_str()?)).collect();
        if let Some(at) = at {
            let (low, high) =
                at.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), day| (low.min(*day), high.max(*day)));
            if high > low {
                return at.into_iter().map(|day| area.left + (day - low) / (high - low) * area.width()).collect();
            }
        }
    }
    let step = area.width() / count.max(2).saturating_sub(1) as f64;
    let first = if count == 1 { area.left + area.width() / 2.0 } else { area.left };
    (0..count).map(|at| first + step * at as f64).collect()
}
