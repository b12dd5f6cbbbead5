//! What may run, the settings in force, and the audit in memory.

use super::Leo;
use crate::adapter::{Action, AuditEvent};
use crate::audit;
use crate::error::{Error, Result};
use crate::registry::Entry;
use crate::settings::{Level, Resolved, Settings, SettingsLayer};

impl Leo {
    /// Turns execution on or off for a source; the decision is in the audit first. Off, questions are answered with a checked
    /// statement and the status `not_executed`.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `NotFound`, `Config`, and the sink's: nothing changed then.
    pub async fn set_execution(&self, source: Option<&str>, on: bool) -> Result<()> {
        let (ctx, entry) = self.allowed(Action::ManageSources, source).await?;
        let event = AuditEvent {
            source: Some(entry.id().to_owned()),
            preset: Some(self.shared.preset.as_str().to_owned()),
            target: Some("execution".into()),
            status: Some(if on { "on" } else { "off" }.into()),
            ..audit::event(&ctx, "security_gate_decision")
        };
        self.shared.audit.append(vec![event]).await?;
        self.shared.registry.admit(&entry).target().set_execution(on);
        Ok(())
    }

    /// Replaces the settings of the user's tenant, from the next call on; an empty layer takes them back. The change is in the audit
    /// first.
    ///
    /// # Behavior
    /// They are kept in the host's [`Storage`](crate::adapter::Storage), so that they outlive the process. Each process reads them once: what
    /// another one changed is seen by those that start later, or find out by a `Conflict`.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `Config` for values out of range, `Conflict` when another process changed them,
    /// `Adapter` when the storage fails, and the sink's: nothing changed then. What was announced and did not happen is told in the
    /// audit. After `Timeout` and `Cancelled` the change may still be made; the next call sees whether it was.
    pub async fn set_tenant_settings(&self, layer: SettingsLayer) -> Result<()> {
        let ctx = self.allowed_in_general(Action::ManageSources).await?;
        let layers = [(Level::Process, &self.shared.process), (Level::Tenant, &layer)];
        let now = Settings::resolve(self.shared.preset, &layers)?;
        let event = audit::settings_changed(&ctx, Level::Tenant, None, &layer, &now.settings);
        // Read under the call's own deadline, so that a storage that does not answer holds up nobody else.
        self.shared.tenants.of(&ctx).await?;
        let (leo, waiting) = (self.clone(), ctx.clone());
        // It goes on when nobody waits for it, so that what was announced and what is kept do not part.
        let change = async move {
            let mut announced = None;
            let announce = async {
                leo.shared.audit.append(vec![event.clone()]).await?;
                announced = Some(event);
                Ok(())
            };
            let changed = leo.shared.tenants.replace(&ctx, layer, announce).await;
            if let (Err(error), Some(event)) = (&changed, announced) {
                let failed = AuditEvent {
                    attempt: Some(event.id.clone()),
                    status: Some("failed".into()),
                    error: Some(error.kind().as_str().to_owned()),
                    id: audit::new_id(),
                    at: jiff::Timestamp::now(),
                    ..event
                };
                // The caller hears of it in any case.
                let _ = leo.shared.audit.append(vec![failed]).await;
            }
            changed
        };
        let changed = waiting.unless_over(tokio::spawn(change)).await?;
        changed.map_err(|error| Error::internal("the change of the settings ended early").with_source(error))?
    }

    /// The settings in force for the user and a source, each with where it was set.
    ///
    /// # Errors
    /// `Config` without a user, `NotFound` for an unknown source, `Adapter` when the storage of the tenant's settings fails.
    pub async fn settings(&self, source: Option<&str>) -> Result<Resolved> {
        let entry = self.what(source)?;
        let tenant = self.shared.tenants.of(self.identity()?).await?;
        self.resolve(&entry, tenant.as_deref(), &SettingsLayer::default())
    }

    /// The user's own tenant's records that the sink in memory still holds, oldest first; empty when the audit goes elsewhere.
    ///
    /// # Errors
    /// `Denied` without the right to read the audit, `Config` without a user.
    pub async fn recent_audit(&self) -> Result<Vec<AuditEvent>> {
        let ctx = self.allowed_in_general(Action::ReadAudit).await?;
        let Some(memory) = &self.shared.memory else { return Ok(Vec::new()) };
        Ok(memory.events().into_iter().filter(|event| event.tenant == ctx.tenant).collect())
    }

    /// A sentence for the user, once, when the audit in memory had to drop records.
    pub fn audit_notice(&self) -> Option<String> {
        self.shared.memory.as_ref()?.take_notice()
    }

    pub(super) fn resolve(&self, entry: &Entry, tenant: Option<&SettingsLayer>, call: &SettingsLayer) -> Result<Resolved> {
        let mut layers = vec![(Level::Process, &self.shared.process), (Level::Source, &entry.settings.layer)];
        layers.extend(tenant.map(|layer| (Level::Tenant, layer)));
        layers.push((Level::Call, call));
        Settings::resolve(self.shared.preset, &layers)
    }
}
