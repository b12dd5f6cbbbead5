//! The handle: what makes one, and how its calls are made.

use std::ffi::c_char;

use leo::{Error, Result};
use leo_bridge::{Host, Reply};
use serde_json::Value as Json;

use crate::adapter::{LeoPart, parts};
use crate::answer::LeoAnswer;
use crate::boundary::{given, guarded, json, owned, text};
use crate::error::LeoError;
use crate::options::{Arguments, LeoBuildOptions, LeoOpenOptions, LeoUserOptions};
use crate::runtime::{LeoCancel, wait};

/// A handle on sources. Any number of threads may use it at once.
pub struct Leo(pub(crate) Host);

/// Opens what a path, a URL or an ADO string names, for one trusted person, and connects to it.
///
/// `options` may be NULL. `parts` are `part_count` parts of the host's; see `LeoPart`. Gives NULL and an error when it cannot be opened.
/// The handle is the caller's: `leo_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_open(
    place: *const c_char,
    options: *const LeoOpenOptions,
    parts: *const LeoPart,
    part_count: usize,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<Leo>> {
    guarded(error, || {
        let parts = crate::adapter::parts(parts, part_count)?;
        let (place, options) = (text("place", place)?, Arguments::default().options(options)?);
        wait(None, Host::open(place, options.into_parts().1, parts)).map(|host| Some(Box::new(Leo(host))))
    })
}

/// Builds a handle for tenants and untrusted users, or what else `options` say.
///
/// `parts` are `part_count` parts of the host's; see `LeoPart`. Gives NULL and an error when something is missing. The handle is the
/// caller's: `leo_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_build(
    options: *const LeoBuildOptions,
    parts: *const LeoPart,
    part_count: usize,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<Leo>> {
    guarded(error, || {
        let parts = crate::adapter::parts(parts, part_count)?;
        let options = Arguments::default().options(options)?;
        wait(None, Host::build(options.into_parts().1, parts)).map(|host| Some(Box::new(Leo(host))))
    })
}

/// Opens a company that was made up, to try things on; `leo_sample_path` says where it is. Options and parts are those of `leo_open`, and may be
/// NULL and 0. The handle is the caller's: `leo_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_sample(
    options: *const LeoOpenOptions,
    parts: *const LeoPart,
    part_count: usize,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<Leo>> {
    guarded(error, || {
        let parts = crate::adapter::parts(parts, part_count)?;
        let options = Arguments::default().options(options)?;
        wait(None, Host::sample(options.into_parts().1, parts)).map(|host| Some(Box::new(Leo(host))))
    })
}

/// Where the sample company is, a SQLite file, made in the cache folder at the first call. The text is the caller's: `leo_string_free`. NULL and
/// an error when it cannot be made.
#[unsafe(no_mangle)]
pub extern "C" fn leo_sample_path(error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || leo_bridge::sample_path().map(owned))
}

/// The same handle for a user of a tenant; its calls are made for them. `options` may be NULL.
///
/// It is a handle of its own, the caller's: `leo_free`. It may outlive the one it was made of.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_for_user(
    leo: Option<&Leo>,
    tenant: *const c_char,
    user: *const c_char,
    options: *const LeoUserOptions,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<Leo>> {
    guarded(error, || {
        let context = Arguments::default().text("tenant", tenant)?.text("user", user)?.options(options)?;
        given("leo", leo)?.0.for_user(context.into_parts().1).map(|host| Some(Box::new(Leo(host))))
    })
}

/// Lets go of a handle; its connections close when the last handle made of the same is freed. NULL is nothing.
///
/// No thread may use the handle any more. Answers, events and streams that came from it stay as they are.
#[unsafe(no_mangle)]
pub extern "C" fn leo_free(leo: Option<Box<Leo>>) {
    guarded(None, || {
        drop(leo);
        Ok(true)
    });
}

/// Makes the call called `name` with a JSON object of arguments, and gives what it gives as JSON: an answer with its rows, `null` for nothing.
///
/// It is the way for languages that would rather give JSON than fill structs; names and arguments are those of the functions (`sources.add`
/// for `leo_sources_add`). `arguments` and `cancel` may be NULL. Calls that begin a stream have functions only. The text is the caller's:
/// `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_call(
    leo: Option<&Leo>,
    name: *const c_char,
    arguments: *const c_char,
    cancel: Option<&LeoCancel>,
    error: Option<&mut *mut LeoError>,
) -> *mut c_char {
    guarded(error, || {
        let (host, name) = (&given("leo", leo)?.0, text("name", name)?);
        let arguments = if arguments.is_null() { Json::Object(Default::default()) } else { json("arguments", arguments)? };
        let token = cancel.map(LeoCancel::token);
        match wait(token.as_ref(), host.call(name, arguments))? {
            Reply::Nothing => Ok(owned("null")),
            Reply::Json(data) => Ok(owned(data.to_string())),
            Reply::Answer(answer) => Ok(owned(leo_bridge::answer::to_json(&answer)?)),
            Reply::Events(_) | Reply::Batches(_) => {
                Err(Error::unsupported(format!("`{name}` begins a stream; call `leo_{name}` instead")))
            }
        }
    })
}

/// Makes a call and waits for what it gives.
pub(crate) fn reply(leo: Option<&Leo>, name: &str, arguments: Arguments) -> Result<Reply> {
    let host = &given("leo", leo)?.0;
    let (token, arguments) = arguments.into_parts();
    wait(token.as_ref(), host.call(name, arguments))
}

/// Makes a call that gives an answer.
pub(crate) fn answer(leo: Option<&Leo>, name: &str, arguments: Arguments) -> Result<Option<Box<LeoAnswer>>> {
    match reply(leo, name, arguments)? {
        Reply::Answer(answer) => Ok(Some(Box::new(LeoAnswer::new(*answer)))),
        _ => Err(Error::internal("this call gives no answer")),
    }
}

/// Makes a call that gives plain data.
pub(crate) fn data(leo: Option<&Leo>, name: &str, arguments: Arguments) -> Result<Json> {
    match reply(leo, name, arguments)? {
        Reply::Nothing => Ok(Json::Null),
        Reply::Json(json) => Ok(json),
        _ => Err(Error::internal("this call gives no plain data")),
    }
}

/// Checks a storage of the host's against the contract of storages, which takes some three seconds: a JSON array of checks, each with `name`
/// and `outcome`. The text is the caller's: `leo_string_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_check_storage(part: *const LeoPart, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || {
        let storage = parts(part, usize::from(!part.is_null()))?.storage;
        let storage = storage.ok_or_else(|| Error::config("the part is not called `storage`; give one that is"))?;
        wait(None, leo_bridge::contract::check_storage(storage)).map(|checks| owned(checks.to_string()))
    })
}
