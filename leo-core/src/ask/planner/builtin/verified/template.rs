//! A verified question as a template: the values that its statement and its words share become slots.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

use super::literals::{Literal, Reading, Written};
use super::sayings::{Saying, Sayings, in_one_way};
use super::wording::{Item, items, tokens_of};
use crate::ask::planner::builtin::schema::{ColumnId, SchemaIndex, normalize};
use crate::ask::planner::builtin::tokens::{Token, TokenKind, stem};
use crate::catalog::split_words;

/// Most slots of a template. Questions with more values are answered as they stand, or not.
const SLOTS: usize = 4;
/// Most tokens of a value.
pub(super) const TOKENS: usize = 8;

/// Whole numbers below are exact as floats.
pub(super) const EXACT: f64 = 9e15;

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A text of digits that the question says as a number, such as a year; with its length.
    Digits(usize),
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A number.
    Number,
    /// A whole number of rows.
    Limit,
}

/// A value that another question may have another of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slot {
    /// The literals it stands for; all of them say the same.
    pub(super) literals: Vec<usize>,
    pub(super) kind: Kind,
    /// The column whose value it is.
    pub(super) column: Option<ColumnId>,
    /// How the statement writes what the question says, where no column tells.
    pub(super) case: Case,
    /// Whether the statement has the value as the column has it.
    pub(super) is_stored: bool,
    /// What the verified statement has.
    pub(super) value: String,
    /// Tokens of the question that say it.
    said: Range<usize>,
}

/// How the letters of a statement's text go with those of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    AsSaid,
    Lower,
    Upper,
    /// In another way: only values that are known can be put in.
    Other,
}

/// A question and its statement, with slots.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) reading: Reading,
    pub(super) slots: Vec<Slot>,
    pub(super) items: Vec<Item>,
    /// What people say for words of its tables and columns; its items have none of them left.
    pub(super) sayings: Vec<Arc<Saying>>,
    /// How many words and marks its question has.
    pub(super) tokens: usize,
    /// For each slot, stems of the words in the name of its column.
    pub(super) columns: Vec<Vec<String>>,
    /// Words that are the names of columns in the result: leaving one out asks for less.
    pub(super) shown: HashSet<String>,
    /// Words that are the names of columns that are read and not in the result: saying one more asks for more.
    pub(super) unshown: HashSet<String>,
    /// What its question has beside words and marks.
    pub(super) odd: Vec<char>,
}

impl Template {
    /// The template of a pair; nothing where its statement cannot be read, or asks for what is not in `index`.
    pub(super) fn of(index: &SchemaIndex, sayings: &Sayings, question: &str, sql: &str) -> Option<Self> {
        let reading = Reading::of(index, sql)?;
        let tokens = &tokens_of(question);
        let slots = slots(index, tokens, question, &reading.literals);
        let sayings = sayings.in_a(&reading);
        let items = in_one_way(&sayings, items(tokens, &|at| slots.iter().position(|slot| slot.said.contains(&at))));
        let words = |slot: &Slot| {
            let name = slot.column.map(|column| index.column(column).name.as_str()).unwrap_or_default();
            split_words(name).iter().map(|word| stem(word)).collect()
        };
        let columns = slots.iter().map(words).collect();
        let shown = own_names(index, &reading.shows);
        let unshown = own_names(index, &reading.reads).difference(&shown).cloned().collect();
        Some(Self { reading, slots, items, sayings, tokens: tokens.len(), columns, shown, unshown, odd: odd(tokens, question) })
    }
}

/// The names of columns that are one word, but for the words of their table.
fn own_names(index: &SchemaIndex, columns: &BTreeSet<ColumnId>) -> HashSet<String> {
    let name = |column: &ColumnId| {
        let table = index.tables.get(column.table)?;
        let words = &index.info(*column).words;
        let own: Vec<_> = words.iter().filter(|word| !table.words.iter().any(|other| other.stem == word.stem)).collect();
        match (own.as_slice(), words.as_slice()) {
            ([only], _) => Some(only.stem.clone()),
            ([], [only]) => Some(only.stem.clone()),
            _ => None,
        }
    };
    columns.iter().filter_map(name).collect()
}

/// The characters of a question that tokens do not have, such as those of "C++" and "A-", in order.
pub(super) fn odd(tokens: &[Token], question: &str) -> Vec<char> {
    let is_quoted = |at: usize| tokens.iter().any(|token| token.is_quoted() && token.span.contains(&at));
    let is_odd = |at: usize, c: char| match c {
        // Between letters they join words.
        '-' | '/' => {
            let (before, after) = (question.get(..at).unwrap_or_default(), question.get(at + 1..).unwrap_or_default());
            !(before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric))
        }
        _ => !c.is_alphanumeric() && !c.is_whitespace() && !".,;:?!'\"’‘“”`()&$%".contains(c),
    };
    let odd = question.char_indices().filter(|(at, c)| is_odd(*at, *c) && !is_quoted(*at));
    let mut odd: Vec<char> = odd.map(|(_, c)| c).collect();
    odd.sort_unstable();
    odd
}

fn slots(index: &SchemaIndex, tokens: &[Token], question: &str, literals: &[Literal]) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    for (number, literal) in literals.iter().enumerate() {
        let places = said(tokens, question, literal);
        // Said twice, nobody knows which of them it is.
        let [(kind, said)] = places.as_slice() else { continue };
        if let Some(slot) = slots.iter_mut().find(|slot| slot.said == *said) {
            slot.literals.push(number);
            if slot.kind != *kind || slot.column != literal.column {
                // The same words for two things: another question may mean another value with one of them.
                slot.literals.clear();
            }
            continue;
        }
        let case = case(text_of(tokens, question, said), &literal.text);
        let value = literal.text.clone();
        let is_stored =
            literal.column.is_some_and(|column| stored(index, column, &normalize(&value)).any(|known| known == value));
        let (kind, column) = (*kind, literal.column);
        slots.push(Slot { literals: vec![number], kind, column, case, is_stored, value, said: said.clone() });
    }
    let overlaps = |slot: &Slot| {
        let touching = |other: &&Slot| other.said.start < slot.said.end && slot.said.start < other.said.end;
        slots.iter().filter(touching).count() > 1
    };
    let clear: Vec<Slot> = slots.iter().filter(|slot| !slot.literals.is_empty() && !overlaps(slot)).cloned().collect();
    if clear.len() > SLOTS { Vec::new() } else { clear }
}

/// Where the question says the value of a literal, and as what.
fn said(tokens: &[Token], question: &str, literal: &Literal) -> Vec<(Kind, Range<usize>)> {
    let is_digits = !literal.text.is_empty() && literal.text.bytes().all(|byte| byte.is_ascii_digit());
    let mut places = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let kind = match (&token.kind, literal.written) {
            // Larger ones are not told apart.
            (TokenKind::Number(number), _) if number.abs() >= EXACT => continue,
            (TokenKind::Number(number), Written::Number) if literal.text.parse() == Ok(*number) => Kind::Number,
            (TokenKind::Number(number), Written::Limit) if literal.text.parse() == Ok(*number) => Kind::Limit,
            (TokenKind::Number(_) | TokenKind::Quoted, Written::Text) if is_digits && token.text == literal.text => {
                Kind::Digits(literal.text.len())
            }
            (TokenKind::Date(date), Written::Text) if date.to_string() == literal.text => Kind::Date,
            _ => continue,
        };
        places.push((kind, at..at + 1));
    }
    if literal.written == Written::Text && !is_digits {
        let normal = normalize(&literal.text);
        for range in windows(tokens) {
            let text = text_of(tokens, question, &range);
            // One or two letters are often a word of the sentence.
            let is_it = normalize(text) == normal && (normal.chars().count() > 2 || text == literal.text);
            if is_it && !normal.is_empty() && !places.iter().any(|(_, place)| place.start < range.end && range.start < place.end)
            {
                places.push((Kind::Text, range));
            }
        }
    }
    places
}

/// Ranges of tokens that may say a value, shortest first, so that quotes and marks around it do not count.
pub(super) fn windows(tokens: &[Token]) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_mark = |at: usize| tokens.get(at).is_none_or(|token| token.kind == TokenKind::Mark);
    let sizes = 1..=TOKENS.min(tokens.len());
    sizes
        .flat_map(|size| (0..=tokens.len() - size).map(move |at| at..at + size))
        .filter(move |range| !is_mark(range.start) && !is_mark(range.end - 1))
}

/// The words of a range as they are written.
pub(super) fn text_of<'t>(tokens: &'t [Token], question: &'t str, range: &Range<usize>) -> &'t str {
    match tokens.get(range.clone()) {
        Some([only]) => &only.text,
        Some([first, .., last]) => question.get(first.span.start..last.span.end).unwrap_or_default(),
        _ => "",
    }
}

/// The values of a column that have this normal form, as far as they are known.
pub(super) fn stored<'i>(index: &'i SchemaIndex, column: ColumnId, normal: &str) -> impl Iterator<Item = &'i str> + use<'i> {
    let places = index.values.exact(normal).iter();
    let own = places.filter(move |place| (place.table as usize, place.column as usize) == (column.table, column.column));
    own.map(|place| &*place.value)
}

fn case(said: &str, value: &str) -> Case {
    if said == value {
        Case::AsSaid
    } else if said.to_lowercase() == value {
        Case::Lower
    } else if said.to_uppercase() == value {
        Case::Upper
    } else {
        Case::Other
    }
}
