//! Where pointers of C become values: each is checked for NULL, each text for UTF-8, and no panic goes past.

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use leo::{Error, Result};
use leo_bridge::arguments::parse;
use serde_json::Value as Json;

use crate::error::LeoError;

/// Runs `work`; what it fails with goes to `out`, and the caller gets what stands for nothing: NULL, false, zero.
pub(crate) fn guarded<T: Nothing>(out: Option<&mut *mut LeoError>, work: impl FnOnce() -> Result<T>) -> T {
    let done = catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(Error::internal("a call ended in a panic; please report it")));
    let (value, error) = match done {
        Ok(value) => (value, std::ptr::null_mut()),
        Err(error) => (T::nothing(), Box::into_raw(Box::new(LeoError::new(&error)))),
    };
    match out {
        Some(out) => *out = error,
        // SAFETY: made by `Box::into_raw` just now, or null.
        None => drop(unsafe { (!error.is_null()).then(|| Box::from_raw(error)) }),
    }
    value
}

/// What a function gives when it failed.
pub(crate) trait Nothing {
    fn nothing() -> Self;
}

impl<T> Nothing for Option<Box<T>> {
    fn nothing() -> Self {
        None
    }
}

impl Nothing for *mut c_char {
    fn nothing() -> Self {
        std::ptr::null_mut()
    }
}

impl Nothing for bool {
    fn nothing() -> Self {
        false
    }
}

impl Nothing for i64 {
    fn nothing() -> Self {
        -1
    }
}

/// The object called `name`.
pub(crate) fn given<T>(name: &str, object: Option<T>) -> Result<T> {
    object.ok_or_else(|| Error::config(format!("`{name}` is NULL; give what another function of this library gave")))
}

/// The text called `name`.
pub(crate) unsafe fn text<'a>(name: &str, pointer: *const c_char) -> Result<&'a str> {
    optional(name, pointer)?.ok_or_else(|| Error::config(format!("`{name}` is NULL; give a text")))
}

/// The text called `name`; none for NULL.
pub(crate) unsafe fn optional<'a>(name: &str, pointer: *const c_char) -> Result<Option<&'a str>> {
    if pointer.is_null() {
        return Ok(None);
    }
    CStr::from_ptr(pointer).to_str().map(Some).map_err(|_| Error::config(format!("`{name}` is not UTF-8; give UTF-8")))
}

/// The JSON called `name`.
pub(crate) unsafe fn json(name: &str, pointer: *const c_char) -> Result<Json> {
    parse(name, text(name, pointer)?)
}

/// A text for C to keep.
pub(crate) fn owned(text: impl Into<Vec<u8>>) -> *mut c_char {
    c_string(text).into_raw()
}

/// A text with an end; C could not see what follows a zero byte, so that there is none.
pub(crate) fn c_string(text: impl Into<Vec<u8>>) -> CString {
    let mut bytes = text.into();
    if bytes.contains(&0) {
        bytes.retain(|byte| *byte != 0);
    }
    CString::new(bytes).unwrap_or_default()
}
