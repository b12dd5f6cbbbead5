//! Size: text, tokens, parentheses and chained operators are bounded before anything is parsed.

use super::*;

use crate::guard::lexer::{Token, TokenKind};
use crate::settings::GuardLimits;

pub(in crate::guard) const RULE: Rule = Rule::block("too_large")
    .what("Refuses text, tokens, open parentheses or chained operators beyond the limits.")
    .why("A parser takes memory and stack by the depth of its input, so this is counted before anything is parsed.");

/// The finding for a text of `bytes` bytes, when that is too many.
pub(in crate::guard) fn bytes(settings: &GuardLimits, bytes: usize) -> Option<Finding> {
    (bytes > settings.max_bytes).then(|| too_large(&format!("{bytes} bytes of text"), settings.max_bytes, None))
}

/// How deep a tree of these tokens can be at most.
///
/// # Errors
/// The first bound that they break.
pub(in crate::guard) fn depth(settings: &GuardLimits, text: &str, tokens: &[Token]) -> Result<usize, Finding> {
    if tokens.len() > settings.max_tokens {
        return Err(too_large(&format!("{} tokens", tokens.len()), settings.max_tokens, None));
    }
    // Operators since the last comma of each open parenthesis: together the depth that a tree can have at this place.
    let mut levels: Vec<usize> = vec![0];
    let mut queries = 0usize;
    let mut deepest = 0;
    for token in tokens {
        match token.kind {
            TokenKind::Open => levels.push(0),
            TokenKind::Close if levels.len() > 1 => drop(levels.pop()),
            TokenKind::Comma => levels.last_mut().into_iter().for_each(|level| *level = 0),
            TokenKind::Symbol if text.get(token.range.clone()) != Some(".") => {
                levels.last_mut().into_iter().for_each(|level| *level += 1);
            }
            TokenKind::Word => {
                let word = text.get(token.range.clone()).unwrap_or("");
                queries += usize::from(is_any(word, COMBINING));
                if is_any(word, CHAINING) {
                    levels.last_mut().into_iter().for_each(|level| *level += 1);
                }
            }
            _ => {}
        }
        let (depth, operators) = (levels.len() - 1, levels.iter().sum::<usize>() + queries);
        if depth > settings.max_parentheses {
            return Err(too_large(&format!("{depth} open parentheses"), settings.max_parentheses, Some(token.position)));
        }
        if operators > settings.max_chained_operators {
            let what = format!("{operators} operators in a row");
            return Err(too_large(&what, settings.max_chained_operators, Some(token.position)));
        }
        deepest = deepest.max(depth + operators);
    }
    Ok(deepest)
}

fn is_any(word: &str, operators: &[&str]) -> bool {
    operators.iter().any(|operator| operator.len() == word.len() && operator.eq_ignore_ascii_case(word))
}

/// Words that chain queries and joins, whatever commas stand between them.
const COMBINING: &[&str] = &["UNION", "EXCEPT", "INTERSECT", "MINUS", "JOIN", "APPLY"];

/// Words that chain expressions.
#[rustfmt::skip]
const CHAINING: &[&str] = &[
    "AND", "OR", "XOR", "NOT", "CASE", "COLLATE", "DIV", "MOD", "LIKE", "ILIKE", "IS", "ISNULL", "NOTNULL", "IN", "BETWEEN", "AT", "REGEXP",
    "RLIKE", "GLOB", "MATCH", "SIMILAR", "OVERLAPS", "BINARY", "INTERVAL",
];

fn too_large(what: &str, limit: usize, position: Option<Position>) -> Finding {
    RULE.finding(
        format!("the statement is too large: {what}, the limit is {limit}"),
        "write a shorter statement; replace long chains of OR by IN (…) and repeated parts by a common table expression",
        position,
    )
}
