//! Who may do what, and which part of the data they see.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::context::HostContext;
use crate::error::{Error, Result};

/// Decides what a user may do and see. [`RoleAuthorizer`] is the default.
#[async_trait]
pub trait Authorizer: std::fmt::Debug + Send + Sync + 'static {
    /// The access `ctx` has for `request`.
    ///
    /// # Errors
    /// `Denied` when the action is not allowed at all.
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access>;
}

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// Ask a question or run SQL.
    Ask,
    /// Look at the catalogue.
    Browse,
    /// Sync, add or remove sources.
    ManageSources,
    /// Read the audit.
    ReadAudit,
    /// Export the audit.
    ExportAudit,
}

/// A request to the [`Authorizer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRequest {
    /// The action.
    pub action: Action,
    /// The source's id.
    pub source: String,
}

/// What a user may see of a source. The default sees everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Globs over `schema.table`; `None` means every table. Deny wins.
    pub allow_tables: Option<Vec<String>>,
    /// Globs over `schema.table`.
    pub deny_tables: Vec<String>,
    /// Policies by `table` or `schema.table`, compared as the engine compares names.
    pub tables: BTreeMap<String, TablePolicy>,
}

impl Access {
    /// Everything the source has.
    pub fn full() -> Self {
        Self::default()
    }
}

/// Restrictions inside one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TablePolicy {
    /// Columns that do not exist for this user.
    pub deny_columns: Vec<String>,
    /// A boolean SQL expression over the table's columns, literals and context attributes written `:name`.
    pub row_filter: Option<String>,
    /// Columns whose value is replaced, by mask: `null`, `hash`, `partial`, `redact`.
    pub masks: BTreeMap<String, String>,
}

/// The default matrix: everyone with a role may ask and browse, `admin` and `owner` manage sources and read the audit,
/// `owner` exports it. Tables are not restricted.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleAuthorizer;

#[async_trait]
impl Authorizer for RoleAuthorizer {
    async fn authorize(&self, ctx: HostContext, request: AccessRequest) -> Result<Access> {
        let allowed: &[&str] = match request.action {
            Action::Ask | Action::Browse => &["viewer", "member", "admin", "owner"],
            Action::ManageSources | Action::ReadAudit => &["admin", "owner"],
            Action::ExportAudit => &["owner"],
        };
        if ctx.roles.iter().any(|role| allowed.contains(&role.as_str())) {
            Ok(Access::full())
        } else {
            Err(Error::denied(format!("this needs one of the roles {}; ask an administrator for it", allowed.join(", "))))
        }
    }
}
