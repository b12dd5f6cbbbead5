//! Secrets at rest: a spec that may be stored, whose secrets only the holder of a key reads, and values of rows ([`Sealer`]).
//!
//! A spec's secrets are sealed with a data key of their own, and that one with a key of the host's [`KeyStore`](crate::adapter::KeyStore)
//! whose id stands beside it. Changing the host's key seals data keys anew, and no secret.

mod cipher;
mod environment;
mod sealed;
mod secrets;
mod value;

pub use environment::EnvironmentKeys;
pub use sealed::SealedSpec;
pub(crate) use value::Sealer;
