//! Telephone numbers.

use super::compact::Compact;

/// How a text reads as a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phone {
    /// Digits in one piece: as many as a number has.
    Bare,
    /// Digits in groups, as numbers are written somewhere, and other things too.
    Grouped,
    /// With a country's code, or as nothing but a telephone number is written.
    Evident,
}

/// Calling codes of countries, by their length.
const CODES_1: &str = "1 7";
const CODES_2: &str =
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92
    93 94 95 98";
const CODES_3: &str = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99";

/// Reads a telephone number, with an extension perhaps.
pub(super) fn phone(text: &str) -> Option<Phone> {
    let text = text.trim();
    // Shorter than a number and longer than any of them, or a date and a time.
    if !(7..=40).contains(&text.len()) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let end = text.find(['x', 'X', 'e', '#']).filter(|at| *at >= 7);
    let (body, extension) = text.split_at_checked(end.unwrap_or(text.len()))?;
    let extension = extension.trim_start_matches(|c: char| c.is_ascii_alphabetic() || ". #:".contains(c));
    if extension.len() > 6 || !extension.bytes().all(|byte| byte.is_ascii_digit()) || end.is_some() && extension.is_empty() {
        return None;
    }
    of(&Compact::of(body)?)
}

/// Reads a telephone number without an extension.
pub(super) fn of(text: &Compact) -> Option<Phone> {
    let digits = text.digits().filter(|digits| (7..=15).contains(&digits.len()))?;
    let groups = text.groups();
    if text.plus {
        return is_international(digits).then_some(Phone::Evident);
    }
    if let [b'0', b'0', rest @ ..] = digits
        && is_international(rest)
        && groups.len() > 1
    {
        return Some(Phone::Evident);
    }
    if text.is_plain() {
        let all_the_same = digits.iter().all(|digit| Some(digit) == digits.first());
        return (!all_the_same).then_some(Phone::Bare);
    }
    if is_north_american(text, digits) {
        return Some(Phone::Evident);
    }
    let is_date =
        matches!(groups, [4, 2, 2] | [2, 2, 4] | [1, 1, 4] | [1, 2, 4] | [2, 1, 4] | [4, 2, 2, ..]) && !text.parentheses;
    // Amounts, codes of places, social security numbers, cards, books.
    let is_other = matches!(groups, [5, 4] | [3, 2, 4] | [4, 4, 4, ..] | [5, 3] | [2, 3]) && !text.parentheses
        || digits.len() == 13 && (digits.starts_with(b"978") || digits.starts_with(b"979"))
        || text.has(b'.') && groups.iter().skip(1).all(|size| *size == 3)
        || text.has(b'.') && groups.len() == 2
        // 1 234 567, with a narrow first group.
        || !digits.starts_with(b"0") && text.separated_by(b' ') && !text.parentheses && groups.iter().skip(1).all(|size| *size == 3);
    // 0123/456 and (030) 123 45 67: a prefix, then groups of two to seven.
    let (Some(first), rest) = (groups.first(), groups.get(1..).unwrap_or_default()) else { return None };
    let fits =
        (1..=6).contains(first) && rest.iter().all(|size| (2..=8).contains(size)) && groups.len() <= 6 && digits.len() <= 13;
    // An area's code stands in front, or after the country's.
    let is_area =
        !text.parentheses || text.before_parentheses == 0 || text.before_parentheses == 1 && *first <= 3 && groups.len() > 2;
    (fits && is_area && !is_date && !is_other).then_some(if text.parentheses { Phone::Evident } else { Phone::Grouped })
}

/// A country's code and as many digits as may follow.
fn is_international(digits: &[u8]) -> bool {
    let starts = |codes: &str| codes.split_ascii_whitespace().any(|code| digits.starts_with(code.as_bytes()));
    (8..=15).contains(&digits.len()) && (starts(CODES_1) || starts(CODES_2) || starts(CODES_3))
}

/// `(415) 555-0132`, `415-555-0132`, `1 415 555 0132`: neither area nor exchange begins with 0 or 1.
fn is_north_american(text: &Compact, digits: &[u8]) -> bool {
    let groups = match (text.groups(), digits.first()) {
        ([1, rest @ ..], Some(b'1')) => rest,
        (groups, _) => groups,
    };
    let national = digits.get(digits.len().saturating_sub(10)..).unwrap_or_default();
    groups == [3, 3, 4]
        && !text.has(b'/')
        && [0, 3].iter().all(|at| matches!(national.get(*at), Some(b'2'..=b'9')))
        && (digits.len() == 10 || digits.first() == Some(&b'1'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (text, expected) in [
            ("+49 30 901820", Some(Phone::Evident)),
            ("(415) 555-2671", Some(Phone::Evident)),
            ("415-555-2671 x123", Some(Phone::Evident)),
            ("1-415-555-2671", Some(Phone::Evident)),
            ("0044 20 7946 0958", Some(Phone::Evident)),
            ("030/901820", Some(Phone::Grouped)),
            ("020 7946 0958", Some(Phone::Grouped)),
            ("06 12 34 56 78", Some(Phone::Grouped)),
            ("4155552671", Some(Phone::Bare)),
            ("+999 123", None),
            ("2024-01-31", None),
            ("20/01/1976", None),
            ("2014-02-13 09:33:20", None),
            ("4111 1111 1111 1111", None),
            ("978-0-306-40615-7", None),
            ("12345-6789", None),
            ("078-05-1120", None),
            ("1.234.567", None),
            ("12345.678", None),
            ("0000000000", None),
            ("A-123-4567", None),
            ("12345", None),
            ("444-464 (21)", None),
            ("1 234 567", None),
            ("1 (780) 836-9987", Some(Phone::Evident)),
        ] {
            assert_eq!(phone(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,60}", digits in "[+(]?[0-9 ./)x-]{0,40}") {
            let _ = (phone(&text), phone(&digits));
        }
    }
}
