//! Whether the tables that a question needs are among those that were found for it.

use std::collections::BTreeSet;

use super::database::Database;
use super::judge::Runner;
use super::suite::Turn;

/// Tables that count, of those that were found.
pub(super) const FIRST: usize = 10;

/// Share of the needed tables among the first ten that were found, best first. Of several references the one that was found best counts. Nothing where
/// it is not known what is needed.
pub(super) async fn recall(runner: &dyn Runner, database: &Database, turn: &Turn, found: &[String]) -> Option<f64> {
    if let Some(tables) = &turn.tables {
        return share(tables, found);
    }
    let mut best = None;
    for statement in &turn.gold {
        let tables = runner.tables(database, statement).await;
        best = best.into_iter().chain(share(&tables, found)).max_by(f64::total_cmp);
    }
    best
}

fn share(needed: &[String], found: &[String]) -> Option<f64> {
    let needed: BTreeSet<String> = needed.iter().map(|table| table.to_lowercase()).collect();
    let found: Vec<String> = found.iter().take(FIRST).map(|table| table.to_lowercase()).collect();
    let there = needed.iter().filter(|table| found.iter().any(|other| is_same(table, other))).count();
    (!needed.is_empty()).then(|| there as f64 / needed.len() as f64)
}

/// Whether two names, of which one may be without its schema, are a table's.
fn is_same(one: &str, other: &str) -> bool {
    let within = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|schema| schema.ends_with('.'));
    one == other || within(one, other) || within(other, one)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_compared_with_or_without_their_schema() {
        assert_eq!(share(&names(&["Crates", "main.stock"]), &names(&["main.crates", "STOCK"])), Some(1.0));
        assert_eq!(share(&names(&["a", "b"]), &names(&["x.a", "y.bb"])), Some(0.5));
        assert_eq!(share(&names(&["x.a"]), &names(&["y.a"])), Some(0.0));
        assert_eq!(share(&[], &names(&["a"])), None);
    }

    #[test]
    fn the_eleventh_is_not_found() {
        let mut found: Vec<String> = (0..FIRST).map(|at| format!("t{at}")).collect();
        found.push("late".into());
        assert_eq!(share(&names(&["t9", "late"]), &found), Some(0.5));
    }
}
