//! Databases of any number of tables, in SQLite and on PostgreSQL, with every third key undeclared.

use std::fmt::Write as _;
use std::path::Path;

use leo::Dialect;
use leo::catalog::{Catalog, Column, LogicalType, Table, TableName};
use leo_benches::random;

const WORDS: [&str; 12] = ["north", "open", "paid", "late", "green", "large", "basic", "old", "east", "closed", "red", "small"];

/// Text that creates the tables. Keys that are not declared are there all the same.
pub fn structure(tables: usize) -> String {
    let text = leo_benches::ddl(tables);
    let mut kept = String::with_capacity(text.len());
    for (number, part) in text.split(" REFERENCES ").enumerate() {
        if number % 3 == 2 {
            let end = part.find(')').map_or(0, |end| end + 1);
            kept.push_str(&part[end..]);
            continue;
        }
        if number > 0 {
            kept.push_str(" REFERENCES ");
        }
        kept.push_str(part);
    }
    kept
}

/// One table with `columns` columns.
pub fn wide(columns: usize) -> String {
    let column = |number| match number % 4 {
        0 => format!("amount_{number} INTEGER"),
        1 => format!("score_{number} REAL"),
        2 => format!("kind_{number} TEXT"),
        _ => format!("day_{number} DATE"),
    };
    let columns: Vec<String> = (1..columns).map(column).collect();
    format!("CREATE TABLE measurements (measurement_id INTEGER PRIMARY KEY, {});", columns.join(", "))
}

/// Every row of the tables of `ddl`, about `rows` in each, as text that separates columns by tabs; `\N` is NULL.
pub fn rows(ddl: &str, rows: usize, mut give: impl FnMut(&Table, &[String])) {
    let keys = Catalog::from_ddl(Dialect::Sqlite, &leo_benches::ddl(ddl.matches("CREATE TABLE").count())).unwrap();
    for table in &Catalog::from_ddl(Dialect::Sqlite, ddl).unwrap().tables {
        // Declared or not.
        let keys = keys.table(&table.name).unwrap_or(table);
        let lines: Vec<String> = (0..rows_of(&table.name, rows)).map(|row| line(keys, row, rows)).collect();
        give(table, &lines);
    }
}

/// Tables are not of the same size.
fn rows_of(table: &TableName, rows: usize) -> usize {
    let seed = table.name.bytes().fold(0, |seed: u64, byte| random(seed ^ u64::from(byte)));
    rows / 5 + (seed % (rows as u64 * 8 / 5)) as usize
}

fn line(table: &Table, row: usize, rows: usize) -> String {
    let mut line = String::new();
    for (at, column) in table.columns.iter().enumerate() {
        let chance = random((row * 1_024 + at) as u64 ^ (table.columns.len() as u64) << 40);
        let key = table.foreign_keys.iter().find(|key| key.columns == [column.name.clone()]);
        if at > 0 {
            line.push('\t');
        }
        let _ = match key {
            _ if table.primary_key.contains(&column.name) => write!(line, "{}", row + 1),
            Some(key) => write!(line, "{}", 1 + chance % rows_of(&key.references, rows) as u64),
            None => value(&mut line, column, row, chance),
        };
    }
    line
}

fn value(line: &mut String, column: &Column, row: usize, chance: u64) -> std::fmt::Result {
    let (month, day) = (chance % 12 + 1, chance / 12 % 28 + 1);
    match column.data_type {
        _ if chance.is_multiple_of(31) && column.nullable => line.write_str("\\N"),
        LogicalType::Integer => write!(line, "{}", chance % 500),
        LogicalType::Decimal | LogicalType::Float => write!(line, "{}.{:02}", chance % 10_000, chance / 10_000 % 100),
        LogicalType::Boolean => write!(line, "{}", chance % 2),
        LogicalType::Date => write!(line, "2024-{month:02}-{day:02}"),
        LogicalType::Timestamp => write!(line, "2024-{month:02}-{day:02} {:02}:{:02}:00", chance / 400 % 24, chance / 9_600 % 60),
        _ if column.name.ends_with("_name") => write!(line, "{} {} {row}", WORDS[chance as usize % 12], column.name),
        _ if column.name.ends_with("mail") => write!(line, "user{}@example.org", chance % 100_000),
        _ => write!(line, "{} {}", WORDS[chance as usize % 12], WORDS[chance as usize / 12 % 12]),
    }
}

pub fn sqlite(path: &Path, ddl: &str, rows: usize) {
    let mut connection = rusqlite::Connection::open(path).unwrap();
    // Tables are filled in the order of their names.
    connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let all = connection.transaction().unwrap();
    all.execute_batch(ddl).unwrap();
    self::rows(ddl, rows, |table, lines| {
        let marks = vec!["?"; table.columns.len()].join(", ");
        let mut insert = all.prepare(&format!("INSERT INTO {} VALUES ({marks})", table.name.name)).unwrap();
        for line in lines {
            let values = line.split('\t').map(|value| (value != "\\N").then_some(value));
            insert.execute(rusqlite::params_from_iter(values)).unwrap();
        }
    });
    all.commit().unwrap();
}

pub fn postgres(server: &leo_tests::postgres::Server, ddl: &str, rows: usize) {
    server.run("shop", ddl);
    let mut script = String::from("SET session_replication_role = replica;\n");
    self::rows(ddl, rows, |table, lines| {
        let name = &table.name.name;
        let _ = writeln!(script, "COPY {name} FROM STDIN;\n{}\n\\.", lines.join("\n"));
        if script.len() > 16 << 20 {
            server.run("shop", &script);
            script.truncate("SET session_replication_role = replica;\n".len());
        }
    });
    server.run("shop", &script);
    server.run("shop", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO plain; VACUUM ANALYZE");
}
