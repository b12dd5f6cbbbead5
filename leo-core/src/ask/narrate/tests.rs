//! Narratives for every shape of result, and what a changed table does to them.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::chart::{Role, Unit};
use crate::query::Grain;
use crate::value::Value;

fn table(names: &[&str], rows: &[&[Value]]) -> Table {
    Table::from_rows(names, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
}

fn euro() -> Unit {
    Unit::Currency("EUR".into())
}

fn monthly() -> (Table, NarrateInput) {
    let values = [10_200.0, 11_050.5, 9_800.0, 14_000.0, 13_100.0, 15_500.25];
    let rows: Vec<Vec<Value>> =
        values.iter().enumerate().map(|(m, value)| vec![format!("2024-{:02}", m + 1).into(), (*value).into()]).collect();
    let input = NarrateInput {
        intent: Some(Intent::Series),
        columns: vec![ColumnHint::dimension("month", Some(Grain::Month)), ColumnHint::measure("revenue", euro(), true)],
        window: Some("2024-01-01 to 2024-06-30".into()),
        zone: Some("Europe/Berlin".into()),
        ..NarrateInput::default()
    };
    (Table::from_rows(&["month", "revenue"], &rows).unwrap(), input)
}

fn by_country() -> (Table, NarrateInput) {
    let result = table(
        &["country", "orders"],
        &[
            &["Germany".into(), 420.into()],
            &["France".into(), 310.into()],
            &["Spain".into(), 150.into()],
            &["Italy".into(), 120.into()],
        ],
    );
    let input = NarrateInput {
        intent: Some(Intent::Breakdown),
        columns: vec![ColumnHint::dimension("country", None), ColumnHint::measure("orders", Unit::Plain, true)],
        ..NarrateInput::default()
    };
    (result, input)
}

fn compared() -> (Table, NarrateInput) {
    let result = table(
        &["region", "revenue", "revenue_previous", "revenue_change", "revenue_change_pct"],
        &[
            &["North".into(), 1_200.into(), 1_000.into(), 200.into(), 0.2.into()],
            &["South".into(), 800.into(), 900.into(), (-100).into(), (-0.1111).into()],
            &["West".into(), 500.into(), Value::Null, Value::Null, Value::Null],
        ],
    );
    let of = || "revenue".to_owned();
    let columns = vec![
        ColumnHint::dimension("region", None),
        ColumnHint::measure("revenue", euro(), true),
        ColumnHint::derived("revenue_previous", Role::Previous { of: of() }, euro()),
        ColumnHint::derived("revenue_change", Role::Change { of: of() }, euro()),
        ColumnHint::derived("revenue_change_pct", Role::ChangePct { of: of() }, Unit::Fraction),
    ];
    let input = NarrateInput {
        intent: Some(Intent::Comparison),
        columns,
        window: Some("2024-04-01 to 2024-06-30".into()),
        compared_with: Some("2023-04-01 to 2023-06-30".into()),
        ..NarrateInput::default()
    };
    (result, input)
}

fn shares() -> (Table, NarrateInput) {
    let result = table(
        &["category", "share"],
        &[&["Books".into(), 0.512.into()], &["Games".into(), 0.3.into()], &["Toys".into(), 0.188.into()]],
    );
    let mut share = ColumnHint::measure("share", Unit::Fraction, true);
    share.label = Some("share of revenue".into());
    let input = NarrateInput {
        intent: Some(Intent::Share),
        columns: vec![ColumnHint::dimension("category", None), share],
        ..NarrateInput::default()
    };
    (result, input)
}

fn split() -> (Table, NarrateInput) {
    let mut rows = Vec::new();
    for m in 1..=4 {
        for (n, region) in ["North", "South"].iter().enumerate() {
            rows.push(vec![format!("2024-{m:02}").into(), (*region).into(), Value::Int(100 * m + 70 * n as i64)]);
        }
    }
    let columns = vec![
        ColumnHint::dimension("month", Some(Grain::Month)),
        ColumnHint::dimension("region", None),
        ColumnHint::measure("orders", Unit::Plain, true),
    ];
    (Table::from_rows(&["month", "region", "orders"], &rows).unwrap(), NarrateInput { columns, ..NarrateInput::default() })
}

fn said((table, input): (Table, NarrateInput)) -> String {
    narrate(&table, &input).text()
}

#[test]
fn every_shape_leads_with_the_answer() {
    let single = |label: &str, value: Value, window: Option<&str>| {
        let columns = vec![ColumnHint::measure("m", Unit::Plain, true).with_label(label)];
        let input = NarrateInput { columns, window: window.map(str::to_owned), ..NarrateInput::default() };
        said((table(&["m"], &[&[value]]), input))
    };
    let ranked = |limited: bool| {
        let (result, input) = by_country();
        said((result, NarrateInput { intent: Some(Intent::Ranking), limited, ..input }))
    };
    let weekdays = {
        let result = table(&["weekday", "orders"], &[&[1.into(), 5.into()], &[6.into(), 9.into()], &[7.into(), 3.into()]]);
        let columns =
            vec![ColumnHint::dimension("weekday", Some(Grain::DayOfWeek)), ColumnHint::measure("orders", Unit::Plain, true)];
        said((result, NarrateInput { columns, ..NarrateInput::default() }))
    };
    let unknown = said((by_country().0, NarrateInput::default()));
    let lines = [
        single("orders", 1234.into(), Some("2024")),
        single("total revenue", 1234.5.into(), None),
        single("average order value", Value::Null, None),
        said(monthly()),
        said((monthly().0, NarrateInput { incomplete: true, ..monthly().1 })),
        said(by_country()),
        ranked(true),
        unknown,
        weekdays,
        said(compared()),
        said(shares()),
        said(split()),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn lists_existence_and_nothing() {
    let list = |rows: usize| {
        let rows: Vec<Vec<Value>> = (0..rows).map(|n| vec![Value::Int(n as i64), format!("Product {n}").into()]).collect();
        let result = Table::from_rows(&["product_id", "name"], &rows).unwrap();
        (result, NarrateInput { intent: Some(Intent::List), subject: Some("products".into()), ..NarrateInput::default() })
    };
    let exists = |value: i64| {
        let input =
            NarrateInput { intent: Some(Intent::Existence), subject: Some("open tickets".into()), ..NarrateInput::default() };
        said((table(&["n"], &[&[value.into()]]), input))
    };
    let mut masked = list(5);
    masked.1.columns = vec![ColumnHint { masked: true, ..ColumnHint::dimension("name", None) }];
    let one_row = table(&["genre", "revenue", "tracks"], &[&["Rock".into(), 826.65.into(), 1297.into()]]);
    let lines = [
        said(list(1)),
        said(list(2)),
        said(list(4)),
        said(list(188)),
        said((list(188).0, NarrateInput { truncated: true, ..list(188).1 })),
        said(list(0)),
        exists(0),
        exists(3),
        said(masked),
        said((one_row, NarrateInput::default())),
        said((table(&["first order"], &[&["2021-03-04".into()]]), NarrateInput::default())),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn people_are_named_in_full() {
    let rows: [&[Value]; 3] = [
        &[6.into(), "Helena".into(), "Holý".into(), 49.62.into(), 7.into()],
        &[26.into(), "Richard".into(), "Cunningham".into(), 47.62.into(), 6.into()],
        &[57.into(), Value::Null, "Rojas".into(), 46.62.into(), 7.into()],
    ];
    let result = table(&["customer_id", "first_name", "last_name", "total_spent", "invoices"], &rows);
    let columns = ["customer_id", "first_name", "last_name"].map(|name| ColumnHint::dimension(name, None)).into_iter();
    let measures = [
        ColumnHint::measure("total_spent", Unit::Currency("USD".into()), true),
        ColumnHint::measure("invoices", Unit::Plain, true),
    ];
    let input = NarrateInput { columns: columns.chain(measures).collect(), limited: true, ..NarrateInput::default() };
    assert_eq!(
        narrate(&result, &input).text(),
        "Helena Holý has the highest total spent: $49.62. Next come Richard Cunningham with $47.62 and (none) Rojas with $46.62. \
         Invoices range from 6 to 7."
    );
}

#[test]
fn masked_values_are_never_quoted() {
    let (result, mut input) = by_country();
    input.columns[0].masked = true;
    let text = narrate(&result, &input).text();
    assert!(!text.contains("Germany") && !text.is_empty(), "{text}");
    input.columns[1].masked = true;
    assert!(!narrate(&result, &input).text().contains("420"));
}

#[test]
fn numbers_bound_to_nothing_are_not_shown() {
    let (result, input) = by_country();
    let mut narrative = narrate(&result, &input);
    narrative.sentences.push(Sentence { text: "Sales will grow by 12%.".into(), figures: Vec::new(), claims: Vec::new() });
    narrative.sentences.push(Sentence { text: "A good year.".into(), figures: Vec::new(), claims: Vec::new() });
    let checked = check(&narrative, &result);
    assert!(!checked.text().contains("12%") && checked.text().contains("A good year."));
}

#[test]
fn hostile_labels_stay_in_their_sentence() {
    let result = table(
        &["name", "n"],
        &[&["\u{1b}[2J<script>\n\u{202e}x".into(), 5.into()], &["9 of 10\u{0}".into(), 3.into()], &["".into(), 1.into()]],
    );
    let text = narrate(&result, &NarrateInput::default()).text();
    assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    assert!(text.contains("5"));
}

#[test]
fn a_narrative_survives_json() {
    let narrative = narrate(&compared().0, &compared().1);
    let json = serde_json::to_string(&narrative).unwrap();
    assert_eq!(serde_json::from_str::<Narrative>(&json).unwrap(), narrative);
}

/// `table` with one cell replaced.
fn perturbed(table: &Table, row: usize, column: usize, value: Value) -> Table {
    let names: Vec<&str> = (0..table.num_columns()).map(|column| table.column_name(column)).collect();
    let mut rows: Vec<Vec<Value>> = table.rows().collect();
    rows[row][column] = value;
    Table::from_rows(&names, &rows).unwrap()
}

fn cases() -> Vec<(Table, NarrateInput)> {
    vec![monthly(), by_country(), compared(), shares(), split(), (by_country().0, NarrateInput::default())]
}

/// Rows and columns a source reads.
fn reads(source: &Source, table: &Table) -> Vec<(usize, usize)> {
    let whole = |column: usize| (0..table.num_rows()).map(|row| (row, column)).collect();
    match source {
        Source::Cell { row, column } => vec![(*row, *column)],
        Source::Aggregate { op: AggregateOp::Sum, column, rows: Rows::All } => whole(*column),
        Source::Difference { from, to } | Source::Change { from, to } => [reads(from, table), reads(to, table)].concat(),
        Source::Ratio { part, whole } => [reads(part, table), reads(whole, table)].concat(),
        _ => Vec::new(),
    }
}

proptest! {
    /// Whatever cell is changed by more than rounding hides: each sentence that rests on it changes or is dropped, and what the check
    /// leaves standing is exactly what the new table supports.
    #[test]
    fn a_changed_cell_changes_the_prose(case in 0usize..6, row in 0usize..32, column in 0usize..8, factor in prop_oneof![-3.0..0.5f64, 1.6..50.0f64]) {
        let (table, input) = cases().swap_remove(case);
        let (row, column) = (row % table.num_rows(), column % table.num_columns());
        let before = table.value(row, column);
        let after = match &before {
            Value::Int(value) => Value::Int((*value as f64 * factor) as i64 + 7),
            Value::Float(value) => Value::Float(value * factor + 7.0),
            Value::Text(text) => Value::Text(format!("{text} changed")),
            _ => return Ok(()),
        };
        let changed = perturbed(&table, row, column, after);
        let narrative = narrate(&table, &input);
        prop_assert!(!narrative.is_empty());
        let standing = check(&narrative, &changed);
        for sentence in &narrative.sentences {
            let touched = sentence.figures.iter().any(|figure| reads(&figure.source, &table).contains(&(row, column)));
            if touched {
                prop_assert!(!standing.sentences.contains(sentence), "{}", sentence.text);
            }
        }
        // And the prose of the changed table holds for it, each figure computed from it.
        for sentence in narrate(&changed, &input).sentences {
            for figure in &sentence.figures {
                let value = figure.source.evaluate(&changed).unwrap();
                prop_assert_eq!(figure.format.write(&value).unwrap(), &sentence.text[figure.start..figure.end]);
            }
        }
        if column > 0 && input.columns.len() == table.num_columns() && matches!(before, Value::Int(_) | Value::Float(_)) && column < 3 && case != 3 {
            // A total or extreme rests on every cell of a measure: the text as a whole cannot stay.
            let same = narrate(&changed, &input).text() == narrative.text();
            prop_assert!(!same);
        }
    }

    /// Any table, with or without knowledge: no panic, and nothing unsupported.
    #[test]
    fn any_table_is_told_truthfully(
        rows in prop::collection::vec((".{0,12}", prop::option::of(any::<i64>()), any::<f64>(), prop::option::of("[0-9]{4}-(0[1-9]|1[0-2])")), 0..12),
        intent in 0usize..10, additive in any::<bool>(), truncated in any::<bool>(), columns in 1usize..5,
    ) {
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|(text, int, float, month)| {
            let all = vec![
                month.map_or(Value::Null, Value::from), Value::from(text), int.map_or(Value::Null, Value::from), Value::from(float),
            ];
            all.into_iter().rev().take(columns).collect()
        }).collect();
        let names = ["f 1", "n", "text", "month"];
        let table = Table::from_rows(&names[..columns], &rows).unwrap();
        let intents = [Intent::Single, Intent::Series, Intent::Ranking, Intent::Share, Intent::Comparison, Intent::Breakdown,
            Intent::Relationship, Intent::List, Intent::Existence];
        let input = NarrateInput {
            intent: intents.get(intent).copied(),
            columns: vec![ColumnHint::measure("n", Unit::Plain, additive)],
            truncated, ..NarrateInput::default()
        };
        let narrative = narrate(&table, &input);
        prop_assert_eq!(check(&narrative, &table), narrative);
    }
}
