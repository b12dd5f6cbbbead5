//! Declared types: what a type's name in a dialect means to Leo. The only place that knows.

use super::model::LogicalType;
use crate::dialect::Dialect;

impl LogicalType {
    /// What a prompt says of a column's type: a declared type may list values.
    pub(crate) fn in_prompts(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Float => "double",
            Self::Text => "text",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::Binary => "bytes",
            Self::Json => "json",
            Self::Uuid => "uuid",
            Self::Other => "other",
        }
    }

    /// What `declared` means in `dialect`. Length, precision, `NOT NULL`-like attributes, zone suffixes and case do not matter;
    /// a type that is not known is [`LogicalType::Other`], an empty one too (SQLite allows columns without type).
    ///
    /// In SQLite, where a type is any words, the well-known names are read first and the engine's affinity rules decide the rest
    /// (`INT` anywhere: integer; `CHAR`, `CLOB`, `TEXT`: text; `BLOB`: binary; `REAL`, `FLOA`, `DOUB`: float).
    pub fn from_declared(dialect: Dialect, declared: &str) -> Self {
        let lower = declared.trim().to_ascii_lowercase();
        let (name, arguments) = split(&lower);
        if name.is_empty() {
            return Self::Other;
        }
        if lower.ends_with("[]") || name == "array" || name.starts_with("array<") || name.starts_with("struct<") {
            return Self::Other;
        }
        if let Some(found) = special(dialect, &name, arguments) {
            return found;
        }
        match known(&name) {
            Some(found) => found,
            None if dialect == Dialect::Sqlite => affinity(&name),
            None => Self::Other,
        }
    }
}

/// The words before, and the text inside, the first parentheses; quotes and a schema such as `pg_catalog.` taken off.
fn split(declared: &str) -> (String, &str) {
    let (head, rest) = declared.split_once('(').map_or((declared, ""), |(head, rest)| (head, rest));
    let arguments = rest.split_once(')').map_or(rest, |(inside, _)| inside);
    let head: String = head.chars().filter(|c| !matches!(c, '"' | '`' | '[' | ']')).collect();
    let name = head.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = name.strip_prefix("pg_catalog.").or_else(|| name.strip_prefix("sys.")).unwrap_or(&name).to_owned();
    (name, arguments)
}

/// Names that mean different things in different dialects.
fn special(dialect: Dialect, name: &str, arguments: &str) -> Option<LogicalType> {
    Some(match (dialect, name) {
        (Dialect::Mysql, "tinyint") if arguments.trim() == "1" => LogicalType::Boolean,
        (Dialect::Mysql, "bit") if matches!(arguments.trim(), "" | "1") => LogicalType::Boolean,
        (Dialect::Mysql, "bit") => LogicalType::Binary,
        (Dialect::Mysql, "year") => LogicalType::Integer,
        (Dialect::Tsql, "bit") => LogicalType::Boolean,
        // SQL Server's old name of rowversion: eight bytes, no time in it.
        (Dialect::Tsql, "timestamp" | "rowversion") => LogicalType::Binary,
        (Dialect::Postgres, "bit" | "bit varying" | "varbit") => LogicalType::Other,
        (Dialect::Postgres, "\"char\"" | "bpchar" | "name" | "citext") => LogicalType::Text,
        (Dialect::Bigquery, "bytes") => LogicalType::Binary,
        (Dialect::Sqlite, "year") => LogicalType::Integer,
        (Dialect::Sqlite, "number") if arguments.is_empty() => LogicalType::Decimal,
        // Oracle's habit, common in ported SQLite schemas: NUMBER(10) and NUMBER(10,0) are whole.
        (Dialect::Sqlite, "number") if whole(arguments) => LogicalType::Integer,
        _ => return None,
    })
}

fn whole(arguments: &str) -> bool {
    arguments.split_once(',').is_none_or(|(_, scale)| scale.trim() == "0")
}

fn known(name: &str) -> Option<LogicalType> {
    // Attributes and zone suffixes follow the type's own words.
    let first = name.split(' ').next().unwrap_or(name);
    Some(match first {
        "bool" | "boolean" | "bit" => LogicalType::Boolean,
        "int" | "integer" | "tinyint" | "smallint" | "mediumint" | "bigint" | "int2" | "int4" | "int8" | "int16" | "int32"
        | "int64" | "uint8" | "uint16" | "uint32" | "uint64" | "byteint" | "serial" | "bigserial" | "smallserial" | "serial2"
        | "serial4" | "serial8" | "oid" | "unsigned" => LogicalType::Integer,
        "decimal" | "numeric" | "dec" | "fixed" | "number" | "money" | "smallmoney" | "bignumeric" | "bigdecimal"
        | "decimal128" | "decimal256" => LogicalType::Decimal,
        "float" | "double" | "real" | "float4" | "float8" | "float16" | "float32" | "float64" => LogicalType::Float,
        "char" | "character" | "varchar" | "nchar" | "nvarchar" | "varying" | "text" | "tinytext" | "mediumtext" | "longtext"
        | "ntext" | "clob" | "nclob" | "string" | "enum" | "set" | "sysname" | "varchar2" | "nvarchar2" | "national"
        | "native" | "utf8" | "largeutf8" | "utf8view" | "citext" | "bpchar" | "xml" | "long" => LogicalType::Text,
        "date" | "date32" | "date64" => LogicalType::Date,
        "time" | "timetz" | "time32" | "time64" => LogicalType::Time,
        "timestamp" | "timestamptz" | "datetime" | "datetime2" | "smalldatetime" | "datetimeoffset" | "timestamp_ntz"
        | "timestamp_ltz" => LogicalType::Timestamp,
        "blob" | "tinyblob" | "mediumblob" | "longblob" | "binary" | "varbinary" | "bytea" | "bytes" | "image" | "raw"
        | "largebinary" => LogicalType::Binary,
        "json" | "jsonb" => LogicalType::Json,
        "uuid" | "uniqueidentifier" => LogicalType::Uuid,
        _ => return None,
    })
}

/// SQLite's own rules for the affinity of a declared type, in its order.
fn affinity(name: &str) -> LogicalType {
    let has = |part: &str| name.contains(part);
    if has("int") {
        LogicalType::Integer
    } else if has("char") || has("clob") || has("text") || has("string") {
        LogicalType::Text
    } else if has("blob") {
        LogicalType::Binary
    } else if has("real") || has("floa") || has("doub") {
        LogicalType::Float
    } else if has("datetime") || has("timestamp") {
        LogicalType::Timestamp
    } else if has("date") {
        LogicalType::Date
    } else if has("bool") {
        LogicalType::Boolean
    } else {
        LogicalType::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_their_dialect_says() {
        use LogicalType as L;
        let cases = [
            (Dialect::Sqlite, "INTEGER", L::Integer),
            (Dialect::Sqlite, "", L::Other),
            (Dialect::Sqlite, "VARCHAR(255)", L::Text),
            (Dialect::Sqlite, "FLOATING POINT", L::Integer),
            (Dialect::Sqlite, "UNSIGNED BIG INT", L::Integer),
            (Dialect::Sqlite, "DATETIME", L::Timestamp),
            (Dialect::Sqlite, "NUMBER(10,2)", L::Decimal),
            (Dialect::Sqlite, "NUMBER(10,0)", L::Integer),
            (Dialect::Sqlite, "bool", L::Boolean),
            (Dialect::Sqlite, "mystery", L::Other),
            (Dialect::Postgres, "timestamp without time zone", L::Timestamp),
            (Dialect::Postgres, "character varying(20)", L::Text),
            (Dialect::Postgres, "double precision", L::Float),
            (Dialect::Postgres, "integer[]", L::Other),
            (Dialect::Postgres, "pg_catalog.jsonb", L::Json),
            (Dialect::Postgres, "geometry", L::Other),
            (Dialect::Mysql, "tinyint(1)", L::Boolean),
            (Dialect::Mysql, "int(11) unsigned", L::Integer),
            (Dialect::Mysql, "enum('a','b')", L::Text),
            (Dialect::Tsql, "[nvarchar](max)", L::Text),
            (Dialect::Tsql, "timestamp", L::Binary),
            (Dialect::Tsql, "datetime2(7)", L::Timestamp),
            (Dialect::Tsql, "uniqueidentifier", L::Uuid),
            (Dialect::Bigquery, "ARRAY<INT64>", L::Other),
            (Dialect::Bigquery, "NUMERIC", L::Decimal),
            (Dialect::Datafusion, "Utf8", L::Text),
            (Dialect::Datafusion, "Timestamp(Nanosecond, None)", L::Timestamp),
        ];
        for (dialect, declared, expected) in cases {
            assert_eq!(LogicalType::from_declared(dialect, declared), expected, "{dialect} {declared}");
        }
    }
}
