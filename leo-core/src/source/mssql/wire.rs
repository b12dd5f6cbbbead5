//! The stream under the driver: connected, protected and told apart here, so that the driver only speaks TDS over it.
//!
//! The pre-login and TLS happen before the driver sees the stream, because the driver trusts the system's authorities beside the ones
//! that are named, says of a wrong certificate only that it is wrong, and waits for a handshake that a server without TLS never
//! answers. The driver's own pre-login is then swallowed and answered from what the server said.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead as FuturesRead, AsyncWrite as FuturesWrite};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::prelogin::{self, ATTENTION, BATCH, END_OF_MESSAGE, HEADER, Packed, RPC};
use crate::error::Result;
use crate::source::net::problem::Problem;
use crate::source::net::socket::Socket;
use crate::source::net::{dial, tls};
use crate::source::{Login, SourceSpec, TlsMode};

/// Bytes of an answer that are kept for [`Head`]: enough for some thousand columns.
const HEAD_BYTES: usize = 256 << 10;
/// Bytes of a DONE token (MS-TDS 2.2.7.6).
const DONE: usize = 13;
/// Its type, and the flag that acknowledges an attention.
const DONE_TOKEN: u8 = 0xfd;
const DONE_ATTENTION: u8 = 0x20;

/// The first bytes of the answer under way, without packet headers.
#[derive(Debug, Default)]
pub(super) struct Head(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    open: bool,
}

impl Head {
    /// What was kept; nothing more is until the next request.
    pub(super) fn take(&self) -> Vec<u8> {
        let mut kept = self.lock();
        kept.open = false;
        std::mem::take(&mut kept.bytes)
    }

    fn start(&self) {
        *self.lock() = Kept { bytes: Vec::new(), open: true };
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.lock();
        if kept.open {
            let room = HEAD_BYTES.saturating_sub(kept.bytes.len());
            kept.bytes.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
            kept.open = room > bytes.len();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where in a packet a stream of bytes is.
#[derive(Debug, Default)]
struct Packets {
    header: [u8; HEADER],
    have: usize,
    left: usize,
}

enum Part<'a> {
    /// A packet of this type begins.
    Start(u8),
    Payload(&'a [u8]),
    /// The last packet of a message ended.
    End,
}

impl Packets {
    fn feed(&mut self, mut bytes: &[u8], mut on: impl FnMut(Part<'_>)) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let (head, rest) = bytes.split_at((HEADER - self.have).min(bytes.len()));
                if let Some(place) = self.header.get_mut(self.have..self.have + head.len()) {
                    place.copy_from_slice(head);
                }
                self.have += head.len();
                bytes = rest;
                if self.have < HEADER {
                    return;
                }
                self.left = usize::from(u16::from_be_bytes([self.header[2], self.header[3]])).saturating_sub(HEADER);
                on(Part::Start(self.header[0]));
            } else {
                let (payload, rest) = bytes.split_at(self.left.min(bytes.len()));
                on(Part::Payload(payload));
                self.left -= payload.len();
                bytes = rest;
            }
            if self.left == 0 {
                self.have = 0;
                if self.header[1] & END_OF_MESSAGE != 0 {
                    on(Part::End);
                }
            }
        }
    }
}

#[derive(Debug)]
enum Channel {
    Plain(Socket),
    Tls(Box<TlsStream<Packed<Socket>>>),
}

/// The driver's own pre-login.
#[derive(Debug)]
enum Greeting {
    /// It is being sent; the answer waits.
    Sending(Vec<u8>),
    /// The answer, and how much of it was read.
    Answering(Vec<u8>, usize),
    Over,
}

/// A stream to a server that is ready for the driver.
#[derive(Debug)]
pub(super) struct Wire {
    channel: Channel,
    greeting: Greeting,
    out: Packets,
    back: Packets,
    head: Arc<Head>,
    /// After an attention: the last bytes of the message that comes. What is left of the answer is passed over, and the stream ends
    /// where the server acknowledges.
    ending: Option<Vec<u8>>,
    ended: bool,
}

/// Connects and protects as the spec says.
///
/// # Errors
/// The problem.
pub(super) async fn open(spec: &SourceSpec) -> Result<Wire> {
    let config = tls::client_config(spec)?.map(Arc::new);
    let mut config = config.as_ref();
    loop {
        let failed = |(problem, source): (Problem, Option<io::Error>)| match source {
            Some(source) => problem.error(spec).with_source(source),
            None => problem.error(spec),
        };
        let mut stream = dial::dial(spec).await?;
        let asked = if config.is_some() { prelogin::ENCRYPT_ON } else { prelogin::ENCRYPT_NOT_SUPPORTED };
        let request = prelogin::request(asked, matches!(spec.login, Login::Token { .. }));
        stream.write_all(&request).await.map_err(|error| failed((Problem::of_io(&error), Some(error))))?;
        let answer = prelogin::answer(&mut stream).await.map_err(failed)?;
        let encrypts = matches!(answer.encryption, prelogin::ENCRYPT_ON | prelogin::ENCRYPT_REQUIRED);
        let channel = match (config, encrypts) {
            (None, false) => Channel::Plain(stream),
            (None, true) => return Err(Problem::TlsRequired.error(spec)),
            (Some(_), false) if spec.tls_mode() == TlsMode::Prefer => {
                config = None;
                continue;
            }
            (Some(_), false) => return Err(Problem::NoTls.error(spec)),
            (Some(config), true) => {
                let name = tls::server_name(spec)?;
                let connected = TlsConnector::from(Arc::clone(config)).connect(name, Packed::new(stream)).await;
                let mut stream = connected.map_err(|error| failed((Problem::of_io(&error), Some(error))))?;
                stream.get_mut().0.handshake_done();
                Channel::Tls(Box::new(stream))
            }
        };
        return Ok(Wire {
            channel,
            greeting: Greeting::Sending(answer.for_driver()),
            out: Packets::default(),
            back: Packets::default(),
            head: Arc::default(),
            ending: None,
            ended: false,
        });
    }
}

impl Wire {
    pub(super) fn head(&self) -> Arc<Head> {
        Arc::clone(&self.head)
    }

    /// Whether what is sent is protected.
    pub(super) fn is_protected(&self) -> bool {
        matches!(self.channel, Channel::Tls(_))
    }

    fn poll_channel(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match &mut self.channel {
            Channel::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Channel::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buf),
        }
    }

    /// Reads on to the acknowledgement of the attention, which ends the stream.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut scratch = [0; 4096];
        while !self.ended {
            let mut buf = ReadBuf::new(&mut scratch);
            ready!(self.poll_channel(cx, &mut buf))?;
            if buf.filled().is_empty() {
                self.ended = true;
                break;
            }
            let Self { back, ending, ended, .. } = self;
            let Some(tail) = ending else { break };
            back.feed(buf.filled(), |part| match part {
                Part::Start(_) => {}
                Part::Payload(payload) => {
                    tail.extend_from_slice(payload);
                    tail.drain(..tail.len().saturating_sub(DONE));
                }
                Part::End => {
                    *ended |= tail.len() == DONE && tail[0] == DONE_TOKEN && tail[1] & DONE_ATTENTION != 0;
                    tail.clear();
                }
            });
        }
        Poll::Ready(Ok(0))
    }
}

impl FuturesRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &mut [u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Greeting::Answering(answer, at) = &mut this.greeting {
            let rest = answer.get(*at..).unwrap_or_default();
            let count = rest.len().min(bytes.len());
            if let (Some(to), Some(from)) = (bytes.get_mut(..count), rest.get(..count)) {
                to.copy_from_slice(from);
            }
            *at += count;
            if *at == answer.len() {
                this.greeting = Greeting::Over;
            }
            return Poll::Ready(Ok(count));
        }
        if this.ending.is_some() {
            return this.poll_end(cx);
        }
        let mut buf = ReadBuf::new(bytes);
        ready!(this.poll_channel(cx, &mut buf))?;
        let Self { back, head, .. } = this;
        back.feed(buf.filled(), |part| {
            if let Part::Payload(payload) = part {
                head.push(payload);
            }
        });
        Poll::Ready(Ok(buf.filled().len()))
    }
}

impl FuturesWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Greeting::Sending(answer) = &mut this.greeting {
            let mut sent = false;
            this.out.feed(bytes, |part| sent |= matches!(part, Part::End));
            if sent {
                this.greeting = Greeting::Answering(std::mem::take(answer), 0);
            }
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(match &mut this.channel {
            Channel::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Channel::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
        })?;
        let Self { out, head, ending, .. } = this;
        out.feed(bytes.get(..written).unwrap_or_default(), |part| match part {
            Part::Start(BATCH | RPC) => head.start(),
            Part::Start(ATTENTION) => *ending = Some(Vec::new()),
            _ => {}
        });
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.channel {
            Channel::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Channel::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.channel {
            Channel::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Channel::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}
