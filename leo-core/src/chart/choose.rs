//! The choice of a chart.
//!
//! Rules, in the order they are tried: a kind the question names and the data allows; then the data's shape — time forward is a
//! line, two measures are points, few parts of a whole are a pie, categories are bars — with the intent deciding where a shape
//! allows several.

use super::format::column_label;
use super::hint::{Hint, Intent, Role, Unit};
use super::shape::{ColumnKind, ColumnShape, Shape, TimeShape};
use super::spec::{Arrangement, ChartKind, ChartSpec, Encoding, Scale, Sort, SortBy};
use super::words::Words;
use crate::catalog::split_words;
use crate::table::Table;

/// Most slices a pie can be read with.
const PIE_SLICES: usize = 8;
/// Fewest points that make a line.
const LINE_POINTS: usize = 4;
/// Most series that can be told apart.
const MAX_SERIES: usize = 24;

/// Chooses a chart for `table`.
///
/// The choice is deterministic and looks at the values' shape only. It always gives something: where no chart would help, the kind is
/// [`ChartKind::Table`] (a list, an empty result, more dimensions than can be drawn, masked columns).
pub fn choose(table: &Table, hint: &Hint) -> ChartSpec {
    let chooser = Chooser::new(table, hint);
    let mut spec = chooser.choose();
    chooser.describe(&mut spec);
    spec
}

struct Chooser<'a> {
    hint: &'a Hint,
    shape: Shape,
    words: Words,
    dimensions: Vec<usize>,
    measures: Vec<usize>,
    /// Columns that cannot be drawn: masked, or of the same name as an earlier one.
    hidden: bool,
    /// Whether the caller said which columns measure.
    informed: bool,
}

impl<'a> Chooser<'a> {
    fn new(table: &Table, hint: &'a Hint) -> Self {
        let shape = Shape::of(table, hint);
        let words = Words::of(hint.question.as_deref());
        let (mut dimensions, mut measures, mut hidden, mut informed) = (Vec::new(), Vec::new(), false, false);
        for (index, column) in shape.columns.iter().enumerate() {
            let known = hint.column(&column.name);
            let duplicate = shape.columns[..index].iter().any(|earlier| earlier.name == column.name);
            if duplicate || known.is_some_and(|known| known.masked) {
                hidden |= !duplicate;
                continue;
            }
            match known.and_then(|known| known.role.as_ref()) {
                Some(Role::Dimension) => dimensions.push(index),
                Some(Role::Measure | Role::Previous { .. }) => {
                    informed = true;
                    if column.is_number() {
                        measures.push(index);
                    }
                }
                Some(Role::Change { .. } | Role::ChangePct { .. }) => informed = true,
                None if column.kind == ColumnKind::Empty => {}
                None if column.is_number() => measures.push(index),
                None => dimensions.push(index),
            }
        }
        let mut chooser = Self { hint, shape, words, dimensions, measures, hidden, informed };
        chooser.set_identifiers_aside();
        chooser
    }

    /// A key beside the name it belongs to is not a measure.
    fn set_identifiers_aside(&mut self) {
        let relation = self.words.wants_relation() || matches!(self.wanted(), Some((ChartKind::Scatter, _)));
        if self.informed || relation || self.dimensions.is_empty() || self.measures.len() < 2 {
            return;
        }
        let rows = self.shape.rows;
        let is_key = |column: &ColumnShape| column.identifier && column.distinct == rows;
        let rest: Vec<usize> = self.measures.iter().copied().filter(|&index| !is_key(&self.shape.columns[index])).collect();
        if !rest.is_empty() {
            self.measures = rest;
        }
    }

    /// The kind that the question names, else the one that whoever wrote the statement wishes for.
    fn wanted(&self) -> Option<(ChartKind, Option<Arrangement>)> {
        self.words.chart().or(self.hint.chart.map(|kind| (kind, None)))
    }

    fn column(&self, index: usize) -> &ColumnShape {
        &self.shape.columns[index]
    }

    fn names(&self) -> Vec<&str> {
        self.shape.columns.iter().map(|column| column.name.as_str()).collect()
    }

    fn unit(&self, index: usize) -> Unit {
        self.hint.column(&self.column(index).name).map(|known| known.unit.clone()).unwrap_or_default()
    }

    fn encoding(&self, index: usize) -> Encoding {
        let column = self.column(index);
        let known = self.hint.column(&column.name);
        Encoding {
            column: column.name.clone(),
            title: known.and_then(|known| known.label.as_deref()).map_or_else(|| column_label(&column.name), column_label),
            scale: match column.kind {
                ColumnKind::Time(TimeShape::Instant | TimeShape::Month) => Scale::Temporal,
                ColumnKind::Time(_) => Scale::Ordinal,
                ColumnKind::Number => Scale::Quantitative,
                _ => Scale::Nominal,
            },
            unit: self.unit(index),
            grain: known.and_then(|known| known.grain),
        }
    }

    fn table(&self, reason: &str) -> ChartSpec {
        ChartSpec { reason: reason.into(), ..ChartSpec::new(ChartKind::Table) }
    }

    fn choose(&self) -> ChartSpec {
        let named = self.wanted();
        if self.shape.rows == 0 {
            return self.table("there is nothing to draw");
        }
        if matches!(named, Some((ChartKind::Table, _))) {
            return self.table("the question asks for a table");
        }
        if self.measures.is_empty() {
            return self.table("there is nothing to measure");
        }
        if self.shape.rows == 1 {
            return self.single();
        }
        if named.is_none() && self.hint.intent == Some(Intent::List) && (self.hidden || self.shape.columns.len() > 2) {
            return self.table("rows are asked for");
        }
        match (self.dimensions.as_slice(), self.measures.as_slice()) {
            ([], [one]) => self.numbers_alone(*one),
            ([], [a, b]) => self.scatter(*a, *b, None),
            ([], _) => self.many_measures(None),
            ([x], [y]) => self.one_by_one(*x, *y),
            ([x], _) => self.many_measures(Some(*x)),
            ([a, b], _) => self.two_dimensions(*a, *b),
            _ => self.table("more dimensions than can be drawn"),
        }
    }

    /// One row: its measure, and what it is compared with.
    fn single(&self) -> ChartSpec {
        let Some(&first) = self.measures.first() else { return self.table("there is nothing to measure") };
        let name = &self.column(first).name;
        let compared = self.measures.iter().copied().find(|&index| {
            let role = self.hint.column(&self.column(index).name).and_then(|known| known.role.as_ref());
            matches!(role, Some(Role::Previous { of }) if of == name)
        });
        if self.measures.len() - usize::from(compared.is_some()) > 1 || self.dimensions.len() > 1 {
            return self.table("one row of several values");
        }
        let mut spec = ChartSpec::new(ChartKind::Kpi);
        spec.y = std::iter::once(first).chain(compared).map(|index| self.encoding(index)).collect();
        spec.x = self.dimensions.first().map(|&index| self.encoding(index));
        spec.reason = "one value".into();
        spec
    }

    fn numbers_alone(&self, y: usize) -> ChartSpec {
        if let Some((ChartKind::Line | ChartKind::Sparkline, _)) = self.wanted() {
            let mut spec = ChartSpec::new(ChartKind::Sparkline);
            spec.y = vec![self.encoding(y)];
            spec.reason = "one row of numbers".into();
            return spec;
        }
        self.table("numbers without anything to set them against")
    }

    fn scatter(&self, a: usize, b: usize, series: Option<usize>) -> ChartSpec {
        let (x, y) = match self.words.x_of_pair(&self.column(a).name, &self.column(b).name) {
            Some(false) => (b, a),
            Some(true) => (a, b),
            // An identifier explains nothing: it is what is set along the axis.
            None if self.column(b).identifier && !self.column(a).identifier => (b, a),
            None => (a, b),
        };
        let mut spec = ChartSpec::new(ChartKind::Scatter);
        spec.x = Some(self.encoding(x));
        spec.y = vec![self.encoding(y)];
        spec.series = series.map(|index| Encoding { scale: Scale::Nominal, ..self.encoding(index) });
        spec.reason = "two measures against each other".into();
        spec
    }

    fn one_by_one(&self, x: usize, y: usize) -> ChartSpec {
        let named = self.wanted().map(|(kind, _)| kind);
        let (dimension, measure) = (self.column(x), self.column(y));
        let names = self.names();
        let trend = self.words.wants_trend(&names) || self.hint.intent == Some(Intent::Series);
        let share = self.words.wants_share() || self.hint.intent == Some(Intent::Share);
        let unique = dimension.distinct + usize::from(dimension.nulls > 0) == self.shape.rows;
        let drawable_as_pie = |slices| measure.min >= 0.0 && measure.max > 0.0 && unique && self.shape.rows <= slices;
        let ranked = measure.ordered && !dimension.ordered;
        let (kind, reason) = match named {
            Some(ChartKind::Pie) if drawable_as_pie(2 * PIE_SLICES) => (ChartKind::Pie, "the question asks for a pie"),
            Some(kind @ (ChartKind::Line | ChartKind::Area | ChartKind::Sparkline)) => (kind, "the question asks for it"),
            Some(ChartKind::Scatter) if matches!(dimension.kind, ColumnKind::Time(_)) => {
                (ChartKind::Scatter, "the question asks for points")
            }
            Some(kind @ (ChartKind::Bar | ChartKind::HorizontalBar)) if !dimension.is_timeline() || dimension.distinct <= 60 => {
                (kind, "the question asks for bars")
            }
            _ if dimension.is_timeline() && trend && dimension.distinct > 1 => (ChartKind::Line, "a development in time"),
            _ if dimension.is_timeline() && ranked => (ChartKind::Bar, "points in time ranked by a measure"),
            _ if dimension.is_timeline() && dimension.distinct < LINE_POINTS => (ChartKind::Bar, "too few points for a line"),
            _ if dimension.is_timeline() => (ChartKind::Line, "a measure over time"),
            _ if share && !matches!(dimension.kind, ColumnKind::Time(_)) && drawable_as_pie(PIE_SLICES) => {
                (ChartKind::Pie, "few parts of a whole")
            }
            _ if trend && matches!(dimension.kind, ColumnKind::Time(_)) => (ChartKind::Line, "a development in time"),
            _ => (ChartKind::Bar, "a measure for each of some categories"),
        };
        let mut spec = ChartSpec::new(kind);
        spec.x = Some(self.encoding(x));
        spec.y = vec![self.encoding(y)];
        spec.reason = reason.into();
        self.lay_out(&mut spec, x, y);
        spec
    }

    /// Turns long-labelled bars on their side and orders the categories.
    fn lay_out(&self, spec: &mut ChartSpec, x: usize, y: usize) {
        let (dimension, measure) = (self.column(x), self.column(y));
        let is_time = matches!(dimension.kind, ColumnKind::Time(_));
        if spec.kind == ChartKind::Bar && !is_time && named_sideways(dimension) && spec.arrangement == Arrangement::Single {
            spec.kind = ChartKind::HorizontalBar;
        }
        spec.sort = match spec.kind {
            ChartKind::Line | ChartKind::Area | ChartKind::Sparkline | ChartKind::Heatmap if is_time => {
                Some(Sort { by: SortBy::X, descending: false })
            }
            _ if measure.ordered || self.words.wants_order() || self.hint.intent == Some(Intent::Ranking) => None,
            // Weekdays and months have an order of their own, which the alphabet does not know.
            _ if is_time => Some(Sort { by: SortBy::X, descending: false }),
            ChartKind::Bar | ChartKind::HorizontalBar | ChartKind::Pie => Some(Sort { by: SortBy::Y, descending: true }),
            _ => None,
        };
    }

    /// Several measures, with or without a dimension.
    fn many_measures(&self, x: Option<usize>) -> ChartSpec {
        let relation = self.words.wants_relation()
            || self.hint.intent == Some(Intent::Relationship)
            || matches!(self.wanted(), Some((ChartKind::Scatter, _)));
        let Some(x) = x else {
            return match (relation, self.measures.as_slice()) {
                (true, [a, b, ..]) => self.scatter(*a, *b, None),
                _ => self.table("several measures and nothing to set them against"),
            };
        };
        let [first, second, ..] = *self.measures.as_slice() else { return self.table("there is nothing to measure") };
        let alike = self.alike();
        let two = self.measures.len() == 2;
        let timeline = self.column(x).is_timeline();
        // Without any word on what the columns are, two different measures of named things are best seen as points.
        let points = two && !self.informed && !timeline && self.hint.intent.is_none() && self.wanted().is_none();
        if relation || (points && !self.same_thing(first, second)) {
            let series = (self.column(x).distinct <= MAX_SERIES).then_some(x);
            return self.scatter(first, second, series);
        }
        if alike.len() < 2 {
            // The first measure is the one asked about; the others are in the table.
            return self.one_by_one(x, first);
        }
        let mut spec = ChartSpec::new(match self.wanted() {
            Some((kind @ (ChartKind::Line | ChartKind::Bar | ChartKind::Area | ChartKind::HorizontalBar), _)) => kind,
            _ if timeline && self.column(x).distinct >= LINE_POINTS => ChartKind::Line,
            _ => ChartKind::Bar,
        });
        spec.x = Some(self.encoding(x));
        spec.y = alike.into_iter().map(|index| self.encoding(index)).collect();
        spec.arrangement = Arrangement::Grouped;
        spec.reason = "measures of one kind beside each other".into();
        self.lay_out(&mut spec, x, first);
        spec
    }

    /// Whether two measures are aggregates of one column, or one measure of different years: `min(price)`, `max(price)`.
    fn same_thing(&self, a: usize, b: usize) -> bool {
        const AGGREGATES: &[&str] =
            &["count", "sum", "total", "avg", "average", "mean", "min", "max", "minimum", "maximum", "median"];
        let subject = |index: usize| -> Vec<String> {
            split_words(&self.column(index).name)
                .into_iter()
                .filter(|word| !AGGREGATES.contains(&word.as_str()) && word.parse::<u32>().is_err())
                .collect()
        };
        subject(a) == subject(b)
    }

    /// Measures that can share an axis with the first: same unit, comparable size; at most four.
    fn alike(&self) -> Vec<usize> {
        let Some(&first) = self.measures.first() else { return Vec::new() };
        let size = |index: usize| self.column(index).max.abs().max(self.column(index).min.abs());
        let unit = self.unit(first);
        self.measures
            .iter()
            .copied()
            .filter(|&index| {
                let ratio = size(index) / size(first);
                index == first || (self.unit(index) == unit && (0.02..=50.0).contains(&ratio))
            })
            .take(4)
            .collect()
    }

    fn two_dimensions(&self, a: usize, b: usize) -> ChartSpec {
        let named = self.wanted();
        let first = self.measures[0];
        if let ([m, n, ..], true) = (self.measures.as_slice(), self.words.wants_relation()) {
            return self.scatter(*m, *n, Some(self.fewer(a, b)));
        }
        // Two names of the same rows (a key and its name, first and last name) are one dimension.
        let rows = self.shape.rows;
        let near_unique = |index: usize| self.column(index).distinct * 10 >= rows * 9;
        if rows > 2 && near_unique(a) && near_unique(b) && !self.column(a).is_timeline() && !self.column(b).is_timeline() {
            let rank = |index: usize| {
                (self.column(index).kind == ColumnKind::Text, !self.column(index).identifier, self.column(index).distinct)
            };
            let name = if rank(b) > rank(a) { b } else { a };
            return if self.measures.len() == 1 { self.one_by_one(name, first) } else { self.many_measures(Some(name)) };
        }
        if self.measures.len() > 1 && !self.informed {
            return self.table("more dimensions and measures than can be drawn");
        }
        let (x, series) = self.axis_and_series(a, b);
        let timeline = self.column(x).is_timeline();
        let (across, deep) = (self.column(x).distinct, self.column(series).distinct);
        let kind = match named.map(|(kind, _)| kind) {
            Some(kind @ (ChartKind::Line | ChartKind::Area | ChartKind::Bar | ChartKind::HorizontalBar | ChartKind::Heatmap)) => {
                kind
            }
            _ if across > MAX_SERIES && deep > MAX_SERIES && !timeline => {
                return self.table("more categories than can be told apart");
            }
            _ if timeline && across >= LINE_POINTS => ChartKind::Line,
            _ if across > 12 && deep > 12 => ChartKind::Heatmap,
            _ if timeline && self.words.wants_trend(&self.names()) => ChartKind::Line,
            _ => ChartKind::Bar,
        };
        let mut spec = ChartSpec::new(kind);
        spec.x = Some(self.encoding(x));
        spec.y = vec![self.encoding(first)];
        spec.series = Some(Encoding { scale: Scale::Nominal, ..self.encoding(series) });
        if matches!(kind, ChartKind::Bar | ChartKind::HorizontalBar | ChartKind::Area) {
            spec.arrangement = named.and_then(|(_, arrangement)| arrangement).unwrap_or_else(|| self.arrangement(first));
        }
        spec.reason = match kind {
            ChartKind::Line => "a measure over time, for each of some series",
            ChartKind::Heatmap => "a measure for many pairs of categories",
            _ => "a measure by two categories",
        }
        .into();
        self.lay_out(&mut spec, x, first);
        spec
    }

    /// Stacked where adding up makes sense, else beside each other.
    fn arrangement(&self, measure: usize) -> Arrangement {
        let known = self.hint.column(&self.column(measure).name).filter(|known| known.role.is_some());
        let additive = known.is_none_or(|known| known.additive);
        if additive && self.column(measure).min >= 0.0 { Arrangement::Stacked } else { Arrangement::Grouped }
    }

    fn fewer(&self, a: usize, b: usize) -> usize {
        if self.column(b).distinct < self.column(a).distinct { b } else { a }
    }

    /// Time lies along the axis; otherwise what the question splits by is the series, what it names first the axis, and with no
    /// word on either the one with fewer values is the series.
    fn axis_and_series(&self, a: usize, b: usize) -> (usize, usize) {
        let time = |index: usize| match self.column(index).kind {
            ColumnKind::Time(TimeShape::Cyclic) => 1,
            ColumnKind::Time(_) => 2,
            _ => 0,
        };
        match time(a).cmp(&time(b)) {
            std::cmp::Ordering::Greater => return (a, b),
            std::cmp::Ordering::Less => return (b, a),
            std::cmp::Ordering::Equal => {}
        }
        let (name_a, name_b) = (self.column(a).name.as_str(), self.column(b).name.as_str());
        let lean = self.words.splits_by(name_a) - self.words.splits_by(name_b);
        if lean.abs() >= 0.5 {
            return if lean > 0.0 { (b, a) } else { (a, b) };
        }
        match (self.words.position(name_a), self.words.position(name_b)) {
            (Some(at_a), Some(at_b)) if at_a != at_b => {
                if at_a < at_b {
                    (a, b)
                } else {
                    (b, a)
                }
            }
            (Some(_), None) => (a, b),
            (None, Some(_)) => (b, a),
            _ => {
                let series = if self.column(a).distinct == self.column(b).distinct { b } else { self.fewer(a, b) };
                (if series == a { b } else { a }, series)
            }
        }
    }

    /// Title and alternative text, from names only.
    fn describe(&self, spec: &mut ChartSpec) {
        let measures = spec.y.iter().map(|encoding| encoding.title.as_str()).collect::<Vec<_>>().join(" and ");
        let by = spec.x.as_ref().map(|encoding| encoding.title.as_str()).unwrap_or_default();
        let title = match (spec.kind, &spec.series) {
            (ChartKind::Table, _) => String::new(),
            (ChartKind::Scatter, _) => format!("{measures} against {by}"),
            (_, Some(series)) => format!("{measures} by {by} and {}", series.title),
            _ if by.is_empty() => measures,
            _ => format!("{measures} by {by}"),
        };
        spec.title = self.hint.title.clone().unwrap_or_else(|| capitalised(&title));
        let rows = self.shape.rows;
        let what = spec.kind.label();
        spec.alt_text = match spec.kind {
            ChartKind::Table => format!("Table of {rows} {}.", plural(rows, "row")),
            ChartKind::Kpi => format!("{}.", capitalised(&title)),
            _ => format!("{}: {title}, {rows} {}.", capitalised(what), plural(rows, "row")),
        };
    }
}

fn named_sideways(dimension: &ColumnShape) -> bool {
    (dimension.mean_chars > 9.0 && dimension.distinct > 4) || dimension.mean_chars > 16.0 || dimension.distinct > 12
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.into() } else { format!("{noun}s") }
}
