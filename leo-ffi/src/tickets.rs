//! Questions that are answered later.

use std::ffi::c_char;

use crate::answer::LeoAnswer;
use crate::boundary::guarded;
use crate::calls::{done, json};
use crate::error::LeoError;
use crate::leo::{Leo, answer};
use crate::options::Arguments;

/// The user's own questions that are answered later, the oldest first: a JSON array.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub extern "C" fn leo_tickets_list(leo: Option<&Leo>, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "tickets.list", Arguments::default()))
}

/// A ticket as it stands now: a JSON object with its place and about when its turn comes.
///
/// The text is the caller's: `leo_string_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_tickets_get(leo: Option<&Leo>, id: *const c_char, error: Option<&mut *mut LeoError>) -> *mut c_char {
    guarded(error, || json(leo, "tickets.get", Arguments::default().text("id", id)?))
}

/// Asks the question of a ticket. The status of the answer is `queued` once more where it still has to wait.
///
/// The answer is the caller's: `leo_answer_free`. NULL and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_tickets_redeem(
    leo: Option<&Leo>,
    id: *const c_char,
    error: Option<&mut *mut LeoError>,
) -> Option<Box<LeoAnswer>> {
    guarded(error, || answer(leo, "tickets.redeem", Arguments::default().text("id", id)?))
}

/// Gives a ticket back: its question is not answered any more.
///
/// False and an error when the call fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn leo_tickets_cancel(leo: Option<&Leo>, id: *const c_char, error: Option<&mut *mut LeoError>) -> bool {
    guarded(error, || done(leo, "tickets.cancel", Arguments::default().text("id", id)?))
}
