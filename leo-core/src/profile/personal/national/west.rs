//! Western Europe.

use super::super::checksum::{digit, is_day, mod_11_10, number, weighted};
use super::super::compact::Compact;
use super::{Form, checked, grouped};

/// Two letters, six digits, a letter from A to D.
pub(super) fn nino(text: &Compact) -> Option<Form> {
    let [first, second, digits @ .., last] = text.characters() else { return None };
    let never = [b"BG", b"GB", b"NK", b"KN", b"TN", b"NT", b"ZZ"].iter().any(|pair| **pair == [*first, *second]);
    let right = digits.len() == 6
        && digits.iter().all(u8::is_ascii_digit)
        && first.is_ascii_uppercase()
        && second.is_ascii_uppercase()
        && !b"DFIQUV".contains(first)
        && !b"DFIOQUV".contains(second)
        && !never
        && (b'A'..=b'D').contains(last);
    // AB 12 34 56 C
    if right && matches!(text.groups(), [2, 2, 2, 2, 1] | [2, 6, 1] | [9]) && text.separated_by(b' ') {
        return Some(Form::Evident);
    }
    None
}

/// Eleven digits, of the first ten one twice or three times and the others once at most; ISO 7064.
pub(super) fn steuer_id(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11 && digits.first() != Some(&b'0'))?;
    let mut counts = [0u8; 10];
    for digit in digits.iter().take(10) {
        if let Some(count) = counts.get_mut(usize::from(digit - b'0')) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let right = repeated == 1 && counts.iter().all(|count| *count <= 3) && mod_11_10(digits);
    grouped(text, right, &[2, 3, 3, 3], b' ')
}

/// Sex, year, month, department, commune, order, and a key modulo 97; Corsica's departments are 2A and 2B.
pub(super) fn nir(text: &Compact) -> Option<Form> {
    let characters = text.characters();
    if characters.len() != 15 || !matches!(characters.first(), Some(b'1' | b'2' | b'3' | b'4' | b'7' | b'8')) {
        return None;
    }
    let month = number(characters, 3..5)?;
    let month_exists = matches!(month, 1..=12 | 20..=42 | 50..=99);
    let number = match (characters.get(5)?, characters.get(6)?) {
        (b'2', corsica @ (b'A' | b'B')) => {
            let department = if *corsica == b'A' { 19 } else { 18 };
            number(characters, 0..5)? * 100_000_000 + department * 1_000_000 + number(characters, 7..13)?
        }
        _ => number(characters, 0..13)?,
    };
    let right = month_exists && super::super::checksum::number(characters, 13..15) == Some(97 - number % 97);
    if right && text.groups().len() >= 6 && text.separated_by(b' ') {
        return Some(Form::Evident);
    }
    checked(right && (text.is_plain() || matches!(text.groups(), [13, 2])))
}

/// Eight digits and a letter; a foreigner's begins with X, Y or Z.
pub(super) fn dni(text: &Compact) -> Option<Form> {
    let (last, body) = text.characters().split_last()?;
    let number = match (body.len(), body.first()?) {
        (8, first @ b'X'..=b'Z') => u64::from(first - b'X') * 10_000_000 + number(body, 1..8)?,
        (8, _) => number(body, 0..8)?,
        _ => return None,
    };
    let letter = b"TRWAGMYFPDXBNJZSQVHLCKE".get((number % 23) as usize)?;
    checked(letter == last && (text.is_plain() || text.separated_by(b'-')) && text.groups().len() <= 3)
}

/// Consonants of the names, date of birth and sex, commune, and a check letter.
pub(super) fn codice_fiscale(text: &Compact) -> Option<Form> {
    const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let characters = text.characters();
    let (last, body) = characters.split_last()?;
    // Where two people would have the same, digits become letters.
    let is_digit = |byte: &u8| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte);
    let shape = body.len() == 15
        && body.iter().enumerate().all(|(at, byte)| match at {
            0..=5 | 11 => byte.is_ascii_uppercase(),
            8 => b"ABCDEHLMPRST".contains(byte),
            _ => is_digit(byte),
        });
    if !shape {
        return None;
    }
    let value = |byte: u8| if byte.is_ascii_digit() { byte - b'0' } else { byte.saturating_sub(b'A') };
    let sum: u32 = body
        .iter()
        .enumerate()
        .map(|(at, byte)| match at % 2 {
            0 => ODD.get(usize::from(value(*byte))).copied().unwrap_or(0),
            _ => u32::from(value(*byte)),
        })
        .sum();
    (*last == b'A' + (sum % 26) as u8).then_some(Form::Evident)
}

pub(super) fn nif(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 9 && matches!(digits.first(), Some(b'1'..=b'3')))?;
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2])? % 11;
    let right = digit(digits, 8) == Some(if rest < 2 { 0 } else { 11 - rest });
    checked(right && (text.is_plain() || text.groups() == [3, 3, 3] && text.separated_by(b' ')))
}

/// The eleven-proof; eight digits lack a zero in front.
pub(super) fn bsn(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| matches!(digits.len(), 8 | 9) && digits.iter().any(|digit| *digit != b'0'))?;
    let (last, body) = digits.split_last()?;
    let sum: u32 = body.iter().rev().zip(2..).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    checked(sum % 11 == u32::from(last - b'0') && (text.is_plain() || text.separated_by(b'.') && text.groups() == [4, 2, 3]))
}

/// Date of birth, order, and a key modulo 97, those born from 2000 on with a 2 in front.
pub(super) fn rijksregister(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11)?;
    let (month, day, body, key) = (number(digits, 2..4)?, number(digits, 4..6)?, number(digits, 0..9)?, number(digits, 9..11)?);
    let right = is_day(month, day) && (97 - body % 97 == key || 97 - (body + 2_000_000_000) % 97 == key);
    // 85.07.30-033.28
    if right && text.groups() == [2, 2, 2, 3, 2] {
        return Some(Form::Evident);
    }
    checked(right && text.is_plain())
}

/// The country's 756, and a check digit as in bar codes.
pub(super) fn ahv(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 13 && digits.starts_with(b"756"))?;
    let sum = weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3])?;
    let right = digit(digits, 12) == Some((10 - sum % 10) % 10);
    (right && (text.is_plain() || text.separated_by(b'.') && text.groups() == [3, 4, 4, 2])).then_some(Form::Evident)
}
