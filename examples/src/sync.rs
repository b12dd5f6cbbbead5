//! `leo sync`.

use leo::catalog::{Catalog, RelationshipOrigin};
use leo::chart::format::integer;
use serde_json::json;

use crate::open::{self, Opened};
use crate::{Format, map, output};

/// Arguments of `leo sync`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    open: open::SourceArgs,
}

pub(crate) async fn run(args: Args) -> u8 {
    let opened = match open::open(&args.open).await {
        Ok(opened) => opened,
        Err(error) => return output::failure(&error, args.open.format),
    };
    match args.open.format {
        Format::Json => output::json(&summary(&opened)),
        Format::Human => match report(&opened).await {
            Ok(text) => output::text(&text),
            Err(error) => output::failure(&error, args.open.format),
        },
    }
}

fn summary(opened: &Opened) -> serde_json::Value {
    let catalog = &opened.catalog;
    let tables: Vec<_> = catalog
        .tables
        .iter()
        .map(|table| {
            let problem = opened.problems.iter().find(|(name, _)| *name == table.name);
            let mut entry =
                json!({ "name": table.name.to_string(), "kind": table.kind, "columns": table.columns.len(), "rows": table.rows });
            if let Some(latest) = table.latest() {
                entry["latest"] = json!(latest);
            }
            if let Some((_, error)) = problem {
                entry["problem"] = json!({ "kind": error.kind(), "message": error.message() });
            }
            entry
        })
        .collect();
    json!({
        "source": opened.source,
        "dialect": catalog.dialect,
        "version": catalog.version(),
        "tables": tables,
        "relationships": catalog.relationships,
    })
}

async fn report(opened: &Opened) -> leo::Result<String> {
    let catalog = &opened.catalog;
    if catalog.tables.is_empty() {
        return Ok("The database has no tables; load data into it, or name another file with --db.\n".into());
    }
    let rows: u64 = catalog.tables.iter().filter_map(|table| table.rows).sum();
    let columns: usize = catalog.tables.iter().map(|table| table.columns.len()).sum();
    let declared = count(catalog, RelationshipOrigin::Declared);
    let inferred = count(catalog, RelationshipOrigin::Inferred);
    let number = |count: u64| integer(i64::try_from(count).unwrap_or(i64::MAX));
    let mut text = format!(
        "{} tables, {} columns, {} rows; {declared} relationships declared, {inferred} inferred.\n\n",
        catalog.tables.len(),
        columns,
        number(rows)
    );
    text.push_str(&map::tables(&opened.leo.map(None).await?.tables));
    if !catalog.relationships.is_empty() {
        text.push_str("\nRelationships\n");
        text.push_str(&map::relationships(catalog.relationships.iter()));
    }
    if !opened.problems.is_empty() {
        text.push_str("\nNot read; their tables are known by structure only\n");
        for (table, error) in &opened.problems {
            text.push_str(&leo::ask::render::printable(&format!("  {table}: {}\n", error.message())));
        }
    }
    Ok(text)
}

fn count(catalog: &Catalog, origin: RelationshipOrigin) -> usize {
    catalog.relationships.iter().filter(|relationship| relationship.origin == origin).count()
}
