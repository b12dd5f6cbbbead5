#![allow(clippy::unwrap_used)]

use super::*;
use crate::catalog::LogicalType;

fn table<'c>(catalog: &'c Catalog, name: &str) -> &'c Table {
    catalog.require_table(&TableName::bare(name)).unwrap()
}

#[test]
fn a_dump_of_postgres() {
    let catalog = Catalog::from_ddl(
        Dialect::Postgres,
        "SET client_encoding = 'UTF8';
         CREATE TABLE public.Region (id smallint NOT NULL, name character varying(60) DEFAULT 'none'::character varying NOT NULL);
         CREATE TABLE orders (
            id bigint, region_id smallint, placed timestamp with time zone, tags text[], \"Odd Name\" numeric(12, 2) CHECK (id > 0),
            CONSTRAINT pk PRIMARY KEY (id));
         INSERT INTO region VALUES (1, 'CREATE TABLE no (x int)');
         ALTER TABLE ONLY region ADD CONSTRAINT region_pk PRIMARY KEY (id);
         ALTER TABLE ONLY orders
            ADD CONSTRAINT fk FOREIGN KEY (region_id) REFERENCES region(id) ON DELETE CASCADE;
         COMMENT ON TABLE orders IS 'what customers bought';
         COMMENT ON COLUMN orders.placed IS 'UTC';
         CREATE UNIQUE INDEX i ON orders USING btree (placed DESC, region_id);
         CREATE VIEW recent AS SELECT o.id AS order_id, r.name, count(*) AS n FROM orders o JOIN region r ON r.id = o.region_id GROUP BY 1, 2;",
    )
    .unwrap();
    assert_eq!(catalog.tables.len(), 3);
    let orders = table(&catalog, "orders");
    let types: Vec<_> = orders.columns.iter().map(|column| (column.name.as_str(), column.declared_type.as_str())).collect();
    assert_eq!(
        types,
        [
            ("id", "bigint"),
            ("region_id", "smallint"),
            ("placed", "timestamp with time zone"),
            ("tags", "text[]"),
            ("Odd Name", "numeric(12, 2)")
        ]
    );
    assert_eq!((orders.primary_key.len(), orders.comment.as_deref()), (1, Some("what customers bought")));
    assert_eq!(orders.unique_keys, [["placed", "region_id"]]);
    assert_eq!(orders.columns[2].comment.as_deref(), Some("UTC"));
    let region = table(&catalog, "region");
    assert_eq!((region.primary_key.clone(), region.columns[1].nullable), (vec!["id".to_owned()], false));
    assert_eq!(region.columns[1].default.as_deref(), Some("'none'::character varying"));
    assert_eq!(catalog.relationships.len(), 1);
    let view = table(&catalog, "recent");
    assert_eq!(view.kind, TableKind::View);
    let names: Vec<_> = view.columns.iter().map(|column| (column.name.as_str(), column.data_type)).collect();
    assert_eq!(names, [("order_id", LogicalType::Integer), ("name", LogicalType::Text), ("n", LogicalType::Other)]);
}

#[test]
fn a_script_of_sql_server() {
    let catalog = Catalog::from_ddl(
        Dialect::Tsql,
        "IF EXISTS (SELECT 1) BEGIN DROP DATABASE [x]; END
GO
CREATE TABLE [dbo].[Artist] ( [ArtistId] INT IDENTITY (1, 1) NOT NULL , \"Photo\" \"image\" NULL, CONSTRAINT [PK] PRIMARY KEY CLUSTERED ([ArtistId]) )
GO
CREATE TABLE Album (AlbumId INT, ArtistId INT NULL REFERENCES Artist)
GO
ALTER TABLE Album WITH NOCHECK ADD CONSTRAINT PK_Album PRIMARY KEY (AlbumId), CONSTRAINT U UNIQUE (ArtistId)
GO
create view dbo.[Album list] AS
SELECT Album.*, Artist.Photo FROM Album JOIN Artist ON Album.ArtistId = Artist.ArtistId
GO
CREATE PROCEDURE p AS CREATE TABLE #t (x int) SELECT 1
GO",
    )
    .unwrap();
    assert_eq!(catalog.tables.len(), 3);
    assert_eq!(table(&catalog, "Artist").columns[1].data_type, LogicalType::Binary);
    assert_eq!(table(&catalog, "Artist").columns[0].declared_type, "INT");
    assert_eq!(table(&catalog, "Album").primary_key, ["AlbumId"]);
    assert_eq!(table(&catalog, "Album").unique_keys, [["ArtistId"]]);
    assert_eq!(table(&catalog, "Album list").columns.len(), 3);
    assert_eq!(catalog.relationships.len(), 1);
}

#[test]
fn mysql_sqlite_and_bigquery() {
    let mysql = "CREATE TABLE `orders` (`id` int unsigned NOT NULL AUTO_INCREMENT, `kind` enum('a','b') CHARACTER SET utf8 COMMENT 'sort', `key` int,
        PRIMARY KEY (`id`), KEY `k` (`kind`(10)), UNIQUE KEY `u` (`key`)) ENGINE=InnoDB COMMENT='x';";
    let catalog = Catalog::from_ddl(Dialect::Mysql, mysql).unwrap();
    let orders = table(&catalog, "orders");
    assert_eq!(
        orders.columns.iter().map(|column| column.data_type).collect::<Vec<_>>(),
        [LogicalType::Integer, LogicalType::Text, LogicalType::Integer]
    );
    assert_eq!((orders.unique_keys.len(), orders.indexes.len()), (1, 1));
    assert_eq!(orders.columns[1].comment.as_deref(), Some("sort"));

    let sqlite = "CREATE TABLE IF NOT EXISTS \"a b\" (x, y INTEGER PRIMARY KEY AUTOINCREMENT, z REFERENCES other (q) , FOREIGN KEY(x) REFERENCES \"a b\"(y));
        CREATE TABLE other (q TEXT UNIQUE);";
    let catalog = Catalog::from_ddl(Dialect::Sqlite, sqlite).unwrap();
    assert_eq!(table(&catalog, "a b").foreign_keys.len(), 2);
    assert_eq!(catalog.default_schema.as_deref(), Some("main"));

    let bigquery = "CREATE TABLE `p.d.orders` (id INT64 NOT NULL, items ARRAY<STRUCT<a INT64, b STRING>>, at TIMESTAMP);";
    let catalog = Catalog::from_ddl(Dialect::Bigquery, bigquery).unwrap();
    assert_eq!(catalog.default_schema.as_deref(), Some("p.d"));
    assert_eq!(table(&catalog, "orders").columns.len(), 3);
}

#[test]
fn what_cannot_be_read_is_named() {
    let error = Catalog::from_ddl(Dialect::Sqlite, "CREATE TABLE good (a int);\nCREATE TABLE bad ();").unwrap_err();
    assert!(error.message().contains("line 2") && error.message().contains("bad"), "{error}");
    assert!(Catalog::from_ddl(Dialect::Sqlite, "SELECT 1").is_err());
}
