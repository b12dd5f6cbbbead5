//! The way to a server through an SSH host: one SSH connection for each connection to the database.
//!
//! What the driver gets is a socket of this machine's loopback interface whose other end is the channel. Its listener takes one connection
//! and is gone; where the connection is made here, nobody else's is taken.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use russh::ChannelStream;
use russh::client::{self, AuthResult, Handle, Msg};
use russh::keys::ssh_key::{Fingerprint, HashAlg};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key, known_hosts};
use secrecy::ExposeSecret;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::dial;
use super::problem::Problem;
use crate::error::{Error, Result};
use crate::source::{SourceSpec, SshAuth, SshHostKey, SshTunnel};

/// Time in which the driver must connect to its end of the channel.
const PICK_UP: Duration = Duration::from_secs(10);
/// Silence after which the SSH host is asked whether it is still there; three such questions are left unanswered.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// A socket whose other end is the server of `spec`.
///
/// # Errors
/// The problem of the SSH host, or of reaching the server from it.
pub(crate) async fn connect(spec: &SourceSpec, tunnel: &SshTunnel) -> Result<TcpStream> {
    let (handle, channel) = open(spec, tunnel).await?;
    let lost = |error: std::io::Error| Problem::Lost.error(spec).with_source(error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(lost)?;
    let stream = TcpStream::connect(listener.local_addr().map_err(lost)?).await.map_err(lost)?;
    let own = stream.local_addr().map_err(lost)?;
    tokio::spawn(serve(listener, Some(own), handle, channel));
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// An address at which the next connection goes to the server of `spec`, for drivers that connect by themselves.
///
/// # Errors
/// As [`connect`].
#[cfg_attr(not(feature = "mysql"), allow(dead_code))]
pub(crate) async fn address(spec: &SourceSpec, tunnel: &SshTunnel) -> Result<SocketAddr> {
    let (handle, channel) = open(spec, tunnel).await?;
    let lost = |error: std::io::Error| Problem::Lost.error(spec).with_source(error);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(lost)?;
    let address = listener.local_addr().map_err(lost)?;
    tokio::spawn(serve(listener, None, handle, channel));
    Ok(address)
}

/// Moves bytes between the one connection that is taken and the channel, until either ends.
async fn serve(listener: TcpListener, expected: Option<SocketAddr>, handle: Handle<HostKey>, mut channel: ChannelStream<Msg>) {
    let picked_up = timeout(PICK_UP, async {
        loop {
            let (stream, peer) = listener.accept().await.ok()?;
            if expected.is_none_or(|expected| expected == peer) {
                return Some(stream);
            }
        }
    });
    let picked_up = picked_up.await.ok().flatten();
    drop(listener);
    if let Some(mut stream) = picked_up {
        let _ = stream.set_nodelay(true);
        let _ = copy_bidirectional(&mut stream, &mut channel).await;
    }
    let _ = handle.disconnect(russh::Disconnect::ByApplication, "", "en").await;
}

/// Logs in to the SSH host and opens a channel to the server.
async fn open(spec: &SourceSpec, tunnel: &SshTunnel) -> Result<(Handle<HostKey>, ChannelStream<Msg>)> {
    let limit = spec.connections.connect_timeout();
    let opened = timeout(limit, async {
        let socket =
            dial::reach(&tunnel.host, tunnel.port, spec.forbid_private_hosts, limit).await.map_err(|(problem, source)| {
                let error = match problem {
                    Problem::PrivateHost => problem.error(&SourceSpec { host: tunnel.host.clone(), ..spec.clone() }),
                    _ => Problem::SshUnreachable.error(spec),
                };
                match source {
                    Some(source) => error.with_source(source),
                    None => error,
                }
            })?;
        let key = private_key(&tunnel.auth)?;
        let config = client::Config { keepalive_interval: Some(KEEPALIVE), nodelay: true, ..client::Config::default() };
        let mut handle = client::connect_stream(Arc::new(config), socket, HostKey(tunnel.clone())).await.map_err(|error| {
            let problem = if matches!(error, russh::Error::UnknownKey) { Problem::SshHostKey } else { Problem::SshFailed };
            problem.error(spec).with_source(error)
        })?;
        let failed = |error: russh::Error| Problem::SshFailed.error(spec).with_source(error);
        let result = match (&tunnel.auth, key) {
            (SshAuth::Password { password }, _) => handle.authenticate_password(&tunnel.user, password.expose_secret()).await,
            (_, Some(key)) => handle.authenticate_publickey(&tunnel.user, PrivateKeyWithHashAlg::new(Arc::new(key), None)).await,
            (_, None) => return Err(Problem::SshLogin.error(spec)),
        };
        match result.map_err(failed)? {
            AuthResult::Success => {}
            AuthResult::Failure { .. } => return Err(Problem::SshLogin.error(spec)),
        }
        let host = spec.host.trim_matches(['[', ']']);
        let channel = handle.channel_open_direct_tcpip(host, u32::from(spec.port()), "127.0.0.1", 0).await;
        let channel = channel.map_err(|error| match error {
            russh::Error::ChannelOpenFailure(_) => Problem::SshForward.error(spec).with_source(error),
            error => failed(error),
        })?;
        Ok((handle, channel.into_stream()))
    });
    opened.await.unwrap_or_else(|_| Err(Problem::SshUnreachable.error(spec)))
}

fn private_key(auth: &SshAuth) -> Result<Option<PrivateKey>> {
    let (text, passphrase) = match auth {
        SshAuth::Password { .. } => return Ok(None),
        SshAuth::Key { file, passphrase } => {
            let text = std::fs::read_to_string(file).map_err(|error| {
                Error::config("the file of the SSH key cannot be read; check its path, and that this process may read it")
                    .with_context("file", file.display().to_string())
                    .with_source(error)
            })?;
            (secrecy::SecretString::from(text), passphrase)
        }
        SshAuth::KeyText { key, passphrase } => (key.clone(), passphrase),
    };
    let passphrase = Some(passphrase.expose_secret()).filter(|passphrase| !passphrase.is_empty());
    // The error's text is not passed on: it may quote the key.
    decode_secret_key(text.expose_secret(), passphrase).map(Some).map_err(|_| {
        Error::config("the SSH key cannot be read; it must be an Ed25519 or ECDSA key as `ssh-keygen` writes it, with its passphrase if it has one")
    })
}

/// Checks the host's key; a wrong one is `UnknownKey` to whoever connects.
struct HostKey(SshTunnel);

impl client::Handler for HostKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> std::result::Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let (host, port) = (&self.0.host, self.0.port);
        Ok(match &self.0.host_key {
            SshHostKey::Known => known_hosts::check_known_hosts(host, port, key).unwrap_or(false),
            SshHostKey::KnownIn(file) => known_hosts::check_known_hosts_path(host, port, key, file).unwrap_or(false),
            SshHostKey::Fingerprint(wanted) => {
                wanted.parse::<Fingerprint>().is_ok_and(|wanted| wanted == key.fingerprint(HashAlg::Sha256))
            }
        })
    }
}
