//! How Python waits for Rust, and Rust for Python.

use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use leo::{Error, Result};
use leo_bridge::runtime::runtime;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

use crate::error;

/// How long Ctrl-C waits at most.
const SIGNALS: Duration = Duration::from_millis(50);

/// Whether the interpreter is about to end: from then on nothing of Leo's asks for it.
static ENDING: AtomicBool = AtomicBool::new(false);
/// The thread that ends it, which may still call.
static ENDER: OnceLock<ThreadId> = OnceLock::new();
/// Threads that have the interpreter, or wait for it.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

fn is_ending_here() -> bool {
    ENDER.get() == Some(&std::thread::current().id())
}

/// Counts a thread among those inside.
struct Inside;

impl Inside {
    /// None when the interpreter is about to end.
    fn enter() -> Option<Self> {
        INSIDE.fetch_add(1, Ordering::SeqCst);
        let inside = Self;
        (!ENDING.load(Ordering::SeqCst)).then_some(inside)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Runs `work` with the interpreter, on a thread that is not Python's own; none when the interpreter ends. A thread that waits for it then
/// would be ended in the middle of Rust's code, and the process with it.
pub(crate) fn attached<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    let _inside = Inside::enter()?;
    Python::try_attach(work)
}

/// Called by `atexit`: lets those out who are inside, and nobody in. Code of the host's that goes on and on is not waited for.
#[pyfunction]
pub(crate) fn end(py: Python<'_>) {
    let _ = ENDER.set(std::thread::current().id());
    ENDING.store(true, Ordering::SeqCst);
    py.detach(|| {
        let begun = Instant::now();
        while INSIDE.load(Ordering::SeqCst) > 0 && begun.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

/// Who is calling: the event loop that coroutines of the host's run on, if any, and the context variables.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) event_loop: Option<Py<PyAny>>,
    pub(crate) context: Py<PyAny>,
}

impl Caller {
    fn clone_ref(&self, py: Python<'_>) -> Self {
        Self { event_loop: self.event_loop.as_ref().map(|at| at.clone_ref(py)), context: self.context.clone_ref(py) }
    }

    fn new(py: Python<'_>, event_loop: Option<Py<PyAny>>) -> PyResult<Self> {
        static COPY: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let context = COPY.import(py, "contextvars", "copy_context")?.call0()?.unbind();
        Ok(Self { event_loop, context })
    }
}

tokio::task_local! {
    static CALLER: RefCell<Caller>;
}

/// Who made the call that this code runs for; none in work that goes on by itself.
pub(crate) fn caller(py: Python<'_>) -> Option<Caller> {
    CALLER.try_with(|caller| caller.borrow().clone_ref(py)).ok()
}

/// Waits for `work` without holding the interpreter, on this thread. Ctrl-C drops the work, which cancels it in the database too.
pub(crate) fn wait<T: Send>(py: Python<'_>, work: impl Future<Output = Result<T>> + Send) -> PyResult<T> {
    let runtime = runtime().map_err(|error| error::to_py(py, &error))?;
    let work = CALLER.scope(RefCell::new(Caller::new(py, None)?), work);
    let (outcome, _inside) = py.detach(|| {
        let outcome = runtime.block_on(async {
            let mut work = pin!(work);
            loop {
                tokio::select! {
                    done = &mut work => return Ok(done),
                    () = tokio::time::sleep(SIGNALS) => {
                        if let Some(Err(signal)) = attached(|py| py.check_signals()) {
                            return Err(signal);
                        }
                    }
                }
            }
        });
        // Back to Python, where there is still one: a daemon's thread stays here until the process is over.
        let inside = Inside::enter();
        while inside.is_none() && !is_ending_here() {
            std::thread::park();
        }
        (outcome, inside)
    });
    let outcome = outcome?;
    outcome.map_err(|error| error::to_py(py, &error))
}

/// Starts `work` and gives an `asyncio` future of the running loop; `give` makes its result. Cancelling the future drops the work.
pub(crate) fn promise<T: Send + 'static>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send + 'static,
    give: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
) -> PyResult<Py<PyAny>> {
    let runtime = runtime().map_err(|error| error::to_py(py, &error))?;
    let event_loop = running_loop(py)?;
    let future = event_loop.call_method0(py, "create_future")?;
    let caller = Caller::new(py, Some(event_loop.clone_ref(py)))?;
    let task = {
        let future = future.clone_ref(py);
        runtime.spawn(CALLER.scope(RefCell::new(caller), async move {
            let done = work.await;
            // Nothing waits any more when the interpreter ends.
            let _ = attached(|py| {
                settle(py, &event_loop, &future, done.map_err(|error| error::to_py(py, &error)).and_then(|done| give(py, done)))
            });
        }))
    };
    let abort = task.abort_handle();
    let cancel = pyo3::types::PyCFunction::new_closure(py, None, None, move |args, _| -> PyResult<()> {
        if args.get_item(0)?.call_method0("cancelled")?.is_truthy()? {
            abort.abort();
        }
        Ok(())
    })?;
    future.call_method1(py, "add_done_callback", (cancel,))?;
    Ok(future)
}

/// Tells the loop what became of `future`; a loop that is closed wants to know nothing.
fn settle(py: Python<'_>, event_loop: &Py<PyAny>, future: &Py<PyAny>, done: PyResult<Py<PyAny>>) {
    static SETTLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let told = SETTLE.import(py, "askleo._background", "settle").and_then(|settle| match done {
        Ok(value) => event_loop.call_method1(py, "call_soon_threadsafe", (settle, future, value, py.None())),
        Err(error) => event_loop.call_method1(py, "call_soon_threadsafe", (settle, future, py.None(), error.into_value(py))),
    });
    drop(told);
}

fn running_loop(py: Python<'_>) -> PyResult<Py<PyAny>> {
    static RUNNING: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    RUNNING.import(py, "asyncio", "get_running_loop")?.call0().map(Bound::unbind)
}

/// Runs `work` with the interpreter on a thread that may wait.
pub(crate) async fn with_python<T: Send + 'static>(work: impl FnOnce(Python<'_>) -> Result<T> + Send + 'static) -> Result<T> {
    let joined = tokio::task::spawn_blocking(move || attached(work).unwrap_or_else(|| Err(error::ending())));
    joined.await.unwrap_or_else(|_| Err(Error::internal("code of the host's ended in a panic")))
}
