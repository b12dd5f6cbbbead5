//! The pictures: a gallery that is looked at, and what hostile tables cannot do to any renderer.
//!
//! `LEO_CHART_GALLERY=DIR cargo test -p leo-core gallery` writes the gallery to a folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::tests::{by_month_and_region, check_vega_lite, monthly, revenue_by_country, table};
use super::*;
use crate::query::Grain;
use crate::table::Table;
use crate::value::Value;

fn asked(table: &Table, question: &str) -> ChartSpec {
    choose(table, &Hint { question: Some(question.into()), ..Hint::default() })
}

fn told(table: &Table, columns: Vec<ColumnHint>) -> ChartSpec {
    choose(table, &Hint { columns, ..Hint::default() })
}

fn gallery() -> Vec<(&'static str, ChartSpec, Table)> {
    let mut all = Vec::new();
    let mut add = |name, spec, table: &Table| all.push((name, spec, table.clone()));
    let countries = revenue_by_country();
    add("bar", asked(&countries, "revenue by country"), &countries);
    add("line", asked(&monthly(), "monthly sales"), &monthly());
    add("area", asked(&by_month_and_region(), "orders per month and region as an area chart"), &by_month_and_region());
    add("lines", asked(&by_month_and_region(), "orders per month and region"), &by_month_and_region());
    add("stacked", asked(&by_month_and_region(), "stacked bar chart of orders per month and region"), &by_month_and_region());
    add("grouped", asked(&by_month_and_region(), "grouped bar chart of orders per month and region"), &by_month_and_region());

    let products: Vec<Vec<Value>> = (0..30)
        .map(|n| {
            vec![format!("Product with a rather long name, number {n}").into(), Value::Float(1_234_567.0 / f64::from(n + 1))]
        })
        .collect();
    let products = Table::from_rows(&["product_name", "total_revenue"], &products).unwrap();
    let euros = |name: &str| ColumnHint::measure(name, Unit::Currency("EUR".into()), true);
    add("horizontal", told(&products, vec![ColumnHint::dimension("product_name", None), euros("total_revenue")]), &products);

    let people: Vec<Vec<Value>> =
        (0..14).map(|n| vec![format!("Firstname{n} Lastname").into(), Value::Int(i64::from(n * n) + 3)]).collect();
    let people = Table::from_rows(&["employee", "tickets"], &people).unwrap();
    add("slanted", asked(&people, "tickets by employee, bar chart, ordered"), &people);

    let shares: Vec<Vec<Value>> = ["Books", "Games", "Toys", "Music", "Garden & outdoor", "Other"]
        .iter()
        .zip([0.4, 0.25, 0.15, 0.1, 0.06, 0.04])
        .map(|(name, share)| vec![(*name).into(), share.into()])
        .collect();
    let shares = Table::from_rows(&["category", "share"], &shares).unwrap();
    let fraction = ColumnHint::measure("share", Unit::Fraction, true);
    let hint = Hint { intent: Some(Intent::Share), columns: vec![fraction], ..Hint::default() };
    add("pie", choose(&shares, &hint), &shares);

    let points: Vec<Vec<Value>> = (0..150)
        .map(|n| {
            let x = f64::from(n) * 1.37;
            vec![x.into(), (x * 0.8 + 40.0 * (x * 0.7).sin()).into(), ["North", "South", "West"][n as usize % 3].into()]
        })
        .collect();
    let points = Table::from_rows(&["price", "quantity", "region"], &points).unwrap();
    add("scatter", asked(&points, "relationship between price and quantity by region"), &points);

    let grid: Vec<Vec<Value>> = (0..7 * 24)
        .map(|n| vec![Value::Int(n % 24), Value::Int(n / 24 + 1), Value::Int((n % 24 - 12).abs() * (n / 24 + 1) * 3)])
        .collect();
    let grid = Table::from_rows(&["hour", "weekday", "visits"], &grid).unwrap();
    let mut spec = told(
        &grid,
        vec![
            ColumnHint::dimension("hour", Some(Grain::HourOfDay)),
            ColumnHint::dimension("weekday", Some(Grain::DayOfWeek)),
            ColumnHint::measure("visits", Unit::Plain, true),
        ],
    );
    spec.kind = ChartKind::Heatmap;
    add("heatmap", spec, &grid);

    let weekdays: Vec<Vec<Value>> = (1..=7).map(|n| vec![Value::Int(n), Value::Int(900 - 100 * (n % 3))]).collect();
    let weekdays = Table::from_rows(&["weekday", "orders"], &weekdays).unwrap();
    let columns =
        vec![ColumnHint::dimension("weekday", Some(Grain::DayOfWeek)), ColumnHint::measure("orders", Unit::Plain, true)];
    add("weekdays", told(&weekdays, columns), &weekdays);

    let single = table(&["revenue", "revenue_previous"], &[&[1_234_567.into(), 1_100_000.into()]]);
    let previous = ColumnHint::derived("revenue_previous", Role::Previous { of: "revenue".into() }, Unit::Currency("EUR".into()));
    add("kpi", told(&single, vec![euros("revenue"), previous]), &single);

    let days: Vec<Vec<Value>> = (0..200)
        .map(|n| {
            let date = jiff::civil::date(2024, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap();
            vec![date.to_string().into(), Value::Float(500.0 + 80.0 * (f64::from(n) / 9.0).sin() + f64::from(n * 37 % 50))]
        })
        .collect();
    let days = Table::from_rows(&["day", "visits"], &days).unwrap();
    add("daily", asked(&days, "daily visits"), &days);
    let mut spark = asked(&days, "visits as a sparkline");
    spark.kind = ChartKind::Sparkline;
    add("sparkline", spark, &days);
    add("table", asked(&countries, "as a table"), &countries);
    add("hostile", asked(&hostile(), "n by name"), &hostile());
    all
}

fn hostile() -> Table {
    table(
        &["name", "n"],
        &[
            &["<script>alert(1)</script>".into(), 5.into()],
            &["]]> & \"quotes' <!-- ".into(), 3.into()],
            &["\u{202e}right to left\u{0}\u{b}\u{1b}[31m".into(), 2.into()],
            &["שלום עולם".into(), 4.into()],
            &["x".repeat(5_000).into(), 1.into()],
        ],
    )
}

#[test]
fn the_gallery_is_well_formed() {
    let folder = std::env::var_os("LEO_CHART_GALLERY").map(std::path::PathBuf::from);
    let mut sizes = Vec::new();
    for (name, spec, table) in gallery() {
        for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
            let text = svg(&spec, &table, &SvgOptions { theme, ..SvgOptions::default() });
            check_xml(&text);
            if let Some(folder) = &folder {
                std::fs::write(folder.join(format!("{name}-{theme:?}.svg").to_lowercase()), &text).unwrap();
            }
            if theme == Theme::Auto {
                assert!(!text.contains("nothing to draw"), "{name}");
                sizes.push(format!(
                    "{name} {:?}: {} elements, {} kB",
                    spec.kind,
                    text.matches('<').count() / 100 * 100,
                    text.len() / 1024
                ));
            }
        }
        check_vega_lite(&vega_lite(&spec, &table, &VegaLiteOptions::default()));
        check_echarts(&echarts(&spec, &table));
    }
    insta::assert_snapshot!(sizes.join("\n"));
}

#[test]
fn hostile_text_is_text_in_every_renderer() {
    let spec = asked(&hostile(), "n by name");
    let text = svg(&spec, &hostile(), &SvgOptions::default());
    assert!(!text.contains("<script") && !text.contains("]]>") && !text.contains('\u{1b}') && !text.contains('\u{202e}'));
    assert!(text.contains("&lt;script&gt;") && text.contains("שלום"));
    assert!(text.len() < 20_000);
    let lines = terminal(&spec, &hostile(), &TerminalOptions::default());
    assert!(!lines.chars().any(|c| c.is_control() && c != '\n') && lines.contains("<script>"));
}

#[test]
fn names_that_begin_alike_are_told_apart_by_their_ends() {
    let rows = [vec!["Central Europe".into(), 1_527.into(), 1_421.into()], vec!["Nordics".into(), 1_128.into(), 790.into()]];
    let names = ["region", "average_order_value_this_year", "average_order_value_previous_year"];
    let table = Table::from_rows(&names, &rows).unwrap();
    let mut spec = ChartSpec::new(ChartKind::Bar);
    spec.x = Some(Encoding::new("region", Scale::Nominal));
    spec.y = names[1..]
        .iter()
        .map(|name| Encoding { title: name.replace('_', " "), ..Encoding::new(*name, Scale::Quantitative) })
        .collect();
    spec.arrangement = Arrangement::Grouped;
    let narrow = terminal(&spec, &table, &TerminalOptions::default());
    assert!(narrow.contains("…this year") && narrow.contains("…previous year"), "{narrow}");
    let wide = terminal(&spec, &table, &TerminalOptions { width: 160, ..TerminalOptions::default() });
    assert!(wide.contains("average order value previous year"), "{wide}");
}

#[test]
fn a_picture_says_what_it_is() {
    let text = svg(&asked(&monthly(), "monthly sales"), &monthly(), &SvgOptions::default());
    assert!(text.contains("<title>Sales by month</title>") && text.contains("<desc>Line chart: sales by month, 12 rows.</desc>"));
    assert!(!text.contains("http://www.w3.org/1999/xlink") && !text.contains("<image") && !text.contains("<style"));
}

#[test]
fn echarts_snapshot() {
    let spec = asked(&by_month_and_region(), "orders per month by region as stacked bars");
    insta::assert_json_snapshot!(echarts(&spec, &by_month_and_region()));
}

fn check_echarts(option: &serde_json::Value) {
    assert!(option["title"]["text"].is_string());
    let text = option.to_string();
    assert!(!text.contains("function") || !text.contains("formatter"));
    let shown = ["series", "dataset", "graphic"].iter().filter(|key| !option[**key].is_null()).count();
    assert_eq!(shown, 1);
    for series in option["series"].as_array().into_iter().flatten() {
        assert!(["bar", "line", "pie", "scatter", "heatmap"].contains(&series["type"].as_str().unwrap()));
        assert!(series["data"].is_array());
    }
}

/// A strict reader of the XML that Leo writes: elements nest and close, attributes are quoted and once each, text holds no raw `<`
/// or unknown entity, every character is one XML 1.0 allows.
pub(super) fn check_xml(text: &str) {
    assert!(
        text.chars().all(|c| matches!(c, '\n' | '\t' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)),
        "a forbidden character"
    );
    let check_text = |text: &str| {
        assert!(!text.contains("]]>"));
        for part in text.split('&').skip(1) {
            let name = part.split(';').next().unwrap();
            assert!(["amp", "lt", "gt", "quot", "#39"].contains(&name), "&{name}");
        }
    };
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut roots = 0;
    while let Some(at) = rest.find('<') {
        check_text(&rest[..at]);
        assert!(!open.is_empty() || rest[..at].trim().is_empty(), "text outside the root");
        rest = &rest[at + 1..];
        let mut quoted = false;
        let end = rest
            .find(|c| {
                if c == '"' {
                    quoted = !quoted;
                }
                c == '>' && !quoted
            })
            .expect("an element that does not end");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let empty = tag.ends_with('/');
        let tag = tag.trim_end_matches('/');
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{name}");
        roots += usize::from(open.is_empty());
        let mut seen = Vec::new();
        while !attributes.trim().is_empty() {
            let (key, after) = attributes.trim_start().split_once("=\"").expect("an attribute without quotes");
            let (value, after) = after.split_once('"').expect("an attribute that does not end");
            assert!(!value.contains('<') && !seen.contains(&key), "{key}");
            check_text(value);
            seen.push(key);
            attributes = after;
        }
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty() && roots == 1 && rest.trim().is_empty());
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-100i64..100).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[<>&\"'\\]\u{0}-\u{1f}\u{202a}-\u{202e}]{0,12}".prop_map(Value::from),
        "20[0-9]{2}-(0[1-9]|1[0-2])(-[0-3][0-9])?".prop_map(Value::from),
    ]
}

fn any_spec(names: Vec<String>) -> impl Strategy<Value = ChartSpec> {
    let name = prop::sample::select(names);
    let scale = prop::sample::select(vec![Scale::Nominal, Scale::Ordinal, Scale::Temporal, Scale::Quantitative]);
    let unit = prop_oneof![
        Just(Unit::Plain),
        Just(Unit::Fraction),
        Just(Unit::Percent),
        ".{0,5}".prop_map(Unit::Currency),
        ".{0,9}".prop_map(Unit::Named)
    ];
    let grain = prop::option::of(prop::sample::select(vec![Grain::DayOfWeek, Grain::MonthOfYear, Grain::Year, Grain::HourOfDay]));
    let encoding = (name, ".{0,20}", scale, unit, grain).prop_map(|(column, title, scale, unit, grain)| Encoding {
        column,
        title,
        scale,
        unit,
        grain,
    });
    let sort =
        (any::<bool>(), any::<bool>()).prop_map(|(x, descending)| Sort { by: if x { SortBy::X } else { SortBy::Y }, descending });
    (
        prop::sample::select(ChartKind::ALL.to_vec()),
        prop::option::of(encoding.clone()),
        prop::collection::vec(encoding.clone(), 0..3),
        prop::option::of(encoding),
        prop::sample::select(vec![Arrangement::Single, Arrangement::Stacked, Arrangement::Grouped]),
        prop::option::of(sort),
        ".{0,80}",
    )
        .prop_map(|(kind, x, y, series, arrangement, sort, title)| ChartSpec {
            kind,
            x,
            y,
            series,
            arrangement,
            sort,
            alt_text: title.clone(),
            title,
            reason: String::new(),
        })
}

fn any_table() -> impl Strategy<Value = Table> {
    (1usize..4).prop_flat_map(|columns| {
        let names = prop::collection::vec(prop_oneof![".{0,12}", "[a-c]", "<b>.*|\\[x\\]\\.y"], columns);
        let rows = prop::collection::vec(prop::collection::vec(any_value(), columns), 0..25);
        (names, rows)
            .prop_map(|(names, rows)| Table::from_rows(&names.iter().map(String::as_str).collect::<Vec<_>>(), &rows).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Any table and any specification, fitting or not: nothing panics, SVG is well-formed, coordinates are finite.
    #[test]
    fn everything_renders(
        (table, spec) in any_table().prop_flat_map(|table| {
            let mut names: Vec<String> = (0..table.num_columns()).map(|column| table.column_name(column).to_owned()).collect();
            names.push("not there".into());
            any_spec(names).prop_map(move |spec| (table.clone(), spec))
        }),
        width in 1u32..900, ascii in any::<bool>(),
    ) {
        let text = svg(&spec, &table, &SvgOptions { width, height: width, theme: Theme::Dark });
        check_xml(&text);
        prop_assert!(!text.contains("NaN") || table_says(&table, &spec, "NaN"));
        let lines = terminal(&spec, &table, &TerminalOptions { width: width as usize, ascii, ..Default::default() });
        prop_assert!(!lines.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert!(lines.lines().all(|line| line.width() <= (width as usize).max(20)));
        serde_json::to_string(&vega_lite(&spec, &table, &VegaLiteOptions::default())).unwrap();
        serde_json::to_string(&echarts(&spec, &table)).unwrap();
    }

    /// What is chosen for any table fits it: its columns are there, and every renderer draws it.
    #[test]
    fn every_choice_fits(table in any_table(), question in prop::option::of("(share|trend|pie chart|scatter|line chart|stacked bar chart|heatmap|by|top|x){0,4}")) {
        let spec = choose(&table, &Hint { question, ..Hint::default() });
        for encoding in spec.x.iter().chain(&spec.y).chain(&spec.series) {
            prop_assert!(table.column_index(&encoding.column).is_some());
        }
        if table.num_rows() > 0 {
            check_vega_lite(&vega_lite(&spec, &table, &VegaLiteOptions::default()));
        }
        check_xml(&svg(&spec, &table, &SvgOptions::default()));
    }
}

fn table_says(table: &Table, spec: &ChartSpec, text: &str) -> bool {
    format!("{}{}", serde_json::to_string(table).unwrap(), serde_json::to_string(spec).unwrap()).contains(text)
}
