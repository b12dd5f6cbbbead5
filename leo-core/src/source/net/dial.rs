//! Reaching a server's port, with what went wrong told apart.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};

use super::problem::Problem;
use super::socket::Socket;
#[cfg(not(feature = "ssh"))]
use crate::error::Error;
use crate::error::Result;
use crate::source::SourceSpec;

/// Time for one address while others are left to try.
const PER_ADDRESS: Duration = Duration::from_secs(5);

/// Connects to the spec's host and port, through its SSH host where it has one, or to its socket on this machine.
///
/// # Errors
/// The problem, with the error behind it where there is one.
pub(crate) async fn dial(spec: &SourceSpec) -> Result<Socket> {
    if let Some(tunnel) = &spec.ssh {
        #[cfg(feature = "ssh")]
        return super::ssh::connect(spec, tunnel).await.map(Socket::Left);
        #[cfg(not(feature = "ssh"))]
        return Err(without_ssh(&tunnel.host));
    }
    let limit = spec.connections.connect_timeout();
    let reached = match spec.socket() {
        Some(path) => local(spec, &path, limit).await,
        None => reach(&spec.host, spec.port(), spec.forbid_private_hosts, limit).await.map(Socket::Left),
    };
    reached.map_err(|(problem, source)| {
        let error = problem.error(spec);
        match source {
            Some(source) => error.with_source(source),
            None => error,
        }
    })
}

/// The address that a driver connects to by itself: `otherwise`, where the way does not go through an SSH host.
///
/// # Errors
/// As [`dial`].
#[cfg_attr(not(feature = "mysql"), allow(dead_code))]
pub(crate) async fn address(spec: &SourceSpec, otherwise: Option<SocketAddr>) -> Result<Option<SocketAddr>> {
    match &spec.ssh {
        None => Ok(otherwise),
        #[cfg(feature = "ssh")]
        Some(tunnel) => super::ssh::address(spec, tunnel).await.map(Some),
        #[cfg(not(feature = "ssh"))]
        Some(tunnel) => Err(without_ssh(&tunnel.host)),
    }
}

#[cfg(not(feature = "ssh"))]
fn without_ssh(host: &str) -> Error {
    Error::unsupported(format!("this build has no way through the SSH host `{host}`; build it with the feature `ssh`"))
}

/// Connects to a port within `limit`. Addresses are tried in the order in which the name service gives them.
///
/// # Errors
/// The problem, and the error behind it where there is one.
pub(super) async fn reach(
    host: &str,
    port: u16,
    forbid_private: bool,
    limit: Duration,
) -> std::result::Result<TcpStream, (Problem, Option<io::Error>)> {
    let until = Instant::now() + limit;
    let addresses = addresses(host, port, forbid_private, limit).await?;
    let mut failed = (Problem::UnknownHost, None);
    for (index, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let own = if index + 1 < addresses.len() { left.min(PER_ADDRESS) } else { left };
        failed = match timeout(own, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Statements are small and answers are waited for.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => (Problem::of_io(&error), Some(error)),
            Err(_) => (Problem::Filtered, None),
        };
    }
    Err(failed)
}

/// Connects to a socket on this machine.
async fn local(spec: &SourceSpec, path: &Path, limit: Duration) -> std::result::Result<Socket, (Problem, Option<io::Error>)> {
    if spec.forbid_private_hosts {
        return Err((Problem::PrivateHost, None));
    }
    #[cfg(unix)]
    return match timeout(limit, tokio::net::UnixStream::connect(path)).await {
        Ok(Ok(stream)) => Ok(Socket::Right(stream)),
        // Nothing at the path is as nothing at a port.
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Err((Problem::Refused, Some(error))),
        Ok(Err(error)) => Err((Problem::of_io(&error), Some(error))),
        Err(_) => Err((Problem::Filtered, None)),
    };
    #[cfg(not(unix))]
    {
        let _ = (path, limit);
        Err((Problem::UnknownHost, None))
    }
}

/// The addresses of the host, none of them private where that is forbidden: whoever answers for the name cannot point it inside.
pub(crate) async fn addresses(
    host: &str,
    port: u16,
    forbid_private: bool,
    limit: Duration,
) -> std::result::Result<Vec<SocketAddr>, (Problem, Option<io::Error>)> {
    let host = host.trim_matches(['[', ']']);
    let found: Vec<SocketAddr> = match timeout(limit, lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect(),
        Ok(Err(error)) => return Err((Problem::UnknownHost, Some(error))),
        Err(_) => return Err((Problem::UnknownHost, None)),
    };
    if found.is_empty() {
        return Err((Problem::UnknownHost, None));
    }
    if forbid_private && found.iter().any(|address| is_private(address.ip())) {
        return Err((Problem::PrivateHost, None));
    }
    Ok(found)
}

/// Whether an address is this machine's, the local network's, or of no public kind.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || first == 0
                // Carrier-grade NAT, where clouds keep their metadata services too.
                || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(v6) => {
            v6.to_ipv4_mapped().or_else(|| v6.to_ipv4()).is_some_and(|v4| is_private(IpAddr::V4(v4)))
                || v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Engine;

    fn spec(host: &str, port: u16) -> SourceSpec {
        SourceSpec { host: host.into(), port: Some(port), ..SourceSpec::new(Engine::Postgres) }
    }

    #[tokio::test]
    async fn names_ports_and_private_addresses_are_told_apart() {
        let limit = Duration::from_secs(5);
        let dial = async |spec: &SourceSpec| reach(&spec.host, spec.port(), spec.forbid_private_hosts, limit).await;
        let problem = async |spec: &SourceSpec| dial(spec).await.map(drop).unwrap_err().0;
        assert_eq!(problem(&spec("no-such-host.invalid", 5432)).await, Problem::UnknownHost);
        let port = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap().port()
        };
        assert_eq!(problem(&spec("127.0.0.1", port)).await, Problem::Refused);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut open = spec("127.0.0.1", listener.local_addr().unwrap().port());
        assert!(dial(&open).await.is_ok());
        open.forbid_private_hosts = true;
        assert_eq!(problem(&open).await, Problem::PrivateHost);
    }

    #[test]
    fn addresses_inside_are_known_in_every_spelling() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.100.100.200",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
        ] {
            assert!(is_private(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["93.184.216.34", "2606:2800:220:1::1", "100.128.0.1", "172.32.0.1"] {
            assert!(!is_private(outside.parse().unwrap()), "{outside}");
        }
    }
}
