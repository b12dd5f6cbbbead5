//! The file behind the JSON lines sink: locked, recovered, appended to all or nothing.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::chain::{self, Encoded, Head, Link, MAX_LINE};
use super::lines::BackwardLines;
use super::record;
use crate::adapter::AuditEvent;
use crate::error::{Error, ErrorKind, Result};
use crate::settings::Durability;
use crate::value::to_hex;

/// Whom a record names that nobody asked for.
const SYSTEM: &str = "system";

pub(in crate::audit) struct LogFile {
    path: PathBuf,
    file: File,
    /// Holds the lock, where that is another file.
    _lock: Option<File>,
    durability: Durability,
    head: Head,
    /// Identifies this opening of the file in its records.
    segment: String,
    /// Length up to the last complete record.
    length: u64,
    buffer: Vec<u8>,
    broken: bool,
}

impl LogFile {
    pub(in crate::audit) fn open(path: &Path, durability: Durability) -> Result<Self> {
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory).map_err(|error| unopenable(path, error))?;
        }
        let existed = path.exists();
        let file = private(OpenOptions::new().read(true).append(true).create(true))
            .open(path)
            .map_err(|error| unopenable(path, error))?;
        if !file.metadata().map_err(|error| unopenable(path, error))?.is_file() {
            return Err(
                Error::config("the audit path is not a file; name a file").with_context("file", path.display().to_string())
            );
        }
        let lock = lock(&file, path)?;
        let mut log = Self {
            path: path.to_path_buf(),
            file,
            _lock: lock,
            durability,
            head: Head::genesis(),
            segment: record::new_id(),
            length: 0,
            buffer: Vec::new(),
            broken: false,
        };
        if !existed && durability == Durability::Fsync {
            log.sync_directory();
        }
        if let Some(notice) = log.recover()? {
            log.append([&chain::encode(&notice)?], false)?;
        }
        Ok(log)
    }

    pub(in crate::audit) fn head(&self) -> &Head {
        &self.head
    }

    /// Writes the records, all or none.
    pub(in crate::audit) fn append<'a>(&mut self, events: impl IntoIterator<Item = &'a Encoded>, durable: bool) -> Result<()> {
        if self.broken {
            return Err(self.error(
                ErrorKind::Closed,
                "the audit file is closed because its disk failed; check the disk, then open it again",
            ));
        }
        let mut head = self.head.clone();
        self.buffer.clear();
        for event in events {
            chain::chain(event, &mut head, &self.segment, &mut self.buffer);
        }
        if let Err(error) = self.file.write_all(&self.buffer) {
            // A part may have been written. The file is open for appending, so the next write goes to the new end.
            self.broken = self.file.set_len(self.length).is_err();
            return Err(self.failed(error));
        }
        self.length += self.buffer.len() as u64;
        if (durable || self.durability == Durability::Fsync)
            && let Err(error) = self.file.sync_data()
        {
            // After a failed fsync the kernel may have dropped the pages; only reading the file again tells what is there.
            self.broken = true;
            let _ = self.file.set_len(self.length - self.buffer.len() as u64);
            return Err(self.failed(error));
        }
        self.head = head;
        Ok(())
    }

    /// Finds the last record and moves aside what a crash left after it.
    ///
    /// Torn is a last line without its newline, and whole lines that hold a zero byte: a file system that lost power may
    /// have extended the file without its data, and no record holds a zero byte. A whole line that is not a record otherwise was
    /// not torn but damaged, which is for a person to look at.
    fn recover(&mut self) -> Result<Option<AuditEvent>> {
        let length = self.file.metadata().map_err(|error| self.failed(error))?.len();
        let mut last: Option<Link> = None;
        self.length = 0;
        for line in BackwardLines::new(&self.file, MAX_LINE).map_err(|error| self.failed(error))? {
            let line = line.map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => self.error(ErrorKind::Malformed, "the file is not an audit file; name another one"),
                _ => self.failed(error),
            })?;
            if line.start == 0 && !may_be_torn(&line.bytes) {
                return Err(self.error(ErrorKind::Malformed, "the file is not an audit file; name another one"));
            }
            if !line.terminated {
                continue;
            }
            match chain::read(&line.bytes) {
                Ok(link) => {
                    self.length = line.start + line.bytes.len() as u64 + 1;
                    last = Some(link);
                    break;
                }
                Err(_) if line.bytes.contains(&0) => {}
                Err(damage) => {
                    return Err(self.error(
                        ErrorKind::Malformed,
                        &format!(
                            "the last record of the audit file is damaged ({}); keep the file, verify it, and start a new one",
                            damage.explain()
                        ),
                    ));
                }
            }
        }
        if let Some(link) = last {
            self.head = Head { count: link.seq, hash: link.hash };
        }
        if self.length == length {
            return Ok(None);
        }
        let (aside, hash) = self.move_aside(length)?;
        tracing::warn!(file = %self.path.display(), aside = %aside, "the audit file ended in a torn line, which was moved aside");
        Ok(Some(AuditEvent {
            id: record::new_id(),
            at: jiff::Timestamp::now(),
            action: "chain_notice".into(),
            tenant: SYSTEM.into(),
            user: SYSTEM.into(),
            target: Some(aside),
            status: Some("torn_line".into()),
            result_hash: Some(hash),
            leo_version: Some(env!("CARGO_PKG_VERSION").into()),
            ..AuditEvent::default()
        }))
    }

    /// Copies everything after the last record to a new file and cuts it off; returns the file's name and the bytes' hash.
    fn move_aside(&mut self, end: u64) -> Result<(String, String)> {
        let (mut aside, name) = self.new_file_aside()?;
        let mut hasher = Sha256::new();
        let mut left = end - self.length;
        let mut chunk = vec![0; 64 << 10];
        let copied = (|| {
            self.file.seek(SeekFrom::Start(self.length))?;
            while left > 0 {
                let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len());
                let read = self.file.read(chunk.get_mut(..wanted).unwrap_or_default())?;
                let Some(bytes) = chunk.get(..read).filter(|bytes| !bytes.is_empty()) else {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                };
                hasher.update(bytes);
                aside.write_all(bytes)?;
                left -= read as u64;
            }
            // The copy is on the disk before the original is cut.
            aside.sync_all()?;
            self.file.set_len(self.length)
        })();
        copied.map_err(|error| self.failed(error))?;
        Ok((name, to_hex(&hasher.finalize())))
    }

    fn new_file_aside(&self) -> Result<(File, String)> {
        let base = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for number in 1..10_000 {
            let name = format!("{base}.torn-{number}");
            match private(OpenOptions::new().write(true).create_new(true)).open(self.path.with_file_name(&name)) {
                Ok(file) => return Ok((file, name)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
        Err(self.error(ErrorKind::LimitExceeded, "there are 9,999 torn pieces beside the audit file; move them away"))
    }

    /// Makes the new file's name durable, where directories can be synced.
    fn sync_directory(&self) {
        let directory = self.path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if let Ok(directory) = File::open(directory) {
            let _ = directory.sync_all();
        }
    }

    fn failed(&self, error: io::Error) -> Error {
        let what = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                "the audit file cannot grow because its disk is full; free space, or name a file on another disk"
            }
            io::ErrorKind::FileTooLarge => "the audit file cannot grow because of a size limit; start a new file",
            _ => "the audit file could not be read or written; check its disk and permissions",
        };
        self.error(ErrorKind::Unavailable, what).with_source(error)
    }

    fn error(&self, kind: ErrorKind, message: &str) -> Error {
        Error::new(kind, message).with_context("file", self.path.display().to_string())
    }
}

/// Whether a first line is a record or may have become one: somebody's notes are not moved aside.
fn may_be_torn(line: &[u8]) -> bool {
    const RECORD: &[u8] = b"{\"event\":{";
    line.contains(&0) || line.iter().zip(RECORD).all(|(byte, start)| byte == start)
}

/// Readable and writable by the owner alone, where the system knows modes.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Takes the lock of the one writer: on Unix the file's own. Elsewhere a lock would keep readers out, so a file beside it holds it.
fn lock(file: &File, path: &Path) -> Result<Option<File>> {
    let beside = if cfg!(unix) {
        None
    } else {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(".lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path.with_file_name(name));
        Some(file.map_err(|error| unopenable(path, error))?)
    };
    match beside.as_ref().unwrap_or(file).try_lock() {
        Ok(()) => Ok(beside),
        Err(TryLockError::WouldBlock) => {
            Err(Error::conflict("the audit file is being written by another process or handle; give this one a file of its own")
                .with_context("file", path.display().to_string()))
        }
        Err(TryLockError::Error(error)) => {
            Err(Error::config("the audit file cannot be locked, as on some network file systems; name a file on a local disk")
                .with_context("file", path.display().to_string())
                .with_source(error))
        }
    }
}

fn unopenable(path: &Path, error: io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::PermissionDenied => "no permission to write the audit file; change its permissions or name another one",
        io::ErrorKind::IsADirectory => "the audit path is a directory; name a file in it",
        io::ErrorKind::StorageFull => "the audit file cannot be created because its disk is full; free space or name another one",
        _ => "the audit file cannot be opened; check the path",
    };
    let kind = if error.kind() == io::ErrorKind::StorageFull { ErrorKind::Unavailable } else { ErrorKind::Config };
    Error::new(kind, what).with_context("file", path.display().to_string()).with_source(error)
}
