//! The tables of the policy property and their rows: few, with NULLs, duplicates, numbers as text, text as numbers.

use leo::Value;

use crate::generate::rng::Rng;

/// What the values of a column are, for whoever writes expressions over it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Whole numbers.
    Int,
    /// Numbers.
    Real,
    /// Text.
    Text,
    /// JSON as text, one of them malformed.
    Json,
}

/// A column: name, declared type, kind.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSpec {
    /// Name.
    pub name: &'static str,
    /// Declared type with collation.
    pub declared: &'static str,
    /// What is in it.
    pub kind: Kind,
}

/// A table.
#[derive(Debug)]
pub struct TableSpec {
    /// Name.
    pub name: &'static str,
    /// Columns in order.
    pub columns: &'static [ColumnSpec],
    /// What follows the columns in `CREATE TABLE`: keys and `WITHOUT ROWID`.
    pub keys: (&'static str, &'static str),
    /// The column that is different in every row.
    pub unique: Option<&'static str>,
}

const fn column(name: &'static str, declared: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec { name, declared, kind }
}

/// The tables.
pub const TABLES: &[TableSpec] = &[
    TableSpec {
        name: "people",
        columns: &[
            column("id", "INTEGER", Kind::Int),
            column("name", "TEXT", Kind::Text),
            column("mail", "TEXT", Kind::Text),
            column("tag", "TEXT COLLATE NOCASE", Kind::Text),
            column("age", "INTEGER", Kind::Int),
            column("score", "REAL", Kind::Real),
            column("boss", "INTEGER", Kind::Int),
            column("team", "INTEGER", Kind::Int),
            column("region", "TEXT", Kind::Text),
            column("doc", "TEXT", Kind::Json),
            column("secret", "TEXT", Kind::Text),
            column("pin", "INT", Kind::Int),
        ],
        keys: (", PRIMARY KEY (id)", ""),
        unique: Some("id"),
    },
    TableSpec {
        name: "teams",
        columns: &[
            column("team", "INTEGER", Kind::Int),
            column("title", "VARCHAR(20)", Kind::Text),
            column("region", "TEXT", Kind::Text),
            column("budget", "NUMERIC(10, 2)", Kind::Real),
            column("code", "", Kind::Text),
        ],
        keys: (", PRIMARY KEY (team)", ""),
        unique: Some("team"),
    },
    TableSpec {
        name: "orders",
        columns: &[
            column("nr", "INT", Kind::Int),
            column("id", "INTEGER", Kind::Int),
            column("amount", "REAL", Kind::Real),
            column("note", "TEXT", Kind::Text),
            column("day", "DATE", Kind::Text),
            column("state", "TEXT", Kind::Text),
        ],
        keys: (", PRIMARY KEY (nr)", " WITHOUT ROWID"),
        unique: Some("nr"),
    },
    TableSpec {
        name: "notes",
        columns: &[
            column("id", "INTEGER", Kind::Int),
            column("body", "TEXT", Kind::Text),
            column("stars", "INTEGER", Kind::Int),
            column("day", "TEXT", Kind::Text),
        ],
        keys: ("", ""),
        unique: None,
    },
    TableSpec {
        name: "Odd Name",
        columns: &[
            column("key", "INTEGER", Kind::Int),
            column("a b", "TEXT", Kind::Text),
            column("select", "INTEGER", Kind::Int),
            column("Größe", "REAL", Kind::Real),
        ],
        keys: (", PRIMARY KEY (key)", ""),
        unique: Some("key"),
    },
];

/// Indexes on columns that policies do not hide, by table.
pub const INDEXES: &[(&str, &[&str])] = &[
    ("people", &["name", "age", "region, name", "mail", "tag"]),
    ("teams", &["title", "budget"]),
    ("orders", &["state", "amount"]),
    ("notes", &["stars", "body"]),
];

/// A view: name, definition, columns with their kinds.
#[derive(Debug)]
pub struct ViewSpec {
    /// Name.
    pub name: &'static str,
    /// Names given in `CREATE VIEW`, when there are some.
    pub given: &'static str,
    /// Its query.
    pub query: &'static str,
    /// Its columns.
    pub columns: &'static [(&'static str, Kind)],
    /// Columns of tables it reads, as `table.column`.
    pub reads: &'static [&'static str],
}

/// The views, each after the ones it reads.
pub const VIEWS: &[ViewSpec] = &[
    ViewSpec {
        name: "staff",
        given: "",
        query: "SELECT id, name, mail, age, region, team FROM people",
        columns: &[
            ("id", Kind::Int),
            ("name", Kind::Text),
            ("mail", Kind::Text),
            ("age", Kind::Int),
            ("region", Kind::Text),
            ("team", Kind::Int),
        ],
        reads: &["people.id", "people.name", "people.mail", "people.age", "people.region", "people.team"],
    },
    ViewSpec {
        name: "sales",
        given: " (who, amount, state)",
        query: "SELECT p.name, o.amount, o.state FROM orders o LEFT JOIN people p ON p.id = o.id",
        columns: &[("who", Kind::Text), ("amount", Kind::Real), ("state", Kind::Text)],
        reads: &["people.id", "people.name", "orders.id", "orders.amount", "orders.state"],
    },
    ViewSpec {
        name: "totals",
        given: "",
        query: "SELECT who, sum(amount) AS total, count(*) AS n FROM sales GROUP BY who",
        columns: &[("who", Kind::Text), ("total", Kind::Real), ("n", Kind::Int)],
        reads: &["people.id", "people.name", "orders.id", "orders.amount", "orders.state"],
    },
    ViewSpec {
        name: "busy",
        given: "",
        query: "WITH people (k, n) AS (SELECT id, count(*) FROM notes GROUP BY id) SELECT k AS id, n, t.title FROM people \
                LEFT JOIN teams t ON t.team = k WHERE k IS NOT NULL UNION ALL SELECT team, 0, 'none' FROM teams",
        columns: &[("id", Kind::Int), ("n", Kind::Int), ("title", Kind::Text)],
        reads: &["notes.id", "teams.team", "teams.title"],
    },
];

/// Words of the text columns.
pub const WORDS: &[&str] = &[
    "Ada Lovelace",
    "ada@example.org",
    "bo@example.org",
    "Bo",
    "bo",
    "BO",
    "10",
    "9",
    "-3",
    "1e2",
    "007",
    " 7",
    "7",
    "äöÜ ñ",
    "",
    "a%b_c",
    "O'Neil",
    "[REDACTED]",
    "****lace",
    "Grace Hopper",
    "north",
    "x",
];
/// Regions, which policies filter by.
pub const REGIONS: &[&str] = &["north", "south", "west", "North"];
/// States of orders.
pub const STATES: &[&str] = &["paid", "open", "void"];
/// Documents; the last is not JSON.
pub const DOCUMENTS: &[&str] = &[r#"{"a":1,"b":[1,2,3]}"#, r#"[1,"x",null]"#, r#"{"a":"7","c":{"d":2.5}}"#, "bad {"];

/// Rows of `table`, made from `rng`.
pub fn rows(table: &TableSpec, rng: &mut Rng) -> Vec<Vec<Value>> {
    let count = 5 + rng.below(8);
    (0..count).map(|at| table.columns.iter().map(|column| value(table, column, at, rng)).collect()).collect()
}

fn value(table: &TableSpec, column: &ColumnSpec, at: usize, rng: &mut Rng) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    if table.unique == Some(column.name) {
        return Value::Int(at as i64 + 1);
    }
    if rng.chance(15) {
        return Value::Null;
    }
    match (column.name, column.kind) {
        ("region", _) => text(rng.pick(REGIONS)),
        ("state", _) => text(rng.pick(STATES)),
        ("day", _) => Value::Text(format!("2024-0{}-{:02}", 1 + rng.below(3), 1 + rng.below(4))),
        ("code", _) if rng.chance(50) => Value::Int(rng.below(12) as i64 - 3),
        ("id" | "boss" | "team" | "stars", _) => Value::Int(rng.below(10) as i64),
        (_, Kind::Int) => Value::Int(rng.pick(&[7, 7, 0, -1, 18, 30, 42, 99])),
        (_, Kind::Real) => Value::Float(rng.below(200) as f64 / 4.0 - 10.0),
        (_, Kind::Text) => text(rng.pick(WORDS)),
        (_, Kind::Json) => text(DOCUMENTS[if rng.chance(10) { 3 } else { rng.below(3) }]),
    }
}
