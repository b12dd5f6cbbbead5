//! Exit codes.

use leo::{AnswerStatus, Error, ErrorKind};

/// Shown below the help.
pub(crate) const HELP: &str = "Exit codes:
  0    answered, or done
  1    any other error
  2    wrong usage or configuration
  3    the question was not answered: a question back, declined, or no data question
  4    refused: by the guard, for lack of rights, or because approval is needed
  5    the database or a file is locked, busy, unavailable or too slow
  6    the audit file is damaged
  130  interrupted";

/// Answered, or done.
pub(crate) const OK: u8 = 0;
/// Any other error.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub(crate) const USAGE: u8 = 2;
/// The question was not answered.
pub(crate) const NOT_ANSWERED: u8 = 3;
/// Refused.
pub(crate) const REFUSED: u8 = 4;
/// Not available right now.
pub(crate) const UNAVAILABLE: u8 = 5;
/// The audit file is damaged.
pub(crate) const DAMAGED: u8 = 6;
/// Interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

/// The code of an error.
pub(crate) fn of_error(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Config | ErrorKind::NotFound | ErrorKind::Malformed | ErrorKind::LimitExceeded | ErrorKind::Unsupported => {
            USAGE
        }
        ErrorKind::Denied | ErrorKind::Rejected | ErrorKind::NeedsApproval | ErrorKind::OverBudget => REFUSED,
        ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Conflict | ErrorKind::Closed | ErrorKind::RateLimited => {
            UNAVAILABLE
        }
        ErrorKind::Cancelled => INTERRUPTED,
        _ => FAILED,
    }
}

/// The code of an answer.
pub(crate) fn of_status(status: AnswerStatus) -> u8 {
    match status {
        AnswerStatus::Answered | AnswerStatus::Stale => OK,
        AnswerStatus::Clarify | AnswerStatus::Declined | AnswerStatus::NotADataQuestion => NOT_ANSWERED,
        AnswerStatus::NeedsApproval | AnswerStatus::Blocked | AnswerStatus::NotExecuted => REFUSED,
        _ => UNAVAILABLE,
    }
}
