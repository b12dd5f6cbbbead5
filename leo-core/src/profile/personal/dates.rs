//! Days somebody may have been born on.

use super::checksum::number;

/// Years of birth that are told from other numbers.
pub(super) const YEARS: std::ops::RangeInclusive<u64> = 1_800..=2_100;

/// The year of a date as people or machines write it: `1976-01-20`, `20.01.1976`, `1/20/1976`, `19760120`, `20 January 1976`; years
/// of two digits count as 1900 and some.
pub(super) fn year(text: &str) -> Option<u64> {
    let text = text.trim();
    if !(6..=35).contains(&text.len()) {
        return None;
    }
    let mut numbers = [(0u64, 0usize); 3];
    let mut found = 0;
    let mut has_month = false;
    for part in text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        let bytes = part.as_bytes();
        if bytes.iter().all(u8::is_ascii_digit) {
            *numbers.get_mut(found)? = (number(bytes, 0..bytes.len())?, bytes.len());
            found += 1;
            // What follows a year in front is the day and, perhaps, the time.
            if found == 3 {
                break;
            }
        } else if found == 2 && bytes.len() > 3 && bytes.iter().any(|byte| matches!(byte, b'T' | b't')) {
            // 1976-01-20T00
            let (day, _) = part.split_once(['T', 't'])?;
            *numbers.get_mut(found)? = (day.parse().ok()?, day.len());
            found += 1;
            break;
        } else if part.chars().all(char::is_alphabetic) && part.chars().count() >= 3 {
            has_month = true;
        } else {
            return None;
        }
    }
    let is = |a: u64, b: u64| super::checksum::is_day(a, b) || super::checksum::is_day(b, a);
    match (found, numbers, has_month) {
        (1, [(compact, 8), ..], false) => is(compact / 100 % 100, compact % 100).then_some(compact / 10_000),
        (3, [(year, 4), (month, 1 | 2), (day, 1 | 2)], _) => is(month, day).then_some(year),
        (3, [(day, 1 | 2), (month, 1 | 2), (year, 4)], _) => is(month, day).then_some(year),
        (3, [(day, 1 | 2), (month, 1 | 2), (year, 2)], _) => is(month, day).then_some(1_900 + year),
        (2, [(day @ 1..=31, 1 | 2), (year, 4), _], true) | (2, [(year, 4), (day @ 1..=31, 1 | 2), _], true) if day > 0 => {
            Some(year)
        }
        _ => None,
    }
    .filter(|year| YEARS.contains(year))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_tell_their_year() {
        for (text, expected) in [
            ("1976-01-20", Some(1976)),
            ("1976-01-20 00:00:00", Some(1976)),
            ("1976-01-20T00:00:00Z", Some(1976)),
            ("20.01.1976", Some(1976)),
            ("1/20/1976", Some(1976)),
            ("19760120", Some(1976)),
            ("20-Jan-1976", Some(1976)),
            ("January 20, 1976", Some(1976)),
            ("20/01/76", Some(1976)),
            ("2976-01-20", None),
            ("1976-13-20", None),
            ("Sunday", None),
            ("415-555-2671", None),
        ] {
            assert_eq!(year(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}", digits in "[0-9./T -]{0,30}") {
            let _ = (year(&text), year(&digits));
        }
    }
}
