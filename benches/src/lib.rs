//! Shared bench support: schemas of any size that look like a company's.

mod schema;

pub use schema::{catalog, ddl};

/// Numbers of tables that are measured.
pub const SIZES: [usize; 4] = [10, 100, 500, 2_000];
