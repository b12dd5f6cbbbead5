"""For tests of your own parts."""

from __future__ import annotations

from ._core import check_storage as _check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def check_storage(storage: Any) -> None:
    """Checks a storage of your own against the contract that Leo's own ones pass; raises AssertionError with what it does not hold.

    Takes some three seconds. The storage need not be empty: the keys are the check's own, and gone afterwards.

    >>> def test_my_storage():
    ...     askleo.testing.check_storage(MyStorage())
    """
    checks = _check(storage)
    failed = [f"{check['name']}: {check['outcome']['failed']}" for check in checks if check["outcome"] != "passed"]
    assert not failed, "the storage does not hold its contract:\n" + "\n".join(failed)
    assert checks, "nothing was checked"
