//! Words without the differences that people do not write consistently.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Writes `word` in lower case, without accents, dots and apostrophes, into `folded`.
pub(super) fn fold_into(word: &str, folded: &mut String) {
    folded.clear();
    let mut push = |c: char| match c {
        '.' | '\'' | '’' | '´' | '`' => {}
        'ø' => folded.push('o'),
        'ł' => folded.push('l'),
        'đ' | 'ð' => folded.push('d'),
        'ı' => folded.push('i'),
        'ß' => folded.push_str("ss"),
        'æ' => folded.push_str("ae"),
        'œ' => folded.push_str("oe"),
        'þ' => folded.push_str("th"),
        c => folded.push(c),
    };
    if word.is_ascii() {
        word.chars().for_each(|c| push(c.to_ascii_lowercase()));
    } else {
        word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).for_each(push);
    }
}

/// [`fold_into`], as a text of its own.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_count() {
        for (word, folded) in
            [("Müller", "muller"), ("O'Brien", "obrien"), ("Ødegård", "odegard"), ("STRAßE", "strasse"), ("", "")]
        {
            assert_eq!(fold(word), folded);
        }
        assert_eq!(fold("İ"), "i");
    }
}
