//! `leo eval`: a suite of questions with known answers, asked and scored.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use leo::audit::MemorySink;
use leo::eval::{
    Databases, EvalOptions, Evaluation, GateRunner, QuestionResult, Report, RunComparison, Suite, compare, evaluate, read_results,
};
use leo::{Context, Dialect, Error, LeoAnswerer, Result};
use serde::Serialize;

use crate::{Format, exit, output};

/// Audit records kept in memory: a run leaves none behind.
const RECORDS: usize = 1_000;

/// Arguments of `leo eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The rule, the forms of a suite and the figures are described in docs/evaluation.md.")]
pub(crate) struct Args {
    /// The questions: JSON lines or a JSON list of `{db, question, gold}`.
    #[arg(long, value_name = "FILE")]
    suite: PathBuf,
    /// Folder of the databases, each a `NAME.sqlite`.
    #[arg(long, value_name = "DIR")]
    databases: Option<PathBuf>,
    /// Ask the first N rows only.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Rows whose reference statements are in this dialect; only SQLite databases can be asked.
    #[arg(long, value_name = "D", default_value = "sqlite", value_parser = crate::guard::dialect)]
    dialect: Dialect,
    /// Day that "today" and "last month" count from; else the database's own, else today.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// Write the result of each question to FILE, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Compare with the results of an earlier run (its --out).
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// With --baseline: exit with 1 when the share of right answers (0 to 1) fell by more than this.
    #[arg(long, value_name = "SHARE", requires = "baseline")]
    allowed_drop: Option<f64>,
    /// Rows asked at the same time.
    #[arg(long, value_name = "N", default_value_t = 2)]
    workers: usize,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) async fn run(args: Args) -> u8 {
    let measured = tokio::select! {
        measured = measure(&args) => measured,
        // Ends here rather than by the signal, so that temporary databases are removed.
        _ = tokio::signal::ctrl_c() => Err(Error::cancelled("the evaluation was interrupted")),
    };
    match measured {
        Ok((evaluation, comparison)) => {
            let printed = print(&evaluation, comparison.as_ref(), args.format);
            let regressed = comparison.zip(args.allowed_drop).is_some_and(|(now, allowed)| now.regressed(allowed));
            if regressed { exit::FAILED } else { printed }
        }
        Err(error) => output::failure(&error, args.format),
    }
}

async fn measure(args: &Args) -> Result<(Evaluation, Option<RunComparison>)> {
    let before = args.baseline.as_deref().map(read_results).transpose()?;
    let suite = read_suite(args)?;
    let mut out = args.out.as_deref().map(Out::create).transpose()?;
    let bar = ProgressBar::new(suite.questions() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} questions, {msg} right, {elapsed}") {
        bar.set_style(style);
    }
    let mut answerer = LeoAnswerer::default();
    if let Some(day) = args.as_of {
        answerer = answerer.as_of(day);
    }
    let runner = GateRunner::new(Context::new("local", "eval")?, Arc::new(MemorySink::with_capacity(RECORDS)));
    let databases = Arc::new(Databases::new(args.databases.clone()));
    let options = EvalOptions { workers: args.workers, ..EvalOptions::default() };
    let mut right = 0_u64;
    let each = |result: &QuestionResult| {
        right += u64::from(result.correct);
        bar.set_message(right.to_string());
        bar.inc(1);
        bar.suspend(|| report_references(result));
        out.iter_mut().for_each(|out| out.write(result));
    };
    let evaluation = evaluate(&suite, databases, Arc::new(answerer), Arc::new(runner), options, each).await?;
    bar.finish_and_clear();
    out.map_or(Ok(()), Out::finish)?;
    let comparison = before.map(|before| compare(&before, &evaluation.questions));
    Ok((evaluation, comparison))
}

fn read_suite(args: &Args) -> Result<Suite> {
    if args.dialect != Dialect::Sqlite {
        return Err(Error::unsupported(format!(
            "only SQLite databases can be asked so far, so references in {} cannot be run; leave --dialect out",
            args.dialect
        )));
    }
    if let Some(folder) = args.databases.as_deref().filter(|folder| !folder.is_dir()) {
        let error = Error::not_found("there is no folder of databases with this name; check --databases");
        return Err(error.with_context("folder", folder.display().to_string()));
    }
    let mut suite = Suite::read(&args.suite)?;
    let left_out = suite.retain(args.dialect, args.limit);
    if left_out > 0 {
        output::note(&format!("leo: {left_out} rows with references in other dialects are left out"));
    }
    Ok(suite)
}

/// References that gave no result: the guard's refusals are our errors, and nobody should have to look for them.
fn report_references(result: &QuestionResult) {
    for (sql, error) in &result.gold_problems {
        let sql = sql.replace('\n', " ");
        output::note(&format!("leo: a reference of {} {} gave no result: {error}\n  {sql}", result.db, result.id));
    }
}

/// The file of results; the first error is kept until the end.
struct Out {
    file: BufWriter<File>,
    path: PathBuf,
    failed: Option<std::io::Error>,
}

impl Out {
    fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|error| {
            Error::config("could not create the file for the results; check --out")
                .with_context("file", path.display().to_string())
                .with_source(error)
        })?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned(), failed: None })
    }

    /// Line by line, so that an interrupted run leaves what it has.
    fn write(&mut self, result: &QuestionResult) {
        if self.failed.is_none() {
            let row = serde_json::to_string(result).map_err(std::io::Error::from);
            let written = row.and_then(|row| writeln!(self.file, "{row}")).and_then(|()| self.file.flush());
            self.failed = written.err();
        }
    }

    fn finish(self) -> Result<()> {
        match self.failed {
            None => Ok(()),
            Some(error) => Err(Error::unavailable("could not write the results; check the free space")
                .with_context("file", self.path.display().to_string())
                .with_source(error)),
        }
    }
}

/// The report with what changed since an earlier run.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a RunComparison>,
}

fn print(evaluation: &Evaluation, comparison: Option<&RunComparison>, format: Format) -> u8 {
    match format {
        Format::Human => {
            let compared = comparison.map(|comparison| format!("\n\n{comparison}")).unwrap_or_default();
            output::text(&format!("{}{compared}\n", evaluation.report))
        }
        Format::Json => output::json(&Compared { report: &evaluation.report, baseline: comparison }),
    }
}
