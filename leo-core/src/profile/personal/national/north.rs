//! Northern Europe.

use super::super::checksum::{digit, is_day, luhn, number, weighted};
use super::super::compact::Compact;
use super::{Form, checked};

/// Date of birth, order, and Luhn over the ten digits without the century.
pub(super) fn personnummer(text: &Compact) -> Option<Form> {
    let digits = text.digits()?;
    let short = match digits.len() {
        10 => digits,
        12 if matches!(number(digits, 0..2), Some(18..=20)) => digits.get(2..)?,
        _ => return None,
    };
    let (month, day) = (number(short, 2..4)?, number(short, 4..6)?);
    // A number of somebody who has none yet adds 60 to the day.
    let right = luhn(short) && (is_day(month, day) || day > 60 && is_day(month, day - 60));
    match text.groups() {
        [6 | 8, 4] if right && text.separated_by(b'-') && !text.plus => Some(Form::Evident),
        _ => checked(right && text.is_plain()),
    }
}

/// Date of birth, order, two check digits modulo 11.
pub(super) fn fodselsnummer(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11)?;
    let (day, month) = (number(digits, 0..2)?, number(digits, 2..4)?);
    let check = |sum: u32| (11 - sum % 11) % 11;
    let first = check(weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2])?);
    let second = check(weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])?);
    let right = digit(digits, 9) == Some(first)
        && digit(digits, 10) == Some(second)
        && (is_day(month, day) || day > 40 && is_day(month, day - 40) || month > 40 && is_day(month - 40, day));
    checked(right && (text.is_plain() || text.groups() == [6, 5] && text.separated_by(b' ')))
}

/// Date of birth and order: the check digit is not kept to any more.
pub(super) fn cpr(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 10)?;
    let is_date = is_day(number(digits, 2..4)?, number(digits, 0..2)?);
    (is_date && (text.is_plain() || text.groups() == [6, 4] && text.separated_by(b'-'))).then_some(Form::Shape)
}

/// Date of birth, a sign of the century, order, and a check character modulo 31.
pub(super) fn hetu(text: &Compact) -> Option<Form> {
    let characters = text.characters();
    // The sign may be a letter, which belongs to the characters, or the dash between groups.
    let (body, groups): (_, &[u8]) = match (characters.len(), characters.get(6)?) {
        (11, b'A'..=b'F' | b'U'..=b'Y') => (characters.get(7..)?, &[11]),
        (10, _) => (characters.get(6..)?, &[6, 4]),
        _ => return None,
    };
    if text.groups() != groups || !text.separated_by(b'-') || text.plus {
        return None;
    }
    let (date, order) = (number(characters, 0..6)?, number(body, 0..3)?);
    let check = b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(((date * 1_000 + order) % 31) as usize)?;
    (is_day(date / 100 % 100, date / 10_000) && body.get(3) == Some(check)).then_some(Form::Evident)
}
