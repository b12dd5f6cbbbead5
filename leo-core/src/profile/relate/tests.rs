//! Relationships of small, telling schemas.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalog::{Cardinality, Column, ColumnStatistics};
use crate::dialect::Dialect;
use crate::profile::distinct::{Distinct, hash_int};

/// A table whose columns hold integers; the first one is the key.
fn table(name: &str, columns: &[(&str, std::ops::Range<i64>)]) -> (Table, TableValues) {
    let columns: Vec<(&str, Vec<i64>)> = columns.iter().map(|(name, range)| (*name, range.clone().collect())).collect();
    table_of(name, &columns)
}

/// A table that has only a key.
fn numbers(name: &str, key: &str, values: &[i64]) -> (Table, TableValues) {
    table_of(name, &[(key, values.to_vec())])
}

fn table_of(name: &str, columns: &[(&str, Vec<i64>)]) -> (Table, TableValues) {
    let mut table = Table::new(TableName::bare(name));
    let mut values = TableValues { table: table.name.clone(), columns: vec![], tuples: vec![] };
    for (name, numbers) in columns {
        let mut column = Column::new(*name, "INTEGER", LogicalType::Integer);
        let mut set = Distinct::default();
        for &value in numbers {
            set.note(Some(value));
            set.insert(hash_int(value));
        }
        column.statistics = Some(ColumnStatistics { distinct: set.count(), ..ColumnStatistics::default() });
        table.columns.push(column);
        values.columns.push(set.into_values());
    }
    table.primary_key = vec![columns[0].0.to_owned()];
    (table, values)
}

fn infer(parts: Vec<(Table, TableValues)>) -> Vec<String> {
    let (tables, values): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let catalog = Catalog::new(Dialect::Sqlite, None, tables);
    let mut found: Vec<String> =
        infer_relationships(&catalog, &values, RelateOptions::default()).iter().map(Relationship::id).collect();
    found.sort();
    found
}

#[test]
fn names_and_values_find_parents() {
    let found = infer(vec![
        table("customers", &[("id", 1..50), ("region", 1..5)]),
        table("orders", &[("id", 1..200), ("customer_id", 1..40), ("billing_customer_id", 1..30), ("quantity", 1..9)]),
        table("order_lines", &[("line_no", 1..500), ("orderid", 1..200)]),
        table("regions", &[("region_id", 1..6)]),
    ]);
    assert_eq!(
        found,
        [
            "customers(region)->regions(region_id)",
            "order_lines(orderid)->orders(id)",
            "orders(billing_customer_id)->customers(id)",
            "orders(customer_id)->customers(id)"
        ]
    );
}

#[test]
fn values_elsewhere_rule_a_parent_out() {
    let found =
        infer(vec![table("customers", &[("id", 1..50)]), table("orders", &[("id", 1..200), ("customer_id", 1_000..1_040)])]);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn numbers_within_a_key_are_no_evidence_alone() {
    let found = infer(vec![
        table("customers", &[("id", 1..50)]),
        table("shops", &[("id", 1..20), ("rooms", 1..10), ("staff", 2..9), ("customers", 1..5)]),
    ]);
    assert!(!found.iter().any(|id| id.contains("rooms") || id.contains("staff")), "{found:?}");
}

#[test]
fn an_odd_name_is_found_by_its_odd_values() {
    let found =
        infer(vec![table("people", &[("number", 71_000..71_400)]), table("votes", &[("id", 1..90), ("winner", 71_010..71_090)])]);
    assert_eq!(found, ["votes(winner)->people(number)"]);
}

#[test]
fn what_people_do_points_at_people() {
    let found = infer(vec![
        table("employees", &[("id", 1..30), ("reports_to", 1..8), ("desk", 1..8)]),
        table("deals", &[("id", 1..200), ("sales_rep_id", 3..20), ("approved_by", 1..4), ("head_count", 1..9)]),
    ]);
    assert_eq!(
        found,
        ["deals(approved_by)->employees(id)", "deals(sales_rep_id)->employees(id)", "employees(reports_to)->employees(id)"]
    );
}

#[test]
fn special_kinds_of_a_thing_are_known_by_scattered_numbers() {
    let scattered = |step: usize| (0..40).step_by(step).map(|n| 1_000 + n * n * 37).collect::<Vec<i64>>();
    let found = infer(vec![
        numbers("attractions", "attraction_id", &scattered(1)),
        numbers("museums", "museum_id", &scattered(3)),
        // Counted from one: that they are among the others' numbers means nothing.
        numbers("tickets", "ticket_id", &(1..9).collect::<Vec<i64>>()),
        numbers("visits", "visit_id", &(1..90).collect::<Vec<i64>>()),
    ]);
    assert_eq!(found, ["museums(museum_id)->attractions(attraction_id)"]);
}

#[test]
fn tables_that_share_a_key_point_one_way() {
    let found = infer(vec![
        table("accounts", &[("custid", 500..600)]),
        table("checking", &[("custid", 500..600), ("balance", 1..9)]),
        table("savings", &[("custid", 500..600), ("balance", 1..9)]),
    ]);
    assert_eq!(found, ["checking(custid)->accounts(custid)", "savings(custid)->accounts(custid)"]);
}

#[test]
fn a_number_of_its_own_rows_points_nowhere() {
    let mut records = table("pilot_record", &[("pilot", 1..5), ("record_id", 1..7)]);
    records.0.primary_key = vec!["pilot".into(), "record_id".into()];
    records.0.columns[1].statistics.as_mut().unwrap().is_unique = true;
    let found = infer(vec![records, table("aircraft", &[("aircraft_id", 1..8)]), table("pilots", &[("id", 1..6)])]);
    assert_eq!(found, ["pilot_record(pilot)->pilots(id)"]);
}

#[test]
fn a_chain_leads_to_its_root() {
    let found = infer(vec![
        table("person", &[("person_id", 500..900)]),
        table("driver", &[("person_id", 500..600)]),
        table("licence", &[("licence_id", 1..80), ("person_id", 500..580)]),
    ]);
    assert_eq!(found, ["driver(person_id)->person(person_id)", "licence(person_id)->person(person_id)"]);
}

#[test]
fn without_values_names_decide_with_less_confidence() {
    let (customers, _) = table("customers", &[("customer_id", 0..0)]);
    let (orders, _) = table("orders", &[("id", 0..0), ("customer_id", 0..0), ("note", 0..0)]);
    let catalog = Catalog::new(Dialect::Sqlite, None, vec![customers, orders]);
    let found = infer_relationships(&catalog, &[], RelateOptions::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].confidence <= NAMES_ONLY && found[0].cardinality == Cardinality::ManyToOne);
}

#[test]
fn declared_columns_are_left_alone() {
    let customers = table("customers", &[("id", 1..50)]);
    let mut orders = table("orders", &[("id", 1..200), ("customer_id", 1..40)]);
    orders.0.foreign_keys.push(crate::catalog::ForeignKey {
        columns: vec!["customer_id".into()],
        references: TableName::bare("customers"),
        referenced_columns: vec!["id".into()],
    });
    assert!(infer(vec![customers, orders]).is_empty());
}

#[test]
fn values_that_are_not_compared_would_have_changed_nothing() {
    let words = ["customer", "order", "city", "code", "id", "number", "staff", "rep"];
    let mut state = 7_u64;
    let mut pick = |of: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % of
    };
    let (mut tables, mut values) = (Vec::new(), Vec::new());
    for at in 0..40 {
        let mut name = || format!("{}_{}", words[pick(words.len())], words[pick(words.len())]);
        let (own, others) = (format!("{}_{at}", name()), [(); 6].map(|()| name()));
        let columns: Vec<(&str, Vec<i64>)> = others
            .iter()
            .map(|name| {
                let (first, step, count) = ([0, 1, 30, 500][pick(4)], [1, 1, 3, 7][pick(4)], 2 + pick(60) as i64);
                (name.as_str(), (0..count).map(|n| first + n * step).collect())
            })
            .collect();
        let (mut table, mut seen) = table_of(&own, &columns);
        let key = table.columns[0].name.clone();
        table.columns[1].statistics.as_mut().unwrap().is_unique = true;
        table.unique_keys = if at % 3 == 0 { vec![vec![table.columns[2].name.clone()]] } else { vec![] };
        table.primary_key = if at % 5 == 0 { vec![key, table.columns[3].name.clone()] } else { vec![key] };
        if at % 7 == 0 {
            // Empty.
            seen.columns.iter_mut().for_each(|set| *set = ValueSet::default());
        }
        tables.push(table);
        values.push(seen);
    }
    let vocabulary = Vocabulary::new(tables.iter().map(|table| table.name.name.as_str()));
    let seen: Vec<Seen<'_>> = tables
        .iter()
        .zip(&values)
        .map(|(table, values)| Seen {
            table,
            words: TableWords::new(table, &vocabulary),
            values: Some(values),
            declared: declared_columns(table),
        })
        .collect();
    let every = candidates::candidates(&seen, &HashSet::new(), 0.0);
    let mut kept = 0;
    for least in [0.3, 0.5, 0.9] {
        let some = candidates::candidates(&seen, &HashSet::new(), least);
        for (column, parents) in &every {
            let likely = |parents: &[(At, Features)]| {
                let mut likely: Vec<(At, u64)> = parents
                    .iter()
                    .map(|(at, found)| (*at, found.confidence()))
                    .filter(|(_, found)| *found >= least)
                    .map(|(at, found)| (at, found.to_bits()))
                    .collect();
                likely.sort_unstable();
                likely
            };
            let wanted = likely(parents);
            kept += wanted.len();
            assert_eq!(some.get(column).map(|parents| likely(parents)).unwrap_or_default(), wanted, "{column:?} {least}");
        }
    }
    assert!(kept > 100, "{kept}");
}
