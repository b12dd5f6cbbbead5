//! The programs in `examples/rust` run and say what they are there to show.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::process::Command;

/// A program, and a part of what it prints.
const TELLING: [(&str, &str); 6] = [
    ("first_question", "Tarn Tarp Pro has the highest revenue"),
    ("own_table_policy", "eve of acme is not let in: you are no member here"),
    ("streaming_with_cancel", "cancelled, at once"),
    ("own_model", "by model, 990 tokens"),
    ("cassette", "where the nearest recorded one says"),
    ("arrow_hand_over", "| Rome | 31 |"),
];

/// Cargo builds examples beside the command line, before tests run.
fn program(name: &str) -> PathBuf {
    let beside = PathBuf::from(env!("CARGO_BIN_EXE_leo"));
    beside.parent().unwrap().join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

#[test]
fn each_runs() {
    for (name, telling) in TELLING {
        let run = Command::new(program(name)).output().unwrap_or_else(|error| panic!("{name}: {error}"));
        let (out, err) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
        assert!(run.status.success(), "{name}: {out}{err}");
        assert!(out.contains(telling), "{name} does not say {telling:?}: {out}");
        assert!(!out.contains("@example"), "{name}: {out}");
    }
}
