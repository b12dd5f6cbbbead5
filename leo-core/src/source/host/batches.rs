//! Rows as the host hands them over.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use arrow_select::take::{TakeOptions, take};

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
    match schema.fields().iter().find(|field| !is_told(values_of(field.data_type()))) {
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

/// The schema without dictionaries: pandas' categories and apache-arrow's texts are values that are told, each by its number.
pub(super) fn plain(schema: &SchemaRef) -> SchemaRef {
    if schema.fields().iter().all(|field| !matches!(field.data_type(), DataType::Dictionary(..))) {
        return Arc::clone(schema);
    }
    // A key that is there may mean a value that is not.
    let plain = |field: &Arc<Field>| match field.data_type() {
        DataType::Dictionary(_, values) => Field::new(field.name(), (**values).clone(), true),
        _ => (**field).clone(),
    };
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}

/// The type of what is told.
fn values_of(kind: &DataType) -> &DataType {
    match kind {
        DataType::Dictionary(_, values) => values,
        kind => kind,
    }
}

/// The batch with values in place of their numbers, under `schema`, which is [`plain`].
///
/// # Errors
/// `Adapter` for numbers that mean no value.
pub(super) fn decoded(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    if Arc::ptr_eq(&batch.schema(), schema) {
        return Ok(batch);
    }
    let column = |column: &ArrayRef| match column.as_any_dictionary_opt() {
        // Numbers that came over a C interface were never looked at.
        Some(told) => take(told.values(), told.keys(), Some(TakeOptions { check_bounds: true })),
        None => Ok(Arc::clone(column)),
    };
    let columns = batch.columns().iter().map(column).collect::<std::result::Result<_, _>>();
    columns.and_then(|columns| RecordBatch::try_new(Arc::clone(schema), columns)).map_err(|error| {
        Error::adapter("the host's connector gave numbers of values that its dictionary does not have").with_source(error)
    })
}

/// Bytes of the rows in `batch`, without what its buffers hold beside them; of a dictionary what its rows are without it.
pub(super) fn size(batch: &RecordBatch) -> u64 {
    batch.columns().iter().map(size_of).sum()
}

fn size_of(column: &ArrayRef) -> u64 {
    let Some(told) = column.as_any_dictionary_opt() else {
        let size = column.to_data().get_slice_memory_size();
        return size.unwrap_or_else(|_| column.get_array_memory_size()) as u64;
    };
    let values = told.values();
    if values.is_empty() {
        return 0;
    }
    // Many rows may share one long text: it is counted before it is written out for each.
    let keys = told.normalized_keys().into_iter();
    match values.as_string_opt::<i32>() {
        Some(texts) => keys.map(|key| u64::from(texts.value_length(key).unsigned_abs())).sum(),
        None => keys.map(|key| size_of(&values.slice(key, 1))).sum(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use arrow_array::types::{Int8Type, Int32Type};
    use arrow_array::{DictionaryArray, Int8Array, Int32Array, StringArray};

    use super::*;

    fn batch(column: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([("c", column)]).unwrap()
    }

    #[test]
    fn dictionaries_become_their_values() {
        let words: DictionaryArray<Int8Type> = [Some("a"), None, Some("long"), Some("a")].into_iter().collect();
        let told = batch(Arc::new(words));
        check(&told.schema(), 1).unwrap();
        assert_eq!(size(&told), 7, "a key that is NULL counts as the first value");
        let schema = plain(&told.schema());
        let decoded = decoded(told.slice(1, 3), &schema).unwrap();
        assert_eq!(decoded.column(0).as_string::<i32>().iter().collect::<Vec<_>>(), [None, Some("long"), Some("a")]);
        let numbers = DictionaryArray::<Int32Type>::new(Int32Array::from(vec![1, 1]), Arc::new(Int32Array::from(vec![5, 6])));
        let told = batch(Arc::new(numbers));
        assert_eq!(size(&told), 8);
        assert!(check(&told.schema(), 1).is_ok());
    }

    #[test]
    fn a_dictionary_of_nothing() {
        let none =
            DictionaryArray::<Int8Type>::new(Int8Array::from(vec![None, None]), Arc::new(StringArray::from(Vec::<&str>::new())));
        let told = batch(Arc::new(none));
        assert_eq!(size(&told), 0);
        assert_eq!(decoded(told.clone(), &plain(&told.schema())).unwrap().column(0).null_count(), 2);
    }
}
