//! A host with SQLite files as sources, whose audit and resolver can be looked at.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use leo::adapter::{CredentialProvider, RoleAuthorizer, SourceResolver};
use leo::context::HostContext;
use leo::settings::SettingsLayer;
use leo::source::SourceSpec;
use leo::{Context, Leo, Result};
use leo_tests::audit::Sink;
use tokio::sync::Semaphore;

/// Knows sources by tenant and id, counts who asks, and can be held up.
#[derive(Debug)]
pub struct Resolver {
    pub known: Mutex<HashMap<(String, String), SourceSpec>>,
    pub asked: Mutex<Vec<(String, String)>>,
    /// One permit lets one question through.
    pub slow: Mutex<HashMap<String, Arc<Semaphore>>>,
}

#[async_trait]
impl SourceResolver for Resolver {
    async fn resolve(&self, ctx: HostContext, source: &str) -> Result<Option<SourceSpec>> {
        let key = (ctx.tenant, source.to_owned());
        self.asked.lock().unwrap().push(key.clone());
        let slow = self.slow.lock().unwrap().get(source).cloned();
        if let Some(slow) = slow {
            slow.acquire().await.unwrap().forget();
        }
        Ok(self.known.lock().unwrap().get(&key).cloned())
    }
}

impl Resolver {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { known: Mutex::default(), asked: Mutex::default(), slow: Mutex::default() })
    }

    pub fn knows(&self, tenant: &str, id: &str, spec: SourceSpec) {
        self.known.lock().unwrap().insert((tenant.to_owned(), id.to_owned()), spec);
    }

    pub fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// Holds questions for `id` up until permits are added.
    pub fn hold(&self, id: &str) -> Arc<Semaphore> {
        let slow = Arc::new(Semaphore::new(0));
        self.slow.lock().unwrap().insert(id.to_owned(), Arc::clone(&slow));
        slow
    }
}

/// An embedding product.
pub struct Host {
    pub leo: Leo,
    pub sink: Arc<Sink>,
    pub resolver: Arc<Resolver>,
    folder: tempfile::TempDir,
}

impl Host {
    pub fn new() -> Self {
        Self::with("{}")
    }

    /// With this provider of logins.
    pub fn with_credentials(provider: Arc<dyn CredentialProvider>) -> Self {
        Self::made("{}", Some(provider))
    }

    /// With these settings of the process.
    pub fn with(settings: &str) -> Self {
        Self::made(settings, None)
    }

    fn made(settings: &str, provider: Option<Arc<dyn CredentialProvider>>) -> Self {
        let (sink, resolver) = (Arc::new(Sink::default()), Resolver::new());
        let mut builder = Leo::builder();
        if let Some(provider) = provider {
            builder = builder.credentials(provider);
        }
        let leo = builder
            .authorizer(Arc::new(RoleAuthorizer))
            .audit(Arc::clone(&sink) as _)
            .resolver(Arc::clone(&resolver) as _)
            .execution(true)
            .settings(SettingsLayer::parse(settings).unwrap())
            .build()
            .unwrap();
        Self { leo, sink, resolver, folder: tempfile::tempdir().unwrap() }
    }

    /// A file with one table `things` of so many rows, named `name`.
    pub fn file(&self, name: &str, rows: u32) -> SourceSpec {
        let path = self.folder.path().join(format!("{name}.db"));
        let file = rusqlite::Connection::open(&path).unwrap();
        let script = format!(
            "CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY, label TEXT); \
             DELETE FROM things; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
             INSERT INTO things SELECT i, 'secret of {name}' FROM n"
        );
        file.execute_batch(&script).unwrap();
        spec(path)
    }

    /// A spec of a file that is not there.
    pub fn missing(&self) -> SourceSpec {
        spec(self.folder.path().join("missing.db"))
    }

    pub fn owner(&self, tenant: &str) -> Leo {
        self.leo.for_user(Context::new(tenant, "olga").unwrap().with_roles(["owner"]))
    }

    pub fn member(&self, tenant: &str) -> Leo {
        self.leo.for_user(Context::new(tenant, "mia").unwrap().with_roles(["member"]))
    }

    pub fn nobody(&self, tenant: &str) -> Leo {
        self.leo.for_user(Context::new(tenant, "nia").unwrap())
    }
}

fn spec(path: PathBuf) -> SourceSpec {
    let mut spec = SourceSpec::new(leo::source::Engine::Sqlite);
    spec.path = Some(path);
    spec
}

/// The number of things in a source.
pub async fn count(leo: &Leo, source: &str) -> Result<String> {
    let options = leo::SqlOptions { source: Some(source.to_owned()), ..leo::SqlOptions::default() };
    let answer = leo.sql_with("SELECT count(*) FROM things", &options).await?;
    Ok(answer.table.unwrap().value(0, 0).to_string())
}

/// A stream that is under way at a source until it is dropped.
pub async fn stream(leo: &Leo, source: &str) -> Result<leo::gate::GateStream> {
    let options = leo::SqlOptions { source: Some(source.to_owned()), ..leo::SqlOptions::default() };
    leo.sql_stream("SELECT a.id FROM things a", &options).await
}
