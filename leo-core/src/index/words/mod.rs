//! Words: how they are read, their stems, and which of them mean the same.

mod near;
mod stem;
mod stopwords;
mod synonyms;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::catalog::{expand, split_glued, split_words};

pub(crate) use near::{Relation, fingerprint, groups, relation};
pub(crate) use stem::stem;
pub(crate) use stopwords::is_stopword;
pub(crate) use synonyms::concepts;

/// Shortest part of a compound.
const MIN_PART: usize = 3;

/// A word of a name: its stem, and how sure it is that the name holds it, 0–1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub(crate) stem: String,
    pub(crate) weight: f32,
}

/// A lowercase word without accents: `größe` → `grosse`.
pub(crate) fn folded(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut text = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => text.push_str("ss"),
            'æ' => text.push_str("ae"),
            'œ' => text.push_str("oe"),
            'ø' => text.push('o'),
            'ł' => text.push('l'),
            'đ' => text.push('d'),
            c => text.extend(c.to_lowercase()),
        }
    }
    text
}

/// Words of a text, lowercase and without accents.
pub(crate) fn words_of(text: &str) -> Vec<String> {
    split_words(text).iter().map(|word| folded(word)).filter(|word| !word.is_empty()).collect()
}

/// What a word of an identifier stands for: itself, and what it abbreviates or is glued of.
pub(crate) fn forms(word: &str) -> Vec<Word> {
    let mut forms = vec![Word { stem: stem(word), weight: 1.0 }];
    let mut add = |text: &str, weight: f32| {
        for part in text.split(' ') {
            let stem = stem(part);
            if !forms.iter().any(|known| known.stem == stem) {
                forms.push(Word { stem, weight });
            }
        }
    };
    if let Some(long) = expand(word) {
        add(long, 0.9);
    } else if let Some((head, tail)) = parts(word) {
        add(&head, 0.85);
        add(&tail, 0.85);
        if let Some(long) = expand(&head) {
            add(long, 0.8);
        }
    }
    forms
}

/// The two words that a word is glued of: `clubname`, `kundennummer`.
pub(crate) fn parts(word: &str) -> Option<(String, String)> {
    let known = |part: &str| groups(&stem(part)).next().is_some();
    if known(word) {
        return None;
    }
    if let Some(parts) = split_glued(word, known) {
        return Some(parts);
    }
    let ends = word.char_indices().map(|(at, _)| at).filter(|at| *at > MIN_PART && word.len() - at > MIN_PART);
    // The longest tail that is a word: `rechnungs-datum`, not `rechnungsda-tum`.
    ends.filter_map(|at| word.split_at_checked(at)).find_map(|(head, tail)| {
        let whole = |head: &str| known(head) && head.len() > MIN_PART;
        if !known(tail) {
            return None;
        }
        // `s` is what German puts between the two.
        let head = [Some(head), head.strip_suffix('s')].into_iter().flatten().find(|head| whole(head))?;
        Some((head.to_owned(), tail.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stems(name: &str) -> Vec<String> {
        words_of(name).iter().flat_map(|word| forms(word)).map(|word| word.stem).collect()
    }

    #[test]
    fn names_are_read_as_people_read_them() {
        assert_eq!(stems("cust_nm"), ["cust", "custom", "nm", "name"]);
        assert_eq!(stems("OrderDate"), ["order", "date"]);
        assert_eq!(stems("Größe"), [stem("grosse")]);
        let compound = stems("Rechnungsdatum");
        assert!(compound.contains(&stem("rechnung")) && compound.contains(&stem("datum")), "{compound:?}");
        let compound = stems("kundennummer");
        assert!(compound.contains(&stem("kunden")) && compound.contains(&stem("nummer")), "{compound:?}");
        assert_eq!(stems("weather"), [stem("weather")]);
    }

    proptest::proptest! {
        #[test]
        fn any_name_is_read_without_panic(name in ".{0,60}") {
            for word in words_of(&name).iter().flat_map(|word| forms(word)) {
                proptest::prop_assert!(!word.stem.is_empty() && word.weight > 0.0 && word.weight <= 1.0);
            }
        }
    }
}
