//! Syntax that the engine reads and the parser does not, taken out of the token stream where it cannot change what a statement
//! reads: index and optimiser hints. The text that is sent keeps it.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::dialect::Dialect;

/// The tokens without such syntax.
pub(super) fn apply(dialect: Dialect, tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    match dialect {
        Dialect::Sqlite => without_index_choice(tokens),
        Dialect::Tsql => without_options(tokens),
        _ => tokens,
    }
}

fn word(token: Option<&TokenWithSpan>) -> Option<&Word> {
    match token.map(|token| &token.token) {
        Some(Token::Word(word)) if word.quote_style.is_none() => Some(word),
        _ => None,
    }
}

/// Indices of the tokens that are neither white space nor comments.
fn significant(tokens: &[TokenWithSpan]) -> Vec<usize> {
    (0..tokens.len()).filter(|&at| !matches!(tokens.get(at).map(|token| &token.token), Some(Token::Whitespace(_)))).collect()
}

fn remove(tokens: Vec<TokenWithSpan>, drop: &[usize]) -> Vec<TokenWithSpan> {
    tokens.into_iter().enumerate().filter(|(at, _)| drop.binary_search(at).is_err()).map(|(_, token)| token).collect()
}

/// SQLite: `t INDEXED BY name`.
fn without_index_choice(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let is_indexed = |at: usize| word(tokens.get(at)).is_some_and(|word| word.value.eq_ignore_ascii_case("INDEXED"));
    if !(0..tokens.len()).any(is_indexed) {
        return tokens;
    }
    let places = significant(&tokens);
    let mut drop = Vec::new();
    for window in places.windows(3) {
        if let [first, by, name] = *window
            && is_indexed(first)
            && word(tokens.get(by)).is_some_and(|word| word.keyword == Keyword::BY)
            && matches!(tokens.get(name).map(|token| &token.token), Some(Token::Word(_)))
        {
            drop.extend([first, by, name]);
        }
    }
    remove(tokens, &drop)
}

/// Words that may stand in T-SQL's `OPTION (…)`: plans and limits, nothing that runs or reads.
#[rustfmt::skip]
const OPTIONS: &[&str] = &[
    "CONCAT", "EXPAND", "FAST", "FORCE", "FORCED", "GROUP", "HASH", "IGNORE_NONCLUSTERED_COLUMNSTORE_INDEX", "JOIN", "KEEP",
    "KEEPFIXED", "LOOP", "MAXDOP", "MAXRECURSION", "MERGE", "OPTIMIZE", "ORDER", "PLAN", "RECOMPILE", "UNION", "UNKNOWN",
    "VIEWS", "FOR",
];

/// T-SQL: a last `OPTION ( hint, … )` of known words and numbers, and the hint in `INNER HASH JOIN`.
fn without_options(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let places = significant(&tokens);
    let mut drop = Vec::new();
    let is = |place: usize, text: &str| {
        word(places.get(place).and_then(|&at| tokens.get(at))).is_some_and(|word| word.value.eq_ignore_ascii_case(text))
    };
    for place in 0..places.len() {
        let side = ["INNER", "LEFT", "RIGHT", "FULL", "OUTER"].iter().any(|side| is(place, side));
        let hint = ["HASH", "LOOP", "MERGE", "REMOTE"].iter().any(|hint| is(place + 1, hint));
        if side && hint && is(place + 2, "JOIN") {
            drop.extend(places.get(place + 1));
        }
    }
    if let Some(option) = (0..places.len()).rev().find(|&place| is(place, "OPTION"))
        && let Some(end) = end_of_options(&tokens, &places, option)
    {
        drop.extend(places.get(option..end).unwrap_or_default());
    }
    remove(tokens, &drop)
}

/// Where the option list that starts at `option` ends, when it is one, holds only known hints and nothing but `;` follows.
fn end_of_options(tokens: &[TokenWithSpan], places: &[usize], option: usize) -> Option<usize> {
    let token = |place: usize| places.get(place).and_then(|&at| tokens.get(at)).map(|token| &token.token);
    if !matches!(token(option + 1), Some(Token::LParen)) {
        return None;
    }
    let mut place = option + 2;
    loop {
        match token(place)? {
            Token::RParen => break,
            Token::Comma | Token::Number(..) => {}
            Token::Word(word) if OPTIONS.contains(&word.value.to_ascii_uppercase().as_str()) => {}
            _ => return None,
        }
        place += 1;
    }
    let mut rest = place + 1;
    while let Some(next) = token(rest) {
        if !matches!(next, Token::SemiColon | Token::EOF) {
            return None;
        }
        rest += 1;
    }
    Some(place + 1)
}
