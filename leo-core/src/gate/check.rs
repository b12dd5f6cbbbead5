//! What a statement was vetted for against what it is about to run under.

use std::time::Instant;

use super::connector::ConnectorInfo;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::guard::VettedSql;

/// What is in force at the moment a statement is priced or run.
#[derive(Debug, Clone, Copy)]
pub struct InForce<'a> {
    /// Version of the source's catalogue, [`Catalog::version`](crate::catalog::Catalog::version).
    pub catalog_version: &'a str,
    /// Hash of the context's policy at the source, variables bound.
    pub policy_hash: &'a str,
}

/// The statement belongs to the context's tenant and user. The message names neither: they may be somebody else's.
pub(in crate::gate) fn identity(ctx: &Context, sql: &VettedSql) -> Result<()> {
    if sql.tenant() != ctx.tenant {
        return Err(Error::denied("the statement was vetted for another tenant; vet it again in this context"));
    }
    if sql.user() != ctx.user {
        return Err(Error::denied("the statement was vetted for another user; vet it again in this context"));
    }
    Ok(())
}

/// Everything the statement is bound to still holds.
pub(in crate::gate) fn all(ctx: &Context, sql: &VettedSql, info: &ConnectorInfo, now: InForce<'_>) -> Result<()> {
    ctx.check()?;
    identity(ctx, sql)?;
    info.accepts(sql)?;
    if sql.catalog_version() != now.catalog_version {
        return Err(Error::conflict("the catalogue changed after the statement was vetted; ask again"));
    }
    if sql.policy_hash() != now.policy_hash {
        return Err(Error::conflict("the access policy changed after the statement was vetted; ask again"));
    }
    if sql.expires_at() <= Instant::now() {
        return Err(Error::conflict("the statement's vetting has expired; ask again"));
    }
    Ok(())
}
