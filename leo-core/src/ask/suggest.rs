//! Questions to begin with, made from names that the built-in planner reads.

use super::follow_ups::{column_phrase, other_dimensions, tidy};
use super::planner::SchemaIndex;
use super::wording::{plural, words};
use crate::catalog::{Catalog, Column, Table};
use crate::query::SemanticQuery;

/// Questions offered about one table.
const OFFERED: usize = 4;
/// Columns of numbers that are asked for.
const MEASURES: usize = 2;

/// Questions about `table` that `accept` takes, at most four: how many there are, their numbers by what groups them, how it went in time.
///
/// Names alone are in them, never values. `accept` is where a caller plans each candidate and keeps those that come out as a query about
/// the table.
pub(crate) fn suggestions(index: &SchemaIndex, table: &Table, mut accept: impl FnMut(&str) -> bool) -> Vec<String> {
    let found = candidates(index.catalog(), table);
    found.into_iter().filter(|question| accept(question)).take(OFFERED).collect()
}

fn candidates(catalog: &Catalog, table: &Table) -> Vec<String> {
    let subject = plural(&words(&table.name.name));
    let dimensions = other_dimensions(&SemanticQuery::new(table.name.clone()), catalog);
    let measures: Vec<String> =
        table.columns.iter().filter(|column| adds_up(table, column)).take(MEASURES).map(|column| words(&column.name)).collect();
    let has_time = table.columns.iter().any(Column::is_temporal);
    let mut found = Vec::new();
    for measure in &measures {
        let (first, second) = if is_level(measure) { ("average", "highest") } else { ("total", "average") };
        found.extend(dimensions.first().map(|dimension| format!("{first} {measure} of {subject} by {dimension}")));
        found.extend(has_time.then(|| format!("monthly {first} {measure} of {subject}")));
        found.extend(dimensions.get(1).map(|dimension| format!("{second} {measure} of {subject} by {dimension}")));
    }
    found.push(format!("how many {subject} are there"));
    found.extend(dimensions.iter().take(2).map(|dimension| format!("number of {subject} by {dimension}")));
    found.extend(has_time.then(|| format!("monthly number of {subject}")));
    let name = table.columns.iter().find(|column| matches!(words(&column.name).as_str(), "name" | "title"));
    if let (Some(name), Some(measure)) = (name, measures.first())
        && name.protected_kind().is_none()
    {
        found.push(format!("top 5 {} by {measure}", plural(&column_phrase(&table.name, &name.name, catalog))));
    }
    tidy(found)
}

/// Whether numbers of this name say how much of something there is at one place or time, so that their sum says nothing.
fn is_level(name: &str) -> bool {
    const LEVELS: &[&str] = &[
        "age",
        "altitude",
        "discount",
        "height",
        "humidity",
        "latitude",
        "length",
        "level",
        "longitude",
        "margin",
        "percent",
        "percentage",
        "pressure",
        "price",
        "rank",
        "rate",
        "rating",
        "ratio",
        "satisfaction",
        "score",
        "share",
        "speed",
        "temperature",
        "weight",
        "width",
    ];
    name.split(' ').any(|word| LEVELS.contains(&word))
}

/// Whether a column holds amounts rather than numbers that name something.
fn adds_up(table: &Table, column: &Column) -> bool {
    let is_key = table.primary_key.contains(&column.name)
        || table.foreign_keys.iter().any(|key| key.columns.contains(&column.name))
        || matches!(words(&column.name).split(' ').next_back(), Some("id" | "key" | "code" | "number" | "no" | "year" | "zip"));
    let says_nothing = column.statistics.as_ref().is_some_and(|known| known.distinct < 2);
    column.is_numeric() && column.time_encoding.is_none() && !is_key && !says_nothing && column.protected_kind().is_none()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::TableName;
    use crate::dialect::Dialect;
    use crate::knowledge::Knowledge;

    #[test]
    fn what_can_be_asked_of_a_table_is_told_by_its_names() {
        let catalog = Catalog::from_ddl(
            Dialect::Sqlite,
            "CREATE TABLE orders (id int PRIMARY KEY, ordered_at date, amount numeric, status text, customer_id int REFERENCES customers (id));
             CREATE TABLE customers (id int PRIMARY KEY, name text, country text)",
        )
        .unwrap();
        let index = SchemaIndex::build(&catalog, &Knowledge::default());
        let orders = catalog.table(&TableName::bare("orders")).unwrap();
        let asked = candidates(&catalog, orders);
        for question in [
            "Total amount of orders by country",
            "Monthly total amount of orders",
            "How many orders are there?",
            "Number of orders by country",
        ] {
            assert!(asked.iter().any(|known| known == question), "{question}: {asked:?}");
        }
        assert_eq!(suggestions(&index, orders, |_| true).len(), OFFERED);
        assert!(suggestions(&index, orders, |_| false).is_empty());
    }
}
