"""What can go wrong: one exception for each kind of error, all of them under LeoError."""

from __future__ import annotations

import builtins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from .types.output import Finding


class LeoError(Exception):
    """Anything that Leo raises.

    `kind` tells a program what to do, the message tells a person. An exception raised by code of your own (an authorizer, a model)
    is the `__cause__` of an AdapterError. Raise one of these in such code and its kind reaches the caller.
    """

    kind: ClassVar[str] = "internal"
    message: str
    context: dict[str, str]
    """Facts such as `table` or `file`."""
    findings: list[Finding]
    """What the guard found, for RejectedError and NeedsApprovalError."""
    retryable: bool
    """Whether the same call may succeed later without anything being changed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.context = {}
        self.findings = []
        self.retryable = self.kind in ("unavailable", "rate_limited", "timeout", "conflict")

    def __str__(self) -> str:
        if not self.context:
            return self.message
        facts = ", ".join(f"{name}={value}" for name, value in self.context.items())
        return f"{self.message} ({facts})"


class ConfigError(LeoError, ValueError):
    """A setting, path or option is wrong or missing; change the configuration."""

    kind = "config"


class DeniedError(LeoError):
    """The user may not do this; ask whoever grants access."""

    kind = "denied"


class RejectedError(LeoError):
    """The guard refused the statement; `findings` say why."""

    kind = "rejected"


class NeedsApprovalError(LeoError):
    """The statement runs only after somebody with the right approves it."""

    kind = "needs_approval"


class NotFoundError(LeoError, LookupError):
    """The named thing does not exist."""

    kind = "not_found"


class ConflictError(LeoError):
    """Somebody else holds or changed the thing; look again, then retry."""

    kind = "conflict"


class UnsupportedError(LeoError):
    """Leo, this build or this source cannot do that."""

    kind = "unsupported"


class UnavailableError(LeoError):
    """The database, model or storage cannot be reached right now; retry later."""

    kind = "unavailable"


class RateLimitedError(LeoError):
    """Too many calls; retry after the stated time."""

    kind = "rate_limited"


class OverBudgetError(LeoError):
    """The statement would cost more than is allowed."""

    kind = "over_budget"


class TimeoutError(LeoError, builtins.TimeoutError):
    """The deadline or the command timeout passed."""

    kind = "timeout"


class CancelledError(LeoError):
    """The call was cancelled."""

    kind = "cancelled"


class ClosedError(LeoError):
    """The handle was closed."""

    kind = "closed"


class LimitExceededError(LeoError):
    """A stated limit (size, length, memory) was exceeded."""

    kind = "limit_exceeded"


class MalformedError(LeoError, ValueError):
    """Input or stored data does not have the form it must have."""

    kind = "malformed"


class AdapterError(LeoError):
    """Code of your own failed; the cause is what it raised."""

    kind = "adapter"


class InternalError(LeoError):
    """A defect in Leo; please report it."""

    kind = "internal"


BY_KIND: dict[str, type[LeoError]] = {
    error.kind: error
    for error in (
        ConfigError,
        DeniedError,
        RejectedError,
        NeedsApprovalError,
        NotFoundError,
        ConflictError,
        UnsupportedError,
        UnavailableError,
        RateLimitedError,
        OverBudgetError,
        TimeoutError,
        CancelledError,
        ClosedError,
        LimitExceededError,
        MalformedError,
        AdapterError,
        InternalError,
    )
}
"""The exception of each kind."""
