//! Several statements at once, and none any more.

use futures::future::join_all;
use leo::ErrorKind;
use leo::gate::IntrospectOptions;

use super::{Asked, Fixture, Outcome, ctx, ensure, said, same};

pub(super) async fn statements_run_side_by_side(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let one = async |number: u32| {
        let sql = format!("SELECT count(*) AS n, {number} + 0 AS given FROM readings WHERE id <= {number}");
        let table = asked.table(&sql).await.map_err(said)?;
        same((table.value(0, 0).to_string(), table.value(0, 1).to_string()), (number.to_string(), number.to_string()))
    };
    join_all((1..=40).map(one)).await.into_iter().collect()
}

pub(super) async fn connections_are_used_again(fixture: &dyn Fixture) -> Outcome {
    let asked = Asked::of(fixture).await?;
    let before = fixture.connections();
    for _ in 0..20 {
        asked.table("SELECT count(*) AS n FROM customers").await.map_err(said)?;
    }
    let (after, health) = (fixture.connections(), asked.connector.health());
    ensure(after <= before && health.connections <= 2, || format!("{before} connections became {after}; {health:?}"))
}

pub(super) async fn a_closed_source_says_so(fixture: &dyn Fixture) -> Outcome {
    let connector = fixture.connect().await.map_err(said)?;
    connector.close().await.map_err(said)?;
    let error = connector.introspect(&ctx(), IntrospectOptions::default()).await.map(drop).err().ok_or("it is open")?;
    same(error.kind(), ErrorKind::Closed)
}
