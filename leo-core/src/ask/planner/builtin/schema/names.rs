//! Names of tables and columns as words: split, unglued, abbreviations expanded, stemmed.

use std::collections::HashSet;

use super::super::lexicon::{concepts, expand, is_glue, split_glued};
use super::super::tokens::stem;
use crate::catalog::{Catalog, split_words};

/// A word of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct NameWord {
    /// Its stem.
    pub(in super::super) stem: String,
    /// Whether it was written out, not expanded from an abbreviation.
    pub(in super::super) written: bool,
}

impl NameWord {
    pub(in super::super) fn concepts(&self) -> &'static [u16] {
        concepts(&self.stem)
    }
}

/// Splits names with the words of the whole catalogue in mind: `clubname` is `club name` where a table is called `club`.
pub(super) struct NameReader {
    known: HashSet<String>,
}

impl NameReader {
    pub(super) fn new(catalog: &Catalog) -> Self {
        let mut known = HashSet::new();
        for table in &catalog.tables {
            for word in split_words(&table.name.name) {
                if word.len() >= 3 {
                    if let Some(singular) = word.strip_suffix('s').filter(|singular| singular.len() >= 3) {
                        known.insert(singular.to_owned());
                    }
                    known.insert(word);
                }
            }
        }
        Self { known }
    }

    /// The words of a name; `owner` are the words of the table a column belongs to.
    pub(super) fn words(&self, name: &str, owner: &[NameWord]) -> Vec<NameWord> {
        let mut words = Vec::new();
        let mut parts = split_words(name);
        // `LName`, `f_name`.
        for at in 0..parts.len().saturating_sub(1) {
            if parts[at + 1] == "name" {
                let long = match parts[at].as_str() {
                    "f" => "first",
                    "l" => "last",
                    "m" => "middle",
                    _ => continue,
                };
                parts[at] = long.into();
            }
        }
        for (at, word) in parts.into_iter().enumerate() {
            // `cName` in `college`, `pPos` in `player`: a prefix that says the table again.
            if at == 0 && word.len() == 1 && !owner.is_empty() && owner.iter().any(|own| own.stem.starts_with(&word)) {
                continue;
            }
            self.push(&word, &mut words);
        }
        // "date_of_birth" is said with or without its small words.
        if words.len() > 1 && words.iter().any(|word| !is_glue(&word.stem)) {
            words.retain(|word| !is_glue(&word.stem));
        }
        words
    }

    fn push(&self, word: &str, words: &mut Vec<NameWord>) {
        if let Some(long) = expand(word) {
            words.extend(long.split(' ').map(|part| NameWord { stem: stem(part), written: false }));
            return;
        }
        if !self.known.contains(word)
            && let Some((head, tail)) = split_glued(word, |head| self.known.contains(head) || COMMON.binary_search(&head).is_ok())
        {
            if head.len() > 1 {
                match expand(&head) {
                    Some(long) => words.extend(long.split(' ').map(|part| NameWord { stem: stem(part), written: false })),
                    None => words.push(NameWord { stem: stem(&head), written: true }),
                }
            }
            let tail = expand(&tail).unwrap_or(&tail);
            words.push(NameWord { stem: stem(tail), written: true });
            return;
        }
        words.push(NameWord { stem: stem(word), written: true });
    }
}

/// Common heads of glued names; sorted.
const COMMON: &[&str] = &[
    "account",
    "address",
    "airport",
    "alt",
    "base",
    "birth",
    "book",
    "brand",
    "build",
    "calendar",
    "check",
    "city",
    "class",
    "club",
    "color",
    "company",
    "country",
    "course",
    "customer",
    "delivery",
    "department",
    "document",
    "end",
    "event",
    "file",
    "first",
    "flight",
    "full",
    "game",
    "group",
    "hire",
    "hometown",
    "host",
    "hotel",
    "invoice",
    "item",
    "job",
    "last",
    "line",
    "log",
    "login",
    "major",
    "market",
    "member",
    "middle",
    "model",
    "month",
    "nick",
    "number",
    "office",
    "order",
    "owner",
    "party",
    "pay",
    "person",
    "pet",
    "phone",
    "player",
    "product",
    "project",
    "release",
    "room",
    "sale",
    "sales",
    "school",
    "screen",
    "ship",
    "sign",
    "song",
    "staff",
    "start",
    "state",
    "station",
    "status",
    "store",
    "street",
    "student",
    "supplier",
    "team",
    "track",
    "train",
    "unit",
    "user",
    "vendor",
    "zip",
];

/// Words of a name that say little, so that a name is recognised without them.
pub(in super::super) fn word_weight(stem: &str) -> f64 {
    match stem {
        "ref" | "tbl" | "tabl" | "dim" | "fact" | "tab" => 0.1,
        _ if stem.bytes().all(|b| b.is_ascii_digit()) => 0.15,
        "id" | "name" | "code" | "number" | "type" | "detail" | "descript" | "line" | "text" | "valu" | "data" | "other"
        | "is" | "of" => 0.5,
        "on" | "at" | "up" | "in" | "out" | "by" | "dt" => 0.15,
        _ => 1.0,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Table, TableName};
    use crate::dialect::Dialect;

    #[test]
    fn names_become_words() {
        let catalog = Catalog::new(Dialect::Sqlite, None, vec![Table::new(TableName::bare("club"))]);
        let reader = NameReader::new(&catalog);
        let words = |name: &str| reader.words(name, &[]).into_iter().map(|word| word.stem).collect::<Vec<_>>().join(" ");
        assert_eq!(words("cust_nm"), "custom name");
        assert_eq!(words("clubname"), "club name");
        assert_eq!(words("StuID"), "student id");
        assert_eq!(words("emp_fname"), "employe first name");
        assert!(COMMON.is_sorted());
    }
}
