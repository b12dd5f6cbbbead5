//! A result: a schema and Arrow record batches, readable cell by cell without copying the batches.

mod cell;
mod moments;

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::ser::{SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};

use cell::cell;
pub(crate) use cell::plain;

use crate::error::{Error, Result};
use crate::value::Value;

/// A result held in memory. Cloning is cheap: the batches are shared.
///
/// In JSON: `{"columns": [{"name", "type"}], "rows": [[…]]}`, rows in result order.
#[derive(Clone, PartialEq)]
pub struct Table {
    schema: SchemaRef,
    batches: Arc<Vec<RecordBatch>>,
    /// First row of each batch, and the total at the end.
    offsets: Arc<Vec<usize>>,
}

impl Table {
    /// A table of `batches`, all of which have `schema`.
    ///
    /// # Errors
    /// `Internal` when a batch has another schema.
    pub fn new(schema: SchemaRef, batches: Vec<RecordBatch>) -> Result<Self> {
        let mut offsets = Vec::with_capacity(batches.len() + 1);
        let mut rows = 0;
        for batch in &batches {
            if batch.num_columns() != schema.fields().len() {
                return Err(Error::internal("a record batch does not have the schema of its stream"));
            }
            offsets.push(rows);
            rows += batch.num_rows();
        }
        offsets.push(rows);
        Ok(Self { schema, batches: Arc::new(batches), offsets: Arc::new(offsets) })
    }

    /// A table with no column and no row.
    pub fn empty() -> Self {
        Self { schema: Arc::new(Schema::empty()), batches: Arc::default(), offsets: Arc::new(vec![0]) }
    }

    /// Builds a table from values: each column takes the narrowest of bool, int, float, text, bytes that holds all its values.
    ///
    /// # Errors
    /// `Malformed` when a row has another number of values than there are `names`, or a column mixes bytes with other values.
    pub fn from_rows(names: &[&str], rows: &[Vec<Value>]) -> Result<Self> {
        if let Some(row) = rows.iter().find(|row| row.len() != names.len()) {
            return Err(Error::malformed(format!("a row has {} values for {} columns", row.len(), names.len())));
        }
        let mut fields = Vec::with_capacity(names.len());
        let mut arrays = Vec::with_capacity(names.len());
        for (index, name) in names.iter().enumerate() {
            let array = column_from_values(rows.iter().map(|row| &row[index]), name)?;
            fields.push(Field::new(*name, array.data_type().clone(), true));
            arrays.push(array);
        }
        let schema = Arc::new(Schema::new(fields));
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows.len()));
        let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), arrays, &options)
            .map_err(|error| Error::internal("could not build a record batch").with_source(error))?;
        Self::new(schema, vec![batch])
    }

    /// Names and Arrow types of the columns, in order.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The batches, in order.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.batches
    }

    /// Number of rows.
    pub fn num_rows(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// Bytes that the values take in memory.
    pub fn byte_size(&self) -> u64 {
        self.batches.iter().map(|batch| batch.get_array_memory_size() as u64).sum()
    }

    /// Number of columns.
    pub fn num_columns(&self) -> usize {
        self.schema.fields().len()
    }

    /// Name of a column.
    pub fn column_name(&self, column: usize) -> &str {
        self.schema.field(column).name()
    }

    /// Position of the column named `name`.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.schema.fields().iter().position(|field| field.name() == name)
    }

    /// The cell at `row`, `column`, both from 0; NULL when out of range.
    pub fn value(&self, row: usize, column: usize) -> Value {
        if row >= self.num_rows() || column >= self.num_columns() {
            return Value::Null;
        }
        let batch = self.offsets.partition_point(|offset| *offset <= row) - 1;
        cell(self.batches[batch].column(column).as_ref(), row - self.offsets[batch])
    }

    /// One row as values.
    pub fn row(&self, row: usize) -> Vec<Value> {
        (0..self.num_columns()).map(|column| self.value(row, column)).collect()
    }

    /// All rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Value>> + '_ {
        (0..self.num_rows()).map(|row| self.row(row))
    }

    /// One column as values.
    pub fn column(&self, column: usize) -> impl Iterator<Item = Value> + '_ {
        self.batches.iter().flat_map(move |batch| {
            let array = Arc::clone(batch.column(column));
            (0..array.len()).map(move |row| cell(array.as_ref(), row))
        })
    }

    /// The type of a column as the JSON form names it: `boolean`, `integer`, `float`, `decimal`, `text`, `binary`, `date`, `time`,
    /// `timestamp`, `null`, or the Arrow name of any other type. The field's `leo.type` metadata wins, where a connector set it.
    pub fn column_type(&self, column: usize) -> String {
        let field = self.schema.field(column);
        if let Some(name) = field.metadata().get("leo.type") {
            return name.clone();
        }
        match field.data_type() {
            DataType::Boolean => "boolean".into(),
            other if other.is_integer() => "integer".into(),
            DataType::Float32 | DataType::Float64 => "float".into(),
            DataType::Decimal128(..) => "decimal".into(),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text".into(),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => "binary".into(),
            DataType::Date32 | DataType::Date64 => "date".into(),
            DataType::Time32(_) | DataType::Time64(_) => "time".into(),
            DataType::Timestamp(..) => "timestamp".into(),
            DataType::Null => "null".into(),
            other => other.to_string().to_lowercase(),
        }
    }
}

/// Shows the shape only: row values must not reach logs by way of `{:?}`.
impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Table({} columns, {} rows)", self.num_columns(), self.num_rows())
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        struct Rows<'a>(&'a Table);
        impl Serialize for Rows<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                let mut rows = serializer.serialize_seq(Some(self.0.num_rows()))?;
                for row in self.0.rows() {
                    rows.serialize_element(&row)?;
                }
                rows.end()
            }
        }
        let columns: Vec<_> = (0..self.num_columns())
            .map(|index| serde_json::json!({ "name": self.column_name(index), "type": self.column_type(index) }))
            .collect();
        let mut table = serializer.serialize_struct("Table", 2)?;
        table.serialize_field("columns", &columns)?;
        table.serialize_field("rows", &Rows(self))?;
        table.end()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Table {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Table".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<Value>();
        schemars::json_schema!({
            "description": "A result: its columns, and its rows in order.",
            "type": "object",
            "properties": {
                "columns": {
                    "description": "In the order of the cells of a row.",
                    "type": "array",
                    "items": {
                        "title": "TableColumn",
                        "type": "object",
                        "properties": {
                            "name": { "type": "string" },
                            "type": { "description": "`integer`, `decimal`, `text`, `date` and so on.", "type": "string" },
                        },
                        "required": ["name", "type"],
                    },
                },
                "rows": { "description": "In the order of the result.", "type": "array", "items": { "type": "array", "items": value } },
            },
            "required": ["columns", "rows"],
        })
    }
}

fn column_from_values<'a>(values: impl Iterator<Item = &'a Value> + Clone, name: &str) -> Result<ArrayRef> {
    let mut widest = 0;
    for value in values.clone() {
        let rank = match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int(_) => 2,
            Value::Float(_) | Value::Decimal(_) => 3,
            Value::Text(_) => 4,
            Value::Bytes(_) => 5,
        };
        if (rank == 5) != (widest == 5) && rank != 0 && widest != 0 {
            return Err(Error::malformed(format!("column `{name}` mixes bytes with other values")));
        }
        widest = widest.max(rank);
    }
    Ok(match widest {
        1 => Arc::new(
            values.map(|value| if let Value::Bool(value) = value { Some(*value) } else { None }).collect::<BooleanArray>(),
        ),
        2 => Arc::new(
            values
                .map(|value| match value {
                    Value::Int(value) => Some(*value),
                    Value::Bool(value) => Some(i64::from(*value)),
                    _ => None,
                })
                .collect::<Int64Array>(),
        ),
        3 => Arc::new(
            values
                .map(|value| match value {
                    Value::Bool(value) => Some(f64::from(u8::from(*value))),
                    other => other.as_f64(),
                })
                .collect::<Float64Array>(),
        ),
        5 => Arc::new(
            values
                .map(|value| if let Value::Bytes(value) = value { Some(value.as_slice()) } else { None })
                .collect::<BinaryArray>(),
        ),
        _ => Arc::new(values.map(|value| (!value.is_null()).then(|| value.to_string())).collect::<StringArray>()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_went_in() {
        let rows = vec![vec![1.into(), "a".into(), Value::Null], vec![2.into(), Value::Null, 2.5.into()]];
        let table = Table::from_rows(&["n", "t", "f"], &rows).unwrap();
        assert!(table.rows().collect::<Vec<_>>() == rows);
        assert_eq!(
            serde_json::to_string(&table).unwrap(),
            r#"{"columns":[{"name":"n","type":"integer"},{"name":"t","type":"text"},{"name":"f","type":"float"}],"rows":[[1,"a",null],[2,null,2.5]]}"#
        );
        assert_eq!(format!("{table:?}"), "Table(3 columns, 2 rows)");
    }

    #[test]
    fn cells_are_found_across_batches() {
        let one = Table::from_rows(&["n"], &[vec![1.into()], vec![2.into()]]).unwrap();
        let two = Table::from_rows(&["n"], &[vec![3.into()]]).unwrap();
        let batches = [one.batches(), two.batches()].concat();
        let table = Table::new(Arc::clone(one.schema()), batches).unwrap();
        assert_eq!(table.num_rows(), 3);
        assert!(table.value(2, 0) == Value::Int(3) && table.value(3, 0).is_null());
    }

    #[test]
    fn no_columns_keep_their_rows() {
        assert_eq!(Table::from_rows(&[], &[vec![], vec![]]).unwrap().num_rows(), 2);
    }
}
