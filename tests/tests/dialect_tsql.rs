//! T-SQL that no engine here can run: queries of every form in it pass the guard, and hold nothing that SQL Server does not know.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use leo::Dialect;
use leo::catalog::Catalog;
use leo::query::{Calendar, CompileOptions, compile};
use leo::settings::GuardLimits;
use leo_tests::guard::check_compiled;
use leo_tests::semantic::{self, Schema, forms};
use leo_tests::transact::faults;

/// The first seed, and how many follow.
const FIRST: u64 = 1_000_000;
const QUERIES: u64 = 1_300;

#[test]
fn the_lint_finds_what_it_is_for() {
    for (sql, fault) in [
        ("SELECT [a] FROM [t] LIMIT 3", "LIMIT"),
        ("SELECT [a] || [b] AS [c] FROM [t]", "||"),
        ("SELECT [a] FROM [t] WHERE [b] = TRUE", "TRUE"),
        ("SELECT [a] > 1 AS [b] FROM [t]", "a condition"),
        ("SELECT CASE WHEN [a] = 1 THEN [b] > 1 END AS [c] FROM [t]", "a condition as a value"),
        ("SELECT a FROM t AS plan", "plan"),
        ("SELECT 'é' AS [a] FROM [t]", "without its N"),
        ("SELECT [a] / [b] AS [c] FROM [t]", "whole numbers"),
        ("SELECT SUM(CASE WHEN [a] IN (SELECT [b] FROM [u]) THEN 1 END) AS [c] FROM [t]", "an aggregate of a query"),
        ("SELECT DISTINCT [a] FROM [t] ORDER BY CASE WHEN [t].[a] IS NULL THEN 1 ELSE 0 END", "DISTINCT ordered by"),
        ("SELECT [a] FROM [t] GROUP BY [a], [a]", "twice"),
        ("SELECT [t].[a] AS [b], [t].[a] AS [c] FROM [t] ORDER BY [b], [c]", "twice"),
        ("SELECT [a] FROM (SELECT [a] FROM [t] ORDER BY [a]) AS [s]", "without TOP"),
        ("SELECT [a] FROM [t] WHERE [a] IS NOT DISTINCT FROM [b]", "DISTINCT FROM"),
        ("SELECT [a] AS b FROM [t] ORDER BY CASE WHEN b IS NULL THEN 1 ELSE 0 END", "alias b"),
    ] {
        assert!(faults(sql).iter().any(|found| found.contains(fault)), "{sql}: {:?}", faults(sql));
    }
    assert_eq!(faults("SELECT TOP (3) [a] FROM [t] WHERE [b] = N'é' ORDER BY [a]"), Vec::<String>::new());
}

#[tokio::test]
async fn queries_of_every_form_are_good_transact_sql() {
    let (_folder, leo) = leo_tests::company::odd().await;
    let known = leo.catalog(None).await.unwrap();
    let mut catalog = Catalog::clone(&known);
    catalog.dialect = Dialect::Tsql;
    catalog.reindex();
    // How large a query may be is another question than how it is written.
    let settings = GuardLimits { max_joins: 100, max_nesting: 30, cross_join_rows: u64::MAX, ..GuardLimits::default() };
    let schema = Schema::of(&known);
    let options = CompileOptions {
        dialect: Dialect::Tsql,
        now: leo::sample::AS_OF.at(12, 0, 0, 0).in_tz("Europe/Berlin").unwrap(),
        calendar: Calendar { fiscal_year_start: 4 },
    };
    let (mut found, mut checked, mut wrong) = (BTreeMap::<&str, usize>::new(), 0, Vec::new());
    // The seeds of the suite that is run come first; these are others.
    let part = |seeds: std::ops::Range<u64>| {
        seeds
            .filter_map(|seed| {
                let query = semantic::query(&schema, seed);
                let compiled = compile(&query, &catalog, &options).ok()?;
                let vetting = check_compiled(&catalog, &compiled.sql, &compiled.params, &settings);
                let mut why = faults(&compiled.sql);
                match &vetting.vetted {
                    None => why.extend(vetting.findings.iter().map(|finding| finding.rule.clone())),
                    Some(vetted) if vetted.sql() != compiled.sql => why.extend(faults(vetted.sql())),
                    Some(_) => {}
                }
                let why = (!why.is_empty()).then(|| format!("seed {seed}: {why:?}\n{}", compiled.sql));
                Some((forms::forms(&query), why))
            })
            .collect::<Vec<_>>()
    };
    let made: Vec<_> = std::thread::scope(|scope| {
        let halves = [FIRST..FIRST + QUERIES / 2, FIRST + QUERIES / 2..FIRST + QUERIES].map(|seeds| scope.spawn(|| part(seeds)));
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    for (forms, why) in made {
        checked += 1;
        forms.into_iter().for_each(|form| *found.entry(form).or_default() += 1);
        wrong.extend(why);
    }
    println!(
        "{checked} queries of {} forms in T-SQL, {} refused by the compiler, {} wrong",
        found.len(),
        QUERIES - checked,
        wrong.len()
    );
    let rare: Vec<_> = forms::ALL.iter().filter(|form| found.get(*form).is_none_or(|count| *count < 20)).collect();
    assert!(rare.is_empty(), "hardly in the suite: {rare:?}");
    assert!(wrong.is_empty(), "{} of {checked}:\n{}", wrong.len(), wrong.join("\n"));
}
