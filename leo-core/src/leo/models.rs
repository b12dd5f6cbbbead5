//! What models took.

use jiff::civil::Date;

use super::Leo;
use crate::adapter::Action;
use crate::error::{Error, Result};
use crate::gate::ModelSpending;
use crate::model::ModelStatistics;
use crate::settings::Preset;

impl Leo {
    /// What the tenant's users spent on models from `first` to `last`, both included: by day of UTC, user and model, in that order.
    ///
    /// # Behavior
    /// Kept in the host's [`Storage`](crate::adapter::Storage); in memory without one. Costs are those the model's service says, or the product
    /// of tokens and the table of [`Prices`](crate::model::Prices); requests without a known price are counted apart. Attempts that failed without an answer
    /// cost nothing that is known. `model.monthly_cap_usd` bounds a month.
    ///
    /// # Errors
    /// `Denied` without the right to read the audit, `LimitExceeded` for more than 366 days, `Adapter` when the storage fails.
    pub async fn model_spending(&self, first: Date, last: Date) -> Result<Vec<ModelSpending>> {
        let ctx = self.allowed_in_general(Action::ReadAudit).await?;
        self.shared.ledger.spending(&ctx.tenant, first, last).await
    }

    /// How each model did since the process began, in the order in which they are asked; empty without one.
    ///
    /// # Errors
    /// `Denied` for a user of the preset `embedded`: the figures are of all tenants together, and for the host, whose handle is bound to nobody.
    pub fn model_statistics(&self) -> Result<Vec<ModelStatistics>> {
        if self.shared.preset == Preset::Embedded && self.identity.is_some() {
            return Err(Error::denied(
                "how models do is told of all tenants together; ask through the handle that is bound to no user",
            ));
        }
        Ok(self.shared.models.as_ref().map(|chain| chain.statistics()).unwrap_or_default())
    }
}
