//! What may run, the settings in force, and the audit in memory.

use std::sync::PoisonError;

use super::Leo;
use crate::adapter::{Action, AuditEvent};
use crate::audit;
use crate::context::Context;
use crate::error::Result;
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

    /// Replaces the settings of the user's tenant, from the next call on; the change is in the audit first.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, `Config` for values out of range, and the sink's: nothing changed then.
    pub async fn set_tenant_settings(&self, layer: SettingsLayer) -> Result<()> {
        let ctx = self.allowed_in_general(Action::ManageSources).await?;
        let layers = [(Level::Process, &self.shared.process), (Level::Tenant, &layer)];
        let now = Settings::resolve(self.shared.preset, &layers)?;
        let event = audit::settings_changed(&ctx, Level::Tenant, None, &layer, &now.settings);
        self.shared.audit.append(vec![event]).await?;
        self.shared.tenants.write().unwrap_or_else(PoisonError::into_inner).insert(ctx.tenant, layer);
        Ok(())
    }

    /// The settings in force for the user and a source, each with where it was set.
    ///
    /// # Errors
    /// `Config` without a user, `NotFound` for an unknown source.
    pub fn settings(&self, source: Option<&str>) -> Result<Resolved> {
        let (ctx, entry) = self.who_and_what(source)?;
        self.resolve(&entry, self.tenant_layer(&ctx).as_ref(), &SettingsLayer::default())
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

    pub(super) fn tenant_layer(&self, ctx: &Context) -> Option<SettingsLayer> {
        self.shared.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&ctx.tenant).cloned()
    }

    pub(super) fn resolve(&self, entry: &Entry, tenant: Option<&SettingsLayer>, call: &SettingsLayer) -> Result<Resolved> {
        let mut layers = vec![(Level::Process, &self.shared.process), (Level::Source, &entry.settings.layer)];
        layers.extend(tenant.map(|layer| (Level::Tenant, layer)));
        layers.push((Level::Call, call));
        Settings::resolve(self.shared.preset, &layers)
    }
}
