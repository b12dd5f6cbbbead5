//! SQLite's errors as [`Error`]s. SQLite quotes values in some of its messages (`bad JSON path: …`), so what it says while a
//! statement runs is passed on only when it is one of its fixed texts.

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// Messages of a running statement that hold no value.
const FIXED: &[&str] = &[
    "integer overflow",
    "malformed JSON",
    "out of memory",
    "parser stack overflow",
    "datatype mismatch",
    "LIKE or GLOB pattern too complex",
];

/// An error of preparing a statement: it concerns the text only, so the engine's message is passed on for repair.
pub(super) fn preparing(error: &rusqlite::Error) -> Error {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => Error::rejected(format!("SQLite does not accept the statement: {msg}")),
        rusqlite::Error::SqliteFailure(failure, Some(message)) if failure.code == ErrorCode::Unknown => {
            Error::rejected(format!("SQLite does not accept the statement: {message}"))
        }
        rusqlite::Error::MultipleStatement => Error::rejected("there is more than one statement; send one at a time"),
        rusqlite::Error::NulError(_) => Error::rejected("the statement holds a NUL character"),
        other => running(other),
    }
}

/// An error of opening, of introspection or of a running statement.
pub(super) fn running(error: &rusqlite::Error) -> Error {
    let Some(code) = error.sqlite_error_code() else {
        return Error::internal("the SQLite library failed in an unexpected way");
    };
    match code {
        ErrorCode::OperationInterrupted => Error::cancelled("the statement was interrupted"),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Error::unavailable("the database is locked by another program; try again when it has finished writing")
        }
        ErrorCode::NotADatabase => Error::malformed(
            "the file is not a SQLite database or it is encrypted; Leo reads unencrypted SQLite 3 files, so decrypt a copy first",
        ),
        ErrorCode::DatabaseCorrupt => Error::malformed(
            "the database file is damaged; restore a backup or rescue it with `sqlite3 damaged.db .recover | sqlite3 new.db`",
        ),
        ErrorCode::CannotOpen => Error::unavailable(
            "SQLite cannot open the file; a database in WAL mode needs write access to its folder, so copy it to a folder of yours \
             or switch it with `PRAGMA journal_mode = DELETE`",
        ),
        ErrorCode::ReadOnly => Error::unavailable(
            "the database needs recovery after an interrupted write and is open read-only; open it once with the program that writes it",
        ),
        ErrorCode::PermissionDenied => Error::config("no permission to read the database; give this user read access"),
        ErrorCode::AuthorizationForStatementDenied => {
            Error::rejected("the statement reads something it was not vetted for; it was stopped by the database's own check")
        }
        ErrorCode::TooBig => {
            Error::limit_exceeded("a value is larger than a statement may produce; select less of it, for instance with substr()")
        }
        ErrorCode::OutOfMemory => {
            Error::limit_exceeded("the statement needs more memory than there is; ask for fewer rows or columns")
        }
        ErrorCode::DiskFull => Error::unavailable("the disk is full and SQLite cannot sort the result; free some space"),
        ErrorCode::SystemIoFailure => Error::unavailable("reading the database file failed; check the disk or the network share"),
        ErrorCode::FileLockingProtocolFailed => {
            Error::unavailable("the file system does not lock files; copy the database to a local disk")
        }
        _ => match error {
            rusqlite::Error::SqliteFailure(_, Some(message)) if FIXED.contains(&message.as_str()) => {
                Error::new(ErrorKind::Rejected, format!("the statement failed while running: {message}"))
            }
            _ => Error::new(
                ErrorKind::Rejected,
                "the statement failed while running, for instance on a value a function does not accept; check casts and function arguments",
            ),
        },
    }
}
