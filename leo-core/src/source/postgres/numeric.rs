//! `numeric` as the server sends it: groups of four decimal digits, the most significant first.

use std::fmt::Write as _;

use crate::source::net::columns::MAX_PRECISION;

/// A number as it came, not yet put together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numeric<'a> {
    /// Big-endian groups, two bytes each.
    groups: &'a [u8],
    /// The first group counts 10,000 to this power.
    weight: i32,
    negative: bool,
    /// Digits behind the point as the number is printed.
    pub(super) scale: u16,
}

/// What may stand in a `numeric`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parsed<'a> {
    Number(Numeric<'a>),
    /// `NaN`, `Infinity` or `-Infinity`.
    Special(&'static str),
}

/// Why a number has no unscaled value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// More than 38 digits.
    Large,
    /// Digits behind the scale that are not zero.
    Fine,
}

/// Reads the parts; `None` when they do not have the form.
pub(super) fn parse(raw: &[u8]) -> Option<Parsed<'_>> {
    let (head, groups) = raw.split_at_checked(8)?;
    let word = |at: usize| Some(u16::from_be_bytes([*head.get(at)?, *head.get(at + 1)?]));
    let (count, weight, sign, scale) = (word(0)?, word(2)? as i16, word(4)?, word(6)?);
    Some(match sign {
        0x0000 | 0x4000 if groups.len() == usize::from(count) * 2 => {
            Parsed::Number(Numeric { groups, weight: i32::from(weight), negative: sign == 0x4000, scale: scale & 0x3fff })
        }
        0xc000 => Parsed::Special("NaN"),
        0xd000 => Parsed::Special("Infinity"),
        0xf000 => Parsed::Special("-Infinity"),
        _ => return None,
    })
}

impl<'a> Numeric<'a> {
    fn groups(self) -> impl Iterator<Item = u16> + 'a {
        self.groups.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
    }

    /// Digits before the point; 0 for numbers below 1.
    pub(super) fn whole_digits(self) -> u32 {
        match self.groups().next() {
            Some(first) if self.weight >= 0 => self.weight.unsigned_abs() * 4 + first.checked_ilog10().map_or(0, |log| log + 1),
            _ => 0,
        }
    }

    /// The number times 10 to the power `scale`, rounded half to even where `rounds` allows it.
    ///
    /// # Errors
    /// It has more digits behind the point, or more than 38 in all.
    pub(super) fn unscaled(self, scale: u8, rounds: bool) -> Result<i128, Unfit> {
        let scale = i32::from(scale);
        let mut value: i128 = 0;
        // Power of ten that `value` is yet to be multiplied by.
        let mut pending = 0;
        let mut groups = self.groups().zip(0..);
        for (group, index) in groups.by_ref() {
            let power = 4 * (self.weight - index) + scale;
            if power >= 0 {
                value = value.checked_mul(10_000).and_then(|value| value.checked_add(i128::from(group))).ok_or(Unfit::Large)?;
                pending = power;
                continue;
            }
            // The scale ends inside or before this group.
            let (kept, unit) = if power > -4 { (4 + power, 10_i128.pow(power.unsigned_abs())) } else { (0, 10_000) };
            value = value.checked_mul(10_i128.pow(kept.unsigned_abs())).ok_or(Unfit::Large)?;
            let group = i128::from(group);
            // A group further down is less than half of anything.
            let (taken, dropped) = if power >= -4 { (group / unit, group % unit) } else { (0, 0) };
            value += taken;
            pending = 0;
            let rest = (power < -4 && group != 0) || groups.any(|(group, _)| group != 0);
            if dropped != 0 || rest {
                if !rounds {
                    return Err(Unfit::Fine);
                }
                let half = unit / 2;
                value += i128::from(dropped > half || (dropped == half && (rest || value % 2 != 0)));
            }
            break;
        }
        let factor = 10_i128.checked_pow(pending.unsigned_abs()).ok_or(Unfit::Large)?;
        let value = value.checked_mul(factor);
        let value = value.filter(|value| *value < 10_i128.pow(u32::from(MAX_PRECISION))).ok_or(Unfit::Large)?;
        Ok(if self.negative { -value } else { value })
    }

    /// Appends the number as the server prints it.
    pub(super) fn print(self, out: &mut String) {
        if self.negative {
            out.push('-');
        }
        let group = |index: i32| {
            let at = usize::try_from(index).ok().map(|index| index * 2);
            at.and_then(|at| self.groups.get(at..at + 2)).map_or(0, |pair| u16::from_be_bytes([pair[0], pair[1]]))
        };
        if self.weight < 0 {
            out.push('0');
        }
        for index in 0..=self.weight {
            let _ = if index == 0 { write!(out, "{}", group(index)) } else { write!(out, "{:04}", group(index)) };
        }
        if self.scale == 0 {
            return;
        }
        out.push('.');
        let end = out.len() + usize::from(self.scale);
        let mut index = self.weight + 1;
        while out.len() < end {
            let _ = write!(out, "{:04}", group(index));
            index += 1;
        }
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::net::columns::unscaled;
    use proptest::prelude::*;

    /// The wire form of a decimal number in text, as the server would make it.
    pub(in crate::source::postgres) fn wire(text: &str) -> Vec<u8> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
        let padded = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
        let all = format!("{whole}{padded}");
        let mut groups: Vec<u16> = (0..all.len()).step_by(4).map(|at| all[at..at + 4].parse().unwrap()).collect();
        let mut weight = (whole.len() / 4) as i16 - 1;
        while groups.first() == Some(&0) {
            groups.remove(0);
            weight -= 1;
        }
        while groups.last() == Some(&0) {
            groups.pop();
        }
        let mut raw = Vec::new();
        raw.extend((groups.len() as u16).to_be_bytes());
        raw.extend(if groups.is_empty() { 0 } else { weight }.to_be_bytes());
        raw.extend(if negative && !groups.is_empty() { 0x4000_u16 } else { 0 }.to_be_bytes());
        raw.extend((fraction.len() as u16).to_be_bytes());
        groups.iter().for_each(|group| raw.extend(group.to_be_bytes()));
        raw
    }

    fn number(text: &str, then: impl FnOnce(Numeric<'_>) -> String) -> String {
        match parse(&wire(text)).unwrap() {
            Parsed::Number(number) => then(number),
            Parsed::Special(name) => name.to_owned(),
        }
    }

    fn at(text: &str, scale: u8, rounds: bool) -> String {
        number(text, |number| format!("{:?}", number.unscaled(scale, rounds)))
    }

    #[test]
    fn extremes_fit_or_say_why_not() {
        let nines = "9".repeat(38);
        assert_eq!(at(&nines, 0, false), format!("Ok({nines})"));
        assert_eq!(at(&format!("-0.{nines}"), 38, false), format!("Ok(-{nines})"));
        assert_eq!(at(&format!("1{}", "0".repeat(38)), 0, false), "Err(Large)");
        assert_eq!(at(&format!("{nines}.5"), 1, false), "Err(Large)");
        assert_eq!(at(&format!("{nines}.5"), 0, true), "Err(Large)");
        assert_eq!(at("0", 38, false), "Ok(0)");
        assert_eq!(at("1", 38, false), "Err(Large)");
        assert_eq!(at("0.00000000000000000000000000000000000000009", 38, true), "Ok(0)");
        assert_eq!(number("-120000.00012", |number| number.whole_digits().to_string()), "6");
    }

    #[test]
    fn rounding_is_half_to_even() {
        for (text, expected) in [
            ("0.125", "12"),
            ("0.135", "14"),
            ("0.1250000000000001", "13"),
            ("0.12499", "12"),
            ("-0.135", "-14"),
            ("0.005", "0"),
            ("0.015", "2"),
            ("9.995", "1000"),
            ("0.0000005", "0"),
            ("123456.785", "12345678"),
        ] {
            assert_eq!(at(text, 2, true), format!("Ok({expected})"), "{text}");
        }
        assert_eq!((at("0.125", 2, false), at("0.12000", 2, false)), ("Err(Fine)".into(), "Ok(12)".into()));
        assert_eq!(
            (at("12345", 0, true), at("0.5", 0, true), at("1.5", 0, true)),
            ("Ok(12345)".into(), "Ok(0)".into(), "Ok(2)".into())
        );
    }

    #[test]
    fn damaged_bytes_are_no_number() {
        for raw in [&[][..], &[0; 7], &[0, 1, 0, 0, 0, 0, 0, 0], &[0, 0, 0, 0, 0x12, 0x34, 0, 0]] {
            assert!(parse(raw).is_none());
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back_digit_by_digit(whole in "(0|[1-9][0-9]{0,20})", fraction in "[0-9]{0,17}", negative: bool, scale in 0_u8..18) {
            let point = if fraction.is_empty() { "" } else { "." };
            let text = format!("{whole}{point}{fraction}");
            let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
            let text = if negative && !is_zero { format!("-{text}") } else { text };
            let printed = number(&text, |number| { let mut out = String::new(); number.print(&mut out); out });
            prop_assert_eq!(&printed, &text);
            let value = number(&text, |number| format!("{:?}", number.unscaled(scale, false).ok()));
            prop_assert_eq!(value, format!("{:?}", unscaled(&text, scale as i8)));
        }

        #[test]
        fn no_bytes_make_it_panic(raw in proptest::collection::vec(any::<u8>(), 0..40), scale in 0_u8..39, rounds: bool) {
            if let Some(Parsed::Number(number)) = parse(&raw) {
                let _ = (number.unscaled(scale, rounds), number.whole_digits());
            }
        }
    }
}
