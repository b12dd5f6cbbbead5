//! Nothing is done to a source by somebody who may not, and nothing without a record.

use leo::builder::Source;
use leo::sources::SourceState;
use leo::{ErrorKind, SqlOptions};

use super::support::{Host, count};

#[tokio::test]
async fn who_may_not_manage_sources_changes_none_and_it_is_recorded() {
    let host = Host::new();
    host.owner("acme").sources().add(Source::from_spec("ledger", host.file("ledger", 3))).await.unwrap();
    let (member, spec) = (host.member("acme").sources(), host.file("other", 1));
    for error in [
        member.add(Source::from_spec("mine", spec.clone())).await.unwrap_err(),
        member.update("ledger", spec).await.unwrap_err(),
        member.test("ledger").await.map(drop).unwrap_err(),
        member.disconnect("ledger", Default::default()).await.map(drop).unwrap_err(),
        member.remove("ledger").await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    }
    assert!(host.sink.denied("acme", "manage_sources", "ledger") && host.sink.denied("acme", "manage_sources", "mine"));
    assert_eq!(member.list().await.unwrap().len(), 1, "looking is allowed");
    assert_eq!(member.status("ledger").await.unwrap().state, SourceState::Connected);
    let nobody = host.nobody("acme").sources();
    assert!(nobody.list().await.unwrap().is_empty());
    assert_eq!(nobody.status("ledger").await.unwrap_err().kind(), ErrorKind::Denied);
    assert_eq!(count(&host.member("acme"), "ledger").await.unwrap(), "3");
}

#[tokio::test]
async fn a_closed_source_is_not_opened_for_somebody_who_may_not_ask_it() {
    let host = Host::new();
    host.resolver.knows("acme", "shop", host.file("shop", 1));
    let nobody = host.nobody("acme");
    let options = SqlOptions { source: Some("shop".into()), ..SqlOptions::default() };
    for error in [
        count(&nobody, "shop").await.unwrap_err(),
        nobody.sql_stream("SELECT 1", &options).await.map(drop).unwrap_err(),
        nobody.vet("SELECT 1", &options).await.map(drop).unwrap_err(),
        nobody.catalog(Some("shop")).await.map(drop).unwrap_err(),
        nobody.search("things", Some("shop"), 3).await.map(drop).unwrap_err(),
        nobody.sync(Some("shop"), &Default::default(), &|_| {}).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
    }
    assert_eq!(host.resolver.asked(), 0);
    assert!(host.sink.denied("acme", "ask", "shop") && host.sink.denied("acme", "browse", "shop"));
    assert!(!host.sink.steps().iter().any(|step| step.starts_with("open")), "{:?}", host.sink.steps());
}

#[tokio::test]
async fn everything_is_announced_and_ended_in_the_audit() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    sources.add(Source::from_spec("ledger", host.file("ledger", 3))).await.unwrap();
    assert_eq!(host.sink.steps(), ["execution on", "add_source", "- ok"]);
    host.sink.clear();
    count(&leo, "ledger").await.unwrap();
    let steps = host.sink.steps();
    assert_eq!(steps[..4], ["open", "- ok", "introspect", "- ok"], "{steps:?}");
    host.sink.clear();
    sources.test("ledger").await.unwrap();
    sources.update("ledger", host.missing()).await.unwrap_err();
    sources.update("ledger", host.file("other", 1)).await.unwrap();
    sources.disconnect("ledger", Default::default()).await.unwrap();
    sources.remove("ledger").await.unwrap();
    let expected = [
        "test",
        "- ok",
        "update_source",
        "- failed",
        "update_source",
        "- ok",
        "disconnect_source",
        "- ok",
        "remove_source",
        "- ok",
    ];
    assert_eq!(host.sink.steps(), expected);
    for event in host.sink.events() {
        assert_eq!((event.tenant.as_str(), event.user.as_str(), event.source.as_deref()), ("acme", "olga", Some("ledger")));
    }
}

#[tokio::test]
async fn what_cannot_be_recorded_is_not_done() {
    let host = Host::new();
    let (leo, sources) = (host.owner("acme"), host.owner("acme").sources());
    host.sink.fail(Some("add_source"));
    assert_eq!(
        sources.add(Source::from_spec("ledger", host.file("ledger", 3))).await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
    assert!(sources.list().await.unwrap().is_empty());
    host.sink.fail(None);
    sources.add(Source::from_spec("ledger", host.file("ledger", 3))).await.unwrap();
    host.sink.fail(Some("open"));
    assert_eq!(count(&leo, "ledger").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(!sources.status("ledger").await.unwrap().is_open);
    assert_eq!(sources.status("ledger").await.unwrap().state, SourceState::Connected, "the audit's trouble is not the source's");
    host.sink.fail(None);
    assert_eq!(count(&leo, "ledger").await.unwrap(), "3");
    for what in ["update_source", "disconnect_source", "remove_source", "test"] {
        host.sink.fail(Some(what));
        let error = match what {
            "update_source" => sources.update("ledger", host.file("other", 1)).await.unwrap_err(),
            "disconnect_source" => sources.disconnect("ledger", Default::default()).await.map(drop).unwrap_err(),
            "remove_source" => sources.remove("ledger").await.unwrap_err(),
            _ => sources.test("ledger").await.map(drop).unwrap_err(),
        };
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{what}: {error}");
        assert_eq!(count(&leo, "ledger").await.unwrap(), "3", "{what}");
    }
    // A denial that cannot be recorded is no permission either.
    host.sink.fail(Some("manage_sources"));
    assert!(host.member("acme").sources().remove("ledger").await.is_err());
    assert_eq!(count(&leo, "ledger").await.unwrap(), "3");
}

#[tokio::test]
async fn nothing_of_a_spec_is_in_the_audit_or_in_what_is_printed() {
    let host = Host::new();
    let sources = host.owner("acme").sources();
    let spec = "postgres://ada:hunter2@127.0.0.1:1/shop".parse().unwrap();
    let source = Source::from_spec("pg", spec);
    assert!(!format!("{source:?}").contains("hunter2"));
    sources.add(source).await.unwrap();
    let error = sources.test("pg").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    let all = format!("{:?} {:?} {:?} {error:?}", host.sink.events(), host.leo, sources.status("pg").await.unwrap());
    assert!(!all.contains("hunter2"));
}
