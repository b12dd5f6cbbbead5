//! Search as people see it, and what those see who see a part only.

use proptest::prelude::*;

use super::super::{Document, Field, Index, Kind, OtherWords, Visible, documents, search};
use crate::adapter::{Access, TablePolicy};
use crate::catalog::{Catalog, Column, ColumnStatistics, Hit, LogicalType, Place, Table, TableName};
use crate::dialect::Dialect;
use crate::guard::visible_catalog;
use crate::value::Value;

fn shop() -> Catalog {
    let mut catalog = Catalog::from_ddl(
        Dialect::Sqlite,
        "CREATE TABLE customers (id int, fullName text, country text, signup_date text);
         CREATE TABLE orders (id int, customer_id int, ordered_at text, status text);
         CREATE TABLE order_lines (order_id int, product_id int, qty int, unitPrice real);
         CREATE TABLE products (id int, title text, category text);
         CREATE TABLE \"Größen\" (id int, größe_cm int);",
    )
    .unwrap();
    let products = catalog.tables.iter_mut().find(|table| table.name.name == "products").unwrap();
    products.columns[1].comment = Some("what the catalogue calls a wug".into());
    catalog
}

fn names(hits: &[Hit]) -> Vec<String> {
    let name = |hit: &Hit| match &hit.column {
        Some(column) => format!("{}.{column}", hit.table.as_ref().unwrap()),
        None => hit.table.as_ref().unwrap().to_string(),
    };
    hits.iter().map(name).collect()
}

fn found(words: &str) -> Vec<String> {
    names(&search(&shop(), words, 5))
}

#[test]
fn the_name_that_holds_the_words_comes_first() {
    assert_eq!(found("customers")[..2], ["customers", "orders.customer_id"]);
    assert_eq!(found("unit price")[0], "order_lines.unitPrice");
    assert_eq!(found("order status")[0], "orders.status");
    assert_eq!(found("GRÖSSEN")[0], "Größen");
    assert_eq!(found("größen")[0], "Größen");
}

#[test]
fn inflected_begun_and_misspelled_words_find_too() {
    assert_eq!(found("product categories")[0], "products.category");
    assert_eq!(found("cust")[0], "customers");
    let hits = search(&shop(), "contry", 3);
    assert_eq!((names(&hits), hits[0].place), (vec!["customers.country".to_owned()], Place::Spelling));
}

#[test]
fn comments_and_synonyms_say_so() {
    let hits = search(&shop(), "wugs", 3);
    assert_eq!((names(&hits)[0].as_str(), hits[0].place), ("products.title", Place::Comment));
    let catalog = shop();
    let table = TableName::bare("CUSTOMERS");
    let other = OtherWords { words: "kundig", table: &table, column: None };
    let index = Index::build(&catalog, &documents(&catalog, &[other], &[]));
    let found = index.search("kundig", &Visible::all(), 3);
    let hit = index.hits(&catalog, &found, 1).remove(0);
    assert_eq!((hit.table.unwrap().name.as_str(), hit.place), ("customers", Place::Synonym));
}

#[test]
fn frequent_values_lead_to_their_column() {
    let mut catalog = shop();
    let customers = catalog.tables.iter_mut().find(|table| table.name.name == "customers").unwrap();
    let top = vec![("Germany".into(), 7), ("France".into(), 3)];
    customers.columns[2].statistics = Some(crate::catalog::ColumnStatistics { top, ..Default::default() });
    let hits = search(&catalog, "germany", 5);
    assert_eq!((names(&hits), hits[0].place), (vec!["customers.country".to_owned()], Place::Value));
    assert_eq!(names(&search(&catalog, "country germany", 5)), ["customers.country"], "once");
}

#[test]
fn what_is_not_there_is_not_found() {
    assert!(found("zebra").is_empty() && found("").is_empty() && found("%_'\";--").is_empty());
    assert!(search(&shop(), "orders", 0).is_empty());
    assert!(search(&Catalog::new(Dialect::Sqlite, None, Vec::new()), "orders", 5).is_empty());
}

#[test]
fn scores_fall_and_equal_ones_keep_the_order_of_the_catalogue() {
    let all = search(&shop(), "id", 50);
    assert!(all.len() > 5 && all.is_sorted_by(|a, b| a.score >= b.score));
    assert_eq!(all, search(&shop(), "id", 50));
    assert_eq!(names(&all)[..2], ["Größen.id", "customers.id"]);
    assert_eq!(search(&shop(), "id", 3), all[..3]);
    assert!(all.iter().all(|hit| (0.0..=1.0).contains(&hit.score)));
}

#[test]
fn other_languages_and_compounds_find() {
    let catalog = Catalog::from_ddl(
        Dialect::Sqlite,
        "CREATE TABLE Kunden (Kundennummer int, Geburtsdatum text); CREATE TABLE Rechnungen (Betrag real, Rechnungsdatum text);
         CREATE TABLE commandes (numero int, prix real); CREATE TABLE empleados (apellido text, salario real);",
    )
    .unwrap();
    for (words, first) in [
        ("customers", "Kunden"),
        ("invoice date", "Rechnungen.Rechnungsdatum"),
        ("date of birth", "Kunden.Geburtsdatum"),
        ("orders", "commandes"),
        ("price", "commandes.prix"),
        ("employee salary", "empleados.salario"),
        ("last name of the employee", "empleados.apellido"),
        ("Kundennummern", "Kunden.Kundennummer"),
    ] {
        let hits = search(&catalog, words, 5);
        assert_eq!(names(&hits).first().map(String::as_str), Some(first), "{words}: {hits:?}");
    }
}

#[test]
fn what_the_host_adds_is_found_under_its_own_name() {
    let catalog = shop();
    let mut documents = documents(&catalog, &[], &[]);
    let place = catalog.tables.iter().position(|table| table.name.name == "orders").map(|at| at as u32);
    for (kind, table, id, text) in [
        (Kind::Metric, place, "gmv", "gross merchandise volume"),
        (Kind::Glossary, None, "churn", "customers who left"),
        (Kind::Query, place, "q7", "which wugs were late"),
    ] {
        let fields = vec![(Field::Name, text.into())];
        documents.push(Document { kind, table, column: None, id: Some(id), fields });
    }
    let index = Index::build(&catalog, &documents);
    let first = |words: &str, visible: &Visible| {
        let found = index.search(words, visible, 1);
        found.first().and_then(|found| index.what(found.document)).and_then(|(kind, id)| Some((kind, id?.to_owned())))
    };
    assert_eq!(first("merchandise volume", &Visible::all()), Some((Kind::Metric, "gmv".into())));
    assert_eq!(first("who left", &Visible::all()), Some((Kind::Glossary, "churn".into())));
    assert_eq!(first("late wug", &Visible::all()), Some((Kind::Query, "q7".into())));
    // Nobody sees these by the catalogue alone.
    assert_eq!(first("merchandise volume", &index.visible_in(&catalog, &catalog, |_, _| false)), None);
    // What the host says about a table speaks for it.
    let orders = index.tables("late wugs", &Visible::all(), 1);
    assert_eq!(Some(orders[0].table), place);
}

#[test]
fn values_speak_for_a_table_only_to_those_who_see_its_rows() {
    let mut catalog = shop();
    let at = catalog.tables.iter().position(|table| table.name.name == "customers").unwrap();
    let top = vec![(Value::from("Berlin"), 7)];
    catalog.tables[at].columns[2].statistics = Some(ColumnStatistics { top, ..ColumnStatistics::default() });
    let index = Index::build(&catalog, &documents(&catalog, &[], &[]));
    let tables = |access: &Access| {
        let visible = index.visible_in(&catalog, &visible_catalog(&catalog, access).unwrap(), |_, _| false);
        index.tables("who is from Berlin?", &visible, 5).iter().map(|linked| linked.table as usize).collect::<Vec<_>>()
    };
    assert_eq!(tables(&Access::full()).first(), Some(&at));
    let policy = |policy| Access { tables: [("customers".to_owned(), policy)].into(), ..Access::full() };
    let filtered = policy(TablePolicy { row_filter: Some("country = :country".into()), ..TablePolicy::default() });
    let without = policy(TablePolicy { deny_columns: vec!["country".into()], ..TablePolicy::default() });
    assert_eq!((tables(&filtered), tables(&without)), (vec![], vec![]));
    // They are no text of the index: only who knows a value can ask for it.
    assert!(!String::from_utf8_lossy(&index.to_bytes()).contains("erlin"));
}

/// Names are made of few words, so that they have some in common.
const WORDS: [&str; 12] =
    ["order", "customer", "cust", "date", "orderdate", "price", "kunden", "salary", "pay", "name", "id", "custmer"];

fn table(name: usize, columns: &[usize]) -> Table {
    let mut table = Table::new(TableName::bare(format!("{}_{name}", WORDS[name % WORDS.len()])));
    for (at, column) in columns.iter().enumerate() {
        let name = format!("{}_{}{at}", WORDS[column % WORDS.len()], WORDS[(column / 3) % WORDS.len()]);
        let mut own = Column::new(name, "TEXT", LogicalType::Text);
        own.comment = (column % 5 == 0).then(|| format!("the {} of it", WORDS[column % WORDS.len()]));
        table.columns.push(own);
    }
    table
}

proptest! {
    /// What is hidden has no part in a search: not in what is found, nor its order, its score, or what is taken for a misspelling.
    #[test]
    fn who_sees_a_part_finds_what_that_part_alone_would_give(
        shapes in prop::collection::vec((prop::collection::vec(0_usize..36, 0..6), any::<bool>()), 1..8),
        words in "(order|customer|cust|dates|orderdate|price|client|kunde|wage|salaries|prices|nme|custome|order date| ){1,4}",
    ) {
        let tables: Vec<Table> = shapes.iter().enumerate().map(|(at, (columns, _))| table(at, columns)).collect();
        let shown: Vec<Table> = tables
            .iter()
            .zip(&shapes)
            .filter(|(_, (_, shown))| *shown)
            .map(|(table, _)| Table { columns: table.columns.iter().step_by(2).cloned().collect(), ..table.clone() })
            .collect();
        let (all, part) = (Catalog::new(Dialect::Sqlite, None, tables), Catalog::new(Dialect::Sqlite, None, shown));
        let index = Index::build(&all, &documents(&all, &[], &[]));
        let visible = index.visible_in(&all, &part, |_, _| false);
        let hits = index.hits(&all, &index.search(&words, &visible, 40), 20);
        prop_assert_eq!(&hits, &search(&part, &words, 20));
        let own = Index::build(&part, &documents(&part, &[], &[]));
        let tables = |index: &Index, catalog: &Catalog, visible: &Visible| -> Vec<(TableName, i32)> {
            let linked = index.tables(&words, visible, 20).into_iter();
            linked.map(|own| (catalog.tables[own.table as usize].name.clone(), (own.score * 1e4).round() as i32)).collect()
        };
        prop_assert_eq!(tables(&index, &all, &visible), tables(&own, &part, &Visible::all()));
    }
}
