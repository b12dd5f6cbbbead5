//! What came of each case.

use std::fmt::Write as _;
use std::io::Write as _;

/// One engine's column of the matrix.
#[derive(Debug)]
pub struct Matrix {
    engine: String,
    lines: Vec<(&'static str, &'static str)>,
    failures: Vec<(&'static str, String)>,
}

impl Matrix {
    pub(super) fn new(engine: &str) -> Self {
        Self { engine: engine.to_owned(), lines: Vec::new(), failures: Vec::new() }
    }

    pub(super) fn passed(&mut self, case: &'static str) {
        self.lines.push((case, "ok"));
    }

    pub(super) fn skipped(&mut self, case: &'static str) {
        self.lines.push((case, "-"));
    }

    pub(super) fn failed(&mut self, case: &'static str, why: String) {
        self.lines.push((case, "FAILED"));
        self.failures.push((case, why));
    }

    /// Cases that were run.
    pub fn count(&self) -> usize {
        self.lines.iter().filter(|(_, result)| *result != "-").count()
    }

    pub(super) fn failures(&self) -> &[(&'static str, String)] {
        &self.failures
    }

    /// Prints a line for each case and one with the counts, or why there are none; `scripts/test` gathers those of all engines.
    pub(super) fn print(&self, why: Option<&str>) {
        let mut text = String::from("\n");
        for (case, result) in &self.lines {
            let _ = writeln!(text, "behaviour: {:<12} {case:<50} {result}", self.engine);
        }
        let skipped = self.lines.len() - self.count();
        let counts = match why {
            Some(why) => format!("skipped: {why}"),
            None => format!(
                "{} passed, {} failed, {skipped} not of this engine",
                self.count() - self.failures.len(),
                self.failures.len()
            ),
        };
        let _ = writeln!(text, "behaviour counts: {:<12} {counts}", self.engine);
        // Past the test harness, which keeps what tests print that pass.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
}
