//! The data map as text for a terminal.

use leo::Value;
use leo::ask::render::{TableOptions, printable, table as write_table};
use leo::catalog::{Cardinality, Catalog, Column, Hit, HitKind, Relationship, RelationshipOrigin, TableKind};
use leo::chart::Unit;
use leo::chart::format::{cell, integer};
use leo::map::{DataMap, Freshness, QualityOverview, TableDetail, TableSummary};

use crate::output;

/// All tables, one a line, with what stands out above and below.
pub(super) fn overview(map: &DataMap) -> String {
    if map.tables.is_empty() {
        return "The database has no tables; load data into it, or name another file with --db.\n".into();
    }
    let mut text = String::new();
    if map.is_stale {
        text.push_str("Not looked at for more than 72 hours: what is shown may have changed.\n\n");
    }
    text.push_str(&tables(&map.tables));
    if !map.starters.is_empty() && map.tables.len() > map.starters.len() {
        text.push_str("\nBegin with\n");
        for starter in &map.starters {
            text.push_str(&format!("  {}: {}\n", starter.table, starter.reason));
        }
    }
    section(&mut text, "Ask", &map.questions);
    let metrics = map.metrics.iter().map(|metric| {
        let formula = metric.formula.as_deref().map(|formula| format!(" = {formula}")).unwrap_or_default();
        format!("{}{formula} ({})", metric.name, metric.table)
    });
    section(&mut text, "Metrics", &metrics.collect::<Vec<_>>());
    let words = map.glossary.iter().map(|entry| format!("{}: {}", entry.term, entry.means));
    section(&mut text, "Words", &words.collect::<Vec<_>>());
    printable(&text).into_owned()
}

/// A heading with a line for each item; nothing where there are none.
fn section(text: &mut String, heading: &str, items: &[String]) {
    if !items.is_empty() {
        text.push_str(&format!("\n{heading}\n"));
        items.iter().for_each(|item| text.push_str(&format!("  {item}\n")));
    }
}

/// Tables, one a line. A column that nobody filled says nothing, and is left out.
pub(crate) fn tables(tables: &[TableSummary]) -> String {
    let names = ["table", "kind", "rows", "columns", "latest", "quality", "owner", "description"];
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let row = |table: &TableSummary| {
        let quality = table.quality.map(|score| match table.failing {
            0 => score.to_string(),
            failing => format!("{score} ({failing} failing)"),
        });
        let kind = match (table.locked, table.role) {
            (true, _) => format!("{}, locked", kind(table.kind)),
            (false, Some(role)) if table.kind == TableKind::Table => role.as_str().replace('_', " "),
            (false, _) => kind(table.kind).to_owned(),
        };
        vec![
            format!("{}{}", if table.favourite { "* " } else { "" }, table.name).into(),
            kind.into(),
            table.rows.map_or(Value::Null, count),
            count(table.columns as u64),
            text(table.freshness.as_ref().map(latest).as_deref()),
            text(quality.as_deref()),
            text(table.owner.as_deref()),
            text(table.description.as_deref()),
        ]
    };
    let rows: Vec<Vec<Value>> = tables.iter().map(row).collect();
    let is_filled = |at: &usize| rows.iter().any(|row| row.get(*at).is_some_and(|value| *value != Value::Null));
    let shown: Vec<usize> = (0..names.len()).filter(is_filled).collect();
    let names: Vec<&str> = shown.iter().filter_map(|at| names.get(*at).copied()).collect();
    let rows: Vec<Vec<Value>> = rows.iter().map(|row| shown.iter().filter_map(|at| row.get(*at).cloned()).collect()).collect();
    table(&names, &rows)
}

fn latest(freshness: &Freshness) -> String {
    if freshness.is_late { format!("{} (late)", freshness.latest) } else { freshness.latest.clone() }
}

/// A table in detail.
pub(super) fn detail(detail: &TableDetail) -> String {
    let (shown, summary) = (&detail.table, &detail.summary);
    let mut text = format!("{} ({}", shown.name, kind(shown.kind));
    if let Some(role) = &shown.role {
        text.push_str(&format!(", {}", role.kind.as_str().replace('_', " ")));
    }
    text.push(')');
    if let Some(rows) = shown.rows {
        text.push_str(&format!(", {} rows", integer(i64::try_from(rows).unwrap_or(i64::MAX))));
    }
    if let Some(freshness) = &summary.freshness {
        text.push_str(&format!(", latest {}", latest(freshness)));
    }
    if let Some(score) = summary.quality {
        text.push_str(&format!(", quality {score}"));
    }
    text.push('\n');
    for said in [&summary.description, &detail.note].into_iter().flatten() {
        text.push_str(&format!("{said}\n"));
    }
    let tags = summary.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let owner = summary.owner.as_ref().map(|owner| format!("owner: {owner}"));
    let facts: Vec<String> = owner.into_iter().chain((!tags.is_empty()).then(|| format!("tags: {tags}"))).collect();
    if !facts.is_empty() {
        text.push_str(&format!("{}\n", facts.join("; ")));
    }
    if summary.locked {
        text.push_str("Locked: you may see its structure, not what is in it.\n");
    }
    let mut text = format!("{}\n", printable(&text));
    text.push_str(&columns(detail));
    let descriptions = shown.columns.iter().filter_map(|column| {
        let term = column.term.as_ref().map(|term| term.text.as_str()).filter(|term| !term.eq_ignore_ascii_case(&column.name));
        let said = column.description.as_ref().map(|said| said.text.as_str());
        let both = [term, said].into_iter().flatten().collect::<Vec<_>>().join(": ");
        (!both.is_empty()).then(|| format!("{} – {both}", column.name))
    });
    let mut more = String::new();
    section(&mut more, "Meaning", &descriptions.collect::<Vec<_>>());
    text.push_str(&printable(&more));
    if !detail.relationships.is_empty() {
        text.push_str("\nRelationships\n");
        text.push_str(&relationships(detail.relationships.iter()));
    }
    let mut more = String::new();
    let failing = shown.quality.iter().flat_map(|quality| &quality.checks).filter(|check| !check.passed);
    section(&mut more, "Failing checks", &failing.map(|check| check.message.clone()).collect::<Vec<_>>());
    section(&mut more, "Ask", &detail.questions);
    text.push_str(&printable(&more));
    if let Some(sample) = &detail.sample {
        text.push_str("\nSome rows\n");
        let names: Vec<&str> = sample.columns.iter().map(String::as_str).collect();
        text.push_str(&table(&names, &sample.rows));
    }
    text
}

fn columns(detail: &TableDetail) -> String {
    let rows: Vec<Vec<Value>> = detail.table.columns.iter().map(|column| column_row(detail, column)).collect();
    table(&["column", "type", "key", "nulls", "different", "values"], &rows)
}

fn column_row(detail: &TableDetail, column: &Column) -> Vec<Value> {
    let statistics = column.statistics.as_ref();
    let declared = column.declared_type.as_str();
    let kind = serde_json::to_value(column.data_type).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    vec![
        column.name.as_str().into(),
        if declared.is_empty() || declared.eq_ignore_ascii_case(&kind) { kind } else { format!("{kind} ({declared})") }.into(),
        key(detail, &column.name).map_or(Value::Null, Value::from),
        statistics.map_or(Value::Null, |known| share(known.null_share).into()),
        statistics.map_or(Value::Null, |known| count(known.distinct)),
        values(column).map_or(Value::Null, Value::from),
    ]
}

fn key(detail: &TableDetail, column: &str) -> Option<String> {
    let owner = &detail.table;
    let mut parts = Vec::new();
    if owner.primary_key.iter().any(|part| part == column) {
        parts.push("primary".to_owned());
    } else if owner.unique_keys.iter().any(|key| matches!(key.as_slice(), [only] if only == column)) {
        parts.push("unique".to_owned());
    }
    for known in &detail.relationships {
        if known.child == owner.name
            && let Some(at) = known.child_columns.iter().position(|part| part == column)
            && let Some(parent) = known.parent_columns.get(at)
        {
            parts.push(format!("→ {}.{parent}", known.parent));
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn share(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0%".into(),
        small if small < 1.0 => "under 1%".into(),
        percent => format!("{percent:.0}%"),
    }
}

/// The most frequent values of a column that has few, else its range; of personal data, what it is.
fn values(column: &Column) -> Option<String> {
    if let Some(kind) = column.protected_kind() {
        return Some(format!("hidden: {}", kind.replace('_', " ")));
    }
    let statistics = column.statistics.as_ref()?;
    let numeric = column.is_numeric() && column.time_encoding.is_none();
    let one = |value: &Value| match value {
        // Years and keys are names made of digits.
        Value::Int(number) => number.to_string(),
        value => cell(value, &Unit::Plain, 24),
    };
    if !numeric && !column.is_temporal() && !statistics.top.is_empty() {
        let shown: Vec<String> = statistics.top.iter().take(3).map(|(value, _)| one(value)).collect();
        let more = if statistics.distinct > 3 { ", …" } else { "" };
        return Some(format!("{}{more}", shown.join(", ")));
    }
    let (min, max) = (statistics.min.as_ref()?, statistics.max.as_ref()?);
    Some(if min == max { one(min) } else { format!("{} to {}", one(min), one(max)) })
}

/// Relationships as a table of text.
pub(crate) fn relationships<'a>(relationships: impl Iterator<Item = &'a Relationship>) -> String {
    let rows: Vec<Vec<Value>> = relationships
        .map(|relationship| {
            let end = |table: &dyn std::fmt::Display, columns: &[String]| format!("{table}.{}", columns.join(", "));
            let origin = match relationship.origin {
                RelationshipOrigin::Declared => "declared".to_owned(),
                RelationshipOrigin::Inferred => format!("inferred, {:.0}%", relationship.confidence * 100.0),
                RelationshipOrigin::Host => "added".to_owned(),
            };
            let cardinality = match relationship.cardinality {
                Cardinality::ManyToOne => "many to one",
                Cardinality::OneToOne => "one to one",
            };
            vec![
                end(&relationship.child, &relationship.child_columns).into(),
                end(&relationship.parent, &relationship.parent_columns).into(),
                cardinality.into(),
                origin.into(),
            ]
        })
        .collect();
    table(&["from", "to", "cardinality", "origin"], &rows)
}

/// What a search found.
pub(super) fn found(catalog: &Catalog, hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "Nothing in this database is called that; `leo map` lists all tables.\n".into();
    }
    let row = |hit: &Hit| {
        let owner = hit.table.as_ref().and_then(|table| catalog.table(table));
        let column = hit.column.as_ref().and_then(|name| owner?.column(name));
        let what = match hit.kind {
            HitKind::Column => column.map_or("column", |column| if column.is_temporal() { "time column" } else { "column" }),
            HitKind::Metric => "metric",
            HitKind::Glossary => "word",
            HitKind::Question => "question",
            _ => owner.map_or("table", |owner| kind(owner.kind)),
        };
        let name = match (&hit.name, &hit.table, &hit.column) {
            (Some(name), ..) => name.clone(),
            (None, Some(table), Some(column)) => format!("{table}.{column}"),
            (None, Some(table), None) => table.to_string(),
            (None, None, _) => String::new(),
        };
        let said = match hit.kind {
            HitKind::Column => column.and_then(|column| column.description.as_ref()),
            HitKind::Table => owner.and_then(|owner| owner.description.as_ref()),
            _ => None,
        };
        vec![name.into(), what.into(), hit.place.as_str().into(), said.map_or(Value::Null, |said| said.text.as_str().into())]
    };
    table(&["name", "what", "found by", "description"], &hits.iter().map(row).collect::<Vec<_>>())
}

/// What is wrong with the rows, worst table first.
pub(super) fn quality(quality: &QualityOverview) -> String {
    let Some(score) = quality.score else { return "Nothing was checked; `leo sync` reads rows and checks them.\n".into() };
    let mut text = format!("Quality {score} of 100; {} tables checked.\n", quality.tables.len());
    let good = quality.tables.iter().filter(|table| table.failing.is_empty()).count();
    for found in quality.tables.iter().filter(|table| !table.failing.is_empty()) {
        text.push_str(&format!("\n{} – {} of 100, {} checks passed\n", found.table, found.score, found.passed));
        for check in &found.failing {
            let rows = integer(i64::try_from(check.offending).unwrap_or(i64::MAX));
            let of = integer(i64::try_from(check.examined).unwrap_or(i64::MAX));
            text.push_str(&format!("  {} ({rows} of {of})\n", check.message));
            text.extend(check.sql.iter().map(|sql| format!("    {sql}\n")));
        }
    }
    if good > 0 {
        text.push_str(&format!("\nNothing is wrong with {good} tables.\n"));
    }
    if !quality.unchecked.is_empty() {
        text.push_str(&format!("{} tables were not checked.\n", quality.unchecked.len()));
    }
    printable(&text).into_owned()
}

fn kind(kind: TableKind) -> &'static str {
    match kind {
        TableKind::Table => "table",
        TableKind::View => "view",
        TableKind::MaterializedView => "materialized view",
    }
}

fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Rows as a table of text that fits the terminal.
fn table(names: &[&str], rows: &[Vec<Value>]) -> String {
    let options = TableOptions {
        width: output::width(),
        colour: output::colour(),
        max_rows: usize::MAX,
        max_cell: 120,
        ..TableOptions::default()
    };
    match leo::Table::from_rows(names, rows) {
        Ok(rows) => write_table(&rows, &options),
        // All rows have the columns of the names.
        Err(error) => format!("{}\n", error.message()),
    }
}
