//! Rows and placeholders.

use leo::Value;

use super::statement::text;
use super::{Asked, Fixture, Outcome, ask, ensure, said, same, with_params};

fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

pub(super) async fn rows_come_back(fixture: &dyn Fixture) -> Outcome {
    let found = ask(fixture, "SELECT id, name, city FROM customers ORDER BY id").await?;
    same(found, rows(&[&["1", "Ann", "Oslo"], &["2", "Bob", "NULL"], &["3", "Zoë 🦀", ""]]))?;
    let found = ask(fixture, "SELECT c.name, count(*) AS orders FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.name ORDER BY c.name").await?;
    same(found, rows(&[&["Ann", "2"], &["Bob", "1"]]))
}

pub(super) async fn placeholders_are_bound(fixture: &dyn Fixture) -> Outcome {
    let mark = fixture_placeholders(fixture).await?;
    let sql =
        format!("SELECT id FROM readings WHERE whole > {} AND label <> {} AND ratio < {} ORDER BY id", mark(1), mark(2), mark(3));
    let found =
        with_params(fixture, &sql, &[Value::Int(9_996_000), Value::from("x'; DROP TABLE readings; --"), Value::Float(2_499.75)])
            .await?;
    same(found, rows(&[&["9997"], &["9998"]]))?;
    let sql = format!("SELECT id FROM orders WHERE note = {} OR total > {} ORDER BY id", mark(1), mark(2));
    let found = with_params(fixture, &sql, &[Value::Text(String::new()), Value::Float(99.75)]).await?;
    same(found, rows(&[&["2"], &["3"]]))?;
    // A number with a fraction against whole numbers, and one too large for the column.
    let sql = format!("SELECT count(*) AS n FROM readings WHERE small > {} AND whole < {}", mark(1), mark(2));
    let found = with_params(fixture, &sql, &[Value::Float(98.5), Value::Int(9_000_000_000)]).await?;
    same(found, rows(&[&["100"]]))?;
    let sql = format!("SELECT count(*) AS n FROM orders WHERE note = {}", mark(1));
    same(with_params(fixture, &sql, &[Value::Null]).await?, rows(&[&["0"]]))
}

/// How the engine writes its placeholders.
async fn fixture_placeholders(fixture: &dyn Fixture) -> Result<impl Fn(usize) -> String, String> {
    let dialect = fixture.connect().await.map_err(said)?.info().dialect;
    Ok(move |number: usize| match dialect {
        leo::Dialect::Postgres | leo::Dialect::Datafusion => format!("${number}"),
        leo::Dialect::Tsql => format!("@p{number}"),
        _ => "?".to_owned(),
    })
}

pub(super) async fn nothing_comes_back_with_its_columns(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let table = asked.table("SELECT id, name FROM customers WHERE id = 99").await.map_err(said)?;
    same((table.num_rows(), table.num_columns(), table.column_name(1)), (0, 2, "name"))
}

pub(super) async fn many_columns(fixture: &dyn Fixture) -> Outcome {
    let columns: Vec<String> = (0..200).map(|index| format!("id + {index} AS c{index}")).collect();
    let found = ask(fixture, &format!("SELECT {} FROM customers WHERE id = 1", columns.join(", "))).await?;
    let row = found.first().ok_or("no row")?;
    same((row.len(), row.first().map(String::as_str), row.last().map(String::as_str)), (200, Some("1"), Some("200")))
}

pub(super) async fn text_of_every_kind(fixture: &dyn Fixture) -> Outcome {
    let mark = fixture_placeholders(fixture).await?;
    for given in [
        "",
        " ",
        "'",
        "''",
        "\\",
        "\\'",
        "\"",
        "%_",
        "é",
        "🦀🦀",
        "\u{202e}",
        "line\nbreak\ttab",
        "'; SELECT 1 --",
        "$1 ? @p1",
        "NULL",
    ] {
        let sql = format!("SELECT count(*) AS n FROM customers WHERE id < 3 AND name <> {}", mark(1));
        same(
            with_params(fixture, &sql, &[Value::from(given)]).await.map_err(|why| format!("{given:?}: {why}"))?,
            rows(&[&["2"]]),
        )?;
    }
    let sql = format!("SELECT name FROM customers WHERE name = {}", mark(1));
    same(with_params(fixture, &sql, &[Value::from("Zoë 🦀")]).await?, rows(&[&["Zoë 🦀"]]))
}

pub(super) async fn large_values(fixture: &dyn Fixture) -> Outcome {
    let mark = fixture_placeholders(fixture).await?;
    let large = "x".repeat(1 << 20);
    let sql = format!("SELECT COALESCE(NULLIF({}, ''), name) AS t FROM customers WHERE id = 1", mark(1));
    let found = with_params(fixture, &sql, &[Value::from(large.as_str())]).await?;
    ensure(found == [[large]], || {
        format!("{} rows of {:?} bytes", found.len(), found.first().map(|row| row.first().map(String::len)))
    })
}

pub(super) async fn null_in_every_type(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let sql = "SELECT c.id, c.name, c.born, o.total, o.placed, r.small, r.wide, r.ratio FROM customers c LEFT JOIN orders o ON o.id = c.id + 100 \
               LEFT JOIN readings r ON r.id = -1 WHERE c.id = 2";
    let found = text(&asked.table(sql).await.map_err(said)?);
    same(found, rows(&[&["2", "Bob", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL"]]))
}
