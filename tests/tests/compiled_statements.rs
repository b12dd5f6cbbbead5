//! What the query compiler writes, the guard lets through: the manager queries in every dialect.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use leo::Dialect;
use leo::catalog::Catalog;
use leo::query::{Calendar, CompileOptions, SemanticQuery, compile, inline_params};
use leo::settings::GuardLimits;
use leo_tests::guard::check_compiled;

#[tokio::test]
async fn the_guard_passes_compiled_statements_in_every_dialect() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/manager_queries.jsonl");
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let catalog = leo::Leo::open(&info.path).unwrap().catalog(None).await.unwrap();
    let now = info.as_of.at(12, 0, 0, 0).in_tz("Europe/Berlin").unwrap();
    let settings = GuardLimits::default();

    let mut checked = 0;
    for line in std::fs::read_to_string(data).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let query: SemanticQuery = serde_json::from_value(row["query"].clone()).unwrap();
        for dialect in Dialect::ALL {
            let mut catalog = Catalog::clone(&catalog);
            catalog.dialect = *dialect;
            catalog.reindex();
            let options = CompileOptions { dialect: *dialect, now: now.clone(), calendar: Calendar { fiscal_year_start: 4 } };
            let compiled = compile(&query, &catalog, &options).unwrap_or_else(|error| panic!("{} {dialect}: {error}", row["id"]));
            let vetting = check_compiled(&catalog, &compiled.sql, &compiled.params, &settings);
            assert!(vetting.vetted.is_some(), "{} {dialect}: {:?}\n{}", row["id"], vetting.findings, compiled.sql);
            // What is shown to be copied is a statement as well.
            let shown = inline_params(*dialect, &compiled.sql, &compiled.params).unwrap();
            let vetting = check_compiled(&catalog, &shown, &[], &settings);
            assert!(vetting.vetted.is_some(), "{} {dialect}: {:?}\n{shown}", row["id"], vetting.findings);
            checked += 1;
        }
    }
    assert_eq!(checked, 40 * Dialect::ALL.len());
}
