//! The data map: what a source holds, as far as who looks may see it.

use super::Leo;
use super::options::{Limits, SqlOptions};
use crate::adapter::{Access, Action};
use crate::ask::pipeline::Call;
use crate::ask::suggestions;
use crate::catalog::{Column, LogicalType, Table};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::map::{self, DataMap, MapGraph, QualityOverview, Sample, Seen, TableDetail};
use crate::value::Value;

/// Questions about a source.
const QUESTIONS: usize = 6;
/// Questions about one table among those of a source.
const OF_ONE_TABLE: usize = 2;
/// Tables whose questions are on a page: trying them takes time.
const ASKED: usize = 100;
/// Rows of a sample at most.
const SAMPLE: u64 = 50;
/// Characters of a text in a sample.
const TEXT: usize = 200;

/// A form of the map that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MapFormat {
    /// One page that loads nothing, to be looked through in a browser.
    Html,
    /// The join graph as a Mermaid diagram.
    Mermaid,
    /// The join graph in Graphviz's language.
    Dot,
    /// The join graph as JSON.
    Json,
    /// The statements that would make the tables.
    Ddl,
}

impl std::str::FromStr for MapFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "html" => Self::Html,
            "mermaid" => Self::Mermaid,
            "dot" => Self::Dot,
            "json" => Self::Json,
            "ddl" => Self::Ddl,
            other => {
                let known = "`html`, `mermaid`, `dot`, `json` or `ddl`";
                return Err(Error::config(format!("a data map cannot be written as `{other}`; choose {known}")));
            }
        })
    }
}

/// Which part of a source is mapped.
#[derive(Debug, Clone)]
pub struct MapOptions {
    /// Id of the source; needed when there are several.
    pub source: Option<String>,
    /// The table in the middle of the join graph; the whole graph without it.
    pub around: Option<String>,
    /// Joins from there at most; 1 unless set.
    pub joins: usize,
    /// Rows of a table to show, at most 50; none unless set.
    pub sample: u64,
}

impl Default for MapOptions {
    fn default() -> Self {
        Self { source: None, around: None, joins: 1, sample: 0 }
    }
}

impl Leo {
    /// What a source holds at a glance, as far as the user may see it: tables with what they are, how new and how good their rows are, where to
    /// begin, and what can be asked. Learns the source first where nothing is known yet.
    ///
    /// # Errors
    /// As [`catalog`](Self::catalog).
    ///
    /// # Example
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let map = leo::Leo::sample()?.map(None).await?;
    /// assert!(map.tables.iter().any(|table| table.name.name == "customers"));
    /// # Ok::<(), leo::Error>(()) }).unwrap();
    /// ```
    pub async fn map(&self, source: Option<&str>) -> Result<DataMap> {
        self.seen(source, async |call, access, seen| Ok(map::overview(seen, source_questions(call, access, seen)?))).await
    }

    /// A table in detail: columns with their statistics, keys, joins, quality, and what can be asked about it. Of columns with personal data no
    /// value is shown to anybody.
    ///
    /// # Behavior
    /// With [`sample`](MapOptions::sample), some rows are read by a statement of the user's, vetted and recorded like any other; personal data
    /// in it is replaced, and long texts are cut. Nothing of them is kept.
    ///
    /// # Errors
    /// `NotFound` for a table that the user does not see; those of [`catalog`](Self::catalog), and with a sample those of
    /// [`sql_with`](Self::sql_with).
    pub async fn map_table(&self, table: &str, options: &MapOptions) -> Result<TableDetail> {
        let source = options.source.as_deref();
        let (mut detail, dialect) = self
            .seen(source, async |call, access, seen| {
                let table = seen.catalog().require_called(table)?;
                Ok((map::detail(seen, table, table_questions(call, access, table)?), seen.catalog().dialect))
            })
            .await?;
        if options.sample > 0 {
            detail.sample = self.sample_of(&detail.table, dialect, options).await?;
        }
        Ok(detail)
    }

    /// How tables are joined: all of them, or those around one.
    ///
    /// # Errors
    /// `NotFound` for a table that the user does not see, and as [`catalog`](Self::catalog).
    pub async fn map_graph(&self, options: &MapOptions) -> Result<MapGraph> {
        self.seen(options.source.as_deref(), async |_, _, seen| {
            let graph = map::graph(seen);
            match options.around.as_deref() {
                None => Ok(graph),
                Some(table) => Ok(graph.around(&seen.catalog().require_called(table)?.name, options.joins)),
            }
        })
        .await
    }

    /// How good the rows are, worst table first, with the statements that count what is wrong.
    ///
    /// # Errors
    /// As [`catalog`](Self::catalog).
    pub async fn map_quality(&self, source: Option<&str>) -> Result<QualityOverview> {
        self.seen(source, async |_, _, seen| Ok(map::quality(seen))).await
    }

    /// The map in a form of other programs.
    ///
    /// # Behavior
    /// The page shows all that the user may see, with the samples that [`sample`](MapOptions::sample) asks for; a table whose rows cannot be read
    /// is there without.
    ///
    /// # Errors
    /// As [`map_graph`](Self::map_graph).
    pub async fn export_map(&self, format: MapFormat, options: &MapOptions) -> Result<String> {
        match format {
            MapFormat::Html => self.map_page(options).await,
            MapFormat::Mermaid => Ok(self.map_graph(options).await?.to_mermaid()),
            MapFormat::Dot => Ok(self.map_graph(options).await?.to_dot()),
            MapFormat::Json => serde_json::to_string_pretty(&self.map_graph(options).await?)
                .map_err(|error| Error::internal("the join graph could not be written").with_source(error)),
            MapFormat::Ddl => self.seen(options.source.as_deref(), async |_, _, seen| Ok(seen.catalog().to_ddl())).await,
        }
    }

    async fn map_page(&self, options: &MapOptions) -> Result<String> {
        let source = options.source.as_deref();
        let (overview, mut tables, graph) = self
            .seen(source, async |call, access, seen| {
                let overview = map::overview(seen, source_questions(call, access, seen)?);
                let mut tables = Vec::with_capacity(seen.catalog().tables.len());
                for (at, table) in seen.catalog().tables.iter().enumerate() {
                    let questions = if at < ASKED { table_questions(call, access, table)? } else { Vec::new() };
                    tables.push(map::detail(seen, table, questions));
                }
                Ok((overview, tables, map::graph(seen)))
            })
            .await?;
        if options.sample > 0 {
            for detail in &mut tables {
                detail.sample = match self.sample_of(&detail.table, overview.dialect, options).await {
                    Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
                    sample => sample.unwrap_or_default(),
                };
            }
        }
        map::page(&overview, tables, &graph)
    }

    /// Some rows of a table, by a statement like any other.
    async fn sample_of(&self, table: &Table, dialect: Dialect, options: &MapOptions) -> Result<Option<Sample>> {
        let shown = |kind: LogicalType| !matches!(kind, LogicalType::Binary | LogicalType::Other);
        let columns: Vec<_> = table.columns.iter().filter(|column| shown(column.data_type)).collect();
        if columns.is_empty() {
            return Ok(None);
        }
        let limits =
            SqlOptions { source: options.source.clone(), max_rows: Some(options.sample.min(SAMPLE)), ..SqlOptions::default() };
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let answer = self.sql_with(&select(table, dialect, &names), &limits).await?;
        let Some(found) = answer.table else { return Ok(None) };
        let cell = |(column, value): (&&Column, Value)| match (column.protected_kind(), value) {
            (_, Value::Null) => Value::Null,
            (Some(kind), _) => Value::Text(format!("[REDACTED:{kind}]")),
            (None, Value::Text(text)) if text.chars().nth(TEXT).is_some() => {
                Value::Text(text.chars().take(TEXT).chain(['…']).collect())
            }
            (None, value) => value,
        };
        let rows = found.rows().map(|row| columns.iter().zip(row).map(cell).collect()).collect();
        Ok(Some(Sample { columns: names.into_iter().map(str::to_owned).collect(), rows }))
    }

    /// Makes something of what the user may see of a source.
    async fn seen<T>(
        &self,
        source: Option<&str>,
        make: impl AsyncFnOnce(&Call<'_>, &Access, &Seen<'_>) -> Result<T>,
    ) -> Result<T> {
        let limits = Limits { source, ..Limits::none() };
        self.call(Action::Browse, limits, &|_| {}, async |call| {
            let access = call.authorise(Action::Browse).await?;
            let (catalog, locked) = (call.known.visible(&access)?, call.known.locked(&access)?);
            let times = (call.known.learned(), call.ctx.now);
            let seen = Seen::new(call.target.id(), (&catalog, &locked), &call.known.knowledge, times);
            make(call, &access, &seen).await
        })
        .await
    }
}

fn select(table: &Table, dialect: Dialect, columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|column| dialect.quote(column)).collect();
    format!("SELECT {} FROM {}", columns.join(", "), table.name.quoted(dialect))
}

/// Questions about a table that the planner understands as being about it.
fn table_questions(call: &Call<'_>, access: &Access, table: &Table) -> Result<Vec<String>> {
    let index = call.known.index(access)?;
    let planned = call.understood(&index);
    Ok(suggestions(&index, table, |question| planned(question).is_some_and(|planned| planned.query.from == table.name)))
}

/// Questions about the source: those that people verified, where the user sees everything, then some about each table to begin with.
fn source_questions(call: &Call<'_>, access: &Access, seen: &Seen<'_>) -> Result<Vec<String>> {
    let mut questions: Vec<String> = Vec::new();
    if *access == Access::full() {
        questions.extend(call.known.knowledge.verified.iter().take(QUESTIONS / 2).map(|pair| pair.question.clone()));
    }
    for starter in map::starters(seen) {
        let Some(table) = seen.catalog().table(&starter.table) else { continue };
        questions.extend(table_questions(call, access, table)?.into_iter().take(OF_ONE_TABLE));
    }
    questions.truncate(QUESTIONS);
    Ok(questions)
}
