//! The command line as a person and a program meet it: output, exit codes, messages, files, interruption.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod answers;
mod audit;
mod browse;
mod files;
mod misuse;
mod support;
