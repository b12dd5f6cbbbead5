//! The same questions to others, in Python.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::Phase;

/// How long each answer took, and what was said of failures and memory.
pub fn run(peer: &str, database: &str, service: &str, phase: Phase) -> Result<(Vec<Duration>, String), String> {
    let python = std::env::var("LEO_BENCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/load.py");
    let (rate, count) = (phase.rate.to_string(), phase.count.to_string());
    let run = Command::new(python).arg(script).args([peer, database, service, &rate, &count]).output();
    let run = run.map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&run.stdout);
    let times: Vec<Duration> = printed.lines().filter_map(|line| line.parse().ok().map(Duration::from_secs_f64)).collect();
    let said = String::from_utf8_lossy(&run.stderr).lines().last().unwrap_or_default().to_owned();
    if times.is_empty() { Err(said) } else { Ok((times, said)) }
}
