//! Parquet through DataFusion: large files, read in place.
//!
//! `table` says which files make a table, `store` is all that the engine can reach, `session` sets it up, `check` compares its plan
//! with what was vetted, `params` binds values, `types` and `errors` translate, and `backend` is the connector.

mod backend;
mod check;
mod convert;
mod errors;
mod open;
mod params;
mod session;
mod store;
mod table;
mod types;

pub(super) use backend::DataFusion;
pub(super) use open::open;

#[cfg(test)]
mod tests;
