//! `leo eval`: a suite of questions with known answers, asked and scored.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use leo::audit::MemorySink;
use leo::eval::{
    Databases, EvalOptions, Evaluation, GateRunner, Gates, HtmlReport, QuestionResult, Report, RunComparison, Suite, evaluate,
    read_results, report_html,
};
use leo::{Context, Dialect, Error, LeoAnswerer, Result};
use serde::Serialize;

use crate::open::ModelArgs;
use crate::{Format, exit, output};

/// Audit records kept in memory: a run leaves none behind.
const RECORDS: usize = 1_000;

/// Arguments of `leo eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "The rule, the forms of a suite and the figures are described in docs/evaluation.md.")]
pub(crate) struct Args {
    /// The questions: JSON lines or a JSON list of `{db, question, gold}`, or the same as YAML.
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
    /// Write the run as a page to FILE, to be read in a browser.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    bounds: Bounds,
    /// Rows asked at the same time.
    #[arg(long, value_name = "N", default_value_t = 2)]
    workers: usize,
    /// How the figures are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What the run has to reach; the exit code is 1 when it does not.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Bounds: exit with 1")]
struct Bounds {
    /// When fewer questions than this share (0 to 1) are right.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    fail_under: Option<f64>,
    /// When fewer questions than this share are answered.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    fail_coverage_under: Option<f64>,
    /// When less than this share of the needed tables is found, on average.
    #[arg(long, value_name = "SHARE", value_parser = share)]
    fail_recall_under: Option<f64>,
    /// When the 95th percentile of latency is longer than this.
    #[arg(long, value_name = "MS")]
    fail_p95_over: Option<f64>,
    /// When models cost more than this for all questions together.
    #[arg(long, value_name = "USD")]
    fail_cost_over: Option<f64>,
    /// With --baseline: when the share of right answers fell by more than this.
    #[arg(long, value_name = "SHARE", requires = "baseline", value_parser = share)]
    allowed_drop: Option<f64>,
    /// With --baseline: a fall counts only where it is hardly chance (p < 0.05).
    #[arg(long, requires = "baseline")]
    significant: bool,
}

impl Bounds {
    fn gates(&self) -> Gates {
        Gates {
            execution_match: self.fail_under,
            coverage: self.fail_coverage_under,
            recall: self.fail_recall_under,
            p95_ms: self.fail_p95_over,
            cost_usd: self.fail_cost_over,
            allowed_drop: self.allowed_drop,
            significant: self.significant,
        }
    }
}

/// A share on the command line.
fn share(text: &str) -> std::result::Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("`{text}` is no share from 0 to 1, such as 0.8"))
}

pub(crate) async fn run(args: Args) -> u8 {
    let measured = tokio::select! {
        measured = measure(&args) => measured,
        // Ends here rather than by the signal, so that temporary databases are removed.
        _ = tokio::signal::ctrl_c() => Err(Error::cancelled("the evaluation was interrupted")),
    };
    match measured {
        Ok(evaluation) => {
            let printed = print(&evaluation, args.format);
            let missed = evaluation.missed.unwrap_or_default();
            missed.iter().for_each(|missed| output::note(&format!("leo: {missed}")));
            if missed.is_empty() { printed } else { exit::FAILED }
        }
        Err(error) => output::failure(&error, args.format),
    }
}

async fn measure(args: &Args) -> Result<Evaluation> {
    let before = args.baseline.as_deref().map(read_results).transpose()?;
    let suite = read_suite(args)?;
    let mut out = args.out.as_deref().map(Out::create).transpose()?;
    // Made now, so that a wrong name is said before the run and not after it.
    let page = args.html.as_deref().map(|path| create(path, "--html")).transpose()?;
    let bar = ProgressBar::new(suite.questions() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos} of {len} questions, {msg} right, {elapsed}") {
        bar.set_style(style);
    }
    let mut answerer = LeoAnswerer::default().settings(args.models.settings()?);
    if let Some(folder) = &args.models.record {
        answerer = answerer.record_models(folder);
    }
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
    let mut evaluation = evaluate(&suite, databases, Arc::new(answerer), Arc::new(runner), options, each).await?;
    bar.finish_and_clear();
    out.map_or(Ok(()), Out::finish)?;
    if let Some(before) = before {
        evaluation = evaluation.against(&Evaluation::new(before));
    }
    let gates = args.bounds.gates();
    if gates != Gates::default() {
        evaluation = evaluation.checked(&gates);
    }
    if let Some((mut page, path)) = page.zip(args.html.as_deref()) {
        let title = args.suite.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let text = report_html(&evaluation, &HtmlReport { title: &title, ..HtmlReport::default() });
        page.write_all(text.as_bytes())
            .map_err(|error| unwritten("could not write the page; check the free space", path, error))?;
    }
    Ok(evaluation)
}

fn create(path: &Path, option: &str) -> Result<File> {
    File::create(path).map_err(|error| {
        Error::config(format!("could not create the file; check {option}"))
            .with_context("file", path.display().to_string())
            .with_source(error)
    })
}

fn unwritten(what: &'static str, path: &Path, error: std::io::Error) -> Error {
    Error::unavailable(what).with_context("file", path.display().to_string()).with_source(error)
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
        Ok(Self { file: BufWriter::new(create(path, "--out")?), path: path.to_owned(), failed: None })
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
            Some(error) => Err(unwritten("could not write the results; check the free space", &self.path, error)),
        }
    }
}

/// The report with what changed since an earlier run, and the bounds it does not hold.
#[derive(Serialize)]
struct Compared<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a RunComparison>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missed: &'a [String],
}

fn print(evaluation: &Evaluation, format: Format) -> u8 {
    let Evaluation { report, comparison, missed, .. } = evaluation;
    match format {
        Format::Human => {
            let compared = comparison.as_ref().map(|comparison| format!("\n\n{comparison}")).unwrap_or_default();
            output::text(&format!("{report}{compared}\n"))
        }
        Format::Json => {
            output::json(&Compared { report, baseline: comparison.as_ref(), missed: missed.as_deref().unwrap_or_default() })
        }
    }
}
