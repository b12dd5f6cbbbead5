"""For tests of your own parts, and of what you build on models."""

from __future__ import annotations

import os

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


class Cassette:
    """What a model answered, recorded in a folder and played in tests: `askleo.open(…, model=Cassette(folder, "openai:gpt-5-mini"))`.

    It plays where the folder is there, and records `model` where it is not, or where the environment variable LEO_RECORD is set. A request that was not
    recorded is an error in the log that says what the nearest recorded one says instead, and the answer is the built-in planner's.

    >>> def test_churn():
    ...     db = askleo.open("shop.db", model=askleo.testing.Cassette("tests/cassettes", "openai:gpt-5-mini"))
    ...     assert db.ask("which customers are about to leave?").status == "answered"
    """

    def __init__(self, folder: str | os.PathLike[str], model: Any = None, *, record: bool | None = None) -> None:
        self.folder = os.fspath(folder)
        self.model = model
        self.record = record

    def _as_options(self) -> tuple[Any, str | None]:
        record = bool(os.environ.get("LEO_RECORD")) or not os.path.isdir(self.folder) if self.record is None else self.record
        if not record or self.model is None:
            return f"replay:{self.folder}", None
        return self.model, self.folder
