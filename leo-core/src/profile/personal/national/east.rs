//! Eastern Europe and Turkey.

use super::super::checksum::{digit, is_day, number, weighted};
use super::super::compact::Compact;
use super::{Form, checked};

/// Date of birth with the century added to the month, order, and a check digit modulo 10.
pub(super) fn pesel(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11)?;
    let (month, day) = (number(digits, 2..4)? % 20, number(digits, 4..6)?);
    let sum = weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3])?;
    checked(text.is_plain() && is_day(month, day) && digit(digits, 10) == Some((10 - sum % 10) % 10))
}

/// Date of birth, women's months with 50 added, and ten digits that 11 divides; nine digits until 1953 have no check.
pub(super) fn rodne_cislo(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 10)?;
    let (month, day) = (number(digits, 2..4)?, number(digits, 4..6)?);
    let month = if month > 50 { month - 50 } else { month };
    let month = if month > 20 { month - 20 } else { month };
    let right = is_day(month, day) && number(digits, 0..10)? % 11 == 0;
    match text.groups() {
        [6, 4] if right && text.has(b'/') => Some(Form::Evident),
        _ => checked(right && text.is_plain()),
    }
}

/// Sex and century, date of birth, county, order, and a check digit modulo 11.
pub(super) fn cnp(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 13 && digits.first() != Some(&b'0'))?;
    let rest = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9])? % 11;
    let county = number(digits, 7..9)?;
    let is_person = is_day(number(digits, 3..5)?, number(digits, 5..7)?) && matches!(county, 1..=52 | 70);
    checked(text.is_plain() && is_person && digit(digits, 12) == Some(if rest == 10 { 1 } else { rest }))
}

/// Date of birth with the century added to the month, region, and a check digit modulo 11.
pub(super) fn egn(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 10)?;
    let (month, day) = (number(digits, 2..4)? % 20, number(digits, 4..6)?);
    let month_exists = number(digits, 2..4)? <= 52;
    let rest = weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6])? % 11 % 10;
    checked(text.is_plain() && month_exists && is_day(month, day) && digit(digits, 9) == Some(rest))
}

/// Two check digits modulo 10.
pub(super) fn kimlik(text: &Compact) -> Option<Form> {
    let digits = text.digits().filter(|digits| digits.len() == 11 && digits.first() != Some(&b'0'))?;
    let odd = weighted(digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1])?;
    let even = weighted(digits, &[0, 1, 0, 1, 0, 1, 0, 1])?;
    let all = weighted(digits, &[1; 10])?;
    let right = digit(digits, 9) == Some((odd * 7 + 10 * even - even) % 10) && digit(digits, 10) == Some(all % 10);
    checked(right && text.is_plain())
}
