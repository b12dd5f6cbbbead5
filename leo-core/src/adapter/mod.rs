//! The traits a host implements. Few required methods, plain data in and out; every one is `Debug + Send + Sync + 'static`.

mod audit;
mod authorizer;
mod calls;
mod clock;
mod connector;
mod credentials;
mod description;
mod embedder;
mod keys;
mod model;
mod resolver;
mod storage;

pub use audit::{AuditEvent, AuditSink};
pub use authorizer::{Access, AccessRequest, Action, Authorizer, MaskKey, RoleAuthorizer, TablePolicy};
pub(crate) use calls::caught;
pub use clock::Clock;
pub use connector::{HostConnector, SqlRequest, Started};
pub use credentials::{Credential, CredentialProvider};
pub use description::{HostCatalog, HostColumn, HostForeignKey, HostTable, HostTableKind};
pub use embedder::Embedder;
pub use keys::{DataKey, KeyStore};
pub use model::{Model, ModelAttempt, ModelMessage, ModelPurpose, ModelRequest, ModelResponse, ModelRole, ModelStop, ModelTool};
pub use resolver::SourceResolver;
pub use storage::{MAX_KEY_BYTES, MAX_VALUE_BYTES, PutOptions, Storage, Versioned};
