//! Windows of time and points in time.

use jiff::civil::{Date, date};
use leo::query::{TimeUnit, TimeWindow};

use super::Maker;

/// Every unit.
pub(super) const UNITS: [TimeUnit; 7] = [
    TimeUnit::Day,
    TimeUnit::Week,
    TimeUnit::Month,
    TimeUnit::Quarter,
    TimeUnit::Year,
    TimeUnit::FiscalQuarter,
    TimeUnit::FiscalYear,
];

impl Maker<'_> {
    /// A day of the years before the frozen day, and some after it.
    pub(super) fn day(&mut self) -> Date {
        let months = [date(2022, 6, 1), date(2024, 2, 1), date(2024, 3, 1), date(2025, 1, 1), date(2025, 6, 1)];
        let start = self.rng.pick(&months);
        start.saturating_add(jiff::Span::new().days(self.rng.below(45) as i64))
    }

    /// A window.
    pub(super) fn window(&mut self) -> TimeWindow {
        let unit = self.rng.pick(&UNITS);
        let most = match unit {
            TimeUnit::Day => 90,
            TimeUnit::Week => 30,
            TimeUnit::Month => 18,
            _ => 4,
        };
        let count = 1 + self.rng.below(most) as u32;
        match self.rng.below(9) {
            0 => TimeWindow::Current(unit),
            1 => TimeWindow::ToDate(unit),
            2 => TimeWindow::Next { unit, count },
            3 | 4 => TimeWindow::Last { unit, count },
            5 => TimeWindow::Rolling { unit, count },
            6 => TimeWindow::Absolute { start: Some(self.day()), end: None },
            7 => TimeWindow::Absolute { start: None, end: Some(self.day()) },
            _ => self.closed_window(),
        }
    }

    /// A window with both ends, as periods beside each other need.
    pub(super) fn closed_window(&mut self) -> TimeWindow {
        let start = self.day();
        let days = 1 + self.rng.below(400) as i64;
        let (start, end) = if self.rng.chance(50) {
            (start.first_of_month(), start.first_of_month().saturating_add(jiff::Span::new().months(1 + days / 40)))
        } else {
            (start, start.saturating_add(jiff::Span::new().days(days)))
        };
        TimeWindow::Absolute { start: Some(start), end: Some(end) }
    }

    /// A window that is closed, of any form.
    pub(super) fn compared_window(&mut self) -> TimeWindow {
        loop {
            let window = self.window();
            let open = matches!(window, TimeWindow::Absolute { start: None, .. } | TimeWindow::Absolute { end: None, .. });
            if !open {
                return window;
            }
        }
    }
}
