//! The statement that reads a table for its statistics: one scan, every column once.

use sqlparser::ast::{BinaryOperator, CharacterLength, DataType, Expr, SelectItem, Statement, TableWithJoins};

use crate::catalog::{LogicalType, Table, TableName};
use crate::dialect::Dialect;
use crate::query::{ast, ident};

/// When a table is read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanSettings {
    /// Rows up to which a table is read whole; 1,000,000 unless set. Of larger ones a tenth is read, above a hundred times as many
    /// rows a hundredth.
    pub whole_up_to: u64,
    /// Of a larger table only the first rows are read, as many as these. Cheap however large it is, but first rows are seldom like the others.
    pub first_rows_only: bool,
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self { whole_up_to: 1_000_000, first_rows_only: false }
    }
}

/// Bytes of the longest value that is read where some are too large.
const LONGEST: i64 = 1 << 20;

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As it is.
    Plain,
    /// As text, because its values are of several types.
    AsText,
    /// As it is where it is not too long, else as an empty text.
    Short,
    /// Its length only: nothing is learned from bytes.
    Length,
    /// Not at all.
    Skip,
}

/// A scan of one table.
#[derive(Debug, Clone)]
pub struct ScanPlan {
    dialect: Dialect,
    /// Each column of the table and how it is read.
    columns: Vec<(String, Reading)>,
    table: TableName,
    /// An integer key, to pick rows by.
    key: Option<String>,
    one_in: u64,
}

impl ScanPlan {
    /// A scan of all rows and columns of `table`.
    pub fn new(dialect: Dialect, table: &Table) -> Self {
        let reading = |data_type| if data_type == LogicalType::Binary { Reading::Length } else { Reading::Plain };
        let key = match table.primary_key.as_slice() {
            [only] => {
                table.column(only).filter(|column| column.data_type == LogicalType::Integer).map(|column| column.name.clone())
            }
            _ => None,
        };
        Self {
            dialect,
            columns: table.columns.iter().map(|column| (column.name.clone(), reading(column.data_type))).collect(),
            table: table.name.clone(),
            key,
            one_in: 1,
        }
    }

    /// After the column named `column` turned out to be unreadable: reads it in a simpler way, at last not at all. Whether there
    /// was a simpler way.
    pub fn simplify(&mut self, column: &str) -> bool {
        let Some((_, reading)) = self.columns.iter_mut().find(|(name, _)| name == column) else { return false };
        *reading = match *reading {
            Reading::Plain => Reading::AsText,
            Reading::AsText | Reading::Short | Reading::Length => Reading::Skip,
            Reading::Skip => return false,
        };
        true
    }

    /// After a value turned out to be too large to be read: leaves out what is longer than a megabyte. Whether there is a column that may hold
    /// such values.
    pub fn shorten(&mut self, table: &Table) -> bool {
        let mut found = false;
        for ((_, reading), column) in self.columns.iter_mut().zip(&table.columns) {
            // In SQLite any of these may hold a text.
            let may_be_long = match column.data_type {
                LogicalType::Text => true,
                LogicalType::Json | LogicalType::Other => self.dialect == Dialect::Sqlite,
                _ => false,
            };
            if may_be_long && *reading == Reading::Plain {
                *reading = Reading::Short;
                found = true;
            }
        }
        found
    }

    /// Reads a part of a table of `rows` rows, chosen by a hash of its integer key. Whether there is such a key; without one
    /// the first rows are as good a sample as there is.
    pub fn sample(&mut self, rows: u64, settings: ScanSettings) -> bool {
        self.one_in = match rows {
            _ if self.key.is_none() || settings.first_rows_only || rows <= settings.whole_up_to => 1,
            _ if rows <= settings.whole_up_to.saturating_mul(100) => 10,
            _ => 100,
        };
        self.one_in > 1
    }

    /// Positions of the columns read, in the table's order.
    pub fn columns(&self) -> Vec<usize> {
        let read = |(index, (_, reading)): (usize, &(String, Reading))| (*reading != Reading::Skip).then_some(index);
        self.columns.iter().enumerate().filter_map(read).collect()
    }

    /// Whether only the lengths of the column at `position` are read.
    pub(super) fn reads_length(&self, position: usize) -> bool {
        self.columns.get(position).is_some_and(|(_, reading)| *reading == Reading::Length)
    }

    /// The dialect of its statements.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The statement of the scan.
    pub fn statement(&self) -> Statement {
        let mut items: Vec<SelectItem> = self.columns.iter().filter_map(|(name, reading)| self.item(name, *reading)).collect();
        if items.is_empty() {
            items.push(ast::item(ast::int(1), ident(self.dialect, "one")));
        }
        let filter = self.key.as_ref().filter(|_| self.one_in > 1).map(|key| {
            // A step of a Lehmer generator: neighbouring keys fall apart, and no product leaves 63 bits.
            // Where numbers keep the size of their column, the product needs more room than the key has.
            let key = match self.dialect {
                Dialect::Sqlite | Dialect::Mysql => self.column(key),
                _ => ast::cast(self.column(key), DataType::BigInt(None)),
            };
            let key = ast::modulo(key, ast::int(2_147_483_647));
            let step = ast::modulo(ast::times(key, ast::int(48_271)), ast::int(2_147_483_647));
            ast::eq(ast::modulo(step, ast::number(&self.one_in.to_string())), ast::int(0))
        });
        self.select(items, filter)
    }

    /// The statement that counts the rows.
    pub fn count_statement(&self) -> Statement {
        self.select(vec![ast::item(ast::count_star(), ident(self.dialect, "row_count"))], None)
    }

    fn item(&self, name: &str, reading: Reading) -> Option<SelectItem> {
        let read = match reading {
            Reading::Plain => return Some(SelectItem::UnnamedExpr(self.column(name))),
            Reading::AsText => ast::cast(self.column(name), self.text_type()),
            Reading::Short => {
                // SQLite counts the bytes without reading them, and the letters not.
                let length = if self.dialect == Dialect::Sqlite { "octet_length" } else { self.length() };
                let is_long = ast::binary(ast::call(length, vec![self.column(name)]), BinaryOperator::Gt, ast::int(LONGEST));
                ast::case(vec![(is_long, ast::text(""))], Some(self.column(name)))
            }
            Reading::Length => ast::call(self.length(), vec![self.column(name)]),
            Reading::Skip => return None,
        };
        Some(ast::item(read, ident(self.dialect, name)))
    }

    fn column(&self, name: &str) -> Expr {
        Expr::Identifier(ident(self.dialect, name))
    }

    /// The type that anything can be read as.
    fn text_type(&self) -> DataType {
        match self.dialect {
            Dialect::Mysql => DataType::Char(None),
            Dialect::Tsql => DataType::Nvarchar(Some(CharacterLength::Max)),
            Dialect::Bigquery => DataType::String(None),
            Dialect::Datafusion => DataType::Varchar(None),
            _ => DataType::Text,
        }
    }

    /// The function that counts bytes.
    fn length(&self) -> &'static str {
        match self.dialect {
            Dialect::Tsql => "DATALENGTH",
            Dialect::Postgres | Dialect::Datafusion => "octet_length",
            _ => "length",
        }
    }

    fn select(&self, items: Vec<SelectItem>, filter: Option<Expr>) -> Statement {
        let name = self.table.schema.iter().chain([&self.table.name]).map(|part| ident(self.dialect, part)).collect();
        let from = Some(TableWithJoins { relation: ast::table(name, None), joins: Vec::new() });
        let body = ast::select(ast::Parts { items, from, filter, ..ast::Parts::default() });
        Statement::Query(Box::new(ast::query(body, Vec::new(), None)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::catalog::{Column, TableName};

    #[test]
    fn scans_are_simplified_and_sampled() {
        let mut table = Table::new(TableName::bare("order \"lines\""));
        table.columns.push(Column::new("id", "INTEGER", LogicalType::Integer));
        table.columns.push(Column::new("Preis €", "", LogicalType::Other));
        table.columns.push(Column::new("photo", "BLOB", LogicalType::Binary));
        table.primary_key = vec!["id".into()];
        let mut plan = ScanPlan::new(Dialect::Sqlite, &table);
        let text = |plan: &ScanPlan| plan.statement().to_string();
        assert_eq!(text(&plan), "SELECT id, \"Preis €\", length(photo) AS photo FROM \"order \"\"lines\"\"\"");
        assert!(plan.simplify("Preis €") && plan.simplify("photo") && !plan.simplify("photo") && !plan.simplify("nope"));
        assert_eq!(plan.columns(), [0, 1]);
        assert!(!plan.shorten(&table), "what is read as text is no larger than what was read");
        assert!(!plan.sample(1_000_000, ScanSettings::default()) && plan.sample(1_000_001, ScanSettings::default()));
        assert_eq!(
            text(&plan),
            "SELECT id, CAST(\"Preis €\" AS TEXT) AS \"Preis €\" FROM \"order \"\"lines\"\"\" WHERE id % 2147483647 * 48271 % 2147483647 % 10 = 0"
        );
    }

    #[test]
    fn scans_are_written_for_each_engine() {
        let mut table = Table::new(TableName::qualified("sales", "Order"));
        table.columns.push(Column::new("id", "int", LogicalType::Integer));
        table.columns.push(Column::new("photo", "varbinary", LogicalType::Binary));
        table.columns.push(Column::new("odd", "sql_variant", LogicalType::Other));
        table.columns.push(Column::new("note", "nvarchar(max)", LogicalType::Text));
        table.primary_key = vec!["id".into()];
        let text = |dialect| {
            let mut plan = ScanPlan::new(dialect, &table);
            plan.simplify("odd");
            assert!(plan.shorten(&table));
            plan.sample(2_000_000, ScanSettings::default());
            plan.statement().to_string()
        };
        insta::assert_snapshot!([Dialect::Postgres, Dialect::Mysql, Dialect::Tsql, Dialect::Datafusion].map(text).join("\n"));
    }
}
