//! SQL Server: against a peer that plays TDS as the specification says, and against a real server where `LEO_TEST_MSSQL_URL` names one.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "mssql/cancel.rs"]
mod cancel;
#[path = "mssql/catalog.rs"]
mod catalog;
#[path = "mssql/connect.rs"]
mod connect;
#[path = "mssql/credentials.rs"]
mod credentials;
#[path = "mssql/emulator.rs"]
mod emulator;
#[path = "mssql/extremes.rs"]
mod extremes;
#[path = "mssql/northwind.rs"]
mod northwind;
#[path = "mssql/real.rs"]
mod real;
#[path = "mssql/shop.rs"]
mod shop;
#[path = "mssql/statements.rs"]
mod statements;
#[path = "mssql/suite.rs"]
mod suite;
#[path = "mssql/values.rs"]
mod values;
