//! DataFusion as Leo sets it up: the source's tables and functions without effects, and nothing else.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::catalog::{CatalogProvider, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl};
use datafusion::execution::config::SessionConfig;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::execution::{SessionState, SessionStateBuilder};

use super::check::Known;
use super::store::{OnlyStore, Store, address};
use super::table::DataTable;
use crate::source::files::FilesOptions;

/// The catalogue and schema that all tables are in; the schema is the dialect's default one.
const CATALOG: &str = "datafusion";
const SCHEMA: &str = "public";

/// What statements of one source share.
#[derive(Debug)]
pub(super) struct Session {
    state: SessionState,
    runtime: Arc<RuntimeEnv>,
    memory: usize,
    pub(super) known: Known,
}

impl Session {
    /// Registers `tables`, whose files are those of `store` one after another.
    pub(super) fn new(tables: &[DataTable], store: Arc<Store>, options: &FilesOptions) -> Result<Self> {
        let disk = DiskManagerBuilder::default()
            .with_mode(match &options.temp_dir {
                Some(folder) => DiskManagerMode::Directories(vec![folder.clone()]),
                None => DiskManagerMode::OsTmpDirectory,
            })
            .with_max_temp_directory_size(options.spill_bytes);
        let runtime = RuntimeEnvBuilder::new()
            .with_object_store_registry(Arc::new(OnlyStore(store)))
            .with_disk_manager_builder(disk)
            .build_arc()?;
        let mut known = Known::default();
        let schema = MemorySchemaProvider::new();
        let mut first = 0;
        for table in tables {
            let provider = provider(table, first, &runtime)?;
            known.add(&table.name, &provider);
            schema.register_table(table.name.clone(), provider)?;
            first += table.files.len();
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema))?;
        let catalogs = datafusion::catalog::MemoryCatalogProviderList::new();
        use datafusion::catalog::CatalogProviderList as _;
        catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
        let mut config = SessionConfig::new()
            .with_create_default_catalog_and_schema(false)
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_information_schema(false);
        // Texts are of one type from the file to the result.
        config.options_mut().sql_parser.map_string_types_to_utf8view = false;
        let state = SessionStateBuilder::new_with_default_features()
            // Nothing that a statement could make a table of.
            .with_table_factories(HashMap::new())
            .with_file_formats(Vec::new())
            .with_catalog_list(Arc::new(catalogs))
            .with_config(config)
            .with_runtime_env(Arc::clone(&runtime))
            .build();
        Ok(Self { state, runtime, memory: options.query_memory_bytes, known })
    }

    /// The state of one statement, with memory of its own and batches of `batch_rows` rows.
    pub(super) fn state(&self, batch_rows: usize) -> Result<SessionState> {
        let runtime = RuntimeEnvBuilder::from_runtime_env(&self.runtime)
            .with_memory_pool(Arc::new(FairSpillPool::new(self.memory)))
            .build_arc()?;
        let config = self.state.config().clone().with_batch_size(batch_rows.clamp(1, 8_192));
        Ok(SessionStateBuilder::new_from_existing(self.state.clone()).with_config(config).with_runtime_env(runtime).build())
    }
}

/// What `table` is read from: its rows in memory, or its files, the first of which has the number `first`.
fn provider(table: &DataTable, first: usize, runtime: &RuntimeEnv) -> Result<Arc<dyn TableProvider>> {
    if table.files.is_empty() {
        return Ok(Arc::new(MemTable::try_new(Arc::clone(&table.schema), vec![table.batches.clone()])?));
    }
    let external = |error: crate::Error| DataFusionError::External(Box::new(error));
    let urls = (first..first + table.files.len())
        .map(|number| ListingTableUrl::try_new(address(number).map_err(external)?, None))
        .collect::<Result<Vec<_>>>()?;
    let format = ParquetFormat::default().with_force_view_types(false).with_coerce_int96(Some("us".into()));
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(ListingOptions::new(Arc::new(format)).with_file_extension(""))
        .with_schema(Arc::clone(&table.schema));
    let table = ListingTable::try_new(config)?.with_cache(runtime.cache_manager.get_file_statistic_cache());
    Ok(Arc::new(table))
}
