//! Agreement of the chart choice with the charts people chose (nvBench), beside the baseline that always says "bar".
//!
//! The setting: the result as a table, its columns named as its titles name them and shuffled by a hash of the item, and the question.
//! Asked for: the type of chart and what goes on which axis. Half of the items (by the same hash) are held out:
//! single disagreements are looked at in the other half only. Each item counts once, its questions sharing the weight.

use std::collections::BTreeMap;
use std::path::PathBuf;

use leo::Value;
use leo::chart::{ChartKind, ChartSpec, Hint, choose};

struct Item {
    id: u64,
    chart: String,
    questions: Vec<String>,
    names: Vec<String>,
    rows: Vec<Vec<Value>>,
    /// Positions of x, y and series among `names`.
    gold: (usize, usize, Option<usize>),
}

fn data() -> Option<PathBuf> {
    let root = std::env::var_os("LEO_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let file = root.join("charts/nvbench.jsonl");
    file.exists().then_some(file)
}

fn mix(mut n: u64) -> u64 {
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

fn load(file: &PathBuf) -> Vec<Item> {
    std::fs::read_to_string(file).unwrap().lines().map(|line| item(&serde_json::from_str(line).unwrap())).collect()
}

/// The column the groups come from, as the query names it.
fn group_column(query: &str, x: &str) -> String {
    let bare = |name: &str| name.trim().rsplit('.').next().unwrap_or_default().trim().to_owned();
    let upper = query.to_uppercase();
    let Some(at) = upper.find("GROUP BY ") else { return "series".into() };
    let rest = &query[at + 9..];
    let end = [" ORDER BY", " BIN ", " LIMIT", " HAVING"].iter().filter_map(|word| rest.to_uppercase().find(word)).min();
    let names: Vec<String> = rest[..end.unwrap_or(rest.len())].split(',').map(bare).collect();
    names.iter().find(|name| !name.eq_ignore_ascii_case(x)).cloned().unwrap_or_else(|| "series".into())
}

fn item(row: &serde_json::Value) -> Item {
    let id = row["vis"].as_u64().unwrap();
    let encoding = &row["vega_encoding"];
    let (x, y) = if encoding["x"].is_null() { ("color", "theta") } else { ("x", "y") };
    let title = |channel: &str| encoding[channel]["title"].as_str().unwrap().to_owned();
    let mut fields = vec!["x_data", "y_data"];
    let mut names = vec![title(x), title(y)];
    let grouped = encoding["x"].is_object() && encoding["color"].is_object();
    if grouped {
        fields.push("classify");
        names.push(group_column(row["vis_query"].as_str().unwrap(), &names[0]));
    }
    for index in 1..names.len() {
        while names[..index].contains(&names[index]) {
            names[index].push_str(" 2");
        }
    }
    // Shuffled, so that axes must be chosen and cannot be copied.
    let mut order: Vec<usize> = (0..fields.len()).collect();
    let mut seed = mix(id.wrapping_add(0x9e37_79b9_7f4a_7c15));
    for index in (1..order.len()).rev() {
        order.swap(index, (seed % (index as u64 + 1)) as usize);
        seed = mix(seed);
    }
    let at = |field: usize| order.iter().position(|from| *from == field).unwrap();
    let rows = row["rows_head"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| order.iter().map(|&field| serde_json::from_value(row[fields[field]].clone()).unwrap()).collect())
        .collect();
    Item {
        id,
        chart: row["chart"].as_str().unwrap().to_owned(),
        questions: row["nl"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
        names: order.iter().map(|&field| names[field].clone()).collect(),
        rows,
        gold: (at(0), at(1), grouped.then(|| at(2))),
    }
}

/// The nvBench name of what was chosen.
fn type_of(spec: &ChartSpec) -> &'static str {
    match (spec.kind, spec.series.is_some() || spec.y.len() > 1) {
        (ChartKind::Bar | ChartKind::HorizontalBar, false) => "Bar",
        (ChartKind::Bar | ChartKind::HorizontalBar, true) => "Stacked Bar",
        (ChartKind::Line | ChartKind::Area, false) => "Line",
        (ChartKind::Line | ChartKind::Area, true) => "Grouping Line",
        (ChartKind::Scatter, false) => "Scatter",
        (ChartKind::Scatter, true) => "Grouping Scatter",
        (ChartKind::Pie, _) => "Pie",
        _ => "other",
    }
}

fn axes_agree(spec: &ChartSpec, item: &Item) -> bool {
    let (x, y, series) = item.gold;
    let name = |index: usize| Some(item.names[index].as_str());
    spec.x.as_ref().map(|encoding| encoding.column.as_str()) == name(x)
        && spec.y.len() == 1
        && spec.y.first().map(|encoding| encoding.column.as_str()) == name(y)
        && spec.series.as_ref().map(|encoding| encoding.column.as_str()) == series.and_then(name)
}

/// The question without the words that name a chart.
fn without_chart_words(question: &str) -> String {
    let named = [
        "bar",
        "bars",
        "pie",
        "pies",
        "apie",
        "line",
        "lines",
        "scatter",
        "scatters",
        "scatterplot",
        "scatterplots",
        "histogram",
        "histograms",
        "stack",
        "stacked",
        "chart",
        "charts",
        "graph",
        "graphs",
        "plot",
        "plots",
        "diagram",
        "trendline",
    ];
    question
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .filter(|part| {
            let word = part.trim_end_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            !named.contains(&word.as_str())
        })
        .collect()
}

#[derive(Default)]
struct Tally {
    items: f64,
    types: f64,
    axes: f64,
    bars: f64,
    /// gold → (chosen → weight)
    confusion: BTreeMap<String, BTreeMap<&'static str, f64>>,
}

impl Tally {
    fn macro_f1(&self) -> f64 {
        let cell = |gold: &str, chosen: &str| self.confusion.get(gold).and_then(|row| row.get(chosen)).copied().unwrap_or(0.0);
        let scores = self.confusion.keys().map(|kind| {
            let right = cell(kind, kind);
            let gold: f64 = self.confusion[kind].values().sum();
            let chosen: f64 = self.confusion.values().filter_map(|row| row.get(kind.as_str())).sum();
            if right == 0.0 { 0.0 } else { 2.0 * right / (gold + chosen) }
        });
        scores.sum::<f64>() / self.confusion.len() as f64
    }

    fn report(&self, name: &str) {
        println!(
            "{name}: {} items · type {:.1} % · axes {:.1} % · macro-F1 {:.3} · always bar {:.1} %",
            self.items,
            100.0 * self.types / self.items,
            100.0 * self.axes / self.items,
            self.macro_f1(),
            100.0 * self.bars / self.items
        );
        if std::env::var_os("LEO_CHARTS_VERBOSE").is_some() {
            for (gold, row) in &self.confusion {
                let row: Vec<_> = row.iter().map(|(chosen, weight)| format!("{chosen} {weight:.1}")).collect();
                println!("    {gold}: {}", row.join(", "));
            }
        }
    }
}

fn measure(items: &[Item], hold_out: bool, question: impl Fn(&str) -> Option<String>) -> Tally {
    let mut tally = Tally::default();
    for item in items.iter().filter(|item| (mix(item.id) % 2 == 1) == hold_out) {
        let names: Vec<&str> = item.names.iter().map(String::as_str).collect();
        let table = leo::Table::from_rows(&names, &item.rows).unwrap();
        tally.items += 1.0;
        tally.bars += f64::from(u8::from(item.chart == "Bar"));
        let weight = 1.0 / item.questions.len() as f64;
        for text in &item.questions {
            let spec = choose(&table, &Hint { question: question(text), ..Hint::default() });
            let chosen = type_of(&spec);
            tally.types += weight * f64::from(u8::from(chosen == item.chart));
            let axes = axes_agree(&spec, item);
            tally.axes += weight * f64::from(u8::from(axes));
            *tally.confusion.entry(item.chart.clone()).or_default().entry(chosen).or_default() += weight;
            if !hold_out
                && (chosen != item.chart || !axes)
                && std::env::var("LEO_CHARTS_SHOW").is_ok_and(|kind| kind == item.chart)
            {
                println!(
                    "{} → {chosen} axes {axes} {:?} gold {:?} rows {} :: {text}",
                    item.chart,
                    item.names,
                    item.gold,
                    item.rows.len()
                );
            }
        }
    }
    tally
}

#[test]
fn agreement_with_the_charts_people_chose() {
    let Some(file) = data() else {
        println!("skipped: no shared data");
        return;
    };
    let items = load(&file);
    assert_eq!(items.len(), 2000);
    for (half, hold_out) in [("looked at", false), ("held out", true)] {
        let kept = measure(&items, hold_out, |text| Some(text.to_owned()));
        kept.report(&format!("{half}, questions as they are"));
        let removed = measure(&items, hold_out, |text| Some(without_chart_words(text)));
        removed.report(&format!("{half}, chart words removed"));
        let shape = measure(&items, hold_out, |_| None);
        shape.report(&format!("{half}, no question at all"));
        // A little below what was reached.
        assert!(kept.types / kept.items >= 0.97 && kept.axes / kept.items >= 0.96 && kept.macro_f1() >= 0.95);
        assert!(removed.types / removed.items >= 0.91 && removed.axes / removed.items >= 0.95 && removed.macro_f1() >= 0.83);
        assert!(shape.types / shape.items >= 0.89 && shape.types > shape.bars + 0.1 * shape.items);
    }
}
