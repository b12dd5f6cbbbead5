//! Files instead of a database.

use crate::support::Fixture;

const ORDERS: &[u8] =
    b"order_id;region_id;ordered_on;amount\n1;1;31.01.2024;1.000,50\n2;2;15.02.2024;20,25\n3;1;01.03.2024;5,00\n4;2;02.03.2024\n";

fn shop() -> Fixture {
    let shop = Fixture::shop();
    shop.write("orders.csv", ORDERS);
    shop.write("regions.csv", b"region_id,name\n1,North\n2,South\n");
    shop
}

#[test]
fn files_are_asked_like_tables() {
    let shop = shop();
    for args in [
        &["ask", "--format", "json", "--files", "orders.csv", "regions.csv", "--", "total amount by region"][..],
        &["ask", "--format", "json", "--files", "orders.csv", "regions.csv", "total amount by region"],
        &["ask", "total amount by region", "--format", "json", "--files", "orders.csv", "regions.csv"],
    ] {
        let run = shop.leo(args);
        assert_eq!(run.code, 0, "{run:?}");
        let rows = run.json()["table"]["rows"].to_string();
        assert!(rows.contains(r#"["North",1005.5]"#) && rows.contains(r#"["South",20.25]"#), "{rows}");
        // What was wrong is told, whatever was asked.
        assert!(run.err.contains("orders: 1 row with fewer fields") && run.err.contains("first row 5"), "{}", run.err);
    }
}

#[test]
fn every_command_reads_files() {
    let shop = shop();
    let sync = shop.leo(&["sync", "--files", "regions.csv", "orders.csv"]);
    assert!(sync.code == 0 && sync.out.contains("2 tables"), "{sync:?}");
    let map = shop.leo(&["map", "--files", "regions.csv", "--", "regions"]).well();
    assert!(map.out.contains("region_id"), "{}", map.out);
    let sql = shop.leo(&["sql", "--files", "regions.csv", "SELECT count(*) AS n FROM regions"]).well();
    assert!(sql.out.contains('2'), "{}", sql.out);
}

#[test]
fn files_that_are_missing_or_without_a_question_say_so() {
    let shop = shop();
    let missing = shop.leo(&["ask", "--files", "none.csv", "how many regions"]);
    assert!(missing.code != 0 && missing.err.contains("no file `none.csv`"), "{missing:?}");
    let silent = shop.leo(&["ask", "--files", "regions.csv"]);
    assert!(silent.code != 0 && silent.err.contains("question"), "{silent:?}");
}
