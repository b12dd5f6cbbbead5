//! Who may do what, and which part of the data they see.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::context::HostContext;
use crate::error::{Error, Result};
use crate::value::to_hex;

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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

impl Action {
    /// `ask`, `browse`, `manage_sources`, `read_audit` or `export_audit`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ask => "ask",
            Self::Browse => "browse",
            Self::ManageSources => "manage_sources",
            Self::ReadAudit => "read_audit",
            Self::ExportAudit => "export_audit",
        }
    }
}

/// A request to the [`Authorizer`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccessRequest {
    /// The action.
    pub action: Action,
    /// The source's id; `*` where there is no source yet and the action is about none in particular.
    pub source: String,
}

/// What a user may see of a source. The default sees everything.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// Globs over `schema.table`; `None` means every table. Deny wins.
    pub allow_tables: Option<Vec<String>>,
    /// Globs over `schema.table`.
    pub deny_tables: Vec<String>,
    /// Policies by `table` or `schema.table`, compared as the engine compares names.
    pub tables: BTreeMap<String, TablePolicy>,
    /// The key of `hash` masks. Equal values have equal hashes as long as it stays the same; each tenant's differ.
    pub mask_key: Option<MaskKey>,
    /// Whether this user sees personal data. Without a word here the setting `privacy.show_pii` decides. Where it is `false`, such
    /// columns come back redacted, and uses of them that could give values away need approval.
    pub show_personal_data: Option<bool>,
    /// Rows that a group must have to be shown, in statements that aggregate tables with personal data, to a user from whom it is
    /// kept. Without a word here the setting `privacy.min_group_size` decides.
    pub min_group_size: Option<u64>,
}

impl Access {
    /// Everything the source has.
    pub fn full() -> Self {
        Self::default()
    }
}

/// A secret that hashes are made with. It is never shown: it prints as dots and serialises as its own hash.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct MaskKey(String);

impl MaskKey {
    /// A key; any text that is hard to guess, such as 32 random bytes in hexadecimal.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key for one tenant, derived from this one.
    pub(crate) fn for_tenant(&self, tenant: &str) -> String {
        self.digest(&["tenant", tenant])
    }

    fn digest(&self, parts: &[&str]) -> String {
        let mut digest = Sha256::new();
        // Lengths first, so that no two lists of parts read the same.
        for part in std::iter::once(&self.0.as_str()).chain(parts) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        to_hex(&digest.finalize())
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Serialize for MaskKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.digest(&["shown"]))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for MaskKey {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MaskKey".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A secret that hashes are made with. It is read as it is, and written as its hash.",
            "type": "string",
        })
    }
}

/// Restrictions inside one table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct TablePolicy {
    /// Columns that do not exist for this user.
    pub deny_columns: Vec<String>,
    /// A boolean SQL expression over the table's columns, literals and context attributes written `:name`; a list of values
    /// stands in `IN (:name)`. `:tenant` and `:user` are who asks, unless the context has attributes of those names. The rows for
    /// which it is true exist for this user. A user without the attribute is refused.
    pub row_filter: Option<String>,
    /// Columns whose value is replaced, by mask: `null` (nothing), `redact` (`[REDACTED]`), `partial` (`****` and the last four
    /// characters of a text longer than eight), `hash` (equal for equal values; needs [`Access::mask_key`]). NULL stays NULL;
    /// `redact` and `partial` show nothing of columns without text. Conditions, joins and sorting see the masked value too.
    #[cfg_attr(feature = "schema", schemars(schema_with = "masks_schema"))]
    pub masks: BTreeMap<String, String>,
    /// Whether past versions of the rows may be asked for, `FOR SYSTEM_TIME …`, by which they show up as they were: hidden columns
    /// and masks hold, and the filter decides by the values of that time. Refused unless set; a history table under a name of its
    /// own is granted by that name in [`Access::allow_tables`], and then shown whole.
    pub past_versions: bool,
}

/// Columns to names of masks.
#[cfg(feature = "schema")]
fn masks_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({
        "type": "object",
        "additionalProperties": { "type": "string", "enum": ["null", "redact", "partial", "hash"] },
    })
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
