//! What in a question says that it continues another one: how it opens, what it refers to, what it leaves out.

use crate::ask::planner::builtin::decision::Asked;
use crate::ask::planner::builtin::lexicon::{self, Op};
use crate::ask::planner::builtin::linking::{Node, NodeKind, Target, link};
use crate::ask::planner::builtin::time::TimeReader;
use crate::ask::planner::builtin::tokens::Token;

/// Strength from which a word names a table.
const NAMES: f64 = 0.75;

/// A word of the question, or the rows that it refers to.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// As written.
    Said(Token),
    /// "them", "which of those", "the ones".
    Rows(Token),
    /// "their", "its".
    RowsOwn(Token),
}

/// What a question says about how it goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Cues {
    /// It refers to what came before.
    pub(super) refers: bool,
    /// It points at rows: "of these", "them".
    pub(super) points: bool,
    /// It names rows or a measure itself.
    pub(super) names_rows: bool,
    /// "also", "too": beside what was there.
    pub(super) also: bool,
    /// "what about", "instead": in the place of what was there.
    pub(super) instead: bool,
    /// "for each of them".
    pub(super) each: bool,
    /// "except those": all but what was there.
    pub(super) except: bool,
    /// The question without what only says how it goes on.
    pub(super) rest: Vec<Piece>,
}

/// How a question opens that goes on, longest first.
const OPENINGS: &[(&str, Opening)] = &[
    ("what about", Opening::Instead),
    ("how about", Opening::Instead),
    ("in addition to that", Opening::Also),
    ("in addition to this", Opening::Also),
    ("in addition", Opening::Also),
    ("for each of them", Opening::Each),
    ("for each of these", Opening::Each),
    ("for each of those", Opening::Each),
    ("for each one", Opening::Each),
    ("for each", Opening::Each),
    ("out of these", Opening::Of),
    ("out of those", Opening::Of),
    ("out of them", Opening::Of),
    ("of these", Opening::Of),
    ("of those", Opening::Of),
    ("of them", Opening::Of),
    ("among these", Opening::Of),
    ("among those", Opening::Of),
    ("among them", Opening::Of),
    ("amongst these", Opening::Of),
    ("amongst those", Opening::Of),
    ("amongst them", Opening::Of),
    ("from these", Opening::Of),
    ("from those", Opening::Of),
    ("from them", Opening::Of),
    ("in these", Opening::Of),
    ("in those", Opening::Of),
    ("for these", Opening::Of),
    ("for those", Opening::Of),
    ("for them", Opening::Of),
    ("also", Opening::Also),
    ("additionally", Opening::Also),
    ("instead", Opening::Instead),
    ("and", Opening::Light),
    ("but", Opening::Light),
    ("now", Opening::Light),
    ("then", Opening::Light),
    ("next", Opening::Light),
    ("so", Opening::Light),
    ("ok", Opening::Light),
    ("okay", Opening::Light),
    ("please", Opening::Light),
    ("just", Opening::Light),
    ("only", Opening::Light),
    (",", Opening::Light),
];

/// Words of their own that say the same further in.
const ASIDES: &[(&str, Opening)] = &[
    ("for each of them", Opening::Each),
    ("for each of these", Opening::Each),
    ("for each of those", Opening::Each),
    ("for each one", Opening::Each),
    ("for each", Opening::Each),
    ("of each", Opening::Each),
    ("except those", Opening::Except),
    ("except for those", Opening::Except),
    ("except these", Opening::Except),
    ("except them", Opening::Except),
    ("excluding those", Opening::Except),
    ("excluding these", Opening::Except),
    ("besides those", Opening::Except),
    ("other than those", Opening::Except),
    ("other than these", Opening::Except),
    ("outside of those", Opening::Except),
    ("outside of these", Opening::Except),
    ("apart from those", Opening::Except),
    ("apart from these", Opening::Except),
    ("as well", Opening::Also),
    ("too", Opening::Also),
    ("also", Opening::Also),
    ("instead", Opening::Instead),
    ("just", Opening::Light),
    ("only", Opening::Light),
    ("please", Opening::Light),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Opening {
    Of,
    Also,
    Instead,
    Each,
    Except,
    /// Says nothing about what is meant.
    Light,
}

impl Cues {
    pub(super) fn read(asked: &Asked<'_>) -> Self {
        let mut cues = Self::default();
        let times = TimeReader::new(asked.tokens, asked.today, asked.calendar);
        let nodes = link(asked.question, asked.tokens, asked.stands_for, asked.index, &times);
        let mut at = 0;
        while let Some((length, opening)) = phrase(asked.tokens, at, OPENINGS) {
            // "of these customers": the noun follows, and says which.
            if opening == Opening::Of && names_table(&nodes, at + length) {
                break;
            }
            // "for each customer" is said in full.
            let in_full = asked.tokens.get(at + length).is_some_and(|token| token.is_word() && token.lower != "of");
            if opening == Opening::Each && length == 2 && in_full {
                break;
            }
            cues.take(opening);
            at += length;
        }
        cues.pieces(asked.tokens, &nodes, at);
        cues.names_rows = nodes.iter().skip_while(|node| node.first < at).any(names_rows)
            && cues.rest.iter().any(|piece| matches!(piece, Piece::Said(_)));
        cues
    }

    fn take(&mut self, opening: Opening) {
        match opening {
            Opening::Of => (self.refers, self.points) = (true, true),
            Opening::Also => (self.refers, self.also) = (true, true),
            Opening::Instead => (self.refers, self.instead) = (true, true),
            Opening::Each => (self.refers, self.each) = (true, true),
            Opening::Except => (self.refers, self.except) = (true, true),
            Opening::Light => {}
        }
    }

    /// The rest of the question, with what refers to rows marked.
    fn pieces(&mut self, tokens: &[Token], nodes: &[Node], mut at: usize) {
        let start = at;
        while let Some(token) = tokens.get(at) {
            // What a table named before in the same question refers to is said in full.
            let in_full = nodes.iter().any(|node| node.last <= at && node.first >= start && names_rows(node));
            let lower = |offset: usize| tokens.get(at + offset).map_or("", |token| token.lower.as_str());
            if let Some((length, opening)) = phrase(tokens, at, ASIDES)
                && at > start
                && (opening != Opening::Each || !tokens.get(at + length).is_some_and(Token::is_word))
            {
                self.take(opening);
                at += length;
                continue;
            }
            match lower(0) {
                _ if token.is_quoted() => self.rest.push(Piece::Said(token.clone())),
                "of" | "among" | "from"
                    if matches!(lower(1), "these" | "those" | "them") && !in_full && !names_table(nodes, at + 2) =>
                {
                    (self.refers, self.points) = (true, true);
                    let head = self.rest.last().is_some_and(|piece| {
                        matches!(piece, Piece::Said(word) if matches!(word.lower.as_str(), "which" | "who" | "what" | "many" | "any" | "all" | "some" | "each"))
                    });
                    if !head {
                        self.rest.push(Piece::Said(token.clone()));
                    }
                    self.rest.push(Piece::Rows(token.clone()));
                    at += 1;
                }
                "which" | "what" | "the" | "that" | "these" | "those" if matches!(lower(1), "one" | "ones") && !in_full => {
                    (self.refers, self.points) = (true, true);
                    if matches!(lower(0), "which" | "what") {
                        self.rest.push(Piece::Said(token.clone()));
                    }
                    self.rest.push(Piece::Rows(token.clone()));
                    at += 1;
                }
                "his" if lower(1) == "or" && lower(2) == "her" => {
                    self.own(token, in_full);
                    at += 2;
                }
                "their" | "its" | "his" => self.own(token, in_full),
                "her" if tokens.get(at + 1).is_some_and(Token::is_word) => self.own(token, in_full),
                // "sort them by name": the rows are what is sorted.
                "them" | "it" | "these" | "those" | "this" | "that" if !in_full && self.sorts() => self.refers = true,
                "result" | "results" if !in_full && !names_table(nodes, at) => self.refers = true,
                "them" | "they" | "he" | "she" | "him" | "ones" => self.rows(token, in_full),
                // "is it" asks about something; "it is" may say nothing.
                "it" => self.rows(token, in_full),
                "these" | "those" | "this" | "that" if !in_full && demonstrates(tokens, nodes, at) => {
                    (self.refers, self.points) = (true, true);
                    let noun = names_table(nodes, at + 1)
                        || tokens.get(at + 1).is_some_and(|next| {
                            // "those performing" are rows, "those cars" says which.
                            next.is_word() && !lexicon::is_stopword(&next.lower) && !lexicon::is_verb_form(&next.lower)
                        });
                    if !noun {
                        self.rest.push(Piece::Rows(token.clone()));
                    }
                }
                _ => self.rest.push(Piece::Said(token.clone())),
            }
            at += 1;
        }
    }

    /// Whether the word before sorts.
    fn sorts(&self) -> bool {
        matches!(self.rest.last(), Some(Piece::Said(word)) if matches!(word.lower.as_str(), "sort" | "order" | "rank" | "arrange" | "sorted" | "ordered"))
    }

    fn own(&mut self, token: &Token, in_full: bool) {
        self.refers |= !in_full;
        self.rest.push(if in_full { Piece::Said(token.clone()) } else { Piece::RowsOwn(token.clone()) });
    }

    fn rows(&mut self, token: &Token, in_full: bool) {
        self.refers |= !in_full;
        self.points |= !in_full;
        self.rest.push(if in_full { Piece::Said(token.clone()) } else { Piece::Rows(token.clone()) });
    }
}

/// Whether "this" or "that" at a place points back, and does not begin a clause.
fn demonstrates(tokens: &[Token], nodes: &[Node], at: usize) -> bool {
    let (word, before) = (tokens[at].lower.as_str(), at.checked_sub(1).map(|before| &tokens[before]));
    let next = tokens.get(at + 1);
    // "this year" is a time.
    if nodes.iter().any(|node| (node.first..node.last).contains(&at) && matches!(node.kind, NodeKind::Time(_))) {
        return false;
    }
    if word != "that" {
        return true;
    }
    let clause = next.is_some_and(|next| next.is_word() && lexicon::is_stopword(&next.lower));
    let governed = before.is_none_or(|before| {
        matches!(
            before.lower.as_str(),
            "of" | "in"
                | "for"
                | "from"
                | "about"
                | "is"
                | "are"
                | "at"
                | "on"
                | "by"
                | "to"
                | "with"
                | "than"
                | "above"
                | "below"
        )
    });
    governed && !clause
}

fn names_rows(node: &Node) -> bool {
    let NodeKind::Mention(candidates) = &node.kind else { return false };
    candidates.first().is_some_and(|best| matches!(best.target, Target::Table(_) | Target::Metric(_)) && best.score >= NAMES)
}

/// Whether a table is named where token `at` begins.
fn names_table(nodes: &[Node], at: usize) -> bool {
    nodes.iter().any(|node| node.first == at && names_rows(node))
}

/// The longest phrase at a place.
fn phrase(tokens: &[Token], at: usize, phrases: &[(&str, Opening)]) -> Option<(usize, Opening)> {
    phrases.iter().find_map(|(phrase, opening)| {
        let mut length = 0;
        let fits = phrase.split(' ').all(|word| {
            length += 1;
            tokens.get(at + length - 1).is_some_and(|token| !token.is_quoted() && token.lower == word)
        });
        fits.then_some((length, *opening))
    })
}

/// Whether a word operates on an order.
pub(super) fn orders(op: Op) -> bool {
    matches!(op, Op::OrderBy | Op::Ascending | Op::Descending | Op::Alphabetical)
}
