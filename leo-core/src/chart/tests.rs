//! Renderings, shapes of specifications, and what hostile values cannot do.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::query::Grain;
use crate::table::Table;
use crate::value::Value;

pub(super) fn table(names: &[&str], rows: &[&[Value]]) -> Table {
    Table::from_rows(names, &rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
}

pub(super) fn revenue_by_country() -> Table {
    table(
        &["country", "revenue"],
        &[
            &["Germany".into(), 52_300.into()],
            &["France".into(), 41_000.into()],
            &["日本".into(), 12_500.into()],
            &["Spain".into(), (-3_000).into()],
        ],
    )
}

pub(super) fn monthly() -> Table {
    let rows: Vec<Vec<Value>> =
        (1..=12).map(|m| vec![format!("2024-{m:02}").into(), Value::Int(10_000 + 900 * ((m * 7) % 12))]).collect();
    Table::from_rows(&["month", "sales"], &rows).unwrap()
}

pub(super) fn by_month_and_region() -> Table {
    let mut rows = Vec::new();
    for m in 1..=6 {
        for (n, region) in ["North", "South", "West"].iter().enumerate() {
            rows.push(vec![format!("2024-{m:02}").into(), (*region).into(), Value::Int(100 * m + 70 * n as i64)]);
        }
    }
    Table::from_rows(&["month", "region", "orders"], &rows).unwrap()
}

fn hint(question: &str) -> Hint {
    Hint { question: Some(question.into()), ..Hint::default() }
}

#[test]
fn shape_and_intent_decide() {
    let kind = |table: &Table, question: &str| choose(table, &hint(question)).kind;
    assert_eq!(kind(&monthly(), "monthly sales in 2024"), ChartKind::Line);
    assert_eq!(kind(&monthly(), "monthly sales in 2024 as bars"), ChartKind::Bar);
    assert_eq!(kind(&revenue_by_country(), "revenue by country"), ChartKind::Bar);
    assert_eq!(kind(&by_month_and_region(), "orders per month and region"), ChartKind::Line);
    let shares =
        table(&["category", "share"], &[&["A".into(), 0.5.into()], &["B".into(), 0.3.into()], &["C".into(), 0.2.into()]]);
    assert_eq!(kind(&shares, "share of revenue by category"), ChartKind::Pie);
    assert_eq!(kind(&table(&["n"], &[&[42.into()]]), "how many orders"), ChartKind::Kpi);
    assert_eq!(kind(&table(&["name"], &[&["a".into()], &["b".into()]]), "which products"), ChartKind::Table);
    assert_eq!(kind(&table(&["name", "n"], &[]), "anything"), ChartKind::Table);
}

#[test]
fn roles_from_the_planner_win() {
    let rows: [&[Value]; 3] = [&[7.into(), 100.into()], &[9.into(), 50.into()], &[12.into(), 20.into()]];
    let result = table(&["customer_id", "revenue"], &rows);
    assert_eq!(choose(&result, &Hint::default()).kind, ChartKind::Scatter);
    let columns = vec![ColumnHint::dimension("customer_id", None), ColumnHint::measure("revenue", Unit::Plain, true)];
    let spec = choose(&result, &Hint { columns, ..Hint::default() });
    assert_eq!(spec.kind, ChartKind::Bar);
    assert_eq!(spec.x.unwrap().column, "customer_id");

    let weekdays = table(&["weekday", "orders"], &[&[1.into(), 5.into()], &[2.into(), 9.into()], &[7.into(), 3.into()]]);
    let columns =
        vec![ColumnHint::dimension("weekday", Some(Grain::DayOfWeek)), ColumnHint::measure("orders", Unit::Plain, true)];
    assert_eq!(choose(&weekdays, &Hint { columns, ..Hint::default() }).kind, ChartKind::Bar);

    let compared = table(
        &["region", "revenue", "revenue_previous", "revenue_change", "revenue_change_pct"],
        &[
            &["North".into(), 120.into(), 100.into(), 20.into(), 0.2.into()],
            &["South".into(), 80.into(), 90.into(), (-10).into(), (-0.111).into()],
        ],
    );
    let of = || "revenue".to_owned();
    let columns = vec![
        ColumnHint::dimension("region", None),
        ColumnHint::measure("revenue", Unit::Plain, true),
        ColumnHint::derived("revenue_previous", Role::Previous { of: of() }, Unit::Plain),
        ColumnHint::derived("revenue_change", Role::Change { of: of() }, Unit::Plain),
        ColumnHint::derived("revenue_change_pct", Role::ChangePct { of: of() }, Unit::Fraction),
    ];
    let spec = choose(&compared, &Hint { columns, ..Hint::default() });
    assert_eq!((spec.kind, spec.arrangement), (ChartKind::Bar, Arrangement::Grouped));
    assert_eq!(spec.y.iter().map(|y| y.column.as_str()).collect::<Vec<_>>(), ["revenue", "revenue_previous"]);
}

#[test]
fn two_names_of_the_same_rows_are_one_dimension() {
    let rows: [&[Value]; 3] =
        [&["Ann".into(), "Lee".into(), 9.into()], &["Bo".into(), "Kim".into(), 7.into()], &["Cy".into(), "Fox".into(), 5.into()]];
    let spec = choose(&table(&["first_name", "last_name", "orders"], &rows), &hint("top customers by orders"));
    assert_eq!((spec.kind, spec.series.is_none()), (ChartKind::Bar, true));
}

#[test]
fn masked_columns_are_not_drawn() {
    let masked = ColumnHint { masked: true, ..ColumnHint::dimension("country", None) };
    let columns = vec![masked, ColumnHint::measure("revenue", Unit::Plain, true)];
    let spec = choose(&revenue_by_country(), &Hint { columns, ..Hint::default() });
    assert_eq!(spec.kind, ChartKind::Table);
}

#[test]
fn a_spec_is_data() {
    let spec = choose(&by_month_and_region(), &hint("orders per month by region"));
    let json = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<ChartSpec>(&json).unwrap(), spec);
    assert!(!json.contains("North"));
}

#[test]
fn bars_in_a_terminal() {
    let spec = choose(&revenue_by_country(), &hint("revenue by country"));
    insta::assert_snapshot!(terminal(&spec, &revenue_by_country(), &TerminalOptions { width: 50, ..Default::default() }));
}

#[test]
fn plain_ascii_in_a_terminal() {
    let spec = choose(&revenue_by_country(), &hint("revenue by country"));
    let options = TerminalOptions { width: 50, ascii: true, ..Default::default() };
    insta::assert_snapshot!(terminal(&spec, &revenue_by_country(), &options));
}

#[test]
fn a_line_in_a_terminal() {
    let spec = choose(&monthly(), &hint("monthly sales"));
    insta::assert_snapshot!(terminal(&spec, &monthly(), &TerminalOptions { width: 60, height: 6, ..Default::default() }));
}

#[test]
fn several_series_in_a_terminal() {
    let spec = choose(&by_month_and_region(), &hint("orders per month by region"));
    let lines = terminal(&spec, &by_month_and_region(), &TerminalOptions { width: 60, ..Default::default() });
    let spec = choose(&by_month_and_region(), &hint("orders per month by region as stacked bars"));
    assert_eq!(spec.arrangement, Arrangement::Stacked);
    let bars = terminal(&spec, &by_month_and_region(), &TerminalOptions { width: 60, max_bars: 2, ..Default::default() });
    insta::assert_snapshot!(format!("{lines}\n{bars}"));
}

#[test]
fn vega_lite_has_the_published_shape() {
    let tables = [revenue_by_country(), monthly(), by_month_and_region()];
    let questions = ["", "as a pie chart", "as a stacked bar chart", "as an area chart", "heatmap", "as a table", "line chart"];
    let mut checked = 0;
    for table in &tables {
        for question in questions {
            for version in [VegaLiteVersion::V5, VegaLiteVersion::V6] {
                let spec = choose(table, &hint(question));
                check_vega_lite(&vega_lite(&spec, table, &VegaLiteOptions { version, data_name: None }));
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 42);
}

#[test]
fn vega_lite_snapshot() {
    let spec = choose(&by_month_and_region(), &hint("orders per month by region as stacked bars"));
    let options = VegaLiteOptions { data_name: Some("result".into()), ..Default::default() };
    insta::assert_json_snapshot!(vega_lite(&spec, &by_month_and_region(), &options));
}

/// The published shape of a unit specification, as far as Leo uses it.
pub(super) fn check_vega_lite(json: &serde_json::Value) {
    let schema = json["$schema"].as_str().unwrap();
    assert!(["v5", "v6"].iter().any(|v| schema == format!("https://vega.github.io/schema/vega-lite/{v}.json")), "{schema}");
    let known = ["$schema", "title", "description", "data", "transform", "mark", "encoding", "height", "width"];
    for key in json.as_object().unwrap().keys() {
        assert!(known.contains(&key.as_str()), "{key}");
    }
    assert!(json["data"]["values"].is_array() || json["data"]["name"].is_string());
    let mark = json["mark"]["type"].as_str().unwrap();
    assert!(["bar", "line", "area", "arc", "point", "rect", "text"].contains(&mark), "{mark}");
    let mut produced: Vec<String> = Vec::new();
    for transform in json["transform"].as_array().into_iter().flatten() {
        match (transform.get("fold"), transform.get("window")) {
            (Some(fold), None) => {
                assert!(fold.as_array().unwrap().iter().all(serde_json::Value::is_string));
                let names = transform["as"].as_array().unwrap();
                assert_eq!(names.len(), 2);
                produced.extend(names.iter().map(|name| name.as_str().unwrap().to_owned()));
            }
            (None, Some(window)) => {
                assert_eq!(window[0]["op"], "row_number");
                produced.push(window[0]["as"].as_str().unwrap().to_owned());
            }
            _ => panic!("an unknown transform: {transform}"),
        }
    }
    let channels = json["encoding"].as_object().unwrap();
    assert!(!channels.is_empty());
    for (channel, definition) in channels {
        assert!(["x", "y", "color", "theta", "order", "text", "xOffset", "yOffset"].contains(&channel.as_str()), "{channel}");
        let kind = definition["type"].as_str().unwrap();
        assert!(["nominal", "ordinal", "temporal", "quantitative"].contains(&kind), "{kind}");
        let field = definition["field"].as_str().unwrap();
        if let Some(first) = json["data"]["values"].as_array().and_then(|rows| rows.first()) {
            let plain = unescape(field);
            assert!(first.get(&plain).is_some() || produced.contains(&plain), "{field} is not in the data");
        }
    }
    let needs: &[&str] = match mark {
        "arc" => &["theta", "color"],
        "rect" => &["x", "y", "color"],
        "text" => &["text"],
        _ => &["x", "y"],
    };
    assert!(needs.iter().all(|channel| channels.contains_key(*channel)));
}

fn unescape(field: &str) -> String {
    let mut chars = field.chars();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.push(if c == '\\' { chars.next().unwrap() } else { c });
    }
    plain
}
