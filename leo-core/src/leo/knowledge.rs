//! What people say about a source: read, changed, and kept with its versions.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Leo;
use crate::adapter::{Action, AuditEvent, PutOptions};
use crate::audit;
use crate::context::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::knowledge::{Knowledge, Mistake, check_yaml, write_yaml};
use crate::registry::Entry;
use crate::store::TenantStore;

/// The form that is written.
const FORMAT: u32 = 1;
/// Versions kept.
const VERSIONS: u64 = 50;
/// Mistakes named in an error.
const NAMED: usize = 5;

/// What is known about a source, as one version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct KnowledgeVersion {
    /// Counts changes; 0 for what the host handed to the builder.
    pub version: u64,
    /// When it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// Who changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// What was said, without what the host handed to the builder.
    pub knowledge: Knowledge,
}

/// As it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Stored {
    format: u32,
    #[serde(flatten)]
    version: KnowledgeVersion,
}

impl Leo {
    /// What people said about a source: words, metrics, verified queries, and what they decided about tables. Without what the host
    /// handed to the builder, over which it is laid.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `NotFound`, the storage's.
    pub async fn knowledge(&self, source: Option<&str>) -> Result<KnowledgeVersion> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        Ok(self.kept_knowledge(&entry).await?.map(|(kept, _)| kept).unwrap_or_else(nothing))
    }

    /// An earlier version; the last 50 are kept.
    ///
    /// # Errors
    /// As [`knowledge`](Self::knowledge), and `NotFound` for a version that is not kept.
    pub async fn knowledge_at(&self, source: Option<&str>, version: u64) -> Result<KnowledgeVersion> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        let kept = self.knowledge_store(&entry).get(&earlier(entry.id(), version)).await?;
        match kept {
            Some(kept) => Ok(read(&kept.value)?.version),
            None => Err(Error::not_found(format!("version {version} of what is known is not kept; the last {VERSIONS} are"))),
        }
    }

    /// Replaces what people said about a source, from the next question on, in this process at once and in others with their next sync. Its
    /// version. With `expected`, only when that is the version there is.
    ///
    /// # Behavior
    /// What names a table or column that is not there is kept and of no effect. The change is in the audit first, by its hash.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, or for a source of all tenants; `Conflict` when somebody else changed it; the storage's and
    /// the audit sink's: nothing changed then.
    pub async fn set_knowledge(&self, source: Option<&str>, knowledge: Knowledge, expected: Option<u64>) -> Result<u64> {
        let (ctx, entry) = self.may_change(source).await?;
        self.replace_knowledge(&ctx, &entry, knowledge, expected).await
    }

    /// [`set_knowledge`](Self::set_knowledge) from the text of a `leo.yaml`.
    ///
    /// # Errors
    /// As [`set_knowledge`](Self::set_knowledge); `Malformed` with the line for a text that cannot be read; `Config` with lines for one that says
    /// something of tables or columns that are not there: [`check_knowledge`](Self::check_knowledge) lists all of it.
    pub async fn import_knowledge(&self, source: Option<&str>, yaml: &str, expected: Option<u64>) -> Result<u64> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        let catalog = self.catalog(Some(entry.id())).await?;
        let (knowledge, mistakes) = check_yaml(yaml, &catalog)?;
        if !mistakes.is_empty() {
            let named: Vec<String> = mistakes.iter().take(NAMED).map(ToString::to_string).collect();
            let more = mistakes.len().saturating_sub(NAMED);
            let more = if more > 0 { format!("; and {more} more") } else { String::new() };
            return Err(Error::config(format!("nothing was imported: {}{more}", named.join("; "))));
        }
        self.set_knowledge(Some(entry.id()), knowledge, expected).await
    }

    /// What in a `leo.yaml` is of no effect at a source, by lines: tables and columns that are not there, with the nearest names.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources; `Malformed` with the line for a text that cannot be read.
    pub async fn check_knowledge(&self, source: Option<&str>, yaml: &str) -> Result<Vec<Mistake>> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        let catalog = self.catalog(Some(entry.id())).await?;
        check_yaml(yaml, &catalog).map(|(_, mistakes)| mistakes)
    }

    /// Everything that is in force at a source as the text of a `leo.yaml`: what the host handed to the builder, and what people said.
    ///
    /// # Errors
    /// As [`knowledge`](Self::knowledge).
    pub async fn export_knowledge(&self, source: Option<&str>) -> Result<String> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        let kept = self.kept_knowledge(&entry).await?.map(|(kept, _)| kept).unwrap_or_else(nothing);
        write_yaml(&entry.target().given.clone().overlaid(&kept.knowledge))
    }

    /// Reads what is kept, so that it holds for what is learned next.
    pub(super) async fn load_knowledge(&self, entry: &Entry) -> Result<()> {
        let kept = self.kept_knowledge(entry).await?.map(|(kept, _)| kept).unwrap_or_else(nothing);
        entry.target().say(kept.version, &kept.knowledge)
    }

    async fn replace_knowledge(&self, ctx: &Context, entry: &Entry, knowledge: Knowledge, expected: Option<u64>) -> Result<u64> {
        let (before, stored) = match self.kept_knowledge(entry).await? {
            Some((kept, stored)) => (kept, stored),
            None => (nothing(), 0),
        };
        if expected.is_some_and(|expected| expected != before.version) {
            return Err(changed());
        }
        let now = KnowledgeVersion {
            version: before.version + 1,
            changed_at: Some(Timestamp::now()),
            changed_by: Some(ctx.user.clone()),
            knowledge,
        };
        let unwritable = |error| Error::internal("what is known does not serialise").with_source(error);
        let value = serde_json::to_vec(&Stored { format: FORMAT, version: now.clone() }).map_err(unwritable)?;
        let event = AuditEvent {
            source: Some(entry.id().to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some(format!("version {}", now.version)),
            ..audit::event(ctx, "knowledge_changed")
        };
        self.shared.audit.append(vec![event]).await?;
        let store = self.knowledge_store(entry);
        store.put(&name(entry.id()), &value, PutOptions::new().expecting(stored)).await.map_err(|error| match error.kind() {
            ErrorKind::Conflict => changed(),
            _ => error,
        })?;
        entry.target().say(now.version, &now.knowledge)?;
        // A history with a gap is no reason to say that nothing changed.
        let _ = store.put(&earlier(entry.id(), now.version), &value, PutOptions::new()).await;
        if let Some(old) = now.version.checked_sub(VERSIONS) {
            let _ = store.delete(&earlier(entry.id(), old), None).await;
        }
        Ok(now.version)
    }

    /// What is kept, and its version in the storage.
    async fn kept_knowledge(&self, entry: &Entry) -> Result<Option<(KnowledgeVersion, u64)>> {
        let Some(kept) = self.knowledge_store(entry).get(&name(entry.id())).await? else { return Ok(None) };
        Ok(Some((read(&kept.value)?.version, kept.version)))
    }

    fn knowledge_store(&self, entry: &Entry) -> TenantStore {
        // What the host built in belongs to no tenant; the name is none that a tenant can have.
        TenantStore::new(Arc::clone(&self.shared.storage), entry.key.tenant.as_deref().unwrap_or_default())
    }
}

fn nothing() -> KnowledgeVersion {
    KnowledgeVersion { version: 0, changed_at: None, changed_by: None, knowledge: Knowledge::default() }
}

fn changed() -> Error {
    Error::conflict("somebody else changed what is known in the meantime; read it again, then change that")
}

fn name(source: &str) -> String {
    format!("knowledge/{source}")
}

fn earlier(source: &str, version: u64) -> String {
    format!("knowledge/{source}/{version}")
}

/// Nothing is guessed: what cannot be read may say that a column holds personal data.
fn read(value: &[u8]) -> Result<Stored> {
    let unusable =
        || Error::malformed("the stored knowledge of the source cannot be used; put it back from a backup, or delete it");
    let stored: Stored = serde_json::from_slice(value).map_err(|error| unusable().with_source(error))?;
    if stored.format == FORMAT { Ok(stored) } else { Err(unusable()) }
}
