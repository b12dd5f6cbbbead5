//! Types of columns, from what their values spell.

use super::FilesOptions;
use super::number::{self, Number, Style};
use super::row::{Cell, Row, Tabular};
use super::temporal::{self, Order};

/// Values a column needs before a few that do not fit are taken for mistakes.
const ENOUGH: u64 = 100;

/// What people write for nothing; in a column of text it stays.
const MARKERS: &[&str] = &["na", "n/a", "#n/a", "null", "nan", "none", "nil", "-", "--", "?"];

/// The type of a column and how its values are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer(Style),
    Real(Style),
    Boolean,
    Date(Order),
    Timestamp(Order),
    Time,
    Json,
    Text,
}

impl Kind {
    /// The declared type.
    pub(super) fn declared(self) -> &'static str {
        match self {
            Self::Integer(_) => "INTEGER",
            Self::Real(_) => "REAL",
            Self::Boolean => "BOOLEAN",
            Self::Date(_) => "DATE",
            Self::Timestamp(_) => "DATETIME",
            Self::Time => "TIME",
            Self::Json => "JSON",
            Self::Text => "TEXT",
        }
    }
}

/// What the values of one column spell.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// Values that are there and no marker for nothing.
    values: u64,
    markers: u64,
    /// Numbers and booleans of the format's own.
    native: u64,
    int: u64,
    point: u64,
    point_whole: u64,
    comma: u64,
    comma_whole: u64,
    boolean: u64,
    iso: u64,
    day_first: u64,
    month_first: u64,
    /// Day and month are the same in either order.
    same: u64,
    short_year: u64,
    with_time: u64,
    with_offset: u64,
    time: u64,
    json: u64,
}

/// What a column is taken for.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) kind: Kind,
    pub(super) confidence: f64,
    pub(super) note: Option<String>,
}

/// What holds for all columns of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hints {
    /// Texts are meant as texts.
    pub(super) has_types: bool,
    /// How numbers are written that leave it open.
    pub(super) style: Style,
    /// Share of values that may be mistakes.
    pub(super) tolerance: f64,
}

impl Hints {
    /// What the columns seen so far tell.
    pub(super) fn of(table: &dyn Tabular, seen: &[Seen], options: &FilesOptions) -> Self {
        let styles: Vec<Style> = seen.iter().filter_map(Seen::style).collect();
        let commas = styles.iter().filter(|style| **style == Style::Comma).count();
        let style = match (commas, styles.len() - commas) {
            (commas, points) if commas > points => Style::Comma,
            (commas, points) if commas < points => Style::Point,
            _ if table.comma_likely() => Style::Comma,
            _ => Style::Point,
        };
        Self { has_types: table.has_types(), style, tolerance: options.tolerance.clamp(0.0, 0.5) }
    }
}

impl Seen {
    /// Takes in a value.
    pub(super) fn add(&mut self, cell: Cell, row: &Row) {
        match cell {
            Cell::Empty | Cell::Error | Cell::NoResult => return,
            Cell::Int(_) => {
                self.native += 1;
                for count in [&mut self.int, &mut self.point, &mut self.point_whole, &mut self.comma, &mut self.comma_whole] {
                    *count += 1;
                }
            }
            Cell::Float(_) => {
                self.native += 1;
                self.point += 1;
                self.comma += 1;
            }
            Cell::Bool(_) => {
                self.native += 1;
                self.boolean += 1;
            }
            Cell::Json(..) => self.json += 1,
            Cell::Text(..) => {
                let text = row.text_of(cell).trim();
                if is_marker(text) {
                    self.markers += 1;
                    return;
                }
                self.add_text(text);
            }
        }
        self.values += 1;
    }

    fn add_text(&mut self, text: &str) {
        let (point, comma) = (number::parse(text, Style::Point), number::parse(text, Style::Comma));
        self.point += u64::from(point.is_some());
        self.point_whole += u64::from(matches!(point, Some(Number::Int(_))));
        self.comma += u64::from(comma.is_some());
        self.comma_whole += u64::from(matches!(comma, Some(Number::Int(_))));
        if let (Some(Number::Int(point)), Some(Number::Int(comma))) = (point, comma) {
            self.int += u64::from(point == comma);
            return;
        }
        self.boolean += u64::from(boolean(text).is_some());
        let Some(moment) = temporal::parse(text) else { return };
        let [iso, day_first, month_first] = [Order::Iso, Order::DayFirst, Order::MonthFirst].map(|order| moment.date(order));
        self.iso += u64::from(iso.is_some());
        self.day_first += u64::from(day_first.is_some());
        self.month_first += u64::from(month_first.is_some());
        self.same += u64::from(day_first.is_some() && day_first == month_first);
        self.short_year += u64::from(moment.short_year);
        self.with_time += u64::from(moment.has_time() && !moment.is_time());
        self.with_offset += u64::from(moment.has_offset());
        self.time += u64::from(moment.is_time());
    }

    /// Whether its numbers can only be of one style.
    pub(super) fn style(&self) -> Option<Style> {
        match (self.values > 0 && self.point == self.values, self.values > 0 && self.comma == self.values) {
            (true, false) => Some(Style::Point),
            (false, true) => Some(Style::Comma),
            _ => None,
        }
    }

    /// Whether more values could only change what the column is taken for by not fitting it, which is found when they are stored.
    pub(super) fn is_settled(&self, hints: &Hints) -> bool {
        let Decision { kind, note, .. } = self.decide(hints);
        let either_order = self.same > 0 && self.same == self.day_first;
        match kind {
            Kind::Text => note.is_none() && self.values >= ENOUGH && self.best() * 2 < self.values,
            Kind::Date(_) | Kind::Timestamp(_) => note.is_none() && (self.iso > 0 || !either_order),
            _ => note.is_none(),
        }
    }

    /// The values that the type with the most of them could hold, other than text.
    fn best(&self) -> u64 {
        let counts =
            [self.int, self.point, self.comma, self.boolean, self.iso, self.day_first, self.month_first, self.time, self.json];
        counts.into_iter().max().unwrap_or(0)
    }

    /// What the column is taken for.
    pub(super) fn decide(&self, hints: &Hints) -> Decision {
        let all = |count: u64| self.values > 0 && count == self.values;
        let most = |count: u64| {
            all(count) || (self.values >= ENOUGH && (self.values - count) as f64 <= self.values as f64 * hints.tolerance)
        };
        let sure = |kind: Kind, count: u64| Decision { kind, confidence: count as f64 / self.values.max(1) as f64, note: None };
        let text = |confidence: f64, note: &str| Decision {
            kind: Kind::Text,
            confidence,
            note: (!note.is_empty()).then(|| note.to_owned()),
        };
        if self.values == 0 {
            return match self.markers {
                0 => text(0.0, "no values"),
                _ => text(1.0, ""),
            };
        }
        if most(self.json) {
            return sure(Kind::Json, self.json);
        }
        if most(self.boolean) {
            return sure(Kind::Boolean, self.boolean);
        }
        // Texts among the numbers of a workbook may be numbers; texts alone are what they are.
        let numbers = !hints.has_types || self.native > 0;
        if numbers && most(self.int) {
            return sure(Kind::Integer(Style::Point), self.int);
        }
        if numbers && let Some(decision) = self.number(hints, most) {
            return decision;
        }
        self.moment(most).unwrap_or_else(|| {
            let almost = |count: u64| count * 10 >= self.values * 9;
            let note = if numbers && almost(self.best()) { "text, because some values spell no number or date" } else { "" };
            text(1.0, note)
        })
    }

    fn number(&self, hints: &Hints, most: impl Fn(u64) -> bool) -> Option<Decision> {
        let (point, comma) = (most(self.point), most(self.comma));
        let (style, open) = match (point, comma) {
            (true, true) if self.point == self.comma => (hints.style, self.point > self.int && self.native < self.values),
            (true, true) if self.point > self.comma => (Style::Point, false),
            (true, false) => (Style::Point, false),
            (true, true) | (false, true) => (Style::Comma, false),
            (false, false) => return None,
        };
        let (fits, whole) = match style {
            Style::Point => (self.point, self.point_whole),
            Style::Comma => (self.comma, self.comma_whole),
        };
        let kind = if whole == fits { Kind::Integer(style) } else { Kind::Real(style) };
        let share = fits as f64 / self.values.max(1) as f64;
        Some(Decision {
            kind,
            confidence: if open { share / 2.0 } else { share },
            note: open.then(|| match style {
                Style::Point => "numbers such as 1,234 or 1.234 were read with a decimal point".to_owned(),
                Style::Comma => "numbers such as 1,234 or 1.234 were read with a decimal comma".to_owned(),
            }),
        })
    }

    fn moment(&self, most: impl Fn(u64) -> bool) -> Option<Decision> {
        let share = |count: u64| count as f64 / self.values.max(1) as f64;
        if most(self.time) {
            return Some(Decision { kind: Kind::Time, confidence: share(self.time), note: None });
        }
        let doubt = |note: &str| Some(Decision { kind: Kind::Text, confidence: 0.5, note: Some(note.to_owned()) });
        let (order, count) = match (most(self.iso), most(self.day_first), most(self.month_first)) {
            (true, ..) => (Order::Iso, self.iso),
            (_, true, true) if self.same == self.values => (Order::DayFirst, self.day_first),
            (_, true, true) => return doubt("text, because day and month could be in either order; write dates as 2024-12-31"),
            (_, true, false) => (Order::DayFirst, self.day_first),
            (_, false, true) => (Order::MonthFirst, self.month_first),
            _ => return None,
        };
        if self.short_year > 0 {
            return doubt("text, because years have two digits; write dates as 2024-12-31");
        }
        let kind = if self.with_time > 0 { Kind::Timestamp(order) } else { Kind::Date(order) };
        let note = (self.with_offset > 0).then(|| "moments with a distance from UTC were turned into UTC".to_owned());
        Some(Decision { kind, confidence: share(count), note })
    }
}

/// Whether a text stands for nothing.
pub(super) fn is_marker(text: &str) -> bool {
    // Most texts this short are numbers.
    text.len() <= 4
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && MARKERS.iter().any(|marker| text.eq_ignore_ascii_case(marker))
}

/// `true`, `false`, `yes`, `no` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    match text.len() {
        2..=5 if is("true") || is("yes") => Some(true),
        2..=5 if is("false") || is("no") => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(values: &[&str]) -> Decision {
        let mut seen = Seen::default();
        for value in values {
            let mut row = Row::default();
            row.push_text(value);
            if let Some(cell) = row.cells.first() {
                seen.add(*cell, &row);
            }
        }
        seen.decide(&Hints { has_types: false, style: Style::Point, tolerance: 0.01 })
    }

    #[test]
    fn columns_get_the_type_all_values_spell() {
        use Kind::{Boolean, Date, Integer, Real, Text, Time, Timestamp};
        for (values, kind) in [
            (vec!["1", "2", ""], Integer(Style::Point)),
            (vec!["1", "2.5"], Real(Style::Point)),
            (vec!["1", "2,5"], Real(Style::Comma)),
            (vec!["1.234,5", "7"], Real(Style::Comma)),
            (vec!["1,234", "12,345"], Integer(Style::Point)),
            (vec!["1", "n/a"], Integer(Style::Point)),
            (vec!["1", "two"], Text),
            (vec!["007", "12"], Text),
            (vec!["9223372036854775808", "1"], Text),
            (vec!["true", "False"], Boolean),
            (vec!["Yes", "no", ""], Boolean),
            (vec!["2024-12-31"], Date(Order::Iso)),
            (vec!["31.12.2024", "01.02.2024"], Date(Order::DayFirst)),
            (vec!["12/31/2024", "01/02/2024"], Date(Order::MonthFirst)),
            (vec!["01/02/2024", "03/04/2024"], Text),
            (vec!["31.12.24"], Text),
            (vec!["2024-12-31", "2024-12-31T10:00:00Z"], Timestamp(Order::Iso)),
            (vec!["7:05", "12:30:01"], Time),
            (vec!["NA", "DE", "FR"], Text),
            (vec!["", " "], Text),
        ] {
            assert_eq!(decide(&values).kind, kind, "{values:?}");
        }
        assert!(decide(&["01/02/2024"]).note.is_some_and(|note| note.contains("either order")));
    }

    #[test]
    fn a_few_mistakes_among_many_values_do_not_make_a_text() {
        let mut values = vec!["5"; 200];
        values.push("five");
        assert_eq!(decide(&values).kind, Kind::Integer(Style::Point));
        values.extend(["five"; 3]);
        assert_eq!(decide(&values).kind, Kind::Text);
    }
}
