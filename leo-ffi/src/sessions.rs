//! What was asked before.

use std::ffi::c_char;

use crate::boundary::{guarded, owned};
use crate::calls::{done, json};
use crate::error::LeoError;
use crate::leo::{Leo, data};
use crate::options::Arguments;

/// The user's own conversations, pinned ones first, then the newest: a JSON array.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_sessions_list(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "sessions.list", Arguments::default()))
}

/// A conversation of the user's own, with its turns: a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sessions_get(
    leo: Option<&Leo>,
    id: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sessions.get", Arguments::default().text("id", id)?))
}

/// Gives a conversation another title: what the list says of it then, a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sessions_rename(
    leo: Option<&Leo>,
    id: *const c_char,
    title: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sessions.rename", Arguments::default().text("id", id)?.text("title", title)?))
}

/// Keeps a conversation at the top of the list, or no longer: what the list says of it then, a JSON object.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sessions_pin(
    leo: Option<&Leo>,
    id: *const c_char,
    pinned: bool,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || json(leo, "sessions.pin", Arguments::default().text("id", id)?.with("pinned", pinned)))
}

/// Deletes a conversation and all its turns.
///
/// False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sessions_delete(leo: Option<&Leo>, id: *const c_char, error: Option<&mut *mut LeoError>) -> bool {
    guarded(error, || done(leo, "sessions.delete", Arguments::default().text("id", id)?))
}

/// A conversation as text: `json` or `markdown`.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sessions_export(
    leo: Option<&Leo>,
    id: *const c_char,
    format: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let exported = data(leo, "sessions.export", Arguments::default().text("id", id)?.text("format", format)?)?;
        exported.as_str().map(|text| owned(text.to_owned())).ok_or_else(|| leo::Error::internal("a text was expected"))
    })
}
