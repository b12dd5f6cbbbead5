//! What is printed, and where: results on stdout, everything else on stderr, nothing that controls the terminal in either.

use std::io::{ErrorKind, IsTerminal, Write};

use clap::error::ErrorKind as UsageError;
use leo::Error;
use leo::ask::render::printable;
use serde::Serialize;

use crate::{Format, exit};

/// Prints text on stdout; the exit code says whether that worked. Whoever closes the pipe early has seen enough.
pub(crate) fn text(text: &str) -> u8 {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => exit::OK,
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit::OK,
        Err(error) => {
            note(&format!("leo: could not write the output: {error}"));
            exit::FAILED
        }
    }
}

/// Prints a value as JSON on stdout.
pub(crate) fn json(value: &impl Serialize) -> u8 {
    match serde_json::to_string_pretty(value) {
        Ok(json) => text(&format!("{}\n", inert(&json))),
        Err(error) => {
            note(&format!("leo: could not write the output as JSON: {error}"));
            exit::FAILED
        }
    }
}

/// A line on stderr.
pub(crate) fn note(line: &str) {
    // Nobody is left to tell when stderr is closed.
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(line));
}

/// Says what went wrong: on stderr, and on stdout where a program reads it.
pub(crate) fn failure(error: &Error, format: Format) -> u8 {
    if error.kind() == leo::ErrorKind::Cancelled {
        note("interrupted");
    } else {
        note(&format!("leo: {}", describe(error)));
    }
    if format == Format::Json {
        let mut body = serde_json::json!({ "kind": error.kind(), "message": error.message() });
        if !error.findings().is_empty() {
            body["findings"] = serde_json::json!(error.findings());
        }
        json(&serde_json::json!({ "error": body }));
    }
    exit::of_error(error)
}

/// A command line that could not be read, or a wish for help.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    match error.kind() {
        UsageError::DisplayHelp | UsageError::DisplayVersion => text(&error.to_string()),
        _ => {
            let message = error.to_string();
            note(message.trim_end());
            let words: Vec<_> = std::env::args_os().collect();
            let json_wanted = words.iter().any(|word| word == "--format=json")
                || words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
            if json_wanted {
                let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
                json(&serde_json::json!({ "error": { "kind": leo::ErrorKind::Config, "message": first } }));
            }
            exit::USAGE
        }
    }
}

/// The message, what it is about, and what the guard found beyond it.
fn describe(error: &Error) -> String {
    let message = error.message();
    let mut text = message.to_owned();
    let unsaid = error.context().iter().filter(|(_, value)| !message.contains(value));
    let context: Vec<String> = unsaid.map(|(key, value)| format!("{key}: {value}")).collect();
    if !context.is_empty() {
        text.push_str(&format!(" ({})", context.join(", ")));
    }
    for finding in error.findings() {
        let place = finding.position.map_or_else(String::new, |at| format!(", line {}, column {}", at.line, at.column));
        let rule = format!("({}{place})", finding.rule);
        if message.contains(&finding.message) {
            text.push_str(&format!(" {rule}"));
        } else {
            text.push_str(&format!("\n  {} {rule}", finding.message));
        }
        // A proposal is advice enough.
        if !finding.message.ends_with('?') {
            text.push_str(&format!("\n  {}", finding.hint));
        }
    }
    text
}

/// JSON without a character that a terminal acts on: serde escapes the older controls, this the newer ones and what turns the
/// direction of text. Outside of strings JSON has none of them.
fn inert(json: &str) -> String {
    let acts = |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !json.contains(acts) {
        return json.to_owned();
    }
    json.chars().fold(String::with_capacity(json.len()), |mut out, c| {
        if acts(c) {
            out.push_str(&format!("\\u{:04x}", c as u32))
        } else {
            out.push(c)
        }
        out
    })
}

/// Columns of the terminal; `None` in a pipe.
pub(crate) fn width() -> Option<usize> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size_checked().map_or(80, |(_, columns)| usize::from(columns).max(20)))
}

/// Whether escape sequences may be used on stdout.
pub(crate) fn colour() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    std::io::stdout().is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_its_meaning_and_loses_its_controls() {
        let value = serde_json::json!({ "a": "x\u{9b}31m\u{202e}\u{1b}y" });
        let shown = inert(&value.to_string());
        assert!(!shown.contains(|c: char| c.is_control() || c == '\u{202e}'), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value));
    }
}
