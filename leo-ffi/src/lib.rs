//! The C interface: functions over `leo-bridge`, and nothing of their own. `include/leo.h` is made from these files.
//!
//! `leo.rs` makes handles, `calls.rs` and `sources.rs` are what a handle does, `answer.rs` and `stream.rs` what comes back, `adapter.rs` what
//! a host implements, `options.rs` structs of options, `library.rs` what belongs to no object; `boundary.rs` is where pointers become values.

mod adapter;
mod answer;
mod boundary;
mod calls;
mod error;
mod evaluation;
mod leo;
mod library;
mod options;
mod runtime;
mod sessions;
mod sources;
mod stream;
mod tickets;
