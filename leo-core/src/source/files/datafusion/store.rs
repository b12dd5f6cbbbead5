//! All that DataFusion can reach: the files that were named when the source was opened, by number, to be read.
//!
//! There is no other store in its registry, not even the file system's own, so a path in a statement leads nowhere.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::common::DataFusionError;
use datafusion::execution::object_store::ObjectStoreRegistry;
use datafusion::object_store::path::Path as Location;
use datafusion::object_store::{
    CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use futures::StreamExt;
use futures::stream::BoxStream;
use url::Url;

use crate::error::{self, Error as LeoError};
use crate::source::files::input;

/// The one place there is.
const PLACE: &str = "leo://files";

/// The address of the file of number `index`.
pub(super) fn address(index: usize) -> error::Result<Url> {
    Url::parse(&format!("{PLACE}/{index}")).map_err(|error| LeoError::internal("no address for a file").with_source(error))
}

/// A file as it was when the source was opened.
#[derive(Debug, Clone)]
pub(super) struct DataFile {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    modified: SystemTime,
}

/// Why a file cannot be read any more.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) LeoError);

impl DataFile {
    /// Notes how the file at `path` is now.
    pub(super) fn look(path: &Path) -> error::Result<(Self, File)> {
        let file = input::open(path)?;
        let metadata = file.metadata().map_err(|error| input::failed(path, error))?;
        let modified = metadata.modified().map_err(|error| input::failed(path, error))?;
        Ok((Self { path: path.to_owned(), size: metadata.len(), modified }, file))
    }

    /// Opens the file, which must be as it was.
    pub(super) fn open(&self) -> error::Result<File> {
        let (now, file) = Self::look(&self.path)?;
        if now.size == self.size && now.modified == self.modified {
            return Ok(file);
        }
        Err(LeoError::conflict(format!("`{}` changed after it was opened; open the source again", self.path.display())))
    }
}

/// The files, read-only.
#[derive(Debug, Clone)]
pub(super) struct Store {
    files: Arc<[DataFile]>,
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} files", self.files.len())
    }
}

impl Store {
    pub(super) fn new(files: Vec<DataFile>) -> Self {
        Self { files: files.into() }
    }

    /// Whether all files are as they were.
    pub(super) fn check(&self) -> error::Result<()> {
        self.files.iter().try_for_each(|file| file.open().map(drop))
    }

    fn file(&self, location: &Location) -> Result<DataFile> {
        let known = location.as_ref().parse().ok().and_then(|index: usize| self.files.get(index));
        known.cloned().ok_or_else(|| Error::NotFound { path: location.to_string(), source: "no such file in this source".into() })
    }
}

fn unreadable(error: LeoError) -> Error {
    Error::Generic { store: "files", source: Box::new(Unreadable(error)) }
}

fn read_only<T>() -> Result<T> {
    Err(Error::NotSupported { source: "files are read, never written".into() })
}

/// Runs `work`, which waits for the disk, where it holds up nothing else.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|source| Error::JoinError { source })?
}

#[async_trait]
impl ObjectStore for Store {
    async fn get_opts(&self, location: &Location, options: GetOptions) -> Result<GetResult> {
        let (file, location) = (self.file(location)?, location.clone());
        on_disk(move || {
            let opened = file.open().map_err(unreadable)?;
            let meta = ObjectMeta { location, last_modified: file.modified.into(), size: file.size, e_tag: None, version: None };
            options.check_preconditions(&meta)?;
            let range = match options.range {
                Some(range) => {
                    range.as_range(meta.size).map_err(|error| Error::Generic { store: "files", source: Box::new(error) })?
                }
                None => 0..meta.size,
            };
            Ok(GetResult { payload: GetResultPayload::File(opened, file.path), meta, range, attributes: Default::default() })
        })
        .await
    }

    async fn get_ranges(&self, location: &Location, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let (file, ranges) = (self.file(location)?, ranges.to_vec());
        on_disk(move || {
            let mut opened = file.open().map_err(unreadable)?;
            let failed = |error| unreadable(input::failed(&file.path, error));
            let read = |range: Range<u64>| {
                opened.seek(SeekFrom::Start(range.start)).map_err(failed)?;
                // What a damaged footer says may be more than there is.
                let length = range.end.min(file.size).saturating_sub(range.start);
                let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
                opened.read_exact(&mut bytes).map_err(failed)?;
                Ok(Bytes::from(bytes))
            };
            ranges.into_iter().map(read).collect()
        })
        .await
    }

    /// There are no folders: each file is known by its number.
    fn list(&self, _prefix: Option<&Location>) -> BoxStream<'static, Result<ObjectMeta>> {
        futures::stream::empty().boxed()
    }

    async fn list_with_delimiter(&self, _prefix: Option<&Location>) -> Result<ListResult> {
        Ok(ListResult { common_prefixes: Vec::new(), objects: Vec::new() })
    }

    async fn put_opts(&self, _: &Location, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        read_only()
    }

    async fn put_multipart_opts(&self, _: &Location, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        read_only()
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Location>>) -> BoxStream<'static, Result<Location>> {
        locations.map(|_| read_only()).boxed()
    }

    async fn copy_opts(&self, _: &Location, _: &Location, _: CopyOptions) -> Result<()> {
        read_only()
    }
}

/// A registry with the one store, which takes no other.
#[derive(Debug)]
pub(super) struct OnlyStore(pub(super) Arc<Store>);

impl ObjectStoreRegistry for OnlyStore {
    fn register_store(&self, _: &Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        Some(store)
    }

    fn get_store(&self, url: &Url) -> std::result::Result<Arc<dyn ObjectStore>, DataFusionError> {
        match url.as_str().trim_end_matches('/') == PLACE || url.as_str().starts_with("leo://files/") {
            true => Ok(Arc::clone(&self.0) as Arc<dyn ObjectStore>),
            false => Err(DataFusionError::Execution("nothing but the files of the source can be read".into())),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use datafusion::object_store::ObjectStoreExt;

    #[tokio::test]
    async fn only_named_files_are_there_and_only_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b%20#?*.parquet");
        std::fs::write(&path, b"0123456789").unwrap();
        let store = Store::new(vec![DataFile::look(&path).unwrap().0]);
        assert_eq!(store.get_range(&Location::from("0"), 2..5).await.unwrap(), Bytes::from("234"));
        assert_eq!(store.get_ranges(&Location::from("0"), &[0..2, 8..99]).await.unwrap(), ["01", "89"]);
        for other in ["1", "etc/passwd", "0/0", "-1", "0.parquet"] {
            assert!(store.get(&Location::from(other)).await.is_err(), "{other}");
        }
        assert!(store.put(&Location::from("0"), "x".into()).await.is_err());
        assert!(store.delete(&Location::from("0")).await.is_err());
        assert!(store.copy(&Location::from("0"), &Location::from("1")).await.is_err());
        let registry = OnlyStore(Arc::new(store.clone()));
        assert!(registry.get_store(&address(0).unwrap()).is_ok());
        for url in ["file:///etc/passwd", "file:///", "http://example.com/", "leo://other/0", "s3://bucket/"] {
            assert!(registry.get_store(&Url::parse(url).unwrap()).is_err(), "{url}");
        }
        std::fs::write(&path, b"0123456789 and more").unwrap();
        let changed = store.get(&Location::from("0")).await.map(drop).unwrap_err();
        assert!(changed.to_string().contains("changed after it was opened"), "{changed}");
        assert_eq!(store.check().unwrap_err().kind(), crate::ErrorKind::Conflict);
    }
}
