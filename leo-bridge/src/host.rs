//! A handle as the packages hold it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leo::{Context, Error, ErrorKind, Leo, Result};
use serde_json::Value as Json;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::arguments;
use crate::calls::{self, Reply};
use crate::context::ContextOptions;
use crate::generation::PerProcess;
use crate::options::{HandleOptions, OpenOptions, Parts, Place, Recipe};

/// A handle, and what it takes to make it again in a process made by `fork`.
#[derive(Debug, Clone)]
pub struct Host {
    shared: Arc<Shared>,
    identity: Option<Context>,
}

#[derive(Debug)]
struct Shared {
    recipe: Recipe,
    parts: Parts,
    /// None once it was closed, so that nothing keeps what it held: a file of the audit has one writer.
    leo: PerProcess<Mutex<Option<Leo>>>,
    closed: AtomicBool,
    runtime: Handle,
}

impl Shared {
    /// The place of this process's handle.
    fn slot(&self) -> Result<&Mutex<Option<Leo>>> {
        self.leo.get_or_make(|| Ok(Mutex::new(None)))
    }
}

impl Drop for Shared {
    /// Connections say goodbye by tasks, also where a language lets go of the handle on a thread of its own.
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        drop(std::mem::take(&mut self.leo));
    }
}

/// Where the sample company is, made in the cache folder at the first call: a SQLite file, to be opened or looked at.
///
/// # Errors
/// `Unavailable` when no cache folder can be written; `Config` when its path is not UTF-8.
pub fn sample_path() -> Result<String> {
    let path = leo::sample::open_or_create_cached()?.path.into_os_string();
    path.into_string().map_err(|_| Error::config("the path of the cache folder is not UTF-8; set XDG_CACHE_HOME to another one"))
}

impl Host {
    /// Opens what a path, a URL or an ADO string names, in the preset `local`; `options` are those of
    /// [`OpenOptions`].
    ///
    /// # Errors
    /// `Config` for options that are none; else as [`Leo::connect`].
    pub async fn open(place: &str, options: Json, parts: Parts) -> Result<Self> {
        let options: OpenOptions = arguments::read("open", options)?;
        Self::made(Recipe::Open { place: Place::text(place), options }, parts).await
    }

    /// Builds a handle from `options`, those of [`HandleOptions`], and the host's parts.
    ///
    /// # Errors
    /// `Config` for options that are none and for what is missing; else as [`LeoBuilder::build`](leo::LeoBuilder::build).
    pub async fn build(options: Json, parts: Parts) -> Result<Self> {
        let options: HandleOptions = arguments::read("Leo", options)?;
        Self::made(Recipe::Built(options), parts).await
    }

    /// Opens the sample company, with options like those of [`open`](Self::open).
    ///
    /// # Errors
    /// As [`sample_path`] and [`open`](Self::open).
    pub async fn sample(options: Json, parts: Parts) -> Result<Self> {
        let options: OpenOptions = arguments::read("sample", options)?;
        Self::made(Recipe::Open { place: Place::text(sample_path()?), options }, parts).await
    }

    async fn made(recipe: Recipe, parts: Parts) -> Result<Self> {
        let leo = recipe.make(&parts).await?;
        Ok(Self::of(recipe, parts, leo))
    }

    fn of(recipe: Recipe, parts: Parts, leo: Leo) -> Self {
        let leo = PerProcess::with(Mutex::new(Some(leo)));
        let shared = Shared { recipe, parts, leo, closed: AtomicBool::new(false), runtime: Handle::current() };
        Self { shared: Arc::new(shared), identity: None }
    }

    /// The same handle for a user; `context` holds the fields of [`ContextOptions`].
    ///
    /// # Errors
    /// `Config` for what is no context.
    pub fn for_user(&self, context: Json) -> Result<Self> {
        let context: ContextOptions = arguments::read("for_user", context)?;
        Ok(Self { shared: Arc::clone(&self.shared), identity: Some(context.into_context()?) })
    }

    /// The handle of this process. After a fork it is made again: what was added at run time is the parent's alone.
    ///
    /// # Errors
    /// As when it was made first; `Closed` when it was closed.
    pub async fn leo(&self) -> Result<Leo> {
        let shared = &self.shared;
        let mut slot = shared.slot()?.lock().await;
        let leo = match &mut *slot {
            Some(leo) => leo.clone(),
            none if !shared.closed.load(Ordering::Acquire) => none.insert(shared.recipe.make(&shared.parts).await?).clone(),
            _ => return Err(Error::new(ErrorKind::Closed, "the handle was closed; open another one")),
        };
        Ok(match &self.identity {
            Some(identity) => leo.for_user(identity.clone()),
            None => leo,
        })
    }

    /// Makes the call called `name` with `arguments`, an object of names and values.
    ///
    /// # Cancellation
    /// Dropping the future cancels the call, in the database too.
    ///
    /// # Errors
    /// `Config` for a name or arguments that there are not, and the call's own.
    pub async fn call(&self, name: &str, arguments: Json) -> Result<Reply> {
        if name != "close" {
            return calls::dispatch(&self.leo().await?, name, arguments).await;
        }
        let leo = match self.leo().await {
            Err(error) if error.kind() == ErrorKind::Closed => return Ok(Reply::Nothing),
            leo => leo?,
        };
        self.shared.closed.store(true, Ordering::Release);
        let closed = calls::dispatch(&leo, name, arguments).await?;
        *self.shared.slot()?.lock().await = None;
        Ok(closed)
    }
}
