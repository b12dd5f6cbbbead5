//! The Americas.

use super::super::checksum::{digit, luhn, number, weighted};
use super::super::compact::Compact;
use super::{Form, checked, grouped};

/// Three, two and four digits without a check digit: areas 000, 666 and 900 up, and zeros, are not given; 9xx with certain groups
/// are tax numbers of people without.
pub(super) fn social_security(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 9)?;
    let (area, group, serial) = (number(digits, 0..3)?, number(digits, 3..5)?, number(digits, 5..9)?);
    let is_tax_number = area >= 900 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99);
    if serial == 0 || group == 0 || area == 0 || area == 666 || (area >= 900 && !is_tax_number) {
        return None;
    }
    match text.groups() {
        [3, 2, 4] if (text.separated_by(b'-') || text.separated_by(b' ')) && !text.plus && !text.parentheses => {
            Some(Form::Evident)
        }
        [_] if text.is_plain() => Some(Form::Shape),
        _ => None,
    }
}

pub(super) fn social_insurance(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 9 && !matches!(digits.first(), Some(b'0' | b'8')))?;
    let separator = if text.has(b'-') { b'-' } else { b' ' };
    grouped(text, luhn(digits), &[3, 3, 3], separator)
}

/// Two check digits modulo 11.
pub(super) fn cpf(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11 && digits.iter().any(|digit| Some(digit) != digits.first()))?;
    let check = |sum: u32| sum * 10 % 11 % 10;
    let first = check(weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2])?);
    let second = check(weighted(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2])?);
    let right = digit(digits, 9) == Some(first) && digit(digits, 10) == Some(second);
    // 529.982.247-25
    if right && text.groups() == [3, 3, 3, 2] && text.has(b'-') {
        return Some(Form::Evident);
    }
    checked(right && text.is_plain())
}

/// Four letters, a date, sex and state, consonants, and a check digit that not all have.
pub(super) fn curp(text: &Compact) -> Option<Form> {
    let characters = text.characters();
    let letters =
        |range: std::ops::Range<usize>| characters.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_uppercase));
    let is_date = super::super::checksum::is_day(number(characters, 6..8)?, number(characters, 8..10)?);
    let right = characters.len() == 18
        && letters(0..4)
        && number(characters, 4..6).is_some()
        && is_date
        && matches!(characters.get(10), Some(b'H' | b'M' | b'X'))
        && letters(11..16)
        && characters.last().is_some_and(u8::is_ascii_digit);
    (right && text.is_plain()).then_some(Form::Evident)
}

/// Modulo 11, with a K for ten: 12.345.678-5.
pub(super) fn rut(text: &Compact) -> Option<Form> {
    let (last, body) = text.characters().split_last()?;
    if !matches!(body.len(), 7 | 8) || !body.iter().all(u8::is_ascii_digit) || body.first() == Some(&b'0') {
        return None;
    }
    let sum: u32 = body.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3]).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        digit => b'0' + digit as u8,
    };
    if check != *last {
        return None;
    }
    match text.groups() {
        [1 | 2, 3, 3, 1] if text.has(b'.') && text.has(b'-') => Some(Form::Evident),
        [7 | 8, 1] if text.separated_by(b'-') => Some(Form::Checked),
        _ => None,
    }
}
