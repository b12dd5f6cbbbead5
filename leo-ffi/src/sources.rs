//! The sources of a handle: added, listed, changed, tested and removed while it runs.

use std::ffi::c_char;

use crate::boundary::guarded;
use crate::calls::{done, json};
use crate::error::LeoError;
use crate::leo::{Leo, data};
use crate::options::{Arguments, LeoSourceOptions};

/// Adds a source for the user's tenant, without connecting to it. False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_add(
    leo: Option<&Leo>,
    options: *const LeoSourceOptions,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || done(leo, "sources.add", Arguments::default().options(options)?))
}

/// The sources that the user may look at, in the order of registration: a JSON array.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_sources_list(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "sources.list", Arguments::default()))
}

/// How a source does, without asking it: a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_status(
    leo: Option<&Leo>,
    id: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sources.status", Arguments::default().text("id", id)?))
}

/// Connects to a source, looks around and says what it found: a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_test(
    leo: Option<&Leo>,
    id: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sources.test", Arguments::default().text("id", id)?))
}

/// Opens a source anew at another place or with another login, and uses it from then on. `place` is a path, URL, ADO string, or a JSON object
/// of fields. False and an error when the call fails; then the source is what it was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_update(
    leo: Option<&Leo>,
    id: *const c_char,
    place: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> bool {
    guarded(error, || done(leo, "sources.update", Arguments::default().text("id", id)?.at("place", place)?))
}

/// Disconnects a source: calls under way may end within `wait_ms` milliseconds and are cancelled then. How many were; -1 and an error when the
/// call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_disconnect(
    leo: Option<&Leo>,
    id: *const c_char,
    wait_ms: u64,
    error: Option<&mut *mut LeoError>,
) -> i64 {
    guarded(error, || {
        let cancelled = data(leo, "sources.disconnect", Arguments::default().text("id", id)?.with("wait_ms", wait_ms))?;
        cancelled.as_i64().ok_or_else(|| leo::Error::internal("a number was expected"))
    })
}

/// Removes a source; its id is free again. False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sources_remove(leo: Option<&Leo>, id: *const c_char, error: Option<&mut *mut LeoError>) -> bool {
    guarded(error, || done(leo, "sources.remove", Arguments::default().text("id", id)?))
}
