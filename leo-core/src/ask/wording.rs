//! Words for names: identifiers read aloud, regular plurals.

use crate::catalog::split_words;

/// An identifier as words: `order_lines` → `order lines`.
pub(super) fn words(name: &str) -> String {
    split_words(name).join(" ")
}

/// One of a plural, as far as its last word is a regular one.
pub(super) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    if ["sses", "xes", "ches", "shes"].iter().any(|end| word.ends_with(end)) {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 1 && !stem.ends_with('s') && !stem.ends_with('u') => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Several of a thing, as far as its last word is a regular one; a plural stays as it is.
pub(super) fn plural(word: &str) -> String {
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|end| word.ends_with(end));
    match word.strip_suffix('y') {
        _ if word.is_empty() => String::new(),
        Some(stem) if !vowel_y => format!("{stem}ies"),
        _ if ["x", "ch", "sh", "ss", "us"].iter().any(|end| word.ends_with(end)) => format!("{word}es"),
        _ if word.ends_with('s') => word.into(),
        _ => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_nouns() {
        for (one, many) in [
            ("order", "orders"),
            ("category", "categories"),
            ("day", "days"),
            ("box", "boxes"),
            ("branch", "branches"),
            ("status", "statuses"),
            ("class", "classes"),
        ] {
            assert_eq!(plural(one), many);
        }
        for (one, many) in
            [("order", "orders"), ("category", "categories"), ("box", "boxes"), ("status", "status"), ("class", "class")]
        {
            assert_eq!(singular(many), one);
        }
        assert_eq!(words("orderLines_2024"), "order lines 2024");
    }
}
