//! The index from outside: what is found, by whom, and how well. What measures or learns runs only when asked for.

mod baseline;
mod corpus;
mod fit;
mod linking;
mod search;
#[cfg(feature = "minilm")]
mod sentences;
mod speed;
mod update;
