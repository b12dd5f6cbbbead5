//! Statistics of one table, from the batches of its scan.

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use super::column::{ColumnProfile, ColumnProfiler, Holds, hash_cell};
use super::distinct::{Distinct, ValueSet, combine};
use super::personal;
use super::scan::ScanPlan;
use super::time;
use crate::catalog::{LogicalType, Table, TableName, TableStatistics, TimeEncoding};
use crate::dialect::Dialect;
use crate::table::plain;

/// Reduces a scan of one table, batch by batch.
#[derive(Debug)]
pub struct TableProfiler {
    columns: Vec<(usize, ColumnProfiler)>,
    lengths: Vec<usize>,
    /// Combinations of columns: their positions in the table, in the batch, and the values seen.
    tuples: Vec<(Vec<usize>, Vec<usize>, Distinct)>,
    rows: u64,
    typed: bool,
}

/// What a scan found out.
#[derive(Debug)]
pub struct TableProfile {
    /// The table.
    pub table: TableName,
    rows: u64,
    columns: Vec<(usize, ColumnProfile)>,
    lengths: Vec<usize>,
    tuples: Vec<(Vec<usize>, ValueSet)>,
    /// Whether the engine keeps to the types that it declares.
    typed: bool,
}

impl TableProfiler {
    /// For the batches of `plan`, a scan of `table`. `tuples` are combinations of column positions whose values taken together
    /// are of interest (see [`key_tuples`](super::key_tuples)).
    pub fn new(table: &Table, plan: &ScanPlan, tuples: &[Vec<usize>]) -> Self {
        let read = plan.columns();
        let tuples = tuples
            .iter()
            .filter_map(|tuple| {
                let places = tuple.iter().map(|position| read.iter().position(|other| other == position));
                Some((tuple.clone(), places.collect::<Option<Vec<usize>>>()?, Distinct::default()))
            })
            .collect();
        let columns = read
            .into_iter()
            .filter_map(|position| Some((position, ColumnProfiler::new(&table.columns.get(position)?.name))))
            .collect();
        let lengths = (0..table.columns.len()).filter(|position| plan.reads_length(*position)).collect();
        Self { columns, lengths, tuples, rows: 0, typed: plan.dialect() != Dialect::Sqlite }
    }

    /// Takes in a batch.
    pub fn update(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for ((_, column), array) in self.columns.iter_mut().zip(batch.columns()) {
            column.update(array);
        }
        for (_, places, seen) in &mut self.tuples {
            let Some(arrays) = places.iter().map(|place| batch.columns().get(*place).map(plain)).collect::<Option<Vec<_>>>()
            else {
                continue;
            };
            for row in 0..batch.num_rows() {
                let hash = arrays.iter().try_fold(0, |hash, array| Some(combine(hash, hash_cell(array, row)?)));
                if let Some(hash) = hash {
                    seen.insert(hash);
                }
            }
        }
    }

    /// Rows seen so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The statistics of `table`.
    pub fn finish(self, table: &Table) -> TableProfile {
        let columns = self.columns.into_iter().map(|(position, column)| (position, column.finish())).collect();
        let tuples = self.tuples.into_iter().map(|(tuple, _, seen)| (tuple, seen.into_values())).collect();
        TableProfile { table: table.name.clone(), rows: self.rows, columns, lengths: self.lengths, tuples, typed: self.typed }
    }
}

impl TableProfile {
    /// Writes the statistics into the catalogue's `table`, which has `total` rows, and hands over the columns' values for
    /// finding relationships.
    ///
    /// # Behavior
    /// In SQLite a column whose declared type says nothing, or something else than its values, gets the type of its values;
    /// `declared_type` stays. Columns that hold personal data are marked, unless the host marked them.
    pub fn apply(self, table: &mut Table, total: u64) -> TableValues {
        let mut values: Vec<ValueSet> = (0..table.columns.len()).map(|_| ValueSet::default()).collect();
        let mut evidence: Vec<Option<personal::Evidence>> = table.columns.iter().map(|_| None).collect();
        for (position, profile) in self.columns {
            let Some(column) = table.columns.get_mut(position) else { continue };
            let mut statistics = profile.statistics;
            if self.lengths.contains(&position) {
                // What was read are lengths; all they tell of the column is how often it is empty.
                column.statistics =
                    Some(crate::catalog::ColumnStatistics { null_share: statistics.null_share, ..Default::default() });
                continue;
            }
            column.data_type = match self.typed {
                true => {
                    column.time_encoding = profile.time_encoding;
                    column.data_type
                }
                false => refined(column.data_type, profile.holds, profile.time_encoding, &mut column.time_encoding),
            };
            if self.rows < total {
                // A repeated value may be among the rows not read.
                statistics.is_unique &= column_is_key(&table.primary_key, &table.unique_keys, &column.name);
            }
            column.statistics = Some(statistics);
            if let Some(slot) = evidence.get_mut(position) {
                *slot = profile.evidence;
            }
            if matches!(profile.holds, Holds::Ints | Holds::Floats | Holds::Texts | Holds::Times)
                && let Some(slot) = values.get_mut(position)
            {
                *slot = profile.values;
            }
        }
        personal::mark(table, &evidence);
        table.rows = Some(total);
        let sampled = if total == 0 { 1.0 } else { (self.rows as f64 / total as f64).min(1.0) };
        let chosen = time::time_column(table);
        table.statistics = Some(TableStatistics {
            rows: self.rows,
            sampled,
            time_column: chosen.map(|column| column.name.clone()),
            latest: chosen.and_then(|column| column.statistics.as_ref()?.max.clone()),
        });
        TableValues { table: self.table, columns: values, tuples: self.tuples }
    }
}

/// The distinct values of a table's columns as hashes, in column order.
#[derive(Debug, Serialize, Deserialize)]
pub struct TableValues {
    /// The table.
    pub table: TableName,
    /// One set per column; empty for a column that was not read.
    pub columns: Vec<ValueSet>,
    /// Combinations of columns by position, with their values.
    pub tuples: Vec<(Vec<usize>, ValueSet)>,
}

impl TableValues {
    /// Gives up values of columns that are no keys until at most `keep` of each are left: a sample tells whether a column lies
    /// within another, but only a whole key tells it of a small column.
    pub fn shrink(&mut self, table: &Table, keep: usize) {
        for (set, column) in self.columns.iter_mut().zip(&table.columns) {
            if !column.statistics.as_ref().is_some_and(|statistics| statistics.is_unique) {
                set.shrink(keep);
            }
        }
    }

    /// Hashes held.
    pub fn len(&self) -> usize {
        self.columns.iter().chain(self.tuples.iter().map(|(_, set)| set)).map(ValueSet::len).sum()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn column_is_key(primary: &[String], unique: &[Vec<String>], name: &str) -> bool {
    std::iter::once(primary).chain(unique.iter().map(Vec::as_slice)).any(|key| matches!(key, [only] if only == name))
}

/// The type of a column after its values were seen.
fn refined(declared: LogicalType, holds: Holds, seen: Option<TimeEncoding>, encoding: &mut Option<TimeEncoding>) -> LogicalType {
    let is_time = matches!(declared, LogicalType::Date | LogicalType::Timestamp);
    *encoding = match (seen, holds) {
        (None, Holds::Nothing) => time::assumed(declared),
        (seen, _) => seen,
    };
    match (declared, holds) {
        (_, Holds::Nothing) => declared,
        // Text in a column of another type, numbers in a column of no type.
        (
            LogicalType::Integer | LogicalType::Float | LogicalType::Decimal | LogicalType::Boolean | LogicalType::Other,
            Holds::Texts,
        ) => LogicalType::Text,
        (LogicalType::Other, Holds::Ints) => LogicalType::Integer,
        (LogicalType::Other | LogicalType::Integer, Holds::Floats) => LogicalType::Float,
        // Declared as a date, but written in a way that neither sorts nor compares as one.
        (_, Holds::Texts) if is_time && seen.is_none() => LogicalType::Text,
        (_, Holds::Ints) if is_time && seen.is_none() => LogicalType::Integer,
        _ => declared,
    }
}
