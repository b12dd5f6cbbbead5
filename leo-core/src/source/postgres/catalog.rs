//! Introspection: seven fixed statements over the system catalogues for all tables at once, none of which takes text from users.
//!
//! They are sent together in one read-only transaction. Where one is refused (a hardened catalogue, a lock on a view), each is tried
//! alone, and what cannot be had is missing: keys, indexes, definitions. Left out: system schemas, temporary tables, and tables and
//! columns that the login may not read.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::join_all;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use super::errors;
use super::session::Session;
use crate::catalog::{Catalog, Column, ForeignKey, LogicalType, Table, TableKind, TableName};
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::source::wanted::Wanted;

const RELATIONS: &str = "SELECT c.oid, n.nspname::text, c.relname::text, c.relkind::text, c.reltuples::float8, c.relpages::int8 * \
     current_setting('block_size')::int8, d.description FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_description d \
     ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0 WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND \
     c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(n.oid, 'USAGE') \
     AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))";
const COLUMNS: &str = "SELECT a.attrelid, a.attnum, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(e.adbin, \
     e.adrelid), a.attgenerated::text, d.description, a.atttypid, has_column_privilege(a.attrelid, a.attnum, 'SELECT') FROM pg_attribute a \
     JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef e ON e.adrelid = a.attrelid AND \
     e.adnum = a.attnum LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND c.relpersistence <> 't' AND \
     n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY a.attrelid, a.attnum";
/// Domains with the types beneath, enums, and `citext`: types whose names say nothing.
const TYPES: &str = "SELECT t.oid, t.typtype::text, t.typbasetype, format_type(t.typbasetype, t.typtypmod), t.typnotnull FROM pg_type t WHERE \
     t.typtype IN ('d', 'e') OR t.typname = 'citext'";
const CONSTRAINTS: &str = "SELECT conrelid, contype::text, conkey, confrelid, confkey FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND \
     conrelid <> 0 ORDER BY conrelid, conname";
const INDEXES: &str = "SELECT i.indrelid, i.indkey::int2[], i.indnkeyatts, i.indisunique, i.indpred IS NOT NULL, i.indisprimary FROM pg_index i \
     JOIN pg_class c ON c.oid = i.indrelid WHERE i.indisvalid AND c.relkind IN ('r', 'm', 'p') ORDER BY i.indexrelid";
/// What holds rows of what: partitions and children of their parents, materialised views of their tables.
const ROWS_OF: &str = "SELECT h.inhrelid, n.nspname::text, p.relname::text, p.oid FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN \
     pg_namespace n ON n.oid = p.relnamespace WHERE p.relkind IN ('r', 'f', 'p') UNION SELECT v.oid, n.nspname::text, p.relname::text, 0 FROM \
     pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND \
     d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid JOIN pg_class p ON p.oid = d.refobjid JOIN pg_namespace n ON n.oid = \
     p.relnamespace WHERE v.relkind = 'm' ORDER BY 1, 2, 3";
const DEFINITIONS: &str = "SELECT c.oid, pg_get_viewdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN \
     ('v', 'm') AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";
/// The file of each table, and how many rows were ever written, changed and deleted since the server was started. It counts with a delay of some
/// seconds, and on a standby, or where counting is off, not at all.
const VERSIONS: &str = "SELECT c.oid, concat_ws(':', pg_postmaster_start_time(), c.oid, c.relfilenode, pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), \
     pg_stat_get_tuples_deleted(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'm') AND \
     NOT pg_is_in_recovery() AND current_setting('track_counts')::boolean AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";
/// In the order in which they are read; the first two are needed.
const STATEMENTS: [&str; 8] = [RELATIONS, COLUMNS, TYPES, CONSTRAINTS, INDEXES, ROWS_OF, DEFINITIONS, VERSIONS];
const NEEDED: usize = 2;

/// Whether the login may change anything: the tables it reads, or the schemas they are in.
pub(super) const CAN_WRITE: &str = "SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (SELECT FROM pg_class c JOIN \
     pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'f', 'v') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE \
     'pg\\_%' AND has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR \
     has_any_column_privilege(c.oid, 'INSERT, UPDATE'))) OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND \
     has_schema_privilege(n.oid, 'CREATE'))";

type Oid = u32;

/// Reads tables, views, keys, indexes, comments, estimates and sizes.
pub(super) async fn introspect(session: &Session, limit: Duration, wanted: &Wanted) -> Result<Catalog> {
    let answers = ask(session, limit).await?;
    let [relations, columns, types, constraints, indexes, rows_of, definitions, versions] = answers;
    let types = Types::read(&types)?;
    let mut tables = Tables::default();
    for row in &relations {
        tables.relation(row)?;
    }
    for row in &columns {
        tables.column(row, &types)?;
    }
    for row in &constraints {
        tables.constraint(row)?;
    }
    for row in &indexes {
        tables.index(row)?;
    }
    let mut children: Vec<(Oid, Oid)> = Vec::new();
    for row in &rows_of {
        let (child, parent): (Oid, Oid) = (get(row, 0)?, get(row, 3)?);
        if let Some(found) = tables.found.get_mut(&child) {
            found.table.rows_of.push(TableName::qualified(get::<String>(row, 1)?, get::<String>(row, 2)?));
        }
        if parent != 0 {
            children.push((parent, child));
        }
    }
    for row in &definitions {
        if let Some(found) = tables.found.get_mut(&get(row, 0)?) {
            found.table.definition = get::<Option<String>>(row, 1)?.map(|text| text.trim().trim_end_matches(';').to_owned());
        }
    }
    for row in &versions {
        if let Some(found) = tables.found.get_mut(&get(row, 0)?) {
            found.table.data_version = get(row, 1)?;
        }
    }
    // What a parent shows may have changed in a child.
    for (parent, _) in &children {
        if let Some(found) = tables.found.get_mut(parent) {
            found.table.data_version = None;
        }
    }
    tables.add_up(&children);
    let tables = tables.found.into_values().map(|found| found.table);
    let tables = tables.filter(|table| !table.columns.is_empty() && wanted.has(table.name.schema.as_deref(), &table.name.name));
    Ok(Catalog::new(Dialect::Postgres, session.facts.schema.clone().or(Some("public".to_owned())), tables.collect()))
}

/// The answers to all statements; an empty one where a statement that can be missed was refused.
async fn ask(session: &Session, limit: Duration) -> Result<[Vec<Row>; 8]> {
    let failed = |error| errors::running(error, session.spec());
    session.begin(limit, &[]).await.map_err(failed)?;
    let together = join_all(STATEMENTS.map(|sql| session.client.query_typed(sql, &[]))).await;
    let mut answers: [Vec<Row>; 8] = Default::default();
    for (index, (answer, result)) in answers.iter_mut().zip(together).enumerate() {
        let error = match result {
            Ok(rows) => {
                *answer = rows;
                continue;
            }
            Err(error) if errors::is_broken(&error) => return Err(failed(error)),
            Err(error) => error,
        };
        // One that failed took those behind it with it.
        session.client.batch_execute("ROLLBACK").await.map_err(failed)?;
        session.begin(limit, &[]).await.map_err(failed)?;
        match session.client.query_typed(STATEMENTS[index], &[]).await {
            Ok(rows) => *answer = rows,
            Err(again) if index < NEEDED || errors::is_broken(&again) => return Err(failed(again)),
            Err(_) => tracing::warn!(statement = index, error = %errors::class(&error), "a part of the structure cannot be read"),
        }
    }
    Ok(answers)
}

fn get<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T> {
    row.try_get(index).map_err(|_| Error::malformed("the server's catalogue has another form than that of PostgreSQL"))
}

/// Types whose names do not say what they hold.
struct Types {
    /// Type beneath a domain: number, name, whether NULL is ruled out.
    domains: HashMap<Oid, (Oid, String, bool)>,
    text: Vec<Oid>,
}

impl Types {
    fn read(rows: &[Row]) -> Result<Self> {
        let mut types = Self { domains: HashMap::new(), text: Vec::new() };
        for row in rows {
            let oid = get(row, 0)?;
            match get::<&str>(row, 1)? {
                "d" => drop(types.domains.insert(oid, (get(row, 2)?, get(row, 3)?, get(row, 4)?))),
                _ => types.text.push(oid),
            }
        }
        Ok(types)
    }

    fn meaning(&self, oid: Oid, declared: &str) -> LogicalType {
        match self.domains.get(&oid) {
            Some((beneath, declared, _)) => self.meaning(*beneath, declared),
            None if self.text.contains(&oid) => LogicalType::Text,
            None => LogicalType::from_declared(Dialect::Postgres, declared),
        }
    }

    fn is_required(&self, oid: Oid) -> bool {
        self.domains.get(&oid).is_some_and(|(beneath, _, required)| *required || self.is_required(*beneath))
    }
}

/// Tables by their number.
#[derive(Default)]
struct Tables {
    found: HashMap<Oid, Found>,
    /// Names of all columns, those that may not be read included.
    names: HashMap<(Oid, i16), Option<String>>,
}

struct Found {
    table: Table,
    is_partitioned: bool,
}

impl Tables {
    fn relation(&mut self, row: &Row) -> Result<()> {
        let mut table = Table::new(TableName::qualified(get::<String>(row, 1)?, get::<String>(row, 2)?));
        let kind: &str = get(row, 3)?;
        table.kind = match kind {
            "v" => TableKind::View,
            "m" => TableKind::MaterializedView,
            _ => TableKind::Table,
        };
        let (rows, bytes): (f64, i64) = (get(row, 4)?, get(row, 5)?);
        // Nobody has counted yet: -1, before version 14 an empty file.
        let is_counted = rows > 0.0 || (rows == 0.0 && bytes > 0);
        if kind != "v" && is_counted {
            table.rows = Some(rows as u64);
        }
        table.bytes = (kind != "v").then(|| u64::try_from(bytes).ok()).flatten();
        table.comment = get(row, 6)?;
        self.found.insert(get(row, 0)?, Found { table, is_partitioned: kind == "p" });
        Ok(())
    }

    fn column(&mut self, row: &Row, types: &Types) -> Result<()> {
        let (relation, number, name): (Oid, i16, String) = (get(row, 0)?, get(row, 1)?, get(row, 2)?);
        let Some(found) = self.found.get_mut(&relation) else { return Ok(()) };
        if !get::<Option<bool>>(row, 9)?.unwrap_or(false) {
            self.names.insert((relation, number), None);
            return Ok(());
        }
        let (declared, oid): (String, Oid) = (get(row, 3)?, get(row, 8)?);
        let meaning = types.meaning(oid, &declared);
        let mut column = Column::new(name.clone(), declared, meaning);
        column.nullable = !get::<bool>(row, 4)? && !types.is_required(oid);
        column.default = match (get::<Option<String>>(row, 5)?, get::<&str>(row, 6)?) {
            (Some(expression), "") => Some(expression),
            (Some(expression), _) => Some(format!("GENERATED ALWAYS AS ({expression})")),
            (None, _) => None,
        };
        column.comment = get(row, 7)?;
        found.table.columns.push(column);
        self.names.insert((relation, number), Some(name));
        Ok(())
    }

    /// The names of a key's columns; `None` when one of them is an expression or may not be read.
    fn spell(&self, relation: Oid, numbers: &[i16]) -> Option<Vec<String>> {
        numbers.iter().map(|number| self.names.get(&(relation, *number)).cloned().flatten()).collect()
    }

    fn constraint(&mut self, row: &Row) -> Result<()> {
        let relation: Oid = get(row, 0)?;
        let Some(columns) = get::<Option<Vec<i16>>>(row, 2)?.and_then(|numbers| self.spell(relation, &numbers)) else {
            return Ok(());
        };
        let kind: &str = get(row, 1)?;
        let foreign = if kind == "f" {
            let other: Oid = get(row, 3)?;
            let referenced_columns = get::<Option<Vec<i16>>>(row, 4)?.and_then(|numbers| self.spell(other, &numbers));
            let references = self.found.get(&other).map(|found| found.table.name.clone());
            references.zip(referenced_columns)
        } else {
            None
        };
        let Some(found) = self.found.get_mut(&relation) else { return Ok(()) };
        match (kind, foreign) {
            ("p", _) => found.table.primary_key = columns,
            ("u", _) => found.table.unique_keys.push(columns),
            (_, Some((references, referenced_columns))) => {
                let key = ForeignKey { columns, references, referenced_columns };
                if !found.table.foreign_keys.contains(&key) {
                    found.table.foreign_keys.push(key);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn index(&mut self, row: &Row) -> Result<()> {
        let relation: Oid = get(row, 0)?;
        let (numbers, keys): (Vec<i16>, i16) = (get(row, 1)?, get(row, 2)?);
        // Behind the keys stand columns that are only carried along.
        let keys = numbers.get(..usize::try_from(keys).unwrap_or(0)).unwrap_or(&numbers);
        let Some(columns) = self.spell(relation, keys) else { return Ok(()) };
        let (is_unique, is_partial, is_primary): (bool, bool, bool) = (get(row, 3)?, get(row, 4)?, get(row, 5)?);
        let Some(found) = self.found.get_mut(&relation) else { return Ok(()) };
        if is_unique && !is_partial && !is_primary && !found.table.unique_keys.contains(&columns) {
            found.table.unique_keys.push(columns.clone());
        }
        if !found.table.indexes.contains(&columns) {
            found.table.indexes.push(columns);
        }
        Ok(())
    }

    /// A partitioned table has the rows of its parts, which nobody has counted for it.
    fn add_up(&mut self, children: &[(Oid, Oid)]) {
        fn sum(tables: &Tables, children: &HashMap<Oid, Vec<Oid>>, of: Oid, depth: u8) -> (Option<u64>, u64) {
            let own = tables.found.get(&of).map_or((None, 0), |found| (found.table.rows, found.table.bytes.unwrap_or(0)));
            let parts = children.get(&of).into_iter().flatten().filter(|_| depth < 32);
            parts
                .map(|part| sum(tables, children, *part, depth + 1))
                .fold(own, |(rows, bytes), (more, size)| (rows.map_or(more, |rows| Some(rows + more.unwrap_or(0))), bytes + size))
        }
        let mut by_parent: HashMap<Oid, Vec<Oid>> = HashMap::new();
        for (parent, child) in children {
            by_parent.entry(*parent).or_default().push(*child);
        }
        let open: Vec<Oid> = self.found.iter().filter(|(_, found)| found.is_partitioned).map(|(oid, _)| *oid).collect();
        let sums: Vec<_> = open.iter().map(|oid| (*oid, sum(self, &by_parent, *oid, 0))).collect();
        for (oid, (rows, bytes)) in sums {
            if let Some(found) = self.found.get_mut(&oid) {
                found.table.rows = found.table.rows.or(rows);
                found.table.bytes = Some(bytes);
            }
        }
    }
}
