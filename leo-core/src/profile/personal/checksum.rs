//! Check digits, over ASCII digits or letters and digits. Whatever else is among them makes the answer no.

/// The digits' values; `None` when something else is among them.
fn values(digits: &[u8]) -> Option<impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_> {
    digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().map(|digit| u32::from(digit - b'0')))
}

/// The sum of the digits times `weights`; `None` when there are other characters or fewer digits than weights.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> Option<u32> {
    let sum = values(digits.get(..weights.len())?)?.zip(weights).map(|(digit, weight)| digit * weight).sum();
    Some(sum)
}

/// The value of the digit at `at`.
pub(super) fn digit(digits: &[u8], at: usize) -> Option<u32> {
    digits.get(at).filter(|digit| digit.is_ascii_digit()).map(|digit| u32::from(digit - b'0'))
}

/// The number in the digits of `range`.
pub(super) fn number(digits: &[u8], range: std::ops::Range<usize>) -> Option<u64> {
    let part = digits.get(range)?;
    (part.len() <= 18).then_some(())?;
    Some(values(part)?.fold(0, |number, digit| number * 10 + u64::from(digit)))
}

/// Luhn's formula (ISO/IEC 7812-1).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let Some(values) = values(digits).filter(|values| values.len() > 1) else { return false };
    let sum: u32 = values
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The remainder by 97 of letters and digits read as a number, letters as 10 to 35 (ISO/IEC 7064 MOD 97-10).
pub(super) fn mod_97<'a>(characters: impl Iterator<Item = &'a u8>) -> Option<u32> {
    characters.into_iter().try_fold(0, |rest, character| match character {
        b'0'..=b'9' => Some((rest * 10 + u32::from(character - b'0')) % 97),
        b'A'..=b'Z' => Some((rest * 100 + u32::from(character - b'A') + 10) % 97),
        _ => None,
    })
}

/// ISO/IEC 7064 MOD 11,10, the last digit being the check digit.
pub(super) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((last, rest)) = digits.split_last() else { return false };
    let Some(values) = values(rest) else { return false };
    let product = values.fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    *last == b'0' + ((11 - product) % 10) as u8
}

/// Verhoeff's algorithm, over the dihedral group of ten elements.
pub(super) fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let Some(values) = values(digits).filter(|values| values.len() > 1) else { return false };
    let check = values.rev().enumerate().fold(0, |check, (at, digit)| {
        let moved = (0..at % 8).fold(digit, |digit, _| PERMUTATION.get(digit as usize).copied().unwrap_or(0));
        dihedral(check, moved)
    });
    check == 0
}

/// The product of two elements of the dihedral group of ten: 0–4 are rotations, 5–9 reflections.
fn dihedral(a: u32, b: u32) -> u32 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 10 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// Whether day and month exist; 29 February does.
pub(super) fn is_day(month: u64, day: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_numbers_pass() {
        assert!(luhn(b"4111111111111111") && luhn(b"79927398713") && !luhn(b"79927398710"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert_eq!(mod_97(b"WEST12345698765432GB82".iter()), Some(1));
        assert!(mod_11_10(b"86095742719") && !mod_11_10(b"86095742718"));
        assert!(is_day(2, 29) && !is_day(2, 30) && !is_day(13, 1) && !is_day(4, 31));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(digits in "[0-9]{4,18}", at in 0usize..18, by in 1u8..10) {
            for check in [luhn as fn(&[u8]) -> bool, verhoeff, mod_11_10] {
                let with = |last: u8| { let mut all = digits.clone().into_bytes(); all.push(last); all };
                let right: Vec<_> = (b'0'..=b'9').map(with).filter(|all| check(all)).collect();
                prop_assert_eq!(right.len(), 1);
                for mut wrong in right {
                    let at = at % wrong.len();
                    wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
                    prop_assert!(!check(&wrong));
                }
            }
        }

        #[test]
        fn anything_else_is_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let digits = bytes.len() > 1 && bytes.iter().all(u8::is_ascii_digit);
            prop_assert!(digits || !(luhn(&bytes) || verhoeff(&bytes)));
            mod_11_10(&bytes);
            mod_97(bytes.iter());
            prop_assert!(weighted(&bytes, &[1; 41]).is_none() && number(&bytes, 30..60).is_none());
        }
    }
}
