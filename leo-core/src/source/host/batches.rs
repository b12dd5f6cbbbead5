//! Rows as the host hands them over.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef};

use crate::error::{Error, Result};

/// Checks the columns that a statement is said to have, against how many it asks for.
///
/// # Errors
/// `Adapter`: there are others, or one has a type that no connector of Leo's makes.
pub(super) fn check(schema: &Schema, columns: usize) -> Result<()> {
    if schema.fields().len() != columns {
        return Err(Error::adapter(format!(
            "the host's connector announced {} columns for a statement that has {columns}; give the columns of the statement, in its order",
            schema.fields().len()
        )));
    }
    match schema.fields().iter().find(|field| !is_told(field.data_type())) {
        None => Ok(()),
        Some(field) => Err(Error::adapter(format!(
            "the host's connector announced a column of the Arrow type {}, which is not shown; give text, numbers, truth values, dates, times, \
             timestamps or bytes",
            field.data_type()
        ))
        .with_context("column", field.name().clone())),
    }
}

/// Whether answers can show values of the type.
fn is_told(kind: &DataType) -> bool {
    use DataType as T;
    kind.is_integer()
        || matches!(
            kind,
            T::Null
                | T::Boolean
                | T::Float32
                | T::Float64
                | T::Decimal128(..)
                | T::Utf8
                | T::LargeUtf8
                | T::Utf8View
                | T::Binary
                | T::LargeBinary
                | T::BinaryView
                | T::Date32
                | T::Date64
                | T::Time32(_)
                | T::Time64(_)
                | T::Timestamp(..)
        )
}

/// The batch under the schema that was announced.
///
/// # Errors
/// `Adapter` when its columns are others, or one has NULLs that was said to have none.
pub(super) fn conform(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let own = batch.schema();
    if Arc::ptr_eq(&own, schema) {
        return Ok(batch);
    }
    let fields = || own.fields().iter().zip(schema.fields());
    let is_alike = own.fields().len() == schema.fields().len()
        && fields().all(|(own, told)| own.name() == told.name() && own.data_type() == told.data_type());
    if !is_alike {
        return Err(Error::adapter(
            "the host's connector gave rows with other columns than it announced; give every batch the names and types of `start`",
        ));
    }
    let rows = arrow_array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &rows).map_err(|error| {
        Error::adapter("the host's connector gave NULL in a column that it announced without; announce it as nullable")
            .with_source(error)
    })
}

/// Bytes of the rows in `batch`, without what its buffers hold beside them.
pub(super) fn size(batch: &RecordBatch) -> u64 {
    let size = |column: &Arc<dyn Array>| column.to_data().get_slice_memory_size();
    batch.columns().iter().map(|column| size(column).unwrap_or_else(|_| column.get_array_memory_size()) as u64).sum()
}
