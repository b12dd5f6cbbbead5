//! Columns that may hold personal data, and what people decide about them.

use super::Leo;
use crate::adapter::Action;
use crate::catalog::{Decision, PersonalDecision, PersonalFinding, personal_review};
use crate::error::Result;
use crate::knowledge::ColumnKnowledge;

impl Leo {
    /// Columns of which nobody is sure whether they hold personal data: first those whose name and values disagree, which are protected
    /// meanwhile, then those that only their names speak for, which are not. Learns the source first where nothing is known yet.
    ///
    /// # Errors
    /// `Denied` without the right to manage sources, and as [`sync`](Self::sync).
    pub async fn personal_review(&self, source: Option<&str>) -> Result<Vec<PersonalFinding>> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        Ok(personal_review(&*self.catalog(Some(entry.id())).await?))
    }

    /// Decides about columns, in bulk: whether they hold personal data, and of which kind. It is part of what is
    /// [known](Self::knowledge) of the source from now on, in a version of its own, which it gives; it outlives syncs.
    ///
    /// # Errors
    /// `NotFound` for a table or column that is not there, `Config` for a confirmation of the kind `none`: nothing is decided then; else as
    /// [`set_knowledge`](Self::set_knowledge).
    pub async fn decide_personal(&self, source: Option<&str>, decisions: &[PersonalDecision]) -> Result<u64> {
        let (_, entry) = self.allowed(Action::ManageSources, source).await?;
        let catalog = self.catalog(Some(entry.id())).await?;
        let kept = self.knowledge(Some(entry.id())).await?;
        let mut knowledge = kept.knowledge.clone();
        for made in decisions {
            made.decision.check()?;
            let table = catalog.require_table(&made.table)?;
            let column = catalog.require_column(table, &made.column)?;
            let known = knowledge.tables.entry(table.name.to_string()).or_default();
            known.columns.entry(column.name.clone()).or_default().personal = Some(match &made.decision {
                Decision::Confirm { kind } => kind.clone(),
                Decision::Reject => ColumnKnowledge::NOT_PERSONAL.to_owned(),
            });
        }
        if knowledge == kept.knowledge {
            return Ok(kept.version);
        }
        self.set_knowledge(Some(entry.id()), knowledge, Some(kept.version)).await
    }
}
