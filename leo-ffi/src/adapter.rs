//! Parts of the host's written in C: a function, and what it is called with.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_array::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use async_trait::async_trait;
use leo::{Error, Result};
use leo_bridge::arguments::suggestion;
use leo_bridge::callback::METHODS;
use leo_bridge::{Callback, Parts, Payload};
use serde_json::Value as Json;
use tokio::sync::oneshot;

use crate::boundary::{c_string, json, text};
use crate::error::LeoErrorKind;

/// A function of the host's: it is called with the part's user data, the name of a method, and the method's arguments as a JSON array, and
/// answers by exactly one of the `leo_reply_…` functions, before it returns or later, from any thread. The texts are valid until it returns.
/// It is called on threads of the library, several at once, and may call the library. Neither a C++ exception nor a `longjmp` may leave it.
pub type LeoCallback =
    Option<unsafe extern "C" fn(user_data: *mut c_void, method: *const c_char, arguments: *const c_char, reply: Box<LeoReply>)>;

/// A part of the host's. README.md says which parts there are, with their methods.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LeoPart {
    /// `authorizer`, `audit`, `resolver`, `credentials`, `storage`, `clock`, `model`, `embedder`, or `source:` and the id of a source.
    pub name: *const c_char,
    /// What is called.
    pub call: LeoCallback,
    /// What it is called with. The library does nothing with it but hand it over, on any thread.
    pub user_data: *mut c_void,
    /// Called once with the user data when nothing will call the part any more, on any thread; also when the function that was given the part
    /// fails. May be NULL.
    pub release: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

/// Where a part's function answers. Exactly one `leo_reply_…` function takes it; one that comes too late is heard by nobody, and does no harm.
pub struct LeoReply {
    method: &'static str,
    answer: oneshot::Sender<Result<Payload>>,
}

impl LeoReply {
    fn send(self, answer: Result<Payload>) {
        let _ = self.answer.send(answer);
    }

    fn unreadable(&self, what: &str) -> Error {
        Error::adapter(format!("what `{}` of the host replied is {what}", self.method))
    }
}

/// Answers with plain data as JSON; NULL and `null` are nothing. The text is copied. The reply is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_reply_json(reply: Option<Box<LeoReply>>, data: *const c_char) {
    let Some(reply) = reply else { return };
    let data = if data.is_null() { Ok(Json::Null) } else { json("data", data) };
    let answer = data.map(Payload::Json).map_err(|error| reply.unreadable("no JSON in UTF-8").with_source(error));
    reply.send(answer);
}

/// Answers that it failed. `kind` is one of `LeoErrorKind`: the call that needed the part fails with that kind and `message`. With
/// `LEO_ERROR_NONE` it fails with `LEO_ERROR_ADAPTER`, and `message` is the cause, for developers only. The text is copied. The reply is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_reply_error(reply: Option<Box<LeoReply>>, kind: i32, message: *const c_char) {
    let Some(reply) = reply else { return };
    let message = text("message", message).unwrap_or("it said no more");
    let error = match kind {
        0 => Error::adapter(format!("`{}` of the host failed; its cause says why", reply.method))
            .with_source(Error::adapter(message)),
        kind => Error::new(LeoErrorKind::from_number(kind), message),
    };
    reply.send(Err(error));
}

/// Answers with rows as an Arrow C stream, which is moved: its `release` is NULL afterwards. The library reads it on threads of its own. The
/// reply is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_reply_arrow(reply: Option<Box<LeoReply>>, stream: *mut FFI_ArrowArrayStream) {
    // Without a reply the stream is ended all the same, since it was given away.
    let rows = NonNull::new(stream).map(|stream| ArrowArrayStreamReader::from_raw(stream.as_ptr()));
    let Some(reply) = reply else { return };
    let answer = match rows {
        Some(Ok(rows)) => Ok(Payload::Rows(Box::new(rows))),
        Some(Err(error)) => Err(reply.unreadable("no Arrow stream").with_source(error)),
        None => Err(reply.unreadable("NULL, not an Arrow stream")),
    };
    reply.send(answer);
}

/// Answers with rows as a stream of Arrow's IPC format. The bytes are copied. The reply is taken.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_reply_ipc(reply: Option<Box<LeoReply>>, bytes: *const u8, length: usize) {
    let Some(reply) = reply else { return };
    let answer = match bytes.is_null() || length > isize::MAX as usize {
        true => Err(reply.unreadable("no bytes")),
        false => Ok(Payload::Bytes(std::slice::from_raw_parts(bytes, length).to_vec())),
    };
    reply.send(answer);
}

/// A part as it is kept: released when it is dropped.
struct Kept {
    name: String,
    call: unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, Box<LeoReply>),
    user_data: UserData,
}

/// What is handed over, and how it ends.
struct UserData {
    pointer: *mut c_void,
    release: Option<unsafe extern "C" fn(*mut c_void)>,
}

// SAFETY: the header asks of the host that its function and its user data may be used on any thread, several at once.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(release) = self.release {
            // SAFETY: called once, with what it was given with.
            unsafe { release(self.pointer) };
        }
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeoPart({})", self.name)
    }
}

#[async_trait]
impl Callback for Part {
    async fn call(&self, method: &'static str, arguments: Vec<Json>) -> Result<Payload> {
        let (answer, answered) = oneshot::channel();
        let part = Arc::clone(&self.0);
        // The host's function may wait, also for this library.
        tokio::task::spawn_blocking(move || {
            let (name, arguments) = (c_string(method), c_string(Json::Array(arguments).to_string()));
            let reply = Box::new(LeoReply { method, answer });
            // SAFETY: the header says what the function must be.
            unsafe { (part.call)(part.user_data.pointer, name.as_ptr(), arguments.as_ptr(), reply) };
        });
        answered.await.unwrap_or_else(|_| Err(Error::adapter(format!("`{method}` of the host gave no reply"))))
    }
}

/// A part that several calls use at once.
#[derive(Debug, Clone)]
struct Part(Arc<Kept>);

/// The host's parts. Each is released exactly once, whatever comes of it.
pub(crate) unsafe fn parts(given: *const LeoPart, count: usize) -> Result<Parts> {
    if count == 0 {
        return Ok(Parts::default());
    }
    if given.is_null() || count > 10_000 {
        return Err(Error::config("`parts` is NULL, or `part_count` is not how many there are; give an array and its length"));
    }
    let given = std::slice::from_raw_parts(given, count);
    let owned: Vec<_> = given.iter().map(|part| UserData { pointer: part.user_data, release: part.release }).collect();
    let mut parts = Parts::default();
    for (part, user_data) in given.iter().zip(owned) {
        let name = text("name", part.name)?.to_owned();
        let call = part.call.ok_or_else(|| Error::config(format!("the part `{name}` has no `call`; give a function")))?;
        let kept: Arc<dyn Callback> = Arc::new(Part(Arc::new(Kept { name: name.clone(), call, user_data })));
        put(&mut parts, &name, kept)?;
    }
    Ok(parts)
}

fn put(parts: &mut Parts, name: &str, part: Arc<dyn Callback>) -> Result<()> {
    let place = match name {
        "authorizer" => &mut parts.authorizer,
        "audit" => &mut parts.audit,
        "resolver" => &mut parts.resolver,
        "credentials" => &mut parts.credentials,
        "storage" => &mut parts.storage,
        "clock" => &mut parts.clock,
        "model" => &mut parts.model,
        "embedder" => &mut parts.embedder,
        _ => return source(&mut parts.sources, name, part),
    };
    match place.replace(part) {
        None => Ok(()),
        Some(_) => Err(twice(name)),
    }
}

fn source(sources: &mut BTreeMap<String, Arc<dyn Callback>>, name: &str, part: Arc<dyn Callback>) -> Result<()> {
    let Some(id) = name.strip_prefix("source:").filter(|id| !id.is_empty()) else {
        let known: Vec<&str> = METHODS.iter().map(|(name, _)| *name).collect();
        return Err(Error::config(format!("there is no part `{name}`; {}", suggestion(name, &known))));
    };
    match sources.insert(id.to_owned(), part) {
        None => Ok(()),
        Some(_) => Err(twice(name)),
    }
}

fn twice(name: &str) -> Error {
    Error::config(format!("the part `{name}` is given twice; leave one out"))
}
