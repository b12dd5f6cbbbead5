//! The whole map as one page that loads nothing.

use base64::Engine as _;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{DataMap, MapGraph, TableDetail};
use crate::error::{Error, Result};
use crate::export::escape;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// What the page shows.
#[derive(Debug, Serialize)]
struct Data<'a> {
    map: &'a DataMap,
    tables: &'a [TableDetail],
    graph: &'a MapGraph,
}

/// The page: searchable catalogue, tables in detail, join graph.
///
/// # Behavior
/// One file without links to elsewhere. Its policy lets no script run but its own, which it names by hash, and nothing be loaded; data is read as
/// JSON and shown as text.
///
/// # Errors
/// `Internal` when the data cannot be written.
pub(crate) fn page(map: &DataMap, mut tables: Vec<TableDetail>, graph: &MapGraph) -> Result<String> {
    let columns = tables.iter_mut().flat_map(|detail| &mut detail.table.columns);
    columns.filter_map(|column| column.statistics.as_mut()).for_each(|known| known.top.truncate(VALUES));
    let data = serde_json::to_string(&Data { map, tables: &tables, graph })
        .map_err(|error| Error::internal("the data map could not be written").with_source(error))?;
    // Nothing in it ends the element it stands in.
    let data = data.replace('<', "\\u003c");
    let script = script();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&script));
    let title = escape(&format!("Data map of {}", map.source));
    Ok(filled(&[("style", STYLE), ("script", &script), ("script_hash", &hash), ("title", &title), ("data", &data)]))
}

/// Frequent values of a column that are on the page; it draws fewer.
const VALUES: usize = 12;

/// The parts of the script, in order, without comments and blanks at the beginning of lines: no text of the script goes over lines.
fn script() -> String {
    let parts = [
        include_str!("js/text.js"),
        include_str!("js/dom.js"),
        include_str!("js/state.js"),
        include_str!("js/list.js"),
        include_str!("js/charts.js"),
        include_str!("js/layout.js"),
        include_str!("js/graph.js"),
        include_str!("js/table.js"),
        include_str!("js/overview.js"),
        include_str!("js/main.js"),
    ];
    let is_code = |line: &&str| !(line.is_empty() || line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/")));
    let lines = parts.iter().flat_map(|part| part.lines()).map(str::trim_start).filter(is_code);
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The page with each `{{name}}` replaced, once: what is put in is not looked through again.
fn filled(values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(PAGE.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((name, after)) = behind.split_once("}}") else { break };
        out.push_str(values.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}
