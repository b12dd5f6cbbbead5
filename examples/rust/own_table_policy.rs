//! Two tenants ask one table: each sees their own rows, addresses cut, no amounts for trainees; everything is on record.

use std::sync::Arc;

use async_trait::async_trait;
use leo::adapter::{Access, AccessRequest, Authorizer, TablePolicy};
use leo::audit::MemorySink;
use leo::builder::Source;
use leo::context::{Attribute, HostContext};
use leo::{Context, Error, ErrorKind, Leo, Result};

const ORDERS: &str = "tenant,customer,email,region,amount
acme,Ada Byron,ada@example.com,north,120
acme,Alan Kay,alan@example.com,south,80
globex,Grace Hopper,grace@example.com,north,300
globex,Edsger Dijkstra,edsger@example.com,west,45
";

/// Says for each question what its user may see.
#[derive(Debug)]
struct Rights;

#[async_trait]
impl Authorizer for Rights {
    async fn authorize(&self, ctx: HostContext, _: AccessRequest) -> Result<Access> {
        let is = |role: &str| ctx.roles.iter().any(|own| own == role);
        if !is("member") && !is("trainee") {
            return Err(Error::denied("you are no member here; ask Ada for access"));
        }
        let hidden: &[&str] = if is("trainee") { &["tenant", "amount"] } else { &["tenant"] };
        let orders = TablePolicy {
            row_filter: Some("tenant = :company".to_owned()),
            masks: [("email".to_owned(), "partial".to_owned())].into(),
            deny_columns: hidden.iter().map(|column| (*column).to_owned()).collect(),
            ..TablePolicy::default()
        };
        // Names of their own customers are nothing to keep from them.
        Ok(Access { tables: [("orders".to_owned(), orders)].into(), show_personal_data: Some(true), ..Access::full() })
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir().map_err(|error| Error::unavailable("no folder could be made").with_source(error))?;
    let path = folder.path().join("orders.csv");
    std::fs::write(&path, ORDERS).map_err(|error| Error::unavailable("no file could be written").with_source(error))?;

    let audit = Arc::new(MemorySink::default());
    let source = Source::connect(path.display().to_string().parse()?).await?.execution(true);
    let leo = Leo::builder().source(source).authorizer(Arc::new(Rights)).audit(audit).build()?;
    for (tenant, user, role) in
        [("acme", "nora", "member"), ("globex", "sven", "member"), ("acme", "tim", "trainee"), ("acme", "eve", "guest")]
    {
        let context = Context::new(tenant, user)?.with_roles([role]).with_attribute("company", Attribute::One(tenant.into()));
        let asking = leo.for_user(context);
        match asking.ask("total amount by region").await {
            Err(error) if error.kind() == ErrorKind::Denied => {
                println!("{user} of {tenant} is not let in: {}\n", error.message());
                continue;
            }
            answer => println!("{user} of {tenant}: {}", answer?.message()),
        }
        let answer = asking.sql("SELECT customer, email FROM orders ORDER BY customer").await?;
        if let Some(rows) = &answer.table {
            println!("{}", leo::export::markdown(rows, &leo::export::MarkdownOptions::default()));
        }
    }
    leo.close().await
}
