//! Describing as a part of the sync: what was said before is used again, and what is new is kept.

use std::collections::HashMap;
use std::sync::Arc;

use super::{DescribeOptions, DescribedTable, describe_by, prompt};
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::Result;
use crate::gate::ModelCall;
use crate::sync::{Steps, SyncProgress, SyncStage};
use crate::workflow::Twins;

/// The step that holds what was said of all tables.
const STEP: &str = "described";

/// Who describes the tables of a source, and within which bounds.
#[derive(Debug)]
pub(crate) struct Describer<'a> {
    pub(crate) model: ModelCall<'a>,
    pub(crate) twins: &'a Twins,
    pub(crate) options: DescribeOptions,
}

impl Describer<'_> {
    /// What the model says of the tables of `catalog`, by their names, to be laid over it and to be given the next time. `before` is what it said the
    /// last time in this process.
    ///
    /// # Behavior
    /// Nothing is asked of tables that are as they were, nor where a source with the same tables was described before. Where the model fails, tables stay as rules describe them, and the next sync asks.
    ///
    /// # Errors
    /// `Cancelled`, `Timeout` of the call, the audit sink's, and the storage's.
    pub(crate) async fn describe(
        &self,
        ctx: &Context,
        catalog: &Catalog,
        before: Option<Arc<Vec<DescribedTable>>>,
        steps: Option<&Steps>,
        progress: &(dyn Fn(SyncProgress<'_>) + Send + Sync),
    ) -> Result<Arc<Vec<DescribedTable>>> {
        let kept = match (before, steps) {
            (Some(before), _) => before,
            (None, Some(steps)) => Arc::new(steps.last(STEP).await?.unwrap_or_default()),
            (None, None) => Arc::default(),
        };
        let now: HashMap<_, _> = prompt::shown(catalog, self.options.max_prompt_chars)
            .into_iter()
            .map(|shown| (shown.table.name.clone(), shown.hash))
            .collect();
        // What was said of a table that is another one now is said of nothing.
        let mut said: Vec<DescribedTable> = kept.iter().filter(|own| now.get(&own.table) == Some(&own.hash)).cloned().collect();
        let name = name(&now);
        if said.is_empty()
            && let Some(other) = self.twins.get(&name).await
        {
            // Another source has this very schema.
            said = serde_json::from_slice(&other).unwrap_or_default();
            said.retain(|own: &DescribedTable| now.get(&own.table) == Some(&own.hash));
        }
        let missing = now.len() - said.len();
        if missing > 0 {
            let is_all = said.is_empty();
            progress(SyncProgress::at(SyncStage::Describe, 0, missing));
            let known = said.iter().map(|own| (own.table.clone(), own.hash.clone())).collect();
            let found = describe_by(ctx, &self.model, catalog, &self.options, &known).await?;
            progress(SyncProgress::at(SyncStage::Describe, missing.saturating_sub(found.left), missing));
            said.extend(found.tables);
            said.sort_by(|a, b| a.table.cmp(&b.table));
            if is_all && found.left == 0 {
                self.twins.put(&name, serde_json::to_vec(&said).unwrap_or_default(), true).await;
            }
        }
        if let Some(steps) = steps.filter(|_| said != *kept) {
            steps.keep(ctx, STEP, &said).await?;
        }
        Ok(Arc::new(said))
    }
}

/// The name of what is said of tables that look like these.
fn name(tables: &HashMap<TableName, String>) -> String {
    let mut all: Vec<(String, &String)> = tables.iter().map(|(table, hash)| (table.to_string(), hash)).collect();
    all.sort_unstable();
    Twins::name("described", all.iter().flat_map(|(table, hash)| [table.as_str(), hash.as_str()]))
}
