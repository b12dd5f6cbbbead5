//! `leo`: ask your data from a terminal.
//!
//! The reference host of the library: everything it does goes through `leo`'s public API.

mod ask;
mod audit;
mod eval;
mod exit;
mod guard;
mod map;
mod open;
mod sql;
mod sync;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Ask your data: plain questions in, checked and explained answers out.
///
/// Without --db the bundled sample company is asked. A bare `leo QUESTION` is `leo ask QUESTION`.
#[derive(Debug, Parser)]
#[command(name = "leo", version, args_conflicts_with_subcommands = true, after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    ask: ask::Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Ask a question.
    Ask(ask::Args),
    /// Run a SQL statement through the same guard and gate.
    Sql(sql::Args),
    /// Read structure, statistics and relationships of a database.
    Sync(sync::Args),
    /// Show what is known about a database, or search it.
    Map(map::Args),
    /// Score a suite of questions with known answers.
    Eval(eval::Args),
    /// Vet SQL statements from standard input without running them.
    Guard(guard::Args),
    /// Verify or show an audit file.
    Audit(audit::Args),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Human,
    /// For programs.
    Json,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("leo: could not start: {error}");
            return ExitCode::from(exit::FAILED);
        }
    };
    let command = cli.command.unwrap_or(Command::Ask(cli.ask));
    let code = runtime.block_on(async {
        match command {
            Command::Ask(args) => ask::run(args).await,
            Command::Sql(args) => sql::run(args).await,
            Command::Sync(args) => sync::run(args).await,
            Command::Map(args) => map::run(args).await,
            Command::Eval(args) => eval::run(args).await,
            Command::Guard(args) => guard::run(args).await,
            Command::Audit(args) => audit::run(args).await,
        }
    });
    // Outcomes of interrupted statements are still on their way into the audit.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    ExitCode::from(code)
}
