//! The data map: what a source holds.

use leo::{Leo, MapOptions, Result};
use serde::{Deserialize, Serialize};

use super::{Call, Reply};

/// What a source holds at a glance.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Map {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for Map {
    const NAME: &'static str = "map";
    const RETURNS: &'static str = "DataMap";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.map(self.source.as_deref()).await?)
    }
}

/// A table in detail.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapTable {
    /// Its name, `table` or `schema.table`.
    table: String,
    /// Rows to show, personal data replaced; 50 at most.
    #[serde(default)]
    sample: u64,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for MapTable {
    const NAME: &'static str = "map_table";
    const RETURNS: &'static str = "TableDetail";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let Self { table, sample, source } = self;
        Reply::json(&leo.map_table(&table, &MapOptions { source, sample, ..MapOptions::default() }).await?)
    }
}

/// How tables are joined.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapGraph {
    /// The table in the middle; the whole graph without it.
    around: Option<String>,
    /// Joins from there at most.
    #[serde(default = "one")]
    joins: usize,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

fn one() -> usize {
    1
}

impl Call for MapGraph {
    const NAME: &'static str = "map_graph";
    const RETURNS: &'static str = "MapGraph";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let Self { around, joins, source } = self;
        Reply::json(&leo.map_graph(&MapOptions { source, around, joins, ..MapOptions::default() }).await?)
    }
}

/// How good the rows are, worst table first.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapQuality {
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for MapQuality {
    const NAME: &'static str = "map_quality";
    const RETURNS: &'static str = "QualityOverview";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        Reply::json(&leo.map_quality(self.source.as_deref()).await?)
    }
}

/// The map as text of another form.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportMap {
    /// `html` for a page, `mermaid`, `dot` or `json` for the graph, `ddl` for statements.
    form: String,
    /// The table in the middle of the graph; the whole graph without it.
    around: Option<String>,
    /// Joins from there at most.
    #[serde(default = "one")]
    joins: usize,
    /// Rows of each table on the page, personal data replaced; 50 at most.
    #[serde(default)]
    sample: u64,
    /// Id of the source; needed when there are several.
    source: Option<String>,
}

impl Call for ExportMap {
    const NAME: &'static str = "export_map";
    const RETURNS: &'static str = "string";

    async fn run(self, leo: &Leo) -> Result<Reply> {
        let Self { form, around, joins, sample, source } = self;
        Reply::json(&leo.export_map(form.parse()?, &MapOptions { source, around, joins, sample }).await?)
    }
}
