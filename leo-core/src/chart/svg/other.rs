//! Heatmaps, single figures, sparklines, and tables as pictures.

use super::axes::{self, SMALL};
use super::canvas::{Anchor, Canvas, colour, fitted, n, text_width};
use super::frame;
use crate::chart::data::{Plot, finite};
use crate::chart::format;
use crate::chart::hint::Unit;
use crate::chart::spec::ChartSpec;
use crate::table::Table;

pub(super) fn heatmap(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let y = spec.y.first()?;
    let plot = Plot::of(spec, table, 60, 30)?;
    let (low, high) = plot.range(false)?;
    let note = plot.note();
    let mut area = frame(canvas, spec, &[], note.as_deref(), width, height);
    let names = plot.series.iter().map(|series| text_width(&series.name, SMALL)).fold(0.0, f64::max).min(area.width() * 0.3);
    area.left += names + 6.0;
    area.top += 16.0;
    let wide = area.width() / plot.categories.len().max(1) as f64;
    let (how, room) = axes::category_layout(&plot.categories, wide, false);
    area.bottom -= room;
    let tall = area.height() / plot.series.len().max(1) as f64;
    let legend = format!(
        "{}: {} (light) to {} (dark)",
        format::label(&y.title, 60),
        format::compact(low, &y.unit),
        format::compact(high, &y.unit)
    );
    canvas.text(12.0, area.top - 8.0, SMALL, Anchor::Start, &fitted(&legend, SMALL, width - 24.0));
    for (row, series) in plot.series.iter().enumerate() {
        let top = area.top + tall * row as f64;
        canvas.text(area.left - 6.0, top + tall / 2.0 + 4.0, SMALL, Anchor::End, &fitted(&series.name, SMALL, names));
        for (at, (value, category)) in series.values.iter().zip(&plot.categories).enumerate() {
            let Some(value) = value else { continue };
            let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
            let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 };
            let tooltip = format!("{}, {category}: {}", series.name, format::in_unit(*value, &y.unit));
            let left = area.left + wide * at as f64;
            canvas.rect(
                [left + 0.5, top + 0.5, (wide - 1.0).max(0.5), (tall - 1.0).max(0.5)],
                colour(0),
                0.12 + 0.88 * share,
                &tooltip,
            );
        }
    }
    let positions: Vec<f64> = (0..plot.categories.len()).map(|at| area.left + wide * (at as f64 + 0.5)).collect();
    axes::categories(canvas, area, &plot.categories, &positions, how);
    Some(())
}

pub(super) fn kpi(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let y = spec.y.first()?;
    let value = table.value(0, table.column_index(&y.column)?);
    if table.num_rows() == 0 {
        return None;
    }
    let text = format::cell(&value, &y.unit, 40);
    let middle = height / 2.0;
    let size = (width * 0.85 / text_width(&text, 1.0).max(1.0)).clamp(12.0, 56.0);
    canvas.text(
        width / 2.0,
        middle - size * 0.75,
        14.0,
        Anchor::Middle,
        &fitted(&format::label(&y.title, 80), 14.0, width - 24.0),
    );
    canvas.bold(width / 2.0, middle + size * 0.3, size, Anchor::Middle, &text);
    if let Some(previous) = spec.y.get(1) {
        let before = table.value(0, table.column_index(&previous.column)?);
        let mut line = format!("{}: {}", format::label(&previous.title, 60), format::cell(&before, &previous.unit, 40));
        if let (Some(now), Some(before)) = (finite(&value), finite(&before))
            && before != 0.0
        {
            let change = (now - before) / before.abs();
            let sign = if change > 0.0 { "+" } else { "" };
            line.push_str(&format!(" ({sign}{})", format::in_unit(change, &Unit::Fraction)));
        }
        canvas.text(width / 2.0, middle + size * 0.3 + 28.0, 13.0, Anchor::Middle, &fitted(&line, 13.0, width - 24.0));
    }
    Some(())
}

pub(super) fn sparkline(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let plot = Plot::of(spec, table, 5_000, 4)?;
    let (low, high) = plot.range(false)?;
    let span = if high > low { high - low } else { 1.0 };
    for (index, series) in plot.series.iter().enumerate() {
        let step = (width - 16.0) / series.values.len().max(2).saturating_sub(1) as f64;
        let mut d = String::new();
        let mut drawing = false;
        for (at, value) in series.values.iter().enumerate() {
            let Some(value) = value else {
                drawing = false;
                continue;
            };
            let y = height - 8.0 - (value - low) / span * (height - 16.0);
            d.push_str(&format!("{}{} {}", if drawing { 'L' } else { 'M' }, n(8.0 + step * at as f64), n(y)));
            drawing = true;
        }
        canvas.path(&d, "none", colour(index), 1.0, "");
    }
    Some(())
}

pub(super) fn grid(canvas: &mut Canvas, table: &Table, width: f64, height: f64) -> Option<()> {
    let columns = table.num_columns().min(6);
    if columns == 0 || table.num_rows() == 0 {
        return None;
    }
    let line = 22.0;
    let rows = (((height - 60.0) / line).floor().max(1.0) as usize).min(table.num_rows());
    let wide = (width - 24.0) / columns as f64;
    for column in 0..columns {
        let x = 12.0 + wide * column as f64;
        canvas.bold(x, 26.0, 12.0, Anchor::Start, &fitted(&format::label(table.column_name(column), 80), 12.5, wide - 10.0));
        for row in 0..rows {
            let text = format::cell(&table.value(row, column), &Unit::Plain, 80);
            canvas.text(x, 26.0 + line * (row as f64 + 1.0), 12.0, Anchor::Start, &fitted(&text, 12.0, wide - 10.0));
        }
    }
    canvas.rule(12.0, 33.0, width - 12.0, 33.0, true);
    let hidden = (table.num_rows() - rows, table.num_columns() - columns);
    let note = match hidden {
        (0, 0) => return Some(()),
        (rows, 0) => format!("{rows} more rows"),
        (0, columns) => format!("{columns} more columns"),
        (rows, columns) => format!("{rows} more rows, {columns} more columns"),
    };
    canvas.text(width - 12.0, height - 8.0, 10.0, Anchor::End, &note);
    Some(())
}
