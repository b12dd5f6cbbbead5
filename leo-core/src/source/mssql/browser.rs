//! Where a named instance listens: asked of the browser service at UDP port 1434 (MC-SQLR 2.2.2 CLNT_UCAST_INST, 2.2.5 SVR_RESP).

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::error::Result;
use crate::source::SourceSpec;
use crate::source::net::dial;
use crate::source::net::problem::Problem;

const PORT: u16 = 1434;
const ASK_FOR_INSTANCE: u8 = 0x04;
const RESPONSE: u8 = 0x05;
/// Wait for an answer; UDP may lose the question, so it is asked more than once.
const PATIENCE: Duration = Duration::from_secs(1);
const ATTEMPTS: usize = 3;

/// The TCP port of the spec's instance.
///
/// # Errors
/// `NoInstance` when nobody answers or the instance has no TCP port; the name service's problems.
pub(super) async fn port(spec: &SourceSpec, instance: &str) -> Result<u16> {
    port_at(spec, instance, PORT).await
}

pub(super) async fn port_at(spec: &SourceSpec, instance: &str, browser: u16) -> Result<u16> {
    let limit = spec.connections.connect_timeout();
    let addresses = dial::addresses(&spec.host, spec.port(), spec.forbid_private_hosts, limit).await;
    let addresses = addresses.map_err(|(problem, _)| problem.error(spec))?;
    for _ in 0..ATTEMPTS {
        for address in &addresses {
            let address = SocketAddr::new(address.ip(), browser);
            if let Ok(Ok(Some(port))) = timeout(PATIENCE, ask(address, instance)).await {
                return Ok(port);
            }
        }
    }
    Err(Problem::NoInstance.error(spec))
}

async fn ask(address: SocketAddr, instance: &str) -> std::io::Result<Option<u16>> {
    let any: SocketAddr = if address.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    // Connected: answers of others are not received.
    socket.connect(address).await?;
    let mut question = vec![ASK_FOR_INSTANCE];
    question.extend_from_slice(instance.as_bytes());
    question.push(0);
    socket.send(&question).await?;
    let mut answer = vec![0; 4096];
    let length = socket.recv(&mut answer).await?;
    Ok(answer.get(..length).and_then(|answer| read(answer, instance)))
}

/// `ServerName;A;InstanceName;B;IsClustered;No;Version;15.0;tcp;1433;;` behind three bytes.
fn read(answer: &[u8], instance: &str) -> Option<u16> {
    let text = answer.strip_prefix(&[RESPONSE])?.get(2..)?;
    let text = String::from_utf8_lossy(text);
    let mut port = None;
    let mut named = false;
    let mut parts = text.split(';');
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        match key.to_ascii_lowercase().as_str() {
            "instancename" => named = value.eq_ignore_ascii_case(instance),
            "tcp" => port = value.parse().ok().filter(|port| *port != 0),
            _ => {}
        }
    }
    port.filter(|_| named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Engine;

    fn answer(text: &str) -> Vec<u8> {
        let mut answer = vec![RESPONSE, 0, 0];
        answer.extend_from_slice(text.as_bytes());
        answer
    }

    #[test]
    fn only_the_instance_itself_tells_a_port() {
        let good = "ServerName;DB1;InstanceName;PROD;IsClustered;No;Version;15.0.2000.5;tcp;50123;np;\\\\DB1\\pipe\\x;;";
        assert_eq!(read(&answer(good), "prod"), Some(50_123));
        assert_eq!(read(&answer(good), "test"), None);
        assert_eq!(read(&answer("ServerName;DB1;InstanceName;PROD;np;x;;"), "PROD"), None);
        for short in [&[][..], &[5], &[5, 1], &[5, 1, 0], b"HTTP/1.1 400", &[5, 0, 0, 0xff, 0xfe]] {
            assert_eq!(read(short, "PROD"), None);
        }
    }

    #[tokio::test]
    async fn the_browser_service_is_asked_and_silence_is_named() {
        let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let browser = server.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut question = [0; 64];
            // The first question is lost.
            server.recv_from(&mut question).await.unwrap();
            let (length, from) = server.recv_from(&mut question).await.unwrap();
            assert_eq!(&question[..length], b"\x04PROD\0");
            server.send_to(&answer("ServerName;A;InstanceName;PROD;tcp;1444;;"), from).await.unwrap();
        });
        let spec = SourceSpec { host: "127.0.0.1".into(), instance: Some("PROD".into()), ..SourceSpec::new(Engine::Mssql) };
        assert_eq!(port_at(&spec, "PROD", browser).await.unwrap(), 1444);
        let error = port_at(&spec, "PROD", browser).await.unwrap_err();
        assert!(error.message().contains("1434") && error.message().contains("PROD"), "{error}");
    }
}
