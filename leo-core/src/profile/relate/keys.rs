//! Keys that nobody declared: files have none, and what they hold has them all the same.

use super::names::{TableWords, Vocabulary, names_table};
use crate::catalog::{Catalog, LogicalType, Table, TableKind};

/// Gives each table its primary key where no table of `catalog` declares any: the first column that is called after its table, or
/// just `id`, and was seen to have a value of its own in every row.
pub fn settle_keys(catalog: &mut Catalog) {
    if catalog.tables.iter().any(|table| !table.primary_key.is_empty() || !table.unique_keys.is_empty()) {
        return;
    }
    let vocabulary = Vocabulary::new(catalog.tables.iter().map(|table| table.name.name.as_str()));
    for table in catalog.tables.iter_mut().filter(|table| table.kind == TableKind::Table) {
        let key = likely_key(table, &vocabulary).and_then(|at| table.columns.get(at)).map(|column| column.name.clone());
        table.primary_key.extend(key);
    }
    catalog.reindex();
}

fn likely_key(table: &Table, vocabulary: &Vocabulary) -> Option<usize> {
    // A sample does not tell that no value comes twice.
    table.statistics.as_ref().filter(|statistics| statistics.sampled >= 1.0)?;
    let words = TableWords::new(table, vocabulary);
    table.columns.iter().zip(&words.columns).position(|(column, named)| {
        let is_own = named.core.is_empty() || names_table(&named.core, &words.table);
        let unique = column.statistics.as_ref().is_some_and(|found| found.is_unique && found.null_share == 0.0);
        named.is_key && is_own && unique && column.data_type != LogicalType::Float
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Column, ColumnStatistics, TableName, TableStatistics};
    use crate::dialect::Dialect;

    fn table(name: &str, columns: &[(&str, bool)], sampled: f64) -> Table {
        let mut table = Table::new(TableName::bare(name));
        table.statistics = Some(TableStatistics { rows: 10, sampled, ..TableStatistics::default() });
        for (name, is_unique) in columns {
            let mut column = Column::new(*name, "Int64", LogicalType::Integer);
            column.statistics = Some(ColumnStatistics { is_unique: *is_unique, ..ColumnStatistics::default() });
            table.columns.push(column);
        }
        table
    }

    #[test]
    fn keys_are_named_after_their_table_and_unique_in_all_rows() {
        let mut catalog = Catalog::new(
            Dialect::Datafusion,
            None,
            vec![
                table("orders", &[("customer_id", true), ("order_id", true)], 1.0),
                table("customers", &[("id", true), ("name", true)], 1.0),
                table("visits", &[("visit_id", false), ("day", true)], 1.0),
                table("products", &[("product_id", true)], 0.1),
            ],
        );
        settle_keys(&mut catalog);
        let keys: Vec<String> =
            catalog.tables.iter().map(|table| format!("{}: {}", table.name, table.primary_key.join(","))).collect();
        assert_eq!(keys, ["customers: id", "orders: order_id", "products: ", "visits: "]);
    }

    #[test]
    fn a_source_that_declares_keys_is_taken_at_its_word() {
        let mut declared = table("customers", &[("id", true)], 1.0);
        declared.primary_key = vec!["id".into()];
        let mut catalog = Catalog::new(Dialect::Sqlite, None, vec![declared, table("orders", &[("order_id", true)], 1.0)]);
        settle_keys(&mut catalog);
        assert!(catalog.tables.iter().any(|table| table.primary_key.is_empty()));
    }
}
