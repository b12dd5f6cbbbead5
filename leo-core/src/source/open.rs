//! From a spec to a connector.

use std::sync::Arc;

use crate::adapter::CredentialProvider;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::gate::Connector;
use crate::spec::SourceSpec;

/// What a source gets from around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Means {
    #[cfg(feature = "net")]
    pub(crate) net: super::net::Means,
}

impl Means {
    /// The same with logins from `provider`, for calls like that of `ctx`.
    #[must_use]
    #[allow(unused_mut, unused_variables)]
    pub(crate) fn with_credentials(mut self, provider: Option<&Arc<dyn CredentialProvider>>, ctx: &Context, id: &str) -> Self {
        #[cfg(feature = "net")]
        {
            let credentials =
                |provider| super::net::credentials::Credentials::new(Arc::clone(provider), ctx.to_host(), id.to_owned());
            self.net.credentials = provider.map(credentials).map(Arc::new);
        }
        self
    }

    /// The same for another source: what belongs to one alone is made anew.
    #[must_use]
    pub(crate) fn for_another(&self) -> Self {
        #[allow(unused_mut)]
        let mut means = self.clone();
        #[cfg(feature = "net")]
        {
            means.net.breaker = Arc::default();
        }
        means
    }
}

/// Opens what `spec` says: connects to a server once, so that mistakes show at once.
///
/// # Errors
/// `Config` for a spec that cannot be right; `Unsupported` for an engine that this build does not have; else as the engine's own source.
pub(crate) async fn open(id: &str, spec: SourceSpec, means: Means) -> Result<Arc<dyn Connector>> {
    spec.check()?;
    #[allow(unused_variables)]
    let (id, means) = (id.to_owned(), means);
    match spec.engine {
        #[cfg(feature = "sqlite")]
        crate::spec::Engine::Sqlite => {
            let path = spec.path.unwrap_or_default();
            blocking(move || super::sqlite::SqliteSource::open(id, path)).await
        }
        #[cfg(feature = "sqlite")]
        crate::spec::Engine::Files => {
            let path = spec.path.unwrap_or_default();
            blocking(move || super::files::FilesSource::open(id, &[path])).await
        }
        #[cfg(feature = "postgres")]
        crate::spec::Engine::Postgres => Ok(Arc::new(super::postgres::PostgresSource::connect_with(id, spec, means.net).await?)),
        #[cfg(feature = "mysql")]
        crate::spec::Engine::Mysql => Ok(Arc::new(super::mysql::MysqlSource::connect_with(id, spec, means.net).await?)),
        #[cfg(feature = "mssql")]
        crate::spec::Engine::Mssql => Ok(Arc::new(super::mssql::MssqlSource::connect_with(id, spec, means.net).await?)),
        #[allow(unreachable_patterns)]
        engine => {
            Err(Error::unsupported(format!("this build cannot open {}; build it with the feature `{engine}`", engine.name())))
        }
    }
}

/// Opens a file where waiting for the disk is in nobody's way.
#[cfg(feature = "sqlite")]
async fn blocking<C: Connector>(open: impl FnOnce() -> Result<C> + Send + 'static) -> Result<Arc<dyn Connector>> {
    let opened = tokio::task::spawn_blocking(open).await;
    Ok(Arc::new(opened.map_err(|error| Error::internal("opening the file ended early").with_source(error))??))
}

/// Whether nothing but somebody's action helps: with the login, its rights, or the protection of the way. Anything else may pass.
pub(crate) fn needs_action(error: &Error) -> bool {
    #[cfg(feature = "net")]
    if let Some(problem) = super::net::problem::of(error) {
        return problem.needs_action();
    }
    matches!(error.kind(), crate::ErrorKind::Denied | crate::ErrorKind::Config)
}
