//! The query before, and what the new words say, as one query.

use super::cues::Cues;
use super::rows::{free_name, position, restriction};
use super::said::Groups;
use crate::ask::planner::builtin::reading::{Ask, Reading};
use crate::ask::planner::builtin::schema::SchemaIndex;
use crate::query::{Dimension, Filter, Measure, Operator, Order, SemanticQuery};

/// Lays what the new words say over the query before; `None` where the two do not go together.
pub(super) fn merge(
    before: &SemanticQuery,
    (said, reading, groups): (&SemanticQuery, &Reading, Option<Groups>),
    cues: &Cues,
    index: &SchemaIndex,
    rows: usize,
) -> Option<SemanticQuery> {
    if said.set.is_some() || said.compare.is_some() && before.compare.is_some() {
        return None;
    }
    let asks = reading.asks.iter().any(|ask| !matches!(ask, Ask::Rows(table) if *table == rows));
    if let Some(groups) = groups {
        return regrouped(before, said, groups, cues);
    }
    let measured = said.measures.iter().any(|measure| !measure.hidden);
    let grouped = !reading.groups.is_empty();
    if cues.except {
        let all_but = all_but(before, index, rows)?;
        return Some(if asks { said.clone() } else { before.with_filters(said.filters().to_vec()) }.and(all_but));
    }
    if !(asks || measured && grouped) {
        return narrowed(before, said, reading, cues, index, rows);
    }
    if measured && grouped && !asks {
        let kept = restriction(before, index, rows)?;
        return Some(said.with_filters(joined(&kept, said.filters(), cues)));
    }
    if cues.also
        && let Some(both) = beside(before, said, index)
    {
        return Some(both);
    }
    if cues.each && measured && said.dimensions.iter().all(|dimension| dimension.hidden) {
        return for_each(before, said);
    }
    let keeps_groups = cues.instead && measured && !grouped && before.measures.iter().any(|measure| !measure.hidden);
    if keeps_groups {
        let mut query = said.clone();
        query.dimensions = before.dimensions.clone();
        query.order = before
            .order
            .iter()
            .filter(|order| before.dimensions.iter().any(|dimension| dimension.name == order.by))
            .cloned()
            .collect();
        return Some(query.with_filters(joined(before.filters(), said.filters(), cues)));
    }
    let table = about(said, index).unwrap_or(rows);
    let kept = restriction(before, index, rows)?;
    let mut query = said.with_filters(joined(&kept, said.filters(), cues));
    // The order of a list stays while nothing is measured and nothing else orders.
    if table == rows
        && query.measures.is_empty()
        && before.measures.is_empty()
        && query.order.is_empty()
        && before.limit.is_none()
    {
        carry_order(&mut query, before);
    }
    Some(query)
}

/// What picks the rows that were not there.
fn all_but(before: &SemanticQuery, index: &SchemaIndex, rows: usize) -> Option<Filter> {
    let mut kept = restriction(before, index, rows)?;
    match kept.len() {
        0 => None,
        1 => kept.pop().map(|one| Filter::Not(Box::new(one))),
        _ => Some(Filter::Not(Box::new(Filter::And(kept)))),
    }
}

fn about(said: &SemanticQuery, index: &SchemaIndex) -> Option<usize> {
    position(index, &said.from)
}

/// Conditions before, and new ones; a new one on the same value takes the place of the one before, unless rows of before are picked among.
fn joined(before: &[Filter], said: &[Filter], cues: &Cues) -> Vec<Filter> {
    let mut all: Vec<Filter> = before.to_vec();
    for filter in said {
        let replaces = |known: &Filter| {
            let same = known.subject().is_some() && known.subject() == filter.subject();
            same && (cues.instead || !cues.points && fixes(known) && fixes(filter))
        };
        all.retain(|known| !replaces(known));
        if !all.contains(filter) {
            all.push(filter.clone());
        }
    }
    all
}

/// Whether a condition leaves one value or one window, so that two of them leave nothing.
fn fixes(filter: &Filter) -> bool {
    match filter {
        Filter::Compare { op: Operator::Equal, .. } | Filter::In { .. } | Filter::During { .. } => true,
        Filter::Or(all) => all.iter().all(fixes),
        _ => false,
    }
}

/// The query before with more conditions, another order or fewer rows.
fn narrowed(
    before: &SemanticQuery,
    said: &SemanticQuery,
    reading: &Reading,
    cues: &Cues,
    index: &SchemaIndex,
    rows: usize,
) -> Option<SemanticQuery> {
    let ranks = !said.having.is_empty() || said.limit.is_some() || said.top_per.is_some();
    let says = !said.filters().is_empty() || ranks || !said.order.is_empty();
    if !says {
        return None;
    }
    let measures_rows = said.measures.iter().any(|_| true);
    // A ranking among rows that were ranked or grouped already: those rows, by their key.
    let again = ranks && (before.limit.is_some() || !before.having.is_empty() || before.set.is_some());
    if again || (measures_rows && before.measures.iter().any(|measure| !measure.hidden)) {
        let kept = restriction(before, index, rows)?;
        let mut query = said.with_filters(joined(&kept, said.filters(), cues));
        if before.measures.iter().all(|measure| measure.hidden) {
            show_instead(&mut query, before);
        }
        return Some(query);
    }
    let mut query = before.clone();
    if before.limit.is_some() && !said.filters().is_empty() && cues.points {
        // Of the five largest those that …: the condition comes after the five.
        let kept = restriction(before, index, rows)?;
        query.limit = None;
        query = query.with_filters(kept);
    }
    let filters = joined(query.filters(), said.filters(), cues);
    query = query.with_filters(filters);
    if measures_rows {
        // Counting needs the rows that are counted, and groups of the rows before.
        query.from = said.from.clone();
        for dimension in &said.dimensions {
            if !query.dimensions.iter().any(|known| known.value == dimension.value && known.grain == dimension.grain) {
                let name = free_name(&query, &dimension.name)?;
                query.dimensions.push(Dimension { name, hidden: true, ..dimension.clone() });
            }
        }
        query.distinct = false;
    }
    let mut names: Vec<(String, String)> = Vec::new();
    for measure in &said.measures {
        let known = query.measures.iter().find(|known| known.aggregate == measure.aggregate && known.filter == measure.filter);
        let name = match known {
            Some(known) => known.name.clone(),
            None => {
                let name = free_name(&query, &measure.name)?;
                query.measures.push(Measure { name: name.clone(), hidden: true, ..measure.clone() });
                name
            }
        };
        names.push((measure.name.clone(), name));
    }
    for having in &said.having {
        let mut having = having.clone();
        having.measure = names.iter().find(|(own, _)| *own == having.measure)?.1.clone();
        if !query.having.contains(&having) {
            query.having.push(having);
        }
    }
    if !said.order.is_empty() {
        let mut order: Vec<Order> = Vec::new();
        for key in &said.order {
            order.push(Order { by: named(&mut query, said, &names, &key.by)?, descending: key.descending });
        }
        // "in descending order": of what was sorted by before.
        let bare = reading.order.iter().any(|sort| sort.by == crate::ask::planner::builtin::reading::SortBy::First);
        if bare && let Some(first) = before.order.first() {
            order = vec![Order { by: first.by.clone(), descending: said.order[0].descending }];
        }
        query.order = order;
    }
    if let Some(limit) = said.limit {
        query.limit = Some(limit);
    }
    if said.top_per.is_some() {
        return None;
    }
    Some(query)
}

/// The name in `query` of what `said` calls `by`, there but hidden if it was not listed.
fn named(query: &mut SemanticQuery, said: &SemanticQuery, measures: &[(String, String)], by: &str) -> Option<String> {
    if let Some((_, name)) = measures.iter().find(|(own, _)| own == by) {
        return Some(name.clone());
    }
    let dimension = said.dimensions.iter().find(|dimension| dimension.name == by)?;
    if let Some(known) = query.dimensions.iter().find(|known| known.value == dimension.value && known.grain == dimension.grain) {
        return Some(known.name.clone());
    }
    let name = free_name(query, &dimension.name)?;
    query.dimensions.push(Dimension { name: name.clone(), hidden: true, ..dimension.clone() });
    Some(name)
}

/// Lists what was listed before, and groups and orders as `query` does.
fn show_instead(query: &mut SemanticQuery, before: &SemanticQuery) {
    for dimension in &mut query.dimensions {
        dimension.hidden = true;
    }
    for (at, shown) in before.dimensions.iter().filter(|dimension| !dimension.hidden).enumerate() {
        if let Some(known) = query.dimensions.iter().position(|known| known.value == shown.value && known.grain == shown.grain) {
            let mut dimension = query.dimensions.remove(known);
            dimension.hidden = false;
            query.dimensions.insert(at.min(query.dimensions.len()), dimension);
        } else if let Some(name) = free_name(query, &shown.name) {
            query.dimensions.insert(at.min(query.dimensions.len()), Dimension { name, ..shown.clone() });
        }
    }
}

/// The figures before, by the groups that are said.
fn regrouped(before: &SemanticQuery, said: &SemanticQuery, groups: Groups, cues: &Cues) -> Option<SemanticQuery> {
    if said.dimensions.is_empty() {
        return None;
    }
    let mut query = before.clone();
    let timed = said.dimensions.iter().any(|dimension| dimension.grain.is_some());
    if groups == Groups::Replace {
        // Time takes the place of time, and other groups that of other groups.
        query.dimensions.retain(|dimension| dimension.grain.is_some() != timed);
    }
    for dimension in &said.dimensions {
        if !query.dimensions.iter().any(|known| known.value == dimension.value && known.grain == dimension.grain) {
            let name = free_name(&query, &dimension.name)?;
            query.dimensions.push(Dimension { name, ..dimension.clone() });
        }
    }
    let filters = joined(before.filters(), said.filters(), cues);
    query = query.with_filters(filters);
    let known = |query: &SemanticQuery, name: &str| {
        query.dimensions.iter().any(|dimension| dimension.name == name)
            || query.measures.iter().any(|measure| measure.name == name)
    };
    query.order = query.order.iter().filter(|order| known(&query, &order.by)).cloned().collect();
    query.top_per = None;
    Some(query)
}

/// What was there, and what is asked for beside it.
fn beside(before: &SemanticQuery, said: &SemanticQuery, index: &SchemaIndex) -> Option<SemanticQuery> {
    let mut query = before.clone();
    let measured = said.measures.iter().any(|measure| !measure.hidden);
    if !said.having.is_empty() || said.limit.is_some() {
        return None;
    }
    for dimension in said.dimensions.iter().filter(|dimension| !dimension.hidden) {
        match query.dimensions.iter_mut().find(|known| known.value == dimension.value && known.grain == dimension.grain) {
            Some(known) => known.hidden = false,
            None => {
                let name = free_name(&query, &dimension.name)?;
                query.dimensions.push(Dimension { name, ..dimension.clone() });
            }
        }
    }
    if measured {
        query.from = said.from.clone();
        query.distinct = false;
        for measure in said.measures.iter().filter(|measure| !measure.hidden) {
            let name = free_name(&query, &measure.name)?;
            query.measures.push(Measure { name, ..measure.clone() });
        }
    }
    if query == *before {
        return None;
    }
    for filter in said.filters().iter().filter(|filter| !before.filters().contains(filter)) {
        query = query.and(filter.clone());
    }
    query.validate(index.catalog()).is_ok().then_some(query)
}

/// A figure for each row before.
fn for_each(before: &SemanticQuery, said: &SemanticQuery) -> Option<SemanticQuery> {
    if before.limit.is_some() || before.set.is_some() {
        return None;
    }
    let mut query = said.with_filters(joined(before.filters(), said.filters(), &Cues::default()));
    query.dimensions = before.dimensions.clone();
    query.distinct = false;
    Some(query)
}

fn carry_order(query: &mut SemanticQuery, before: &SemanticQuery) {
    let mut order = Vec::new();
    let none = Vec::new();
    for key in &before.order {
        let Some(name) = named(query, before, &none, &key.by) else { return };
        order.push(Order { by: name, descending: key.descending });
    }
    query.order = order;
}
