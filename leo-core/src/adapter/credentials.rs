//! Secrets that the host keeps, and changes.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::context::HostContext;
use crate::error::Result;
use crate::spec::Login;

/// Gives the login of a source each time one is needed: for tokens that end, managed identities, and secrets that are changed.
///
/// # Behavior
/// Asked for sources whose spec says [`Login::Provided`]: when a connection is made and no credential is held, when the one held ends
/// soon (within five minutes, or a tenth of its life where that is less), and once after a server refused it. However many
/// connections need one at the same time, it is asked once. `ctx` is of the call that opened the source; what comes back is used for all
/// calls of its tenant.
///
/// A provider that fails leaves connections alone that are open, and a credential in use that has not ended. What then needs another one
/// fails with `Adapter`, and the source's state is [`ActionRequired`](crate::sources::SourceState::ActionRequired) until it gives one.
///
/// # Example
/// ```
/// use leo::adapter::{Credential, CredentialProvider};
/// use leo::context::HostContext;
/// use leo::source::Login;
///
/// #[derive(Debug)]
/// struct Vault;
///
/// #[async_trait::async_trait]
/// impl CredentialProvider for Vault {
///     async fn credential(&self, ctx: HostContext, source: &str) -> leo::Result<Credential> {
///         let secret = format!("what the vault holds for {} of {}", source, ctx.tenant);
///         let login = Login::Password { user: "leo".into(), password: secret.into() };
///         let expires_at = ctx.now.checked_add(jiff::SignedDuration::from_hours(1)).ok();
///         Ok(Credential { login, expires_at })
///     }
/// }
/// ```
#[async_trait]
pub trait CredentialProvider: std::fmt::Debug + Send + Sync + 'static {
    /// The login for `source` of the tenant of `ctx`.
    ///
    /// # Errors
    /// The host's own. Their messages are not passed on, since nobody knows what they hold.
    async fn credential(&self, ctx: HostContext, source: &str) -> Result<Credential>;
}

/// A login and when it ends.
#[derive(Debug, Clone)]
pub struct Credential {
    /// A password or a token.
    pub login: Login,
    /// The moment from which the server takes it no more; none for one that holds until further notice.
    pub expires_at: Option<Timestamp>,
}
