//! Shared bench support: schemas of any size that look like a company's.

mod schema;

pub use schema::{catalog, ddl};
