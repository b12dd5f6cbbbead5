//! Metrics read off the structure: revenue of line items, units sold, average order value, profit.
//!
//! Nothing here knows a table by name: a line-item table is one with a price, a quantity and a parent.

use super::names::NameWord;
use super::relations::Relations;
use super::roles::is_percent;
use super::{SchemaIndex, TableInfo};
use crate::catalog::{Catalog, Column};
use crate::knowledge::Knowledge;
use crate::query::{Aggregate, Arithmetic, Field, Measure, Scalar};
use crate::value::Value;

/// A measure with a name.
#[derive(Debug, Clone)]
pub(in super::super) struct Metric {
    /// Words it is called by, each a phrase.
    pub(in super::super) names: Vec<String>,
    /// Name of its output column.
    pub(in super::super) output: String,
    pub(in super::super) aggregate: Aggregate,
    pub(in super::super) filter: Option<crate::query::Filter>,
    /// The table whose rows are aggregated.
    pub(in super::super) table: usize,
    /// `SUM(order_lines.unit_price × quantity)`.
    pub(in super::super) formula: String,
    /// Given by the host.
    pub(in super::super) governed: bool,
    /// What had to be assumed.
    pub(in super::super) assumption: Option<String>,
}

fn field(catalog: &Catalog, table: usize, column: usize) -> Scalar {
    let table = &catalog.tables[table];
    Scalar::Field(Field::new(table.name.clone(), table.columns[column].name.clone()))
}

fn arithmetic(op: Arithmetic, left: Scalar, right: Scalar) -> Scalar {
    Scalar::Arithmetic { op, left: Box::new(left), right: Box::new(right) }
}

/// A value of a line: price × quantity, less the discount.
struct Line {
    table: usize,
    value: Scalar,
    formula: String,
    quantity: usize,
    assumption: Option<String>,
    score: i32,
}

pub(super) fn derive(catalog: &Catalog, infos: &[TableInfo], relations: &Relations, knowledge: &Knowledge) -> Vec<Metric> {
    let mut metrics = Vec::new();
    for definition in &knowledge.metrics {
        let Some(table) = super::roles::position(catalog, &definition.table) else { continue };
        metrics.push(Metric {
            names: std::iter::once(definition.name.clone()).chain(definition.synonyms.iter().cloned()).collect(),
            output: SchemaIndex::output_name(&definition.name),
            aggregate: definition.measure.aggregate.clone(),
            filter: definition.measure.filter.clone(),
            table,
            formula: definition.description.clone().unwrap_or_else(|| definition.name.clone()),
            governed: true,
            assumption: None,
        });
    }
    for table in 0..infos.len() {
        metrics.extend(duration(catalog, infos, table));
    }
    let line = (0..infos.len())
        .filter_map(|table| line(catalog, infos, relations, table))
        .max_by_key(|line| (line.score, std::cmp::Reverse(line.table)));
    let revenue_names: Vec<String> = [
        "sold",
        "selling",
        "bought",
        "buy",
        "buys",
        "purchased",
        "revenue",
        "sales",
        "turnover",
        "income",
        "sales revenue",
        "total sales",
        "sales amount",
        "spend",
        "spent",
        "spending",
        "money spent",
        "total spent",
        "amount spent",
        "total spend",
        "takings",
        "sales value",
        "order value",
        "total order value",
        "net sales",
        "gross sales",
        "purchases value",
        "sells",
        "sell",
        "earned",
    ]
    .map(String::from)
    .to_vec();
    let value = match line {
        Some(line) => {
            metrics.push(Metric {
                names: [
                    "units sold",
                    "quantity sold",
                    "items sold",
                    "pieces sold",
                    "number of units sold",
                    "unit sales",
                    "sales volume",
                    "sold units",
                    "quantity ordered",
                ]
                .map(String::from)
                .to_vec(),
                output: "units_sold".into(),
                aggregate: Aggregate::Sum(field(catalog, line.table, line.quantity)),
                filter: None,
                table: line.table,
                formula: format!(
                    "SUM({}.{})",
                    catalog.tables[line.table].name.name, catalog.tables[line.table].columns[line.quantity].name
                ),
                governed: false,
                assumption: None,
            });
            if let Some(profit) = profit(catalog, infos, relations, &line) {
                metrics.push(profit);
            }
            Some((line.table, line.value, line.formula, line.assumption))
        }
        None => totals(catalog, infos, relations),
    };
    let Some((table, scalar, formula, assumption)) = value else { return metrics };
    let revenue = Aggregate::Sum(scalar);
    if let Some(order) = order_of(catalog, infos, relations, table) {
        let orders = &catalog.tables[order];
        let denominator = if order == table {
            Measure::new("orders", Aggregate::CountRows(orders.name.clone()))
        } else {
            // Orders that have lines: the same rows the revenue comes from.
            match orders.primary_key.as_slice() {
                [key] => {
                    Measure::new("orders", Aggregate::CountDistinct(Scalar::Field(Field::new(orders.name.clone(), key.clone()))))
                }
                _ => Measure::new("orders", Aggregate::CountRows(orders.name.clone())),
            }
        };
        metrics.push(Metric {
            names: [
                "average order value",
                "average order size",
                "average basket",
                "average basket value",
                "aov",
                "average order",
                "average basket size",
                "average invoice value",
                "average sale value",
                "average value per order",
                "average revenue per order",
                "mean order value",
                "average purchase value",
                "average ticket size",
                "avg order value",
                "average order amount",
                "revenue per order",
                "average value of orders",
                "average value of order",
                "average value of an order",
            ]
            .map(String::from)
            .to_vec(),
            output: "average_order_value".into(),
            aggregate: Aggregate::Ratio {
                numerator: Box::new(Measure::new("revenue", revenue.clone())),
                denominator: Box::new(denominator),
            },
            filter: None,
            table,
            formula: format!("SUM({formula}) ÷ number of {}", orders.name.name),
            governed: false,
            assumption: assumption.clone(),
        });
    }
    metrics.push(Metric {
        names: revenue_names,
        output: "revenue".into(),
        aggregate: revenue,
        filter: None,
        table,
        formula: format!("SUM({formula})"),
        governed: false,
        assumption,
    });
    metrics
}

/// The line-item value of a table, when it is one.
fn line(catalog: &Catalog, infos: &[TableInfo], relations: &Relations, table: usize) -> Option<Line> {
    let info = &infos[table];
    let parents = relations.steps(table).filter(|step| step.to_parent && step.to != table).count();
    if parents == 0 {
        return None;
    }
    let find = |role: fn(&super::Roles) -> bool| info.columns.iter().position(|column| role(&column.roles));
    let quantity = find(|roles| roles.quantity)?;
    let own_price = find(|roles| roles.price && !roles.quantity && !roles.discount);
    let name = |table: usize, column: usize| catalog.tables[table].columns[column].name.as_str();
    let own = &catalog.tables[table].name.name;
    let (mut value, mut formula, mut score) = match own_price {
        Some(price) => (
            arithmetic(Arithmetic::Multiply, field(catalog, table, price), field(catalog, table, quantity)),
            format!("{own}.{} × {}", name(table, price), name(table, quantity)),
            10,
        ),
        // The price may stand with the product, but only orders have lines without a price of their own.
        None => {
            let (parent, price) = relations.steps(table).filter(|step| step.to_parent && step.to != table).find_map(|step| {
                infos[step.to].columns.iter().position(|column| column.roles.price).map(|price| (step.to, price))
            })?;
            if !is_order_like(&info.words) && parents < 2 {
                return None;
            }
            (
                arithmetic(Arithmetic::Multiply, field(catalog, parent, price), field(catalog, table, quantity)),
                format!("{}.{} × {own}.{}", catalog.tables[parent].name.name, name(parent, price), name(table, quantity)),
                4,
            )
        }
    };
    let mut assumption = None;
    if let Some(discount) = find(|roles| roles.discount) {
        let one = Scalar::Literal(Value::Int(1));
        let percent = is_percent(&catalog.tables[table].columns[discount], &info.columns[discount].words);
        let share = if percent {
            arithmetic(Arithmetic::Divide, field(catalog, table, discount), Scalar::Literal(Value::Int(100)))
        } else {
            field(catalog, table, discount)
        };
        let nullable = catalog.tables[table].columns[discount].nullable;
        let share = if nullable { Scalar::Coalesce(vec![share, Scalar::Literal(Value::Int(0))]) } else { share };
        value = arithmetic(Arithmetic::Multiply, value, arithmetic(Arithmetic::Subtract, one, share));
        formula = format!("{formula} × (1 − {}{})", name(table, discount), if percent { " ÷ 100" } else { "" });
        score += 2;
        assumption = Some(format!(
            "`{}` is read as a {} of the price",
            name(table, discount),
            if percent { "percentage" } else { "fraction" }
        ));
    }
    if is_order_like(&info.words) {
        score += 4;
    }
    if relations.steps(table).any(|step| step.to_parent && is_order_like(&infos[step.to].words)) {
        score += 5;
    }
    if info
        .words
        .iter()
        .any(|word| matches!(word.stem.as_str(), "return" | "refund" | "purchas" | "stock" | "inventori" | "shipment" | "quot"))
    {
        score -= 6;
    }
    Some(Line { table, value, formula, quantity, assumption, score })
}

fn is_order_like(words: &[NameWord]) -> bool {
    words.iter().any(|word| {
        matches!(
            word.stem.as_str(),
            "order" | "invoic" | "sale" | "receipt" | "transact" | "basket" | "cart" | "purchas" | "checkout" | "book"
        )
    })
}

/// The total of an order-like table.
fn totals(catalog: &Catalog, infos: &[TableInfo], relations: &Relations) -> Option<(usize, Scalar, String, Option<String>)> {
    let mut best: Option<(i32, usize, usize)> = None;
    for (table, info) in infos.iter().enumerate() {
        if !is_order_like(&info.words) && !info.words.iter().any(|word| word.stem == "payment") {
            continue;
        }
        let Some(column) = info.columns.iter().position(|column| column.roles.amount) else { continue };
        let parents = relations.steps(table).filter(|step| step.to_parent).count();
        let score = 2 * i32::from(is_order_like(&info.words)) + i32::from(parents > 0);
        if best.is_none_or(|(known, _, _)| score > known) {
            best = Some((score, table, column));
        }
    }
    let (_, table, column) = best?;
    let formula = format!("{}.{}", catalog.tables[table].name.name, catalog.tables[table].columns[column].name);
    Some((table, field(catalog, table, column), formula, None))
}

/// The order a value belongs to: the table itself or its order-like parent.
fn order_of(_catalog: &Catalog, infos: &[TableInfo], relations: &Relations, table: usize) -> Option<usize> {
    let parent = relations
        .steps(table)
        .filter(|step| step.to_parent && step.to != table)
        .find(|step| is_order_like(&infos[step.to].words));
    parent.map(|step| step.to).or_else(|| is_order_like(&infos[table].words).then_some(table))
}

/// Revenue less cost × quantity, when the line or its product has a cost.
fn profit(catalog: &Catalog, infos: &[TableInfo], relations: &Relations, line: &Line) -> Option<Metric> {
    let cost_of = |table: usize| infos[table].columns.iter().position(|column| column.roles.cost).map(|column| (table, column));
    let (table, column) = cost_of(line.table)
        .or_else(|| relations.steps(line.table).filter(|step| step.to_parent).find_map(|step| cost_of(step.to)))?;
    let cost: &Column = &catalog.tables[table].columns[column];
    let costs = arithmetic(Arithmetic::Multiply, field(catalog, table, column), field(catalog, line.table, line.quantity));
    Some(Metric {
        names: ["profit", "gross profit", "margin", "gross margin", "earnings", "profits"].map(String::from).to_vec(),
        output: "profit".into(),
        aggregate: Aggregate::Sum(arithmetic(Arithmetic::Subtract, line.value.clone(), costs)),
        filter: None,
        table: line.table,
        formula: format!("SUM({} − {}.{} × quantity)", line.formula, catalog.tables[table].name.name, cost.name),
        governed: false,
        assumption: line.assumption.clone(),
    })
}

/// The mean time between two dates of one row: shipped and delivered, opened and closed.
fn duration(catalog: &Catalog, infos: &[TableInfo], table: usize) -> Option<Metric> {
    const PAIRS: &[(&[&str], &[&str], &[&str])] = &[
        (
            &["ship", "sent", "dispatch"],
            &["deliv", "deliveri", "arriv", "receiv"],
            &["delivery time", "shipping time", "transit time", "time to deliver", "days to deliver"],
        ),
        (&["order"], &["ship", "dispatch"], &["time to ship", "fulfilment time", "processing time", "days to ship"]),
        (
            &["open", "creat", "report", "rais"],
            &["close", "resolv", "solv", "finish", "complet"],
            &[
                "resolution time",
                "time to close",
                "time to resolve",
                "handling time",
                "closing time",
                "days to close",
                "days to resolve",
            ],
        ),
        (&["start", "begin"], &["end", "finish", "complet"], &["duration", "days taken"]),
        (&["rental", "borrow", "loan", "check"], &["return"], &["rental time", "rental duration", "loan time"]),
    ];
    let find = |stems: &[&str]| {
        infos[table]
            .columns
            .iter()
            .position(|column| column.roles.temporal && column.words.iter().any(|word| stems.contains(&word.stem.as_str())))
    };
    PAIRS.iter().find_map(|(from, to, names)| {
        let (from, to) = (find(from)?, find(to)?);
        if from == to {
            return None;
        }
        let own = &catalog.tables[table];
        let days = Scalar::DaysBetween { from: Box::new(field(catalog, table, from)), to: Box::new(field(catalog, table, to)) };
        let names =
            names.iter().flat_map(|name| [(*name).to_owned(), format!("average {name}"), format!("mean {name}")]).collect();
        Some(Metric {
            names,
            output: "average_days".into(),
            aggregate: Aggregate::Avg(days),
            filter: None,
            table,
            formula: format!("AVG(days from {}.{} to {})", own.name.name, own.columns[from].name, own.columns[to].name),
            governed: false,
            assumption: Some(format!("time is counted in days from {} to {}", own.columns[from].name, own.columns[to].name)),
        })
    })
}
