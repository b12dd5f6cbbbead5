//! A catalogue as DDL text, for people and other programs.

use crate::catalog::{Catalog, Column, LogicalType, RelationshipOrigin, Table, TableKind};
use crate::dialect::Dialect;

impl Catalog {
    /// The structure as statements of the catalogue's dialect that would make it: tables, keys, views, comments.
    ///
    /// # Behavior
    /// By name, views last. Foreign keys come after all tables where the dialect can add them later, so that their order does not
    /// matter. What a statement cannot say stands in a comment: joins that were inferred, views whose query is not known. Every name is quoted.
    /// [`from_ddl`](Self::from_ddl) reads it back.
    ///
    /// # Example
    /// ```
    /// use leo::catalog::Catalog;
    /// use leo::Dialect;
    ///
    /// let text = "CREATE TABLE people (id int PRIMARY KEY); CREATE TABLE pets (owner int REFERENCES people (id))";
    /// let catalog = Catalog::from_ddl(Dialect::Sqlite, text)?;
    /// assert_eq!(Catalog::from_ddl(Dialect::Sqlite, &catalog.to_ddl())?, catalog);
    /// # Ok::<(), leo::Error>(())
    /// ```
    pub fn to_ddl(&self) -> String {
        let is_view = |table: &&Table| table.kind != TableKind::Table;
        let mut parts: Vec<String> = Vec::new();
        let tables = || self.tables.iter().filter(|table| !is_view(table));
        parts.extend(tables().map(|table| create(table, self.dialect, keys_come_inside(self.dialect))));
        if !keys_come_inside(self.dialect) {
            parts.extend(tables().map(|table| later_keys(table, self.dialect)).filter(|text| !text.is_empty()));
        }
        parts.extend(self.tables.iter().filter(is_view).map(|table| create(table, self.dialect, true)));
        let inferred = self.relationships.iter().filter(|known| known.origin != RelationshipOrigin::Declared);
        let inferred: String = inferred
            .map(|known| {
                let origin = if known.origin == RelationshipOrigin::Host { "said by people" } else { "inferred" };
                format!("-- {origin}, {:.2}: {}\n", known.confidence, one_line(&known.id()))
            })
            .collect();
        parts.extend((!inferred.is_empty()).then_some(inferred));
        parts.join("\n")
    }
}

impl Table {
    /// The table as a statement of `dialect` that would make it, with its keys. As [`Catalog::to_ddl`].
    pub fn to_ddl(&self, dialect: Dialect) -> String {
        create(self, dialect, true)
    }
}

/// Whether a table's foreign keys are part of it: where they cannot be added later, or need not wait for the other table.
fn keys_come_inside(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Sqlite | Dialect::Datafusion)
}

fn create(table: &Table, dialect: Dialect, with_keys: bool) -> String {
    let comment = table.comment.as_deref().map(|text| format!("-- {}\n", one_line(text))).unwrap_or_default();
    if table.kind != TableKind::Table {
        return format!("{comment}{}", view(table, dialect));
    }
    let mut lines: Vec<(String, Option<&str>)> =
        table.columns.iter().map(|column| (self::column(column, dialect), column.comment.as_deref())).collect();
    let enforced = if dialect == Dialect::Bigquery { " NOT ENFORCED" } else { "" };
    if !table.primary_key.is_empty() {
        lines.push((format!("PRIMARY KEY ({}){enforced}", names(&table.primary_key, dialect)), None));
    }
    if dialect != Dialect::Bigquery {
        lines.extend(table.unique_keys.iter().map(|key| (format!("UNIQUE ({})", names(key, dialect)), None)));
    }
    if with_keys {
        lines.extend(foreign_keys(table, dialect).map(|key| (key, None)));
    }
    let last = lines.len().saturating_sub(1);
    let body: String = lines
        .iter()
        .enumerate()
        .map(|(at, (line, comment))| {
            let comma = if at == last { "" } else { "," };
            let comment = comment.map(|text| format!(" -- {}", one_line(text))).unwrap_or_default();
            format!("  {line}{comma}{comment}\n")
        })
        .collect();
    format!("{comment}CREATE TABLE {} (\n{body});\n", table.name.quoted(dialect))
}

fn later_keys(table: &Table, dialect: Dialect) -> String {
    foreign_keys(table, dialect).map(|key| format!("ALTER TABLE {} ADD {key};\n", table.name.quoted(dialect))).collect()
}

fn foreign_keys(table: &Table, dialect: Dialect) -> impl Iterator<Item = String> {
    table.foreign_keys.iter().map(move |key| {
        let columns = match key.referenced_columns.as_slice() {
            [] => String::new(),
            columns => format!(" ({})", names(columns, dialect)),
        };
        let enforced = if dialect == Dialect::Bigquery { " NOT ENFORCED" } else { "" };
        let parent = key.references.quoted(dialect);
        format!("FOREIGN KEY ({}) REFERENCES {parent}{columns}{enforced}", names(&key.columns, dialect))
    })
}

/// Databases keep the whole statement or its query alone.
fn view(table: &Table, dialect: Dialect) -> String {
    let kind = if table.kind == TableKind::MaterializedView { "MATERIALIZED VIEW" } else { "VIEW" };
    match table.definition.as_deref().map(|text| text.trim().trim_end_matches(';').trim_end()).filter(|text| !text.is_empty()) {
        Some(text) if text.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create")) => format!("{text};\n"),
        Some(query) => format!("CREATE {kind} {} AS\n{query};\n", table.name.quoted(dialect)),
        None => {
            let columns: Vec<String> = table.columns.iter().map(|column| one_line(&self::column(column, dialect))).collect();
            let name = one_line(&table.name.quoted(dialect));
            format!("-- {} {name} ({})\n", kind.to_lowercase(), columns.join(", "))
        }
    }
}

fn column(column: &Column, dialect: Dialect) -> String {
    let declared = column.declared_type.trim();
    let kind = if is_a_type(declared) { declared } else { type_of(column.data_type, dialect) };
    let required = if column.nullable { "" } else { " NOT NULL" };
    let kind = if kind.is_empty() { String::new() } else { format!(" {kind}") };
    format!("{}{kind}{required}", dialect.quote(&column.name))
}

/// Whether a declared type can be written as it stands: SQLite takes any text for one.
fn is_a_type(text: &str) -> bool {
    let known =
        |part: char| part.is_alphanumeric() || matches!(part, ' ' | '_' | '(' | ')' | ',' | '.' | '[' | ']' | '<' | '>' | '\'');
    let depth = text.chars().try_fold(0_i32, |depth, part| match part {
        '(' => Some(depth + 1),
        ')' => (depth > 0).then_some(depth - 1),
        _ => Some(depth),
    });
    !text.is_empty() && text.chars().all(known) && text.matches('\'').count().is_multiple_of(2) && depth == Some(0)
}

fn type_of(kind: LogicalType, dialect: Dialect) -> &'static str {
    match (kind, dialect) {
        // A column without type is what was found there.
        (_, Dialect::Sqlite) if kind == LogicalType::Other => "",
        (LogicalType::Boolean, Dialect::Tsql) => "bit",
        (LogicalType::Boolean, Dialect::Bigquery) => "BOOL",
        (LogicalType::Boolean, _) => "boolean",
        (LogicalType::Integer, Dialect::Bigquery) => "INT64",
        (LogicalType::Integer, _) => "bigint",
        (LogicalType::Decimal, _) => "numeric",
        (LogicalType::Float, Dialect::Bigquery) => "FLOAT64",
        (LogicalType::Float, Dialect::Tsql) => "float",
        (LogicalType::Float, _) => "double precision",
        (LogicalType::Date, _) => "date",
        (LogicalType::Time, _) => "time",
        (LogicalType::Timestamp, Dialect::Tsql) => "datetime2",
        (LogicalType::Timestamp, Dialect::Mysql) => "datetime",
        (LogicalType::Timestamp, _) => "timestamp",
        (LogicalType::Binary, Dialect::Postgres) => "bytea",
        (LogicalType::Binary, Dialect::Tsql) => "varbinary(max)",
        (LogicalType::Binary, Dialect::Bigquery) => "BYTES",
        (LogicalType::Binary, _) => "blob",
        (LogicalType::Json, Dialect::Tsql) => "nvarchar(max)",
        (LogicalType::Json, _) => "json",
        (LogicalType::Uuid, Dialect::Postgres) => "uuid",
        (LogicalType::Uuid, Dialect::Tsql) => "uniqueidentifier",
        (_, Dialect::Bigquery) => "STRING",
        (_, Dialect::Tsql) => "nvarchar(max)",
        _ => "text",
    }
}

fn names(names: &[String], dialect: Dialect) -> String {
    names.iter().map(|name| dialect.quote(name)).collect::<Vec<_>>().join(", ")
}

/// A text that cannot leave its comment.
fn one_line(text: &str) -> String {
    text.split(|part: char| part.is_control() || matches!(part, '\u{2028}' | '\u{2029}' | '\u{85}')).collect::<Vec<_>>().join(" ")
}
