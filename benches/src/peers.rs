//! Others, run by Python in a process of their own.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs the function `other` of `script` in `peers/`, which prints the seconds of each run.
///
/// # Errors
/// What it said last, when it printed none.
pub fn run(script: &str, other: &str, arguments: &[&str]) -> Result<Vec<Duration>, String> {
    let python = std::env::var("LEO_BENCH_PYTHON").unwrap_or_else(|_| "python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(script);
    let run = Command::new(python).arg(script).arg(other).args(arguments).output().map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&run.stdout);
    let times: Vec<Duration> = printed.lines().filter_map(|line| line.parse().ok().map(Duration::from_secs_f64)).collect();
    let said = String::from_utf8_lossy(&run.stderr).lines().last().unwrap_or_default().to_owned();
    if times.is_empty() { Err(said) } else { Ok(times) }
}
