//! Opening what the command line names, and learning what is in it.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;
use leo::audit::{JsonLinesOptions, JsonLinesSink};
use leo::builder::Source;
use leo::catalog::{Catalog, TableName};
use leo::seal::EnvironmentKeys;
use leo::settings::{Preset, SettingsLayer};
use leo::source::files::FilesSource;
use leo::store::SqliteStorage;
use leo::sync::{SyncOptions, SyncProgress, SyncStage};
use leo::{Context, Error, Leo, Result, sample};

use crate::{Format, exit, output};

/// How long learning a source may take before a bar is shown.
const PATIENCE: Duration = Duration::from_millis(300);

/// What every command that opens a database takes.
#[derive(Debug, clap::Args)]
pub(crate) struct SourceArgs {
    /// SQLite file, or URL of a server: postgres://, mysql://, mssql:// or an ADO string. It is read, never written
    /// [default: the bundled sample company, or the URL in LEO_DB]
    #[arg(long, value_name = "FILE|URL", help_heading = "Source")]
    db: Option<String>,
    /// CSV, JSON lines, Excel or Parquet files to read as tables, or folders of them; a question follows in quotes or behind --
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "db", help_heading = "Source")]
    files: Vec<PathBuf>,
    /// Day that "last month" and "today" count from, as 2025-06-30 [default: today; the sample company has its own]
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Source")]
    as_of: Option<Date>,
    /// Zone that days are counted in, as Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", help_heading = "Source")]
    time_zone: Option<String>,
    /// File that every statement is recorded in before it runs [default: in memory]
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    audit: Option<PathBuf>,
    /// File that what is learned is kept in until the next run, sealed with the keys in LEO_KEYS (id:64 hexadecimal digits)
    #[arg(long, value_name = "FILE", help_heading = "Source")]
    storage: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
    /// How results are printed
    #[arg(long, value_enum, default_value_t, help_heading = "Output")]
    pub(crate) format: Format,
}

/// Who is asked where the built-in planner has no answer.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Models")]
pub(crate) struct ModelArgs {
    /// Model that is asked where the built-in planner has no answer; given again, one that is asked when those before it do not answer:
    /// openai:NAME, anthropic:NAME, chat:NAME@URL or replay:FOLDER, with the key in OPENAI_API_KEY or ANTHROPIC_API_KEY [default: none]
    #[arg(long = "model", value_name = "MODEL")]
    named: Vec<String>,
    /// Folder that what models answer is recorded in, for --model replay:FOLDER
    #[arg(long = "record", value_name = "FOLDER", requires = "named")]
    pub(crate) record: Option<PathBuf>,
}

impl ModelArgs {
    /// As settings of the process.
    pub(crate) fn settings(&self) -> Result<SettingsLayer> {
        let mut layer = SettingsLayer::default();
        if !self.named.is_empty() {
            layer.set("model.chain", self.named.clone())?;
        }
        Ok(layer)
    }
}

fn day(text: &str) -> std::result::Result<Date, &'static str> {
    text.parse().map_err(|_| "a day is written as 2025-06-30")
}

impl SourceArgs {
    /// Takes the words that stand behind the files of `--files` and are none, unless there are words already.
    pub(crate) fn words_behind_files(&mut self, words: &mut Vec<String>) {
        let is_file =
            |path: &PathBuf| path.exists() || (FilesSource::is_supported(path) && !path.to_string_lossy().contains(' '));
        if words.is_empty()
            && let Some(at) = self.files.iter().skip(1).position(|path| !is_file(path))
        {
            words.extend(self.files.drain(at + 1..).map(|word| word.to_string_lossy().into_owned()));
        }
    }
}

/// An opened source.
pub(crate) struct Opened {
    pub(crate) leo: Leo,
    /// Its id.
    pub(crate) source: Option<String>,
    pub(crate) catalog: Arc<Catalog>,
    /// Tables that could not be read, and why.
    pub(crate) problems: Vec<(TableName, Error)>,
}

/// Opens the source and learns what is in it, with a bar on a terminal when that takes a while.
pub(crate) async fn open(args: &SourceArgs) -> Result<Opened> {
    let leo = connect(args).await?;
    let bar = Bar::new();
    let problems = Mutex::new(Vec::new());
    let learned = leo
        .sync(None, &SyncOptions::default(), &|step| {
            bar.advance(&step);
            if let (Some(table), Some(problem)) = (step.table, step.problem) {
                problems.lock().unwrap_or_else(PoisonError::into_inner).push((table.clone(), problem.clone()));
            }
        })
        .await;
    drop(bar);
    let source = leo.sources().list().await?.into_iter().next().map(|source| source.id);
    Ok(Opened { leo, source, catalog: learned?, problems: problems.into_inner().unwrap_or_else(PoisonError::into_inner) })
}

async fn connect(args: &SourceArgs) -> Result<Leo> {
    let mut ctx = Context::new("local", "local")?.with_roles(["owner"]);
    if let Some(zone) = &args.time_zone {
        ctx = ctx.with_time_zone(zone)?;
    }
    cancel_on_interrupt(&ctx);
    // A URL with a password is better kept out of the list of processes.
    let named = args.db.clone().or_else(|| std::env::var("LEO_DB").ok().filter(|url| !url.is_empty()));
    let mut source = match &named {
        _ if !args.files.is_empty() => {
            let files = FilesSource::open("files", &args.files)?;
            if let Some(wrong) = files.report().summary() {
                output::note(&format!("{wrong}."));
            }
            Source::new(files)
        }
        Some(place) => Source::connect(place.parse()?).await?,
        None => {
            let sample = sample::open_or_create_cached()?;
            if std::io::stderr().is_terminal() && args.format == Format::Human {
                let day = args.as_of.unwrap_or(sample.as_of);
                output::note(&format!("Asking the sample company as of {day}; --db FILE asks your own data.\n"));
            }
            Source::sqlite(sample.path)?
        }
    };
    if let Some(day) = args.as_of {
        source = source.as_of(day);
    }
    let mut builder = Leo::builder().preset(Preset::Local).identity(ctx).source(source).settings(args.models.settings()?);
    if let Some(folder) = &args.models.record {
        builder = builder.record_models(folder);
    }
    if let Some(file) = &args.storage {
        let keys = EnvironmentKeys::from_env("LEO_KEYS")?;
        builder = builder.storage(Arc::new(SqliteStorage::open(file)?)).keys(Arc::new(keys));
    }
    if let Some(file) = &args.audit {
        builder = builder.audit(Arc::new(JsonLinesSink::open(file, JsonLinesOptions::default())?));
    }
    builder.build()
}

/// Ctrl-C stops the running statement in the database; what came of it is recorded. A second one ends at once.
fn cancel_on_interrupt(ctx: &Context) {
    let cancel = ctx.cancel.clone();
    tokio::spawn(async move {
        let mut again = false;
        while tokio::signal::ctrl_c().await.is_ok() {
            if again {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
            again = true;
            cancel.cancel();
        }
    });
}

/// Progress of learning a source: shown on a terminal once it takes longer than a moment, gone when it is over.
struct Bar {
    bar: ProgressBar,
    appear: tokio::task::JoinHandle<()>,
}

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} learning the database  {bar:24} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        let shown = bar.clone();
        let appear = tokio::spawn(async move {
            if std::io::stderr().is_terminal() {
                tokio::time::sleep(PATIENCE).await;
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(120));
            }
        });
        Self { bar, appear }
    }

    fn advance(&self, step: &SyncProgress<'_>) {
        self.bar.set_length(step.total as u64);
        self.bar.set_position(step.done as u64);
        let what = match (step.stage, step.table) {
            (SyncStage::Queue, _) => "waiting for other syncs".to_owned(),
            (SyncStage::Introspect, _) => "structure".to_owned(),
            (SyncStage::Relate, _) => "relationships".to_owned(),
            (SyncStage::Check, None) => "quality".to_owned(),
            (SyncStage::Describe, None) => "descriptions".to_owned(),
            (_, Some(table)) => leo::chart::format::label(&table.to_string(), 40),
            (_, None) => String::new(),
        };
        self.bar.set_message(match step.eta.map(|eta| eta.as_secs()).filter(|left| *left > 1) {
            Some(left) => format!("{what}  {left} s left"),
            None => what,
        });
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.appear.abort();
        self.bar.finish_and_clear();
    }
}
