//! What a sync does.

use std::time::Duration;

use crate::catalog::{Catalog, TableName};
use crate::gate::{IntrospectOptions, RecordMeta};
use crate::profile::{QualityOptions, RelateOptions, ScanSettings};

/// What a sync does.
#[derive(Debug, Clone)]
pub struct SyncOptions {
    /// Which tables.
    pub introspect: IntrospectOptions,
    /// Whether tables are read for statistics; without, the catalogue has structure and relationships by names only.
    pub profile: bool,
    /// How much of a table is read.
    pub scan: ScanSettings,
    /// Time for one table; what was read until then is used as a sample. 60 s unless set.
    pub table_timeout: Duration,
    /// Tables read at a time; 2 unless set, so that a database at work hardly notices. 0 counts as 1.
    pub parallel: usize,
    /// Reads the rows of these tables alone; what is known of others stays where their structure did. Empty for all. A text of
    /// which nobody knows where its schema ends is a bare name.
    pub only: Vec<TableName>,
    /// Which relationships are inferred; `None` for none.
    pub relate: Option<RelateOptions>,
    /// What is expected of the rows; `None` to check nothing.
    pub quality: Option<QualityOptions>,
    /// For the audit.
    pub meta: RecordMeta,
}

impl Default for SyncOptions {
    fn default() -> Self {
        Self {
            introspect: IntrospectOptions::default(),
            profile: true,
            scan: ScanSettings::default(),
            table_timeout: Duration::from_secs(60),
            parallel: 2,
            only: Vec::new(),
            relate: Some(RelateOptions::default()),
            quality: Some(QualityOptions::default()),
            meta: RecordMeta::default(),
        }
    }
}

impl SyncOptions {
    /// The same with names of tables as `catalog` has them.
    pub(super) fn named_in(&self, catalog: &Catalog) -> Self {
        let mut options = self.clone();
        for name in &mut options.only {
            if let Some(meant) = catalog.table_meant(name) {
                name.clone_from(&meant.name);
            }
        }
        options
    }
}
