//! Introspection from whatever of its views a server has.

use leo::catalog::{Catalog, LogicalType, TableKind, TableName};
use leo::gate::{Connector, IntrospectOptions};
use leo::source::mssql::MssqlSource;
use leo_tests::tds::{Request, Step};

use crate::shop::{N, T, answer, ctx, protected, refuse};

fn whole(request: &Request) -> Option<Vec<Step>> {
    let sql = request.sql.as_str();
    Some(if sql.contains("o.type, hs.name") {
        answer(
            &[T; 5],
            &["dbo|Orders|U |-|-", "dbo|OrdersHistory|U |dbo|Orders", "dbo|Customers|U |-|-", "dbo|Big Orders|V |-|-"],
        )
    } else if sql.contains("c.max_length") {
        answer(
            &[T, T, T, T, N, N, N, N, T, T],
            &[
                "dbo|Customers|Id|nchar|10|0|0|0|-|-",
                "dbo|Orders|Id|int|4|10|0|0|-|-",
                "dbo|Orders|CustomerId|nchar|10|0|0|1|-|-",
                "dbo|Orders|Total|decimal|9|12|2|1|((0))|-",
                "dbo|Orders|Doubled|decimal|9|13|2|1|-|([Total]*(2))",
                "dbo|Orders|Note|nvarchar|-1|0|0|1|-|-",
                "dbo|Orders|Since|datetime2|8|27|7|0|-|-",
                "dbo|OrdersHistory|Id|int|4|10|0|0|-|-",
                "dbo|Big Orders|Id|int|4|10|0|0|-|-",
            ],
        )
    } else if sql.contains("sys.indexes") {
        answer(
            &[T, T, T, N, N, N, T],
            &[
                "dbo|Customers|PK_C|1|1|0|Id",
                "dbo|Orders|PK_O|1|1|0|Id",
                "dbo|Orders|UQ|0|1|0|CustomerId",
                "dbo|Orders|UQ|0|1|0|Id",
                "dbo|Orders|Filtered|0|1|1|Note",
            ],
        )
    } else if sql.contains("sys.foreign_keys") {
        answer(&[T; 7], &["dbo|Orders|FK|CustomerId|dbo|Customers|Id"])
    } else if sql.contains("sys.extended_properties") {
        answer(&[T; 4], &["dbo|Orders|-|what was bought", "dbo|Orders|Total|in euros"])
    } else if sql.contains("sys.sql_modules") {
        answer(&[T; 3], &["dbo|Big Orders|CREATE VIEW [Big Orders] AS SELECT Id FROM Orders"])
    } else if sql.contains("dm_db_partition_stats") {
        answer(&[T, T, N, N], &["dbo|Orders|830|81920", "dbo|Customers|91|16384"])
    } else if sql.contains("sys.synonyms") {
        answer(&[T; 4], &["dbo|Purchases|[dbo].[Orders]|Shop", "dbo|Elsewhere|[Other].[dbo].[Orders]|Shop"])
    } else {
        return None;
    })
}

async fn introspect(script: impl Fn(&Request) -> Option<Vec<Step>> + Send + Sync + 'static) -> (Catalog, usize) {
    let (peer, _folder, spec) = protected(script).await;
    let source = MssqlSource::connect("shop", spec).await.unwrap();
    peer.forget();
    let catalog = source.introspect(&ctx(), IntrospectOptions::default()).await.unwrap();
    (catalog, peer.requests().len())
}

#[tokio::test]
async fn everything_is_found_in_a_few_statements() {
    let (catalog, requests) = introspect(whole).await;
    assert!(requests <= 12, "{requests}");
    let table = |name: &str| catalog.require_table(&TableName::qualified("dbo", name)).unwrap();
    let orders = table("Orders");
    let declared: Vec<&str> = orders.columns.iter().map(|column| column.declared_type.as_str()).collect();
    assert_eq!(declared, ["int", "nchar(5)", "decimal(12,2)", "decimal(13,2)", "nvarchar(max)", "datetime2(7)"]);
    assert_eq!(orders.columns[5].data_type, LogicalType::Timestamp);
    assert_eq!((orders.columns[2].default.as_deref(), orders.columns[2].comment.as_deref()), (Some("((0))"), Some("in euros")));
    assert_eq!(orders.columns[3].default.as_deref(), Some("([Total]*(2))"));
    assert_eq!(orders.primary_key, ["Id"]);
    assert_eq!(orders.unique_keys, [["CustomerId", "Id"]], "a filtered index is no key");
    assert_eq!((orders.rows, orders.bytes, orders.comment.as_deref()), (Some(830), Some(81_920), Some("what was bought")));
    assert_eq!(orders.foreign_keys[0].references, TableName::qualified("dbo", "Customers"));
    assert_eq!(table("OrdersHistory").rows_of, [TableName::qualified("dbo", "Orders")]);
    let view = table("Big Orders");
    assert!(view.kind == TableKind::View && view.definition.as_deref().unwrap().contains("SELECT Id"));
    assert_eq!(table("Purchases").rows_of, [TableName::qualified("dbo", "Orders")]);
    assert!(catalog.require_table(&TableName::qualified("dbo", "Elsewhere")).is_err());
}

#[tokio::test]
async fn a_server_without_the_systems_views_is_read_from_the_standards() {
    let (catalog, requests) = introspect(|request| {
        let sql = request.sql.as_str();
        Some(if request.sql.contains("sys.") {
            refuse(33_557_097, 16, "relation does not exist")
        } else if sql.contains("INFORMATION_SCHEMA.TABLES ") {
            answer(&[T; 5], &["dbo|Customers|U|-|-", "dbo|Orders|U|-|-", "dbo|Big|V|-|-", "sys|objects|V|-|-"])
        } else if sql.contains("INFORMATION_SCHEMA.COLUMNS") {
            answer(
                &[T, T, T, T, N, N, N, N, T, T],
                &[
                    "dbo|Customers|Id|nchar|5|-|-|0|-|-",
                    "dbo|Orders|Id|int|-|10|0|0|-|-",
                    "dbo|Orders|C|nchar|5|-|-|1|-|-",
                    "dbo|Big|Id|int|-|10|0|0|-|-",
                ],
            )
        } else if sql.contains("TABLE_CONSTRAINTS") {
            answer(&[T, T, T, N, N, N, T], &["dbo|Customers|PK|1|1|0|Id", "dbo|Orders|PK|1|1|0|Id"])
        } else if sql.contains("REFERENTIAL_CONSTRAINTS") {
            answer(&[T; 7], &["dbo|Orders|FK|C|dbo|Customers|Id"])
        } else if sql.contains("INFORMATION_SCHEMA.VIEWS") {
            answer(&[T; 3], &["dbo|Big|CREATE VIEW Big AS SELECT Id FROM Orders"])
        } else if sql.contains("COUNT_BIG") {
            answer(&[N, N], &["0|91", "1|100001"])
        } else {
            return None;
        })
    })
    .await;
    assert!(requests <= 22, "{requests}");
    let names: Vec<String> = catalog.tables.iter().map(|table| table.name.to_string()).collect();
    assert_eq!(names, ["dbo.Big", "dbo.Customers", "dbo.Orders"]);
    let table = |name: &str| catalog.require_table(&TableName::qualified("dbo", name)).unwrap();
    assert_eq!((table("Customers").rows, table("Orders").rows), (Some(91), Some(100_000)), "counted up to a limit");
    assert_eq!(table("Orders").foreign_keys.len(), 1);
    assert_eq!(table("Customers").columns[0].declared_type, "nchar(5)");
}

#[tokio::test]
async fn missing_types_zero_rows_and_missing_permission_leave_the_rest() {
    let (catalog, _) = introspect(|request| {
        let sql = request.sql.as_str();
        if sql.contains("c.max_length") {
            // TYPE_NAME() and sys.types without names.
            return Some(answer(&[T, T, T, T, N, N, N, N, T, T], &["dbo|Orders|Id|-|4|10|0|0|-|-"]));
        }
        if sql.contains("INFORMATION_SCHEMA.COLUMNS") {
            return Some(answer(&[T, T, T, T, N, N, N, N, T, T], &["dbo|Orders|Id|int|-|10|0|0|-|-"]));
        }
        if sql.contains("dm_db_partition_stats") || sql.contains("extended_properties") {
            return Some(refuse(262, 14, "VIEW DATABASE STATE permission denied in database 'Shop'."));
        }
        if sql.contains("sys.partitions") {
            return Some(answer(&[T, T, N, N], &["dbo|Orders|0|-", "dbo|Customers|0|-"]));
        }
        whole(request)
    })
    .await;
    assert_eq!(catalog.tables.len(), 2, "a table whose columns nobody tells is none: Orders and its synonym are left");
    let orders = catalog.require_table(&TableName::qualified("dbo", "Orders")).unwrap();
    assert_eq!((orders.columns[0].data_type, orders.rows, orders.comment.as_deref()), (LogicalType::Integer, None, None));
}

/// The versions of `Orders` and its synonym, where the server tells `line` of change tracking.
async fn version(line: &'static str) -> Option<String> {
    let (catalog, _) = introspect(move |request| match request.sql.contains("sys.change_tracking_tables") {
        true => Some(answer(&[T, T, N, N, N, T, N, T, T], &[line])),
        false => whole(request),
    })
    .await;
    let version = |name: &str| catalog.require_table(&TableName::qualified("dbo", name)).unwrap().data_version.clone();
    assert!(version("Customers").is_none(), "it is not tracked");
    assert_eq!(version("Purchases"), version("Orders"));
    version("Orders")
}

#[tokio::test]
async fn change_tracking_tells_whether_rows_are_as_they_were() {
    let known = "dbo|Orders|41|7|9|2024-05-06 07:08:09.123|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000";
    let first = version(known).await.unwrap();
    assert_eq!(version(known).await.as_ref(), Some(&first), "nothing changed");
    let others = [
        "dbo|Orders|42|7|9|2024-05-06 07:08:09.123|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|8|9|2024-05-06 07:08:09.123|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|7|10|2024-05-06 07:08:09.123|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|7|9|2024-05-06 07:08:09.124|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|7|9|2024-05-06 07:08:09.123|0|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|7|9|2024-05-06 07:08:09.123|830|1e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-01 00:00:00.000",
        "dbo|Orders|41|7|9|2024-05-06 07:08:09.123|830|0e984725-c51c-4bf4-9960-e1c80e27aba0|2024-06-02 00:00:00.000",
    ];
    for other in others {
        let other = version(other).await;
        assert!(other.is_some() && other.as_ref() != Some(&first), "a commit, tracking, a restore or a restart");
    }
    // What is not shown does not stay as it is for that.
    for part in 2..9 {
        let mut parts: Vec<&str> = known.split('|').collect();
        parts[part] = "-";
        assert!(version(Box::leak(parts.join("|").into_boxed_str())).await.is_none(), "{part}");
    }
}

#[tokio::test]
async fn a_server_that_tells_nothing_of_changes_tells_no_version() {
    for refused in [false, true] {
        let (catalog, _) = introspect(move |request| match request.sql.contains("sys.change_tracking_tables") && refused {
            true => Some(refuse(208, 16, "Invalid object name 'sys.change_tracking_tables'.")),
            false => whole(request),
        })
        .await;
        assert!(catalog.tables.iter().all(|table| table.data_version.is_none()));
    }
}
