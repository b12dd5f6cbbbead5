//! Dates and times as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use crate::query::month_named;

/// Which part of `3.4.2024` comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// `2024-04-03`, or the month by name.
    Iso,
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// What a text could mean as a date, a moment or a time of day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moment {
    iso: Option<Date>,
    day_first: Option<Date>,
    month_first: Option<Date>,
    time: Option<Time>,
    offset: Option<Offset>,
    /// The year has two digits, so its century is a guess.
    pub(super) short_year: bool,
}

impl Moment {
    /// The date when the parts are in this order. Dates that leave no doubt are dates in every order.
    pub(super) fn date(&self, order: Order) -> Option<Date> {
        match order {
            Order::Iso => self.iso,
            Order::DayFirst => self.day_first,
            Order::MonthFirst => self.month_first,
        }
    }

    /// Whether there is a time of day.
    pub(super) fn has_time(&self) -> bool {
        self.time.is_some()
    }

    /// Whether there is a time of day and no date.
    pub(super) fn is_time(&self) -> bool {
        self.time.is_some() && self.iso.is_none() && self.day_first.is_none() && self.month_first.is_none()
    }

    /// Whether there is a distance from UTC.
    pub(super) fn has_offset(&self) -> bool {
        self.offset.is_some()
    }

    /// The moment, in UTC when the text gave its distance from it; a day alone begins at midnight.
    pub(super) fn timestamp(&self, order: Order) -> Option<DateTime> {
        let civil = self.date(order)?.to_datetime(self.time.unwrap_or_else(Time::midnight));
        match self.offset {
            Some(offset) => Some(Offset::UTC.to_datetime(offset.to_timestamp(civil).ok()?)),
            None => Some(civil),
        }
    }

    /// The time of day, where there is nothing else.
    pub(super) fn time_of_day(&self) -> Option<Time> {
        self.time.filter(|_| self.is_time())
    }

    fn certain(date: Option<Date>) -> Self {
        Self { iso: date, day_first: date, month_first: date, ..Self::default() }
    }
}

/// Reads `text` (without blanks around it) as a date, a moment or a time of day.
pub(super) fn parse(text: &str) -> Option<Moment> {
    if text.len() < 4 || text.len() > 40 {
        return None;
    }
    if let Some(moment) = iso(text.as_bytes()) {
        return Some(moment);
    }
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if let Some((time, None)) = clock(text) {
        return Some(Moment { time: Some(time), ..Moment::default() });
    }
    let (mut moment, rest) = day(text)?;
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    if rest.is_empty() {
        return Some(moment);
    }
    let rest = rest.strip_prefix('T').or_else(|| rest.strip_prefix(' ')).or_else(|| rest.strip_prefix('t'))?;
    let (time, offset) = clock(rest.trim_start())?;
    (moment.time, moment.offset) = (Some(time), offset);
    Some(moment)
}

/// As most programs write it, and the only form read in one look: `2024-12-31`, with ` 23:59:59` or `T23:59:59` behind it.
fn iso(text: &[u8]) -> Option<Moment> {
    let two = |at: usize| match text.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => i8::try_from((tens - b'0') * 10 + ones - b'0').ok(),
        _ => None,
    };
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    if !is(4, b'-') || !is(7, b'-') {
        return None;
    }
    let year = i16::from(two(0)?) * 100 + i16::from(two(2)?);
    let moment = Moment::certain(Some(Date::new(year, two(5)?, two(8)?).ok()?));
    match text.len() {
        10 => Some(moment),
        19 if (is(10, b' ') || is(10, b'T')) && is(13, b':') && is(16, b':') => {
            let time = Time::new(two(11)?, two(14)?, two(17)?, 0).ok()?;
            Some(Moment { time: Some(time), ..moment })
        }
        _ => None,
    }
}

/// A leading number of at most `most` digits.
fn number(text: &str, most: usize) -> Option<(i16, usize, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > most {
        return None;
    }
    Some((text.get(..digits)?.parse().ok()?, digits, text.get(digits..)?))
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The date that `text` begins with, and what follows it.
fn day(text: &str) -> Option<(Moment, &str)> {
    let Some((first, digits, rest)) = number(text, 4) else { return month_first_by_name(text) };
    let separator = rest.chars().next()?;
    let rest = rest.get(separator.len_utf8()..)?;
    let by_name = matches!(separator, ' ' | '-' | '.') && digits <= 2;
    if by_name && let Some((month, rest)) = month_name(rest.trim_start()) {
        let rest = rest.trim_start_matches(['-', '.', ',']).trim_start();
        let (year, 4, rest) = number(rest, 4)? else { return None };
        return Some((Moment::certain(Some(date(year, month, first)?)), rest));
    }
    if !matches!(separator, '-' | '/' | '.') {
        return None;
    }
    let (second, wide, rest) = number(rest, 2)?;
    let rest = rest.strip_prefix(separator)?;
    if digits == 4 {
        let (third, _, rest) = number(rest, 2)?;
        return Some((Moment::certain(Some(date(first, second, third)?)), rest));
    }
    if digits > 2 || wide > 2 {
        return None;
    }
    let (year, wide, rest) = number(rest, 4)?;
    if wide != 4 && wide != 2 {
        return None;
    }
    let day_first = date(year, second, first);
    // With dots it is always the day that comes first.
    let month_first = if separator == '.' { None } else { date(year, first, second) };
    if day_first.is_none() && month_first.is_none() {
        return None;
    }
    Some((Moment { day_first, month_first, short_year: wide == 2, ..Moment::default() }, rest))
}

/// `April 3, 2024`.
fn month_first_by_name(text: &str) -> Option<(Moment, &str)> {
    let (month, rest) = month_name(text)?;
    let (day, _, rest) = number(rest.trim_start_matches('.').trim_start(), 2)?;
    let rest = rest.strip_prefix(',').unwrap_or(rest);
    let (year, 4, rest) = number(rest.strip_prefix(' ')?, 4)? else { return None };
    Some((Moment::certain(Some(date(year, month, day)?)), rest))
}

fn month_name(text: &str) -> Option<(i16, &str)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at_checked(letters)?;
    Some((month_named(word)?.into(), rest))
}

/// The whole of `text` as `14:05`, `14:05:30.25`, `2:05 PM`, with `Z` or `+02:00` behind it.
fn clock(text: &str) -> Option<(Time, Option<Offset>)> {
    let (hour, _, rest) = number(text, 2)?;
    let (minute, 2, rest) = number(rest.strip_prefix(':')?, 2)? else { return None };
    let (mut second, mut nanosecond, mut rest) = (0, 0, rest);
    if let Some(behind) = rest.strip_prefix(':') {
        let (value, 2, behind) = number(behind, 2)? else { return None };
        (second, rest) = (value, behind);
        if let Some(fraction) = rest.strip_prefix(['.', ',']) {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || digits > 9 {
                return None;
            }
            nanosecond = format!("{:0<9}", fraction.get(..digits)?).parse::<i32>().ok()?;
            rest = fraction.get(digits..)?;
        }
    }
    let rest = rest.trim_start();
    let (hour, rest) = match rest.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("am") if (1..=12).contains(&hour) => (hour % 12, rest.get(2..)?),
        Some("pm") if (1..=12).contains(&hour) => (hour % 12 + 12, rest.get(2..)?),
        _ => (hour, rest),
    };
    let small = |value: i16| i8::try_from(value).ok();
    let time = Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()?;
    let offset = match rest {
        "" => None,
        "Z" | "z" | "UTC" | "GMT" => Some(Offset::UTC),
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            let digits: String = rest.strip_prefix(['+', '-'])?.chars().filter(|c| *c != ':').collect();
            let digits = if digits.len() == 2 { format!("{digits}00") } else { digits };
            let (hours, minutes) = (digits.get(..2)?.parse::<i32>().ok()?, digits.get(2..4)?.parse::<i32>().ok()?);
            if digits.len() != 4 || minutes > 59 {
                return None;
            }
            Some(Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()?)
        }
    };
    Some((time, offset))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_order_they_allow() {
        let orders = |text: &str| {
            let moment = parse(text);
            [Order::Iso, Order::DayFirst, Order::MonthFirst]
                .map(|order| moment.and_then(|moment| moment.date(order)).map_or("-".to_owned(), |date| date.to_string()))
        };
        assert_eq!(orders("2024-12-31"), ["2024-12-31", "2024-12-31", "2024-12-31"]);
        assert_eq!(orders("31.12.2024"), ["-", "2024-12-31", "-"]);
        assert_eq!(orders("12/31/2024"), ["-", "-", "2024-12-31"]);
        assert_eq!(orders("3/4/2024"), ["-", "2024-04-03", "2024-03-04"]);
        assert_eq!(orders("3 Apr 2024"), ["2024-04-03", "2024-04-03", "2024-04-03"]);
        assert_eq!(orders("April 3, 2024"), ["2024-04-03", "2024-04-03", "2024-04-03"]);
        for no in ["2023-02-30", "1.2", "12.5.1", "13/13/2024", "2024", "1.2.3.4", "1-2-3", "a1b2", "2024-12-31x", "99:99"] {
            assert!(parse(no).is_none(), "{no}");
        }
    }

    #[test]
    fn moments_are_those_that_were_meant() {
        let stamp = |text: &str| parse(text).unwrap().timestamp(Order::DayFirst).unwrap().to_string();
        assert_eq!(stamp("2024-12-31T23:30:00+02:00"), "2024-12-31T21:30:00");
        assert_eq!(stamp("2024-12-31T23:30:00"), "2024-12-31T23:30:00");
        assert_eq!(stamp("31.12.2024 7:05"), "2024-12-31T07:05:00");
        assert_eq!(stamp("31/12/2024 1:05:09.5 PM"), "2024-12-31T13:05:09.5");
        assert_eq!(stamp("2024-12-31"), "2024-12-31T00:00:00");
        assert_eq!(parse("7:05").unwrap().time_of_day().unwrap().to_string(), "07:05:00");
    }
}
