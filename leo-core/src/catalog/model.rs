//! Tables, columns, keys and relationships as plain data.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::meaning::{Description, RoleKind, TableRole, Term};
use super::names::nearest;
use super::quality::TableQuality;
use super::relationship::{ForeignKey, Relationship, RelationshipOrigin};
use super::statistics::{ColumnStatistics, TableStatistics};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::value::to_hex;

/// Name of a table within a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableName {
    /// Schema, where the engine has schemas; SQLite's is `main`. BigQuery's is `project.dataset`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The name in the engine's own spelling.
    pub name: String,
}

impl TableName {
    /// A name without a schema.
    pub fn bare(name: impl Into<String>) -> Self {
        Self { schema: None, name: name.into() }
    }

    /// `table` or `schema.table`; what stands before the last dot is the schema.
    ///
    /// # Example
    /// ```
    /// use leo::catalog::TableName;
    ///
    /// assert_eq!(TableName::parse("sales.orders"), TableName::qualified("sales", "orders"));
    /// assert_eq!(TableName::parse("orders"), TableName::bare("orders"));
    /// ```
    pub fn parse(text: &str) -> Self {
        match text.rsplit_once('.') {
            Some((schema, name)) if !schema.is_empty() && !name.is_empty() => Self::qualified(schema, name),
            _ => Self::bare(text),
        }
    }

    /// A name within `schema`.
    pub fn qualified(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: Some(schema.into()), name: name.into() }
    }
}

impl TableName {
    /// The name as a statement of `dialect` writes it, each part between quotes.
    pub(crate) fn quoted(&self, dialect: Dialect) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", dialect.quote(schema), dialect.quote(&self.name)),
            None => dialect.quote(&self.name),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// What kind of relation a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A stored table.
    #[default]
    Table,
    /// A view.
    View,
    /// A view whose rows are stored.
    MaterializedView,
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogTable"))]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Table, view or materialised view.
    #[serde(default)]
    pub kind: TableKind,
    /// Columns in the engine's order.
    pub columns: Vec<Column>,
    /// Columns of the primary key, in key order; empty when there is none.
    #[serde(default)]
    pub primary_key: Vec<String>,
    /// Other unique keys.
    #[serde(default)]
    pub unique_keys: Vec<Vec<String>>,
    /// Declared foreign keys.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    /// Columns of each index.
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
    /// Comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// A view's definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// Tables whose rows this relation holds or shows under another name: what a materialised view, a partition or child table, a
    /// synonym, a history or change table or a full-text index is made of. A view's are read from its definition.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows_of: Vec<TableName>,
    /// Row count: exact when profiled, else the engine's estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Size in bytes, where the engine tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Changes whenever rows of the table do, in the engine's own terms; none where the engine does not tell. What was found out about a
    /// table holds as long as this stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_version: Option<String>,
    /// From profiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<TableStatistics>,
    /// What part it plays: things, happenings, lists …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<TableRole>,
    /// What people call it, where the name does not say it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// What it holds, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// How good its rows are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<TableQuality>,
}

impl Table {
    /// An empty description of the table `name`.
    pub fn new(name: TableName) -> Self {
        Self {
            name,
            kind: TableKind::Table,
            columns: Vec::new(),
            primary_key: Vec::new(),
            unique_keys: Vec::new(),
            foreign_keys: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            definition: None,
            rows_of: Vec::new(),
            rows: None,
            bytes: None,
            data_version: None,
            statistics: None,
            role: None,
            term: None,
            description: None,
            quality: None,
        }
    }

    /// The part it plays; none where nothing speaks for one, and where a person said that it plays none.
    pub fn part(&self) -> Option<RoleKind> {
        self.role.as_ref().map(|role| role.kind).filter(|kind| *kind != RoleKind::None)
    }

    /// The column named `name`, compared without regard to ASCII case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name == name)
            .or_else(|| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)))
    }

    /// The column that says when a row happened: the one profiling chose, else the first that holds points in time.
    pub fn time_column(&self) -> Option<&str> {
        let chosen = self.statistics.as_ref().and_then(|statistics| statistics.time_column.as_deref());
        chosen.or_else(|| self.columns.iter().find(|column| column.is_temporal()).map(|column| column.name.as_str()))
    }

    /// Whether `columns` (in any order) hold a primary or unique key: at most one row has each combination of their values.
    pub fn is_unique(&self, columns: &[&str]) -> bool {
        let covers = |key: &[String]| {
            !key.is_empty() && key.iter().all(|part| columns.iter().any(|column| column.eq_ignore_ascii_case(part)))
        };
        covers(&self.primary_key)
            || self.unique_keys.iter().any(|key| covers(key))
            || columns.iter().any(|name| {
                self.column(name).and_then(|column| column.statistics.as_ref()).is_some_and(|statistics| statistics.is_unique)
            })
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CatalogColumn"))]
pub struct Column {
    /// The name in the engine's own spelling.
    pub name: String,
    /// The type as the engine declares it; may be empty in SQLite.
    #[serde(default)]
    pub declared_type: String,
    /// What the type means to Leo.
    pub data_type: LogicalType,
    /// Whether NULL is allowed.
    #[serde(default = "yes")]
    pub nullable: bool,
    /// Default expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Comment in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How a point in time is stored, for columns that hold one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_encoding: Option<TimeEncoding>,
    /// From profiling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<ColumnStatistics>,
    /// What it tells about people, when it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<PersonalData>,
    /// What people call it, where the name does not say it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// What it holds, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
}

/// Personal data in a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PersonalData {
    /// What it is, in lower case: `email`, `phone`, `name`, `iban`, `birth_date` …
    pub kind: String,
    /// How sure that is.
    pub tier: PersonalTier,
    /// Why, in a sentence without values; none where the host says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How sure it is that a column holds personal data, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PersonalTier {
    /// The host says so, or a person confirmed it.
    Confirmed,
    /// Values have the pattern, checksums included.
    High,
    /// Name and values disagree.
    Medium,
    /// The name alone. Shown until somebody confirms it.
    Low,
}

fn yes() -> bool {
    true
}

impl Column {
    /// A nullable column named `name`.
    pub fn new(name: impl Into<String>, declared_type: impl Into<String>, data_type: LogicalType) -> Self {
        Self {
            name: name.into(),
            declared_type: declared_type.into(),
            data_type,
            nullable: true,
            default: None,
            comment: None,
            time_encoding: None,
            statistics: None,
            personal: None,
            term: None,
            description: None,
        }
    }

    /// What kind of personal data the column holds, when that is sure enough to protect it: any tier but [`PersonalTier::Low`].
    pub fn protected_kind(&self) -> Option<&str> {
        self.personal.as_ref().filter(|personal| personal.tier < PersonalTier::Low).map(|personal| personal.kind.as_str())
    }

    /// Whether the column holds points in time, by type or by what profiling saw.
    pub fn is_temporal(&self) -> bool {
        matches!(self.data_type, LogicalType::Date | LogicalType::Timestamp) || self.time_encoding.is_some()
    }

    /// Whether the column holds numbers.
    pub fn is_numeric(&self) -> bool {
        matches!(self.data_type, LogicalType::Integer | LogicalType::Decimal | LogicalType::Float)
    }
}

/// What a column's type means, whatever the engine calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogicalType {
    /// Truth values.
    Boolean,
    /// Whole numbers.
    Integer,
    /// Exact decimals.
    Decimal,
    /// Floating-point numbers.
    Float,
    /// Text.
    Text,
    /// Calendar dates.
    Date,
    /// Time of day.
    Time,
    /// Points in time, with or without zone.
    Timestamp,
    /// Bytes.
    Binary,
    /// JSON documents.
    Json,
    /// UUIDs.
    Uuid,
    /// Anything else.
    Other,
}

/// How a point in time is stored in a column. Engines with date types need only `Native`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TimeEncoding {
    /// The engine's own date or timestamp type.
    Native,
    /// Text `YYYY-MM-DD`.
    IsoDate,
    /// Text `YYYY-MM-DD HH:MM:SS` or with `T`, fractions and zone allowed.
    IsoTimestamp,
    /// Integer `YYYYMMDD` or text `YYYYMMDD`.
    CompactDate,
    /// Text `YYYY-MM`.
    YearMonth,
    /// A year as a number or four-digit text.
    Year,
    /// Seconds since 1970-01-01 UTC.
    UnixSeconds,
    /// Milliseconds since 1970-01-01 UTC.
    UnixMillis,
}

/// Everything known about a source's structure.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Catalog {
    /// Dialect of the source.
    pub dialect: Dialect,
    /// The schema a bare name means; names of this schema may be written bare.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_schema: Option<String>,
    /// Tables and views, ordered by name.
    pub tables: Vec<Table>,
    /// Declared and inferred relationships.
    #[serde(default)]
    pub relationships: Vec<Relationship>,
    #[serde(skip)]
    by_name: HashMap<String, Vec<usize>>,
    #[serde(skip)]
    version: String,
    #[serde(skip)]
    has_personal_data: bool,
}

impl PartialEq for Catalog {
    fn eq(&self, other: &Self) -> bool {
        self.dialect == other.dialect
            && self.default_schema == other.default_schema
            && self.tables == other.tables
            && self.relationships == other.relationships
    }
}

impl Catalog {
    /// A catalogue of `tables`; their declared foreign keys become relationships.
    pub fn new(dialect: Dialect, default_schema: Option<String>, tables: Vec<Table>) -> Self {
        let mut catalog = Self {
            dialect,
            default_schema,
            tables,
            relationships: Vec::new(),
            by_name: HashMap::new(),
            version: String::new(),
            has_personal_data: false,
        };
        catalog.reindex();
        catalog.relationships = catalog.declared_relationships();
        catalog
    }

    /// Rebuilds the lookups and the version after `tables` were changed or the catalogue was deserialised.
    pub fn reindex(&mut self) {
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        self.by_name.clear();
        for (index, table) in self.tables.iter().enumerate() {
            self.by_name.entry(table.name.name.to_lowercase()).or_default().push(index);
        }
        self.version = self.fingerprint();
        let columns = || self.tables.iter().flat_map(|table| &table.columns);
        self.has_personal_data = columns().any(|column| column.protected_kind().is_some());
    }

    /// Whether some column holds personal data that is to be protected.
    pub fn has_personal_data(&self) -> bool {
        self.has_personal_data
    }

    /// Hash of the structure (names, types, keys; not statistics): a statement vetted against one version runs only under it.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        part(self.dialect.as_str());
        part(self.default_schema.as_deref().unwrap_or(""));
        for table in &self.tables {
            part(&table.name.to_string());
            part(table.definition.as_deref().unwrap_or(""));
            for column in &table.columns {
                part(&column.name);
                part(&column.declared_type);
                part(if column.nullable { "n" } else { "" });
                part(column.protected_kind().unwrap_or(""));
            }
            for other in &table.rows_of {
                part(&other.to_string());
            }
            for key in std::iter::once(&table.primary_key).chain(&table.unique_keys) {
                part(&key.join("\u{1f}"));
            }
            for key in &table.foreign_keys {
                part(&key.columns.join("\u{1f}"));
                part(&key.references.to_string());
                part(&key.referenced_columns.join("\u{1f}"));
            }
        }
        to_hex(&hash.finalize())
    }

    /// The schema that a bare name means: the catalogue's own, else the dialect's.
    pub fn default_schema(&self) -> Option<&str> {
        self.default_schema.as_deref().or(self.dialect.default_schema())
    }

    /// The schema of a table, written or meant.
    pub fn schema_of<'n>(&'n self, name: &'n TableName) -> Option<&'n str> {
        name.schema.as_deref().or_else(|| self.default_schema())
    }

    /// The table with this name. A name without schema means the default schema, else the only table of that name.
    /// Case is ignored for ASCII letters, an exact match wins.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        let mut matching = self.named(&name.name).iter().map(|index| &self.tables[*index]).filter(|table| match &name.schema {
            Some(schema) => table
                .name
                .schema
                .as_deref()
                .or(self.default_schema.as_deref())
                .is_some_and(|own| own.eq_ignore_ascii_case(schema)),
            None => true,
        });
        let first = matching.next()?;
        let rest: Vec<_> = matching.collect();
        if rest.is_empty() {
            return Some(first);
        }
        let all = || std::iter::once(first).chain(rest.iter().copied());
        all()
            .find(|table| table.name.name == name.name && table.name.schema == name.schema)
            .or_else(|| all().find(|table| table.name.schema == self.default_schema && table.name.name == name.name))
            .or_else(|| all().find(|table| table.name.schema == self.default_schema))
    }

    /// The table that is shown or written as `text`: `table`, `schema.table`, and either of them with dots in its name.
    pub(crate) fn table_called(&self, text: &str) -> Option<&Table> {
        let split = |(dot, _)| Some(TableName::qualified(text.get(..dot)?, text.get(dot + 1..)?));
        let qualified = text.match_indices('.').filter_map(split);
        std::iter::once(TableName::bare(text)).chain(qualified).find_map(|name| self.table(&name))
    }

    /// The table that somebody means by `name`: the one of that name, or the one that is written like it. A text of which nobody
    /// knows yet where its schema ends is given as a bare name.
    pub(crate) fn table_meant(&self, name: &TableName) -> Option<&Table> {
        self.table(name).or_else(|| self.table_called(&name.to_string()))
    }

    /// The table that is written as `text`, or an error that proposes the nearest ones.
    ///
    /// # Errors
    /// `NotFound`.
    pub(crate) fn require_called(&self, text: &str) -> Result<&Table> {
        self.table_called(text).map_or_else(|| self.require_table(&TableName::parse(text)), Ok)
    }

    /// Places of the tables whose name is `name` but for case, in any schema.
    pub(crate) fn named(&self, name: &str) -> &[usize] {
        self.by_name.get(&name.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// The table with this name, or an error that proposes the nearest ones.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn require_table(&self, name: &TableName) -> Result<&Table> {
        self.table(name).ok_or_else(|| {
            let near = nearest(&name.name, self.tables.iter().map(|table| table.name.name.as_str()), 3);
            Error::not_found(match near.as_slice() {
                [] => format!("no table `{name}`, nor one with a name like it; look up the name among the source's tables"),
                near => format!("no table `{name}`; did you mean {}?", quoted(near)),
            })
        })
    }

    /// The column of this table, or an error that proposes the nearest ones.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn require_column<'a>(&'a self, table: &'a Table, column: &str) -> Result<&'a Column> {
        table.column(column).ok_or_else(|| {
            let near = nearest(column, table.columns.iter().map(|column| column.name.as_str()), 3);
            Error::not_found(match near.as_slice() {
                [] => format!("no column `{column}` in `{}`; look up the name among the table's columns", table.name),
                near => format!("no column `{column}` in `{}`; did you mean {}?", table.name, quoted(near)),
            })
        })
    }

    /// Relationships of the declared foreign keys whose both ends exist; an omitted referenced column means the primary key.
    pub fn declared_relationships(&self) -> Vec<Relationship> {
        let mut found: Vec<Relationship> = Vec::new();
        let mut known = HashSet::new();
        for child in &self.tables {
            for key in &child.foreign_keys {
                let Some(parent) = self.table(&key.references) else { continue };
                let parent_columns =
                    if key.referenced_columns.is_empty() { parent.primary_key.clone() } else { key.referenced_columns.clone() };
                let ends = ((child, &*key.columns), (parent, &*parent_columns));
                let Some(relationship) = Relationship::between(ends.0, ends.1, RelationshipOrigin::Declared, 1.0) else {
                    continue;
                };
                if known.insert(relationship.id()) {
                    found.push(relationship);
                }
            }
        }
        found
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
