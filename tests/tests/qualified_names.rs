//! Columns named with their database in MySQL, where the default database is known from the connection only, and in the definitions
//! that its server prints for views.
#![allow(clippy::unwrap_used)]

use leo::Dialect;
use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::finding::Verdict;
use leo_tests::guard::{check_with, rules};

const DDL: &str = "CREATE TABLE shop.orders (id int, customer_id int, total int, status varchar(9), note text);
    CREATE TABLE shop.customers (id int, name text);
    CREATE VIEW shop.paid AS select `shop`.`orders`.`id` AS `id`,`shop`.`orders`.`total` AS `total` from `shop`.`orders`
        where (`shop`.`orders`.`status` = 'paid');";

fn catalog() -> Catalog {
    let mut catalog = Catalog::from_ddl(Dialect::Mysql, DDL).unwrap();
    catalog.default_schema = Some("shop".to_owned());
    catalog.reindex();
    catalog
}

fn access() -> Access {
    serde_json::from_str(r#"{"tables": {"orders": {"row_filter": "total < 100", "deny_columns": ["note"]}}}"#).unwrap()
}

#[test]
fn the_database_of_a_restricted_table_comes_off_its_columns() {
    let catalog = catalog();
    let sql = "SELECT shop.orders.id, `shop`.`customers`.`name` FROM shop.orders JOIN customers ON shop.customers.id = \
               shop.orders.customer_id ORDER BY shop.orders.total";
    let vetting = check_with(&catalog, sql, &access(), &[]);
    let wanted = "SELECT orders.id, `shop`.`customers`.`name` FROM (SELECT id, customer_id, total, status FROM shop.orders WHERE \
                  (total < 100) LIMIT 18446744073709551615) AS orders JOIN shop.customers ON shop.customers.id = \
                  orders.customer_id ORDER BY orders.total LIMIT 5001";
    assert_eq!((vetting.verdict, vetting.rewritten.as_deref()), (Verdict::Rewrite, Some(wanted)), "{:?}", rules(&vetting));
    let open = check_with(&catalog, sql, &Access::full(), &[]);
    assert_eq!(open.verdict, Verdict::Allow, "{:?}", rules(&open));
    for hidden in ["shop.orders.note", "other.orders.id", "shop.orders._rowid"] {
        let sql = format!("SELECT {hidden} FROM orders");
        assert_eq!(check_with(&catalog, &sql, &access(), &[]).verdict, Verdict::Block, "{hidden}");
    }
}

#[test]
fn a_view_whose_definition_names_the_database_is_read_through_it() {
    let vetting = check_with(&catalog(), "SELECT shop.paid.total FROM paid", &access(), &[]);
    let wanted = "SELECT paid.total FROM (select orders.`id` AS `id`,orders.`total` AS `total` from (SELECT id, customer_id, total, \
                  status FROM shop.orders WHERE (total < 100) LIMIT 18446744073709551615) AS orders\n        where (orders.`status` \
                  = 'paid')) AS paid LIMIT 5001";
    assert_eq!((vetting.verdict, vetting.rewritten.as_deref()), (Verdict::Rewrite, Some(wanted)), "{:?}", rules(&vetting));
}
