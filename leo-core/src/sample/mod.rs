//! The sample company: a deterministic SQLite database to try Leo on.
//!
//! Alder & Pine Outfitters sells outdoor gear in Europe and North America: three years of orders up to [`AS_OF`], about 100,000
//! rows, with what real databases have — seasons and growth, a few customers who bring most of the revenue, products nobody
//! orders, undeclared keys, orphans, NULLs, a stale table with cryptic names, names with spaces and non-ASCII letters.
//!
//! Every amount of money is a multiple of 1/32, so that a sum is the same number in whatever order an engine adds it up.

#[cfg(feature = "sqlite")]
mod cache;
#[cfg(feature = "sqlite")]
mod company;
#[cfg(feature = "sqlite")]
mod load;
#[cfg(feature = "sqlite")]
mod random;
#[cfg(feature = "sqlite")]
mod schema;
#[cfg(feature = "sqlite")]
mod service;
#[cfg(feature = "sqlite")]
mod trade;
#[cfg(feature = "sqlite")]
mod words;

use std::path::PathBuf;

use jiff::civil::Date;

#[cfg(feature = "sqlite")]
pub use cache::{create, is_sample, open_or_create_cached};

/// The day the sample company was frozen: its orders end here, and relative windows ("last quarter") are counted from here.
pub const AS_OF: Date = jiff::civil::date(2025, 6, 30);

/// The first day with orders.
pub const FIRST_DAY: Date = jiff::civil::date(2022, 7, 1);

/// The month in which the sample company's fiscal year starts.
pub const FISCAL_YEAR_START: i8 = 4;

/// What was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleInfo {
    /// Where the file is.
    pub path: PathBuf,
    /// The company's today.
    pub as_of: Date,
    /// Rows of all tables.
    pub rows: u64,
    /// Number of tables, views not counted.
    pub tables: usize,
}
