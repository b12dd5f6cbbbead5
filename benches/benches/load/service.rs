//! The model's service, in a process of its own: its work and memory are not Leo's.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running service. Dropped, it ends.
pub struct Service {
    process: Child,
    port: u16,
}

impl Service {
    pub fn start(latency: Duration) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/model.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(latency.as_secs_f64().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, port: line.trim().parse().unwrap() }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
