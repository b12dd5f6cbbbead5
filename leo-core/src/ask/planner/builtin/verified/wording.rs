//! What a question says, as a row of signs and words: the same row is the same question.
//!
//! A sign is what the planner's lexicon knows as an operation: how many, the highest, not, at least, for each. Words are whatever else carries
//! meaning. Words that only make a sentence are left out.

use crate::ask::planner::builtin::lexicon::{Function, Op, concepts, is_harmless, is_stopword, matches_at};
use crate::ask::planner::builtin::tokens::{Token, TokenKind, tokenize};
use crate::query::Operator;

/// A piece of what a question says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Item {
    /// What an operation does.
    Sign(String),
    /// A word of content, by its stem.
    Word(String),
    /// A number that is said and is not a slot's value.
    Number(String),
    /// The value of a slot, by its number.
    Slot(usize),
}

impl Item {
    pub(super) fn is_content(&self) -> bool {
        !matches!(self, Self::Sign(_))
    }

    /// Whether both say the same; words may be synonyms of each other.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(one), Self::Word(two)) => {
                one == two || concepts(one).iter().any(|concept| concepts(two).contains(concept))
            }
            _ => self == other,
        }
    }
}

/// Words that make sentences everywhere else and that change what is asked for here.
const TELLING: &[&str] = &[
    "again", "always", "another", "either", "else", "ever", "itself", "no", "nor", "not", "off", "only", "other", "out", "own",
    "same", "this", "together", "up", "when", "where", "while", "why", "within",
];

/// The sign of "each", "per", "by".
const EACH: &str = "each";
/// Words that say which way something goes: a flight to a place is none from it.
const WAYS: &[&str] = &["from", "into", "through", "to", "toward", "towards", "via"];

/// The tokens of a question, numbers with their signs.
pub(super) fn tokens_of(question: &str) -> Vec<Token> {
    let mut tokens = tokenize(question);
    for token in &mut tokens {
        let before = question.get(..token.span.start).and_then(|before| before.strip_suffix(['-', '−']));
        if let TokenKind::Number(number) = &mut token.kind
            && before.is_some_and(|before| !before.ends_with(char::is_alphanumeric))
        {
            *number = -*number;
            token.text.insert(0, '-');
        }
    }
    tokens
}

/// The slot whose value a token stands for.
pub(super) type Slots<'a> = &'a dyn Fn(usize) -> Option<usize>;

/// What `tokens` say. Tokens of a slot's value are that slot.
pub(super) fn items(tokens: &[Token], slot: Slots<'_>) -> Vec<Item> {
    // A phrase of the lexicon never reaches into a value.
    let masked: Vec<Token> = tokens
        .iter()
        .enumerate()
        .map(|(at, token)| match slot(at) {
            Some(_) => Token { kind: TokenKind::Quoted, ..token.clone() },
            None => token.clone(),
        })
        .collect();
    let mut items: Vec<Item> = Vec::new();
    // "For each country, how many …" is "how many … for each country".
    let mut opening = None;
    let mut at = 0;
    while let Some(token) = masked.get(at) {
        if token.lower == "," && opening.is_none() && matches!(items.first(), Some(Item::Sign(sign)) if sign == EACH) {
            opening = Some(items.len());
        }
        if let Some(slot) = slot(at) {
            if items.last() != Some(&Item::Slot(slot)) {
                items.push(Item::Slot(slot));
            }
            at += 1;
            continue;
        }
        let found = matches_at(&masked, at).next();
        if let Some(found) = found {
            let words = masked.get(at..at + found.length).unwrap_or_default();
            if let Some(sign) = sign(found.op, words) {
                items.push(Item::Sign(sign));
                at += found.length;
                continue;
            }
            // "Show", "list", "what are": only where the question begins, for "state" and "order" are names elsewhere.
            if items.is_empty() && matches!(found.op, Op::Ask | Op::Which | Op::Who) {
                at += found.length;
                continue;
            }
        }
        // "Who takes all courses" asks for more than who takes courses; "names of all singers" does not.
        let before = at.checked_sub(1).and_then(|before| masked.get(before));
        let counts_all = token.lower == "all"
            && !items.is_empty()
            && before.is_some_and(|before| before.is_word() && !is_stopword(&before.lower));
        items.extend(if counts_all { Some(Item::Word(token.stem.clone())) } else { word(token) });
        at += 1;
    }
    if let Some(opening) = opening {
        items.rotate_left(opening);
    }
    one_order(&mut items);
    items
}

/// "Ordered by age in descending order" is "in descending order of age"; a rising order is the usual one.
fn one_order(items: &mut Vec<Item>) {
    let is = |item: &Item, wanted: &str| matches!(item, Item::Sign(sign) if sign == wanted);
    let place = |items: &[Item], wanted: &str| items.iter().position(|item| is(item, wanted));
    for direction in ["Descending", "Alphabetical", "Ascending"] {
        let Some(at) = place(items, direction) else { continue };
        let ordered = place(items, "OrderBy");
        if let Some(ordered) = ordered
            && let Some(item) = items.get_mut(ordered)
        {
            *item = Item::Sign(direction.to_owned());
            items.remove(at);
        }
    }
    for item in items.iter_mut().filter(|item| is(item, "Ascending")) {
        *item = Item::Sign("OrderBy".to_owned());
    }
}

/// What a token says that is no phrase of the lexicon.
fn word(token: &Token) -> Option<Item> {
    match &token.kind {
        TokenKind::Mark => matches!(token.lower.as_str(), "%" | "$").then(|| Item::Sign(token.lower.clone())),
        TokenKind::Number(number) => Some(Item::Number(number.to_string())),
        TokenKind::Date(date) => Some(Item::Number(date.to_string())),
        TokenKind::Quoted => Some(Item::Word(token.lower.clone())),
        TokenKind::Word if WAYS.contains(&token.lower.as_str()) => Some(Item::Sign(token.lower.clone())),
        TokenKind::Word => {
            let is_telling = TELLING.contains(&token.lower.as_str());
            // "Grade A".
            let is_letter = token.capital && token.lower != "i" && token.text.chars().count() == 1;
            let is_empty = !is_letter && (is_stopword(&token.lower) || is_harmless(&token.lower));
            (is_telling || !is_empty).then(|| Item::Word(token.stem.clone()))
        }
    }
}

/// What an operation does, so that two phrases that do the same are equal; nothing for one that only makes a sentence.
fn sign(op: Op, words: &[Token]) -> Option<String> {
    let last = || words.iter().rev().find(|token| token.lower != "than").map(|token| token.stem.clone()).unwrap_or_default();
    Some(match op {
        Op::Ask | Op::Which | Op::Who | Op::Preposition | Op::Relative | Op::With | Op::Have | Op::Be | Op::Named => return None,
        Op::Pronoun | Op::Possessive | Op::Comma | Op::And | Op::Both => return None,
        Op::Extreme(true) | Op::Top(true) | Op::Function(Function::Max) => "max".to_owned(),
        Op::Extreme(false) | Op::Top(false) | Op::Function(Function::Min) => "min".to_owned(),
        // "Oldest" and "youngest" are one operation on one property.
        Op::Superlative | Op::Comparative | Op::SuperlativeOf(_) | Op::ComparativeOf(_) => format!("{op:?} {}", last()),
        Op::Each | Op::By => EACH.to_owned(),
        Op::Compare(operator) => compared(operator, words),
        Op::OrMore => compared(Operator::GreaterOrEqual, words),
        Op::OrLess => compared(Operator::LessOrEqual, words),
        other => format!("{other:?}"),
    })
}

/// A comparison; one of points in time is another one than one of amounts.
fn compared(operator: Operator, words: &[Token]) -> String {
    const TIMES: &[&str] = &["after", "before", "earlier", "later", "past", "prior", "since", "starting", "until"];
    let is_time = words.iter().any(|token| TIMES.contains(&token.lower.as_str()));
    format!("{operator:?}{}", if is_time { " in time" } else { "" })
}
