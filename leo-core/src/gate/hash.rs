//! The hash of a result: the same rows give the same hash, however they were cut into batches.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    Time64MicrosecondType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};
use sha2::{Digest, Sha256};

use crate::value::to_hex;

/// Hashes a result batch by batch.
///
/// Each column has its own SHA-256 over its cells; the result's is
/// `SHA-256("leo-result-1" ‖ for each column: name, type, column digest ‖ number of rows)`. Text is preceded by its length as eight
/// bytes, numbers are little-endian. A cell is `0` for NULL, else `1` and its value: booleans as one byte, whole numbers as
/// eight bytes, doubles as their bits with one zero and one NaN, text and bytes with their length, decimals as sixteen bytes.
pub(in crate::gate) struct ResultHasher {
    /// `None` when the schema has a type without an encoding: no hash is better than one that does not tell rows apart.
    columns: Option<Vec<Sha256>>,
    header: Vec<(String, String)>,
    rows: u64,
    buffer: Vec<u8>,
}

impl ResultHasher {
    pub(in crate::gate) fn new(schema: &Schema) -> Self {
        let header = schema.fields().iter().map(|field| (field.name().clone(), field.data_type().to_string())).collect();
        let known = schema.fields().iter().all(|field| is_encodable(field.data_type()));
        let columns = known.then(|| schema.fields().iter().map(|_| Sha256::new()).collect());
        Self { columns, header, rows: 0, buffer: Vec::new() }
    }

    pub(in crate::gate) fn update(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        let Some(columns) = &mut self.columns else { return };
        for (hasher, array) in columns.iter_mut().zip(batch.columns()) {
            self.buffer.clear();
            encode(array.as_ref(), &mut self.buffer);
            hasher.update(&self.buffer);
        }
    }

    /// The hash as hexadecimal digits.
    pub(in crate::gate) fn finish(self) -> Option<String> {
        let mut hasher = Sha256::new();
        hasher.update(b"leo-result-1");
        for ((name, data_type), column) in self.header.iter().zip(self.columns?) {
            for text in [name, data_type] {
                hasher.update((text.len() as u64).to_le_bytes());
                hasher.update(text.as_bytes());
            }
            hasher.update(column.finalize());
        }
        hasher.update(self.rows.to_le_bytes());
        Some(to_hex(&hasher.finalize()))
    }
}

fn is_encodable(data_type: &DataType) -> bool {
    use DataType::{
        Binary, Boolean, Date32, Date64, Decimal128, Float32, Float64, Int8, Int16, Int32, Int64, LargeBinary, LargeUtf8, Null,
        Time64, Timestamp, UInt8, UInt16, UInt32, UInt64, Utf8,
    };
    matches!(
        data_type,
        Null | Boolean
            | Int8
            | Int16
            | Int32
            | Int64
            | UInt8
            | UInt16
            | UInt32
            | UInt64
            | Float32
            | Float64
            | Utf8
            | LargeUtf8
            | Binary
            | LargeBinary
            | Date32
            | Date64
            | Time64(TimeUnit::Microsecond)
            | Timestamp(_, _)
            | Decimal128(_, _)
    )
}

/// Appends the cells of `array`. Types outside [`is_encodable`] are never asked for.
fn encode(array: &dyn Array, out: &mut Vec<u8>) {
    macro_rules! whole {
        ($kind:ty) => {{
            let values = array.as_primitive::<$kind>();
            cells(array, out, |row, out| out.extend_from_slice(&i128::from(values.value(row)).to_le_bytes()[..8]))
        }};
    }
    match array.data_type() {
        DataType::Boolean => {
            let values = array.as_boolean();
            cells(array, out, |row, out| out.push(u8::from(values.value(row))));
        }
        DataType::Int8 => whole!(Int8Type),
        DataType::Int16 => whole!(Int16Type),
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt8 => whole!(UInt8Type),
        DataType::UInt16 => whole!(UInt16Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Date32 => whole!(Date32Type),
        DataType::Date64 => whole!(Date64Type),
        DataType::Time64(TimeUnit::Microsecond) => whole!(Time64MicrosecondType),
        DataType::Timestamp(TimeUnit::Second, _) => whole!(TimestampSecondType),
        DataType::Timestamp(TimeUnit::Millisecond, _) => whole!(TimestampMillisecondType),
        DataType::Timestamp(TimeUnit::Microsecond, _) => whole!(TimestampMicrosecondType),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => whole!(TimestampNanosecondType),
        DataType::Float32 => {
            let values = array.as_primitive::<Float32Type>();
            cells(array, out, |row, out| double(f64::from(values.value(row)), out));
        }
        DataType::Float64 => {
            let values = array.as_primitive::<Float64Type>();
            cells(array, out, |row, out| double(values.value(row), out));
        }
        DataType::Decimal128(_, _) => {
            let values = array.as_primitive::<Decimal128Type>();
            cells(array, out, |row, out| out.extend_from_slice(&values.value(row).to_le_bytes()));
        }
        DataType::Utf8 => {
            let values = array.as_string::<i32>();
            cells(array, out, |row, out| bytes(values.value(row).as_bytes(), out));
        }
        DataType::LargeUtf8 => {
            let values = array.as_string::<i64>();
            cells(array, out, |row, out| bytes(values.value(row).as_bytes(), out));
        }
        DataType::Binary => {
            let values = array.as_binary::<i32>();
            cells(array, out, |row, out| bytes(values.value(row), out));
        }
        DataType::LargeBinary => {
            let values = array.as_binary::<i64>();
            cells(array, out, |row, out| bytes(values.value(row), out));
        }
        _ => out.resize(out.len() + array.len(), 0),
    }
}

fn cells(array: &dyn Array, out: &mut Vec<u8>, value: impl Fn(usize, &mut Vec<u8>)) {
    for row in 0..array.len() {
        if array.is_null(row) {
            out.push(0);
        } else {
            out.push(1);
            value(row, out);
        }
    }
}

fn double(value: f64, out: &mut Vec<u8>) {
    // One zero and one NaN: `0.0 + -0.0` is `0.0`.
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    out.extend_from_slice(&value.to_bits().to_le_bytes());
}

fn bytes(value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    out.extend_from_slice(value);
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::table::Table;
    use crate::value::Value;

    fn hash(table: &Table, cut: usize) -> String {
        let mut hasher = ResultHasher::new(table.schema());
        for batch in table.batches() {
            let cut = cut.min(batch.num_rows());
            hasher.update(&batch.slice(0, cut));
            hasher.update(&batch.slice(cut, batch.num_rows() - cut));
        }
        hasher.finish().unwrap()
    }

    fn table(names: &[&str], rows: &[Vec<Value>]) -> Table {
        Table::from_rows(names, rows).unwrap()
    }

    #[test]
    fn the_cut_into_batches_does_not_matter_and_every_cell_does() {
        let rows = vec![vec![1.into(), "a".into()], vec![2.into(), Value::Null], vec![3.into(), "".into()]];
        let whole = hash(&table(&["n", "t"], &rows), 0);
        for cut in 1..=3 {
            assert_eq!(hash(&table(&["n", "t"], &rows), cut), whole);
        }
        assert_ne!(hash(&table(&["n", "u"], &rows), 0), whole, "names count");
        assert_ne!(hash(&table(&["n", "t"], &rows[..2]), 0), whole, "rows count");
        for row in 0..3 {
            let mut changed = rows.clone();
            changed[row][1] = "b".into();
            assert_ne!(hash(&table(&["n", "t"], &changed), 0), whole);
        }
        let swapped: Vec<_> = rows.iter().rev().cloned().collect();
        assert_ne!(hash(&table(&["n", "t"], &swapped), 0), whole, "the order counts");
    }

    #[test]
    fn text_does_not_flow_between_cells_and_zeros_are_one() {
        let one = hash(&table(&["t"], &[vec!["ab".into()], vec!["c".into()]]), 0);
        assert_ne!(hash(&table(&["t"], &[vec!["a".into()], vec!["bc".into()]]), 0), one);
        assert_eq!(hash(&table(&["f"], &[vec![0.0.into()]]), 0), hash(&table(&["f"], &[vec![(-0.0).into()]]), 0));
        assert_ne!(hash(&table(&[], &[vec![]]), 0), hash(&table(&[], &[]), 0));
    }
}
