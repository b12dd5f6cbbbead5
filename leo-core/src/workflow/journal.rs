//! What the steps of a job gave.

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::retry::{FailureClass, retrying};
use crate::adapter::PutOptions;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::value::to_hex;

/// The form that is written.
const FORMAT: u32 = 1;

/// The steps of one job. What they gave may hold values of rows, and is sealed.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    store: TenantStore,
    sealer: Sealer,
    job: String,
}

/// What is written of a step.
#[derive(Debug, Serialize, Deserialize)]
struct Step {
    format: u32,
    /// Hash of what it was given.
    input: String,
    /// Hash of what it gave; without, it failed.
    output: Option<String>,
    report: StepReport,
}

/// How a step went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StepReport {
    began: Timestamp,
    ended: Timestamp,
    attempts: u32,
    /// Why it failed: the class, and a sentence without values.
    failure: Option<(FailureClass, String)>,
}

impl Journal {
    /// The journal of `job` in the tenant's store.
    pub(crate) fn new(store: TenantStore, sealer: Sealer, job: impl Into<String>) -> Self {
        Self { store, sealer, job: job.into() }
    }

    /// What `step` gives for an input of this hash: what it gave before, or what `work` gives now, which is kept before it is used.
    ///
    /// # Behavior
    /// What cannot be read any more, because it was damaged or the key is gone, is done again. A process that ends between two writes leaves
    /// a step that is not done.
    ///
    /// # Errors
    /// The storage's: nothing is used that is not kept. Within, those of `work`, after it was tried again where that may help; they are on
    /// record then.
    pub(crate) async fn step<'a, T: Serialize + DeserializeOwned + Send + Sync>(
        &self,
        ctx: &Context,
        step: &str,
        input: &str,
        work: impl FnMut() -> BoxFuture<'a, Result<T>> + Send,
    ) -> Result<Result<T>> {
        if let Some(value) = self.kept(step, input).await? {
            return Ok(Ok(value));
        }
        let began = Timestamp::now();
        let (attempts, outcome) = retrying(ctx, work).await;
        let failure = outcome.as_ref().err().map(|error| (FailureClass::of(error), error.message().to_owned()));
        let report = StepReport { began, ended: Timestamp::now(), attempts, failure };
        match outcome {
            Ok(value) => {
                self.write(step, input, Some(&value), report).await?;
                Ok(Ok(value))
            }
            Err(error) => {
                // A call that is over leaves the step as it was: it did not fail.
                if ctx.check().is_ok() {
                    self.write::<T>(step, input, None, report).await?;
                }
                Ok(Err(error))
            }
        }
    }

    /// Forgets a step.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn forget(&self, step: &str) -> Result<()> {
        self.store.delete(&self.name(step), None).await?;
        self.store.delete(&self.output(step), None).await
    }

    async fn record(&self, step: &str) -> Result<Option<Step>> {
        let Some(kept) = self.store.get(&self.name(step)).await? else { return Ok(None) };
        let record: Option<Step> = serde_json::from_slice(&kept.value).ok();
        Ok(record.filter(|record| record.format == FORMAT))
    }

    /// What the step gave the last time, whatever it was given.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn last<T: DeserializeOwned>(&self, step: &str) -> Result<Option<T>> {
        match self.record(step).await? {
            Some(Step { output: Some(output), .. }) => self.opened(step, &output).await,
            _ => Ok(None),
        }
    }

    /// What the step gave for this input.
    async fn kept<T: DeserializeOwned>(&self, step: &str, input: &str) -> Result<Option<T>> {
        match self.record(step).await? {
            Some(Step { input: kept, output: Some(output), .. }) if kept == input => self.opened(step, &output).await,
            _ => Ok(None),
        }
    }

    /// What is kept of a step, if that is what its record says.
    async fn opened<T: DeserializeOwned>(&self, step: &str, output: &str) -> Result<Option<T>> {
        let Some(opened) = self.store.get_sealed(&self.sealer, &self.output(step)).await? else { return Ok(None) };
        Ok((hash(&opened) == output).then(|| serde_json::from_slice(&opened).ok()).flatten())
    }

    /// Writes what came of a step: first what it gave, then that it did.
    async fn write<T: Serialize>(&self, step: &str, input: &str, value: Option<&T>, report: StepReport) -> Result<()> {
        let output = match value {
            Some(value) => {
                let written = serde_json::to_vec(value)
                    .map_err(|error| Error::internal("what a step gave could not be written").with_source(error))?;
                self.store.put_sealed(&self.sealer, &self.output(step), &written).await?;
                Some(hash(&written))
            }
            None => None,
        };
        let record = Step { format: FORMAT, input: input.to_owned(), output, report };
        let record =
            serde_json::to_vec(&record).map_err(|error| Error::internal("a step could not be written").with_source(error))?;
        self.store.put(&self.name(step), &record, PutOptions::new()).await.map(drop)
    }

    fn name(&self, step: &str) -> String {
        format!("{}/step/{step}", self.job)
    }

    fn output(&self, step: &str) -> String {
        format!("{}/gave/{step}", self.job)
    }
}

fn hash(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
