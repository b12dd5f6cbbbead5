//! A question that leaves out what it is about, said in full: the rows before take the place of pronouns, or of nothing at all.

use std::collections::BTreeMap;

use super::cues::{Cues, Piece, orders};
use crate::ask::planner::builtin::lexicon::{self, Op};
use crate::ask::planner::builtin::schema::SchemaIndex;
use crate::ask::planner::builtin::tokens::{Token, TokenKind};
use crate::ask::wording::{plural, words};

/// One way to say it.
pub(super) struct Way {
    pub(super) tokens: Vec<Token>,
    /// Tokens that stand for the table of the rows before.
    pub(super) stands_for: BTreeMap<usize, usize>,
    /// Whether only groups are said, of figures that came before.
    pub(super) groups: Option<Groups>,
}

/// What becomes of the groups that there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Groups {
    /// "per ward": others of their kind take their place.
    Replace,
    /// "split by ward": they are divided further.
    Divide,
}

/// Ways to say a question in full, of which the planner takes the one it understands best. `measured` is whether figures came before.
pub(super) fn ways(cues: &Cues, index: &SchemaIndex, rows: usize, measured: bool) -> Vec<Way> {
    let noun = plural(&words(&index.table(rows).name.name));
    let writer = Writer { rows, noun };
    let rest = &cues.rest;
    let placed = rest.iter().any(|piece| matches!(piece, Piece::Rows(_)));
    let owned = rest.iter().any(|piece| matches!(piece, Piece::RowsOwn(_)));
    let mut ways = Vec::new();
    if let Some(pieces) = ordered(rest) {
        ways.push(writer.way(&pieces));
    } else if owned {
        ways.push(writer.way(&own_before(rest)));
        if !placed {
            let left: Vec<Piece> = rest.iter().filter(|piece| !matches!(piece, Piece::RowsOwn(_))).cloned().collect();
            ways.extend(of_rows(&left).iter().map(|pieces| writer.way(pieces)));
        }
    } else if placed {
        ways.push(writer.way(rest));
        ways.extend(asked_first(rest).map(|pieces| writer.way(&pieces)));
    } else if cues.names_rows {
        ways.push(writer.way(rest));
    } else if let Some(pieces) = grouped(rest).filter(|_| measured) {
        let divides = rest.first().is_some_and(|first| matches!(token(first).lower.as_str(), "split" | "break" | "divide"));
        let groups = if divides || cues.also { Groups::Divide } else { Groups::Replace };
        ways.push(Way { groups: Some(groups), ..writer.way(&pieces) });
    } else {
        ways.extend(completed(rest).iter().map(|pieces| writer.way(pieces)));
    }
    ways
}

/// "sort them by their age", "list the results in descending order of age": the rows before, in this order.
fn ordered(rest: &[Piece]) -> Option<Vec<Piece>> {
    let said: Vec<Token> = rest.iter().map(|piece| token(piece).clone()).collect();
    let orders = |at: usize| {
        matches!(rest[at], Piece::Said(_)) && lexicon::matches_at(&said, at).next().is_some_and(|found| orders(found.op))
    };
    let at = (0..said.len()).find(|at| orders(*at))?;
    let only_asks = said[..at].iter().zip(rest).all(|(token, piece)| {
        matches!(piece, Piece::Rows(_))
            || token.kind == TokenKind::Mark
            || lexicon::is_stopword(&token.lower)
            || matches!(token.lower.as_str(), "show" | "list" | "give" | "display" | "rank" | "arrange")
    });
    if !only_asks {
        return None;
    }
    let mut pieces = vec![Piece::Said(word(&said[at], "show")), Piece::Rows(said[at].clone())];
    // "by the number of flights that they have" says it in full.
    let tail = said[at..].windows(2).position(|pair| pair[0].lower == "that" && pair[1].lower == "they");
    let end = tail.map_or(rest.len(), |tail| at + tail);
    pieces.extend(rest[at..end].iter().filter(|piece| matches!(piece, Piece::Said(_))).cloned());
    Some(pieces)
}

/// "per ward", "by month": figures in these groups; which figures, the query before says.
fn grouped(rest: &[Piece]) -> Option<Vec<Piece>> {
    let said: Vec<Token> = rest.iter().map(|piece| token(piece).clone()).collect();
    let split = said.iter().take_while(|token| {
        matches!(token.lower.as_str(), "split" | "break" | "divide" | "group" | "it" | "them" | "down" | "show")
    });
    let at = split.count();
    let groups = lexicon::matches_at(&said, at).any(|found| matches!(found.op, Op::Each | Op::By | Op::Grain(_)));
    let first = said.get(at).filter(|_| groups)?;
    let mut pieces: Vec<Piece> = ["number", "of"].map(|text| Piece::Said(word(first, text))).into();
    pieces.push(Piece::Rows(first.clone()));
    pieces.extend(rest[at..].iter().cloned());
    Some(pieces)
}

/// "their names" as "the customers' names".
fn own_before(rest: &[Piece]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for piece in rest {
        match piece {
            Piece::RowsOwn(token) => {
                pieces.push(Piece::Rows(token.clone()));
                pieces.push(Piece::Said(mark(token, "'s")));
            }
            other => pieces.push(other.clone()),
        }
    }
    pieces
}

/// "and their name" begins with what is asked: "show" is understood.
fn asked_first(rest: &[Piece]) -> Option<Vec<Piece>> {
    let first = rest.first()?;
    (!opens(rest)).then(|| {
        let mut pieces = vec![Piece::Said(word(token(first), "show"))];
        pieces.extend(rest.iter().cloned());
        pieces
    })
}

/// What is asked, of the rows before: at the end, or before the clause that follows.
fn of_rows(rest: &[Piece]) -> Vec<Vec<Piece>> {
    let Some(last) = rest.iter().rposition(|piece| token(piece).kind != TokenKind::Mark) else { return Vec::new() };
    let said: Vec<Token> = rest.iter().map(|piece| token(piece).clone()).collect();
    let clause = (1..said.len()).find(|at| {
        lexicon::matches_at(&said, *at).any(|found| {
            orders(found.op) || matches!(found.op, Op::Relative | Op::With | Op::Each | Op::By | Op::Without | Op::Except)
        }) || matches!(said[*at].lower.as_str(), "in" | "for" | "from")
    });
    let lead = if opens(rest) { None } else { Some(Piece::Said(word(&said[0], "show"))) };
    let mut ways = Vec::new();
    for place in [clause, Some(last + 1)].into_iter().flatten() {
        let mut pieces: Vec<Piece> = lead.iter().cloned().collect();
        pieces.extend(rest[..place].iter().cloned());
        let near = &said[place - 1];
        pieces.extend([Piece::Said(word(near, "of")), Piece::Said(word(near, "the")), Piece::Rows(near.clone())]);
        pieces.extend(rest[place..].iter().cloned());
        ways.push(pieces);
    }
    ways
}

/// A question without rows and without a pronoun for them.
fn completed(rest: &[Piece]) -> Vec<Vec<Piece>> {
    let said: Vec<Token> = rest.iter().map(|piece| token(piece).clone()).collect();
    let Some(first) = said.first() else { return Vec::new() };
    let lower = |at: usize| said.get(at).map_or("", |token| token.lower.as_str());
    let insert = |at: usize| {
        let mut pieces = rest[..at].to_vec();
        pieces.push(Piece::Rows(said[at - 1].clone()));
        pieces.extend(rest[at..].iter().cloned());
        pieces
    };
    let verb = |at: usize| {
        matches!(
            lower(at),
            "is" | "are"
                | "was"
                | "were"
                | "has"
                | "have"
                | "had"
                | "do"
                | "does"
                | "did"
                | "can"
                | "not"
                | "there"
                | "in"
                | "of"
        ) || said.get(at).is_some_and(|token| token.is_word() && lexicon::is_verb_form(&token.lower))
    };
    if lower(0) == "how" && lower(1) == "many" {
        let bare = said.iter().skip(2).all(|token| token.kind == TokenKind::Mark);
        return if bare || verb(2) { vec![insert(2)] } else { of_rows(rest) };
    }
    if matches!(lower(0), "which" | "who") && !lower(1).is_empty() {
        let mut ways = vec![insert(1)];
        if !verb(1) {
            ways.extend(of_rows(rest));
        }
        return ways;
    }
    if opens(rest) {
        return of_rows(rest);
    }
    // Only a condition, an order or a group is said.
    let lead = |between: Option<&str>| {
        let mut pieces = vec![Piece::Said(word(first, "show")), Piece::Rows(first.clone())];
        pieces.extend(between.map(|between| Piece::Said(word(first, between))));
        pieces.extend(rest.iter().cloned());
        pieces
    };
    let mut ways = vec![lead(None), lead(Some("in")), lead(Some("with"))];
    ways.extend(of_rows(rest));
    ways
}

/// Whether the words open like a question of their own.
fn opens(rest: &[Piece]) -> bool {
    let said: Vec<Token> = rest.iter().take(4).map(|piece| token(piece).clone()).collect();
    let polite = matches!(said.first().map(|token| token.lower.as_str()), Some("can" | "could" | "please"));
    polite
        || lexicon::matches_at(&said, 0).next().is_some_and(|found| {
            matches!(
                found.op,
                Op::Ask
                    | Op::HowMany
                    | Op::HowMuch
                    | Op::Which
                    | Op::Who
                    | Op::When
                    | Op::Where
                    | Op::Function(_)
                    | Op::Everything
            )
        })
}

struct Writer {
    rows: usize,
    noun: String,
}

impl Writer {
    fn way(&self, pieces: &[Piece]) -> Way {
        let mut tokens = Vec::with_capacity(pieces.len());
        let mut stands_for = BTreeMap::new();
        for piece in pieces {
            match piece {
                Piece::Said(token) => tokens.push(token.clone()),
                Piece::Rows(token) | Piece::RowsOwn(token) => {
                    stands_for.insert(tokens.len(), self.rows);
                    tokens.push(word(token, &self.noun));
                }
            }
        }
        Way { tokens, stands_for, groups: None }
    }
}

fn token(piece: &Piece) -> &Token {
    match piece {
        Piece::Said(token) | Piece::Rows(token) | Piece::RowsOwn(token) => token,
    }
}

/// A word that was not written, where `near` was.
fn word(near: &Token, text: &str) -> Token {
    Token {
        text: text.to_owned(),
        lower: text.to_owned(),
        stem: text.to_owned(),
        kind: TokenKind::Word,
        capital: false,
        ..near.clone()
    }
}

fn mark(near: &Token, text: &str) -> Token {
    Token { kind: TokenKind::Mark, ..word(near, text) }
}
