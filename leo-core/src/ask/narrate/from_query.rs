//! What a semantic query tells about its result.

use super::NarrateInput;
use crate::ask::planner;
use crate::ask::wording::{plural, words};
use crate::catalog::{Catalog, JoinGraph, TableName};
use crate::chart::{ColumnHint, Intent, Role, Unit};
use crate::query::{Aggregate, Dimension, Measure, Scalar, SemanticQuery, Transform};

impl From<planner::Intent> for Intent {
    fn from(intent: planner::Intent) -> Self {
        match intent {
            planner::Intent::SingleValue => Self::Single,
            planner::Intent::Series => Self::Series,
            planner::Intent::Ranking => Self::Ranking,
            planner::Intent::Breakdown => Self::Breakdown,
            planner::Intent::Share => Self::Share,
            planner::Intent::Comparison => Self::Comparison,
            planner::Intent::List => Self::List,
            planner::Intent::Relation => Self::Relationship,
        }
    }
}

impl NarrateInput {
    /// Roles, grains, units and labels of the columns of `query`'s result, what its rows are, and whether they are the whole.
    ///
    /// Windows, zone, truncation, units of money and masks are not in a query; the caller adds them.
    pub fn of(query: &SemanticQuery, catalog: &Catalog) -> Self {
        let graph = JoinGraph::new(catalog);
        let mut columns = Vec::new();
        for dimension in query.dimensions.iter().filter(|dimension| !dimension.hidden) {
            columns.push(ColumnHint::dimension(&dimension.name, dimension.grain));
        }
        for measure in query.measures.iter().filter(|measure| !measure.hidden) {
            columns.extend(measure_columns(measure, query, &graph));
        }
        Self {
            columns,
            subject: Some(plural(&words(&query.from.name))),
            limited: query.limit.is_some() || query.top_per.is_some() || !query.having.is_empty() || query.set.is_some(),
            hidden_keys: query.dimensions.iter().any(|dimension| dimension.hidden),
            hidden_measures: query.measures.iter().any(|measure| measure.hidden),
            ..Self::default()
        }
    }
}

fn measure_columns(measure: &Measure, query: &SemanticQuery, graph: &JoinGraph<'_>) -> Vec<ColumnHint> {
    let share = matches!(measure.transform, Transform::ShareOfTotal { .. });
    let unit = if share { Unit::Fraction } else { Unit::Plain };
    let mut label = match &measure.aggregate {
        // `orders_count` holds orders.
        Aggregate::CountRows(table) => plural(&words(&table.name)),
        _ => words(&measure.name),
    };
    if share && !label.contains("share") {
        label = format!("share of {label}");
    }
    let mut main = ColumnHint::measure(&measure.name, unit.clone(), adds_up(measure, query, graph)).with_label(&label);
    if measure.transform == Transform::RunningTotal {
        main.label = Some(format!("running total of {label}"));
    }
    let mut columns = vec![main];
    if query.compare.is_some() {
        let of = || measure.name.clone();
        let derived = |suffix: &str, role: Role, unit: Unit, label: String| {
            ColumnHint::derived(format!("{}_{suffix}", measure.name), role, unit).with_label(label)
        };
        columns.push(derived("previous", Role::Previous { of: of() }, unit.clone(), format!("{label} before")));
        columns.push(derived("change", Role::Change { of: of() }, unit, format!("change of {label}")));
        columns.push(derived(
            "change_pct",
            Role::ChangePct { of: of() },
            Unit::Fraction,
            format!("change of {label} in percent"),
        ));
    }
    columns
}

/// Whether the groups' values sum up to the whole: sums and counts do, where each row falls into one group.
fn adds_up(measure: &Measure, query: &SemanticQuery, graph: &JoinGraph<'_>) -> bool {
    let summed = matches!(measure.aggregate, Aggregate::CountRows(_) | Aggregate::Count(_) | Aggregate::Sum(_));
    let restarts = match &measure.transform {
        Transform::None => false,
        Transform::ShareOfTotal { within } => !within.is_empty(),
        Transform::RunningTotal => true,
    };
    if !summed || restarts {
        return false;
    }
    let of = aggregated_table(&measure.aggregate).unwrap_or(&query.from);
    query.dimensions.iter().filter_map(dimension_table).all(|table| {
        // Reached towards parents only, a row has one value; along children it has several and is counted in each.
        graph.path(of, table).is_some_and(|(path, _)| !path.fans_out(graph.catalog()))
    })
}

fn aggregated_table(aggregate: &Aggregate) -> Option<&TableName> {
    match aggregate {
        Aggregate::CountRows(table) => Some(table),
        Aggregate::Count(scalar) | Aggregate::Sum(scalar) => first_table(scalar),
        _ => None,
    }
}

fn dimension_table(dimension: &Dimension) -> Option<&TableName> {
    first_table(&dimension.value)
}

fn first_table(scalar: &Scalar) -> Option<&TableName> {
    match scalar {
        Scalar::Field(field) => Some(&field.table),
        Scalar::Literal(_) => None,
        Scalar::Arithmetic { left, right, .. } => first_table(left).or_else(|| first_table(right)),
        Scalar::DaysBetween { from, to } => first_table(from).or_else(|| first_table(to)),
        Scalar::Coalesce(all) => all.iter().find_map(first_table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, ForeignKey, LogicalType, Table};
    use crate::dialect::Dialect;
    use crate::query::{Comparison, ComparisonBase, Field, TimeUnit, TimeWindow};

    fn shop() -> Catalog {
        let table = |name: &str, columns: &[&str], parent: Option<(&str, &str)>| {
            let mut table = Table::new(TableName::bare(name));
            table.columns = columns.iter().map(|name| Column::new(*name, "INTEGER", LogicalType::Integer)).collect();
            table.primary_key = vec!["id".into()];
            table.foreign_keys = parent
                .into_iter()
                .map(|(column, parent)| ForeignKey {
                    columns: vec![column.into()],
                    references: TableName::bare(parent),
                    referenced_columns: vec![],
                })
                .collect();
            table
        };
        let tables = vec![
            table("customers", &["id", "country"], None),
            table("orders", &["id", "customer_id", "amount", "day"], Some(("customer_id", "customers"))),
            table("lines", &["id", "order_id", "product"], Some(("order_id", "orders"))),
        ];
        Catalog::new(Dialect::Sqlite, None, tables)
    }

    fn field(table: &str, column: &str) -> Scalar {
        Scalar::Field(Field::new(TableName::bare(table), column))
    }

    #[test]
    fn a_query_tells_what_adds_up() {
        let mut query = SemanticQuery::new(TableName::bare("orders"));
        query.dimensions = vec![Dimension::new("country", field("customers", "country"))];
        query.measures = vec![
            Measure::new("orders_count", Aggregate::CountRows(TableName::bare("orders"))),
            Measure::new("average_amount", Aggregate::Avg(field("orders", "amount"))),
        ];
        let input = NarrateInput::of(&query, &shop());
        let told: Vec<(&str, bool)> =
            input.columns.iter().map(|column| (column.label.as_deref().unwrap_or(&column.name), column.additive)).collect();
        assert_eq!(told, [("country", false), ("orders", true), ("average amount", false)]);
        assert!(!input.limited && input.subject.as_deref() == Some("orders"));

        // An order has several products and is counted for each.
        query.dimensions = vec![Dimension::new("product", field("lines", "product"))];
        query.limit = Some(5);
        let input = NarrateInput::of(&query, &shop());
        assert!(!input.columns[1].additive && input.limited);
    }

    #[test]
    fn a_comparison_has_its_columns() {
        let mut query = SemanticQuery::new(TableName::bare("orders"));
        query.measures = vec![Measure::new("revenue", Aggregate::Sum(field("orders", "amount")))];
        query.compare = Some(Comparison {
            time: Field::new(TableName::bare("orders"), "day"),
            window: TimeWindow::Current(TimeUnit::Year),
            base: ComparisonBase::PreviousYear,
        });
        let names: Vec<String> = NarrateInput::of(&query, &shop()).columns.into_iter().map(|column| column.name).collect();
        assert_eq!(names, ["revenue", "revenue_previous", "revenue_change", "revenue_change_pct"]);
    }
}
