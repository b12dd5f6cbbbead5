//! Points in time stored as text or numbers: how they are written, and which column says when a row happened.

use crate::catalog::{Column, LogicalType, Table, TimeEncoding, split_words};
use crate::value::Value;

/// Share of the values that must have a form; the rest may be blunders.
const ENOUGH: f64 = 0.98;

/// Words that make a number a likely point in time.
const TIME_WORDS: &[&str] = &[
    "at",
    "time",
    "timestamp",
    "ts",
    "date",
    "datetime",
    "epoch",
    "created",
    "updated",
    "modified",
    "when",
    "on",
    "since",
    "until",
    "unix",
    "day",
];

/// How the texts of a column write a point in time, when they do. `names` are the words of the column's name.
pub(super) fn of_texts<'a>(texts: impl Iterator<Item = &'a str>, name: &str) -> Option<TimeEncoding> {
    let forms = [
        TimeEncoding::IsoDate,
        TimeEncoding::IsoTimestamp,
        TimeEncoding::CompactDate,
        TimeEncoding::YearMonth,
        TimeEncoding::Year,
    ];
    let mut counts = [0u32; 5];
    let mut total = 0u32;
    for text in texts.map(str::trim).filter(|text| !text.is_empty()) {
        total += 1;
        if let Some(at) = form(text).and_then(|form| forms.iter().position(|other| *other == form))
            && let Some(count) = counts.get_mut(at)
        {
            *count += 1;
        }
    }
    if total == 0 {
        return None;
    }
    let share = |count: u32| f64::from(count) / f64::from(total);
    let [date, timestamp, compact, month, year] = counts;
    let words = split_words(name);
    let named = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if share(date) >= ENOUGH {
        Some(TimeEncoding::IsoDate)
    } else if share(date + timestamp) >= ENOUGH {
        // Midnight is often left out of a timestamp.
        Some(TimeEncoding::IsoTimestamp)
    } else if share(compact) >= ENOUGH && (named(TIME_WORDS) || total >= 20) {
        Some(TimeEncoding::CompactDate)
    } else if share(month) >= ENOUGH {
        Some(TimeEncoding::YearMonth)
    } else if share(year) >= ENOUGH && (is_year_name(name) || named(TIME_WORDS)) {
        Some(TimeEncoding::Year)
    } else {
        None
    }
}

/// How a column of integers between `min` and `max` writes a point in time; a number alone says little, so the name must too.
pub(super) fn of_ints(min: i64, max: i64, name: &str) -> Option<TimeEncoding> {
    if is_year_name(name) {
        return (min >= 1_000 && max <= 2_200).then_some(TimeEncoding::Year);
    }
    let words = split_words(name);
    let named = words.iter().any(|word| TIME_WORDS.contains(&word.as_str()));
    let counted = words
        .iter()
        .any(|word| ["id", "count", "number", "num", "minutes", "hours", "days", "duration"].contains(&word.as_str()));
    if !named || counted {
        return None;
    }
    let compact = |value: i64| u32::try_from(value).is_ok_and(|value| is_date(value / 10_000, value / 100 % 100, value % 100));
    if compact(min) && compact(max) {
        return Some(TimeEncoding::CompactDate);
    }
    // 1975 to 2099, in seconds and in milliseconds.
    let (first, last) = (157_766_400, 4_102_444_800);
    if min >= first && max <= last {
        return Some(TimeEncoding::UnixSeconds);
    }
    (min >= first * 1_000 && max <= last * 1_000).then_some(TimeEncoding::UnixMillis)
}

/// Whether a name says that its values are years and not, say, numbers of years.
fn is_year_name(name: &str) -> bool {
    let words = split_words(name);
    let year = words.iter().position(|word| matches!(word.as_str(), "year" | "yr"));
    let counts = ["of", "per", "old", "experience", "working", "total", "num", "number", "count", "avg", "to"];
    year.is_some() && !words.iter().any(|word| counts.contains(&word.as_str()))
}

/// The form of one text.
fn form(text: &str) -> Option<TimeEncoding> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let part = bytes.get(range)?;
        part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let dashes = bytes.get(4) == Some(&b'-') && (bytes.len() < 8 || bytes.get(7) == Some(&b'-'));
    match bytes.len() {
        4 => number(0..4).filter(|year| (1_000..=2_200).contains(year)).map(|_| TimeEncoding::Year),
        7 if dashes => (number(0..4)? >= 1 && (1..=12).contains(&number(5..7)?)).then_some(TimeEncoding::YearMonth),
        8 => is_date(number(0..4)?, number(4..6)?, number(6..8)?).then_some(TimeEncoding::CompactDate),
        10 if dashes => {
            let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
            (year >= 1 && (1..=12).contains(&month) && (1..=31).contains(&day)).then_some(TimeEncoding::IsoDate)
        }
        16.. if dashes && matches!(bytes.get(10), Some(b' ' | b'T')) && bytes.get(13) == Some(&b':') => {
            let (month, day, hour, minute) = (number(5..7)?, number(8..10)?, number(11..13)?, number(14..16)?);
            let rest = bytes.get(16..).unwrap_or_default();
            let allowed = rest.iter().all(|byte| byte.is_ascii_digit() || b":.+-Z ".contains(byte));
            ((1..=12).contains(&month) && (1..=31).contains(&day) && hour < 25 && minute < 60 && allowed)
                .then_some(TimeEncoding::IsoTimestamp)
        }
        _ => None,
    }
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    (1_800..=2_200).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day)
}

/// The column that says when a row of `table` happened, judged by names, types and how often it is filled in.
pub(super) fn time_column(table: &Table) -> Option<&Column> {
    let table_words = split_words(&table.name.name);
    let mut best: Option<(f64, &Column)> = None;
    for (index, column) in table.columns.iter().enumerate().filter(|(_, column)| column.is_temporal()) {
        if column.data_type == LogicalType::Time {
            continue;
        }
        let statistics = column.statistics.as_ref();
        if statistics.is_some_and(|statistics| statistics.max.is_none()) {
            continue;
        }
        let mut score = 1.0 - statistics.map_or(0.0, |statistics| statistics.null_share) - index as f64 * 0.01;
        for word in split_words(&column.name) {
            score += match word.as_str() {
                "created" | "ordered" | "placed" | "occurred" | "happened" | "opened" | "invoice" | "transaction" | "event"
                | "booking" | "booked" | "sold" | "sale" | "purchase" | "posted" | "issued" | "start" | "started" => 1.0,
                "order" | "date" | "timestamp" | "time" | "day" | "at" => 0.3,
                "updated" | "modified" | "changed" | "last" => -0.6,
                "shipped" | "ship" | "delivered" | "closed" | "resolved" | "end" | "ended" | "finished" | "due" | "required"
                | "expiry" | "expires" | "valid" | "to" | "until" | "cancelled" | "returned" => -0.8,
                "birth" | "born" | "birthday" | "dob" | "birthdate" | "death" | "founded" | "opening" => -1.5,
                word if table_words.iter().any(|own| own.trim_end_matches('s') == word.trim_end_matches('s')) => 0.5,
                _ => 0.0,
            };
        }
        if matches!(column.time_encoding, Some(TimeEncoding::Year | TimeEncoding::YearMonth)) {
            score -= 0.7;
        }
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, column));
        }
    }
    best.map(|(_, column)| column)
}

/// What a column of dates is when the values do not tell: empty, or all NULL.
pub(super) fn assumed(data_type: LogicalType) -> Option<TimeEncoding> {
    match data_type {
        LogicalType::Date => Some(TimeEncoding::IsoDate),
        LogicalType::Timestamp => Some(TimeEncoding::IsoTimestamp),
        _ => None,
    }
}

/// The encoding of a column by its smallest and largest value, when those are numbers.
pub(super) fn of_range(min: Option<&Value>, max: Option<&Value>, name: &str) -> Option<TimeEncoding> {
    let whole = |value: &Value| match value {
        Value::Int(value) => Some(*value),
        Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e15 => Some(*value as i64),
        _ => None,
    };
    of_ints(whole(min?)?, whole(max?)?, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_show_their_form() {
        for (texts, name, expected) in [
            (&["2024-01-31", "2023-12-01"][..], "d", Some(TimeEncoding::IsoDate)),
            (&["2024-01-31 10:00:00", "2023-12-01"], "d", Some(TimeEncoding::IsoTimestamp)),
            (&["2024-01-31T10:00:00.123+02:00", "2024-01-31T10:00Z"], "d", Some(TimeEncoding::IsoTimestamp)),
            (&["20240131"], "order_date", Some(TimeEncoding::CompactDate)),
            (&["20240131"], "phone", None),
            (&["2024-01", "2024-12"], "m", Some(TimeEncoding::YearMonth)),
            (&["2024", "1999"], "model_year", Some(TimeEncoding::Year)),
            (&["2024", "1999"], "code", None),
            (&["31/01/2024"], "d", None),
            (&["2024-13-01"], "d", None),
            (&["", " "], "d", None),
        ] {
            assert_eq!(of_texts(texts.iter().copied(), name), expected, "{texts:?} {name}");
        }
    }

    #[test]
    fn numbers_need_a_name_too() {
        assert_eq!(of_ints(1_990, 2_024, "year"), Some(TimeEncoding::Year));
        assert_eq!(of_ints(1_990, 2_024, "amount"), None);
        assert_eq!(of_ints(1, 40, "years_working"), None);
        assert_eq!(of_ints(1_600_000_000, 1_700_000_000, "created_at"), Some(TimeEncoding::UnixSeconds));
        assert_eq!(of_ints(1_600_000_000_000, 1_700_000_000_000, "ts"), Some(TimeEncoding::UnixMillis));
        assert_eq!(of_ints(1_600_000_000, 1_700_000_000, "phone"), None);
        assert_eq!(of_ints(20_200_101, 20_241_231, "order_date"), Some(TimeEncoding::CompactDate));
    }
}
