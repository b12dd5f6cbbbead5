//! Asia and Africa.

use super::super::checksum::{is_day, luhn, number, verhoeff};
use super::super::compact::Compact;
use super::{Form, checked, grouped};

/// Twelve digits, not beginning with 0 or 1, with Verhoeff's check digit.
pub(super) fn aadhaar(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 12 && !matches!(digits.first(), Some(b'0' | b'1')))?;
    let separator = if text.has(b'-') { b'-' } else { b' ' };
    grouped(text, verhoeff(digits), &[4, 4, 4], separator)
}

/// Five letters, the fourth a P for a person, four digits, a letter.
pub(super) fn pan(text: &Compact) -> Option<Form> {
    let right = text.len() == 10
        && text.characters().iter().enumerate().all(|(at, byte)| match at {
            3 => *byte == b'P',
            5..=8 => byte.is_ascii_digit(),
            _ => byte.is_ascii_uppercase(),
        });
    (right && text.is_plain()).then_some(Form::Evident)
}

/// Region, date of birth, order, and ISO 7064 MOD 11-2.
pub(super) fn resident_identity(text: &Compact) -> Option<Form> {
    let (last, body) = text.characters().split_last()?;
    let is_date = matches!(number(body, 6..10), Some(1_800..=2_100)) && is_day(number(body, 10..12)?, number(body, 12..14)?);
    if body.len() != 17 || !is_date || !body.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum = body.iter().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    let check = b"10X98765432".get(((sum) % 11) as usize)?;
    (last == check && text.is_plain()).then_some(Form::Evident)
}

/// Date of birth, order, citizenship, and Luhn.
pub(super) fn south_african(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 13)?;
    let is_person = is_day(number(digits, 2..4)?, number(digits, 4..6)?) && matches!(digits.get(10), Some(b'0' | b'1' | b'2'));
    checked(text.is_plain() && is_person && luhn(digits))
}
