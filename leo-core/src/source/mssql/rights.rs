//! Whether the login may write. SQL Server has no read-only transactions, so a login that only reads is the defence behind the guard.

use std::fmt;

use super::session::{Session, whole};
use crate::error::Result;

/// What was found out about the login.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Rights {
    /// The server answered none of the questions.
    #[default]
    Unknown,
    ReadOnly,
    /// The rights it has.
    Write(Vec<&'static str>),
}

impl Rights {
    pub(super) fn may_write(&self) -> bool {
        matches!(self, Self::Write(_))
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::ReadOnly => f.write_str("read"),
            Self::Write(rights) => f.write_str(&rights.join(", ")),
        }
    }
}

/// Expressions that are 1 for a login that may change data, and the right's name. A server that lacks one says NULL or an error.
const QUESTIONS: &[(&str, &str)] = &[
    ("IS_SRVROLEMEMBER(N'sysadmin')", "member of sysadmin"),
    ("IS_MEMBER(N'db_owner')", "member of db_owner"),
    ("IS_MEMBER(N'db_datawriter')", "member of db_datawriter"),
    ("IS_MEMBER(N'db_ddladmin')", "member of db_ddladmin"),
    ("HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'INSERT')", "INSERT on the database"),
    ("HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'UPDATE')", "UPDATE on the database"),
    ("HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'DELETE')", "DELETE on the database"),
    ("HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'ALTER')", "ALTER on the database"),
    ("HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'CREATE TABLE')", "CREATE TABLE"),
];

/// Any table that the login may change although it has no right on the whole database.
const TABLES: &str = "SELECT COUNT(*) FROM sys.tables AS t INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id \
     WHERE HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'INSERT') = 1 \
     OR HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'UPDATE') = 1 \
     OR HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'DELETE') = 1";

/// Asks the server.
///
/// # Errors
/// The connection's.
pub(super) async fn probe(session: &mut Session) -> Result<Rights> {
    let all: Vec<&str> = QUESTIONS.iter().map(|(question, _)| *question).collect();
    let mut answers: Vec<Option<i64>> = Vec::new();
    match session.rows_if_known(&format!("SELECT {}", all.join(", "))).await? {
        Some(rows) => answers.extend((0..all.len()).map(|index| rows.first().and_then(|row| whole(row, index)))),
        None => {
            for question in all {
                let rows = session.rows_if_known(&format!("SELECT {question}")).await?.unwrap_or_default();
                answers.push(rows.first().and_then(|row| whole(row, 0)));
            }
        }
    }
    let mut has: Vec<&'static str> =
        QUESTIONS.iter().zip(&answers).filter(|(_, answer)| **answer == Some(1)).map(|((_, right), _)| *right).collect();
    let mut is_known = answers.iter().any(Option::is_some);
    if has.is_empty() {
        let rows = session.rows_if_known(TABLES).await?.unwrap_or_default();
        let tables = rows.first().and_then(|row| whole(row, 0));
        is_known |= tables.is_some();
        if tables.is_some_and(|count| count > 0) {
            has.push("INSERT, UPDATE or DELETE on some tables");
        }
    }
    Ok(match (has.is_empty(), is_known) {
        (false, _) => Rights::Write(has),
        (true, true) => Rights::ReadOnly,
        (true, false) => Rights::Unknown,
    })
}
