//! `leo audit`: is the file as it was written, and what was written last?

use std::path::PathBuf;

use clap::Subcommand;
use leo::adapter::AuditEvent;
use leo::ask::render::printable;
use leo::audit::{QueryResult, VerifyOptions, VerifyReport, tail, verify};
use serde::Serialize;

use crate::{Format, exit, output};

/// Arguments of `leo audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The format of the file is described in docs/audit-format.md.")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the chain of an audit file; exit with 6 when it is damaged.
    Verify {
        /// The audit file.
        file: PathBuf,
        /// A hash published earlier; some record must have it, the one at --expect-count where that is given too.
        #[arg(long, value_name = "HASH")]
        expect_head: Option<String>,
        /// A number of records published earlier; there must be at least as many.
        #[arg(long, value_name = "N")]
        expect_count: Option<u64>,
        /// How the result is printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Show the newest records, oldest first.
    Tail {
        /// The audit file.
        file: PathBuf,
        /// How many.
        #[arg(short, value_name = "N", default_value_t = 20)]
        n: usize,
        /// How they are printed.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub(crate) async fn run(args: Args) -> u8 {
    match args.command {
        Command::Verify { file, expect_head, expect_count, format } => {
            match verify(file, &VerifyOptions { expect_head, expect_count }) {
                Ok(report) => {
                    let printed = match format {
                        Format::Human => output::text(&printable(&verdict(&report))),
                        Format::Json => output::json(&Verified { intact: report.is_intact(), report: &report }),
                    };
                    if report.is_intact() { printed } else { exit::DAMAGED }
                }
                Err(error) => output::failure(&error, format),
            }
        }
        Command::Tail { file, n, format } => match tail(file, n) {
            Ok(found) => match format {
                Format::Human => output::text(&printable(&listing(&found))),
                Format::Json => output::json(&found),
            },
            Err(error) => output::failure(&error, format),
        },
    }
}

#[derive(Serialize)]
struct Verified<'a> {
    intact: bool,
    #[serde(flatten)]
    report: &'a VerifyReport,
}

fn verdict(report: &VerifyReport) -> String {
    let mut lines = vec![match &report.first_bad {
        None => format!("{} in {}, none damaged", count(report.records, "record"), count(report.segments, "segment")),
        Some(bad) => format!(
            "damaged: record {} is the first bad one ({}): {}\n{} before it {} sound",
            bad.line,
            bad.reason.as_str(),
            bad.message,
            count(report.records, "record"),
            if report.records == 1 { "is" } else { "are" },
        ),
    }];
    lines.extend(report.unexpected.as_ref().map(|why| format!("not as published: {why}")));
    lines.extend(report.torn_bytes.map(|bytes| {
        format!("the last {} were being written when the process ended; opening the file moves them aside", count(bytes, "byte"))
    }));
    if !report.attempts_without_outcome.is_empty() {
        lines.push("announced, without an outcome:".into());
    }
    for attempt in &report.attempts_without_outcome {
        let at = attempt.at.map(|at| at.to_string()).unwrap_or_default();
        let source = attempt.source.as_deref().map(|source| format!(" on {source}")).unwrap_or_default();
        lines.push(format!(
            "  record {}  {at}  {}{source} by {} of {}  {}",
            attempt.seq, attempt.action, attempt.user, attempt.tenant, attempt.id
        ));
    }
    lines.extend(report.head.as_ref().map(|head| format!("head: {} {}", head.count, head.hash)));
    lines.join("\n") + "\n"
}

fn count(number: u64, unit: &str) -> String {
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn listing(found: &QueryResult) -> String {
    let mut lines: Vec<String> = found.records.iter().map(|record| line(record.seq, &record.event)).collect();
    if found.records.is_empty() {
        lines.push("no records".into());
    }
    if found.unreadable_lines > 0 {
        lines.push(format!(
            "{} no records; `leo audit verify` says what is wrong",
            if found.unreadable_lines == 1 { "1 line is".to_owned() } else { format!("{} lines are", found.unreadable_lines) }
        ));
    }
    lines.join("\n") + "\n"
}

/// What happened, when, and what it was about, on one line.
fn line(seq: u64, event: &AuditEvent) -> String {
    let about = [&event.question, &event.sql, &event.target].into_iter().flatten().next();
    let about = about.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap_or_default();
    let mut about: String = about.chars().filter(|letter| !letter.is_control()).collect();
    if let Some((cut, _)) = about.char_indices().nth(100) {
        about.truncate(cut);
        about.push('…');
    }
    let status = match (&event.status, event.rows) {
        (Some(status), Some(rows)) => format!("{status}, {}", count(rows, "row")),
        (Some(status), None) => status.clone(),
        (None, _) => String::new(),
    };
    let line = format!(
        "{seq:>6}  {:.3}  {:<18}  {:<20}  {:<12}  {about}",
        event.at,
        event.action,
        status,
        event.source.as_deref().unwrap_or("–")
    );
    line.trim_end().to_owned()
}
