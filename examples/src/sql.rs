//! `leo sql`.

use std::io::Read;

use leo::guard::OutputColumn;
use leo::{Error, Result, SqlOptions, Value};
use serde_json::json;

use crate::{Format, answer, open, output};

/// Longest statement read from standard input; the guard takes less.
const MAX_BYTES: u64 = 1 << 20;

/// Arguments of `leo sql`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The statement, or `-` to read it from standard input
    #[arg(required_unless_present = "files", value_name = "SQL")]
    sql: Vec<String>,
    /// Value of the next placeholder: a number, true, false, null, "text in quotes", or anything else as text
    #[arg(long, value_name = "VALUE", value_parser = value, allow_hyphen_values = true)]
    param: Vec<Value>,
    /// Show which columns each column of the result comes from, without running the statement
    #[arg(long)]
    lineage: bool,
    #[command(flatten)]
    answer: answer::AnswerArgs,
    #[command(flatten)]
    open: open::SourceArgs,
}

pub(crate) async fn run(mut args: Args) -> u8 {
    args.open.words_behind_files(&mut args.sql);
    let format = args.open.format;
    match execute(&args).await {
        Ok(code) => code,
        Err(error) => output::failure(&error, format),
    }
}

async fn execute(args: &Args) -> Result<u8> {
    let sql = statement(&args.sql)?;
    let opened = open::open(&args.open).await?;
    let options = SqlOptions {
        params: args.param.clone(),
        max_rows: args.answer.max_rows,
        timeout: args.answer.timeout,
        ..SqlOptions::default()
    };
    if args.lineage {
        let vetting = opened.leo.vet(&sql, &options).await?;
        let lineage = vetting.lineage.clone();
        vetting.into_result()?;
        return Ok(print_lineage(&lineage, args.open.format));
    }
    let answer = opened.leo.sql_with(&sql, &options).await?;
    let preview = opened.leo.settings(None).await?.settings.ask.preview_rows;
    Ok(answer::print(&answer, preview, &args.answer, args.open.format))
}

fn statement(words: &[String]) -> Result<String> {
    if words != ["-"] {
        return Ok(words.join(" "));
    }
    let mut text = String::new();
    std::io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text).map_err(|error| {
        Error::malformed("standard input could not be read as UTF-8 text; pipe a SQL statement into it").with_source(error)
    })?;
    Ok(text)
}

/// A scalar of JSON, or the text itself.
fn value(text: &str) -> std::result::Result<Value, std::convert::Infallible> {
    Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
}

fn print_lineage(lineage: &[OutputColumn], format: Format) -> u8 {
    if format == Format::Json {
        let columns: Vec<_> = lineage.iter().map(|column| json!({ "column": column.name, "sources": sources(column) })).collect();
        return output::json(&json!({ "lineage": columns }));
    }
    let mut text = String::new();
    for column in lineage {
        let sources = sources(column);
        let from = if sources.is_empty() { "no column".to_owned() } else { sources.join(", ") };
        text.push_str(&format!("{} ← {from}\n", column.name));
    }
    output::text(&leo::ask::render::printable(&text))
}

fn sources(column: &OutputColumn) -> Vec<String> {
    column.sources.iter().map(|source| format!("{}.{}", source.table, source.column)).collect()
}
