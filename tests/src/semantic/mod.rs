//! Semantic queries made up at random over a catalogue, for properties of the query compiler. The same seed makes the same query.
//!
//! A query fits the catalogue by names and types; whether its tables can be joined is left to the compiler, which refuses a few.
//! Numbers that formulas are compared with end in odd digits: no engine's last bit decides a row.

pub mod even;
mod filter;
pub mod forms;
mod measure;
mod query;
mod scalar;
pub mod schema;
mod window;

use leo::query::SemanticQuery;

use crate::generate::Rng;
pub use forms::forms;
pub use schema::Schema;

/// Makes one query over `schema` from `seed`.
pub fn query(schema: &Schema, seed: u64) -> SemanticQuery {
    Maker { rng: Rng::new(seed), schema, deep: 0 }.query()
}

/// What making a query takes.
struct Maker<'a> {
    rng: Rng,
    schema: &'a Schema,
    /// How many queries and conditions the one being made stands in.
    deep: usize,
}
