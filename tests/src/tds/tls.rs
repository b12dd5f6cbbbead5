//! TLS whose handshake is inside PRELOGIN packets (MS-TDS 3.2.5.1, 3.3.5.1), from the server's side.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::certificates::Files;

/// Takes the handshake of a client.
pub(super) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    files: &Files,
    newest: bool,
) -> io::Result<TlsStream<Wrapped<S>>> {
    let certificate = CertificateDer::from_pem_file(&files.certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&files.key).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    // SQL Server speaks at most 1.2 in this form of the protocol; others also 1.3, and wrap their tickets as they do the handshake.
    let versions = if newest { rustls::DEFAULT_VERSIONS } else { &[&rustls::version::TLS12] };
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .expect("a version")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate with its key");
    let wrapped = Wrapped { inner: stream, header: Vec::new(), left: 0, out: Vec::new(), plain: false, bare: false };
    let mut stream = TlsAcceptor::from(Arc::new(config)).accept(wrapped).await?;
    stream.get_mut().0.plain = true;
    Ok(stream)
}

/// Packets until the handshake is over.
pub(super) struct Wrapped<S> {
    inner: S,
    header: Vec<u8>,
    left: usize,
    out: Vec<u8>,
    /// Packets are over: for both sides, for what is read.
    plain: bool,
    bare: bool,
}

impl<S: AsyncRead + Unpin> AsyncRead for Wrapped<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.plain || this.bare {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        }
        while this.left == 0 {
            let mut byte = [0];
            let mut one = ReadBuf::new(&mut byte);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut one))?;
            if one.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            // A client of TLS 1.3 goes on without packets before the server has ended its part.
            if this.header.is_empty() && byte[0] != super::packet::PRELOGIN {
                this.bare = true;
                buf.put_slice(&byte);
                return Poll::Ready(Ok(()));
            }
            this.header.push(byte[0]);
            if this.header.len() == 8 {
                this.left = usize::from(u16::from_be_bytes([this.header[2], this.header[3]])) - 8;
                this.header.clear();
            }
        }
        let mut bytes = vec![0; this.left.min(buf.remaining())];
        let mut part = ReadBuf::new(&mut bytes);
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        this.left -= part.filled().len();
        buf.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wrapped<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.plain && self.out.is_empty() {
            return Pin::new(&mut self.inner).poll_write(cx, bytes);
        }
        let length = u16::try_from(bytes.len() + 8).expect("a small flight").to_be_bytes();
        self.out.extend_from_slice(&[super::packet::PRELOGIN, 1, length[0], length[1], 0, 0, 1, 0]);
        self.out.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.out.is_empty() {
            let written = ready!(Pin::new(&mut this.inner).poll_write(cx, &this.out))?;
            this.out.drain(..written);
        }
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
