//! A session as text for somebody else.

use std::fmt::Write as _;

use super::{Session, SessionFormat};
use crate::error::{Error, Result};

impl Session {
    /// The session as text.
    ///
    /// # Errors
    /// `Internal` when it cannot be written.
    pub fn export(&self, format: SessionFormat) -> Result<String> {
        match format {
            SessionFormat::Json => serde_json::to_string_pretty(self)
                .map_err(|error| Error::internal("the session could not be written").with_source(error)),
            SessionFormat::Markdown => Ok(self.to_markdown()),
        }
    }

    fn to_markdown(&self) -> String {
        let mut text = format!("# {}\n", line(&self.title));
        if self.dropped > 0 {
            let _ = write!(text, "\n{} earlier questions are not kept.\n", self.dropped);
        }
        for turn in &self.turns {
            let at = turn.at.strftime("%Y-%m-%d %H:%M UTC");
            let _ = write!(text, "\n## {}\n\n{at}, {}, {}\n", line(&turn.question), line(&turn.source), turn.status);
            if !turn.reading.is_empty() {
                let _ = write!(text, "\n{}\n", line(&turn.reading));
            }
            if let Some(sql) = &turn.sql {
                let fence = fence(sql);
                let _ = write!(text, "\n{fence}sql\n{}\n{fence}\n", sql.trim_end());
            }
        }
        text
    }
}

/// One line in which nothing is a mark of Markdown or HTML.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '!' | '&' | '~' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A fence that the text does not have.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
