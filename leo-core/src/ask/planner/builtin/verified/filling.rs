//! The values that a question has for the slots of a template.

use std::collections::HashSet;
use std::ops::Range;

use super::sayings::in_one_way;
use super::template::{Case, EXACT, Kind, Slot, TOKENS, Template, odd, stored, text_of, windows};
use super::wording::{Item, items, tokens_of};
use crate::ask::planner::builtin::lexicon::concepts;
use crate::ask::planner::builtin::schema::{SchemaIndex, normalize};
use crate::ask::planner::builtin::tokens::{Token, TokenKind};

/// Most ways to fill the slots of one template that are tried.
const WAYS: usize = 64;
/// Times as long as a template's own words a question may be.
const SLACK: usize = 3;
/// Longest value, in bytes.
const LONGEST: usize = 200;

/// A question that is asked, read once for all templates.
#[derive(Debug)]
pub(super) struct Asked<'q> {
    question: &'q str,
    tokens: Vec<Token>,
    /// What may be a value, with its normal form; shortest first.
    texts: Vec<(Range<usize>, String)>,
    stems: HashSet<String>,
    concepts: HashSet<u16>,
    odd: Vec<char>,
}

impl<'q> Asked<'q> {
    pub(super) fn new(question: &'q str) -> Self {
        let tokens = tokens_of(question);
        let text = |range: Range<usize>| {
            let text = text_of(&tokens, question, &range);
            (text.len() <= LONGEST).then(|| (range, normalize(text)))
        };
        let texts = windows(&tokens).filter_map(text).collect();
        let stems: HashSet<String> = tokens.iter().map(|token| token.stem.clone()).collect();
        let concepts = stems.iter().flat_map(|stem| concepts(stem)).copied().collect();
        Self { question, texts, stems, concepts, odd: odd(&tokens, question), tokens }
    }

    /// Whether it has every word that the template cannot do without. Quick, so that few templates are looked at closely.
    pub(super) fn may_be(&self, template: &Template) -> bool {
        let most = SLACK * (template.tokens + TOKENS * template.slots.len());
        self.tokens.len() <= most
            && self.odd == template.odd
            && template.items.iter().all(|item| match item {
                Item::Word(stem) => {
                    self.stems.contains(stem)
                        || self.says(template, item)
                        || concepts(stem).iter().any(|concept| self.concepts.contains(concept))
                        || template.columns.iter().any(|names| names.contains(stem))
                }
                _ => true,
            })
    }

    /// Whether it has the words that people say for this one.
    fn says(&self, template: &Template, item: &Item) -> bool {
        let has = |word: &Item| match word {
            Item::Word(stem) => self.stems.contains(stem),
            _ => true,
        };
        template.sayings.iter().any(|saying| saying.means.contains(item) && saying.words.iter().all(has))
    }

    /// What it says, if the slots of the template are filled so.
    pub(super) fn items(&self, template: &Template, way: &[Filled]) -> Vec<Item> {
        let items = items(&self.tokens, &|at| way.iter().position(|filled| filled.said.contains(&at)));
        in_one_way(&template.sayings, items)
    }
}

/// A value for a slot, and the tokens that say it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filled {
    pub(super) said: Range<usize>,
    pub(super) value: String,
}

/// The ways to fill all slots, in the order of the slots; values never overlap.
pub(super) fn ways(index: &SchemaIndex, asked: &Asked<'_>, template: &Template) -> Vec<Vec<Filled>> {
    let mut ways: Vec<Vec<Filled>> = vec![Vec::new()];
    for slot in &template.slots {
        let candidates = candidates(index, asked, slot);
        let mut longer = Vec::new();
        for way in &ways {
            for candidate in &candidates {
                let is_free =
                    way.iter().all(|other| other.said.end <= candidate.said.start || candidate.said.end <= other.said.start);
                if is_free && longer.len() < WAYS {
                    longer.push(way.iter().cloned().chain([candidate.clone()]).collect());
                }
            }
        }
        ways = longer;
    }
    ways
}

/// Values of the question that a slot may take, the longest first.
fn candidates(index: &SchemaIndex, asked: &Asked<'_>, slot: &Slot) -> Vec<Filled> {
    if slot.kind == Kind::Text {
        return texts(index, asked, slot);
    }
    let value = |token: &Token| match (&token.kind, slot.kind) {
        (TokenKind::Number(number), Kind::Number) if number.abs() < EXACT => Some(number.to_string()),
        (TokenKind::Number(number), Kind::Limit) if *number < EXACT && number.fract() == 0.0 && *number >= 1.0 => {
            Some(number.to_string())
        }
        (TokenKind::Number(_) | TokenKind::Quoted, Kind::Digits(length)) => {
            let is_such = token.text.len() == length && token.text.bytes().all(|byte| byte.is_ascii_digit());
            is_such.then(|| token.text.clone())
        }
        (TokenKind::Date(date), Kind::Date) => Some(date.to_string()),
        _ => None,
    };
    let tokens = asked.tokens.iter().enumerate();
    tokens.filter_map(|(at, token)| Some(Filled { said: at..at + 1, value: value(token)? })).collect()
}

fn texts(index: &SchemaIndex, asked: &Asked<'_>, slot: &Slot) -> Vec<Filled> {
    let mut found = Vec::new();
    let all_known = slot.column.is_some_and(|column| index.info(column).values_known);
    for (said, normal) in &asked.texts {
        let text = text_of(&asked.tokens, asked.question, said);
        let known: Vec<&str> = slot.column.into_iter().flat_map(|column| stored(index, column, normal)).collect();
        // Of values that differ in their letters' case only, the one that is said.
        let value = known.iter().find(|value| **value == text).or(match known.as_slice() {
            [only] => Some(only),
            _ => None,
        });
        // One or two letters are often a word of the sentence.
        if let Some(value) = value
            && (normal.chars().count() > 2 || *value == text)
        {
            // A statement whose value is none of the column's means it as it is said.
            let spelled = if slot.is_stored || !all_known { Some((*value).to_owned()) } else { as_said(text, slot) };
            found.extend(spelled.map(|value| Filled { said: said.clone(), value }));
        } else if !all_known
            && known.is_empty()
            && is_name(&asked.tokens, said)
            && let Some(value) = as_said(text, slot)
        {
            found.push(Filled { said: said.clone(), value });
        }
    }
    found.reverse();
    found
}

/// Whether the words are in quotes, or all in capitals.
fn is_name(tokens: &[Token], said: &Range<usize>) -> bool {
    match tokens.get(said.clone()) {
        Some([only]) => only.is_quoted() || (only.is_word() && only.capital),
        Some(words) => words.iter().all(|word| word.is_word() && word.capital),
        None => false,
    }
}

/// The text in the letters that the statement's own value has.
fn as_said(text: &str, slot: &Slot) -> Option<String> {
    match slot.case {
        // Where all letters are small, nobody knows whether they were made so.
        Case::AsSaid => {
            let is_small = |text: &str| text.to_lowercase() == text;
            let is_large = |text: &str| text.to_uppercase() == text;
            let is_like = (!is_small(&slot.value) || is_small(text)) && (!is_large(&slot.value) || is_large(text));
            is_like.then(|| text.to_owned())
        }
        Case::Lower => Some(text.to_lowercase()),
        Case::Upper => Some(text.to_uppercase()),
        Case::Other => None,
    }
}
