//! Packets and messages (MS-TDS 2.2.3).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Types of packets (2.2.3.1.1).
pub(super) const BATCH: u8 = 0x01;
pub(super) const RPC: u8 = 0x03;
pub(super) const RESPONSE: u8 = 0x04;
pub(super) const ATTENTION: u8 = 0x06;
pub(super) const LOGIN7: u8 = 0x10;
pub(super) const PRELOGIN: u8 = 0x12;
/// Payload of a packet of the default size (2.2.3.1.3).
const PAYLOAD: usize = 4088;

/// Reads a whole message: its type and payload. `None` when the client has gone.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<(u8, Vec<u8>)> {
    let mut payload = Vec::new();
    loop {
        let mut header = [0; 8];
        stream.read_exact(&mut header).await.ok()?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let start = payload.len();
        payload.resize(start + length.checked_sub(8)?, 0);
        stream.read_exact(&mut payload[start..]).await.ok()?;
        // Status: end of message (2.2.3.1.2).
        if header[1] & 1 != 0 {
            return Some((header[0], payload));
        }
    }
}

/// Writes a message of the server's, or a part of one.
pub(super) async fn write(stream: &mut (impl AsyncWrite + Unpin), payload: &[u8], is_end: bool) -> Option<()> {
    let mut parts = payload.chunks(PAYLOAD).peekable();
    if payload.is_empty() && is_end {
        stream.write_all(&[RESPONSE, 1, 0, 8, 0, 0, 1, 0]).await.ok()?;
    }
    while let Some(part) = parts.next() {
        let last = is_end && parts.peek().is_none();
        let length = u16::try_from(part.len() + 8).ok()?.to_be_bytes();
        stream.write_all(&[RESPONSE, u8::from(last), length[0], length[1], 0, 0, 1, 0]).await.ok()?;
        stream.write_all(part).await.ok()?;
    }
    stream.flush().await.ok()
}
