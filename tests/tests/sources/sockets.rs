//! Servers reached by a socket on this machine.

use leo::ErrorKind;
use leo::builder::Source;
use leo::source::SourceSpec;
use leo_tests::{mariadb, postgres};

use super::postgres::{busy, number};
use super::support::Host;

#[test]
fn urls_name_sockets_as_the_engines_tools_do() {
    let spec: SourceSpec = "postgres://ada@/shop?host=/var/run/postgresql&port=5433".parse().unwrap();
    assert_eq!((spec.host.as_str(), spec.port(), spec.database.as_deref()), ("/var/run/postgresql", 5433, Some("shop")));
    assert_eq!(spec.tls_mode(), leo::source::TlsMode::Disable);
    let same: SourceSpec = "postgres://ada@%2Fvar%2Frun%2Fpostgresql:5433/shop".parse().unwrap();
    assert_eq!(same.host, spec.host);
    let spec: SourceSpec = "mysql://ada@/shop?socket=/run/mysqld/mysqld.sock".parse().unwrap();
    assert_eq!(spec.host, "/run/mysqld/mysqld.sock");
    let error = "mssql://ada:x@%2Frun%2Fsql/shop".parse::<SourceSpec>().unwrap_err();
    assert!(error.kind() == ErrorKind::Config && error.message().contains("not a path"), "{error}");
}

#[tokio::test]
async fn postgres_is_asked_and_cancelled_by_its_socket() {
    let Some(server) = postgres::Server::shared() else { return };
    let host = Host::new();
    let leo = host.owner("acme");
    let url =
        format!("postgres://reader@/shop?host={}&port={}&application_name=by_socket", server.folder().display(), server.port());
    let spec: SourceSpec = url.parse().unwrap();
    leo.sources().add(Source::from_spec("pg", spec.clone())).await.unwrap();
    assert!(leo.sources().test("pg").await.unwrap().read_only);
    assert_eq!(number(&leo, "pg", "SELECT 1 AS one").await.unwrap(), "1");
    // The request to cancel goes by the socket too.
    let running = busy(server, &leo, "pg", "by_socket").await;
    running.abort();
    let active = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'by_socket' AND state = 'active'";
    let mut tries = 0;
    while server.run("shop", active).trim() != "0" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        tries += 1;
        assert!(tries < 500, "it still runs");
    }
    let mut forbidden = spec.clone();
    forbidden.forbid_private_hosts = true;
    assert_eq!(leo.sources().update("pg", forbidden).await.unwrap_err().kind(), ErrorKind::Denied);
    let mut missing = spec;
    missing.port = Some(1);
    let error = leo.sources().update("pg", missing).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Unavailable && error.message().contains(".s.PGSQL.1"), "{error}");
}

#[tokio::test]
async fn mariadb_is_asked_by_its_socket() {
    let Some(server) = mariadb::Server::shared() else { return };
    let host = Host::new();
    let leo = host.owner("acme");
    let mut spec: SourceSpec = server.url("reader").parse().unwrap();
    spec.host = server.socket().display().to_string();
    spec.port = None;
    leo.sources().add(Source::from_spec("my", spec.clone())).await.unwrap();
    assert_eq!(number(&leo, "my", "SELECT 1 AS one").await.unwrap(), "1");
    assert!(leo.sources().test("my").await.unwrap().tables_found < 1_000);
    spec.forbid_private_hosts = true;
    assert_eq!(leo.sources().update("my", spec.clone()).await.unwrap_err().kind(), ErrorKind::Denied);
    spec.forbid_private_hosts = false;
    spec.host = "/nothing/here.sock".into();
    assert_eq!(leo.sources().update("my", spec).await.unwrap_err().kind(), ErrorKind::Unavailable);
}
