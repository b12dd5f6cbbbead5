//! How much each feature tells.

/// Features of a table.
pub(in crate::index) const FEATURES: usize = 16;

/// The weight of each, as `fit_table_weights` in `tests/fit.rs` printed them.
pub(in crate::index) const WEIGHTS: [f32; FEATURES] =
    [-0.242, -0.026, 0.012, 0.540, 0.276, -0.170, 0.512, 0.069, 0.624, -0.095, 0.080, 0.051, 0.125, -0.200, -0.534, 0.055];
