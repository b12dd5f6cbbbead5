//! Roles columns play: the name of a row, its key, its date, a price, a quantity, a discount.

use super::names::NameWord;
use crate::catalog::{Catalog, Column, LogicalType, Table, TimeEncoding};

/// What the words of a column and its type make it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in super::super) struct Roles {
    /// Part of the primary key, or of a foreign key, or called an id.
    pub(in super::super) key: bool,
    pub(in super::super) price: bool,
    pub(in super::super) cost: bool,
    pub(in super::super) quantity: bool,
    pub(in super::super) discount: bool,
    pub(in super::super) amount: bool,
    /// A number whose sum or mean means something.
    pub(in super::super) measure: bool,
    pub(in super::super) temporal: bool,
    /// A year kept as a number.
    pub(in super::super) year: bool,
    pub(in super::super) text: bool,
}

fn has(words: &[NameWord], any: &[&str]) -> bool {
    words.iter().any(|word| any.contains(&word.stem.as_str()))
}

pub(super) fn roles(table: &Table, column: &Column, words: &[NameWord]) -> Roles {
    let in_key = |names: &[String]| names.iter().any(|name| name.eq_ignore_ascii_case(&column.name));
    let foreign = table.foreign_keys.iter().any(|key| in_key(&key.columns));
    let called_key = words.last().is_some_and(|word| matches!(word.stem.as_str(), "id" | "key" | "uuid" | "guid" | "ssn"));
    let key = in_key(&table.primary_key) || foreign || called_key;
    let number = column.is_numeric() || (column.data_type == LogicalType::Other && column.declared_type.is_empty());
    let code =
        has(words, &["code", "zip", "phone", "year", "month", "postcod", "latitud", "longitud", "number", "version", "isbn"])
            && !has(words, &["total", "amount", "of"]);
    let measure = number && !key;
    let year = column.time_encoding == Some(TimeEncoding::Year)
        || (column.is_numeric() && words.last().is_some_and(|word| matches!(word.stem.as_str(), "year" | "season")))
        || (column.is_numeric() && has(words, &["year"]) && words.len() <= 2 && !has(words, &["of", "per", "experi", "work"]));
    Roles {
        key,
        price: measure && has(words, &["price", "rate", "fee"]) && !has(words, &["cost", "crime", "interest"]),
        cost: measure && has(words, &["cost"]),
        quantity: measure
            && has(words, &["quantiti", "unit", "qti", "piec", "count"])
            && !has(words, &["price", "cost", "stock", "reorder"]),
        discount: measure && has(words, &["discount", "rebat"]),
        amount: measure
            && has(words, &["amount", "total", "revenu", "sale", "valu", "turnov", "subtot"])
            && !has(words, &["discount", "tax", "quantiti", "cost", "unit"]),
        measure: measure && !code && !year,
        temporal: column.is_temporal(),
        year,
        text: matches!(column.data_type, LogicalType::Text | LogicalType::Uuid | LogicalType::Json | LogicalType::Other)
            && !column.is_temporal(),
    }
}

/// The columns that name a row for a person: `name`, `title`, first and last name together, else a key.
pub(super) fn display(table: &Table, words: &[Vec<NameWord>], own: &[NameWord], roles: &[Roles]) -> Vec<usize> {
    let bare = |at: usize| -> Vec<&str> {
        let rest: Vec<&str> =
            words[at].iter().map(|word| word.stem.as_str()).filter(|stem| !own.iter().any(|own| own.stem == *stem)).collect();
        if rest.is_empty() { words[at].iter().map(|word| word.stem.as_str()).collect() } else { rest }
    };
    let all = || 0..table.columns.len();
    let textual = |at: usize| {
        matches!(table.columns[at].data_type, LogicalType::Text | LogicalType::Other) && !table.columns[at].is_temporal()
    };
    let find = |wanted: &[&str]| all().find(|&at| textual(at) && bare(at) == wanted);
    for wanted in [&["name"][..], &["full", "name"], &["display", "name"]] {
        if let Some(at) = find(wanted) {
            return vec![at];
        }
    }
    let first =
        find(&["first", "name"]).or_else(|| find(&["given", "name"])).or_else(|| find(&["forenam"])).or_else(|| find(&["first"]));
    let last =
        find(&["last", "name"]).or_else(|| find(&["surnam"])).or_else(|| find(&["famili", "name"])).or_else(|| find(&["last"]));
    if let (Some(first), Some(last)) = (first, last) {
        return vec![first, last];
    }
    if let Some(at) = find(&["titl"]) {
        return vec![at];
    }
    // A column called as the table: `airline.Airline`.
    if let Some(at) = all().find(|&at| textual(at) && !roles[at].key && !own.is_empty() && words[at].iter().eq(own.iter())) {
        return vec![at];
    }
    let head = |stems: &[&str]| {
        all()
            .find(|&at| textual(at) && !roles[at].key && words[at].last().is_some_and(|word| stems.contains(&word.stem.as_str())))
    };
    if let Some(at) = head(&["name", "titl"]).or_else(|| head(&["label", "descript", "detail"])) {
        return vec![at];
    }
    let key: Vec<usize> =
        all().filter(|&at| table.primary_key.iter().any(|key| key.eq_ignore_ascii_case(&table.columns[at].name))).collect();
    if !key.is_empty() {
        return key;
    }
    all().find(|&at| textual(at)).or_else(|| all().next()).into_iter().collect()
}

/// The column that says when a row happened: the profile's choice, else by name.
pub(super) fn own_time(table: &Table, words: &[Vec<NameWord>], own: &[NameWord]) -> Option<usize> {
    if let Some(name) = table.statistics.as_ref().and_then(|statistics| statistics.time_column.as_deref()) {
        return table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    }
    let mut best: Option<(i32, usize)> = None;
    for (at, column) in table.columns.iter().enumerate() {
        if !column.is_temporal() {
            continue;
        }
        let mut score = 10;
        if has(&words[at], &["birth", "birthday", "expir", "expiri"]) {
            score -= 8;
        }
        if has(
            &words[at],
            &["updat", "modifi", "chang", "ship", "requir", "due", "end", "deliv", "delet", "return", "last", "close", "paid"],
        ) {
            score -= 3;
        }
        if words[at].iter().any(|word| own.contains(word)) {
            score += 2;
        }
        if has(&words[at], &["date", "time", "creat", "order", "start", "at"]) {
            score += 1;
        }
        if best.is_none_or(|(known, _)| score > known) {
            best = Some((score, at));
        }
    }
    best.map(|(_, at)| at)
}

/// Whether discounts in this column are percentages (0–100) rather than fractions.
pub(super) fn is_percent(column: &Column, words: &[NameWord]) -> bool {
    let largest = column.statistics.as_ref().and_then(|statistics| statistics.max.as_ref()).and_then(crate::value::Value::as_f64);
    match largest {
        Some(largest) => largest > 1.0,
        None => has(words, &["percent", "pct", "percentag"]),
    }
}

/// Index of the table a catalogue row belongs to, for tests and metrics.
pub(super) fn position(catalog: &Catalog, name: &crate::catalog::TableName) -> Option<usize> {
    catalog.table(name).and_then(|found| catalog.tables.iter().position(|table| table.name == found.name))
}
