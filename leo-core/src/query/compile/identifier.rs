//! Identifiers: quoted when they must be, and aliases that stay readable.

use sqlparser::ast::Ident;

use crate::catalog::{Catalog, TableName, split_words};
use crate::dialect::Dialect;

/// `name` as an identifier that means exactly this name: quoted unless it is a plain word that the dialect neither folds to
/// another case nor reserves. Its value is the text as written between the quotes, escapes included.
pub(crate) fn ident(dialect: Dialect, name: &str) -> Ident {
    if is_plain(dialect, name) {
        return Ident::new(name);
    }
    let quote = dialect.identifier_quote();
    // The printer copies the text between the quotes, so the escaping is done here.
    let quoted = dialect.quote(name);
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned();
    Ident { value: inner, quote_style: Some(quote), ..Ident::new("") }
}

fn is_plain(dialect: Dialect, name: &str) -> bool {
    let folds = matches!(dialect, Dialect::Postgres | Dialect::Datafusion);
    let letter = |c: char| c.is_ascii_lowercase() || c == '_' || (c.is_ascii_uppercase() && !folds);
    let mut chars = name.chars();
    chars.next().is_some_and(letter) && chars.all(|c| letter(c) || c.is_ascii_digit()) && !is_reserved_in(dialect, name)
}

/// The parts of a table's name: the schema is left out where it is the one a bare name means.
pub(super) fn table_name(dialect: Dialect, catalog: &Catalog, name: &TableName) -> Vec<Ident> {
    let mut parts = Vec::new();
    let default = catalog.default_schema();
    if let Some(schema) = &name.schema
        && (Some(schema.as_str()) != default || dialect == Dialect::Bigquery)
    {
        match dialect {
            Dialect::Bigquery => parts.extend(schema.split('.').map(|part| ident(dialect, part))),
            _ => parts.push(ident(dialect, schema)),
        }
    }
    parts.push(ident(dialect, &name.name));
    parts
}

/// A plain lowercase word for `name`, to be used as an alias: the name itself where it is one, else its words.
pub(super) fn alias_of(name: &str) -> String {
    let plain = |text: &str| is_plain(Dialect::Postgres, text);
    if is_plain(Dialect::Sqlite, name) {
        return name.to_owned();
    }
    let words: Vec<String> = split_words(name)
        .into_iter()
        .map(|word| word.chars().filter(char::is_ascii_alphanumeric).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    let joined = words.join("_");
    if plain(&joined) {
        joined
    } else if !joined.is_empty() && plain(&format!("{joined}_rows")) {
        format!("{joined}_rows")
    } else {
        "source_rows".to_owned()
    }
}

/// Whether the word needs quotes in `dialect`. Only SQL Server reserves `public`, which elsewhere is everybody's schema.
fn is_reserved_in(dialect: Dialect, name: &str) -> bool {
    is_reserved(name) && (dialect == Dialect::Tsql || !name.eq_ignore_ascii_case("public"))
}

/// Whether some dialect reserves the word, or the parser treats it specially.
fn is_reserved(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    RESERVED.binary_search(&upper.as_str()).is_ok()
}

/// Reserved in at least one of the dialects (or special to the parser), sorted.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ABORT", "ACCESSIBLE", "ACTION", "ADD", "AFTER", "ALL", "ALTER", "ALWAYS", "ANALYSE", "ANALYZE", "AND", "ANTI", "ANY",
    "ARRAY", "AS", "ASC", "ASENSITIVE", "ASOF", "ASSERT_ROWS_MODIFIED", "ASYMMETRIC", "AT", "ATTACH", "AUTHORIZATION",
    "AUTOINCREMENT", "BACKUP", "BEFORE", "BEGIN", "BETWEEN", "BIGINT", "BINARY", "BLOB", "BOTH", "BOX", "BREAK", "BROWSE",
    "BULK", "BY", "CALL", "CASCADE", "CASE", "CAST", "CEIL", "CHANGE", "CHAR", "CHARACTER", "CHECK", "CHECKPOINT", "CIRCLE",
    "CLOSE", "CLUSTER", "CLUSTERED", "COALESCE", "COLLATE", "COLLATION", "COLUMN", "COMMIT", "COMPUTE", "CONCURRENTLY",
    "CONDITION", "CONFLICT", "CONNECT", "CONSTRAINT", "CONTAINS", "CONTAINSTABLE", "CONTINUE", "CONVERT", "CREATE", "CROSS",
    "CUBE", "CUME_DIST", "CURRENT", "CURRENT_CATALOG", "CURRENT_DATE", "CURRENT_ROLE", "CURRENT_SCHEMA", "CURRENT_TIME",
    "CURRENT_TIMESTAMP", "CURRENT_USER", "CURSOR", "DATABASE", "DATABASES", "DAY_HOUR", "DAY_MICROSECOND", "DAY_MINUTE",
    "DAY_SECOND", "DBCC", "DEALLOCATE", "DEC", "DECIMAL", "DECLARE", "DEFAULT", "DEFERRABLE", "DEFERRED", "DEFINE", "DELAYED",
    "DELETE", "DENSE_RANK", "DENY", "DESC", "DESCRIBE", "DETACH", "DETERMINISTIC", "DISK", "DISTINCT", "DISTINCTROW",
    "DISTRIBUTE", "DISTRIBUTED", "DIV", "DO", "DOUBLE", "DROP", "DUAL", "DUMP", "EACH", "ELSE", "ELSEIF", "EMPTY", "ENCLOSED",
    "END", "ENUM", "ERRLVL", "ESCAPE", "ESCAPED", "EXCEPT", "EXCLUDE", "EXCLUSIVE", "EXEC", "EXECUTE", "EXISTS", "EXIT",
    "EXPLAIN", "EXTERNAL", "EXTRACT", "FAIL", "FALSE", "FETCH", "FILE", "FILLFACTOR", "FILTER", "FIRST_VALUE", "FLOAT",
    "FLOAT4", "FLOAT8", "FLOOR", "FOLLOWING", "FOR", "FORCE", "FOREIGN", "FORMAT", "FREETEXT", "FREETEXTTABLE", "FREEZE",
    "FROM", "FULL", "FULLTEXT", "FUNCTION", "GENERATED", "GET", "GLOB", "GLOBAL", "GOTO", "GRANT", "GROUP", "GROUPING",
    "GROUPS", "HASH", "HAVING", "HIGH_PRIORITY", "HOLDLOCK", "HOUR_MICROSECOND", "HOUR_MINUTE", "HOUR_SECOND", "IDENTITY",
    "IDENTITYCOL", "IDENTITY_INSERT", "IF", "IGNORE", "ILIKE", "IMMEDIATE", "IN", "INDEX", "INDEXED", "INFILE", "INITIALLY",
    "INNER", "INOUT", "INSENSITIVE", "INSERT", "INSTEAD", "INT", "INT1", "INT2", "INT3", "INT4", "INT8", "INTEGER", "INTERSECT",
    "INTERVAL", "INTO", "IO_AFTER_GTIDS", "IO_BEFORE_GTIDS", "IS", "ISNULL", "ITERATE", "JOIN", "JSON_TABLE", "KEY", "KEYS",
    "KILL", "LAG", "LAMBDA", "LAST_VALUE", "LATERAL", "LEAD", "LEADING", "LEAVE", "LEFT", "LIKE", "LIMIT", "LINE", "LINEAR",
    "LINENO", "LINES", "LOAD", "LOCALTIME", "LOCALTIMESTAMP", "LOCK", "LONG", "LONGBLOB", "LONGTEXT", "LOOKUP", "LOOP",
    "LOW_PRIORITY", "LSEG", "MAP", "MATCH", "MATCH_CONDITION", "MATCH_RECOGNIZE", "MATERIALIZED", "MAXVALUE", "MEDIUMBLOB",
    "MEDIUMINT", "MEDIUMTEXT", "MERGE", "MIDDLEINT", "MINUS", "MINUTE_MICROSECOND", "MINUTE_SECOND", "MOD", "MODIFIES",
    "NATIONAL", "NATURAL", "NCHAR", "NEW", "NO", "NOCHECK", "NONCLUSTERED", "NONE", "NOT", "NOTHING", "NOTNULL",
    "NO_WRITE_TO_BINLOG", "NTH_VALUE", "NTILE", "NULL", "NULLIF", "NULLS", "NUMERIC", "OF", "OFF", "OFFSET", "OFFSETS", "ON",
    "ONLY", "OPEN", "OPENDATASOURCE", "OPENQUERY", "OPENROWSET", "OPENXML", "OPTIMIZE", "OPTIMIZER_COSTS", "OPTION",
    "OPTIONALLY", "OR", "ORDER", "OTHERS", "OUT", "OUTER", "OUTFILE", "OUTPUT", "OVER", "OVERLAPS", "OVERLAY", "PARTITION",
    "PATH", "PERCENT", "PERCENT_RANK", "PIVOT", "PLACING", "PLAN", "POINT", "POLYGON", "POSITION", "PRAGMA", "PRECEDING",
    "PRECISION", "PREWHERE", "PRIMARY", "PRINT", "PRIOR", "PROC", "PROCEDURE", "PROTO", "PUBLIC", "PURGE", "QUALIFY", "QUERY",
    "RAISE", "RAISERROR", "RANGE", "RANK", "READ", "READS", "READTEXT", "READ_WRITE", "REAL", "RECONFIGURE", "RECURSIVE",
    "REFERENCES", "REGEXP", "REINDEX", "RELEASE", "RENAME", "REPEAT", "REPLACE", "REPLICATION", "REQUIRE", "RESIGNAL",
    "RESPECT", "RESTORE", "RESTRICT", "RETURN", "RETURNING", "REVERT", "REVOKE", "RIGHT", "RLIKE", "ROLLBACK", "ROLLUP", "ROW",
    "ROWCOUNT", "ROWGUIDCOL", "ROWS", "ROW_NUMBER", "RULE", "SAFE_CAST", "SAMPLE", "SAVE", "SAVEPOINT", "SCHEMA", "SCHEMAS",
    "SECOND_MICROSECOND", "SECURITYAUDIT", "SELECT", "SEMANTICKEYPHRASETABLE", "SEMI", "SENSITIVE", "SEPARATOR", "SESSION_USER",
    "SET", "SETTINGS", "SETUSER", "SHOW", "SHUTDOWN", "SIGNAL", "SIMILAR", "SMALLINT", "SOME", "SORT", "SPATIAL", "SPECIFIC",
    "SQL", "SQLEXCEPTION", "SQLSTATE", "SQLWARNING", "SQL_BIG_RESULT", "SQL_CALC_FOUND_ROWS", "SQL_SMALL_RESULT", "SSL",
    "START", "STARTING", "STATISTICS", "STORED", "STRAIGHT_JOIN", "STRUCT", "SUBSTR", "SUBSTRING", "SYMMETRIC", "SYSTEM",
    "SYSTEM_USER", "TABLE", "TABLESAMPLE", "TEMP", "TEMPORARY", "TERMINATED", "TEXTSIZE", "THEN", "TINYBLOB", "TINYINT",
    "TINYTEXT", "TO", "TOP", "TRAILING", "TRAN", "TRANSACTION", "TREAT", "TRIGGER", "TRIM", "TRUE", "TRUNCATE", "TRY_CAST",
    "TRY_CONVERT", "TSEQUAL", "UNBOUNDED", "UNDO", "UNION", "UNIQUE", "UNLOCK", "UNNEST", "UNPIVOT", "UNSIGNED", "UPDATE",
    "UPDATETEXT", "USAGE", "USE", "USER", "USING", "UTC_DATE", "UTC_TIME", "UTC_TIMESTAMP", "VACUUM", "VALUES", "VARBINARY",
    "VARCHAR", "VARCHARACTER", "VARIADIC", "VARYING", "VERBOSE", "VIEW", "VIRTUAL", "WAITFOR", "WHEN", "WHERE", "WHILE",
    "WINDOW", "WITH", "WITHIN", "WITHOUT", "WRITE", "WRITETEXT", "XOR", "YEAR_MONTH", "ZEROFILL",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_search_finds() {
        assert!(RESERVED.is_sorted());
        assert!(is_reserved("order") && !is_reserved("orders"));
    }

    #[test]
    fn names_are_quoted_when_needed_only() {
        let print = |dialect, name| ident(dialect, name).to_string();
        assert_eq!(print(Dialect::Sqlite, "OrderID"), "OrderID");
        assert_eq!(print(Dialect::Postgres, "OrderID"), "\"OrderID\"");
        assert_eq!(print(Dialect::Tsql, "order"), "[order]");
        assert_eq!(print(Dialect::Tsql, "a]b"), "[a]]b]");
        assert_eq!(print(Dialect::Mysql, "größe (cm)"), "`größe (cm)`");
        assert_eq!(print(Dialect::Sqlite, "a\"\" \\\"b"), "\"a\"\"\"\" \\\"\"b\"");
        assert_eq!(alias_of("Order Details"), "order_details");
        assert_eq!(alias_of("group"), "group_rows");
        assert_eq!(alias_of("日本"), "source_rows");
    }
}
