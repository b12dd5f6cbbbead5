//! Question to answer.
pub mod callouts;
pub mod follow_ups;
pub mod narrate;
pub mod planner;
pub mod render;
pub mod review;
mod wording;
