//! Scatter plots and pies.

use std::f64::consts::TAU;

use super::axes;
use super::canvas::{Anchor, Canvas, colour, fitted, n};
use super::frame;
use crate::chart::data::{Plot, Points};
use crate::chart::format;
use crate::chart::hint::Unit;
use crate::chart::scale::Linear;
use crate::chart::spec::{ChartSpec, Scale};
use crate::table::Table;

/// Most series with a colour of their own.
const NAMED: usize = 10;
/// Most slices.
const SLICES: usize = 8;

pub(super) fn scatter(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let (x, y) = (spec.x.as_ref()?, spec.y.first()?);
    let points = Points::of(spec, table, 5_000)?;
    let extent = |values: &dyn Fn(&(f64, f64, usize)) -> f64| {
        points.points.iter().map(values).fold(None, |range: Option<(f64, f64)>, value| {
            Some(range.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
        })
    };
    let (left, right) = extent(&|point| point.0)?;
    let (low, high) = extent(&|point| point.1)?;
    let coloured = points.names.len() <= NAMED;
    let names: Vec<&str> = if coloured { points.names.iter().map(String::as_str).collect() } else { Vec::new() };
    let mut notes: Vec<String> = Vec::new();
    if points.hidden > 0 {
        notes.push(format!("{} more points not shown", points.hidden));
    }
    let note = (!notes.is_empty()).then(|| notes.join(", "));
    let mut area = frame(canvas, spec, &names, note.as_deref(), width, height);
    area.left = axes::value_margin(low, high, &y.unit) + 4.0;
    area.right -= 16.0;
    area.top += 22.0;
    area.bottom -= 36.0;
    let vertical = Linear::nice(low, high, area.bottom, area.top, 5);
    let horizontal = Linear::nice(left, right, area.left, area.right, 6);
    axes::vertical(canvas, area, &vertical, &y.unit, &format::label(&y.title, 80));
    let dates = x.scale == Scale::Temporal;
    axes::horizontal(canvas, area, &horizontal, &format::label(&x.title, 80), |tick| {
        if dates { date(tick) } else { format::compact(tick, &x.unit) }
    });
    let opacity = if points.points.len() > 200 { 0.45 } else { 0.8 };
    for (a, b, series) in &points.points {
        let across = if dates { date(*a) } else { format::in_unit(*a, &x.unit) };
        let mut tooltip = format!("{across}, {}", format::in_unit(*b, &y.unit));
        if let Some(name) = points.names.get(*series) {
            tooltip = format!("{name}: {tooltip}");
        }
        let fill = colour(if coloured { *series } else { 0 });
        canvas.circle(horizontal.at(*a), vertical.at(*b), 4.0, fill, opacity, &tooltip);
    }
    Some(())
}

fn date(days: f64) -> String {
    let span = jiff::Span::new().try_days(days.floor() as i64);
    let date = span.ok().and_then(|span| jiff::civil::date(1970, 1, 1).checked_add(span).ok());
    date.map(|date| date.to_string()).unwrap_or_default()
}

pub(super) fn pie(canvas: &mut Canvas, spec: &ChartSpec, table: &Table, width: f64, height: f64) -> Option<()> {
    let y = spec.y.first()?;
    let plot = Plot::of(spec, table, 5_000, 1)?;
    let values = &plot.series.first()?.values;
    let all = plot.categories.iter().zip(values).filter_map(|(name, value)| Some((name.clone(), (*value)?)));
    let mut slices: Vec<(String, f64)> = all.collect();
    if slices.iter().any(|(_, value)| *value < 0.0) {
        return None;
    }
    slices.retain(|(_, value)| *value > 0.0);
    if slices.len() > SLICES {
        slices.sort_by(|a, b| b.1.total_cmp(&a.1));
        let rest = slices.split_off(SLICES - 1);
        slices.push((format!("{} others", rest.len()), rest.iter().map(|(_, value)| value).sum()));
    }
    let total: f64 = slices.iter().map(|(_, value)| value).sum();
    if !(total > 0.0 && total.is_finite()) {
        return None;
    }
    let area = frame(canvas, spec, &[], None, width, height);
    let radius = (area.height() / 2.0 - 8.0).min(area.width() * 0.28).max(10.0);
    let (x, y_centre) = (area.left + radius + 16.0, area.top + area.height() / 2.0);
    let mut from = 0.0;
    for (index, (name, value)) in slices.iter().enumerate() {
        let share = value / total;
        let to = from + share;
        let tooltip = format!("{name}: {} ({})", format::in_unit(*value, &y.unit), format::in_unit(share, &Unit::Fraction));
        if share >= 0.999_9 {
            canvas.circle(x, y_centre, radius, colour(index), 1.0, &tooltip);
        } else {
            let edge = |at: f64| (x + radius * (TAU * at).sin(), y_centre - radius * (TAU * at).cos());
            let ((x1, y1), (x2, y2)) = (edge(from), edge(to));
            let large = u8::from(share > 0.5);
            let d =
                format!("M{} {}L{} {}A{r} {r} 0 {large} 1 {} {}Z", n(x), n(y_centre), n(x1), n(y1), n(x2), n(y2), r = n(radius));
            canvas.path(&d, colour(index), canvas.colours.background.unwrap_or("none"), 1.0, &tooltip);
        }
        from = to;
    }
    // Names beside the pie, in the order of the slices: nothing to collide with.
    let left = x + radius + 28.0;
    let line = 20.0;
    let mut down = y_centre - line * (slices.len() as f64 - 1.0) / 2.0 + 4.0;
    for (index, (name, value)) in slices.iter().enumerate() {
        let share = format::in_unit(value / total, &Unit::Fraction);
        let value = format::compact(*value, &y.unit);
        let text = if matches!(y.unit, Unit::Fraction | Unit::Percent) { value } else { format!("{share}  ({value})") };
        let room = (width - left - 140.0).max(40.0);
        canvas.rect([left, down - 9.0, 10.0, 10.0], colour(index), 1.0, "");
        canvas.text(left + 16.0, down, 12.0, Anchor::Start, &fitted(name, 12.0, room));
        canvas.text(width - 14.0, down, 12.0, Anchor::End, &text);
        down += line;
    }
    Some(())
}
