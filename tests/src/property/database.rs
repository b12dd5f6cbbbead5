//! Databases in memory: the full one, and one that holds only what a policy allows.

use leo::adapter::{Access, MaskKey, TablePolicy};
use leo::catalog::Catalog;
use leo::gate::{Connector, IntrospectOptions};
use leo::source::sqlite::SqliteSource;
use leo::{Context, Value};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use sha2::{Digest, Sha256};

use super::policies::{Policy, TableRule, attributes};
use super::run::watch;
use super::schema::{INDEXES, TABLES, TableSpec, VIEWS, rows};
use crate::generate::rng::Rng;

/// The host's key of hash masks.
pub const MASK_KEY: &str = "a key of the host";
/// The user's tenant.
pub const TENANT: &str = "acme";

/// The databases of one policy over one set of rows.
#[derive(Debug)]
pub struct World {
    /// Everything.
    pub full: Connection,
    /// The schema of everything with the rows that the policy allows: tells an error that a visible row causes from one that a
    /// hidden row causes.
    pub visible: Connection,
    /// What the policy allows and nothing else.
    pub reference: Connection,
    /// The same, read backwards where no order is asked for.
    pub reversed: Connection,
}

impl World {
    /// The databases for the rows that `seed` gives.
    pub fn new(policy: &Policy, seed: u64) -> Self {
        let tables: Vec<Vec<Vec<Value>>> =
            TABLES.iter().zip(0u64..).map(|(table, at)| rows(table, &mut Rng::new(seed * 100 + at))).collect();
        let full = connection();
        create(&full, TABLES.iter().zip(&tables).map(|(table, rows)| (table, rows.clone())));
        let visible = connection();
        let allowed = TABLES.iter().map(|table| (table, kept(&full, table.name, rule(policy, table.name))));
        create(&visible, allowed.filter(|(table, _)| !policy.denied.contains(&table.name)));
        let reversed = reference(&full, policy);
        reversed.execute_batch("PRAGMA reverse_unordered_selects = ON").expect("a pragma of SQLite");
        Self { reference: reference(&full, policy), reversed, visible, full }
    }
}

/// The access that stands for `policy`.
pub fn access(policy: &Policy) -> Access {
    let of = |rule: &TableRule| TablePolicy {
        deny_columns: rule.hidden.iter().map(|name| (*name).to_owned()).collect(),
        row_filter: rule.filter.map(str::to_owned),
        masks: rule.masks.iter().map(|(column, mask)| ((*column).to_owned(), (*mask).to_owned())).collect(),
        past_versions: false,
    };
    Access {
        tables: policy.rules.iter().map(|rule| (rule.table.to_owned(), of(rule))).collect(),
        deny_tables: policy.denied.iter().map(|name| (*name).to_owned()).collect(),
        mask_key: Some(MaskKey::new(MASK_KEY)),
        ..Access::full()
    }
}

/// The user, with all attributes.
pub fn context() -> Context {
    let ctx = Context::new(TENANT, "mia").expect("valid names");
    attributes().into_iter().fold(ctx, |ctx, (name, value)| ctx.with_attribute(name, value))
}

/// The catalogue as the connector reads it.
pub fn catalog() -> Catalog {
    let source = SqliteSource::from_sql("shop", &definitions()).expect("the schema is valid");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(source.introspect(&context(), IntrospectOptions::default())).expect("the schema can be read")
}

/// The rule of `policy` for `table`.
pub fn rule(policy: &Policy, table: &str) -> Option<&'static TableRule> {
    policy.rules.iter().find(|rule| rule.table.eq_ignore_ascii_case(table))
}

fn definitions() -> String {
    let mut script = String::new();
    for table in TABLES {
        script.push_str(&definition(table, |_| true));
    }
    script.push_str(&indexes(&[]));
    for view in VIEWS {
        script.push_str(&format!("CREATE VIEW {}{} AS {};\n", view.name, view.given, view.query));
    }
    script
}

fn indexes(denied: &[&str]) -> String {
    let tables = INDEXES.iter().filter(|(table, _)| !denied.contains(table));
    let all = tables.flat_map(|(table, columns)| columns.iter().map(move |columns| (table, columns)));
    all.enumerate().map(|(at, (table, columns))| format!("CREATE INDEX i{at} ON {table} ({columns});\n")).collect()
}

fn definition(table: &TableSpec, is_there: impl Fn(&str) -> bool) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .filter(|column| is_there(column.name))
        .map(|column| format!("\"{}\" {}", column.name, column.declared))
        .collect();
    format!("CREATE TABLE \"{}\" ({}{}){};\n", table.name, columns.join(", "), table.keys.0, table.keys.1)
}

fn connection() -> Connection {
    let mut connection = Connection::open_in_memory().expect("a database in memory");
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("leo_mask_hash", 2, flags, |context| {
            let key: String = context.get(0)?;
            Ok(printed(context.get_raw(1)).map(|value| hashed(&key, &value)))
        })
        .expect("a function of two arguments");
    watch(&mut connection);
    connection
}

fn create(connection: &Connection, tables: impl Iterator<Item = (&'static TableSpec, Vec<Vec<Value>>)>) {
    connection.execute_batch(&definitions()).expect("the schema is valid");
    for (table, rows) in tables {
        insert(connection, table.name, &rows);
    }
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false).expect("a setting of SQLite");
}

fn insert(connection: &Connection, table: &str, rows: &[Vec<Value>]) {
    let Some(first) = rows.first() else { return };
    let places = vec!["?"; first.len()].join(", ");
    let mut statement = connection.prepare(&format!("INSERT INTO \"{table}\" VALUES ({places})")).expect("the columns fit");
    for row in rows {
        statement.execute(rusqlite::params_from_iter(row.iter().map(Bound))).expect("the row is valid");
    }
}

/// All rows of a table.
pub fn rows_of(connection: &Connection, table: &str) -> Vec<Vec<Value>> {
    kept(connection, table, None)
}

/// Rows of a table or view that `rule` keeps.
fn kept(connection: &Connection, table: &str, rule: Option<&TableRule>) -> Vec<Vec<Value>> {
    let condition = rule.and_then(|rule| rule.plain).unwrap_or("1");
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\" WHERE {condition}")).expect("a valid filter");
    let count = statement.column_count();
    let rows = statement.query_map([], |row| (0..count).map(|at| row.get_ref(at).map(owned)).collect());
    rows.expect("the filter runs").collect::<Result<_, _>>().expect("the filter runs")
}

/// The database that holds what `policy` allows.
fn reference(full: &Connection, policy: &Policy) -> Connection {
    let connection = connection();
    for table in TABLES.iter().filter(|table| !policy.denied.contains(&table.name)) {
        let rule = rule(policy, table.name);
        let columns: Vec<(String, String)> =
            table.columns.iter().map(|column| (column.name.to_owned(), column.declared.to_owned())).collect();
        let rows = kept(full, table.name, rule);
        // A hidden column may be part of no key here: unique columns are never hidden.
        store(&connection, table.name, &columns, table.keys, rule, rows);
    }
    connection.execute_batch(&indexes(policy.denied)).expect("no index is on a hidden column");
    for view in VIEWS {
        let create = format!("CREATE VIEW {}{} AS {}", view.name, view.given, view.query);
        connection.execute_batch(&create).expect("the view is valid");
        let Some(rule) = rule(policy, view.name) else { continue };
        connection.execute_batch(&format!("CREATE TABLE copy AS SELECT * FROM {}", view.name)).expect("the view can be read");
        let columns: Vec<(String, String)> = {
            let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info('copy')").expect("a pragma");
            let columns = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("a pragma");
            columns.collect::<Result<_, _>>().expect("a pragma")
        };
        let rows = kept(&connection, "copy", Some(rule));
        connection.execute_batch(&format!("DROP TABLE copy; DROP VIEW {}", view.name)).expect("both are there");
        store(&connection, view.name, &columns, ("", ""), Some(rule), rows);
    }
    connection
}

/// Stores what `rule` shows of rows.
fn store(
    connection: &Connection,
    table: &str,
    columns: &[(String, String)],
    keys: (&str, &str),
    rule: Option<&TableRule>,
    rows: Vec<Vec<Value>>,
) {
    let mask = |name: &str| rule.and_then(|rule| rule.masks.iter().find(|(own, _)| *own == name)).map(|(_, mask)| *mask);
    let is_hidden = |name: &str| rule.is_some_and(|rule| rule.hidden.contains(&name));
    let mut parts = Vec::new();
    for (name, declared) in columns.iter().filter(|(name, _)| !is_hidden(name)) {
        let declared = match mask(name) {
            None => declared.as_str(),
            Some("hash") => "TEXT",
            Some(_) => declared.trim_end_matches(" COLLATE NOCASE"),
        };
        parts.push(format!("\"{name}\" {declared}"));
    }
    let create = format!("CREATE TABLE \"{table}\" ({}{}){}", parts.join(", "), keys.0, keys.1);
    connection.execute_batch(&create).expect("the table is valid");
    let shown: Vec<Vec<Value>> = rows
        .into_iter()
        .map(|row| {
            let cells = row.into_iter().zip(columns).filter(|(_, (name, _))| !is_hidden(name));
            cells
                .map(|(value, (name, declared))| mask(name).map_or(value.clone(), |mask| masked(mask, declared, &value)))
                .collect()
        })
        .collect();
    insert(connection, table, &shown);
}

/// What a mask shows of a value.
fn masked(mask: &str, declared: &str, value: &Value) -> Value {
    let is_text = declared.starts_with("TEXT") || declared.starts_with("VARCHAR");
    match (mask, value) {
        (_, Value::Null) | ("null", _) => Value::Null,
        ("hash", value) => {
            let output = Bound(value);
            let Ok(ToSqlOutput::Borrowed(raw)) = output.to_sql() else { return Value::Null };
            printed(raw).map_or(Value::Null, |value| Value::Text(hashed(&tenant_key(), &value)))
        }
        ("redact", _) if is_text => Value::Text("[REDACTED]".to_owned()),
        ("partial", Value::Text(text)) if is_text => {
            let count = text.chars().count();
            let last: String = text.chars().skip(count.saturating_sub(4)).collect();
            Value::Text(if count > 8 { format!("****{last}") } else { "****".to_owned() })
        }
        _ => Value::Null,
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hashed(key: &str, value: &[u8]) -> String {
    digest(&[key.as_bytes(), digest(&[key.as_bytes(), value]).as_bytes()])
}

/// The tenant's key, made from the host's.
fn tenant_key() -> String {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    for part in [MASK_KEY, "tenant", TENANT] {
        parts.push((part.len() as u64).to_be_bytes().to_vec());
        parts.push(part.as_bytes().to_vec());
    }
    digest(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn printed(value: ValueRef<'_>) -> Option<Vec<u8>> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string().into_bytes()),
        ValueRef::Real(value) => Some(value.to_string().into_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes.to_vec()),
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(value) => Value::Float(value),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

/// A value as SQLite binds it.
#[derive(Debug)]
pub struct Bound<'v>(pub &'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Float(value) => ValueRef::Real(*value),
            Value::Decimal(value) => ValueRef::Real(value.to_f64()),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}
