//! How well columns are told apart, measured on labelled data. Run by hand; figures are in `docs/evaluation.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::national::tests::{PATTERNS, Random, numbers};
use super::*;
use crate::catalog::{Column, ColumnStatistics, LogicalType, PersonalTier, Table, TableName};

/// Columns made of each type, size, purity and manner of naming.
const COLUMNS: usize = 20;

/// A type of values: what it is, what it is told as, a telling name, the values.
struct Type {
    label: String,
    kind: Option<&'static str>,
    /// Whether values alone are expected to show it.
    by_values: bool,
    name: &'static str,
    values: Vec<String>,
}

fn data() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data"));
    path.exists().then_some(path)
}

/// The labelled spans of presidio's generated texts, the texts, and generated numbers.
fn types(json: &serde_json::Value) -> Vec<Type> {
    let mut spans: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut texts = Vec::new();
    for row in json.as_array().unwrap() {
        let found = row["spans"].as_array().unwrap();
        for span in found {
            let values = spans.entry(span["entity_type"].as_str().unwrap()).or_default();
            values.push(span["entity_value"].as_str().unwrap().to_owned());
        }
        if !found.is_empty() {
            texts.push(row["full_text"].as_str().unwrap().to_owned());
        }
    }
    let labelled = [
        ("PERSON", Some("name"), true, "full_name"),
        ("ADDRESS", Some("address"), true, "address"),
        ("CREDIT_CARD", Some("card"), true, "card_number"),
        ("PHONE_NUMBER", Some("phone"), true, "phone"),
        ("EMAIL_ADDRESS", Some("email"), true, "email"),
        ("US_SSN", Some("national_id"), true, "ssn"),
        ("IBAN_CODE", Some("iban"), true, "iban"),
        ("IP_ADDRESS", Some("ip"), true, "ip_address"),
        ("US_DRIVER_LICENSE", Some("driver_license"), false, "driver_license"),
        ("DATE_TIME", Some("birth_date"), false, "date_of_birth"),
        ("LOCATION", None, false, "city"),
        ("ORGANIZATION", None, false, "company"),
        ("DOMAIN_NAME", None, false, "website"),
        ("TITLE", None, false, "job_title"),
    ];
    let mut types: Vec<Type> = labelled
        .into_iter()
        .map(|(label, kind, by_values, name)| {
            let mut values = spans.remove(label).unwrap_or_default();
            values.sort();
            values.dedup();
            Type { label: label.to_owned(), kind, by_values, name, values }
        })
        .collect();
    types.push(Type { label: "sentences".into(), kind: Some("free_text"), by_values: true, name: "notes", values: texts });
    for (name, _) in PATTERNS {
        let values = numbers(name, 200);
        types.push(Type { label: name.to_string(), kind: Some("national_id"), by_values: true, name: "national_id", values });
    }
    types.extend(other_numbers());
    types
}

/// Values of tables that are nobody's.
fn other_numbers() -> Vec<Type> {
    let mut random = Random::new(11);
    let mut made = |label: &str, name: &'static str, make: &mut dyn FnMut(&mut Random, usize) -> String| Type {
        label: label.to_owned(),
        kind: None,
        by_values: false,
        name,
        values: (0..400).map(|at| make(&mut random, at)).collect(),
    };
    vec![
        made("keys", "id", &mut |_, at| (4_111_111_111_000_000 + at).to_string()),
        made("order numbers", "order_no", &mut |random, at| format!("2024-{at:04}-{:02}", random.below(100))),
        made("nine digits", "reference", &mut |random, _| (100_000_000 + random.below(899_999_999)).to_string()),
        made("eleven digits", "tracking_no", &mut |random, _| {
            format!("{}{:04}", 1_000_000 + random.below(8_999_999), random.below(10_000))
        }),
        made("sixteen digits", "serial_no", &mut |random, _| {
            format!("4{:08}{:07}", random.below(99_999_999), random.below(9_999_999))
        }),
        made("versions", "version", &mut |random, _| {
            format!("{}.{}.{}.{}", random.below(9), random.below(20), random.below(9), random.below(40))
        }),
        made("dates", "order_date", &mut |random, _| {
            format!("20{:02}-{:02}-{:02}", random.below(25), 1 + random.below(12), 1 + random.below(28))
        }),
        made("amounts", "amount", &mut |random, _| format!("{}.{:02}", random.below(100_000), random.below(100))),
        made("product codes", "sku", &mut |random, _| format!("AB-{:04}-{:03}", random.below(10_000), random.below(1_000))),
        made("bar codes", "ean", &mut |random, _| format!("40{:011}", random.below(1 << 31))),
        made("times", "duration", &mut |random, _| {
            format!("{:02}:{:02}:{:02}", random.below(24), random.below(60), random.below(60))
        }),
    ]
}

fn judged(name: &str, values: &[&str]) -> Option<(String, PersonalTier)> {
    let mut table = Table::new(TableName::bare("data"));
    let mut column = Column::new(name, "TEXT", LogicalType::Text);
    column.statistics = Some(ColumnStatistics::default());
    table.columns.push(column);
    mark(&mut table, &[Some(Evidence::of_texts(values.iter().copied()))]);
    table.columns.remove(0).personal.map(|personal| (personal.kind, personal.tier))
}

/// Right and wrong marks.
#[derive(Default, Clone, Copy)]
struct Score {
    expected: u32,
    high: u32,
    protected: u32,
}

#[test]
#[ignore = "measures; needs ../shared/data"]
fn labelled_columns() {
    let Some(path) = data() else { return println!("skipped: no data") };
    let json = std::fs::read_to_string(path.join("pii/generated_large.json")).unwrap();
    let types = types(&serde_json::from_str(&json).unwrap());
    for purity in [1.0, 0.6] {
        for telling in [false, true] {
            for size in [20, 200] {
                measure(&types, size, telling, purity);
            }
        }
    }
}

fn measure(types: &[Type], size: usize, telling: bool, purity: f64) {
    let mut random = Random::new(5);
    let others = &types.iter().find(|other| other.label == "LOCATION").unwrap().values;
    let mut recall: BTreeMap<&str, Score> = BTreeMap::new();
    // By kind: marked at High and protected; of these rightly.
    let mut marked: BTreeMap<String, [u32; 4]> = BTreeMap::new();
    let mut alarms: BTreeMap<(&str, String), u32> = BTreeMap::new();
    for own in types {
        let expected = own.kind.filter(|_| own.by_values || telling);
        for _ in 0..COLUMNS {
            let values: Vec<&str> = (0..size)
                .map(|at| if (at as f64) < size as f64 * purity { &own.values } else { others })
                .map(|values| values[random.below(values.len())].as_str())
                .collect();
            let found = judged(if telling { own.name } else { "c1" }, &values);
            let score = recall.entry(&own.label).or_default();
            score.expected += u32::from(expected.is_some());
            let Some((kind, tier)) = found.filter(|(_, tier)| *tier < PersonalTier::Low) else { continue };
            let (right, high) = (Some(kind.as_str()) == expected, tier == PersonalTier::High);
            score.high += u32::from(right && high);
            score.protected += u32::from(right);
            let [all_high, right_high, all, all_right] = marked.entry(kind.clone()).or_default();
            *all += 1;
            *all_right += u32::from(right);
            *all_high += u32::from(high);
            *right_high += u32::from(right && high);
            if !right {
                *alarms.entry((&own.label, kind)).or_default() += 1;
            }
        }
    }
    println!("\n{size} values, {} names, {purity} of the type", if telling { "telling" } else { "neutral" });
    println!("| type | recall High | recall High+Medium |");
    for (label, score) in recall.iter().filter(|(_, score)| score.expected > 0) {
        let share = |part: u32| f64::from(part) / f64::from(score.expected);
        println!("| {label} | {:.2} | {:.2} |", share(score.high), share(score.protected));
    }
    println!("| kind | precision High | precision High+Medium |");
    for (kind, [all_high, right_high, all, all_right]) in &marked {
        let share =
            |part: u32, all: u32| if all == 0 { "–".to_owned() } else { format!("{:.2}", f64::from(part) / f64::from(all)) };
        println!("| {kind} | {} | {} |", share(*right_high, *all_high), share(*all_right, *all));
    }
    println!("wrong: {alarms:?}");
}

/// The time that a column takes when its scan is over.
#[test]
#[ignore = "measures"]
fn time_of_a_column() {
    let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
    let makers: [(&str, &dyn Fn(usize) -> String); 6] = [
        ("names", &|at| format!("Ann{}{} Smith", letter(at), letter(at / 26))),
        ("e-mail addresses", &|at| format!("user{at}@example.org")),
        ("telephone numbers", &|at| format!("+49 30 {}", 1_000_000 + at)),
        ("cities", &|at| format!("city {at}")),
        ("notes", &|at| format!("parcel {at} came late and the box was damaged")),
        ("times", &|at| format!("2024-01-02 10:{:02}:{:02}", at / 60 % 60, at % 60)),
    ];
    for (label, make) in makers {
        let values: Vec<String> = (0..VALUES).map(make).collect();
        let start = std::time::Instant::now();
        for _ in 0..20 {
            std::hint::black_box(Evidence::of_texts(values.iter().map(String::as_str)));
        }
        println!("{label}: {:?}", start.elapsed() / 20);
    }
}
