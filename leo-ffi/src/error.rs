//! Errors as objects.

use std::ffi::{CString, c_char};
use std::ptr::null;

use leo::{Error, ErrorKind};

use crate::boundary::c_string;

/// What went wrong, and what to do about it. It belongs to who was given it: `leo_error_free`. Any thread may read it.
pub struct LeoError {
    kind: LeoErrorKind,
    name: CString,
    message: CString,
    json: CString,
    retryable: bool,
}

impl LeoError {
    pub(crate) fn new(error: &Error) -> Self {
        Self {
            kind: LeoErrorKind::of(error.kind()),
            name: c_string(error.kind().as_str()),
            message: c_string(error.message()),
            json: c_string(leo_bridge::error::with_causes(error).to_string()),
            retryable: error.kind().is_retryable(),
        }
    }
}

/// What a program can do about an error. Numbers stay as they are; there may be more one day.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeoErrorKind {
    /// There is no error.
    LeoErrorNone = 0,
    /// A setting, path or option is wrong or missing; change the configuration.
    LeoErrorConfig = 1,
    /// The user may not do this; ask whoever grants access.
    LeoErrorDenied = 2,
    /// The guard refused the statement; the findings say why.
    LeoErrorRejected = 3,
    /// The statement runs only after somebody with the right approves it.
    LeoErrorNeedsApproval = 4,
    /// The named thing does not exist.
    LeoErrorNotFound = 5,
    /// Somebody else holds or changed the thing; look again, then retry.
    LeoErrorConflict = 6,
    /// Leo, this build or this source cannot do that.
    LeoErrorUnsupported = 7,
    /// The database, model or storage cannot be reached right now; retry later.
    LeoErrorUnavailable = 8,
    /// Too many calls; retry after the stated time.
    LeoErrorRateLimited = 9,
    /// The statement would cost more than is allowed.
    LeoErrorOverBudget = 10,
    /// The deadline or the command timeout passed.
    LeoErrorTimeout = 11,
    /// The call was cancelled, by its `LeoCancel` or by the database.
    LeoErrorCancelled = 12,
    /// The handle was closed.
    LeoErrorClosed = 13,
    /// A stated limit (size, length, memory) was exceeded.
    LeoErrorLimitExceeded = 14,
    /// Input or stored data does not have the form it must have.
    LeoErrorMalformed = 15,
    /// A part of the host's failed.
    LeoErrorAdapter = 16,
    /// A defect in Leo; please report it.
    LeoErrorInternal = 17,
}

impl LeoErrorKind {
    fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Config => Self::LeoErrorConfig,
            ErrorKind::Denied => Self::LeoErrorDenied,
            ErrorKind::Rejected => Self::LeoErrorRejected,
            ErrorKind::NeedsApproval => Self::LeoErrorNeedsApproval,
            ErrorKind::NotFound => Self::LeoErrorNotFound,
            ErrorKind::Conflict => Self::LeoErrorConflict,
            ErrorKind::Unsupported => Self::LeoErrorUnsupported,
            ErrorKind::Unavailable => Self::LeoErrorUnavailable,
            ErrorKind::RateLimited => Self::LeoErrorRateLimited,
            ErrorKind::OverBudget => Self::LeoErrorOverBudget,
            ErrorKind::Timeout => Self::LeoErrorTimeout,
            ErrorKind::Cancelled => Self::LeoErrorCancelled,
            ErrorKind::Closed => Self::LeoErrorClosed,
            ErrorKind::LimitExceeded => Self::LeoErrorLimitExceeded,
            ErrorKind::Malformed => Self::LeoErrorMalformed,
            ErrorKind::Adapter => Self::LeoErrorAdapter,
            _ => Self::LeoErrorInternal,
        }
    }

    /// The kind of a number that C gave; `adapter` where it is none, since only parts of the host's give one.
    pub(crate) fn from_number(number: i32) -> ErrorKind {
        ErrorKind::ALL.iter().copied().find(|kind| Self::of(*kind) as i32 == number).unwrap_or(ErrorKind::Adapter)
    }
}

/// Its kind; `LEO_ERROR_NONE` for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_kind(error: Option<&LeoError>) -> LeoErrorKind {
    error.map_or(LeoErrorKind::LeoErrorNone, |error| error.kind)
}

/// The name of its kind, the same in every language: `denied`, `not_found` … NULL for NULL. Valid as long as the error.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_name(error: Option<&LeoError>) -> *const c_char {
    error.map_or(null(), |error| error.name.as_ptr())
}

/// What a person reads; it holds no value of a row and no password. NULL for NULL. Valid as long as the error.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_message(error: Option<&LeoError>) -> *const c_char {
    error.map_or(null(), |error| error.message.as_ptr())
}

/// All of it as JSON: `kind`, `message`, `context`, `findings` of the guard, `retryable`, and as `cause` the error that led to it. NULL for
/// NULL. Valid as long as the error. A cause may hold what a part of the host's said: do not show it to users.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_json(error: Option<&LeoError>) -> *const c_char {
    error.map_or(null(), |error| error.json.as_ptr())
}

/// Whether the same call may succeed later without anything being changed.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_is_retryable(error: Option<&LeoError>) -> bool {
    error.is_some_and(|error| error.retryable)
}

/// Frees an error. NULL is nothing.
#[unsafe(no_mangle)]
pub extern "C" fn leo_error_free(error: Option<Box<LeoError>>) {
    drop(error);
}
