//! Time expressions: "in 2024", "last quarter", "since March", "between 2021 and 2023", "year to date".

use jiff::ToSpan;
use jiff::civil::Date;

use super::tokens::{Token, TokenKind};
use crate::query::{Calendar, MONTHS, Operator, TimeUnit, TimeWindow, month_named};

/// A stretch of time found in the question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimeMention {
    /// The window.
    pub(super) window: TimeWindow,
    /// The same as plain numbers, when it was written with bare years: "after 1990" may also bound a number.
    pub(super) numeric: Option<Numeric>,
    /// For people: `2024`, `last quarter`.
    pub(super) label: String,
    /// Tokens taken.
    pub(super) length: usize,
    /// A fact that was not said and had to be assumed.
    pub(super) assumption: Option<String>,
}

/// Bare numbers that could be years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Numeric {
    Compare(Operator, f64),
    Between(f64, f64),
}

/// A period without "since" or "before" around it.
struct Period {
    window: TimeWindow,
    start: Option<Date>,
    end: Option<Date>,
    year: Option<f64>,
    label: String,
    length: usize,
    assumption: Option<String>,
}

/// Reads time expressions at one moment of asking.
pub(super) struct TimeReader<'a> {
    tokens: &'a [Token],
    today: Date,
    calendar: &'a Calendar,
}

impl<'a> TimeReader<'a> {
    pub(super) fn new(tokens: &'a [Token], today: Date, calendar: &'a Calendar) -> Self {
        Self { tokens, today, calendar }
    }

    /// The time expression that begins at token `at`.
    pub(super) fn read(&self, at: usize) -> Option<TimeMention> {
        let first = self.word(at)?;
        let bounded = match first {
            "since" => Some((Operator::GreaterOrEqual, 1)),
            "after" => Some((Operator::Greater, 1)),
            "before" => Some((Operator::Less, 1)),
            "until" | "till" | "through" => Some((Operator::LessOrEqual, 1)),
            "later" if self.word(at + 1) == Some("than") => Some((Operator::Greater, 2)),
            "earlier" if self.word(at + 1) == Some("than") => Some((Operator::Less, 2)),
            "prior" if self.word(at + 1) == Some("to") => Some((Operator::Less, 2)),
            "starting" if matches!(self.word(at + 1), Some("in" | "from")) => Some((Operator::GreaterOrEqual, 2)),
            "up" if self.word(at + 1) == Some("to") => Some((Operator::LessOrEqual, 2)),
            _ => None,
        };
        if let Some((op, skip)) = bounded {
            let period = self.period(at + skip, true)?;
            return self.bounded(op, period, skip);
        }
        if matches!(first, "between" | "from") {
            let low = self.period(at + 1, true)?;
            let joint = at + 1 + low.length;
            if !matches!(self.word(joint), Some("and" | "to" | "until" | "till" | "through")) {
                return if first == "from" { self.plain(low, 1) } else { None };
            }
            let high = self.period(joint + 1, true)?;
            let length = 2 + low.length + high.length;
            let mut start = low.start?;
            // "between January and March 2024": the year was said once.
            if low.assumption.is_some() && high.assumption.is_none() {
                let year = high.start?.year();
                start = Date::new(year, start.month(), start.day()).ok()?;
            }
            return Some(TimeMention {
                window: TimeWindow::Absolute { start: Some(start), end: high.end },
                numeric: low.year.zip(high.year).map(|(a, b)| Numeric::Between(a, b)),
                label: format!("{} to {}", low.label, high.label),
                length,
                assumption: None,
            });
        }
        if matches!(first, "in" | "during" | "for" | "on" | "of" | "over" | "within" | "at") {
            let period = self.period(at + 1, true)?;
            return self.plain(period, 1);
        }
        let period = self.period(at, false)?;
        self.plain(period, 0)
    }

    fn plain(&self, period: Period, skip: usize) -> Option<TimeMention> {
        // "last 3 months" and the like may carry "so far", which says nothing more.
        Some(TimeMention {
            numeric: period.year.map(|year| Numeric::Compare(Operator::Equal, year)),
            window: period.window,
            label: period.label,
            length: skip + period.length,
            assumption: period.assumption,
        })
    }

    fn bounded(&self, op: Operator, period: Period, skip: usize) -> Option<TimeMention> {
        let (start, end, word) = match op {
            Operator::GreaterOrEqual => (Some(period.start?), None, "since"),
            Operator::Greater => (Some(period.end?), None, "after"),
            Operator::Less => (None, Some(period.start?), "before"),
            _ => (None, Some(period.end?), "until"),
        };
        Some(TimeMention {
            window: TimeWindow::Absolute { start, end },
            numeric: period.year.map(|year| Numeric::Compare(op, year)),
            label: format!("{word} {}", period.label),
            length: skip + period.length,
            assumption: period.assumption,
        })
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        self.tokens.get(at).filter(|token| !token.is_quoted()).map(|token| token.lower.as_str())
    }

    fn number(&self, at: usize) -> Option<f64> {
        self.tokens.get(at).and_then(Token::number)
    }

    /// A whole number in a range.
    fn integer(&self, at: usize, low: i64, high: i64) -> Option<i64> {
        let value = self.number(at)?;
        (value.fract() == 0.0 && value >= low as f64 && value <= high as f64).then_some(value as i64)
    }

    /// A four-digit year as digits.
    fn year(&self, at: usize) -> Option<i16> {
        let token = self.tokens.get(at)?;
        let plain = token.text.len() == 4 && token.text.bytes().all(|b| b.is_ascii_digit());
        if !plain {
            return None;
        }
        self.integer(at, 1700, 2100).map(|year| year as i16)
    }

    /// A period at `at`; `led` when a preposition led to it, so that a bare year or month is meant as one.
    fn period(&self, at: usize, led: bool) -> Option<Period> {
        let mut at = at;
        let mut skipped = 0;
        while matches!(
            self.word(at),
            Some("the" | "year" | "years" | "month" | "calendar" | "date" | "day" | "all" | "of" | "course")
        ) && skipped < 4
            && self.word(at + 1) != Some("to")
        {
            // "year 2014" reads as 2014; "year" alone is a grain and nothing follows here.
            at += 1;
            skipped += 1;
        }
        let mut period = self.core(at, led || skipped > 0)?;
        period.length += skipped;
        Some(period)
    }

    fn core(&self, at: usize, led: bool) -> Option<Period> {
        if let TokenKind::Date(date) = self.tokens.get(at)?.kind {
            return self.absolute(date, date.tomorrow().ok()?, date.to_string(), 1);
        }
        if let TokenKind::Quoted = self.tokens.get(at)?.kind {
            return self.quoted(at);
        }
        let word = self.word(at)?;
        if let Some(found) = self.relative(at, word) {
            return Some(found);
        }
        if let Some(found) = self.quarter(at, word) {
            return Some(found);
        }
        if let Some(found) = self.fiscal(at, word) {
            return Some(found);
        }
        if let Some(found) = self.month_date(at, word, led) {
            return Some(found);
        }
        let year = self.year(at)?;
        if self.word(at + 1).is_some_and(|next| next.starts_with('q') && next.len() == 2) {
            let quarter = next_quarter(self.word(at + 1)?)?;
            return self.quarter_of(year, quarter, 2);
        }
        // A bare number reads as a year only where a preposition led to it, or it stands where a year stands.
        led.then(|| self.whole_year(year, 1)).flatten()
    }

    fn quoted(&self, at: usize) -> Option<Period> {
        let inner = super::tokens::tokenize(&self.tokens.get(at)?.text);
        let reader = TimeReader { tokens: &inner, today: self.today, calendar: self.calendar };
        // Only complete dates: a quoted word or number is a literal.
        let period = match inner.first()?.kind {
            TokenKind::Date(_) if inner.len() == 1 => reader.core(0, true)?,
            _ => {
                let found = reader.month_date(0, inner.first()?.lower.as_str(), true)?;
                if found.length != inner.len() || found.assumption.is_some() {
                    return None;
                }
                found
            }
        };
        Some(Period { length: 1, ..period })
    }

    fn absolute(&self, start: Date, end: Date, label: String, length: usize) -> Option<Period> {
        Some(Period {
            window: TimeWindow::Absolute { start: Some(start), end: Some(end) },
            start: Some(start),
            end: Some(end),
            year: None,
            label,
            length,
            assumption: None,
        })
    }

    fn whole_year(&self, year: i16, length: usize) -> Option<Period> {
        let mut period = self.absolute(Date::new(year, 1, 1).ok()?, Date::new(year + 1, 1, 1).ok()?, year.to_string(), length)?;
        period.year = Some(f64::from(year));
        Some(period)
    }

    /// "last quarter", "this month", "yesterday", "year to date", "next 7 days", "90 days ago" is not read.
    fn relative(&self, at: usize, word: &str) -> Option<Period> {
        let window = |window: TimeWindow, label: &str, length: usize| {
            let (start, end) = self.extent(&window)?;
            Some(Period {
                window,
                start: Some(start),
                end: Some(end),
                year: None,
                label: label.to_owned(),
                length,
                assumption: None,
            })
        };
        let unit_at = |at: usize| {
            self.word(at).and_then(unit).map(|found| (found, 1)).or_else(|| {
                (self.word(at) == Some("fiscal") || self.word(at) == Some("financial"))
                    .then(|| match self.word(at + 1) {
                        Some("year" | "years") => Some((TimeUnit::FiscalYear, 2)),
                        Some("quarter" | "quarters") => Some((TimeUnit::FiscalQuarter, 2)),
                        _ => None,
                    })
                    .flatten()
            })
        };
        match word {
            "today" => window(TimeWindow::Current(TimeUnit::Day), "today", 1),
            "yesterday" => window(TimeWindow::Last { unit: TimeUnit::Day, count: 1 }, "yesterday", 1),
            "tomorrow" => window(TimeWindow::Next { unit: TimeUnit::Day, count: 1 }, "tomorrow", 1),
            "ytd" => window(TimeWindow::ToDate(TimeUnit::Year), "year to date", 1),
            "mtd" => window(TimeWindow::ToDate(TimeUnit::Month), "month to date", 1),
            "qtd" => window(TimeWindow::ToDate(TimeUnit::Quarter), "quarter to date", 1),
            "so" if self.word(at + 1) == Some("far") => {
                let (found, length) = (self.word(at + 2) == Some("this")).then(|| unit_at(at + 3)).flatten()?;
                window(TimeWindow::ToDate(found), &format!("{} to date", unit_word(found)), 3 + length)
            }
            "this" | "current" => {
                let (found, length) = unit_at(at + 1)?;
                let end = at + 1 + length;
                if self.word(end) == Some("to") && self.word(end + 1) == Some("date")
                    || self.word(end) == Some("so") && self.word(end + 1) == Some("far")
                {
                    return window(TimeWindow::ToDate(found), &format!("{} to date", unit_word(found)), 3 + length);
                }
                window(TimeWindow::Current(found), &format!("this {}", unit_word(found)), 1 + length)
            }
            "last" | "past" | "previous" | "prior" | "preceding" | "trailing" | "recent" | "rolling" => {
                let (skip, word) = if self.word(at + 1) == Some("full") || self.word(at + 1) == Some("complete") {
                    (2, "last")
                } else {
                    (1, word)
                };
                if let Some(count) = self.integer(at + skip, 1, 1_000) {
                    let skip =
                        if matches!(self.word(at + skip + 1), Some("full" | "complete" | "calendar")) { skip + 1 } else { skip };
                    let (found, length) = unit_at(at + skip + 1)?;
                    let count = count as u32;
                    let rolling = found == TimeUnit::Day || word == "rolling" || word == "trailing";
                    let made = if rolling {
                        TimeWindow::Rolling { unit: found, count }
                    } else {
                        TimeWindow::Last { unit: found, count }
                    };
                    let mut period = window(made, &format!("the last {count} {}s", unit_word(found)), skip + 1 + length)?;
                    if !rolling {
                        period.assumption = Some(format!(
                            "the last {count} complete {}s are meant, not counting the running one",
                            unit_word(found)
                        ));
                    }
                    return Some(period);
                }
                let (found, length) = unit_at(at + skip)?;
                window(TimeWindow::Last { unit: found, count: 1 }, &format!("last {}", unit_word(found)), skip + length)
            }
            "next" | "coming" | "upcoming" => {
                let count = self.integer(at + 1, 1, 1_000);
                let skip = if count.is_some() { 2 } else { 1 };
                let (found, length) = unit_at(at + skip)?;
                let count = count.unwrap_or(1) as u32;
                window(TimeWindow::Next { unit: found, count }, &format!("the next {count} {}s", unit_word(found)), skip + length)
            }
            "year" | "month" | "quarter" | "week" if self.word(at + 1) == Some("to") && self.word(at + 2) == Some("date") => {
                let found = unit(word)?;
                window(TimeWindow::ToDate(found), &format!("{} to date", unit_word(found)), 3)
            }
            _ => None,
        }
    }

    /// First day and day after the last of a relative window, for "since last month". Fiscal units use the calendar's start.
    fn extent(&self, window: &TimeWindow) -> Option<(Date, Date)> {
        let today = self.today;
        Some(match window {
            TimeWindow::Absolute { start, end } => ((*start)?, (*end)?),
            TimeWindow::Current(unit) => {
                let start = self.start_of(*unit, today)?;
                (start, self.shift(*unit, start, 1)?)
            }
            TimeWindow::Last { unit, count } => {
                let end = self.start_of(*unit, today)?;
                (self.shift(*unit, end, -i32::try_from(*count).ok()?)?, end)
            }
            TimeWindow::Rolling { unit, count } => {
                let end = today.tomorrow().ok()?;
                (self.shift(*unit, end, -i32::try_from(*count).ok()?)?, end)
            }
            TimeWindow::ToDate(unit) => (self.start_of(*unit, today)?, today.tomorrow().ok()?),
            TimeWindow::Next { unit, count } => {
                let start = self.shift(*unit, self.start_of(*unit, today)?, 1)?;
                (start, self.shift(*unit, start, i32::try_from(*count).ok()?)?)
            }
        })
    }

    fn start_of(&self, unit: TimeUnit, day: Date) -> Option<Date> {
        let fiscal = self.calendar.fiscal_year_start.clamp(1, 12);
        match unit {
            TimeUnit::Day => Some(day),
            TimeUnit::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok(),
            TimeUnit::Month => Date::new(day.year(), day.month(), 1).ok(),
            TimeUnit::Quarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok(),
            TimeUnit::Year => Date::new(day.year(), 1, 1).ok(),
            TimeUnit::FiscalYear => {
                let year = if day.month() >= fiscal { day.year() } else { day.year() - 1 };
                Date::new(year, fiscal, 1).ok()
            }
            TimeUnit::FiscalQuarter => {
                let into = (day.month() - fiscal).rem_euclid(12) % 3;
                Date::new(day.year(), day.month(), 1).ok()?.checked_sub(i64::from(into).months()).ok()
            }
        }
    }

    fn shift(&self, unit: TimeUnit, day: Date, count: i32) -> Option<Date> {
        let count = i64::from(count);
        match unit {
            TimeUnit::Day => day.checked_add(count.days()),
            TimeUnit::Week => day.checked_add((count * 7).days()),
            TimeUnit::Month => day.checked_add(count.months()),
            TimeUnit::Quarter | TimeUnit::FiscalQuarter => day.checked_add((count * 3).months()),
            TimeUnit::Year | TimeUnit::FiscalYear => day.checked_add(count.years()),
        }
        .ok()
    }

    /// "Q3 2023", "Q3", "third quarter of 2023".
    fn quarter(&self, at: usize, word: &str) -> Option<Period> {
        let (quarter, mut length) = match next_quarter(word) {
            Some(quarter) => (quarter, 1),
            None => {
                let ordinal = match word {
                    "first" => 1,
                    "second" => 2,
                    "third" => 3,
                    "fourth" | "last" => 4,
                    _ => self.integer(at, 1, 4).filter(|_| self.tokens[at].text.len() == 3)? as i8,
                };
                if self.word(at + 1) != Some("quarter") {
                    return None;
                }
                (ordinal, 2)
            }
        };
        if self.word(at + length) == Some("of") && self.year(at + length + 1).is_some() {
            length += 1;
        }
        if let Some(year) = self.year(at + length) {
            return self.quarter_of(year, quarter, length + 1);
        }
        if word == "last" {
            return None;
        }
        // Without a year: the latest such quarter that has begun.
        let start_month = quarter * 3 - 2;
        let year = if start_month <= self.today.month() { self.today.year() } else { self.today.year() - 1 };
        let mut period = self.quarter_of(year, quarter, length)?;
        period.assumption = Some(format!("Q{quarter} without a year is read as Q{quarter} {year}"));
        Some(period)
    }

    fn quarter_of(&self, year: i16, quarter: i8, length: usize) -> Option<Period> {
        let start = Date::new(year, quarter * 3 - 2, 1).ok()?;
        self.absolute(start, start.checked_add(3.months()).ok()?, format!("Q{quarter} {year}"), length)
    }

    /// "fiscal year 2024", "FY2024", "fiscal 2024".
    fn fiscal(&self, at: usize, word: &str) -> Option<Period> {
        let (year, length) = match word {
            "fiscal" | "financial" if self.word(at + 1) == Some("year") => (self.year(at + 2)?, 3),
            "fiscal" | "fy" => (self.year(at + 1)?, 2),
            _ => {
                let digits = word.strip_prefix("fy")?;
                let year: i16 = digits.parse().ok()?;
                (if digits.len() == 2 { 2000 + year } else { year }, 1)
            }
        };
        let month = self.calendar.fiscal_year_start.clamp(1, 12);
        // A fiscal year is named after the calendar year it ends in.
        let first = if month == 1 { year } else { year - 1 };
        let start = Date::new(first, month, 1).ok()?;
        self.absolute(start, start.checked_add(1.year()).ok()?, format!("fiscal year {year}"), length)
    }

    /// "March 2024", "March 5, 2024", "5 March 2024", "in March".
    fn month_date(&self, at: usize, word: &str, led: bool) -> Option<Period> {
        if let Some(day) = self.integer(at, 1, 31) {
            let skip = if self.word(at + 1) == Some("of") { 2 } else { 1 };
            let month = self.word(at + skip).and_then(month_named)?;
            let comma = usize::from(self.word(at + skip + 1) == Some(","));
            let year = self.year(at + skip + 1 + comma)?;
            let date = Date::new(year, month, day as i8).ok()?;
            return self.absolute(date, date.tomorrow().ok()?, date.to_string(), skip + 2 + comma);
        }
        let found = month_named(word)?;
        if let Some(day) = self.integer(at + 1, 1, 31).filter(|_| self.year(at + 1).is_none()) {
            let comma = usize::from(self.word(at + 2) == Some(","));
            if let Some(year) = self.year(at + 2 + comma) {
                let date = Date::new(year, found, day as i8).ok()?;
                return self.absolute(date, date.tomorrow().ok()?, date.to_string(), 3 + comma);
            }
        }
        let skip = usize::from(matches!(self.word(at + 1), Some("of" | ",")) && self.year(at + 2).is_some());
        let name = MONTHS[usize::try_from(found - 1).ok()?];
        if let Some(year) = self.year(at + 1 + skip) {
            let start = Date::new(year, found, 1).ok()?;
            return self.absolute(start, start.checked_add(1.month()).ok()?, format!("{name} {year}"), 2 + skip);
        }
        // "may" and "march" are also verbs.
        let certain = led || (self.tokens[at].capital && !matches!(word, "may" | "mar" | "march" | "dec" | "jan"));
        if !certain {
            return None;
        }
        let year = if found <= self.today.month() { self.today.year() } else { self.today.year() - 1 };
        let start = Date::new(year, found, 1).ok()?;
        let mut period = self.absolute(start, start.checked_add(1.month()).ok()?, format!("{name} {year}"), 1)?;
        period.assumption = Some(format!("{name} without a year is read as {name} {year}"));
        Some(period)
    }
}

fn next_quarter(word: &str) -> Option<i8> {
    match word {
        "q1" => Some(1),
        "q2" => Some(2),
        "q3" => Some(3),
        "q4" => Some(4),
        _ => None,
    }
}

/// The unit a word names.
pub(super) fn unit(word: &str) -> Option<TimeUnit> {
    Some(match word {
        "day" | "days" => TimeUnit::Day,
        "week" | "weeks" => TimeUnit::Week,
        "month" | "months" => TimeUnit::Month,
        "quarter" | "quarters" => TimeUnit::Quarter,
        "year" | "years" => TimeUnit::Year,
        _ => return None,
    })
}

/// The word for a unit.
pub(super) fn unit_word(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Day => "day",
        TimeUnit::Week => "week",
        TimeUnit::Month => "month",
        TimeUnit::Quarter => "quarter",
        TimeUnit::Year => "year",
        TimeUnit::FiscalQuarter => "fiscal quarter",
        TimeUnit::FiscalYear => "fiscal year",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tokens::tokenize;
    use super::*;

    fn read(text: &str) -> String {
        let tokens = tokenize(text);
        let calendar = Calendar { fiscal_year_start: 4 };
        let reader = TimeReader::new(&tokens, jiff::civil::date(2024, 8, 15), &calendar);
        match reader.read(0) {
            None => "nothing".into(),
            Some(found) => {
                let window = match &found.window {
                    TimeWindow::Absolute { start, end } => {
                        let day = |day: &Option<Date>| day.map_or("…".into(), |day| day.to_string());
                        format!("{} – {}", day(start), day(end))
                    }
                    other => format!("{other:?}"),
                };
                format!("{window} [{} of {}]", found.length, tokens.len())
            }
        }
    }

    #[test]
    fn absolute_periods() {
        assert_eq!(read("in 2024"), "2024-01-01 – 2025-01-01 [2 of 2]");
        assert_eq!(read("in the year 2014"), "2014-01-01 – 2015-01-01 [4 of 4]");
        assert_eq!(read("Q3 2023"), "2023-07-01 – 2023-10-01 [2 of 2]");
        assert_eq!(read("third quarter of 2023"), "2023-07-01 – 2023-10-01 [4 of 4]");
        assert_eq!(read("in March 2024"), "2024-03-01 – 2024-04-01 [3 of 3]");
        assert_eq!(read("on 5th March 2024"), "2024-03-05 – 2024-03-06 [4 of 4]");
        assert_eq!(read("on March 5, 2024"), "2024-03-05 – 2024-03-06 [5 of 5]");
        assert_eq!(read("on 2024-03-05"), "2024-03-05 – 2024-03-06 [2 of 2]");
        assert_eq!(read("in fiscal year 2024"), "2023-04-01 – 2024-04-01 [4 of 4]");
        assert_eq!(read("in FY24"), "2023-04-01 – 2024-04-01 [2 of 2]");
    }

    #[test]
    fn bounds() {
        assert_eq!(read("since March"), "2024-03-01 – … [2 of 2]");
        assert_eq!(read("since September"), "2023-09-01 – … [2 of 2]");
        assert_eq!(read("before 2020"), "… – 2020-01-01 [2 of 2]");
        assert_eq!(read("after 2020-05-01"), "2020-05-02 – … [2 of 2]");
        assert_eq!(read("between 2021 and 2023"), "2021-01-01 – 2024-01-01 [4 of 4]");
        assert_eq!(read("from January to March 2024"), "2024-01-01 – 2024-04-01 [5 of 5]");
        assert_eq!(read("between 5 and 10"), "nothing");
    }

    #[test]
    fn relative_periods() {
        assert_eq!(read("last quarter"), "Last { unit: Quarter, count: 1 } [2 of 2]");
        assert_eq!(read("in the last 14 days"), "Rolling { unit: Day, count: 14 } [5 of 5]");
        assert_eq!(read("over the past 3 months"), "Last { unit: Month, count: 3 } [5 of 5]");
        assert_eq!(read("this year"), "Current(Year) [2 of 2]");
        assert_eq!(read("year to date"), "ToDate(Year) [3 of 3]");
        assert_eq!(read("this year so far"), "ToDate(Year) [4 of 4]");
        assert_eq!(read("yesterday"), "Last { unit: Day, count: 1 } [1 of 1]");
        assert_eq!(read("last fiscal year"), "Last { unit: FiscalYear, count: 1 } [3 of 3]");
        assert_eq!(read("since last month"), "2024-07-01 – … [3 of 3]");
    }

    #[test]
    fn numbers_and_verbs_are_left_alone() {
        assert_eq!(read("2000 euros"), "nothing");
        assert_eq!(read("may I see"), "nothing");
        assert_eq!(read("last name"), "nothing");
        assert_eq!(read("99999999999 days"), "nothing");
    }
}
