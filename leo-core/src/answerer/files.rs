//! A handle for each database of a suite, opened when it is asked first.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::adapter::AuditSink;
use crate::audit::MemorySink;
use crate::builder::Source;
use crate::error::Result;
use crate::eval::Database;
use crate::leo::Leo;
use crate::settings::{Preset, SettingsLayer};

/// Databases kept open.
const OPEN: usize = 32;
/// Audit records kept in memory, of all databases together.
const RECORDS: usize = 1_000;

/// Handles in the preset `local`, by file.
#[derive(Debug)]
pub(super) struct Files {
    audit: Arc<dyn AuditSink>,
    /// Settings of each handle.
    pub(super) settings: SettingsLayer,
    /// Where what models answer is recorded.
    pub(super) recorded: Option<PathBuf>,
    /// Most recently used last.
    open: Mutex<VecDeque<(PathBuf, Arc<OnceCell<Leo>>)>>,
}

impl Default for Files {
    fn default() -> Self {
        Self {
            audit: Arc::new(MemorySink::with_capacity(RECORDS)),
            settings: SettingsLayer::default(),
            recorded: None,
            open: Mutex::default(),
        }
    }
}

impl Files {
    /// The database's handle, which has learned what is in it.
    pub(super) async fn opened(&self, database: &Database) -> Result<Leo> {
        let cell = self.cell(database);
        let leo = cell
            .get_or_try_init(async || {
                let mut builder = Leo::builder()
                    .preset(Preset::Local)
                    .settings(self.settings.clone())
                    .audit(Arc::clone(&self.audit))
                    .source(Source::sqlite(&database.path)?);
                if let Some(folder) = &self.recorded {
                    builder = builder.record_models(folder);
                }
                let leo = builder.build()?;
                leo.catalog(None).await?;
                Ok::<_, crate::error::Error>(leo)
            })
            .await?;
        Ok(leo.clone())
    }

    /// The place of the database's handle, now the most recently used.
    fn cell(&self, database: &Database) -> Arc<OnceCell<Leo>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.iter().position(|(path, _)| *path == database.path).and_then(|at| open.remove(at));
        let entry = known.unwrap_or_else(|| (database.path.clone(), Arc::default()));
        let cell = Arc::clone(&entry.1);
        open.push_back(entry);
        while open.len() > OPEN {
            open.pop_front();
        }
        cell
    }
}
