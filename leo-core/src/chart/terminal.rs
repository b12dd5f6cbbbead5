//! Charts as text, for a terminal of a given width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::data::{Plot, Points};
use super::format;
use super::hint::Unit;
use super::spec::{Arrangement, ChartKind, ChartSpec};
use crate::table::Table;

/// How a chart is written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Columns there are; at least 20 are used.
    pub width: usize,
    /// Rows of a line or scatter plot.
    pub height: usize,
    /// Most bars.
    pub max_bars: usize,
    /// Plain ASCII instead of block characters.
    pub ascii: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { width: 80, height: 10, max_bars: 20, ascii: false }
    }
}

/// The chart as lines of text, each ended by a line feed; empty for a table, which is written as one elsewhere.
///
/// Pies and vertical bars are written as horizontal bars, because that is what text can show well.
pub fn terminal(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> String {
    let options = TerminalOptions { width: options.width.clamp(20, 400), height: options.height.clamp(3, 60), ..options.clone() };
    let lines = match spec.kind {
        ChartKind::Table => Some(Vec::new()),
        ChartKind::Kpi => kpi(spec, table),
        ChartKind::Scatter => scatter(spec, table, &options),
        ChartKind::Line | ChartKind::Area => line(spec, table, &options),
        ChartKind::Sparkline => spark(spec, table, &options),
        ChartKind::Heatmap => heatmap(spec, table, &options),
        _ => bars(spec, table, &options),
    };
    let lines = lines.unwrap_or_else(|| vec!["nothing to draw".into()]);
    lines.into_iter().fold(String::new(), |mut text, line| {
        // Everything is laid out to fit; what still does not (a unit as long as the line) is cut.
        text.push_str(fit(&line, options.width).trim_end());
        text.push('\n');
        text
    })
}

/// A row of values as one line: `▁▃▅█`; gaps where there is no value, evenly thinned to `width` places.
pub fn sparkline(values: &[Option<f64>], width: usize, ascii: bool) -> String {
    let values = thin(values, width.max(1));
    let Some((low, high)) = extent(&values) else { return " ".repeat(values.len()) };
    spark_between(&values, low, high, ascii)
}

fn spark_between(values: &[Option<f64>], low: f64, high: f64, ascii: bool) -> String {
    let levels: &[char] =
        if ascii { &['_', '.', '-', '=', '*', '#'] } else { &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] };
    let top = levels.len() - 1;
    values
        .iter()
        .map(|value| match value {
            None => ' ',
            Some(value) => levels.get((fraction(*value, low, high) * top as f64).round() as usize).copied().unwrap_or(' '),
        })
        .collect()
}

fn bars(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> Option<Vec<String>> {
    let plot = Plot::of(spec, table, options.max_bars.max(1), 8)?;
    let unit = &spec.y.first()?.unit;
    let several = plot.series.len() > 1;
    let (low, high) = plot.range(false)?;
    let (low, high) = (low.min(0.0), high.max(0.0));
    let whole: f64 = plot.series.first()?.values.iter().flatten().sum();
    let share = spec.kind == ChartKind::Pie && whole > 0.0 && plot.hidden_categories == 0;

    // Two columns of labels where there are several series: the category once, then each series.
    let wide = plot.categories.iter().map(|name| name.width()).max().unwrap_or(0).min(options.width / 4);
    let label_most = options.width * 2 / 5;
    let names = told_apart(&plot, label_most.saturating_sub(wide + 2), options.ascii);
    let mut rows: Vec<(String, String, Option<f64>)> = Vec::new();
    for (at, category) in plot.categories.iter().enumerate() {
        let mut name = category.as_str();
        for (series, own) in plot.series.iter().zip(&names) {
            let value = series.values.get(at).copied().flatten();
            if several && value.is_none() && spec.arrangement == Arrangement::Stacked {
                continue;
            }
            let label = if several { format!("{}  {own}", pad(name, wide)) } else { name.to_owned() };
            name = "";
            let text = match value {
                None => "–".to_owned(),
                Some(value) if share => {
                    format!("{} ({})", format::in_unit(value, unit), format::in_unit(value / whole, &Unit::Fraction))
                }
                Some(value) => format::in_unit(value, unit),
            };
            rows.push((label, text, value));
        }
    }
    let label_width = rows.iter().map(|row| row.0.width()).max().unwrap_or(0).min(label_most);
    let value_width = rows.iter().map(|row| row.1.width()).max().unwrap_or(0).min(options.width / 3);
    let room = options.width.saturating_sub(label_width + value_width + 3).max(4);
    let span = if high - low > 0.0 { high - low } else { 1.0 };
    let left = if low < 0.0 { ((-low / span) * room as f64).ceil() as usize } else { 0 };
    let right = room.saturating_sub(left);
    let mut lines = vec![format::label(&spec.title, options.width)];
    for (label, text, value) in rows {
        let value = value.unwrap_or(0.0);
        let negative = if value < 0.0 && low < 0.0 { bar(value / low, left, options.ascii) } else { String::new() };
        let positive = if value > 0.0 && high > 0.0 { bar(value / high, right, options.ascii) } else { String::new() };
        let negative = mirrored(&negative, left, options.ascii);
        let line = format!("{} {negative}{positive}", pad(&label, label_width));
        lines.push(format!("{} {}", pad_to(&line, label_width + 1 + left + right), fit(&text, value_width)));
    }
    if let Some(note) = plot.note() {
        lines.push(format!("{} {note}", if options.ascii { "..." } else { "…" }));
    }
    Some(lines)
}

/// Names of the series: as they are where they fit, else without the words they all begin with, because what is cut off from the
/// right would be what tells them apart.
fn told_apart(plot: &Plot, room: usize, ascii: bool) -> Vec<String> {
    let names: Vec<&str> = plot.series.iter().map(|series| series.name.as_str()).collect();
    let words: Vec<Vec<&str>> = names.iter().map(|name| name.split(' ').collect()).collect();
    let shortest = words.iter().map(Vec::len).min().unwrap_or(0);
    let shared = |at: usize| words.iter().all(|own| own.get(at) == words.first().and_then(|first| first.get(at)));
    let same = (0..shortest.saturating_sub(1)).take_while(|at| shared(*at)).count();
    if same == 0 || names.len() < 2 || names.iter().all(|name| name.width() <= room) {
        return names.into_iter().map(str::to_owned).collect();
    }
    let dots = if ascii { "..." } else { "…" };
    words.iter().map(|own| format!("{dots}{}", own.get(same..).unwrap_or_default().join(" "))).collect()
}

/// A bar of `share` of `width` places, in eighths of a place.
fn bar(share: f64, width: usize, ascii: bool) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    if ascii {
        let length = (share * width as f64).round() as usize;
        return "#".repeat(length.max(usize::from(share > 0.0)).min(width));
    }
    let eighths = ((share * width as f64 * 8.0).round() as usize).max(usize::from(share > 0.0));
    let mut text = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        text.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get(eighths % 8 - 1));
    }
    text
}

/// A bar that grows to the left; only whole places, because there are no right-hand eighths.
fn mirrored(bar: &str, width: usize, ascii: bool) -> String {
    let length = bar.chars().count().min(width);
    format!("{}{}", " ".repeat(width - length), if ascii { "#" } else { "█" }.repeat(length))
}

fn line(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> Option<Vec<String>> {
    let plot = Plot::of(spec, table, 5_000, 8)?;
    let unit = &spec.y.first()?.unit;
    let mut lines = vec![format::label(&spec.title, options.width)];
    if plot.series.len() > 1 {
        lines.extend(spark_lines(&plot, unit, options));
    } else {
        let values = &plot.series.first()?.values;
        let (low, high) = extent(values)?;
        // Filled from the bottom: a height that does not start at zero would lie about proportions.
        let low = low.min(0.0);
        let (top, bottom) = (format::compact(high, unit), format::compact(low, unit));
        let margin = top.width().max(bottom.width());
        let room = options.width.saturating_sub(margin + 2).max(8);
        let columns = stretch(&thin(values, room), room);
        for row in (0..options.height).rev() {
            let label = if row + 1 == options.height {
                top.as_str()
            } else if row == 0 {
                bottom.as_str()
            } else {
                ""
            };
            let axis = if options.ascii { '|' } else { '┤' };
            let cells: String = columns.iter().map(|value| column_cell(*value, low, high, row, options)).collect();
            lines.push(format!("{}{axis}{cells}", pad_left(label, margin)));
        }
        let first = plot.categories.first().map(String::as_str).unwrap_or_default();
        let last = plot.categories.last().map(String::as_str).unwrap_or_default();
        let gap = columns.len().saturating_sub(first.width() + last.width());
        if gap > 0 && plot.categories.len() > 1 {
            lines.push(format!("{} {first}{}{last}", " ".repeat(margin), " ".repeat(gap)));
        } else {
            lines.push(format!("{} {}", " ".repeat(margin), fit(first, options.width.saturating_sub(margin + 1))));
        }
    }
    if let Some(note) = plot.note() {
        lines.push(note);
    }
    Some(lines)
}

fn column_cell(value: Option<f64>, low: f64, high: f64, row: usize, options: &TerminalOptions) -> char {
    let Some(value) = value else { return ' ' };
    let height = fraction(value, low, high) * (options.height as f64 - 0.25) + 0.25;
    let here = height - row as f64;
    if options.ascii {
        return if here >= 0.5 || (row == 0 && here > 0.0) { '#' } else { ' ' };
    }
    match (here * 8.0).round() {
        eighths if eighths >= 8.0 => '█',
        eighths if eighths >= 1.0 => ['▁', '▂', '▃', '▄', '▅', '▆', '▇'].get(eighths as usize - 1).copied().unwrap_or('█'),
        _ => ' ',
    }
}

fn spark(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> Option<Vec<String>> {
    let plot = Plot::of(spec, table, 5_000, 8)?;
    Some(spark_lines(&plot, &spec.y.first()?.unit, options))
}

/// One line per series: name, sparkline, first and last value.
fn spark_lines(plot: &Plot, unit: &Unit, options: &TerminalOptions) -> Vec<String> {
    let arrow = if options.ascii { "->" } else { "→" };
    let ends = |values: &[Option<f64>]| {
        let present: Vec<f64> = values.iter().copied().flatten().collect();
        match (present.first(), present.last()) {
            (Some(first), Some(last)) => format!("{} {arrow} {}", format::compact(*first, unit), format::compact(*last, unit)),
            _ => "–".into(),
        }
    };
    let texts: Vec<String> = plot.series.iter().map(|series| ends(&series.values)).collect();
    let name_width = plot.series.iter().map(|series| series.name.width()).max().unwrap_or(0).min(options.width / 3);
    let text_width = texts.iter().map(|text| text.width()).max().unwrap_or(0);
    let room = options.width.saturating_sub(name_width + text_width + 4).max(4);
    // One scale for all, so that the lines can be compared.
    let Some((low, high)) = plot.range(false) else { return vec!["nothing to draw".into()] };
    let lines = plot.series.iter().zip(&texts);
    lines
        .map(|(series, text)| {
            let values = stretch(&thin(&series.values, room), room);
            format!("{}  {}  {text}", pad(&series.name, name_width), spark_between(&values, low, high, options.ascii))
        })
        .collect()
}

fn scatter(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> Option<Vec<String>> {
    let points = Points::of(spec, table, 20_000)?;
    let (left, right) = extent(&points.points.iter().map(|point| Some(point.0)).collect::<Vec<_>>())?;
    let (low, high) = extent(&points.points.iter().map(|point| Some(point.1)).collect::<Vec<_>>())?;
    let (x, y) = (spec.x.as_ref()?, spec.y.first()?);
    let (top, bottom) = (format::compact(high, &y.unit), format::compact(low, &y.unit));
    let margin = top.width().max(bottom.width());
    let room = options.width.saturating_sub(margin + 2).max(8);
    let mut grid = vec![vec![' '; room]; options.height];
    for (a, b, _) in &points.points {
        let column = (fraction(*a, left, right) * (room - 1) as f64).round() as usize;
        let row = ((1.0 - fraction(*b, low, high)) * (options.height - 1) as f64).round() as usize;
        if let Some(cell) = grid.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell = if options.ascii { '*' } else { '•' };
        }
    }
    let mut lines = vec![format::label(&spec.title, options.width)];
    let last = grid.len() - 1;
    for (row, cells) in grid.into_iter().enumerate() {
        let label = if row == 0 {
            top.as_str()
        } else if row == last {
            bottom.as_str()
        } else {
            ""
        };
        lines.push(format!(
            "{}{}{}",
            pad_left(label, margin),
            if options.ascii { '|' } else { '┤' },
            cells.into_iter().collect::<String>()
        ));
    }
    let (from, to) = (format::compact(left, &x.unit), format::compact(right, &x.unit));
    let title = format::label(&x.title, room.saturating_sub(from.width() + to.width() + 4));
    let gap = room.saturating_sub(from.width() + to.width() + title.width());
    lines.push(format!("{} {from}{}{title}{}{to}", " ".repeat(margin), " ".repeat(gap / 2), " ".repeat(gap - gap / 2)));
    if points.hidden > 0 {
        lines.push(format!("{} more not shown", points.hidden));
    }
    Some(lines)
}

fn heatmap(spec: &ChartSpec, table: &Table, options: &TerminalOptions) -> Option<Vec<String>> {
    let plot = Plot::of(spec, table, options.width / 2, options.max_bars.max(2))?;
    let (low, high) = plot.range(false)?;
    let shades: &[char] = if options.ascii { &['.', ':', '+', '#'] } else { &['░', '▒', '▓', '█'] };
    let names = plot.series.iter().map(|series| series.name.width()).max().unwrap_or(0).min(options.width / 3);
    let wide = (options.width.saturating_sub(names + 2) / plot.categories.len().max(1)).clamp(1, 4);
    let mut lines = vec![format::label(&spec.title, options.width)];
    for series in &plot.series {
        let cells: String = series
            .values
            .iter()
            .map(|value| match value {
                None => " ".repeat(wide),
                Some(value) => {
                    let level = (fraction(*value, low, high) * (shades.len() - 1) as f64).round() as usize;
                    shades.get(level).copied().unwrap_or(' ').to_string().repeat(wide)
                }
            })
            .collect();
        lines.push(fit(&format!("{}  {cells}", pad(&series.name, names)), options.width));
    }
    let unit = &spec.y.first()?.unit;
    let first = plot.categories.first().cloned().unwrap_or_default();
    let last = plot.categories.last().cloned().unwrap_or_default();
    let dash = if options.ascii { "-" } else { "–" };
    lines.push(fit(&format!("{first} {dash} {last}"), options.width));
    let shade = |at: Option<&char>| at.copied().unwrap_or(' ');
    lines.push(format!(
        "{} {}  {} {}",
        shade(shades.first()),
        format::compact(low, unit),
        shade(shades.last()),
        format::compact(high, unit)
    ));
    lines.extend(plot.note());
    Some(lines)
}

fn kpi(spec: &ChartSpec, table: &Table) -> Option<Vec<String>> {
    let value = |at: usize| {
        let encoding = spec.y.get(at)?;
        let column = table.column_index(&encoding.column)?;
        Some((format::cell(&table.value(0, column), &encoding.unit, 40), encoding.title.clone()))
    };
    let (figure, title) = value(0)?;
    let mut lines = vec![format!("{}: {figure}", format::label(&title, 60))];
    if let Some((figure, title)) = value(1) {
        lines.push(format!("{}: {figure}", format::label(&title, 60)));
    }
    Some(lines)
}

fn extent(values: &[Option<f64>]) -> Option<(f64, f64)> {
    values.iter().flatten().fold(None, |range, value| {
        Some(range.map_or((*value, *value), |(low, high): (f64, f64)| (low.min(*value), high.max(*value))))
    })
}

/// Where `value` lies between `low` and `high`, 0–1; the middle when they are equal.
fn fraction(value: f64, low: f64, high: f64) -> f64 {
    // Halved first, because the difference of two huge numbers may not be finite.
    let span = high / 2.0 - low / 2.0;
    let share = if span > 0.0 { (value / 2.0 - low / 2.0) / span } else { 0.5 };
    if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.5 }
}

/// At most `width` values, evenly taken; the last one is always kept.
fn thin(values: &[Option<f64>], width: usize) -> Vec<Option<f64>> {
    if values.len() <= width {
        return values.to_vec();
    }
    let step = (values.len() - 1) as f64 / (width.max(2) - 1) as f64;
    (0..width).map(|at| values.get((at as f64 * step).round() as usize).copied().flatten()).collect()
}

/// Repeats each value so that few of them fill the room, at most six places each.
fn stretch(values: &[Option<f64>], room: usize) -> Vec<Option<f64>> {
    let times = (room / values.len().max(1)).clamp(1, 6);
    values.iter().flat_map(|value| std::iter::repeat_n(*value, times)).collect()
}

/// `text` in exactly `width` places: padded, or cut with an ellipsis.
fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width);
    pad_to(&text, width)
}

fn pad_to(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn pad_left(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}

/// `text` in at most `width` places.
fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let mut fitted = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if taken + wide + 1 > width {
            break;
        }
        taken += wide;
        fitted.push(c);
    }
    if width > 0 {
        fitted.push('…');
    }
    fitted
}
