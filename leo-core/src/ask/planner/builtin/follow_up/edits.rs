//! Edits that are said in so many words and need no reading: turning an order round, the first few, another function, fewer conditions.

use super::cues::Piece;
use super::rows::{column, field};
use crate::ask::planner::builtin::grammar::number_value;
use crate::ask::planner::builtin::lexicon::{self, Function, Op};
use crate::ask::planner::builtin::schema::SchemaIndex;
use crate::ask::planner::builtin::tokens::{Token, TokenKind, stem};
use crate::query::{Aggregate, Dimension, Filter, Grain, HavingValue, Measure, Operator, Order, Scalar, SemanticQuery};
use crate::value::Value;

/// Words that carry nothing in an edit.
const FILLERS: &[&str] = &[
    "a", "all", "an", "and", "are", "around", "at", "be", "can", "could", "do", "for", "give", "have", "has", "i", "in", "is",
    "it", "just", "let", "list", "me", "now", "of", "on", "one", "ones", "only", "or", "please", "result", "results", "s", "see",
    "show", "tell", "than", "that", "the", "them", "then", "there", "these", "they", "this", "those", "to", "us", "was", "way",
    "were", "what", "which", "who", "with", "would", "you",
];

/// The query that a bare edit makes of the one before; `None` where the words say more than that.
pub(super) fn edited(rest: &[Piece], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let mut tokens: Vec<Token> = Vec::new();
    for piece in rest {
        match piece {
            Piece::Said(token) => tokens.push(token.clone()),
            Piece::Rows(_) => {}
            Piece::RowsOwn(_) => return None,
        }
    }
    tokens.retain(|token| token.kind != TokenKind::Mark);
    let words: Vec<&str> = tokens.iter().map(|token| token.lower.as_str()).collect();
    let said: Vec<&Token> = tokens.iter().filter(|token| !FILLERS.contains(&token.lower.as_str())).collect();
    if said.is_empty() && !words.contains(&"all") {
        return None;
    }
    turned_round(&words, &said, before)
        .or_else(|| without(&words, &said, before, index))
        .or_else(|| directed(&tokens, before, index))
        .or_else(|| compared(&tokens, before))
        .or_else(|| first_rows(&said, before, index))
        .or_else(|| most(&tokens, &said, before, index))
        .or_else(|| by_grain(&tokens, before))
        .or_else(|| functions(&tokens, before, index))
}

/// "the other way round", "in reverse order".
fn turned_round(words: &[&str], said: &[&Token], before: &SemanticQuery) -> Option<SemanticQuery> {
    let has = |word: &str| words.contains(&word);
    let round = (has("other") && (has("way") || has("round") || has("around")))
        || ["reverse", "reversed", "opposite", "inverse", "backwards"].iter().any(|word| has(word));
    let known =
        ["other", "round", "reverse", "reversed", "opposite", "inverse", "backwards", "order", "sort", "sorted", "direction"];
    if !round || before.order.is_empty() || said.iter().any(|token| !known.contains(&token.lower.as_str())) {
        return None;
    }
    let mut query = before.clone();
    query.order.iter_mut().for_each(|order| order.descending = !order.descending);
    if let Some(top) = &mut query.top_per {
        top.by.descending = !top.by.descending;
    }
    Some(query)
}

/// "without the filter", "ignore the date", "for all countries".
fn without(words: &[&str], said: &[&Token], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    if before.filters().is_empty() {
        return None;
    }
    let drops = ["remove", "drop", "ignore", "without", "clear", "regardless", "forget", "skip", "reset"];
    let dropping = words.iter().any(|word| drops.contains(word));
    let all = words.contains(&"for") && words.iter().any(|word| matches!(*word, "all" | "every" | "any" | "each"));
    let objects: Vec<&&Token> = said
        .iter()
        .filter(|token| !drops.contains(&token.lower.as_str()) && !matches!(token.lower.as_str(), "every" | "any" | "each"))
        .collect();
    if !(dropping || all) {
        return None;
    }
    let names_filter = |word: &str| matches!(word, "filter" | "condition" | "restrict" | "limit");
    if objects.iter().all(|token| names_filter(&token.stem) || names_filter(token.lower.trim_end_matches('s'))) {
        return dropping.then(|| before.with_filters(Vec::new()));
    }
    // Every word must speak of a condition: otherwise rows are meant.
    let mut left = before.filters().to_vec();
    for token in objects.iter().filter(|token| !names_filter(token.lower.trim_end_matches('s'))) {
        let speaks = |filter: &Filter| match filter {
            Filter::During { .. }
                if matches!(token.stem.as_str(), "date" | "time" | "period" | "day" | "month" | "quarter" | "year") =>
            {
                true
            }
            other => other.subject().as_ref().and_then(field).and_then(|field| column(index, field)).is_some_and(|column| {
                let own = index.info(column).words.iter().any(|word| word.stem == token.stem);
                // "all countries", kept in a table of its own.
                own || index.tables[column.table].words.iter().any(|word| word.stem == token.stem)
                    && index.tables[column.table].display.contains(&column.column)
            }),
        };
        let count = left.len();
        left.retain(|filter| !speaks(filter));
        if left.len() == count {
            return None;
        }
    }
    Some(before.with_filters(left))
}

/// "in descending order": of what was sorted by or measured, or of the only column.
fn directed(tokens: &[Token], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let mut descending: Option<bool> = None;
    let mut at = 0;
    while at < tokens.len() {
        let found = lexicon::matches_at(tokens, at)
            .find(|found| matches!(found.op, Op::OrderBy | Op::Ascending | Op::Descending | Op::Alphabetical));
        match found {
            Some(found) => {
                if found.op != Op::OrderBy {
                    descending = Some(found.op == Op::Descending);
                }
                at += found.length;
            }
            None if FILLERS.contains(&tokens[at].lower.as_str()) || tokens[at].lower == "order" => at += 1,
            None => return None,
        }
    }
    let descending = descending?;
    let shown: Vec<&Dimension> = before.dimensions.iter().filter(|dimension| !dimension.hidden).collect();
    let by = match (before.order.first(), shown.as_slice()) {
        (Some(order), _) => order.by.clone(),
        (None, [only]) if before.measures.is_empty() => only.name.clone(),
        _ => ranked_by(before, index)?,
    };
    let mut query = before.clone();
    query.order = vec![Order { by, descending }];
    Some(query)
}

/// "how about more than 2?", "what about below?": the comparison there was, with another sign or another number.
fn compared(tokens: &[Token], before: &SemanticQuery) -> Option<SemanticQuery> {
    let found = lexicon::matches_at(tokens, 0).find(|found| matches!(found.op, Op::Compare(_)))?;
    let Op::Compare(sign) = found.op else { return None };
    let number = match &tokens[found.length..] {
        [] => None,
        [number] => Some(number.number()?),
        _ => return None,
    };
    let mut query = before.clone();
    let mut filters = before.filters().to_vec();
    let signed = |op: Operator| !matches!(op, Operator::Equal | Operator::NotEqual);
    let mut places: Vec<(&mut Operator, Option<&mut Value>)> = Vec::new();
    for filter in &mut filters {
        match filter {
            Filter::Compare { op, right: Scalar::Literal(value), .. } if signed(*op) => places.push((op, Some(value))),
            Filter::CompareQuery { op, .. } if signed(*op) => places.push((op, None)),
            _ => {}
        }
    }
    for having in &mut query.having {
        let value = match &mut having.value {
            HavingValue::Value(value) => Some(value),
            HavingValue::AverageOfGroups => None,
        };
        places.push((&mut having.op, value));
    }
    let [(op, value)] = places.as_mut_slice() else { return None };
    **op = sign;
    if let Some(number) = number {
        **value.as_mut()? = number_value(number);
    }
    Some(query.with_filters(filters))
}

/// "top 5", "the first 10".
fn first_rows(said: &[&Token], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let (head, number) = match said {
        [head, number] => (head.lower.as_str(), number.number()?),
        _ => return None,
    };
    let from_top = match head {
        "top" | "first" | "best" | "highest" | "largest" => true,
        "bottom" | "last" | "worst" | "lowest" | "smallest" => false,
        _ => return None,
    };
    if !(1.0..=100_000.0).contains(&number) || number.fract() != 0.0 {
        return None;
    }
    let mut query = before.clone();
    query.limit = Some(number as u64);
    if query.order.is_empty() && head != "first" {
        query.order = vec![Order { by: ranked_by(&query, index)?, descending: from_top }];
    } else if head != "first" && !from_top {
        query.order.iter_mut().for_each(|order| order.descending = !order.descending);
    }
    Some(query)
}

/// "which one has the most?": the first along what was measured or sorted by.
fn most(tokens: &[Token], said: &[&Token], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let asks =
        tokens.first().is_some_and(|token| matches!(token.lower.as_str(), "which" | "what" | "who" | "show" | "give" | "list"));
    let [word] = said else { return None };
    let largest = match word.lower.as_str() {
        "most" | "highest" | "largest" | "biggest" | "greatest" | "maximum" | "max" | "best" => true,
        "least" | "lowest" | "smallest" | "fewest" | "minimum" | "min" | "worst" => false,
        _ => return None,
    };
    let grouped = before.dimensions.iter().any(|dimension| !dimension.hidden);
    if !asks || !grouped || before.limit.is_some() {
        return None;
    }
    let by = before.order.first().map(|order| order.by.clone()).or_else(|| ranked_by(before, index))?;
    let mut query = before.clone();
    query.order = vec![Order { by, descending: largest }];
    query.limit = Some(1);
    Some(query)
}

/// What ranks the rows: the measure, or the only number listed.
fn ranked_by(query: &SemanticQuery, index: &SchemaIndex) -> Option<String> {
    if let Some(measure) = query.measures.first() {
        return Some(measure.name.clone());
    }
    numbers(query, index).map(|dimension| dimension.name.clone())
}

/// The only number among the columns listed.
fn numbers<'q>(query: &'q SemanticQuery, index: &SchemaIndex) -> Option<&'q Dimension> {
    let mut found = query.dimensions.iter().filter(|dimension| {
        let column = field(&dimension.value).and_then(|field| column(index, field));
        !dimension.hidden && column.is_some_and(|column| index.column(column).is_numeric() && !index.info(column).roles.key)
    });
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// "by month instead": the same figures in another grain.
fn by_grain(tokens: &[Token], before: &SemanticQuery) -> Option<SemanticQuery> {
    if before.measures.iter().all(|measure| measure.hidden) {
        return None;
    }
    let start = tokens.iter().position(|token| {
        !matches!(
            token.lower.as_str(),
            "show" | "it" | "them" | "this" | "that" | "the" | "me" | "same" | "give" | "split" | "break" | "down"
        )
    })?;
    let found = lexicon::matches_at(tokens, start).next()?;
    let Op::Grain(grain) = found.op else { return None };
    if start + found.length != tokens.len() {
        return None;
    }
    let mut query = before.clone();
    if let Some(dimension) = query.dimensions.iter_mut().find(|dimension| dimension.grain.is_some()) {
        dimension.grain = Some(grain);
        renamed(&mut query, grain);
        return Some(query);
    }
    None
}

/// Gives the time dimension the name of its grain, wherever it is named.
fn renamed(query: &mut SemanticQuery, grain: Grain) {
    let Ok(serde_json::Value::String(name)) = serde_json::to_value(grain) else { return };
    let Some(at) = query.dimensions.iter().position(|dimension| dimension.grain.is_some()) else { return };
    if query.dimensions.iter().any(|dimension| dimension.name == name)
        || query.measures.iter().any(|measure| measure.name == name)
    {
        return;
    }
    let old = std::mem::replace(&mut query.dimensions[at].name, name.clone());
    query.order.iter_mut().filter(|order| order.by == old).for_each(|order| order.by.clone_from(&name));
    if let Some(top) = &mut query.top_per {
        top.within.iter_mut().filter(|within| **within == old).for_each(|within| within.clone_from(&name));
    }
}

/// "and the average?", "the minimum and the maximum": of what was measured or listed.
fn functions(tokens: &[Token], before: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let mut found: Vec<Function> = Vec::new();
    for token in tokens.iter().filter(|token| !FILLERS.contains(&token.lower.as_str())) {
        found.push(match stem(&token.lower).as_str() {
            "averag" | "mean" | "avg" => Function::Avg,
            "total" | "sum" => Function::Sum,
            _ => match token.lower.as_str() {
                "average" | "averages" => Function::Avg,
                "maximum" | "max" | "highest" | "largest" | "maximal" => Function::Max,
                "minimum" | "min" | "lowest" | "smallest" | "minimal" => Function::Min,
                _ => return None,
            },
        });
    }
    if found.is_empty() {
        return None;
    }
    let shown: Vec<&Measure> = before.measures.iter().filter(|measure| !measure.hidden).collect();
    let mut query = before.clone();
    let value = match shown.as_slice() {
        [measure] => of(&measure.aggregate)?.clone(),
        [] => {
            let value = numbers(before, index)?.value.clone();
            query.dimensions.clear();
            query.order.clear();
            (query.limit, query.distinct) = (None, false);
            if before.limit.is_some() || before.set.is_some() || !before.having.is_empty() {
                return None;
            }
            value
        }
        _ => return None,
    };
    let column = field(&value).map_or("value", |field| field.column.as_str()).to_lowercase();
    let hidden: Vec<Measure> = query.measures.drain(..).filter(|measure| measure.hidden).collect();
    let filter = before.measures.iter().find(|measure| !measure.hidden).and_then(|measure| measure.filter.clone());
    for function in found {
        let (name, aggregate) = match function {
            Function::Avg => ("average", Aggregate::Avg(value.clone())),
            Function::Sum => ("total", Aggregate::Sum(value.clone())),
            Function::Min => ("smallest", Aggregate::Min(value.clone())),
            Function::Max => ("largest", Aggregate::Max(value.clone())),
            Function::Count => return None,
        };
        query.measures.push(Measure { filter: filter.clone(), ..Measure::new(format!("{name}_{column}"), aggregate) });
    }
    query.measures.extend(hidden);
    // An order by what is not measured any more goes on by what is.
    let first = query.measures.first()?.name.clone();
    let known: Vec<String> = query
        .dimensions
        .iter()
        .map(|dimension| dimension.name.clone())
        .chain(query.measures.iter().map(|measure| measure.name.clone()))
        .collect();
    query.order.iter_mut().filter(|order| !known.contains(&order.by)).for_each(|order| order.by.clone_from(&first));
    query.having.retain(|having| known.contains(&having.measure));
    Some(query)
}

fn of(aggregate: &Aggregate) -> Option<&Scalar> {
    match aggregate {
        Aggregate::Sum(value) | Aggregate::Avg(value) | Aggregate::Min(value) | Aggregate::Max(value) => Some(value),
        _ => None,
    }
}
