//! Writes the company into an empty database: one transaction, prepared statements, no journal (a half-written file is thrown
//! away by its maker).

use rusqlite::{Connection, Params, Statement};

use super::company::Company;
use super::{schema, service, trade};
use crate::error::{Error, Result};

/// `application_id` of the file: "LeoS".
pub(super) const APPLICATION_ID: i32 = 0x4c65_6f53;
/// `user_version` of the file; raised with every change of the tables.
pub(super) const SCHEMA_VERSION: i32 = 1;

/// A table being filled.
pub(super) struct Loader<'c> {
    statement: Statement<'c>,
}

impl<'c> Loader<'c> {
    /// Prepares an insert of `columns` values into `table`, a name already quoted where it must be.
    pub(super) fn new(connection: &'c Connection, table: &str, columns: usize) -> Result<Self> {
        let places = vec!["?"; columns].join(", ");
        let statement = connection.prepare(&format!("INSERT INTO {table} VALUES ({places})")).map_err(write_failed)?;
        Ok(Self { statement })
    }

    pub(super) fn insert(&mut self, values: impl Params) -> Result<()> {
        self.statement.execute(values).map(|_| ()).map_err(write_failed)
    }
}

/// Fills the empty database behind `connection`.
pub(super) fn load(connection: &Connection) -> Result<()> {
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
             PRAGMA cache_size = -32768; PRAGMA foreign_keys = OFF; PRAGMA application_id = {APPLICATION_ID};
             PRAGMA user_version = {SCHEMA_VERSION}; BEGIN IMMEDIATE;"
        ))
        .map_err(write_failed)?;
    connection.execute_batch(schema::TABLES).map_err(write_failed)?;
    let company = Company::found(connection)?;
    let trade = trade::Trade::run(connection, &company)?;
    service::run(connection, &company, &trade)?;
    connection.execute_batch(schema::INDEXES_AND_VIEWS).map_err(write_failed)?;
    connection.execute_batch("COMMIT;").map_err(write_failed)
}

pub(super) fn write_failed(error: rusqlite::Error) -> Error {
    Error::unavailable("could not write the sample database; check the free space and the permissions of its folder")
        .with_source(error)
}
