//! From a relative window to dates: fiscal calendars, weeks that start on Monday, the period before, the year before.
//!
//! Everything is computed with civil dates in the zone of the moment of asking, so that changes of the clock never move an edge.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan, Zoned};

use super::model::ComparisonBase;
use super::time::{Calendar, ResolvedWindow, TimeUnit, TimeWindow};
use crate::error::{Error, Result};

impl TimeWindow {
    /// The dates of the window at the moment `now`, in the zone of `now`.
    ///
    /// # Behavior
    /// Weeks start on Monday; fiscal units start in [`Calendar::fiscal_year_start`]. `Rolling` counts back from the end of today; a
    /// day the month counted back to does not have becomes its last.
    ///
    /// # Errors
    /// `Malformed` when the window is empty (a count of 0, an end before its start), leaves the years −9999 to 9999, or the
    /// calendar's month is not 1–12.
    pub fn resolve(&self, now: &Zoned, calendar: &Calendar) -> Result<ResolvedWindow> {
        calendar.check()?;
        let today = now.date();
        let tomorrow = add(today, 1.day())?;
        let (start, end) = match self {
            Self::Absolute { start, end } => (*start, *end),
            Self::Current(unit) => {
                let start = unit.start_of(today, calendar)?;
                (Some(start), Some(unit.add(start, 1)?))
            }
            Self::Last { unit, count } => {
                let end = unit.start_of(today, calendar)?;
                (Some(unit.add(end, -counted(*count)?)?), Some(end))
            }
            Self::Rolling { unit, count } => (Some(unit.add(tomorrow, -counted(*count)?)?), Some(tomorrow)),
            Self::ToDate(unit) => (Some(unit.start_of(today, calendar)?), Some(tomorrow)),
            Self::Next { unit, count } => {
                let start = unit.add(unit.start_of(today, calendar)?, 1)?;
                (Some(start), Some(unit.add(start, counted(*count)?)?))
            }
        };
        ResolvedWindow::new(start, end, today)
    }
}

impl Calendar {
    fn check(&self) -> Result<()> {
        if (1..=12).contains(&self.fiscal_year_start) {
            Ok(())
        } else {
            Err(Error::malformed(format!("the fiscal year cannot start in month {}; use 1 to 12", self.fiscal_year_start)))
        }
    }

    /// Months by which fiscal dates run ahead: a date moved by this many months lies in the calendar year and quarter that
    /// carry the number of its fiscal year and quarter.
    pub(crate) fn fiscal_shift(&self) -> i32 {
        (13 - i32::from(self.fiscal_year_start)).rem_euclid(12)
    }
}

impl TimeUnit {
    /// The first day of the unit that holds `date`.
    pub(crate) fn start_of(self, date: Date, calendar: &Calendar) -> Result<Date> {
        Ok(match self {
            Self::Day => date,
            Self::Week => add(date, -i64::from(date.weekday().since(Weekday::Monday)).days())?,
            Self::Month => date.first_of_month(),
            Self::Quarter => back_to_multiple(date, 1, 3)?,
            Self::Year => date.first_of_year(),
            Self::FiscalQuarter => back_to_multiple(date, calendar.fiscal_year_start, 3)?,
            Self::FiscalYear => back_to_multiple(date, calendar.fiscal_year_start, 12)?,
        })
    }

    /// `date` moved by `count` units; a day the target month does not have becomes its last.
    pub(crate) fn add(self, date: Date, count: i64) -> Result<Date> {
        let span = match self {
            Self::Day => Span::new().try_days(count),
            Self::Week => Span::new().try_weeks(count),
            Self::Month => Span::new().try_months(count),
            Self::Quarter | Self::FiscalQuarter => Span::new().try_months(count.saturating_mul(3)),
            Self::Year | Self::FiscalYear => Span::new().try_years(count),
        };
        add(date, span.map_err(|_| out_of_range())?)
    }
}

/// The latest day not after `date` that starts a block of `months` months, blocks counted from the month `first`.
fn back_to_multiple(date: Date, first: i8, months: i32) -> Result<Date> {
    let into = (i32::from(date.month()) - i32::from(first)).rem_euclid(months);
    add(date.first_of_month(), -i64::from(into).months())
}

impl ResolvedWindow {
    fn new(start: Option<Date>, end: Option<Date>, today: Date) -> Result<Self> {
        if let (Some(start), Some(end)) = (start, end)
            && start >= end
        {
            return Err(Error::malformed("the time window ends before it starts; swap or widen its dates"));
        }
        let last = end.map(|end| add(end, -1.day())).transpose()?;
        let label = match (start, last) {
            (Some(start), Some(last)) if start == last => start.to_string(),
            (Some(start), Some(last)) => format!("{start} to {last}"),
            (Some(start), None) => format!("from {start}"),
            (None, Some(last)) => format!("until {last}"),
            (None, None) => "all time".to_owned(),
        };
        Ok(Self { start, end, incomplete: end.is_none_or(|end| end > today), label })
    }

    /// The window this one is compared with. `window` is what it was resolved from.
    ///
    /// # Behavior
    /// - `PreviousPeriod`: as many units just before for calendar windows (the whole month before for "this month"); for
    ///   `ToDate` as much of the unit before; for absolute windows made of whole months the same number of months, else of days.
    /// - `PreviousYear`: the same dates one year earlier, 29 February becoming 28; windows in weeks go back 52 weeks, so that
    ///   Mondays meet. A window that is not over yet is cut at the end of today first.
    /// - `Window`: that window.
    ///
    /// # Errors
    /// `Malformed` when the window is open at one end, or the other window is empty.
    pub fn previous(&self, window: &TimeWindow, base: &ComparisonBase, now: &Zoned, calendar: &Calendar) -> Result<Self> {
        let today = now.date();
        if let ComparisonBase::Window(other) = base {
            return other.resolve(now, calendar);
        }
        let (Some(start), Some(end)) = (self.start, self.end) else {
            return Err(Error::malformed("a window that is open at one end has no period before it; give it both dates"));
        };
        let (from, to) = match base {
            ComparisonBase::PreviousPeriod => period_before(window, start, end)?,
            _ => {
                let tomorrow = add(today, 1.day())?;
                let end = if end > tomorrow && start < tomorrow { tomorrow } else { end };
                if in_weeks(window) { (add(start, -52.weeks())?, add(end, -52.weeks())?) } else { shift_months(start, end, -12)? }
            }
        };
        Self::new(Some(from), Some(to), today)
    }

    /// Both edges moved by whole months; months stay whole months.
    pub(crate) fn shifted_months(&self, months: i64, today: Date) -> Result<Self> {
        let (start, end) = match (self.start, self.end) {
            (Some(start), Some(end)) => shift_months(start, end, months).map(|(a, b)| (Some(a), Some(b)))?,
            (start, end) => {
                let moved = |date: Option<Date>| date.map(|date| TimeUnit::Month.add(date, months)).transpose();
                (moved(start)?, moved(end)?)
            }
        };
        Self::new(start, end, today)
    }

    /// Both edges moved by days.
    pub(crate) fn shifted_days(&self, days: i64, today: Date) -> Result<Self> {
        let moved = |date: Option<Date>| date.map(|date| TimeUnit::Day.add(date, days)).transpose();
        Self::new(moved(self.start)?, moved(self.end)?, today)
    }
}

fn in_weeks(window: &TimeWindow) -> bool {
    matches!(
        window,
        TimeWindow::Current(TimeUnit::Week)
            | TimeWindow::ToDate(TimeUnit::Week)
            | TimeWindow::Last { unit: TimeUnit::Week, .. }
            | TimeWindow::Rolling { unit: TimeUnit::Week, .. }
            | TimeWindow::Next { unit: TimeUnit::Week, .. }
    )
}

fn period_before(window: &TimeWindow, start: Date, end: Date) -> Result<(Date, Date)> {
    Ok(match window {
        TimeWindow::Current(unit) => (unit.add(start, -1)?, start),
        TimeWindow::Last { unit, count } | TimeWindow::Rolling { unit, count } | TimeWindow::Next { unit, count } => {
            (unit.add(start, -counted(*count)?)?, start)
        }
        TimeWindow::ToDate(unit) => {
            let before = unit.add(start, -1)?;
            let days = start.duration_until(end).as_hours() / 24;
            (before, TimeUnit::Day.add(before, days)?.min(start))
        }
        TimeWindow::Absolute { .. } if start.day() == 1 && end.day() == 1 => {
            let months = months_between(start, end);
            (TimeUnit::Month.add(start, -months)?, start)
        }
        TimeWindow::Absolute { .. } => (TimeUnit::Day.add(start, -(start.duration_until(end).as_hours() / 24))?, start),
    })
}

/// Months from one first of a month to another.
pub(crate) fn months_between(from: Date, to: Date) -> i64 {
    (i64::from(to.year()) - i64::from(from.year())) * 12 + i64::from(to.month()) - i64::from(from.month())
}

/// Both edges moved by months. The end is excluded: unless it starts a month, it is the last day that is moved, so that
/// 28 February 2025 meets 28 February 2024 while the whole of one February meets the whole of the other.
fn shift_months(start: Date, end: Date, months: i64) -> Result<(Date, Date)> {
    let moved_end = if end.day() == 1 {
        TimeUnit::Month.add(end, months)?
    } else {
        add(TimeUnit::Month.add(add(end, -1.day())?, months)?, 1.day())?
    };
    Ok((TimeUnit::Month.add(start, months)?, moved_end))
}

fn counted(count: u32) -> Result<i64> {
    if count == 0 { Err(Error::malformed("a window of 0 units is empty; ask for at least 1")) } else { Ok(i64::from(count)) }
}

fn add(date: Date, span: Span) -> Result<Date> {
    date.checked_add(span).map_err(|_| out_of_range())
}

fn out_of_range() -> Error {
    Error::malformed("the time window leaves the calendar; ask for dates between the years -9999 and 9999")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse().unwrap()
    }

    fn label(window: &TimeWindow, now: &str, fiscal: i8) -> String {
        window.resolve(&at(now), &Calendar { fiscal_year_start: fiscal }).unwrap().label
    }

    const NOW: &str = "2024-05-15T10:00:00+02:00[Europe/Berlin]";

    #[test]
    fn relative_windows_have_the_dates_people_mean() {
        use TimeUnit::*;
        let cases = [
            (TimeWindow::Current(Week), 1, "2024-05-13 to 2024-05-19"),
            (TimeWindow::Current(Month), 1, "2024-05-01 to 2024-05-31"),
            (TimeWindow::Last { unit: Quarter, count: 1 }, 1, "2024-01-01 to 2024-03-31"),
            (TimeWindow::Last { unit: Month, count: 3 }, 1, "2024-02-01 to 2024-04-30"),
            (TimeWindow::Last { unit: Week, count: 1 }, 1, "2024-05-06 to 2024-05-12"),
            (TimeWindow::Last { unit: Year, count: 1 }, 1, "2023-01-01 to 2023-12-31"),
            (TimeWindow::Last { unit: Day, count: 1 }, 1, "2024-05-14"),
            (TimeWindow::Rolling { unit: Day, count: 14 }, 1, "2024-05-02 to 2024-05-15"),
            (TimeWindow::Rolling { unit: Month, count: 12 }, 1, "2023-05-16 to 2024-05-15"),
            (TimeWindow::ToDate(Year), 1, "2024-01-01 to 2024-05-15"),
            (TimeWindow::Next { unit: Month, count: 1 }, 1, "2024-06-01 to 2024-06-30"),
            (TimeWindow::Current(FiscalYear), 4, "2024-04-01 to 2025-03-31"),
            (TimeWindow::Last { unit: FiscalYear, count: 1 }, 10, "2022-10-01 to 2023-09-30"),
            (TimeWindow::Last { unit: FiscalQuarter, count: 1 }, 2, "2024-02-01 to 2024-04-30"),
            (TimeWindow::Absolute { start: Some(date(2024, 1, 1)), end: None }, 1, "from 2024-01-01"),
            (TimeWindow::Absolute { start: None, end: Some(date(2024, 1, 1)) }, 1, "until 2023-12-31"),
        ];
        for (window, fiscal, expected) in cases {
            assert_eq!(label(&window, NOW, fiscal), expected, "{window:?}");
        }
    }

    #[test]
    fn the_zone_of_the_user_decides_the_day() {
        let today = TimeWindow::Current(TimeUnit::Day);
        assert_eq!(label(&today, "2024-03-31T23:30:00-04:00[America/New_York]", 1), "2024-03-31");
        assert_eq!(label(&today, "2024-04-01T03:30:00Z[UTC]", 1), "2024-04-01");
        // The day the clock goes forward and the day it goes back are days like any other.
        assert_eq!(label(&today, "2024-03-31T12:00:00+02:00[Europe/Berlin]", 1), "2024-03-31");
        assert_eq!(
            label(&TimeWindow::Rolling { unit: TimeUnit::Day, count: 2 }, "2024-10-27T12:00:00+01:00[Europe/Berlin]", 1),
            "2024-10-26 to 2024-10-27"
        );
    }

    #[test]
    fn running_windows_are_incomplete() {
        let resolve = |window: TimeWindow| window.resolve(&at(NOW), &Calendar::default()).unwrap().incomplete;
        assert!(resolve(TimeWindow::Current(TimeUnit::Month)));
        assert!(resolve(TimeWindow::ToDate(TimeUnit::Month)));
        assert!(!resolve(TimeWindow::Last { unit: TimeUnit::Month, count: 1 }));
        assert!(resolve(TimeWindow::Next { unit: TimeUnit::Day, count: 1 }));
        assert!(!resolve(TimeWindow::Absolute { start: None, end: Some(date(2024, 5, 15)) }));
    }

    #[test]
    fn the_period_before() {
        use TimeUnit::*;
        let previous = |window: TimeWindow, base: ComparisonBase| {
            let now = at(NOW);
            let calendar = Calendar::default();
            window.resolve(&now, &calendar).unwrap().previous(&window, &base, &now, &calendar).unwrap().label
        };
        let absolute = |start, end| TimeWindow::Absolute { start: Some(start), end: Some(end) };
        let cases = [
            (TimeWindow::Last { unit: Quarter, count: 1 }, ComparisonBase::PreviousPeriod, "2023-10-01 to 2023-12-31"),
            (TimeWindow::Last { unit: Quarter, count: 1 }, ComparisonBase::PreviousYear, "2023-01-01 to 2023-03-31"),
            (TimeWindow::Current(Month), ComparisonBase::PreviousPeriod, "2024-04-01 to 2024-04-30"),
            (TimeWindow::Current(Month), ComparisonBase::PreviousYear, "2023-05-01 to 2023-05-15"),
            (TimeWindow::Current(Year), ComparisonBase::PreviousYear, "2023-01-01 to 2023-05-15"),
            (TimeWindow::ToDate(Month), ComparisonBase::PreviousPeriod, "2024-04-01 to 2024-04-15"),
            (TimeWindow::Rolling { unit: Day, count: 14 }, ComparisonBase::PreviousPeriod, "2024-04-18 to 2024-05-01"),
            (TimeWindow::Last { unit: Week, count: 1 }, ComparisonBase::PreviousYear, "2023-05-08 to 2023-05-14"),
            (absolute(date(2024, 1, 1), date(2025, 1, 1)), ComparisonBase::PreviousPeriod, "2023-01-01 to 2023-12-31"),
            (absolute(date(2024, 2, 1), date(2024, 3, 1)), ComparisonBase::PreviousPeriod, "2024-01-01 to 2024-01-31"),
            (absolute(date(2024, 1, 10), date(2024, 1, 20)), ComparisonBase::PreviousPeriod, "2023-12-31 to 2024-01-09"),
            (absolute(date(2024, 2, 29), date(2024, 3, 1)), ComparisonBase::PreviousYear, "2023-02-28"),
            (absolute(date(2023, 2, 1), date(2023, 3, 1)), ComparisonBase::PreviousYear, "2022-02-01 to 2022-02-28"),
            (
                absolute(date(2024, 1, 1), date(2024, 4, 1)),
                ComparisonBase::Window(TimeWindow::Last { unit: Month, count: 1 }),
                "2024-04-01 to 2024-04-30",
            ),
        ];
        for (window, base, expected) in cases {
            assert_eq!(previous(window.clone(), base.clone()), expected, "{window:?} {base:?}");
        }
    }

    #[test]
    fn a_leap_february_meets_the_whole_february() {
        let now = at("2025-06-01T00:00:00Z[UTC]");
        let window = TimeWindow::Absolute { start: Some(date(2025, 2, 1)), end: Some(date(2025, 3, 1)) };
        let resolved = window.resolve(&now, &Calendar::default()).unwrap();
        let year = resolved.previous(&window, &ComparisonBase::PreviousYear, &now, &Calendar::default()).unwrap();
        assert_eq!(year.label, "2024-02-01 to 2024-02-29");
    }

    #[test]
    fn empty_and_impossible_windows_are_refused() {
        let refuse = |window: TimeWindow, calendar: Calendar| window.resolve(&at(NOW), &calendar).unwrap_err().kind();
        let malformed = crate::ErrorKind::Malformed;
        assert_eq!(refuse(TimeWindow::Last { unit: TimeUnit::Month, count: 0 }, Calendar::default()), malformed);
        assert_eq!(refuse(TimeWindow::Last { unit: TimeUnit::Year, count: u32::MAX }, Calendar::default()), malformed);
        assert_eq!(refuse(TimeWindow::Current(TimeUnit::Year), Calendar { fiscal_year_start: 13 }), malformed);
        let backwards = TimeWindow::Absolute { start: Some(date(2024, 2, 1)), end: Some(date(2024, 1, 1)) };
        assert_eq!(refuse(backwards, Calendar::default()), malformed);
        let open = TimeWindow::Absolute { start: Some(date(2024, 2, 1)), end: None };
        let resolved = open.resolve(&at(NOW), &Calendar::default()).unwrap();
        let previous = resolved.previous(&open, &ComparisonBase::PreviousPeriod, &at(NOW), &Calendar::default());
        assert_eq!(previous.unwrap_err().kind(), malformed);
    }

    fn units() -> impl Strategy<Value = TimeUnit> {
        use TimeUnit::*;
        prop::sample::select(vec![Day, Week, Month, Quarter, Year, FiscalQuarter, FiscalYear])
    }

    fn zones() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Asia/Kolkata"])
    }

    proptest! {
        #[test]
        fn units_tile_the_calendar(seconds in -2_000_000_000i64..4_000_000_000, zone in zones(), unit in units(), fiscal in 1i8..=12) {
            let now = jiff::Timestamp::from_second(seconds).unwrap().in_tz(zone).unwrap();
            let calendar = Calendar { fiscal_year_start: fiscal };
            let resolve = |window: TimeWindow| window.resolve(&now, &calendar).unwrap();
            let last = resolve(TimeWindow::Last { unit, count: 1 });
            let current = resolve(TimeWindow::Current(unit));
            let next = resolve(TimeWindow::Next { unit, count: 1 });
            prop_assert_eq!(last.end, current.start);
            prop_assert_eq!(current.end, next.start);
            prop_assert!(current.start.unwrap() <= now.date() && now.date() < current.end.unwrap());
            prop_assert!(current.incomplete && !last.incomplete);
            // The period before "last month" starts where two months back start.
            let window = TimeWindow::Last { unit, count: 1 };
            let before = last.previous(&window, &ComparisonBase::PreviousPeriod, &now, &calendar).unwrap();
            prop_assert_eq!(before.start, resolve(TimeWindow::Last { unit, count: 2 }).start);
            prop_assert_eq!(before.end, last.start);
            // Every first day of a unit is the start of its own unit.
            prop_assert_eq!(unit.start_of(current.start.unwrap(), &calendar).unwrap(), current.start.unwrap());
        }

        #[test]
        fn the_year_before_is_never_empty(start in -200_000i32..100_000, days in 1i32..800, now in 0i64..4_000_000_000) {
            let now = jiff::Timestamp::from_second(now).unwrap().in_tz("Europe/Berlin").unwrap();
            let start = date(1970, 1, 1).checked_add(i64::from(start).days()).unwrap();
            let end = start.checked_add(i64::from(days).days()).unwrap();
            let window = TimeWindow::Absolute { start: Some(start), end: Some(end) };
            let resolved = window.resolve(&now, &Calendar::default()).unwrap();
            let year = resolved.previous(&window, &ComparisonBase::PreviousYear, &now, &Calendar::default()).unwrap();
            prop_assert!(year.start < year.end && year.end <= resolved.end);
        }
    }
}
