//! The steps of a sync that outlive the process: one for each table.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::changes::structure;
use super::table::{ReadTable, Scan};
use crate::adapter::PutOptions;
use crate::catalog::{Catalog, TableName};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::seal::Sealer;
use crate::store::TenantStore;
use crate::value::to_hex;
use crate::workflow::Journal;

/// Changes when a table read by an earlier version has to be read again.
const FORM: u32 = 3;

/// How long after its beginning a sync that was cut short is gone on with; later what it read is too old.
const RESUMED_WITHIN: Duration = Duration::from_secs(24 * 60 * 60);

/// What the steps of syncs of one source gave.
#[derive(Debug)]
pub(crate) struct Steps {
    store: TenantStore,
    journal: Journal,
    job: String,
    /// What tables are read for whose engine does not tell whether they changed: a sync that was cut short, or else this one alone.
    run: String,
}

impl Steps {
    /// The steps of `job`; where a sync of it was cut short, this one goes on with that. That takes a job that `is_certain` to be of this
    /// very source: tables whose engine does not tell their version could be those of another one of the same name.
    ///
    /// # Errors
    /// The storage's.
    pub(crate) async fn begin(store: TenantStore, sealer: Sealer, job: String, is_certain: bool) -> Result<Self> {
        let (name, new) = (format!("{job}/run"), uuid::Uuid::now_v7().simple().to_string());
        let kept = if is_certain { store.get(&name).await? } else { None };
        let run = match kept.and_then(|kept| String::from_utf8(kept.value).ok()) {
            Some(run) => run,
            None if is_certain => {
                store.put(&name, new.as_bytes(), PutOptions::new().for_time(RESUMED_WITHIN)).await?;
                new
            }
            None => new,
        };
        let journal = Journal::new(store.clone(), sealer, job.clone());
        Ok(Self { store, journal, job, run })
    }

    /// The table at `index`: as it was read before, where nothing changed since, or read now.
    ///
    /// # Errors
    /// The storage's: nothing is used that is not kept. Within, those of reading it; they are on record.
    pub(super) async fn read(
        &self,
        ctx: &Context,
        scan: &Scan<'_>,
        index: usize,
        tuples: &[Vec<usize>],
    ) -> Result<Result<ReadTable>> {
        let table = scan.catalog.tables.get(index).ok_or_else(|| Error::internal("no such table"))?;
        let settings = scan.settings(table);
        let given = (
            FORM,
            env!("CARGO_PKG_VERSION"),
            structure(table),
            table.data_version.as_deref().unwrap_or(&self.run),
            (settings.whole_up_to, settings.first_rows_only),
            tuples,
        );
        let input = to_hex(&Sha256::digest(serde_json::to_vec(&given).unwrap_or_default()));
        let step = table.name.to_string();
        let done = self.journal.step(ctx, &step, &input, || scan.read_table(index, tuples).boxed()).await?;
        Ok(done.map(|mut read: ReadTable| {
            // What the engine says of its size now is as good as what it said then.
            read.table.bytes = table.bytes;
            read.table.data_version.clone_from(&table.data_version);
            read
        }))
    }

    /// What `step` gave for this input, or gives now; without an input, what the run that it belongs to gave.
    ///
    /// # Errors
    /// The storage's. Within, those of `work`.
    pub(super) async fn step<'a, T: Serialize + DeserializeOwned + Send + Sync>(
        &self,
        ctx: &Context,
        step: &str,
        input: Option<&str>,
        work: impl FnMut() -> BoxFuture<'a, Result<T>> + Send,
    ) -> Result<Result<T>> {
        self.journal.step(ctx, step, input.unwrap_or(&self.run), work).await
    }

    /// Keeps `value` as what `step` gave.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn keep<T>(&self, ctx: &Context, step: &str, value: &T) -> Result<()>
    where
        T: Clone + Serialize + DeserializeOwned + Send + Sync,
    {
        let input = to_hex(&Sha256::digest(serde_json::to_vec(value).unwrap_or_default()));
        let keep = || std::future::ready(Ok(value.clone())).boxed();
        self.journal.step(ctx, step, &input, keep).await?.map(drop)
    }

    /// What `step` gave the last time, whatever for.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn last<T: DeserializeOwned>(&self, step: &str) -> Result<Option<T>> {
        self.journal.last(step).await
    }

    /// Says that the sync is done, and forgets tables that are gone.
    ///
    /// # Errors
    /// The storage's.
    pub(super) async fn finish(&self, catalog: &Catalog) -> Result<()> {
        let name = format!("{}/tables", self.job);
        let kept = self.store.get(&name).await?;
        let before: Vec<TableName> = kept.and_then(|kept| serde_json::from_slice(&kept.value).ok()).unwrap_or_default();
        let now: BTreeSet<&TableName> = catalog.tables.iter().map(|table| &table.name).collect();
        for gone in before.iter().filter(|table| !now.contains(table)) {
            self.journal.forget(&gone.to_string()).await?;
            self.journal.forget(&format!("quality/{gone}")).await?;
        }
        let written =
            serde_json::to_vec(&now).map_err(|error| Error::internal("names of tables do not serialise").with_source(error))?;
        self.store.put(&name, &written, PutOptions::new()).await?;
        self.store.delete(&format!("{}/run", self.job), None).await?;
        Ok(())
    }
}
