//! The one way to a storage: for one tenant, with values of any size.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::adapter::{MAX_VALUE_BYTES, PutOptions, Storage, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::value::to_hex;

/// Longest part of a key that is written as it is; longer ones are written as their hash.
const PART: usize = 160;
/// A piece of a large value.
const PIECE: usize = MAX_VALUE_BYTES;
/// Pieces outlive what refers to them by this, so that nobody who read the one misses the others.
const SLACK: Duration = Duration::from_secs(60);
/// Times a large value is read anew that somebody replaced in between.
const READS: usize = 3;
/// Keys listed at a time.
const PAGE: usize = 1_000;

/// What stands in front of a value: whether the value follows or where its pieces are.
const WHOLE: u8 = 0;
const IN_PIECES: u8 = 1;

/// A storage as one tenant has it.
///
/// Keys are `v1/<tenant>/…`, with every character of the tenant and of a name encoded that is no letter, digit, `-` or `_`: no name
/// leads out of its tenant. A value that does not fit into one is written in pieces first, under a number of its own, and becomes
/// visible, whole, with the one small value that refers to them.
#[derive(Debug, Clone)]
pub(crate) struct TenantStore {
    storage: Arc<dyn Storage>,
    tenant: String,
}

/// Refers to the pieces of a large value.
#[derive(Debug, Serialize, Deserialize)]
struct Pieces {
    /// What their keys begin with, behind the name's.
    under: String,
    count: usize,
    bytes: usize,
    sha256: String,
}

impl TenantStore {
    pub(crate) fn new(storage: Arc<dyn Storage>, tenant: &str) -> Self {
        Self { storage, tenant: part(tenant) }
    }

    /// Where the value of `name` lies, among all tenants' values: what is sealed for it opens nowhere else.
    pub(crate) fn place(&self, name: &str) -> String {
        self.key("k", name)
    }

    /// The value of `name`.
    ///
    /// # Errors
    /// `Adapter` when the storage fails, `Malformed` when it does not hold what was put there.
    pub(crate) async fn get(&self, name: &str) -> Result<Option<Versioned>> {
        for _ in 0..READS {
            let Some(Versioned { value, version }) = self.head(name).await? else { return Ok(None) };
            match value.split_first() {
                Some((&WHOLE, rest)) => return Ok(Some(Versioned { value: rest.to_vec(), version })),
                _ => {
                    if let Some(value) = self.assembled(name, &pieces(&value)?).await? {
                        return Ok(Some(Versioned { value, version }));
                    }
                }
            }
        }
        Err(Error::malformed("parts of a stored value are missing; put it back from a backup, or delete it"))
    }

    /// Keeps the value under `name`.
    ///
    /// # Errors
    /// `Conflict` when it has another version than the one expected, `Adapter` when the storage fails. In both cases what was there
    /// is there as before.
    pub(crate) async fn put(&self, name: &str, value: &[u8], options: PutOptions) -> Result<u64> {
        let before = self.head(name).await?;
        if options.expected.is_some_and(|expected| expected != before.as_ref().map_or(0, |before| before.version)) {
            return Err(changed());
        }
        let (head, written) = if value.len() < MAX_VALUE_BYTES {
            ([&[WHOLE], value].concat(), None)
        } else {
            let pieces = self.write_pieces(name, value, options.ttl).await?;
            let refers = serde_json::to_vec(&pieces)
                .map_err(|error| Error::internal("the pieces of a value could not be listed").with_source(error))?;
            ([&[IN_PIECES], refers.as_slice()].concat(), Some(pieces))
        };
        match self.storage.put(&self.key("k", name), head, options).await {
            Ok(version) => {
                self.clear(name, before).await;
                Ok(version)
            }
            Err(error) => {
                if let Some(pieces) = written {
                    self.remove_pieces(name, &pieces).await;
                }
                Err(failed("written", error))
            }
        }
    }

    /// Removes `name`; with `expected`, only when that is its version.
    ///
    /// # Errors
    /// As [`put`](Self::put).
    pub(crate) async fn delete(&self, name: &str, expected: Option<u64>) -> Result<()> {
        let before = self.head(name).await?;
        self.storage.delete(&self.key("k", name), expected).await.map_err(|error| failed("deleted", error))?;
        self.clear(name, before).await;
        Ok(())
    }

    /// The names that begin with `prefix`, in the order of their bytes. Names that are too long to stand in a key are not among them.
    ///
    /// # Errors
    /// `Adapter` when the storage fails.
    pub(crate) async fn names(&self, prefix: &str) -> Result<Vec<String>> {
        let within = format!("v1/{}/k/", self.tenant);
        let prefix = format!("{within}{}", part(prefix));
        let (mut names, mut after): (Vec<String>, Option<String>) = (Vec::new(), None);
        loop {
            let page = self.storage.list_page(&prefix, after.as_deref(), PAGE).await.map_err(|error| failed("listed", error))?;
            names.extend(page.iter().filter_map(|key| plain(key.strip_prefix(&within)?)));
            match page.last() {
                // A storage that does not go on is not asked for ever.
                Some(last) if page.len() >= PAGE && after.as_ref().is_none_or(|before| before < last) => {
                    after = Some(last.clone())
                }
                _ => return Ok(names),
            }
        }
    }

    async fn head(&self, name: &str) -> Result<Option<Versioned>> {
        self.storage.get(&self.key("k", name)).await.map_err(|error| failed("read", error))
    }

    /// The value put together; `None` when it is not all there because somebody replaced it in between.
    async fn assembled(&self, name: &str, pieces: &Pieces) -> Result<Option<Vec<u8>>> {
        let mut value = Vec::new();
        for at in 0..pieces.count {
            let piece = self.storage.get(&self.piece(name, &pieces.under, at)).await.map_err(|error| failed("read", error))?;
            let Some(piece) = piece else { return Ok(None) };
            value.extend_from_slice(&piece.value);
        }
        let is_whole = value.len() == pieces.bytes && to_hex(&Sha256::digest(&value)) == pieces.sha256;
        if is_whole {
            Ok(Some(value))
        } else {
            Err(Error::malformed("a stored value is not as it was put; put it back from a backup"))
        }
    }

    async fn write_pieces(&self, name: &str, value: &[u8], ttl: Option<Duration>) -> Result<Pieces> {
        let pieces = Pieces {
            under: uuid::Uuid::now_v7().simple().to_string(),
            count: value.len().div_ceil(PIECE),
            bytes: value.len(),
            sha256: to_hex(&Sha256::digest(value)),
        };
        let options = PutOptions { expected: None, ttl: ttl.map(|ttl| ttl.saturating_add(SLACK)) };
        for (at, piece) in value.chunks(PIECE).enumerate() {
            if let Err(error) = self.storage.put(&self.piece(name, &pieces.under, at), piece.to_vec(), options).await {
                self.remove_pieces(name, &pieces).await;
                return Err(failed("written", error));
            }
        }
        Ok(pieces)
    }

    /// Removes the pieces of a value that is no more. Where that fails they are in nobody's way.
    async fn clear(&self, name: &str, before: Option<Versioned>) {
        if let Some(pieces) = before.and_then(|before| pieces(&before.value).ok()) {
            self.remove_pieces(name, &pieces).await;
        }
    }

    async fn remove_pieces(&self, name: &str, pieces: &Pieces) {
        for at in 0..pieces.count {
            let _ = self.storage.delete(&self.piece(name, &pieces.under, at), None).await;
        }
    }

    /// The key of `name` among keys of one `kind`.
    fn key(&self, kind: &str, name: &str) -> String {
        format!("v1/{}/{kind}/{}", self.tenant, part(name))
    }

    fn piece(&self, name: &str, under: &str, at: usize) -> String {
        format!("{}/{under}/{at:06}", self.key("p", name))
    }
}

/// Text as one part of a key: what is no letter, digit, `-` or `_` as `%` and its bytes in hexadecimal. Long text is `~` and its hash,
/// which nothing else begins with.
fn part(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            byte => _ = write!(out, "%{byte:02x}"),
        }
    }
    if out.len() > PART { format!("~{}", to_hex(&Sha256::digest(text))) } else { out }
}

/// The text that [`part`] wrote; `None` for a hash.
fn plain(part: &str) -> Option<String> {
    let mut text = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'~' => return None,
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                text.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
            }
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).ok()
}

fn pieces(head: &[u8]) -> Result<Pieces> {
    let refers = head.strip_prefix(&[IN_PIECES]).ok_or_else(|| Error::malformed("a stored value is not one of Leo's"))?;
    serde_json::from_slice(refers).map_err(|error| Error::malformed("a stored value is not one of Leo's").with_source(error))
}

fn changed() -> Error {
    Error::conflict("somebody else changed it in the meantime; look at it again, then retry")
}

/// A host's storage fails in its own words, which nobody knows to be free of secrets: they are the source of the error alone.
fn failed(what: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Conflict => changed(),
        _ => Error::adapter(format!("the host's storage failed: a value could not be {what}; retry when it works again"))
            .with_source(error),
    }
}
