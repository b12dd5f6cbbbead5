//! Where conversations are kept: sealed in the host's storage, or in the process.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::adapter::{KeyStore, Storage};
use crate::ask::conversation::Session;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::value::to_hex;

/// Sessions that a process without a storage keeps.
const IN_MEMORY: usize = 1_000;
/// Times a change is tried while others change the same session; of those who try at once, one succeeds each time.
const TRIES: usize = 64;
/// The form that is written, in front of the session.
const FORMAT: u8 = 1;

/// Sessions by tenant, user and id: nobody reaches another user's.
#[derive(Debug)]
pub(crate) enum SessionStore {
    Memory(Mutex<Kept>),
    Sealed(Arc<dyn Storage>, Sealer),
}

/// Sessions in memory, those used last; each step in O(log n).
#[derive(Default)]
pub(crate) struct Kept {
    sessions: HashMap<Key, Held>,
    /// By when they were used last.
    used: BTreeMap<u64, Key>,
    /// Counts uses and versions.
    clock: u64,
}

type Key = (String, String, String);

struct Held {
    session: Session,
    version: u64,
    used: u64,
}

/// Shows the number only.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} sessions", self.sessions.len())
    }
}

impl SessionStore {
    /// Without storage and keys, sessions stay in the process: they hold what people wrote.
    pub(crate) fn new(storage: Option<Arc<dyn Storage>>, keys: Option<Arc<dyn KeyStore>>) -> Self {
        match storage.zip(keys) {
            Some((storage, keys)) => Self::Sealed(storage, Sealer::new(keys)),
            None => Self::Memory(Mutex::default()),
        }
    }

    /// The user's session, and the version it has; 0 where nothing is.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn get(&self, ctx: &Context, id: &str) -> Result<(Option<Session>, u64)> {
        match self {
            Self::Memory(kept) => Ok(lock(kept).get(&key(ctx, id))),
            Self::Sealed(storage, sealer) => {
                let store = TenantStore::new(Arc::clone(storage), &ctx.tenant);
                let (value, version) = store.get_sealed_version(sealer, &name(ctx, id)).await?;
                Ok((value.and_then(|value| read(&value)), version))
            }
        }
    }

    /// All sessions of the user.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn all(&self, ctx: &Context) -> Result<Vec<Session>> {
        match self {
            Self::Memory(kept) => Ok(lock(kept).of(ctx)),
            Self::Sealed(storage, sealer) => {
                let store = TenantStore::new(Arc::clone(storage), &ctx.tenant);
                let mut all = Vec::new();
                for name in store.names(&owned(ctx)).await? {
                    let value = store.get_sealed(sealer, &name).await?;
                    all.extend(value.and_then(|value| read(&value)));
                }
                Ok(all)
            }
        }
    }

    /// Changes the user's session, also when others change it at the same time; `edit` is given what is there, and nothing is kept where it
    /// gives nothing.
    ///
    /// # Errors
    /// The storage's; `Conflict` when others were faster each time.
    pub(super) async fn update(
        &self,
        ctx: &Context,
        id: &str,
        edit: impl Fn(Option<Session>) -> Option<Session>,
    ) -> Result<Option<Session>> {
        for _ in 0..TRIES {
            let (session, version) = self.get(ctx, id).await?;
            let Some(session) = edit(session) else { return Ok(None) };
            match self.replace(ctx, &session, version).await {
                Ok(()) => return Ok(Some(session)),
                Err(error) if error.kind() == ErrorKind::Conflict => tokio::task::yield_now().await,
                Err(error) => return Err(error),
            }
        }
        Err(Error::conflict("others change the session all the time; try again"))
    }

    /// Deletes the user's session.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn delete(&self, ctx: &Context, id: &str) -> Result<()> {
        match self {
            Self::Memory(kept) => {
                lock(kept).remove(&key(ctx, id));
                Ok(())
            }
            Self::Sealed(storage, _) => TenantStore::new(Arc::clone(storage), &ctx.tenant).delete(&name(ctx, id), None).await,
        }
    }

    async fn replace(&self, ctx: &Context, session: &Session, expected: u64) -> Result<()> {
        match self {
            Self::Memory(kept) => lock(kept).replace(key(ctx, &session.id), session, expected),
            Self::Sealed(storage, sealer) => {
                let store = TenantStore::new(Arc::clone(storage), &ctx.tenant);
                store.replace_sealed(sealer, &name(ctx, &session.id), &written(session)?, expected).await
            }
        }
    }
}

impl Kept {
    fn get(&mut self, key: &Key) -> (Option<Session>, u64) {
        self.touch(key);
        self.sessions.get(key).map_or((None, 0), |held| (Some(held.session.clone()), held.version))
    }

    fn of(&self, ctx: &Context) -> Vec<Session> {
        let own = self.sessions.iter().filter(|((tenant, user, _), _)| *tenant == ctx.tenant && *user == ctx.user);
        own.map(|(_, held)| held.session.clone()).collect()
    }

    fn replace(&mut self, key: Key, session: &Session, expected: u64) -> Result<()> {
        if self.sessions.get(&key).map_or(0, |held| held.version) != expected {
            return Err(Error::conflict("somebody else changed the session in the meantime"));
        }
        self.remove(&key);
        self.clock += 1;
        self.used.insert(self.clock, key.clone());
        self.sessions.insert(key, Held { session: session.clone(), version: self.clock, used: self.clock });
        while self.sessions.len() > IN_MEMORY {
            let Some((_, oldest)) = self.used.pop_first() else { break };
            self.sessions.remove(&oldest);
        }
        Ok(())
    }

    fn remove(&mut self, key: &Key) {
        if let Some(held) = self.sessions.remove(key) {
            self.used.remove(&held.used);
        }
    }

    fn touch(&mut self, key: &Key) {
        let Some(held) = self.sessions.get_mut(key) else { return };
        self.used.remove(&held.used);
        self.clock += 1;
        held.used = self.clock;
        self.used.insert(self.clock, key.clone());
    }
}

fn lock(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(ctx: &Context, id: &str) -> Key {
    (ctx.tenant.clone(), ctx.user.clone(), id.to_owned())
}

/// What the names of a user's sessions begin with. Users and ids are whatever the host calls them; hashes are of one length.
fn owned(ctx: &Context) -> String {
    format!("session/{}/", short(&ctx.user))
}

fn name(ctx: &Context, id: &str) -> String {
    format!("{}{}", owned(ctx), short(id))
}

fn short(text: &str) -> String {
    to_hex(&Sha256::digest(text)[..16])
}

fn written(session: &Session) -> Result<Vec<u8>> {
    let mut value = vec![FORMAT];
    serde_json::to_writer(&mut value, session)
        .map_err(|error| Error::internal("the session could not be written").with_source(error))?;
    Ok(value)
}

/// What a later version wrote is as good as nothing.
fn read(value: &[u8]) -> Option<Session> {
    let (&FORMAT, rest) = value.split_first()? else { return None };
    serde_json::from_slice(rest).ok()
}
