//! The engine's own check: SQLite reports, while it prepares a statement, every column and function the statement uses, and
//! whatever the guard did not declare is refused here, whichever way it got past the guard.
//!
//! What SQLite reports is not spelled as the guard spells it. These are all the differences that are evened out:
//! 1. Names are compared in lower case (ASCII), as SQLite compares them.
//! 2. `count(*)`, `SELECT 1 FROM t` and the like read the column named "" of a table: the table must be declared.
//! 3. A view's body is reported with all base columns it mentions, however few are selected, and with the view's name as the
//!    accessor. When something is refused, the declared views are looked up and what their own bodies read is allowed under
//!    that accessor; columns of the view itself, and the same columns outside it, are not.
//! 4. Operators that SQLite implements as functions (`LIKE`, `GLOB`, `->`, `->>`) and the parenthesis-free `CURRENT_*` are
//!    allowed: they reach nothing. `MATCH` and `REGEXP` are not among them.
//! 5. The table functions `json_each`, `json_tree` and their `jsonb` kin are reported as tables: declared as functions, they may be
//!    read.
//! 6. Columns of subqueries and CTEs are not reported at all; the columns inside them are. Counting the rows of a CTE reads the
//!    column named "" of a table with the CTE's name in no database. When that is refused, the names of everything the database
//!    has are looked up, and a name that is not among them is a CTE's.
//!
//! Everything else a statement can do (write, attach, pragmas, other schemas, virtual tables' internals) is refused.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::errors;
use crate::error::{Error, Result};
use crate::guard::VettedSql;

const OPERATORS: &[&str] = &["like", "glob", "->", "->>", "current_date", "current_time", "current_timestamp"];
const TABLE_FUNCTIONS: &[&str] = &["json_each", "json_tree", "jsonb_each", "jsonb_tree"];

/// What a statement may use.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared {
    reads: Reads,
    functions: HashSet<String>,
    /// What the bodies of declared views read, by accessor.
    bodies: HashMap<String, Reads>,
    /// Tables, views and modules of the database in lower case, once they were looked up.
    objects: Option<HashSet<String>>,
}

/// Columns by table, all in lower case.
type Reads = HashMap<String, HashSet<String>>;

/// The first thing that was refused, without any value in it.
#[derive(Debug, Clone)]
pub(super) struct Refusal(String);

impl Declared {
    /// What the guard saw in `sql`.
    pub(super) fn of(sql: &VettedSql) -> Self {
        let mut reads: Reads = sql.tables().iter().map(|table| (table.name.to_ascii_lowercase(), HashSet::new())).collect();
        for column in sql.columns() {
            reads.entry(column.table.name.to_ascii_lowercase()).or_default().insert(column.column.to_ascii_lowercase());
        }
        let functions = sql.functions().iter().map(|name| name.to_ascii_lowercase()).collect();
        Self { reads, functions, bodies: HashMap::new(), objects: None }
    }

    fn check(&self, context: &AuthContext<'_>) -> std::result::Result<(), String> {
        match context.action {
            AuthAction::Select | AuthAction::Recursive => Ok(()),
            AuthAction::Read { table_name, column_name } => {
                if context.database_name.is_some_and(|name| name != "main") {
                    return Err("a table outside the database".into());
                }
                let (table, column) = (table_name.to_ascii_lowercase(), column_name.to_ascii_lowercase());
                let in_body = context
                    .accessor
                    .and_then(|accessor| self.bodies.get(&accessor.to_ascii_lowercase()))
                    .and_then(|reads| reads.get(&table))
                    .is_some_and(|columns| columns.contains(&column));
                match self.reads.get(&table) {
                    _ if in_body => Ok(()),
                    Some(columns) if column.is_empty() || columns.contains(&column) => Ok(()),
                    Some(_) => Err(format!("column `{column_name}` of `{table_name}`")),
                    None if TABLE_FUNCTIONS.contains(&table.as_str()) && self.functions.contains(&table) => Ok(()),
                    None if column.is_empty() && context.database_name.is_none() && self.is_no_object(&table) => Ok(()),
                    None => Err(format!("table `{table_name}`")),
                }
            }
            AuthAction::Function { function_name } => {
                let name = function_name.to_ascii_lowercase();
                if self.functions.contains(&name) || OPERATORS.contains(&name.as_str()) {
                    Ok(())
                } else {
                    Err(format!("function `{name}`"))
                }
            }
            _ => Err("something other than reading".into()),
        }
    }

    /// Whether nothing in the database has this name, as far as that was looked up. SQLite makes tables of some names by itself.
    fn is_no_object(&self, name: &str) -> bool {
        let reserved = ["sqlite_", "pragma_"].iter().any(|start| name.starts_with(start));
        !reserved && self.objects.as_ref().is_some_and(|objects| !objects.contains(name))
    }

    /// Looks up what a refusal may come from: names of the database's objects, and what the bodies of the declared views read.
    pub(super) fn look_up(&mut self, connection: &mut Connection) -> Result<()> {
        let failed = |error: rusqlite::Error| errors::running(&error);
        remove(connection)?;
        let mut objects = HashSet::new();
        for sql in
            ["SELECT name FROM main.sqlite_schema", "SELECT name FROM temp.sqlite_schema", "SELECT name FROM pragma_module_list"]
        {
            let mut statement = connection.prepare(sql).map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let name = row.get_ref(0).map_err(failed)?.as_bytes().unwrap_or_default();
                objects.insert(String::from_utf8_lossy(name).to_ascii_lowercase());
            }
        }
        self.objects = Some(objects);
        self.expand_views(connection)
    }

    /// Adds what the bodies of the declared views read.
    fn expand_views(&mut self, connection: &mut Connection) -> Result<()> {
        let failed = |error: rusqlite::Error| errors::running(&error);
        let mut views: Vec<String> = Vec::new();
        {
            let mut statement = connection.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'view'").map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                // A name that is not UTF-8 is not in the catalogue, so no statement can have declared it.
                if let Ok(name) = row.get::<_, String>(0)
                    && self.reads.contains_key(&name.to_ascii_lowercase())
                {
                    views.push(name);
                }
            }
        }
        for view in &views {
            let seen: Arc<Mutex<Declared>> = Arc::default();
            let record = Arc::clone(&seen);
            connection
                .authorizer(Some(move |context: AuthContext<'_>| {
                    let mut seen = record.lock().unwrap_or_else(PoisonError::into_inner);
                    match context.action {
                        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
                        AuthAction::Read { table_name, column_name } => {
                            if let Some(accessor) = context.accessor
                                && context.database_name == Some("main")
                            {
                                let body = seen.bodies.entry(accessor.to_ascii_lowercase()).or_default();
                                let columns = body.entry(table_name.to_ascii_lowercase()).or_default();
                                columns.insert(column_name.to_ascii_lowercase());
                            }
                            Authorization::Allow
                        }
                        AuthAction::Function { function_name } => {
                            seen.functions.insert(function_name.to_ascii_lowercase());
                            Authorization::Allow
                        }
                        _ => Authorization::Deny,
                    }
                }))
                .map_err(failed)?;
            // Prepared only, never stepped: nothing is read.
            let _ = connection.prepare(&format!("SELECT * FROM main.{}", crate::Dialect::Sqlite.quote(view)));
            let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
            for (accessor, reads) in seen.bodies {
                let body = self.bodies.entry(accessor).or_default();
                for (table, columns) in reads {
                    body.entry(table).or_default().extend(columns);
                }
            }
            self.functions.extend(seen.functions);
        }
        Ok(())
    }
}

/// Sets the check on `connection`; returns where the first refusal will be found.
pub(super) fn install(connection: &mut Connection, declared: Declared) -> Result<Arc<Mutex<Option<Refusal>>>> {
    let refused: Arc<Mutex<Option<Refusal>>> = Arc::default();
    let report = Arc::clone(&refused);
    connection
        .authorizer(Some(move |context: AuthContext<'_>| match declared.check(&context) {
            Ok(()) => Authorization::Allow,
            Err(what) => {
                report.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(Refusal(what));
                Authorization::Deny
            }
        }))
        .map_err(|error| errors::running(&error))?;
    Ok(refused)
}

/// Takes the check off, for the connector's own fixed statements.
pub(super) fn remove(connection: &mut Connection) -> Result<()> {
    connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).map_err(|error| errors::running(&error))
}

impl Refusal {
    /// The error of a refused statement.
    pub(super) fn into_error(self) -> Error {
        Error::rejected(format!(
            "the statement uses {}, which it was not vetted for; it was stopped by the database's own check",
            self.0
        ))
    }
}
