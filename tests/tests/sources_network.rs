//! Mistakes of the way to a server, the same for every engine: each is told apart, in time, and with no word of the password.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::{Duration, Instant};

use leo::ErrorKind;
use leo::builder::Source;
use leo::source::{Engine, Login, SourceSpec};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

const ENGINES: [Engine; 3] = [Engine::Postgres, Engine::Mysql, Engine::Mssql];
/// Each printable character, the last of which stand only here.
const PASSWORD: &str = r##" !"#$%&'()*+,-./0123456789:;<=>?@AZ[\]^_`az{|}~s3cret"##;

fn spec(engine: Engine, host: &str, port: u16) -> SourceSpec {
    let mut spec = SourceSpec::new(engine);
    (spec.host, spec.port, spec.database) = (host.to_owned(), Some(port), Some("shop".into()));
    spec.login = Login::Password { user: "reader".into(), password: PASSWORD.to_owned().into() };
    spec.connections.connect_timeout_ms = 1_500;
    spec
}

/// Connects, in vain.
async fn told(spec: SourceSpec, kind: ErrorKind, problem: &str) {
    let (engine, host) = (spec.engine, spec.host.clone());
    let started = Instant::now();
    let error = Source::connect_as("shop", spec).await.map(drop).unwrap_err();
    // The wait is one of the server's, with room for a machine that is busy.
    assert!(started.elapsed() < Duration::from_secs(20), "{engine:?} {host}: {:?}", started.elapsed());
    let code = error.context().iter().find(|(key, _)| *key == "problem").map(|(_, value)| value.clone());
    assert_eq!((error.kind(), code.as_deref()), (kind, Some(problem)), "{engine:?} {host}: {error:?}");
    let said = format!("{error} {error:?}");
    assert!(!said.contains("s3cret") && !said.contains(PASSWORD), "{said}");
    assert!(error.message().len() > 30, "it says what to do: {error}");
}

#[tokio::test]
async fn a_name_that_nobody_knows() {
    for engine in ENGINES {
        told(spec(engine, "nowhere.invalid", 4_000), ErrorKind::Config, "unknown_host").await;
    }
}

#[tokio::test]
async fn a_port_that_nobody_listens_at() {
    for host in ["127.0.0.1", "::1"] {
        let Ok(listener) = TcpListener::bind((host, 0)).await else {
            println!("skipped: {host} is not there");
            continue;
        };
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        for engine in ENGINES {
            told(spec(engine, host, port), ErrorKind::Unavailable, "refused").await;
        }
    }
}

#[tokio::test]
async fn a_port_that_a_firewall_keeps_silent() {
    // A listener that takes nobody and whose queue is full answers as little as a firewall that drops what comes.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(address)).await {
        waiting.push(stream);
        if waiting.len() == 20 {
            println!("skipped: the queue of a listener has no end here");
            return;
        }
    }
    for engine in ENGINES {
        told(spec(engine, "127.0.0.1", address.port()), ErrorKind::Timeout, "filtered").await;
    }
}
