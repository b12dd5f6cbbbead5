//! What one tenant has no other reaches.

use futures::future::join_all;
use leo::builder::Source;
use leo::settings::Preset;
use leo::source::sqlite::SqliteSource;
use leo::{ErrorKind, Leo};

use super::support::{Host, count};

#[tokio::test]
async fn a_source_that_was_added_is_its_tenants_alone() {
    let host = Host::new();
    let (acme, beta) = (host.owner("acme"), host.owner("beta"));
    acme.sources().add(Source::from_spec("ledger", host.file("ledger", 3))).await.unwrap();
    assert_eq!(count(&host.member("acme"), "ledger").await.unwrap(), "3");
    let spec = host.file("other", 1);
    let errors = [
        count(&beta, "ledger").await.unwrap_err(),
        beta.catalog(Some("ledger")).await.map(drop).unwrap_err(),
        beta.sources().test("ledger").await.unwrap_err(),
        beta.sync(Some("ledger"), &Default::default(), &|_| {}).await.map(drop).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    // What does not open it does not find anything to change either.
    let _ = beta.sources().disconnect("ledger", Default::default()).await;
    let _ = beta.sources().remove("ledger").await;
    assert_eq!(beta.sources().update("ledger", spec.clone()).await.unwrap_err().kind(), ErrorKind::Unsupported);
    assert_eq!(count(&acme, "ledger").await.unwrap(), "3", "nothing happened to it");
    assert!(beta.sources().list().await.unwrap().is_empty());
    // The same id is another source there.
    beta.sources().add(Source::from_spec("ledger", spec)).await.unwrap();
    assert_eq!(count(&beta, "ledger").await.unwrap(), "1");
    assert_eq!(count(&acme, "ledger").await.unwrap(), "3");
}

#[tokio::test]
async fn without_a_resolver_another_tenants_source_is_not_even_named() {
    let folder = Host::new();
    let leo = Leo::builder()
        .authorizer(std::sync::Arc::new(leo::adapter::RoleAuthorizer))
        .audit(std::sync::Arc::new(leo::audit::MemorySink::default()))
        .build()
        .unwrap();
    let user = |tenant: &str| leo.for_user(leo::Context::new(tenant, "u").unwrap().with_roles(["owner"]));
    user("acme").sources().add(Source::from_spec("ledger", folder.file("ledger", 1))).await.unwrap();
    user("beta").sources().add(Source::from_spec("own", folder.file("own", 1))).await.unwrap();
    for id in ["ledger", "nothing"] {
        let error = user("beta").sources().status(id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.message(), format!("there is no source `{id}`; the sources are own"));
    }
    for spec in [folder.file("x", 1)] {
        let sources = user("beta").sources();
        assert_eq!(sources.update("ledger", spec).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(sources.remove("ledger").await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(sources.disconnect("ledger", Default::default()).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(sources.test("ledger").await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn one_id_resolves_to_another_source_for_each_tenant() {
    let host = Host::new();
    host.resolver.knows("acme", "shop", host.file("acme_shop", 2));
    host.resolver.knows("beta", "shop", host.file("beta_shop", 5));
    let (acme, beta) = (host.member("acme"), host.member("beta"));
    let both = join_all((0..6).map(|index| {
        let (acme, beta) = (acme.clone(), beta.clone());
        async move {
            match index % 2 {
                0 => assert_eq!(count(&acme, "shop").await.unwrap(), "2"),
                _ => assert_eq!(count(&beta, "shop").await.unwrap(), "5"),
            }
        }
    }));
    both.await;
    assert_eq!(host.resolver.asked(), 2, "once for each tenant, however many wait");
    for (leo, own, other) in [(&acme, "acme_shop", "beta_shop"), (&beta, "beta_shop", "acme_shop")] {
        let names: Vec<String> =
            leo.catalog(Some("shop")).await.unwrap().tables.iter().map(|table| table.name.to_string()).collect();
        assert!(names.iter().any(|name| name.ends_with(own)) && !names.iter().any(|name| name.ends_with(other)), "{names:?}");
        assert!(leo.search(other, Some("shop"), 10).await.unwrap().iter().all(|hit| !format!("{hit:?}").contains(other)));
    }
    assert_eq!(acme.sources().list().await.unwrap().len(), 1);
    // A tenant whom the resolver does not give it gets nothing, though it is open for others.
    let error = count(&host.member("gamma"), "shop").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(!error.to_string().contains("acme"), "{error}");
}

#[tokio::test]
async fn disconnecting_one_tenants_source_leaves_the_others_alone() {
    let host = Host::new();
    host.resolver.knows("acme", "shop", host.file("acme_shop", 2));
    host.resolver.knows("beta", "shop", host.file("beta_shop", 5));
    let (acme, beta) = (host.owner("acme"), host.owner("beta"));
    assert_eq!((count(&acme, "shop").await.unwrap(), count(&beta, "shop").await.unwrap()), ("2".to_owned(), "5".to_owned()));
    acme.sources().disconnect("shop", Default::default()).await.unwrap();
    assert_eq!(count(&acme, "shop").await.unwrap_err().kind(), ErrorKind::Closed);
    assert_eq!(count(&beta, "shop").await.unwrap(), "5");
    assert_eq!(host.resolver.asked(), 2);
}

#[tokio::test]
async fn what_the_host_built_in_is_no_tenants_to_change() {
    let built_in = || {
        Source::new(SqliteSource::from_sql("shared", "CREATE TABLE things (id INTEGER); INSERT INTO things VALUES (1)").unwrap())
    };
    let leo = Leo::builder()
        .source(built_in().execution(true))
        .authorizer(std::sync::Arc::new(leo::adapter::RoleAuthorizer))
        .audit(std::sync::Arc::new(leo::audit::MemorySink::default()))
        .build()
        .unwrap();
    let user = |tenant: &str| leo.for_user(leo::Context::new(tenant, "u").unwrap().with_roles(["owner"]));
    let sources = user("acme").sources();
    let spec = Host::new().missing();
    for error in [
        sources.update("shared", spec.clone()).await.unwrap_err(),
        sources.remove("shared").await.unwrap_err(),
        sources.disconnect("shared", Default::default()).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    }
    assert_eq!(sources.add(Source::from_spec("shared", spec.clone())).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(count(&user("beta"), "shared").await.unwrap(), "1");
    // One trusted person at their own data may.
    let leo = Leo::builder().preset(Preset::Local).source(built_in()).build().unwrap();
    leo.sources().disconnect("shared", Default::default()).await.unwrap();
    assert_eq!(count(&leo, "shared").await.unwrap_err().kind(), ErrorKind::Closed);
}
