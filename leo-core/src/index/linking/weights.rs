//! How much each feature tells.

/// Features of a table.
pub(in crate::index) const FEATURES: usize = 16;

/// The weight of each, as `fit_table_weights` in `tests/fit.rs` printed them.
pub(in crate::index) const WEIGHTS: [f32; FEATURES] =
    [-0.264, -0.039, 0.010, 0.475, 0.270, -0.163, 0.534, 0.070, 0.589, -0.093, 0.072, 0.059, 0.133, -0.196, -0.453, 0.050];
