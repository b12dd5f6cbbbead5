//! The rows that a query is about: what "they" and "of these" mean after it.

use crate::ask::planner::builtin::schema::{ColumnId, SchemaIndex};
use crate::catalog::TableName;
use crate::query::{Aggregate, Dimension, Field, Filter, Measure, Scalar, SemanticQuery};

/// The table whose rows a result is about.
pub(super) fn rows_of(query: &SemanticQuery, index: &SchemaIndex) -> Option<usize> {
    let shown = query.dimensions.iter().filter(|dimension| !dimension.hidden && dimension.grain.is_none());
    let listed = shown.filter_map(|dimension| field(&dimension.value)).map(|field| &field.table).next();
    let measured = query.measures.iter().find(|measure| !measure.hidden).and_then(|measure| table_of(&measure.aggregate));
    let name = match query.measures.iter().any(|measure| !measure.hidden) {
        false => listed,
        true => listed.or(measured),
    };
    position(index, name.unwrap_or(&query.from))
}

pub(super) fn position(index: &SchemaIndex, name: &TableName) -> Option<usize> {
    index.catalog().tables.iter().position(|table| table.name == *name)
}

pub(super) fn field(value: &Scalar) -> Option<&Field> {
    match value {
        Scalar::Field(field) => Some(field),
        _ => None,
    }
}

pub(super) fn column(index: &SchemaIndex, field: &Field) -> Option<ColumnId> {
    index.column_named(position(index, &field.table)?, &field.column)
}

fn table_of(aggregate: &Aggregate) -> Option<&TableName> {
    match aggregate {
        Aggregate::CountRows(table) => Some(table),
        Aggregate::Count(value)
        | Aggregate::CountDistinct(value)
        | Aggregate::Sum(value)
        | Aggregate::Avg(value)
        | Aggregate::Min(value)
        | Aggregate::Max(value) => field(value).map(|field| &field.table),
        Aggregate::Ratio { .. } | Aggregate::Metric(_) => None,
    }
}

/// What picks the rows of `table` that are in the result of `query`: its own conditions where these say it, membership by the key otherwise.
/// `None` where neither does.
pub(super) fn restriction(query: &SemanticQuery, index: &SchemaIndex, table: usize) -> Option<Vec<Filter>> {
    let whole = query.limit.is_none() && query.having.is_empty() && query.set.is_none() && query.top_per.is_none();
    if whole && query.compare.is_none() {
        return Some(query.filters().to_vec());
    }
    let key = Scalar::Field(index.field(index.key(table)?));
    let query = keyed(query, index, table, &key)?;
    Some(vec![Filter::InQuery { value: key, query: Box::new(query) }])
}

/// The same rows, by their key alone.
fn keyed(query: &SemanticQuery, index: &SchemaIndex, table: usize, key: &Scalar) -> Option<SemanticQuery> {
    let name = &index.table(table).name;
    let there = query.dimensions.iter().any(|dimension| field(&dimension.value).is_some_and(|field| field.table == *name));
    let is_own = query.from == *name;
    if !(there || (is_own && query.measures.is_empty())) {
        return None;
    }
    let used = |own: &str| {
        query.order.iter().any(|order| order.by == own)
            || query.having.iter().any(|having| having.measure == own)
            || query.top_per.as_ref().is_some_and(|top| top.by.by == own || top.within.iter().any(|within| within == own))
    };
    let grouped = !query.measures.is_empty();
    let mut keyed = query.clone();
    keyed.dimensions.retain(|dimension| (grouped || used(&dimension.name)) && dimension.value != *key);
    keyed.dimensions.iter_mut().for_each(|dimension| dimension.hidden = true);
    keyed.measures.retain(|measure| used(&measure.name) || grouped);
    keyed.measures.iter_mut().for_each(|measure| measure.hidden = true);
    let known = query.dimensions.iter().find(|dimension| dimension.value == *key).map(|dimension| dimension.name.clone());
    let own_name = match known {
        Some(known) => known,
        None => free_name(&keyed, &index.column(index.key(table)?).name)?,
    };
    keyed.dimensions.insert(0, Dimension::new(own_name, key.clone()));
    keyed.set = match keyed.set.take() {
        None => None,
        Some((operator, other)) => Some((operator, Box::new(self::keyed(&other, index, table, key)?))),
    };
    keyed.distinct = false;
    Some(keyed)
}

/// A name that no column of the query has.
pub(super) fn free_name(query: &SemanticQuery, wanted: &str) -> Option<String> {
    let taken = |name: &str| {
        query
            .dimensions
            .iter()
            .map(|dimension: &Dimension| &dimension.name)
            .chain(query.measures.iter().map(|measure: &Measure| &measure.name))
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    std::iter::once(wanted.to_owned()).chain((2..100).map(|number| format!("{wanted}_{number}"))).find(|name| !taken(name))
}
