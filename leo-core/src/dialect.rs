//! The SQL dialects Leo writes and reads.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// A SQL dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL 12 and later.
    Postgres,
    /// MySQL 8 and MariaDB 10.5 and later.
    Mysql,
    /// Microsoft SQL Server 2017 and later, Azure SQL.
    Tsql,
    /// Google BigQuery (GoogleSQL).
    Bigquery,
    /// Apache DataFusion.
    Datafusion,
}

impl Dialect {
    /// All dialects.
    pub const ALL: &'static [Dialect] =
        &[Self::Sqlite, Self::Postgres, Self::Mysql, Self::Tsql, Self::Bigquery, Self::Datafusion];

    /// `sqlite`, `postgres`, `mysql`, `tsql`, `bigquery` or `datafusion`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mysql => "mysql",
            Self::Tsql => "tsql",
            Self::Bigquery => "bigquery",
            Self::Datafusion => "datafusion",
        }
    }

    /// The character that opens a quoted identifier.
    pub fn identifier_quote(self) -> char {
        match self {
            Self::Sqlite | Self::Postgres | Self::Datafusion => '"',
            Self::Mysql | Self::Bigquery => '`',
            Self::Tsql => '[',
        }
    }

    /// The schema a bare table name means when the catalogue does not say otherwise.
    pub fn default_schema(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("main"),
            Self::Postgres | Self::Datafusion => Some("public"),
            Self::Tsql => Some("dbo"),
            Self::Mysql | Self::Bigquery => None,
        }
    }

    /// `name` as a quoted identifier of this dialect, the closing quote doubled inside it
    /// (BigQuery escapes with a backslash).
    pub fn quote(self, name: &str) -> String {
        match self {
            Self::Tsql => format!("[{}]", name.replace(']', "]]")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
            Self::Bigquery => format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`")),
            Self::Sqlite | Self::Postgres | Self::Datafusion => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Ok(Self::Sqlite),
            "postgres" | "postgresql" | "pg" => Ok(Self::Postgres),
            "mysql" | "mariadb" => Ok(Self::Mysql),
            "tsql" | "mssql" | "sqlserver" => Ok(Self::Tsql),
            "bigquery" => Ok(Self::Bigquery),
            "datafusion" => Ok(Self::Datafusion),
            _ => Err(Error::config(format!(
                "unknown dialect `{name}`; use one of sqlite, postgres, mysql, tsql, bigquery, datafusion"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_doubles_the_closing_quote() {
        assert_eq!(Dialect::Tsql.quote("a]b"), "[a]]b]");
        assert_eq!(Dialect::Sqlite.quote("a\"b"), "\"a\"\"b\"");
        assert_eq!(Dialect::Mysql.quote("a`b"), "`a``b`");
        assert_eq!(Dialect::Bigquery.quote("a`b\\"), "`a\\`b\\\\`");
    }

    #[test]
    fn names_round_trip() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.as_str().parse::<Dialect>().unwrap(), *dialect);
        }
    }
}
