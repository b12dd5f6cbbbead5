"""Mistakes: each is told by the exception of its kind, and by name."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import pytest

import askleo as leo


def test_each_kind_is_an_exception_under_one() -> None:
    from askleo._errors import BY_KIND

    assert len(BY_KIND) == 17
    for kind, error in BY_KIND.items():
        assert issubclass(error, leo.LeoError) and error.kind == kind and getattr(leo, error.__name__) is error


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda db: db.ask("q", max_row=3), "`ask` has no option `max_row`; did you mean `max_rows`?"),
        (lambda db: db.ask("q", max_rows="many"), "`max_rows` of `ask` is a whole number from 0 to 18446744073709551615, not text"),
        (lambda db: db.ask("q", max_rows=-1), "`max_rows` of `ask` is a whole number from 0 to 18446744073709551615, not a whole number below zero"),
        (lambda db: db.ask("q", as_of="someday"), "`as_of` is a day in ISO form, such as `2024-06-30`"),
        (lambda db: db.ask("q", settings={"guard": {"row_cpa": 1}}), "unknown setting `guard.row_cpa`; did you mean `guard.row_cap`?"),
        (lambda db: db.sql("SELECT :n", {"n": 1}), "`params` of `sql` is a list, not an object"),
        (lambda db: db.sql("SELECT ?", "abc"), "`params` of `sql` is a list, not text"),
        (lambda db: db.ask(None), "`ask` needs `question`"),
        (lambda db: db.ask(7), "`question` of `ask` is text, not a whole number"),
        (lambda db: db.sync(inclde=["x"]), "`sync` has no option `inclde`; did you mean `include`?"),
        (lambda db: leo.open("x.db", seetings={}), "`open` has no option `seetings`; did you mean `settings`?"),
        (lambda db: leo.open(None), "what is opened is a path, a URL or a source of your own, not NoneType"),
        (lambda db: leo.Leo(preset="lokal"), "`preset` of `Leo` cannot be that; did you mean `local`?"),
        (lambda db: leo.Leo(sources=[{"plaice": "x.db"}]), "`sources` has no option `plaice`; did you mean `place`?"),
        (lambda db: leo.Leo(), "the preset `embedded` also needs an authorizer (`authorizer`) and an audit sink (`audit`)"),
    ],
)
def test_a_mistake_is_told_by_name(company: leo.Leo, call: Any, message: str) -> None:
    with pytest.raises(leo.ConfigError) as error:
        call(company)
    assert error.value.message == message
    assert isinstance(error.value, ValueError)


def test_what_is_no_data_is_a_type_error(company: leo.Leo) -> None:
    with pytest.raises(TypeError, match="object is no plain data"):
        company.sql("SELECT 1", [object()])
    with pytest.raises(TypeError, match="names are str"):
        company.ask("q", settings={1: 2})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="neither infinite nor NaN"):
        company.sql("SELECT ?", [float("nan")])
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError, match="nested more than 64 levels"):
        company.sql("SELECT ?", endless)
    with pytest.raises((ValueError, leo.LeoError)):
        company.sql("SELECT ?", [10**60])
    with pytest.raises(UnicodeEncodeError):
        company.ask("\ud800")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(leo.NotFoundError) as error:
        leo.open(tmp_path / "nothing.db")
    assert isinstance(error.value, LookupError) and not error.value.retryable


def test_a_closed_handle(shop: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    db = leo.open(shop, audit=audit)
    with pytest.raises(leo.ConflictError):
        leo.open(shop, audit=audit)
    db.close()
    with pytest.raises(leo.ClosedError):
        db.ask("how many orders?")
    db.close()
    # It holds nothing any more, though it is still there.
    with leo.open(shop, audit=audit) as other:
        assert other.ask("how many orders?").row_count == 1


def test_errors_survive_pickling() -> None:
    error = pickle.loads(pickle.dumps(leo.TimeoutError("too late")))
    assert isinstance(error, TimeoutError) and error.kind == "timeout" and error.retryable


def test_no_panic_reaches_the_caller_from_many_threads(company: leo.Leo) -> None:
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(5):
                assert company.ask("How many customers do we have?").row_count == 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
