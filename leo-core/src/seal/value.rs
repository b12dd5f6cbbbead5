//! Values that only the holder of a key reads, wherever they are kept.

use std::sync::Arc;

use super::cipher;
use crate::adapter::KeyStore;
use crate::error::{Error, Result};

/// The form that is written, in front of everything else.
const FORM: u8 = 1;

/// Seals values with a data key each, and those with the current key of the host's store.
#[derive(Debug, Clone)]
pub(crate) struct Sealer(Arc<dyn KeyStore>);

impl Sealer {
    pub(crate) fn new(keys: Arc<dyn KeyStore>) -> Self {
        Self(keys)
    }

    /// The value sealed for `name`, which whoever opens it must know: nobody who writes to the store puts one value in another's place.
    ///
    /// # Errors
    /// The key store's; `Unavailable` when the system gives no random numbers.
    pub(crate) async fn seal(&self, name: &str, value: &[u8]) -> Result<Vec<u8>> {
        let (key, data_key) = (self.0.current().await?, cipher::new_key()?);
        let sealed = cipher::seal(&data_key, name.as_bytes(), value)?;
        let data_key = self.0.seal(&key, &data_key).await?;
        let mut written = vec![FORM];
        for part in [key.as_bytes(), &data_key] {
            let length =
                u16::try_from(part.len()).map_err(|_| Error::config("the key store's ids and keys are at most 64 KiB"))?;
            written.extend(length.to_be_bytes());
            written.extend(part);
        }
        written.extend(sealed);
        Ok(written)
    }

    /// The value that was sealed for `name`.
    ///
    /// # Errors
    /// `Malformed` when anything of it was changed, or it was sealed for another name; the key store's.
    pub(crate) async fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>> {
        let changed =
            || Error::malformed("a stored value does not open: it was changed, or sealed for another place or with another key");
        let Some((&FORM, rest)) = sealed.split_first() else { return Err(changed()) };
        let (key, rest) = part(rest).ok_or_else(changed)?;
        let (data_key, rest) = part(rest).ok_or_else(changed)?;
        let key = std::str::from_utf8(key).map_err(|_| changed())?;
        let data_key = self.0.unseal(key, data_key).await?;
        let opened = cipher::open(&data_key, name.as_bytes(), rest).ok_or_else(changed)?;
        Ok(opened.to_vec())
    }
}

/// What stands behind its length, and the rest.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(u16::from_be_bytes(*length).into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::EnvironmentKeys;
    use super::*;
    use crate::error::ErrorKind;

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(Arc::new(EnvironmentKeys::parse(keys).unwrap()))
    }

    #[tokio::test]
    async fn a_value_opens_where_it_was_sealed_for_and_as_it_was() {
        let (old, new) = (format!("2025:{}", "17".repeat(32)), format!("2026:{}", "5a".repeat(32)));
        let sealed = sealer(&old).seal("acme/table", b"north, south").await.unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"north"));
        assert_eq!(sealer(&format!("{new},{old}")).open("acme/table", &sealed).await.unwrap(), b"north, south");
        assert_eq!(sealer(&old).open("globex/table", &sealed).await.unwrap_err().kind(), ErrorKind::Malformed);
        assert!(sealer(&new).open("acme/table", &sealed).await.is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer(&old).open("acme/table", &changed).await.is_err(), "byte {at}");
            assert!(sealer(&old).open("acme/table", &sealed[..at]).await.is_err(), "cut at {at}");
        }
    }
}
