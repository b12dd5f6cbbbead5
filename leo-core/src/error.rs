//! The one error type of the crate.
//!
//! [`ErrorKind`] tells the caller what to do; the message tells a person what happened and what to do next.
//! Neither ever holds a row value or a credential.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::finding::Finding;

/// Shorthand for `std::result::Result<T, leo::Error>`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an error. Kinds are few: a new one is added only where callers would act differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting, path or option is wrong or missing; change the configuration.
    Config,
    /// The context's user may not do this; ask whoever grants access.
    Denied,
    /// The guard refused the statement; the findings are attached.
    Rejected,
    /// The statement runs only after somebody with the right approves it.
    NeedsApproval,
    /// The named thing does not exist.
    NotFound,
    /// Somebody else holds or changed the thing; look again, then retry.
    Conflict,
    /// Leo, this build or this source cannot do that.
    Unsupported,
    /// The database, model or storage cannot be reached right now; retry later.
    Unavailable,
    /// Too many calls; retry after the stated time.
    RateLimited,
    /// The statement would cost more than is allowed.
    OverBudget,
    /// The deadline or the command timeout passed.
    Timeout,
    /// The caller cancelled.
    Cancelled,
    /// The handle was closed.
    Closed,
    /// A stated limit (size, length, memory) was exceeded.
    LimitExceeded,
    /// Input or stored data does not have the form it must have.
    Malformed,
    /// Code supplied by the host failed.
    Adapter,
    /// A defect in Leo; please report it.
    Internal,
}

impl ErrorKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: &'static [ErrorKind] = &[
        Self::Config,
        Self::Denied,
        Self::Rejected,
        Self::NeedsApproval,
        Self::NotFound,
        Self::Conflict,
        Self::Unsupported,
        Self::Unavailable,
        Self::RateLimited,
        Self::OverBudget,
        Self::Timeout,
        Self::Cancelled,
        Self::Closed,
        Self::LimitExceeded,
        Self::Malformed,
        Self::Adapter,
        Self::Internal,
    ];

    /// The stable name used in every language: `config`, `denied`, `needs_approval` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::NeedsApproval => "needs_approval",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate_limited",
            Self::OverBudget => "over_budget",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::LimitExceeded => "limit_exceeded",
            Self::Malformed => "malformed",
            Self::Adapter => "adapter",
            Self::Internal => "internal",
        }
    }

    /// Whether the same call may succeed later without anything being changed.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Unavailable | Self::RateLimited | Self::Timeout | Self::Conflict)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error: a kind for the program, a message for a person, context for the log.
///
/// `Display` is one line, `Debug` several. `Clone` is cheap, because shared runs and caches return one error to many callers.
#[derive(Clone)]
pub struct Error {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    context: Vec<(&'static str, String)>,
    findings: Vec<Finding>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn std::error::Error + Send + Sync + 'static>>,
}

impl Error {
    /// An error of `kind`; the message is lowercase, for people, and says what to do next.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                kind,
                message: message.into(),
                context: Vec::new(),
                findings: Vec::new(),
                retry_after: None,
                source: None,
            }),
        }
    }

    /// Adds a fact to the context (`file`, `table`, `column` …). Never put a row value or a secret here.
    #[must_use]
    pub fn with_context(mut self, key: &'static str, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.inner).context.push((key, value.into()));
        self
    }

    /// Attaches the guard's findings.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        Arc::make_mut(&mut self.inner).findings = findings;
        self
    }

    /// Says when another attempt may succeed.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        Arc::make_mut(&mut self.inner).retry_after = Some(wait);
        self
    }

    /// Attaches the error that caused this one.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.inner).source = Some(Arc::new(source));
        self
    }

    /// What the caller can do.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The message alone, without context.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// Facts added on the way up, oldest first.
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.inner.context
    }

    /// How long to wait before another attempt, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// The guard's findings; empty unless the kind is `Rejected` or `NeedsApproval`.
    pub fn findings(&self) -> &[Finding] {
        &self.inner.findings
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.inner.kind, self.inner.message)?;
        for (index, (key, value)) in self.inner.context.iter().enumerate() {
            write!(f, "{}{key}={value}", if index == 0 { " (" } else { ", " })?;
        }
        if !self.inner.context.is_empty() {
            f.write_str(")")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.inner.kind, self.inner.message)?;
        for (key, value) in &self.inner.context {
            writeln!(f, "    {key}: {value}")?;
        }
        for finding in &self.inner.findings {
            writeln!(f, "    finding {}: {}", finding.rule, finding.message)?;
        }
        if let Some(source) = &self.inner.source {
            writeln!(f, "    caused by: {source}")?;
        }
        Ok(())
    }
}

/// `{"kind", "message", "context", "findings", "retry_after_ms"}`, the last where it is known; what caused it is for the log of the process alone.
impl serde::Serialize for Error {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let context: std::collections::BTreeMap<&str, &str> =
            self.inner.context.iter().map(|(key, value)| (*key, value.as_str())).collect();
        let wait = self.inner.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        let mut out = serializer.serialize_struct("Error", 4 + usize::from(wait.is_some()))?;
        out.serialize_field("kind", &self.inner.kind)?;
        out.serialize_field("message", &self.inner.message)?;
        out.serialize_field("context", &context)?;
        out.serialize_field("findings", &self.inner.findings)?;
        match wait {
            Some(wait) => out.serialize_field("retry_after_ms", &wait)?,
            None => out.skip_field("retry_after_ms")?,
        }
        out.end()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Error {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ErrorInfo".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (kind, finding) = (generator.subschema_for::<ErrorKind>(), generator.subschema_for::<Finding>());
        schemars::json_schema!({
            "description": "An error: a kind for the program, a message for a person, context for the log.",
            "type": "object",
            "properties": {
                "kind": kind,
                "message": { "description": "For people, with what to do next.", "type": "string" },
                "context": { "description": "Facts such as `table` or `source`.", "type": "object", "additionalProperties": { "type": "string" } },
                "findings": { "description": "What the guard found.", "type": "array", "items": finding },
                "retry_after_ms": { "description": "Milliseconds to wait before another attempt, where that is known.", "type": "integer", "minimum": 0 },
            },
            "required": ["kind", "message", "context", "findings"],
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident),* $(,)?) => {
        impl Error { $($(#[$doc])* pub fn $name(message: impl Into<String>) -> Self { Self::new(ErrorKind::$kind, message) })* }
    };
}

constructors! {
    /// [`ErrorKind::Config`].
    config => Config,
    /// [`ErrorKind::Denied`].
    denied => Denied,
    /// [`ErrorKind::Rejected`].
    rejected => Rejected,
    /// [`ErrorKind::NotFound`].
    not_found => NotFound,
    /// [`ErrorKind::Conflict`].
    conflict => Conflict,
    /// [`ErrorKind::Unsupported`].
    unsupported => Unsupported,
    /// [`ErrorKind::Unavailable`].
    unavailable => Unavailable,
    /// [`ErrorKind::RateLimited`].
    rate_limited => RateLimited,
    /// [`ErrorKind::OverBudget`].
    over_budget => OverBudget,
    /// [`ErrorKind::Timeout`].
    timeout => Timeout,
    /// [`ErrorKind::Cancelled`].
    cancelled => Cancelled,
    /// [`ErrorKind::LimitExceeded`].
    limit_exceeded => LimitExceeded,
    /// [`ErrorKind::Malformed`].
    malformed => Malformed,
    /// [`ErrorKind::Adapter`].
    adapter => Adapter,
    /// [`ErrorKind::Internal`].
    internal => Internal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_and_debug_is_several() {
        let error = Error::not_found("no table named `ordres`; did you mean `orders`?")
            .with_context("source", "shop")
            .with_source(std::io::Error::other("underlying"));
        assert_eq!(error.to_string(), "not_found: no table named `ordres`; did you mean `orders`? (source=shop)");
        assert_eq!(
            format!("{error:?}"),
            "not_found: no table named `ordres`; did you mean `orders`?\n    source: shop\n    caused by: underlying\n"
        );
    }

    #[test]
    fn every_kind_has_a_distinct_name() {
        let names: std::collections::BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(names.len(), 17);
        for kind in ErrorKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
