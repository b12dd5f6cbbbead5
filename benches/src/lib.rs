//! Shared bench support: schemas of any size that look like a company's, memory, and others to be measured beside.

pub mod memory;
pub mod peers;
mod schema;

pub use schema::{catalog, ddl};

/// Numbers of tables that are measured.
pub const SIZES: [usize; 4] = [10, 100, 500, 2_000];

/// A number that looks random and follows from `seed` (splitmix64).
pub fn random(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
