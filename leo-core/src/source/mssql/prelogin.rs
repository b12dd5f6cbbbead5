//! The first exchange of a TDS connection (MS-TDS 2.2.6.5): what both sides can, and the TLS handshake inside its packets.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::source::net::problem::Problem;

/// Bytes of a packet's header (MS-TDS 2.2.3.1).
pub(super) const HEADER: usize = 8;
/// The largest packet before a larger size is agreed on.
const PACKET: usize = 4096;

/// Types of packets (MS-TDS 2.2.3.1.1).
pub(super) const BATCH: u8 = 0x01;
pub(super) const RPC: u8 = 0x03;
const RESPONSE: u8 = 0x04;
pub(super) const ATTENTION: u8 = 0x06;
const PRELOGIN: u8 = 0x12;
/// The packet is the last of its message (MS-TDS 2.2.3.1.2).
pub(super) const END_OF_MESSAGE: u8 = 0x01;

/// Values of the option ENCRYPTION.
pub(super) const ENCRYPT_ON: u8 = 1;
pub(super) const ENCRYPT_NOT_SUPPORTED: u8 = 2;
pub(super) const ENCRYPT_REQUIRED: u8 = 3;

/// Options.
const VERSION: u8 = 0;
const ENCRYPTION: u8 = 1;
const INSTANCE: u8 = 2;
const THREAD: u8 = 3;
const MARS: u8 = 4;
const FEDERATED: u8 = 6;
const NONCE: u8 = 7;
const TERMINATOR: u8 = 0xff;

/// A whole message in one packet.
fn packet(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(HEADER + payload.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![kind, END_OF_MESSAGE, length[0], length[1], 0, 0, 1, 0];
    packet.extend_from_slice(payload);
    packet
}

fn options(options: &[(u8, &[u8])]) -> Vec<u8> {
    let mut offset = options.len() * 5 + 1;
    let mut table = Vec::new();
    let mut data = Vec::new();
    for (option, value) in options {
        table.push(*option);
        table.extend_from_slice(&u16::try_from(offset).unwrap_or(u16::MAX).to_be_bytes());
        table.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        data.extend_from_slice(value);
        offset += value.len();
    }
    table.push(TERMINATOR);
    table.extend_from_slice(&data);
    table
}

/// What the client says first.
pub(super) fn request(encryption: u8, federated: bool) -> Vec<u8> {
    let mut all: Vec<(u8, &[u8])> = vec![
        (VERSION, &[0, 1, 0, 0, 0, 0]),
        (ENCRYPTION, std::slice::from_ref(&encryption)),
        (INSTANCE, &[0]),
        (THREAD, &[0; 4]),
        (MARS, &[0]),
    ];
    if federated {
        all.push((FEDERATED, &[1]));
    }
    packet(PRELOGIN, &options(&all))
}

/// What the server says to that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) encryption: u8,
    version: Vec<u8>,
    federated: Option<Vec<u8>>,
    nonce: Option<Vec<u8>>,
}

impl Answer {
    /// Reads a message's payload; options that are not known are passed over.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let (mut version, mut encryption, mut federated, mut nonce) = (None, None, None, None);
        let mut at = 0;
        loop {
            let option = *payload.get(at)?;
            if option == TERMINATOR {
                break;
            }
            let number = |at: usize| Some(usize::from(u16::from_be_bytes([*payload.get(at)?, *payload.get(at + 1)?])));
            let (offset, length) = (number(at + 1)?, number(at + 3)?);
            let value = payload.get(offset..offset.checked_add(length)?)?;
            match option {
                VERSION if length == 6 => version = Some(value.to_vec()),
                ENCRYPTION => encryption = value.first().copied(),
                FEDERATED if length > 0 => federated = Some(value.to_vec()),
                NONCE if length == 32 => nonce = Some(value.to_vec()),
                _ => {}
            }
            at += 5;
        }
        // The high bits of the option are flags for client certificates.
        Some(Self { encryption: encryption? & 0x0f, version: version?, federated, nonce })
    }

    /// The answer as the driver is to see it: protection is none of its business.
    pub(super) fn for_driver(&self) -> Vec<u8> {
        let mut all: Vec<(u8, &[u8])> =
            vec![(VERSION, &self.version), (ENCRYPTION, &[ENCRYPT_NOT_SUPPORTED]), (INSTANCE, &[0]), (THREAD, &[]), (MARS, &[0])];
        if let Some(federated) = &self.federated {
            all.push((FEDERATED, federated));
        }
        if let Some(nonce) = &self.nonce {
            all.push((NONCE, nonce));
        }
        packet(RESPONSE, &options(&all))
    }
}

/// Reads the server's answer.
///
/// # Errors
/// `OtherServer` when it is none of TDS or nothing; the network's.
pub(super) async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> Result<Answer, (Problem, Option<io::Error>)> {
    let mut payload = Vec::new();
    loop {
        let mut header = [0; HEADER];
        // One byte tells whether the rest can be waited for.
        match stream.read(&mut header[..1]).await {
            Ok(0) if payload.is_empty() => return Err((Problem::OtherServer, None)),
            Ok(0) => return Err((Problem::Lost, None)),
            Ok(_) if header[0] != RESPONSE => return Err((Problem::OtherServer, None)),
            Ok(_) => {}
            Err(error) => return Err((Problem::of_io(&error), Some(error))),
        }
        let lost = |error: io::Error| (Problem::of_io(&error), Some(error));
        stream.read_exact(&mut header[1..]).await.map_err(lost)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if !(HEADER..=PACKET).contains(&length) || payload.len() > PACKET {
            return Err((Problem::OtherServer, None));
        }
        let start = payload.len();
        payload.resize(start + length - HEADER, 0);
        stream.read_exact(payload.get_mut(start..).unwrap_or_default()).await.map_err(lost)?;
        if header[1] & END_OF_MESSAGE != 0 {
            return Answer::parse(&payload).ok_or((Problem::OtherServer, None));
        }
    }
}

/// A stream that carries the TLS handshake inside pre-login packets, and what comes after it as it is.
///
/// What is read tells by its first byte which of the two it is, because a TLS 1.3 server may still wrap its tickets when the client
/// has finished already.
#[derive(Debug)]
pub(super) struct Packed<S> {
    inner: S,
    /// What the client says, until it is flushed; `None` after the handshake.
    out: Option<Vec<u8>>,
    /// A packet that is being written, and how much of it is.
    sending: (Vec<u8>, usize),
    header: [u8; HEADER],
    have: usize,
    /// Bytes left of the packet that is being read.
    left: usize,
    /// Whether packets are over.
    bare: bool,
}

impl<S> Packed<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, out: Some(Vec::new()), sending: (Vec::new(), 0), header: [0; HEADER], have: 0, left: 0, bare: false }
    }

    /// Writes as it is from here on.
    pub(super) fn handshake_done(&mut self) {
        self.out = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Packed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.bare && this.left == 0 {
            let mut rest = ReadBuf::new(this.header.get_mut(this.have..).unwrap_or_default());
            // The first byte alone decides whether there is a header at all.
            let mut first = [0];
            if this.have == 0 {
                rest = ReadBuf::new(&mut first);
            }
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut rest))?;
            let read = rest.filled().len();
            if read == 0 {
                return Poll::Ready(Ok(()));
            }
            if this.have == 0 {
                if first[0] != PRELOGIN {
                    this.bare = true;
                    buf.put_slice(&first);
                    return Poll::Ready(Ok(()));
                }
                this.header[0] = first[0];
            }
            this.have += read;
            if this.have == HEADER {
                this.have = 0;
                this.left = usize::from(u16::from_be_bytes([this.header[2], this.header[3]])).saturating_sub(HEADER);
            }
        }
        if this.bare {
            return Pin::new(&mut this.inner).poll_read(cx, buf);
        }
        let mut part = buf.take(this.left);
        ready!(Pin::new(&mut this.inner).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        this.left -= read;
        // The part shares the buffer's memory; it only has to be told how much of it is filled.
        let filled = part.filled().to_vec();
        buf.put_slice(&filled);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Packed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.out {
            Some(out) => {
                out.extend_from_slice(bytes);
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut self.inner).poll_write(cx, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Some(out) = this.out.as_mut().filter(|out| !out.is_empty()) {
            let all = std::mem::take(out);
            let mut parts = all.chunks(PACKET - HEADER).peekable();
            while let Some(part) = parts.next() {
                let mut packet = packet(PRELOGIN, part);
                packet[1] = if parts.peek().is_none() { END_OF_MESSAGE } else { 0 };
                this.sending.0.append(&mut packet);
            }
        }
        while let Some(rest) = this.sending.0.get(this.sending.1..).filter(|rest| !rest.is_empty()) {
            let written = ready!(Pin::new(&mut this.inner).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.sending.1 += written;
        }
        this.sending = (Vec::new(), 0);
        Pin::new(&mut this.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_driver_sees_what_the_server_said_without_the_protection() {
        let nonce = [7; 32];
        let said =
            options(&[(VERSION, &[16, 0, 3, 0xe8, 0, 0]), (ENCRYPTION, &[1]), (9, &[1, 2]), (FEDERATED, &[1]), (NONCE, &nonce)]);
        let answer = Answer::parse(&said).unwrap();
        assert_eq!(answer.encryption, ENCRYPT_ON);
        let shown = answer.for_driver();
        assert_eq!((shown[0], usize::from(u16::from_be_bytes([shown[2], shown[3]]))), (RESPONSE, shown.len()));
        let seen = Answer::parse(&shown[HEADER..]).unwrap();
        assert_eq!(seen, Answer { encryption: ENCRYPT_NOT_SUPPORTED, ..answer });
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Answer::parse(&bytes);
        }
    }
}
