//! Redaction: personal data that is kept from the user leaves the gate as a placeholder.

use std::sync::Arc;

use arrow_array::{ArrayRef, LargeStringArray, RecordBatch, StringArray, StringViewArray, new_null_array};
use arrow_schema::{DataType, Field, Schema, SchemaRef};

use crate::error::{Error, Result};
use crate::guard::OutputColumn;

/// The key of a redacted field's metadata; its value is the kind of personal data.
pub const REDACTED: &str = "leo.redacted";

/// What becomes of a result's columns.
#[derive(Debug)]
pub(super) struct Redaction {
    schema: SchemaRef,
    /// The kind of personal data, by column.
    kinds: Vec<Option<String>>,
}

impl Redaction {
    /// The redaction that `lineage` asks for; `None` when there is nothing to hide.
    ///
    /// # Errors
    /// `Internal` when the engine returns other columns than the guard saw: then nobody knows which of them to hide.
    pub(super) fn of(lineage: &[OutputColumn], schema: &SchemaRef) -> Result<Option<Self>> {
        let kinds: Vec<Option<String>> = lineage.iter().map(|column| column.redacted.clone()).collect();
        if kinds.iter().all(Option::is_none) {
            return Ok(None);
        }
        if kinds.len() != schema.fields().len() {
            return Err(Error::internal("the database returned other columns than the statement asks for, so none is shown"));
        }
        let fields = schema.fields().iter().zip(&kinds).map(|(field, kind)| match kind {
            None => Arc::clone(field),
            Some(kind) => {
                let mut metadata = field.metadata().clone();
                metadata.insert(REDACTED.to_owned(), kind.clone());
                Arc::new(Field::new(field.name(), field.data_type().clone(), true).with_metadata(metadata))
            }
        });
        let schema = Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()));
        Ok(Some(Self { schema, kinds }))
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The batch with placeholders: text becomes `[REDACTED:kind]`, anything else NULL; NULL stays NULL.
    pub(super) fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = batch.columns().iter().zip(&self.kinds).map(|(column, kind)| match kind {
            None => Arc::clone(column),
            Some(kind) => hidden(column, &format!("[REDACTED:{kind}]")),
        });
        RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())
            .map_err(|error| Error::internal("a result could not be redacted, so it is not shown").with_source(error))
    }
}

fn hidden(column: &ArrayRef, text: &str) -> ArrayRef {
    let values = || (0..column.len()).map(|row| column.is_valid(row).then_some(text));
    match column.data_type() {
        DataType::Utf8 => Arc::new(StringArray::from_iter(values())),
        DataType::LargeUtf8 => Arc::new(LargeStringArray::from_iter(values())),
        DataType::Utf8View => Arc::new(StringViewArray::from_iter(values())),
        other => new_null_array(other, column.len()),
    }
}
