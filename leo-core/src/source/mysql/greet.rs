//! What answers at the port, before anybody logs in: is it MySQL, does it offer TLS, and by which name may its certificate be checked.
//!
//! The driver connects by itself, so this goes over a connection of its own that ends before the login. It is here because the driver
//! waits for a greeting until its time is over whatever listens, and because it cannot check a certificate without its name: it
//! looks for a word in the error's text that rustls no longer writes.

use std::net::SocketAddr;
use std::sync::Arc;

use mysql_async::consts::CapabilityFlags;
use mysql_common::io::ParseBuf;
use mysql_common::packets::HandshakePacket;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;

use super::errors;
use crate::error::{Error, Result};
use crate::source::net::problem::Problem;
use crate::source::net::socket::Socket;
use crate::source::net::{dial, tls};
use crate::source::{SourceSpec, TlsMode};

/// Largest greeting that is read.
const LONGEST: usize = 4 << 10;

/// What the server said of itself.
#[derive(Debug)]
pub(super) struct Greeting {
    /// Where it was reached, unless by a socket of this machine; the connection that counts goes there too.
    pub(super) address: Option<SocketAddr>,
    /// Whether it offers TLS.
    pub(super) offers_tls: bool,
    /// The name to check its certificate by.
    pub(super) name: String,
}

/// Reaches the server and reads its greeting.
///
/// # Errors
/// The problem of reaching it; `OtherServer`; the server's own refusal (too many connections, host not allowed); with TLS that is to
/// be checked but for the name, what is wrong with the certificate.
pub(super) async fn greet(spec: &SourceSpec) -> Result<Greeting> {
    let mut stream = dial::dial(spec).await?;
    let lost = |error: std::io::Error| Problem::of_io(&error).error(spec).with_source(error);
    let address = match &stream {
        Socket::Left(stream) => Some(stream.peer_addr().map_err(lost)?),
        Socket::Right(_) => None,
    };
    let mut header = [0_u8; 4];
    stream.read_exact(&mut header).await.map_err(lost)?;
    let [a, b, c, sequence] = header;
    let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if sequence != 0 || length == 0 || length > LONGEST {
        return Err(Problem::OtherServer.error(spec));
    }
    let mut packet = vec![0; length];
    stream.read_exact(&mut packet).await.map_err(lost)?;
    if let [0xff, low, high, ..] = packet.as_slice() {
        let code = u16::from_le_bytes([*low, *high]);
        return Err(errors::of_code(code).unwrap_or(Problem::NotReady).error(spec));
    }
    let greeting = ParseBuf(&packet).parse::<HandshakePacket<'_>>(()).map_err(|_| Problem::OtherServer.error(spec))?;
    if greeting.protocol_version() != 10 {
        return Err(Problem::OtherServer.error(spec));
    }
    let offers_tls = greeting.capabilities().contains(CapabilityFlags::CLIENT_SSL);
    let mode = spec.tls_mode();
    if !offers_tls && mode >= TlsMode::Require {
        return Err(Problem::NoTls.error(spec));
    }
    let mut name = spec.tls.server_name.clone().unwrap_or_else(|| spec.host.trim_matches(['[', ']']).to_owned());
    let checks_but_the_name = mode == TlsMode::VerifyCa || (mode < TlsMode::VerifyCa && spec.tls.ca_file.is_some());
    if let Some(address) = address.filter(|_| offers_tls && mode > TlsMode::Disable && checks_but_the_name) {
        name = name_of_certificate(spec, stream, address, name).await?;
    }
    Ok(Greeting { address, offers_tls, name })
}

/// Begins TLS, checks whose authority signed the certificate, and takes a name from it.
async fn name_of_certificate(spec: &SourceSpec, mut stream: Socket, address: SocketAddr, own: String) -> Result<String> {
    let Some(config) = tls::client_config(spec)? else { return Ok(own) };
    let flags = CapabilityFlags::CLIENT_SSL | CapabilityFlags::CLIENT_PROTOCOL_41 | CapabilityFlags::CLIENT_SECURE_CONNECTION;
    // SSLRequest: flags, largest packet, character set (utf8mb4_general_ci), filler.
    let mut request = vec![32, 0, 0, 1];
    request.extend(flags.bits().to_le_bytes());
    request.extend((1_u32 << 24).to_le_bytes());
    request.push(45);
    request.resize(4 + 32, 0);
    let failed = |error: std::io::Error| Problem::of_io(&error).error(spec).with_source(error);
    stream.write_all(&request).await.map_err(failed)?;
    let stream =
        TlsConnector::from(Arc::new(config)).connect(tls::server_name(spec)?, stream).await.map_err(
            |error| match Problem::of_io(&error) {
                Problem::Lost => Problem::TlsFailed.error(spec).with_source(error),
                problem => problem.error(spec).with_source(error),
            },
        )?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    certificate.and_then(|certificate| a_name(certificate, &own, address)).ok_or_else(|| {
        Error::unsupported(format!(
            "the certificate of {}:{} holds no name (its `subjectAltName` is empty), and the driver checks none without; issue one that \
             names the host, or use `sslmode=require` without a file of authorities",
            spec.host,
            spec.port()
        ))
        .with_context("problem", Problem::WrongName.code())
    })
}

/// A name that the certificate is valid for.
fn a_name(certificate: &CertificateDer<'_>, own: &str, address: SocketAddr) -> Option<String> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let address = address.ip().to_string();
    // A wildcard stands for any one label.
    let named = certificate.valid_dns_names().map(|name| name.replacen('*', "any", 1));
    [own.to_owned(), address].into_iter().chain(named).find(|name| {
        ServerName::try_from(name.as_str()).is_ok_and(|name| certificate.verify_is_valid_for_subject_name(&name).is_ok())
    })
}
