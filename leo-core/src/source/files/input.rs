//! Bytes of a file: opened, decompressed, counted, and turned from UTF-16 into UTF-8.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, Encoding};
use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Bytes looked at to find out what a file is.
pub(super) const HEAD: usize = 1 << 20;

/// Opens a file.
///
/// # Errors
/// `NotFound`; `Config` for missing permission or what is no file.
pub(super) fn open(path: &Path) -> Result<File> {
    let shown = path.display();
    let file = File::open(path).map_err(|error| failed(path, error))?;
    let metadata = file.metadata().map_err(|error| failed(path, error))?;
    if !metadata.is_file() {
        return Err(Error::config(format!("`{shown}` is no regular file; name a file or a folder of files")));
    }
    Ok(file)
}

/// An error of reading, for a person.
pub(super) fn failed(path: &Path, error: io::Error) -> Error {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Error::not_found(format!("no file `{shown}`; check the path and the working directory")),
        io::ErrorKind::PermissionDenied => {
            Error::config(format!("no permission to read `{shown}`; give this user read access to the file and its folders"))
        }
        io::ErrorKind::FileTooLarge => Error::limit_exceeded(format!(
            "`{shown}` holds more data than may be read (`max_bytes`); raise the limit or load it into a database"
        )),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Error::malformed(format!("`{shown}` is damaged or was cut off; get it again")).with_source(error)
        }
        _ => Error::unavailable(format!("`{shown}` cannot be read; check the disk or the network share")).with_source(error),
    }
}

/// Whether these first bytes are of a gzip file.
pub(super) fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
}

/// The bytes of a text file, decompressed when it is a gzip file, at most `limit` of them.
pub(super) fn text(path: &Path, limit: u64) -> Result<Box<dyn Read>> {
    let mut file = open(path)?;
    let mut magic = [0; 2];
    let read = file.read(&mut magic).map_err(|error| failed(path, error))?;
    let gzip = is_gzip(&magic);
    let whole = io::Cursor::new(magic.get(..read).unwrap_or_default().to_vec()).chain(file);
    Ok(if gzip {
        Box::new(Limited { inner: MultiGzDecoder::new(BufReader::new(whole)), left: limit })
    } else {
        Box::new(Limited { inner: whole, left: limit })
    })
}

/// The first bytes of a text file, and whether they are all of it.
pub(super) fn head(path: &Path, limit: u64) -> Result<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    text(path, limit)?.take(HEAD as u64 + 1).read_to_end(&mut bytes).map_err(|error| failed(path, error))?;
    let complete = bytes.len() <= HEAD;
    bytes.truncate(HEAD);
    Ok((bytes, complete))
}

/// The first byte that is no blank and no part of a mark, in UTF-8 or in UTF-16.
pub(super) fn first_byte(head: &[u8]) -> Option<u8> {
    head.iter().copied().find(|byte| !byte.is_ascii_whitespace() && !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff))
}

/// Fails when more than `left` bytes come.
struct Limited<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}

/// Turns another encoding into UTF-8 while it is read; what cannot be read becomes U+FFFD.
pub(super) struct Transcoded<R> {
    inner: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    over: bool,
    /// The decoder has given all it had, and may not be asked again.
    finished: bool,
}

impl<R: Read> Transcoded<R> {
    /// `inner`, which is in `encoding`.
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self { inner, decoder, bytes: vec![0; 64 << 10], start: 0, end: 0, over: false, finished: false }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // A character needs up to four bytes, and the decoder room for what it may hold back.
        if buffer.len() < 16 {
            return match buffer.is_empty() {
                true => Ok(0),
                false => Err(io::Error::other("the buffer is too small")),
            };
        }
        while !self.finished {
            if self.start == self.end && !self.over {
                (self.start, self.end) = (0, self.inner.read(&mut self.bytes)?);
                self.over = self.end == 0;
            }
            let from = self.bytes.get(self.start..self.end).unwrap_or_default();
            let (result, read, written, _) = self.decoder.decode_to_utf8(from, buffer, self.over);
            self.start += read;
            self.finished = self.over && result == CoderResult::InputEmpty;
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
