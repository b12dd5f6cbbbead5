//! Arrow IPC: the batches as they are, for pandas, polars, DuckDB and whatever else reads Arrow.

use std::io::Write;

use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::ArrowError;

use crate::error::{Error, Result};
use crate::table::Table;

/// The table in Arrow's stream format, to be read from its beginning to its end.
///
/// # Errors
/// `Internal` when a batch cannot be encoded.
pub fn arrow_stream(table: &Table) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_arrow_stream(&mut bytes, table)?;
    Ok(bytes)
}

/// Writes the table in Arrow's stream format.
///
/// # Errors
/// `Adapter` when `out` does not take it, `Internal` when a batch cannot be encoded.
pub fn write_arrow_stream(out: &mut impl Write, table: &Table) -> Result<()> {
    let write = || {
        let mut writer = StreamWriter::try_new_buffered(out, table.schema())?;
        table.batches().iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    };
    write().map_err(failed)
}

/// The table in Arrow's file format (also known as Feather), whose batches can be read in any order.
///
/// # Errors
/// `Internal` when a batch cannot be encoded.
pub fn arrow_file(table: &Table) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write_arrow_file(&mut bytes, table)?;
    Ok(bytes)
}

/// Writes the table in Arrow's file format.
///
/// # Errors
/// As [`write_arrow_stream`].
pub fn write_arrow_file(out: &mut impl Write, table: &Table) -> Result<()> {
    let write = || {
        let mut writer = FileWriter::try_new_buffered(out, table.schema())?;
        table.batches().iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    };
    write().map_err(failed)
}

fn failed(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, error) => super::unwritten(error),
        other => Error::internal("the table could not be encoded as Arrow").with_source(other),
    }
}
