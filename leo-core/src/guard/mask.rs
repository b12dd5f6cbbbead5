//! Masks: the expression that stands for a column whose values this user must not see.

use std::str::FromStr;

use crate::catalog::{Column, LogicalType};
use crate::dialect::Dialect;

/// What a masked column shows instead of its values. NULL stays NULL in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::guard) enum Mask {
    /// Nothing.
    Null,
    /// `[REDACTED]`; nothing where the column holds no text.
    Redact,
    /// `****`, before the last four characters of a text longer than eight; nothing where the column holds no text.
    Partial,
    /// 64 hexadecimal digits that are equal for equal values: SHA-256 of the value under the key of [`Access`](crate::adapter::Access).
    Hash,
}

impl FromStr for Mask {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "null" => Ok(Self::Null),
            "redact" => Ok(Self::Redact),
            "partial" => Ok(Self::Partial),
            "hash" => Ok(Self::Hash),
            _ => Err(format!("the access policy uses the mask `{name}`; use null, redact, partial or hash")),
        }
    }
}

/// SQLite's function for keyed hashes, which the connector adds.
pub(crate) const SQLITE_HASH: &str = "leo_mask_hash";

/// Functions of masks beside the ones everybody may call.
pub(in crate::guard) fn is_mask_function(dialect: Dialect, name: &str) -> bool {
    match dialect {
        Dialect::Sqlite => name == SQLITE_HASH,
        Dialect::Postgres => matches!(name, "sha256" | "encode" | "convert_to"),
        Dialect::Tsql => name == "hashbytes",
        _ => false,
    }
}

impl Mask {
    /// What is read for `column`, spelled `name`; `key` gives a placeholder for the key.
    pub(in crate::guard) fn expression(
        self,
        dialect: Dialect,
        column: &Column,
        name: &str,
        key: impl FnMut() -> String,
    ) -> String {
        let text = column.data_type == LogicalType::Text;
        match self {
            Self::Redact if text => typed(dialect, &format!("CASE WHEN {name} IS NULL THEN NULL ELSE '[REDACTED]' END")),
            Self::Partial if text => typed(dialect, &partial(dialect, name)),
            Self::Hash => hash(dialect, name, key),
            Self::Null | Self::Redact | Self::Partial => null(dialect, column),
        }
    }
}

/// SQLite compares by a column's affinity, which an expression lacks.
fn typed(dialect: Dialect, text: &str) -> String {
    match dialect {
        Dialect::Sqlite => format!("CAST({text} AS TEXT)"),
        _ => text.to_owned(),
    }
}

/// NULL of the column's type: an untyped one is text for some engines.
fn null(dialect: Dialect, column: &Column) -> String {
    let own = column.declared_type.trim();
    let plain = !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric() || " _(),".contains(c));
    match dialect {
        Dialect::Postgres | Dialect::Tsql | Dialect::Bigquery | Dialect::Datafusion if plain => format!("CAST(NULL AS {own})"),
        Dialect::Sqlite => format!("CAST(NULL AS {})", affinity(own)),
        _ => "NULL".to_owned(),
    }
}

/// The type that gives an expression the affinity of a column declared as `declared`, by SQLite's rules: comparisons depend on it.
fn affinity(declared: &str) -> &'static str {
    let declared = declared.to_ascii_uppercase();
    let has = |part: &str| declared.contains(part);
    match () {
        () if has("INT") => "INTEGER",
        () if has("CHAR") || has("CLOB") || has("TEXT") => "TEXT",
        () if declared.is_empty() || has("BLOB") => "BLOB",
        () if has("REAL") || has("FLOA") || has("DOUB") => "REAL",
        () => "NUMERIC",
    }
}

fn partial(dialect: Dialect, name: &str) -> String {
    let (length, last) = match dialect {
        Dialect::Sqlite => ("length", format!("'****' || substr({name}, -4)")),
        Dialect::Tsql => ("len", format!("concat('****', right({name}, 4))")),
        Dialect::Mysql => ("char_length", format!("concat('****', right({name}, 4))")),
        Dialect::Bigquery => ("char_length", format!("concat('****', substr({name}, -4))")),
        Dialect::Postgres | Dialect::Datafusion => ("char_length", format!("concat('****', right({name}, 4))")),
    };
    format!("CASE WHEN {name} IS NULL THEN NULL WHEN {length}({name}) > 8 THEN {last} ELSE '****' END")
}

/// SHA-256 of the key and the SHA-256 of key and value: nested, so that nothing can be appended to the value.
fn hash(dialect: Dialect, name: &str, mut key: impl FnMut() -> String) -> String {
    let mut nested = |digest: &dyn Fn(String) -> String, join: &dyn Fn(String, String) -> String, value: String| {
        let inner = digest(join(key(), value));
        digest(join(key(), inner))
    };
    let concat = |key: String, value: String| format!("concat({key}, {value})");
    match dialect {
        Dialect::Sqlite => typed(dialect, &format!("{SQLITE_HASH}({}, {name})", key())),
        Dialect::Postgres => {
            let digest = |text: String| format!("encode(sha256(convert_to({text}, 'UTF8')), 'hex')");
            let join = |key: String, value: String| format!("CAST({key} AS text) || {value}");
            nested(&digest, &join, format!("CAST({name} AS text)"))
        }
        Dialect::Mysql => nested(&|text| format!("sha2({text}, 256)"), &concat, name.to_owned()),
        Dialect::Tsql => {
            let digest = |text: String| format!("lower(convert(char(64), hashbytes('SHA2_256', {text}), 2))");
            let hashed = nested(&digest, &concat, format!("CAST({name} AS nvarchar(max))"));
            // `concat` takes NULL for nothing here.
            format!("CASE WHEN {name} IS NULL THEN NULL ELSE {hashed} END")
        }
        Dialect::Bigquery => nested(&|text| format!("to_hex(sha256({text}))"), &concat, format!("CAST({name} AS string)")),
        Dialect::Datafusion => {
            let join = |key: String, value: String| format!("CAST({key} AS varchar) || {value}");
            nested(&|text| format!("encode(sha256({text}), 'hex')"), &join, format!("CAST({name} AS varchar)"))
        }
    }
}
