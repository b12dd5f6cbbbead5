//! The way to the server: a socket, in TLS where it is asked for.
//!
//! The handshake is done here and not by the driver, which would tell its failures apart by their texts alone.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::ClientConfig;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use crate::error::{Error, Result};
use crate::source::net::dial::dial;
use crate::source::net::problem::Problem;
use crate::source::net::socket::Socket;
use crate::source::net::tls;
use crate::source::{SourceSpec, TlsMode};

/// The request for TLS: its length and a number that no version of the protocol has.
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];

/// A connection to the server, before anything of PostgreSQL was said.
#[derive(Debug)]
pub(super) enum Wire {
    /// Readable on the way.
    Plain(Socket),
    /// In TLS; the hash of the server's certificate beside it, where its signature has one.
    Tls(Box<tokio_rustls::client::TlsStream<Socket>>, Option<Vec<u8>>),
}

impl Wire {
    /// Connects, and puts TLS on it as the spec says.
    ///
    /// # Errors
    /// The problem; `Config` when the spec's authorities cannot be read.
    pub(super) async fn open(spec: &SourceSpec) -> Result<Self> {
        let config = tls::client_config(spec)?.map(Arc::new);
        let mut socket = dial(spec).await?;
        let Some(config) = config else { return Ok(Self::Plain(socket)) };
        if offers_tls(&mut socket).await.map_err(|problem| problem.error(spec))? {
            return Self::protect(socket, config, spec).await;
        }
        match spec.tls_mode() {
            TlsMode::Prefer => Ok(Self::Plain(socket)),
            _ => Err(Problem::NoTls.error(spec)),
        }
    }

    async fn protect(socket: Socket, config: Arc<ClientConfig>, spec: &SourceSpec) -> Result<Self> {
        let stream = TlsConnector::from(config)
            .connect(tls::server_name(spec)?, socket)
            .await
            .map_err(|error| Problem::of_io(&error).error(spec).with_source(error))?;
        let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let hash = certificate.and_then(|certificate| certificate_hash(certificate));
        Ok(Self::Tls(Box::new(stream), hash))
    }

    pub(super) fn is_protected(&self) -> bool {
        matches!(self, Self::Tls(..))
    }

    fn inner(self: Pin<&mut Self>) -> Pin<&mut dyn Both> {
        let inner: &mut dyn Both = match self.get_mut() {
            Self::Plain(stream) => stream,
            Self::Tls(stream, _) => stream.as_mut(),
        };
        Pin::new(inner)
    }
}

/// Asks whether the server speaks TLS.
async fn offers_tls(socket: &mut Socket) -> Result<bool, Problem> {
    let mut answer = [0];
    socket.write_all(&TLS_REQUEST).await.map_err(|error| Problem::of_io(&error))?;
    socket.read_exact(&mut answer).await.map_err(|error| Problem::of_io(&error))?;
    match answer {
        [b'S'] => Ok(true),
        [b'N'] => Ok(false),
        // An error: the server has no room for another process.
        [b'E'] => Err(Problem::TooManyConnections),
        _ => Err(Problem::OtherServer),
    }
}

/// Whether the server of `spec` offers TLS, asked on a connection of its own.
pub(super) async fn tls_is_offered(spec: &SourceSpec) -> bool {
    match dial(spec).await {
        Ok(mut socket) => offers_tls(&mut socket).await.unwrap_or(false),
        Err(_) => false,
    }
}

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.inner().poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_shutdown(cx)
    }
}

impl TlsStream for Wire {
    fn channel_binding(&self) -> ChannelBinding {
        match self {
            Self::Tls(_, Some(hash)) => ChannelBinding::tls_server_end_point(hash.clone()),
            _ => ChannelBinding::none(),
        }
    }
}

impl TlsStream for &mut Wire {
    fn channel_binding(&self) -> ChannelBinding {
        (**self).channel_binding()
    }
}

/// Tells the driver that the handshake is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done;

impl<S: TlsStream + Unpin> TlsConnect<S> for Done {
    type Stream = S;
    type Error = Error;
    type Future = Ready<Result<S>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(stream))
    }
}

/// The hash that binds a login to the certificate (`tls-server-end-point`, RFC 5929): by the signature's own hash function, SHA-256
/// for the two that are older.
fn certificate_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    let (_, body, _) = element(certificate)?;
    let (_, _signed, rest) = element(body)?;
    let (_, algorithm, _) = element(rest)?;
    let (_, identifier, _) = element(algorithm)?;
    let by = match (identifier.strip_prefix(RSA), identifier.strip_prefix(ECDSA)) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => 256,
        (Some([12]), _) | (_, Some([3, 3])) => 384,
        (Some([13]), _) | (_, Some([3, 4])) => 512,
        _ => return None,
    };
    Some(match by {
        256 => Sha256::digest(certificate).to_vec(),
        384 => Sha384::digest(certificate).to_vec(),
        _ => Sha512::digest(certificate).to_vec(),
    })
}

/// The first element of DER: its tag, what is in it, what is behind it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (length, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (length.iter().try_fold(0_usize, |sum, byte| sum.checked_mul(256)?.checked_add(usize::from(*byte)))?, rest)
        }
    };
    let (inside, behind) = rest.split_at_checked(length)?;
    Some((tag, inside, behind))
}
