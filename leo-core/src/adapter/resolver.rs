//! Sources that the host knows.

use async_trait::async_trait;

use crate::context::HostContext;
use crate::error::Result;
use crate::spec::SourceSpec;

/// Says what a source is: for hosts that keep their tenants' sources themselves.
///
/// # Behavior
/// Asked when a source is opened that was neither built in nor added, and again each time it was closed in between. What comes of the
/// answer belongs to the tenant of `ctx` alone: nobody else gets the connections, the catalogue or the index made from it. Within the
/// tenant all users share them, so the answer depends on the tenant only; what each user may see is for the
/// [`Authorizer`](super::Authorizer), which is asked first.
///
/// It has 15 seconds, which is also how long connecting takes at most unless a spec says otherwise
/// ([`Connections::connect_timeout_ms`](crate::source::Connections::connect_timeout_ms)); the calls that wait then fail with `Timeout`.
///
/// # Example
/// ```
/// use leo::adapter::SourceResolver;
/// use leo::context::HostContext;
/// use leo::source::SourceSpec;
///
/// #[derive(Debug)]
/// struct OneDatabaseEach;
///
/// #[async_trait::async_trait]
/// impl SourceResolver for OneDatabaseEach {
///     async fn resolve(&self, ctx: HostContext, source: &str) -> leo::Result<Option<SourceSpec>> {
///         if source != "shop" {
///             return Ok(None);
///         }
///         let mut spec: SourceSpec = "postgres://leo:s3cret@db.example.com".parse()?;
///         spec.database = Some(format!("tenant_{}", ctx.tenant));
///         Ok(Some(spec))
///     }
/// }
/// ```
#[async_trait]
pub trait SourceResolver: std::fmt::Debug + Send + Sync + 'static {
    /// What `source` is for the tenant of `ctx`; `None` where it has no such source.
    ///
    /// # Errors
    /// The host's own; the call that needed the source fails with it.
    async fn resolve(&self, ctx: HostContext, source: &str) -> Result<Option<SourceSpec>>;
}
