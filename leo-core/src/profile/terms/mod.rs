//! What people call tables and columns: `cust_nm` is the customer name.
//!
//! A name is split into words; those that stand for others are replaced, best knowledge first: a full word of the same or a joined table that
//! the abbreviation fits, common abbreviations, words of German, French and Spanish, a full word from anywhere in the schema, a word that is common in schemas.
//! Where several long forms fit about as well, the abbreviation stays.

mod corpus;
mod languages;
mod lists;
#[cfg(test)]
mod tests;

use corpus::{Corpus, fit, rule};
use languages::{LANGUAGES, Language, PARTICLES, compound};

use crate::catalog::{Catalog, Term, TermOrigin, expand, split_words};

/// A term with less confidence is not given.
const LEAST: f64 = 0.4;

/// The term of a table, and those of its columns, in order.
pub type TableTerms = (Option<Term>, Vec<Option<Term>>);

/// What people call the tables and columns of `catalog`, in its order; none where the name says it already.
///
/// # Behavior
/// Deterministic; from names, comments and relationships alone. A term comes from the comment where that begins with the words that the name abbreviates.
pub fn find_terms(catalog: &Catalog) -> Vec<TableTerms> {
    let reader = Reader::new(catalog);
    let of_table = |(at, table): (usize, &crate::catalog::Table)| {
        let own = reader.term(&table.name.name, table.comment.as_deref(), at, lists::TABLE_PREFIXES);
        let column =
            |column: &crate::catalog::Column| reader.term(&column.name, column.comment.as_deref(), at, lists::COLUMN_PREFIXES);
        (own, table.columns.iter().map(column).collect())
    };
    catalog.tables.iter().enumerate().map(of_table).collect()
}

/// Gives the tables and columns of `catalog` their terms; what the host or a model said stays.
pub fn assign_terms(catalog: &mut Catalog) {
    let found = find_terms(catalog);
    let is_given =
        |term: &Option<Term>| term.as_ref().is_some_and(|term| matches!(term.origin, TermOrigin::Host | TermOrigin::Model));
    for (table, (own, columns)) in catalog.tables.iter_mut().zip(found) {
        if !is_given(&table.term) {
            table.term = own;
        }
        for (column, term) in table.columns.iter_mut().zip(columns) {
            if !is_given(&column.term) {
                column.term = term;
            }
        }
    }
}

/// A word of a name, and what it stands for.
struct Read {
    text: String,
    /// How sure that is, and where it is from, where the word was replaced.
    from: Option<(TermOrigin, f64)>,
    language: Option<Language>,
}

impl Read {
    fn as_is(word: &str) -> Self {
        Self { text: word.to_owned(), from: None, language: None }
    }

    fn by(origin: TermOrigin, confidence: f64, text: impl Into<String>) -> Self {
        Self { text: text.into(), from: Some((origin, confidence)), language: None }
    }
}

/// Reads names with the words of the whole schema in mind.
struct Reader {
    corpus: Corpus,
    /// Languages that the schema is written in.
    spoken: Vec<Language>,
}

impl Reader {
    fn new(catalog: &Catalog) -> Self {
        let mut seen: Vec<(Language, std::collections::HashSet<String>)> =
            LANGUAGES.iter().map(|language| (*language, Default::default())).collect();
        for table in &catalog.tables {
            for name in std::iter::once(&table.name.name).chain(table.columns.iter().map(|column| &column.name)) {
                for word in split_words(name) {
                    for (language, words) in &mut seen {
                        let compound = *language == Language::German && word.chars().count() >= 8 && compound(&word).is_some();
                        if compound || language.meaning(&word, false).is_some() {
                            words.insert(word.clone());
                        }
                    }
                }
            }
        }
        let spoken = seen.into_iter().filter(|(_, words)| words.len() >= 3).map(|(language, _)| language).collect();
        Self { corpus: Corpus::new(catalog), spoken }
    }

    fn term(&self, name: &str, comment: Option<&str>, table: usize, prefixes: &[&str]) -> Option<Term> {
        let written = split_words(name);
        let as_written = written.join(" ");
        if let Some(text) = comment.and_then(|comment| of_comment(&written, comment)).filter(|text| *text != as_written) {
            return Some(Term { text, origin: TermOrigin::Comment, confidence: 0.95 });
        }
        let bare = match written.split_first() {
            Some((first, rest))
                if prefixes.binary_search(&first.as_str()).is_ok() && rest.iter().any(|word| word.chars().count() > 2) =>
            {
                rest
            }
            _ => written.as_slice(),
        };
        let mut words: Vec<Read> = Vec::with_capacity(bare.len());
        for (at, word) in bare.iter().enumerate() {
            let next = bare.get(at + 1).map(String::as_str);
            self.read(word, next, table, &mut words);
        }
        self.reorder(&mut words);
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        if text == as_written || text.is_empty() {
            return None;
        }
        let replaced = || words.iter().filter_map(|word| word.from);
        let origin =
            if replaced().any(|(origin, _)| origin == TermOrigin::Schema) { TermOrigin::Schema } else { TermOrigin::Rule };
        let confidence = replaced().map(|(_, confidence)| confidence).fold(0.95, f64::min);
        (confidence >= LEAST).then(|| Term { text, origin, confidence: (confidence * 100.0).round() / 100.0 })
    }

    fn read(&self, word: &str, next: Option<&str>, table: usize, words: &mut Vec<Read>) {
        // `LName`, `f_name`.
        if next == Some("name")
            && let Some(long) = [("f", "first"), ("l", "last"), ("m", "middle")].iter().find(|(short, _)| *short == word)
        {
            return words.push(Read::by(TermOrigin::Rule, 0.9, long.1));
        }
        let long = self.corpus.long_form(word, table);
        let schema = |long: crate::profile::terms::corpus::LongForm| {
            Read::by(if long.own { TermOrigin::Schema } else { TermOrigin::Rule }, long.confidence, long.text)
        };
        if let Some(long) = long.clone().filter(|long| long.near && long.own && long.confidence >= 0.6) {
            return words.push(schema(long));
        }
        if let Some(long) = expand(word).or_else(|| rule(word)) {
            let unchanged = long == word;
            return words.push(if unchanged { Read::as_is(word) } else { Read::by(TermOrigin::Rule, 0.9, long) });
        }
        for language in LANGUAGES {
            if let Some(meaning) = language.meaning(word, self.spoken.contains(&language)) {
                let from = (meaning != word).then_some((TermOrigin::Rule, 0.85));
                return words.push(Read { text: meaning.to_owned(), from, language: Some(language) });
            }
        }
        if word.chars().count() >= 6
            && let Some(parts) = compound(word)
        {
            let read = |part: &'static str| Read { language: Some(Language::German), ..Read::by(TermOrigin::Rule, 0.85, part) };
            return words.extend(parts.into_iter().map(read));
        }
        if let Some(long) = long {
            return words.push(schema(long));
        }
        words.push(Read::as_is(word));
    }

    /// Brings the words of French and Spanish names into the order of English: `fecha de pedido` is the order date.
    fn reorder(&self, words: &mut Vec<Read>) {
        let Some(language) = words.iter().find_map(|word| word.language).filter(|language| language.head_first()) else { return };
        words.retain(|word| !PARTICLES.contains(&word.text.as_str()));
        let heads = [
            "name",
            "last name",
            "number",
            "date",
            "code",
            "address",
            "amount",
            "price",
            "quantity",
            "type",
            "description",
            "label",
            "id",
            "total",
        ];
        if let [first, second] = words.as_slice()
            && heads.contains(&first.text.as_str())
            && !heads.contains(&second.text.as_str())
            && (second.language == Some(language) || first.language == Some(language))
        {
            words.swap(0, 1);
        }
    }
}

/// The words that a comment begins with, where the name abbreviates them.
fn of_comment(name: &[String], comment: &str) -> Option<String> {
    let ends = |c: char| matches!(c, ',' | ';' | ':' | '.' | '(' | '\n' | '–' | '—' | '=');
    let head = comment.split(ends).next()?.split(" - ").next()?.trim();
    let mut words: Vec<String> = head.split_whitespace().map(str::to_lowercase).collect();
    if words.first().is_some_and(|word| matches!(word.as_str(), "the" | "a" | "an")) {
        words.remove(0);
    }
    let plain = words.iter().all(|word| word.chars().all(|c| c.is_alphabetic() || c == '-'));
    if words.is_empty() || words.len() > 5 || !plain || words.iter().all(|word| name.contains(word)) {
        return None;
    }
    let fits = |short: &String| words.iter().any(|long| short == long || fit(short, long).is_some());
    let named: Vec<&String> = name.iter().filter(|word| !word.chars().all(|c| c.is_ascii_digit())).collect();
    let content = words.iter().filter(|word| !matches!(word.as_str(), "of" | "the" | "for" | "in" | "to")).count();
    (!named.is_empty() && named.into_iter().all(fits) && content <= name.len() + 1).then(|| words.join(" "))
}
