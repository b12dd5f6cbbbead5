//! Values as they are in the database.

use super::{Asked, Fixture, Outcome, ask, ensure, said, same};

pub(super) async fn numbers_keep_every_digit(fixture: &dyn Fixture) -> Outcome {
    let found = ask(fixture, "SELECT small, whole, wide, ratio FROM readings WHERE id = 9999").await?;
    same(found, vec![vec!["99".to_owned(), "9999000".into(), "9999000000000".into(), "2499.75".into()]])?;
    let found = ask(fixture, "SELECT sum(wide) AS s, min(small) AS a, max(ratio) AS b FROM readings").await?;
    let row = found.first().ok_or("no row")?;
    ensure(row[0].starts_with("50005000000000000") && row[1] == "0" && row[2].starts_with("2500"), || format!("{row:?}"))
}

pub(super) async fn days_and_moments_come_back(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let table = asked
        .table("SELECT c.born, o.placed FROM customers c LEFT JOIN orders o ON o.id = c.id ORDER BY c.id")
        .await
        .map_err(said)?;
    let types: Vec<String> = table.schema().fields().iter().map(|field| field.data_type().to_string()).collect();
    ensure(types[0] == "Date32" && types[1].starts_with("Timestamp(µs"), || format!("{types:?}"))?;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, TimestampMicrosecondType};
    let batch = table.batches().first().ok_or("no batch")?;
    let (days, moments) =
        (batch.column(0).as_primitive::<Date32Type>(), batch.column(1).as_primitive::<TimestampMicrosecondType>());
    same((days.value(0), days.is_null(1), days.value(2)), (7_306, true, -1))?;
    same((moments.value(0), moments.value(1), moments.is_null(2)), (1_709_251_199_000_000, 1_711_852_200_000_000, true))
}

pub(super) async fn exact_decimals_stay_exact(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let table = asked.table("SELECT total FROM orders ORDER BY id").await.map_err(said)?;
    same(table.schema().field(0).data_type().to_string(), "Decimal128(12, 2)".to_owned())?;
    use arrow_array::cast::AsArray;
    use arrow_array::types::Decimal128Type;
    let batch = table.batches().first().ok_or("no batch")?;
    let totals = batch.column(0).as_primitive::<Decimal128Type>();
    same(totals.values().to_vec(), vec![9_950, 25_000, 1])?;
    let table = asked.table("SELECT sum(total) AS s FROM orders").await.map_err(said)?;
    ensure(table.schema().field(0).data_type().to_string().starts_with("Decimal128"), || table.schema().to_string())
}
