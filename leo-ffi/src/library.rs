//! The library itself, and the texts that it gives.

use std::ffi::{CStr, CString, c_char};

use crate::boundary::owned;

/// The version of the library, such as `0.1.0`. Valid for ever.
#[unsafe(no_mangle)]
pub extern "C" fn leo_version() -> *const c_char {
    const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };
    VERSION.as_ptr()
}

/// What this build can open, as JSON. The text is the caller's: `leo_string_free`.
#[unsafe(no_mangle)]
pub extern "C" fn leo_features() -> *mut c_char {
    owned(leo_bridge::features::features().to_string())
}

/// Frees a text that a function of this library gave. NULL is nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_string_free(text: *mut c_char) {
    if !text.is_null() {
        drop(CString::from_raw(text));
    }
}
