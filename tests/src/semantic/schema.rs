//! What a catalogue offers to a query: columns by what is in them, with values that occur, and the tables around each table.

use leo::Value;
use leo::catalog::{Catalog, Column as CatalogColumn, LogicalType, TableName, TimeEncoding};

/// What is in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Numbers.
    Number,
    /// Text.
    Text,
    /// Points in time, and whether times of day are among them, and whether days are known.
    Time {
        /// Times of day.
        hours: bool,
        /// Days, not months or years only.
        days: bool,
        /// Months, not years only.
        months: bool,
    },
    /// Truth values.
    Truth,
}

impl Kind {
    /// Whether it is a point in time.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Time { .. })
    }

    fn of(column: &CatalogColumn) -> Option<Self> {
        if column.is_temporal() {
            let (hours, days, months) = match column.time_encoding {
                Some(TimeEncoding::Year) => (false, false, false),
                Some(TimeEncoding::YearMonth) => (false, false, true),
                Some(TimeEncoding::IsoDate | TimeEncoding::CompactDate) => (false, true, true),
                None | Some(TimeEncoding::Native) if column.data_type == LogicalType::Date => (false, true, true),
                _ => (true, true, true),
            };
            return Some(Self::Time { hours, days, months });
        }
        match column.data_type {
            _ if column.is_numeric() => Some(Self::Number),
            LogicalType::Text => Some(Self::Text),
            LogicalType::Boolean => Some(Self::Truth),
            _ => None,
        }
    }
}

/// A column that queries may use.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its table.
    pub table: TableName,
    /// Name.
    pub name: String,
    /// What is in it.
    pub kind: Kind,
    /// Whole numbers.
    pub whole: bool,
    /// Some of its values.
    pub values: Vec<Value>,
}

/// A table and what lies around it, by index into [`Schema::tables`].
#[derive(Debug, Clone)]
pub struct Table {
    /// Name.
    pub name: TableName,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Tables whose rows point to this one's.
    pub children: Vec<usize>,
    /// Itself, and tables of which each row has one at most.
    pub near: Vec<usize>,
}

/// The tables.
#[derive(Debug, Clone)]
pub struct Schema {
    /// All of them.
    pub tables: Vec<Table>,
}

impl Schema {
    /// What `catalog` offers. Columns that hold personal data are left out: who may see them is another matter.
    pub fn of(catalog: &Catalog) -> Self {
        let tables: Vec<_> = catalog.tables.iter().collect();
        let at = |name: &TableName| tables.iter().position(|table| table.name == *name);
        let parents = |table: usize| {
            let steps = catalog.relationships.iter().filter(move |step| at(&step.child) == Some(table));
            steps.filter_map(|step| at(&step.parent)).collect::<Vec<_>>()
        };
        let made = tables.iter().enumerate().map(|(index, table)| {
            let mut near = vec![index];
            let mut next = 0;
            while let Some(from) = near.get(next).copied() {
                let further: Vec<usize> = parents(from).into_iter().filter(|parent| !near.contains(parent)).collect();
                near.extend(further);
                next += 1;
            }
            let children = (0..tables.len()).filter(|child| *child != index && parents(*child).contains(&index)).collect();
            let columns = table.columns.iter().filter(|column| column.protected_kind().is_none());
            let columns = columns.filter_map(|column| Some(made(&table.name, column, Kind::of(column)?))).collect();
            Table { name: table.name.clone(), columns, children, near }
        });
        Self { tables: made.collect() }
    }
}

fn made(table: &TableName, column: &CatalogColumn, kind: Kind) -> Column {
    let mut values = Vec::new();
    if let Some(statistics) = &column.statistics {
        values.extend(statistics.min.iter().chain(&statistics.max).cloned());
        values.extend(statistics.top.iter().take(12).map(|(value, _)| value.clone()));
    }
    let fits = |value: &Value| match kind {
        Kind::Number => value.as_f64().is_some(),
        Kind::Text => value.as_str().is_some_and(|text| text.chars().count() < 60),
        _ => false,
    };
    values.retain(fits);
    Column { table: table.clone(), name: column.name.clone(), kind, whole: column.data_type == LogicalType::Integer, values }
}
