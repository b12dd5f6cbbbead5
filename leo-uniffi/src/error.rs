//! Errors in both directions.

use std::collections::HashMap;
use std::fmt;

use ::leo::{Error, ErrorKind};
use uniffi::UnexpectedUniFFICallbackError;

/// What an error says. Host code that raises one needs the message alone.
#[derive(Debug, Clone, uniffi::Record)]
#[uniffi::export(Debug, Display)]
pub struct ErrorInfo {
    /// For people, with what to do next. It holds no value of a row and no secret.
    pub message: String,
    /// Facts such as `table` or `source`.
    #[uniffi(default)]
    pub context: HashMap<String, String>,
    /// What the guard found, as a JSON list.
    #[uniffi(default = "[]")]
    pub findings: String,
    /// Whether the same call may succeed later without anything being changed.
    #[uniffi(default = false)]
    pub retryable: bool,
}

impl fmt::Display for ErrorInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

macro_rules! errors {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// Every error of Leo's, by what the caller can do.
        #[derive(Debug, Clone, uniffi::Error)]
        pub enum LeoError {
            $($(#[$doc])* $kind {
                /// What it says.
                info: ErrorInfo,
            },)*
        }

        impl LeoError {
            fn new(kind: ErrorKind, info: ErrorInfo) -> Self {
                match kind {
                    $(ErrorKind::$kind => Self::$kind { info },)*
                    _ => Self::Internal { info },
                }
            }

            fn parts(&self) -> (ErrorKind, &ErrorInfo) {
                match self {
                    $(Self::$kind { info } => (ErrorKind::$kind, info),)*
                }
            }
        }
    };
}

errors! {
    /// A setting, path or option is wrong: whoever runs the program corrects it.
    Config,
    /// Somebody may not do that.
    Denied,
    /// The guard refused a statement: the findings say what to change.
    Rejected,
    /// Somebody with the right has to approve it.
    NeedsApproval,
    /// There is no such thing; a near name is suggested.
    NotFound,
    /// Something else changed meanwhile: look again.
    Conflict,
    /// It cannot be done in this way.
    Unsupported,
    /// Something that is needed does not answer.
    Unavailable,
    /// Too many calls: wait as long as the message says.
    RateLimited,
    /// It would cost more than is allowed.
    OverBudget,
    /// It took too long.
    Timeout,
    /// It was cancelled.
    Cancelled,
    /// The handle is closed: open another.
    Closed,
    /// It is more than the limits allow.
    LimitExceeded,
    /// Something given cannot be read.
    Malformed,
    /// Code of the host's failed.
    Adapter,
    /// A mistake of Leo's own: please report it.
    Internal,
}

impl From<Error> for LeoError {
    fn from(error: Error) -> Self {
        let json = leo_bridge::error::to_json(&error);
        let info = ErrorInfo {
            message: error.message().to_owned(),
            context: error.context().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            findings: json["findings"].to_string(),
            retryable: error.kind().is_retryable(),
        };
        Self::new(error.kind(), info)
    }
}

/// What host code raised that is none of Leo's errors. Its text stays out of it: nobody knows what it holds.
impl From<UnexpectedUniFFICallbackError> for LeoError {
    fn from(_: UnexpectedUniFFICallbackError) -> Self {
        let info = ErrorInfo { message: String::new(), context: HashMap::new(), findings: "[]".to_owned(), retryable: false };
        Self::Adapter { info }
    }
}

impl LeoError {
    /// The error of what the host's `method` raised: one of Leo's own keeps its kind and message.
    pub(crate) fn into_leo(self, method: &str) -> Error {
        let (kind, info) = self.parts();
        match info.message.as_str() {
            "" => Error::new(kind, format!("`{method}` of the host failed; what it raised is not told further")),
            message => Error::new(kind, message),
        }
    }
}

impl fmt::Display for LeoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, info) = self.parts();
        write!(f, "{kind}: {}", info.message)
    }
}

impl std::error::Error for LeoError {}
