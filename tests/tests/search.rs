//! `Leo::search`: words of people find names of databases, and only those the user may see.

use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Action, Authorizer};
use leo::ask::planner::{Knowledge, Synonym, SynonymTarget};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::catalog::{Hit, Place, TableName};
use leo::context::HostContext;
use leo::source::sqlite::SqliteSource;
use leo::sync::SyncOptions;
use leo::{Context, Error, ErrorKind, Leo, Result};

const SCHEMA: &str = "
CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT, country TEXT);
CREATE TABLE salaries (employee_id INTEGER, pay REAL);
CREATE TABLE crm_ord_hist (cust_nm TEXT, ord_dt TEXT);
";

/// Members see no salaries, guests may not look at all.
#[derive(Debug)]
struct Roles;

#[async_trait]
impl Authorizer for Roles {
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access> {
        let is = |role: &str| ctx.roles.iter().any(|own| own == role);
        if is("guest") && request.action == Action::Browse {
            return Err(Error::denied("guests may not browse"));
        }
        let deny_tables = if is("member") { vec!["salaries".into()] } else { Vec::new() };
        Ok(Access { deny_tables, ..Access::full() })
    }
}

async fn leo() -> Leo {
    let synonym = |words: &str, target| Synonym { words: words.into(), target };
    let knowledge = Knowledge {
        synonyms: vec![
            synonym("Kundschaft", SynonymTarget::Table(TableName::bare("customers"))),
            synonym("remuneration", SynonymTarget::Column { table: TableName::bare("salaries"), column: "PAY".into() }),
            synonym("nothing", SynonymTarget::Table(TableName::bare("no_such_table"))),
        ],
        ..Knowledge::default()
    };
    let source = Source::new(SqliteSource::from_sql("shop", SCHEMA).unwrap()).knowledge(knowledge);
    let leo = Leo::builder().source(source).authorizer(Arc::new(Roles)).audit(Arc::new(MemorySink::default())).build().unwrap();
    user(&leo, "owner").sync(None, &SyncOptions::default(), &|_| {}).await.unwrap();
    leo
}

fn user(leo: &Leo, role: &str) -> Leo {
    leo.for_user(Context::new("acme", role).unwrap().with_roles([role]))
}

fn name(hit: &Hit) -> String {
    match &hit.column {
        Some(column) => format!("{}.{column}", hit.table.as_ref().unwrap()),
        None => hit.table.as_ref().unwrap().to_string(),
    }
}

#[tokio::test]
async fn words_synonyms_and_abbreviations_find() {
    let leo = user(&leo().await, "owner");
    for (words, first, place) in [
        ("Customers", "customers", Place::Name),
        ("name of the customer", "crm_ord_hist.cust_nm", Place::Name),
        ("full name", "customers.full_name", Place::Name),
        ("clients", "customers", Place::Synonym),
        ("kundschaft", "customers", Place::Synonym),
        ("remuneration", "salaries.pay", Place::Synonym),
        ("order date", "crm_ord_hist.ord_dt", Place::Name),
        ("contry", "customers.country", Place::Spelling),
    ] {
        let hits = leo.search(words, None, 5).await.unwrap();
        let found = hits.first().map(|hit| (name(hit), hit.place));
        assert_eq!(found, Some((first.to_owned(), place)), "{words}: {hits:?}");
        assert_eq!(hits, leo.search(words, Some("shop"), 5).await.unwrap());
    }
    assert!(leo.search("nothing", None, 5).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_what_the_user_may_see_is_found() {
    let leo = leo().await;
    let member = user(&leo, "member");
    for words in ["salaries", "pay", "remuneration", "employee", "salarie"] {
        assert!(!user(&leo, "owner").search(words, None, 5).await.unwrap().is_empty(), "{words}");
        assert_eq!(member.search(words, None, 5).await.unwrap(), [], "{words}");
    }
    assert_eq!(member.search("customers", None, 1).await.unwrap().len(), 1);
    assert_eq!(user(&leo, "guest").search("customers", None, 1).await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(member.search("customers", Some("other"), 1).await.unwrap_err().kind(), ErrorKind::NotFound);
}
