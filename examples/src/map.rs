//! `leo map`.

mod text;

use std::path::PathBuf;

use leo::{Error, MapFormat, MapOptions, Result};
use serde_json::json;

pub(crate) use text::{relationships, tables};

use crate::open::{self, Opened};
use crate::{Format, output};

/// Hits shown.
const HITS: usize = 20;

/// Arguments of `leo map`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// A table to show in detail, or one of the words below; all tables without it
    #[arg(value_name = "WHAT")]
    what: Vec<String>,
    /// Write all of it as one page to be looked through in a browser
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Rows of a table to show, personal data replaced; 50 at most
    #[arg(long, value_name = "ROWS", default_value_t = 0, help_heading = "Output")]
    sample: u64,
    /// Joins around the table that `graph` begins at
    #[arg(long, value_name = "JOINS", default_value_t = 1, help_heading = "Output")]
    joins: usize,
    /// How the graph is written: mermaid, dot or json
    #[arg(long, value_name = "FORM", help_heading = "Output")]
    graph_format: Option<String>,
    #[command(flatten)]
    open: open::SourceArgs,
}

const HELP: &str = "What can be shown:
  leo map                     all tables
  leo map show TABLE          a table in detail, also without `show`
  leo map search WORDS        tables, columns, metrics and words of the business that fit
  leo map graph [TABLE]       how tables are joined, as Mermaid, DOT or JSON
  leo map quality             what is wrong with the rows, worst table first
  leo map ddl                 the statements that would make the tables
  leo map --html map.html     all of it as one page";

pub(crate) async fn run(mut args: Args) -> u8 {
    args.open.words_behind_files(&mut args.what);
    match show(&args).await {
        Ok(code) => code,
        Err(error) => output::failure(&error, args.open.format),
    }
}

async fn show(args: &Args) -> Result<u8> {
    let Opened { leo, catalog, .. } = open::open(&args.open).await?;
    let json = args.open.format == Format::Json;
    let options = MapOptions { sample: args.sample, joins: args.joins, ..MapOptions::default() };
    if let Some(file) = &args.html {
        let page = leo.export_map(MapFormat::Html, &options).await?;
        std::fs::write(file, page).map_err(|error| Error::config(format!("{} could not be written: {error}", file.display())))?;
        return Ok(output::text(&format!(
            "Wrote {}; open it in a browser.\n",
            leo::ask::render::printable(&file.display().to_string())
        )));
    }
    // A table may be called like a command: then `show` says which is meant.
    let words: Vec<&str> = args.what.iter().map(String::as_str).collect();
    Ok(match words.as_slice() {
        [] if json => output::json(&leo.map(None).await?),
        [] => output::text(&text::overview(&leo.map(None).await?)),
        ["search"] => return Err(Error::config("name the words to search for, such as `leo map search customer country`")),
        ["search", words @ ..] => {
            let hits = leo.search(&words.join(" "), None, HITS).await?;
            if json { output::json(&json!({ "hits": hits })) } else { output::text(&text::found(&catalog, &hits)) }
        }
        ["graph", table @ ..] => {
            let around = (!table.is_empty()).then(|| table.join(" "));
            let form = match args.graph_format.as_deref() {
                None if json => MapFormat::Json,
                None => MapFormat::Mermaid,
                Some(name @ ("mermaid" | "dot" | "json")) => name.parse()?,
                Some(name) => {
                    return Err(Error::config(format!("a graph cannot be written as `{name}`; choose mermaid, dot or json")));
                }
            };
            let graph = leo.export_map(form, &MapOptions { around, ..options }).await?;
            output::text(&format!("{}\n", graph.trim_end()))
        }
        ["quality"] => {
            let quality = leo.map_quality(None).await?;
            if json { output::json(&quality) } else { output::text(&text::quality(&quality)) }
        }
        ["ddl"] => output::text(&leo.export_map(MapFormat::Ddl, &options).await?),
        ["show"] => return Err(Error::config("name the table to show, such as `leo map show customers`")),
        ["show", name @ ..] | name => {
            let detail = leo.map_table(&name.join(" "), &options).await?;
            if json { output::json(&detail) } else { output::text(&text::detail(&detail)) }
        }
    })
}
