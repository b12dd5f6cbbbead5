//! An index that is brought up to date is the one that would be made anew.

use proptest::prelude::*;

use super::super::{Index, Updated, documents};
use crate::catalog::{Catalog, Column, LogicalType, Table, TableName};
use crate::dialect::Dialect;

fn catalog(tables: &[(u8, Vec<u8>)]) -> Catalog {
    let table = |(name, columns): &(u8, Vec<u8>)| {
        let mut table = Table::new(TableName::bare(format!("table{name} orders")));
        table.columns = columns
            .iter()
            .map(|column| {
                let mut own = Column::new(format!("customer_{column}"), "TEXT", LogicalType::Text);
                own.comment = (column % 3 == 0).then(|| format!("the remark {column}"));
                own
            })
            .collect();
        table
    };
    Catalog::new(Dialect::Sqlite, None, tables.iter().map(table).collect())
}

#[test]
fn only_what_changed_is_read() {
    let (before, after) =
        (catalog(&[(1, vec![1, 2]), (2, vec![3]), (4, vec![])]), catalog(&[(1, vec![1, 5]), (3, vec![3]), (4, vec![])]));
    let mut index = Index::build(&before, &documents(&before, &[], &[]));
    let updated = index.update(&after, &documents(&after, &[], &[]));
    assert_eq!(updated, Updated { kept: 3, made: 3, removed: 3 });
    let updated = index.update(&after, &documents(&after, &[], &[]));
    assert_eq!(updated, Updated { kept: 6, made: 0, removed: 0 });
}

proptest! {
    #[test]
    fn an_update_gives_what_building_anew_gives(
        before in prop::collection::vec((0_u8..6, prop::collection::vec(0_u8..9, 0..5)), 0..6),
        after in prop::collection::vec((0_u8..6, prop::collection::vec(0_u8..9, 0..5)), 0..6),
    ) {
        let (before, after) = (catalog(&before), catalog(&after));
        let mut index = Index::build(&before, &documents(&before, &[], &[]));
        index.update(&after, &documents(&after, &[], &[]));
        prop_assert!(index == Index::build(&after, &documents(&after, &[], &[])));
    }
}
