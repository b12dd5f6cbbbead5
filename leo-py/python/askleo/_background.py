"""Coroutines of the host's, run for calls that come from other threads. Imported when there is one."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

_lock = threading.Lock()
_own: tuple[int, asyncio.AbstractEventLoop] | None = None


def settle(future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
    """Gives `future` what became of its call, unless somebody cancelled it."""
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(value)


class _Running:
    """A coroutine that was handed to a loop, and how to stop it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.task: asyncio.Future[Any] | None = None
        self.stopped = False

    def cancel(self) -> None:
        """Stops it; one that is over stays as it is."""
        self.stopped = True
        try:
            self.loop.call_soon_threadsafe(self._cancel)
        except RuntimeError:
            pass  # The loop was closed, and the coroutine with it.

    def _cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


def run(
    awaitable: Awaitable[Any],
    loop: asyncio.AbstractEventLoop | None,
    context: contextvars.Context | None,
    done: Callable[[Any, BaseException | None], None],
) -> _Running:
    """Runs `awaitable` on `loop`, or on the loop of a thread of its own, and tells `done` what it came to."""
    if loop is None or loop.is_closed():
        loop = _background()
    running = _Running(loop)

    def start() -> None:
        if running.stopped:
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            return
        task = asyncio.ensure_future(awaitable)
        running.task = task
        task.add_done_callback(finish)

    def finish(task: asyncio.Future[Any]) -> None:
        if task.cancelled():
            done(None, asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            done(None, error)
        else:
            done(task.result(), None)

    loop.call_soon_threadsafe(start, context=context)
    return running


def _background() -> asyncio.AbstractEventLoop:
    """The loop of a thread that runs coroutines for sync callers; a child made by `fork` gets its own."""
    global _own
    with _lock:
        if _own is not None and _own[0] == os.getpid():
            return _own[1]
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=_serve, args=(loop,), name="askleo-callbacks", daemon=True)
        thread.start()
        _own = (os.getpid(), loop)
        atexit.register(_end, loop, thread, os.getpid())
        return loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread, process: int) -> None:
    if process == os.getpid() and not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=1)


def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
