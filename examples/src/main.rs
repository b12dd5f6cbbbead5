//! The command line of Leo.
fn main() {}
