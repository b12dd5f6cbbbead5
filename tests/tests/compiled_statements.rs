//! What the query compiler writes, the guard lets through: the manager queries in every dialect.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::guard::{Purpose, Request, vet};
use leo::query::{Calendar, CompileOptions, SemanticQuery, compile, inline_params};
use leo::settings::GuardLimits;
use leo::{Context, Dialect};

#[tokio::test]
async fn the_guard_passes_compiled_statements_in_every_dialect() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/manager_queries.jsonl");
    let folder = tempfile::tempdir().unwrap();
    let info = leo::sample::create(folder.path().join("company.db")).unwrap();
    let catalog = leo::Leo::open(&info.path).unwrap().catalog(None).await.unwrap();
    let ctx = Context::new("tests", "tests").unwrap();
    let now = info.as_of.at(12, 0, 0, 0).in_tz("Europe/Berlin").unwrap();
    let (access, settings) = (Access::full(), GuardLimits::default());

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
            let request = Request {
                ctx: &ctx,
                source: "sample",
                catalog: &catalog,
                access: &access,
                settings: &settings,
                sql: &compiled.sql,
                params: &compiled.params,
                purpose: Purpose::Ask,
            };
            let vetting = vet(&request);
            assert!(vetting.vetted.is_some(), "{} {dialect}: {:?}\n{}", row["id"], vetting.findings, compiled.sql);
            // What is shown to be copied is a statement as well.
            let shown = inline_params(*dialect, &compiled.sql, &compiled.params).unwrap();
            let vetting = vet(&Request { sql: &shown, params: &[], ..request });
            assert!(vetting.vetted.is_some(), "{} {dialect}: {:?}\n{shown}", row["id"], vetting.findings);
            checked += 1;
        }
    }
    assert_eq!(checked, 40 * Dialect::ALL.len());
}
