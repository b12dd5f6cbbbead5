//! Personal data within longer texts.

use super::accounts::{is_card, is_iban};
use super::compact::Compact;
use super::national::{Form, IDS};
use super::net::is_mailbox;
use super::person::names_somebody;
use super::phone::{self, Phone};

/// Words from which on a text is prose.
const WORDS: usize = 5;

/// What a text tells about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prose {
    /// Nothing that is found.
    Nothing,
    /// Somebody's name.
    Name,
    /// An e-mail address, a telephone number, or a number with check digits.
    Data,
}

/// Reads a text of several words; `None` when it has only few. `word` is room to work in.
pub(super) fn prose(text: &str, word: &mut String) -> Option<Prose> {
    let parts = || text.split_whitespace();
    let words = parts().filter(|part| part.chars().any(char::is_alphabetic)).take(WORDS).count();
    if words < WORDS {
        return None;
    }
    let edge = |c: char| !(c.is_alphanumeric() || c == '+' || c == '(');
    if parts().any(|part| part.contains('@') && is_mailbox(part.trim_matches(|c: char| !c.is_alphanumeric()))) {
        return Some(Prose::Data);
    }
    let is_long = |part: &&str| part.len() >= 15 && part.bytes().filter(u8::is_ascii_digit).count() >= 10;
    if parts().filter(is_long).filter_map(|part| Compact::of(part.trim_matches(edge))).any(|compact| is_iban(&compact)) {
        return Some(Prose::Data);
    }
    if runs(text)
        .filter_map(|run| Compact::of(run.trim_matches(|c: char| !c.is_ascii_digit() && !"+()".contains(c))))
        .any(|run| is_number(&run))
    {
        return Some(Prose::Data);
    }
    Some(if names_somebody(text, word) { Prose::Name } else { Prose::Nothing })
}

/// The stretches of digits and what stands between digits.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_digit() || " +-.()/".contains(c)))
        .filter(|run| run.bytes().filter(u8::is_ascii_digit).count() >= 7)
}

fn is_number(text: &Compact) -> bool {
    is_card(text)
        || phone::of(text) == Some(Phone::Evident)
        || text.groups().len() > 1 && IDS.iter().any(|id| id.form(text) == Some(Form::Evident))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn data_is_found_in_sentences() {
        let read = |text: &str| prose(text, &mut String::new());
        for text in [
            "Please write to ann.lee@example.org, thank you very much.",
            "You can call me at (415) 555-2671 any time today.",
            "My card is 4111 1111 1111 1111 and was charged twice!",
            "Transfer it to DE89370400440532013000 before the end of May.",
            "her number is 078-05-1120, as it says on the form",
        ] {
            assert_eq!(read(text), Some(Prose::Data), "{text}");
        }
        assert_eq!(read("I spoke with Peter Smith about the delivery."), Some(Prose::Name));
        assert_eq!(read("Delivered on 2024-01-31 in 3 boxes of 12 each."), Some(Prose::Nothing));
        assert_eq!(read("ann@x.org"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,120}", numbers in "([0-9+(). /-]{0,20} [a-z@]{0,9} ){6}") {
            let _ = (prose(&text, &mut String::new()), prose(&numbers, &mut String::new()));
        }
    }
}
