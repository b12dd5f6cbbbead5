//! Server-sent events, as far as services use them: the data of one event after the other.

use crate::error::{Error, Result};

/// Bytes of one event: the last one of some services repeats the whole answer.
const MAX_EVENT: usize = 8 << 20;

/// Cuts a stream of bytes into the data of its events.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The line that has no end yet.
    line: Vec<u8>,
    /// Data of the event that has no end yet.
    data: String,
    /// Whether the last byte was a carriage return, so that a line feed after it ends no other line.
    returned: bool,
}

impl Events {
    /// Takes the next bytes and gives the data of each event that ends in them to `each`. Comments and events without data are passed over.
    ///
    /// # Errors
    /// `Malformed` for what is no UTF-8, `LimitExceeded` for an event without end, and those of `each`.
    pub(super) fn push(&mut self, bytes: &[u8], each: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
        for &byte in bytes {
            let ends = match byte {
                b'\n' => !std::mem::take(&mut self.returned),
                b'\r' => {
                    self.returned = true;
                    true
                }
                _ => {
                    self.returned = false;
                    self.line.push(byte);
                    false
                }
            };
            if ends {
                self.end_line(each)?;
            }
            if self.line.len() + self.data.len() > MAX_EVENT {
                return Err(Error::limit_exceeded("an event of the model's stream has no end; it was not read further"));
            }
        }
        Ok(())
    }

    fn end_line(&mut self, each: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
        if self.line.is_empty() {
            // Each line of data left its end behind.
            let data = std::mem::take(&mut self.data);
            return match data.strip_suffix('\n') {
                Some(data) => each(data),
                None => Ok(()),
            };
        }
        let line = std::mem::take(&mut self.line);
        let line = std::str::from_utf8(&line).map_err(|_| Error::malformed("the model's stream is no UTF-8 text"))?;
        if let Some(data) = line.strip_prefix("data:") {
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
            self.data.push('\n');
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn events(pieces: &[&[u8]]) -> Vec<String> {
        let (mut events, mut found) = (Events::default(), Vec::new());
        for piece in pieces {
            events
                .push(piece, &mut |data| {
                    found.push(data.to_owned());
                    Ok(())
                })
                .unwrap();
        }
        found
    }

    #[test]
    fn events_are_told_apart() {
        let text = b": hello\n\nevent: a\ndata: {\"x\":1}\n\ndata:one\r\ndata: two\r\n\r\nid: 3\rdata: last\r\rdata: cut";
        assert_eq!(events(&[text]), ["{\"x\":1}", "one\ntwo", "last"]);
        assert_eq!(events(&[b"data:\n\n"]), [""]);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(Events::default().push(b"data: \xff\n", &mut |_| Ok(())).is_err());
        let endless = vec![b'x'; MAX_EVENT + 1];
        assert!(Events::default().push(&endless, &mut |_| Ok(())).is_err());
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_network_cuts(data in "[a-zé\r\n: ]{0,60}", cut in 0usize..80) {
            let text = format!("data: {data}\n\ndata: end\n\n");
            let bytes = text.as_bytes();
            let cut = cut.min(bytes.len());
            prop_assert_eq!(events(&[bytes]), events(&[&bytes[..cut], &bytes[cut..]]));
        }
    }
}
