//! What goes wrong in a statement.

use leo::ErrorKind;

use super::{Asked, Fixture, Outcome, ensure, said, same};

pub(super) async fn what_the_engine_refuses_is_rejected(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let (sql, word) = fixture.refused();
    let error = asked.table(sql).await.map(drop).err().ok_or("it ran")?;
    ensure(error.findings().is_empty(), || format!("the guard refused it already: {error:?}"))?;
    same(error.kind(), ErrorKind::Rejected)?;
    ensure(error.message().contains(word), || said(error))?;
    same(asked.table("SELECT id FROM customers").await.map_err(said)?.num_rows(), 3)
}

pub(super) async fn values_of_rows_stay_out_of_errors(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let error = asked.table(fixture.failing()).await.map(drop).err().ok_or("it ran")?;
    let told = format!("{error:?} {error}");
    ensure(matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Malformed) && !told.contains("late"), || told.clone())?;
    same(asked.table("SELECT id FROM customers").await.map_err(said)?.num_rows(), 3)
}

pub(super) async fn another_sources_statement_is_refused(fixture: &dyn Fixture) -> Outcome {
    let (mut asked, other) = (Asked::of(fixture).await?, leo::source::sqlite::SqliteSource::from_sql("other", "").map_err(said)?);
    let (cleared, _) = asked.clear(&super::ctx(), "SELECT id FROM customers", &[]).await.map_err(said)?;
    asked.connector = std::sync::Arc::new(other);
    let error = asked.connector.query(&super::ctx(), &cleared, Default::default()).await.map(drop).err().ok_or("it ran")?;
    same(error.kind(), ErrorKind::Denied)
}
