//! Numbers as people write them: letters and digits in groups, with what separates them.

/// Letters and digits taken at most.
const MOST: usize = 34;
/// Groups told apart.
const GROUPS: usize = 10;

/// The letters and digits of a short text, in upper case, without what separates them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compact {
    characters: [u8; MOST],
    length: usize,
    sizes: [u8; GROUPS],
    groups: usize,
    /// Whether it begins with a plus sign.
    pub plus: bool,
    /// Whether something stands in parentheses.
    pub parentheses: bool,
    /// Groups before the first parenthesis.
    pub before_parentheses: usize,
    /// Whether every letter or digit is a digit.
    pub digits: bool,
    /// What separates groups: of `' '`, `-`, `.`, `/` those that occur, in that order of bits.
    separators: u8,
}

const SEPARATORS: [u8; 4] = *b" -./";

impl Compact {
    const EMPTY: Self = Self {
        characters: [0; MOST],
        length: 0,
        sizes: [0; GROUPS],
        groups: 0,
        plus: false,
        parentheses: false,
        before_parentheses: 0,
        digits: true,
        separators: 0,
    };

    /// `None` for a text that is too long, has other characters than letters and digits of ASCII and separators, or nothing but
    /// separators.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut found = Self::EMPTY;
        let mut in_group = false;
        for (at, &byte) in text.as_bytes().iter().enumerate() {
            match byte {
                b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
                    *found.characters.get_mut(found.length)? = byte.to_ascii_uppercase();
                    found.length += 1;
                    found.digits &= byte.is_ascii_digit();
                    if !in_group {
                        found.groups += 1;
                        in_group = true;
                    }
                    *found.sizes.get_mut(found.groups - 1)? += 1;
                    continue;
                }
                b'+' if at == 0 => found.plus = true,
                b'(' | b')' => {
                    if !found.parentheses {
                        found.before_parentheses = found.groups;
                    }
                    found.parentheses = true;
                }
                _ => {
                    let place = SEPARATORS.iter().position(|separator| *separator == byte)?;
                    // A separator at the beginning is a sign of something else: a negative number, a path.
                    (found.groups > 0 || found.parentheses).then_some(())?;
                    found.separators |= 1 << place;
                }
            }
            in_group = false;
        }
        (found.length > 0).then_some(found)
    }

    /// A number.
    pub(super) fn of_number(number: u64) -> Self {
        let mut found = Self { groups: 1, ..Self::EMPTY };
        let length = number.checked_ilog10().map_or(1, |log| log as usize + 1);
        let mut rest = number;
        for place in found.characters.iter_mut().take(length).rev() {
            *place = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        found.length = length;
        if let Some(size) = found.sizes.first_mut() {
            *size = length as u8;
        }
        found
    }

    /// The letters and digits.
    pub(super) fn characters(&self) -> &[u8] {
        self.characters.get(..self.length).unwrap_or_default()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// The sizes of the groups.
    pub(super) fn groups(&self) -> &[u8] {
        self.sizes.get(..self.groups).unwrap_or_default()
    }

    /// Whether it is written in one piece.
    pub(super) fn is_plain(&self) -> bool {
        self.groups == 1 && !self.plus && !self.parentheses
    }

    /// Whether `separator` is the only one, or there is none.
    pub(super) fn separated_by(&self, separator: u8) -> bool {
        self.separators == 0 || SEPARATORS.iter().position(|own| *own == separator).is_some_and(|at| self.separators == 1 << at)
    }

    /// Whether `separator` occurs.
    pub(super) fn has(&self, separator: u8) -> bool {
        SEPARATORS.iter().position(|own| *own == separator).is_some_and(|at| self.separators & (1 << at) != 0)
    }

    /// The digits alone, when there is nothing else.
    pub(super) fn digits(&self) -> Option<&[u8]> {
        self.digits.then(|| self.characters())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn groups_and_separators_are_told() {
        let phone = Compact::of(" +49 (30) 901-820 ").unwrap();
        assert_eq!((phone.characters(), phone.groups()), (&b"4930901820"[..], &[2, 2, 3, 3][..]));
        assert!(phone.plus && phone.parentheses && phone.digits && phone.has(b'-') && !phone.separated_by(b'-'));
        for other in ["", " - ", "a@b", "é", "-5", "/a/b", "1,5", "1+1", &"1".repeat(35)] {
            assert!(Compact::of(other).is_none(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_their_text(number: u64) {
            let (a, b) = (Compact::of_number(number), Compact::of(&number.to_string()).unwrap());
            prop_assert_eq!((a.characters(), a.groups(), a.is_plain()), (b.characters(), b.groups(), b.is_plain()));
        }

        #[test]
        fn any_text_is_read(text in ".{0,60}") {
            if let Some(compact) = Compact::of(&text) {
                prop_assert_eq!(compact.len(), compact.groups().iter().map(|size| usize::from(*size)).sum::<usize>());
            }
        }
    }
}
