//! `leo map`.

use leo::ask::render::{TableOptions, printable, table as write_table};
use leo::catalog::{Catalog, Column, Hit, Table, TableKind, TableName};
use leo::chart::Unit;
use leo::chart::format::{cell, integer};
use leo::{Error, Result, Value};
use serde_json::json;

use crate::open::{self, Opened};
use crate::{Format, output, sync};

/// Hits shown.
const HITS: usize = 20;

/// Arguments of `leo map`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A table to show in detail, or `search` and words to look for; all tables without it
    #[arg(value_name = "TABLE | search WORDS")]
    what: Vec<String>,
    #[command(flatten)]
    open: open::SourceArgs,
}

pub(crate) async fn run(mut args: Args) -> u8 {
    args.open.words_behind_files(&mut args.what);
    match show(&args).await {
        Ok(code) => code,
        Err(error) => output::failure(&error, args.open.format),
    }
}

async fn show(args: &Args) -> Result<u8> {
    let Opened { leo, .. } = open::open(&args.open).await?;
    let catalog = leo.catalog(None).await?;
    let json = args.open.format == Format::Json;
    Ok(match args.what.as_slice() {
        [] if json => output::json(&*catalog),
        [] => output::text(&overview(&catalog)),
        [search, words @ ..] if search == "search" && !words.is_empty() => {
            let hits = leo.search(&words.join(" "), None, HITS).await?;
            if json { output::json(&json!({ "hits": hits })) } else { output::text(&found(&catalog, &hits)) }
        }
        [search] if search == "search" && catalog.table(&TableName::bare("search")).is_none() => {
            return Err(Error::config("name the words to search for, such as `leo map search customer country`"));
        }
        name => {
            let table = named(&catalog, &name.join(" "))?;
            if json { output::json(&detail_json(&catalog, table)) } else { output::text(&detail(&catalog, table)) }
        }
    })
}

/// The table called `name`, with or without its schema.
fn named<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Table> {
    let bare = TableName::bare(name);
    match name.rsplit_once('.') {
        Some((schema, own)) if catalog.table(&bare).is_none() => {
            catalog.table(&TableName::qualified(schema, own)).map_or_else(|| catalog.require_table(&bare), Ok)
        }
        _ => catalog.require_table(&bare),
    }
}

/// All tables, one a line.
pub(crate) fn overview(catalog: &Catalog) -> String {
    let rows: Vec<Vec<Value>> = catalog
        .tables
        .iter()
        .map(|table| {
            vec![
                table.name.to_string().into(),
                kind(table).into(),
                table.rows.map_or(Value::Null, count),
                count(table.columns.len() as u64),
                table.latest().map_or(Value::Null, Value::from),
                table.comment.as_deref().map_or(Value::Null, Value::from),
            ]
        })
        .collect();
    if rows.is_empty() {
        return "The database has no tables; load data into it, or name another file with --db.\n".into();
    }
    // A column that nobody filled says nothing.
    let comments = catalog.tables.iter().any(|table| table.comment.is_some());
    let rows: Vec<Vec<Value>> =
        if comments { rows } else { rows.into_iter().map(|row| row.into_iter().take(5).collect()).collect() };
    let names = ["table", "kind", "rows", "columns", "latest", "comment"];
    table(names.get(..if comments { 6 } else { 5 }).unwrap_or(&names), &rows)
}

fn detail(catalog: &Catalog, shown: &Table) -> String {
    let mut text = format!("{} ({})", shown.name, kind(shown));
    if let Some(rows) = shown.rows {
        text.push_str(&format!(", {} rows", integer(i64::try_from(rows).unwrap_or(i64::MAX))));
    }
    if let Some(latest) = shown.latest() {
        text.push_str(&format!(", latest {latest}"));
    }
    text.push('\n');
    if let Some(comment) = &shown.comment {
        text.push_str(&format!("{comment}\n"));
    }
    let mut text = format!("{}\n", printable(&text));
    let rows: Vec<Vec<Value>> = shown.columns.iter().map(|column| column_row(catalog, shown, column)).collect();
    text.push_str(&table(&["column", "type", "key", "nulls", "different", "values"], &rows));
    let comments = shown.columns.iter().filter_map(|column| Some(format!("  {}: {}\n", column.name, column.comment.as_deref()?)));
    let comments: String = comments.collect();
    if !comments.is_empty() {
        text.push_str(&format!("\nComments\n{}", printable(&comments)));
    }
    let mut related =
        catalog.relationships.iter().filter(|known| known.child == shown.name || known.parent == shown.name).peekable();
    if related.peek().is_some() {
        text.push_str("\nRelationships\n");
        text.push_str(&sync::relationships(related));
    }
    text
}

fn detail_json(catalog: &Catalog, shown: &Table) -> serde_json::Value {
    let related: Vec<_> =
        catalog.relationships.iter().filter(|known| known.child == shown.name || known.parent == shown.name).collect();
    json!({ "table": shown, "relationships": related })
}

fn column_row(catalog: &Catalog, owner: &Table, column: &Column) -> Vec<Value> {
    let statistics = column.statistics.as_ref();
    let declared = column.declared_type.as_str();
    let kind = serde_json::to_value(column.data_type).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    vec![
        column.name.as_str().into(),
        if declared.is_empty() || declared.eq_ignore_ascii_case(&kind) { kind } else { format!("{kind} ({declared})") }.into(),
        key(catalog, owner, &column.name).map_or(Value::Null, Value::from),
        statistics.map_or(Value::Null, |known| share(known.null_share).into()),
        statistics.map_or(Value::Null, |known| count(known.distinct)),
        values(column).map_or(Value::Null, Value::from),
    ]
}

fn key(catalog: &Catalog, owner: &Table, column: &str) -> Option<String> {
    let mut parts = Vec::new();
    if owner.primary_key.iter().any(|part| part == column) {
        parts.push("primary".to_owned());
    } else if owner.unique_keys.iter().any(|key| matches!(key.as_slice(), [only] if only == column)) {
        parts.push("unique".to_owned());
    }
    for known in &catalog.relationships {
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

/// The most frequent values of a column that has few, else its range.
fn values(column: &Column) -> Option<String> {
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

fn found(catalog: &Catalog, hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "Nothing in this database is called that; `leo map` lists all tables.\n".into();
    }
    let rows: Vec<Vec<Value>> = hits
        .iter()
        .map(|hit| {
            let owner = catalog.table(&hit.table);
            let column = hit.column.as_ref().and_then(|name| owner?.column(name));
            let what = match (&hit.column, owner) {
                (Some(_), _) => column.map_or("column", |column| if column.is_temporal() { "time column" } else { "column" }),
                (None, Some(owner)) => kind(owner),
                (None, None) => "table",
            };
            let name = match &hit.column {
                Some(column) => format!("{}.{column}", hit.table),
                None => hit.table.to_string(),
            };
            let comment = match &hit.column {
                Some(_) => column.and_then(|column| column.comment.as_deref()),
                None => owner.and_then(|owner| owner.comment.as_deref()),
            };
            vec![name.into(), what.into(), hit.place.as_str().into(), comment.map_or(Value::Null, Value::from)]
        })
        .collect();
    table(&["name", "what", "found by", "comment"], &rows)
}

fn kind(table: &Table) -> &'static str {
    match table.kind {
        TableKind::Table => "table",
        TableKind::View => "view",
        TableKind::MaterializedView => "materialized view",
    }
}

fn count(number: u64) -> Value {
    Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Rows as a table of text that fits the terminal.
pub(crate) fn table(names: &[&str], rows: &[Vec<Value>]) -> String {
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
