//! `leo sync` and `leo map`.

use super::support::Fixture;

#[test]
fn sync_reports_tables_and_relationships() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["sync"]).well();
    assert!(run.out.starts_with("2 tables, 7 columns, 404 rows; 1 relationships declared, 0 inferred."), "{}", run.out);
    let summary = shop.shop_leo(&["sync", "--format", "json"]).well().json();
    assert_eq!((&summary["source"], &summary["dialect"]), (&"shop".into(), &"sqlite".into()));
    assert_eq!((&summary["tables"][0]["name"], &summary["tables"][0]["rows"]), (&"orders".into(), &400.into()));
    assert_eq!(summary["tables"][0]["latest"], "2025-02-04");
    assert_eq!(summary["relationships"][0]["origin"], "declared");
}

#[test]
fn map_shows_all_tables_then_one() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["map"]).well();
    assert!(run.out.lines().any(|line| line.starts_with("orders") && line.contains("400")), "{}", run.out);
    let run = shop.shop_leo(&["map", "ORDERS"]).well();
    assert!(run.out.contains("→ regions.id") && run.out.contains("2024-01-02 to 2025-02-04"), "{}", run.out);
    assert!(run.out.lines().any(|line| line.starts_with("status") && line.contains("paid, open")), "{}", run.out);
    let map = shop.shop_leo(&["map", "--format", "json"]).well().json();
    assert_eq!((&map["tables"][0]["name"]["name"], &map["tables"][0]["rows"]), (&"orders".into(), &400.into()));
    assert!(map["questions"].as_array().is_some_and(|questions| !questions.is_empty()), "{map}");
    let shown = shop.shop_leo(&["map", "show", "ORDERS", "--sample", "3", "--format", "json"]).well().json();
    assert_eq!((&shown["sample"]["columns"][0], shown["sample"]["rows"].as_array().map(Vec::len)), (&"id".into(), Some(3)));
    let table = shop.shop_leo(&["map", "orders", "--format", "json"]).well().json();
    assert_eq!(table["table"]["columns"][0]["statistics"]["distinct"], 400);
    let run = shop.shop_leo(&["map", "ordres"]);
    assert_eq!((run.code, run.err.as_str()), (2, "leo: no table `ordres`; did you mean `orders`?\n"));
}

#[test]
fn map_finds_by_words() {
    let shop = Fixture::shop();
    let hits = shop.shop_leo(&["map", "search", "order", "status", "--format", "json"]).well().json();
    assert_eq!((&hits["hits"][0]["table"]["name"], &hits["hits"][0]["column"]), (&"orders".into(), &"status".into()));
    // A word for the same thing.
    let hits = shop.shop_leo(&["map", "search", "purchases", "--format", "json"]).well().json();
    assert_eq!((&hits["hits"][0]["table"]["name"], &hits["hits"][0]["place"]), (&"orders".into(), &"synonym".into()));
    let run = shop.shop_leo(&["map", "search", "zebra"]).well();
    assert!(run.out.starts_with("Nothing in this database is called that"), "{}", run.out);
    assert_eq!(shop.shop_leo(&["map", "search"]).code, 2);
}

#[test]
fn the_map_in_other_forms() {
    let shop = Fixture::shop();
    let run = shop.shop_leo(&["map", "graph"]).well();
    assert!(run.out.starts_with("erDiagram\n") && run.out.contains("t1 ||--o{ t0 : \"region_id\""), "{}", run.out);
    let run = shop.shop_leo(&["map", "graph", "regions", "--joins", "0", "--graph-format", "dot"]).well();
    assert!(run.out.contains("label=\"regions\"") && !run.out.contains("orders"), "{}", run.out);
    let run = shop.shop_leo(&["map", "ddl"]).well();
    assert!(run.out.contains("CREATE TABLE \"orders\" (") && run.out.contains("REFERENCES \"regions\""), "{}", run.out);
    let quality = shop.shop_leo(&["map", "quality", "--format", "json"]).well().json();
    assert_eq!(quality["tables"].as_array().map(Vec::len), Some(2));
    assert!(shop.shop_leo(&["map", "quality"]).well().out.starts_with("Quality "));
    let file = shop.path("map.html");
    let run = shop.shop_leo(&["map", "--html", file.to_str().unwrap()]).well();
    assert!(run.out.starts_with("Wrote "), "{}", run.out);
    // The name of SVG's elements is no address.
    let page = std::fs::read_to_string(&file).unwrap().replace("http://www.w3.org/2000/svg", "");
    assert!(
        page.contains("default-src 'none'") && page.contains("\"orders\"") && !page.contains("http://"),
        "the page loads nothing"
    );
    assert_eq!(shop.shop_leo(&["map", "graph", "--graph-format", "png"]).code, 2);
    assert_eq!(shop.shop_leo(&["map", "show"]).code, 2);
}

#[test]
fn a_database_without_tables_says_so() {
    let shop = Fixture::shop();
    shop.write("empty.db", b"");
    for command in ["sync", "map"] {
        let run = shop.leo(&[command, "--db", "empty.db"]).well();
        assert!(run.out.starts_with("The database has no tables; load data into it"), "{}", run.out);
    }
    let run = shop.leo(&["--db", "empty.db", "how many orders"]);
    assert_eq!((run.code, run.out.contains("no table to ask about; load data into it")), (3, true), "{}", run.out);
}
