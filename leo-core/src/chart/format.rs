//! Numbers and labels for people. One place, so that prose, charts and tables agree.

use std::borrow::Cow;

use super::hint::Unit;
use crate::query::{Grain, MONTHS, WEEKDAYS};
use crate::value::Value;

/// A number with thousands separators and a precision that suits its size: `1,234,567`, `1,234.57`, `12.35`, `0.0123`. Numbers that
/// are whole are written whole. What is not a number is `n/a`, or `∞`.
pub fn number(value: f64) -> String {
    if value.is_nan() {
        return "n/a".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞".into() } else { "−∞".into() };
    }
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-6) {
        return format!("{value:e}");
    }
    if value.fract() == 0.0 {
        return grouped(value, 0);
    }
    let decimals = match size {
        size if size >= 100_000.0 => 0,
        size if size >= 1.0 => 2,
        // Three digits that mean something.
        size => (2 - size.log10().floor() as i32).clamp(3, 9) as usize,
    };
    trim_zeros(grouped(value, decimals))
}

/// A whole number with thousands separators, exact.
pub fn integer(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    separate(&digits, &mut text);
    text
}

/// A number in its unit: `12.5 %` as `12.5%`, `€1,234.50`, `1,234 days`.
pub fn in_unit(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Plain => number(value),
        Unit::Fraction => percent(value * 100.0),
        Unit::Percent => percent(value),
        Unit::Currency(code) => currency(value, code),
        Unit::Named(name) => format!("{} {}", number(value), label(name, 24)),
    }
}

/// A cell as prose and tables show it: integers exact, other numbers by [`in_unit`], text as a [`label`], NULL as a dash.
pub fn cell(value: &Value, unit: &Unit, max_chars: usize) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Int(value) if unit.is_plain() => integer(*value),
        Value::Int(value) => in_unit(*value as f64, unit),
        Value::Float(value) => in_unit(*value, unit),
        Value::Decimal(value) => in_unit(value.to_f64(), unit),
        Value::Text(text) => label(text, max_chars),
        Value::Bytes(bytes) => format!("<{} bytes>", bytes.len()),
    }
}

/// Short form for axes and tight places: `1.2k`, `3.4M`, `5B`.
pub fn compact(value: f64, unit: &Unit) -> String {
    match unit {
        Unit::Fraction => return percent(value * 100.0),
        Unit::Percent => return percent(value),
        _ => {}
    }
    let size = value.abs();
    let text = if !value.is_finite() || !(10_000.0..1e15).contains(&size) {
        number(value)
    } else {
        let (divisor, suffix) = match size {
            size if size >= 1e12 => (1e12, "T"),
            size if size >= 1e9 => (1e9, "B"),
            size if size >= 1e6 => (1e6, "M"),
            _ => (1e3, "k"),
        };
        let scaled = value / divisor;
        let decimals = match scaled.abs() {
            scaled if scaled >= 100.0 => 0,
            scaled if scaled >= 10.0 => 1,
            _ => 2,
        };
        format!("{}{suffix}", trim_zeros(grouped(scaled, decimals)))
    };
    match unit {
        Unit::Currency(code) => with_symbol(&text, code),
        _ => text,
    }
}

/// Text from a cell or a name, made safe to show in a line: control and direction-changing characters become spaces, runs of
/// space one space, and what is longer than `max_chars` ends in `…`.
pub fn label(text: &str, max_chars: usize) -> String {
    let mut clean = String::with_capacity(text.len().min(max_chars * 4));
    let mut count = 0;
    let mut pending_space = false;
    for c in text.chars() {
        if c.is_whitespace() || is_hidden(c) {
            pending_space = count > 0;
            continue;
        }
        let needed = usize::from(pending_space) + 1;
        if count + needed > max_chars {
            // Make room for the ellipsis, which takes one place itself.
            while count >= max_chars.max(1) {
                clean.pop();
                count -= 1;
            }
            clean.truncate(clean.trim_end().len());
            clean.push('…');
            return clean;
        }
        if pending_space {
            clean.push(' ');
            count += 1;
            pending_space = false;
        }
        clean.push(c);
        count += 1;
    }
    clean
}

/// The name of a part of the calendar that is stored as a number: 1 of a weekday is `Mon`, 3 of a month `Mar`, 14 of an hour `14:00`;
/// with `long`, `Monday` and `March`. `None` where the grain or the value is not of that kind.
pub fn calendar_part(value: &Value, grain: Option<Grain>, long: bool) -> Option<String> {
    let number = match value {
        Value::Int(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    let name = |names: &[&str]| {
        let name = *names.get(usize::try_from(number).ok()?.checked_sub(1)?)?;
        if long { Some(name.to_owned()) } else { name.get(..3).map(str::to_owned) }
    };
    match grain? {
        Grain::DayOfWeek => name(&WEEKDAYS),
        Grain::MonthOfYear => name(&MONTHS),
        Grain::QuarterOfYear if (1..=4).contains(&number) => Some(format!("Q{number}")),
        Grain::HourOfDay if (0..=23).contains(&number) => Some(format!("{number:02}:00")),
        _ => None,
    }
}

/// A column's name for people: `order_count` → `order count`; `totalAmount` stays as it is written.
pub fn column_label(name: &str) -> String {
    label(&name.replace('_', " "), 60)
}

/// Characters that show nothing or reorder what is around them: control characters, byte order marks, direction overrides.
/// Text of several lines made safe to show on a terminal: line feeds stay, tabs become spaces, and every other character that controls
/// the terminal or hides or reorders what is shown is replaced by `�`. What prints data, names or messages sends them through here or
/// through [`label`].
pub fn printable(text: &str) -> Cow<'_, str> {
    // Joiners shape the letters of some scripts and do nothing else.
    let bad = |c: char| c != '\n' && is_hidden(c) && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fffd}');
    if !text.contains(bad) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.replace("\r\n", "\n")
            .chars()
            .map(|c| {
                if c == '\t' {
                    ' '
                } else if bad(c) {
                    '\u{fffd}'
                } else {
                    c
                }
            })
            .collect(),
    )
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
}

fn percent(value: f64) -> String {
    if !value.is_finite() {
        return number(value);
    }
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 0.1 || size == 0.0 => 1,
        _ => 3,
    };
    format!("{}%", trim_zeros(grouped(value, decimals)))
}

fn currency(value: f64, code: &str) -> String {
    if !value.is_finite() {
        return number(value);
    }
    let decimals = if value.fract() == 0.0 || value.abs() >= 100_000.0 { 0 } else { 2 };
    with_symbol(&grouped(value, decimals), code)
}

fn with_symbol(text: &str, code: &str) -> String {
    let symbol = match code.to_ascii_uppercase().as_str() {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" | "CNY" => "¥",
        _ => "",
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if !symbol.is_empty() {
        format!("{sign}{symbol}{digits}")
    } else if code.chars().count() == 1 {
        format!("{sign}{}{digits}", label(code, 1))
    } else {
        format!("{text} {}", label(code, 12))
    }
}

fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    // Rounding may leave nothing but zeros: no negative zero.
    let is_zero = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    if !is_zero {
        grouped.push_str(sign);
    }
    separate(whole, &mut grouped);
    if !fraction.is_empty() {
        grouped.push('.');
        grouped.push_str(fraction);
    }
    grouped
}

fn separate(digits: &str, into: &mut String) {
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            into.push(',');
        }
        into.push(digit);
    }
}

fn trim_zeros(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (1234.0, "1,234"),
            (-1234567.0, "-1,234,567"),
            (1234.567, "1,234.57"),
            (123456.789, "123,457"),
            (12.5, "12.5"),
            (0.5, "0.5"),
            (0.01234, "0.0123"),
            (-0.00001234, "-0.0000123"),
            (1e300, "1e300"),
            (f64::NAN, "n/a"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text, "{value}");
        }
        assert_eq!(integer(i64::MIN), "-9,223,372,036,854,775,808");
    }

    #[test]
    fn units_go_with_their_numbers() {
        assert_eq!(in_unit(0.1234, &Unit::Fraction), "12.3%");
        assert_eq!(in_unit(12.0, &Unit::Percent), "12%");
        assert_eq!(in_unit(-1234.5, &Unit::Currency("EUR".into())), "-€1,234.50");
        assert_eq!(in_unit(1234.0, &Unit::Currency("CHF".into())), "1,234 CHF");
        assert_eq!(in_unit(3.0, &Unit::Named("days".into())), "3 days");
        assert_eq!(compact(1_260_000.0, &Unit::Plain), "1.26M");
        assert_eq!(compact(999.0, &Unit::Plain), "999");
        assert_eq!(compact(-52_000.0, &Unit::Currency("USD".into())), "-$52k");
    }

    #[test]
    fn parts_of_the_calendar_have_names() {
        assert_eq!(calendar_part(&1.into(), Some(Grain::DayOfWeek), false).as_deref(), Some("Mon"));
        assert_eq!(calendar_part(&12.into(), Some(Grain::MonthOfYear), true).as_deref(), Some("December"));
        assert_eq!(calendar_part(&9.into(), Some(Grain::HourOfDay), true).as_deref(), Some("09:00"));
        assert_eq!(calendar_part(&8.into(), Some(Grain::DayOfWeek), false), None);
        assert_eq!(calendar_part(&2024.into(), Some(Grain::Year), false), None);
    }

    #[test]
    fn texts_keep_their_lines_and_lose_what_controls_the_terminal() {
        assert_eq!(printable("SELECT 1\r\n\tFROM t"), "SELECT 1\n FROM t");
        assert_eq!(printable("\u{1b}]0;title\u{7}\u{9b}31m\u{202e}x"), "\u{fffd}]0;title\u{fffd}\u{fffd}31m\u{fffd}x");
        assert!(matches!(printable("می\u{200c}خواهم"), Cow::Borrowed(_)));
    }

    #[test]
    fn labels_cannot_break_out_of_their_line() {
        assert_eq!(label("a\u{202e}b\r\n\t c", 10), "a b c");
        assert_eq!(label("abcdefgh", 5), "abcd…");
        assert_eq!(label("abcde", 5), "abcde");
        assert_eq!(label("\u{0}\u{1b}[31mred", 20), "[31mred");
        assert_eq!(label("", 5), "");
        assert_eq!(label("日本語の名前です", 4), "日本語…");
        assert_eq!(column_label("order_count"), "order count");
    }
}
