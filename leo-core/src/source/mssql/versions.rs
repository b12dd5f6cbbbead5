//! What tells that the rows of a table are as they were: change tracking, where somebody switched it on for the table.
//!
//! A version is one thing only if it changes with every change. What a login that only reads can see else does not:
//!
//! - `sys.partitions` counts rows, and `sys.tables.modify_date` is of the definition: an update in place changes neither.
//! - `sys.dm_db_index_usage_stats` and `sys.dm_db_partition_stats` need VIEW SERVER STATE or VIEW DATABASE STATE; the former begins anew
//!   with the server, the latter counts rows and pages.
//! - `@@DBTS` moves for tables with a `rowversion` alone. The largest one in a table says nothing of deleted rows, nor of a transaction
//!   that took its number earlier and commits later, and finding it reads the table.
//!
//! So a table without change tracking has no version, and each sync reads it. One with it has the database's count of commits that changed
//! any tracked table, and beside it:
//!
//! - when tracking began and since which commit it is complete, and the date of the definition: tracking that was off for a while;
//! - how many rows there are: `TRUNCATE TABLE` is not counted;
//! - the recovery fork: a backup that was restored counts from where it was;
//! - when the server was started: commits with delayed durability may be lost with it.
//!
//! A server that does not show one of them tells no version. Large values of the old types are changed by statements of their own
//! (`WRITETEXT`), so that tables with such columns have none either.

use sha2::{Digest, Sha256};

use super::catalog::Tables;
use super::session::{Session, text};
use crate::error::Result;
use crate::value::to_hex;

const VERSIONS: &str = "SELECT s.name, o.name, CHANGE_TRACKING_CURRENT_VERSION(), c.begin_version, c.min_valid_version, o.modify_date, \
     (SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = o.object_id AND p.index_id < 2), r.recovery_fork_guid, t.create_date \
     FROM sys.change_tracking_tables AS c INNER JOIN sys.objects AS o ON o.object_id = c.object_id \
     INNER JOIN sys.schemas AS s ON s.schema_id = o.schema_id \
     INNER JOIN sys.database_recovery_status AS r ON r.database_id = DB_ID() INNER JOIN sys.databases AS t ON t.name = N'tempdb' \
     WHERE o.type = 'U' AND NOT EXISTS (SELECT x.name FROM sys.columns AS x WHERE x.object_id = o.object_id AND x.system_type_id IN (34, 35, 99))";

/// What a version is made of, behind the name.
const PARTS: std::ops::Range<usize> = 2..9;

/// Gives the tables that have one their version. It is read before any rows are, so that what changes meanwhile is seen by the next sync.
///
/// # Errors
/// The connection's.
pub(super) async fn read(session: &mut Session, tables: &mut Tables) -> Result<()> {
    for row in &session.rows_if_known(VERSIONS).await?.unwrap_or_default() {
        let parts: Option<Vec<String>> = PARTS.map(|part| text(row, part)).collect();
        if let (Some(table), Some(parts)) = (tables.of(row), parts) {
            table.data_version = Some(to_hex(&Sha256::digest(parts.join("\0"))[..16]));
        }
    }
    Ok(())
}
