//! Second step: what would it cost?

use super::attempt::Status;
use super::check::{self, InForce};
use super::connector::{Connector, Estimate};
use super::pass::{Cleared, Recorded};
use crate::context::Context;
use crate::error::{ErrorKind, Result};

/// Prices from which a statement needs approval, or does not run. A field that is `None` sets no limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceLimits {
    /// Above any of these it runs only after approval.
    pub approve_above: Estimate,
    /// Above any of these it does not run at all.
    pub refuse_above: Estimate,
}

impl PriceLimits {
    /// Whether any limit is set.
    pub fn is_set(&self) -> bool {
        [&self.approve_above, &self.refuse_above]
            .iter()
            .any(|limit| limit.rows.is_some() || limit.bytes.is_some() || limit.cost.is_some())
    }
}

/// What the price means.
#[derive(Debug)]
#[non_exhaustive]
// Passed on at once, never stored: a box would cost an allocation on the way of each question.
#[allow(clippy::large_enum_variant)]
pub enum Priced {
    /// It may run.
    Cleared(Cleared),
    /// It may run after approval. The attempt is closed; an approved statement is vetted and recorded anew.
    NeedsApproval {
        /// What it would cost.
        estimate: Estimate,
        /// Which limits it passes, for a person.
        reasons: Vec<String>,
    },
    /// It does not run. The attempt is closed.
    OverBudget {
        /// What it would cost.
        estimate: Estimate,
        /// Which limits it passes, for a person.
        reasons: Vec<String>,
    },
}

/// Asks the source what the statement would cost and compares it with `limits`.
///
/// # Behavior
/// The estimate touches the database too, so everything the statement is bound to is compared first, as in
/// [`run`](super::run()). An engine that gives no estimate (SQLite) clears the statement; with limits set,
/// [`Cleared::no_estimate`] then says that they could not be applied.
///
/// # Errors
/// `Denied` (tenant, user, source or dialect differ), `Conflict` (catalogue or policy changed, vetting expired), `Cancelled`,
/// `Timeout`, the connector's, and the sink's. Each closes the attempt.
pub async fn price(
    ctx: &Context,
    recorded: Recorded,
    connector: &dyn Connector,
    now: InForce<'_>,
    limits: &PriceLimits,
) -> Result<Priced> {
    if let Err(error) = check::all(ctx, &recorded.sql, connector.info(), now) {
        return Err(recorded.attempt.refuse(error).await);
    }
    let estimate = match connector.estimate(ctx, &recorded).await {
        Ok(estimate) => estimate,
        Err(error) => return Err(recorded.attempt.fail(error).await),
    };
    let Some(estimate) = estimate else {
        return Ok(Priced::Cleared(Cleared { recorded, estimate: None, no_estimate: limits.is_set() }));
    };
    let reasons = exceeded(&estimate, &limits.refuse_above);
    if !reasons.is_empty() {
        let mut attempt = recorded.attempt;
        attempt.note(|facts| facts.error = Some(ErrorKind::OverBudget));
        attempt.close(Status::OverBudget).await?;
        return Ok(Priced::OverBudget { estimate, reasons });
    }
    let reasons = exceeded(&estimate, &limits.approve_above);
    if !reasons.is_empty() {
        let mut attempt = recorded.attempt;
        attempt.note(|facts| facts.error = Some(ErrorKind::NeedsApproval));
        attempt.close(Status::NeedsApproval).await?;
        return Ok(Priced::NeedsApproval { estimate, reasons });
    }
    Ok(Priced::Cleared(Cleared { recorded, estimate: Some(estimate), no_estimate: false }))
}

fn exceeded(estimate: &Estimate, limit: &Estimate) -> Vec<String> {
    let mut reasons = Vec::new();
    if let (Some(rows), Some(most)) = (estimate.rows, limit.rows)
        && rows > most
    {
        reasons.push(format!("about {rows} rows, the limit is {most}"));
    }
    if let (Some(bytes), Some(most)) = (estimate.bytes, limit.bytes)
        && bytes > most
    {
        reasons.push(format!("about {bytes} bytes, the limit is {most}"));
    }
    // A cost that is not a number counts as above the limit.
    if let (Some(cost), Some(most)) = (estimate.cost, limit.cost)
        && !matches!(cost.partial_cmp(&most), Some(std::cmp::Ordering::Less | std::cmp::Ordering::Equal))
    {
        reasons.push(format!("a cost of about {cost}, the limit is {most}"));
    }
    reasons
}
