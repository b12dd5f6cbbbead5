//! Any text in any dialect: the guard answers without a panic, and what it sends it would let through again.
#![no_main]

use std::sync::LazyLock;

use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::finding::Verdict;
use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo::{Context, Dialect, Value};
use libfuzzer_sys::fuzz_target;

static CATALOGS: LazyLock<Vec<Catalog>> = LazyLock::new(|| {
    let ddl = include_str!("../../tests/guard/schema.sql");
    let catalog = |dialect: &Dialect| {
        let ddl = match dialect {
            Dialect::Bigquery => {
                ddl.replace("CREATE TABLE ", "CREATE TABLE shop.main.").replace("CREATE VIEW ", "CREATE VIEW shop.main.")
            }
            _ => ddl.to_owned(),
        };
        Catalog::from_ddl(*dialect, &ddl).expect("the schema is valid")
    };
    Dialect::ALL.iter().map(catalog).collect()
});

fn check(catalog: &Catalog, access: &Access, sql: &str, params: &[Value]) -> Vetting {
    let ctx = Context::new("tenant", "user").expect("valid names");
    let settings = GuardLimits::default();
    vet(&Request { ctx: &ctx, source: "shop", catalog, access, settings: &settings, sql, params, purpose: Purpose::Sql })
}

fuzz_target!(|data: &[u8]| {
    // The first byte chooses dialect and policy, so that seeds may begin with a letter for each.
    let Some((&choice, text)) = data.split_first() else { return };
    let Ok(sql) = std::str::from_utf8(text) else { return };
    let choice = usize::from(choice);
    let catalog = &CATALOGS[choice % CATALOGS.len()];
    let mut access = Access::full();
    if choice >= 64 && choice % 2 == 0 {
        let policy = leo::adapter::TablePolicy { row_filter: Some("status = 'paid'".to_owned()), ..Default::default() };
        access.tables.insert("orders".to_owned(), policy);
    }
    let Some(vetted) = check(catalog, &access, sql, &[]).vetted else { return };
    // What is sent was rewritten already: it is read as a statement that somebody else wrote. Expanded views may be past a limit.
    let again = check(catalog, &Access::full(), vetted.sql(), vetted.params());
    assert!(again.verdict < Verdict::Block, "let through: {sql}\nsent: {}\nrefused: {:?}", vetted.sql(), again.findings);
});
