//! `leo`: ask your data from a terminal.
//!
//! The reference host of the library: everything it does goes through `leo`'s public API.

mod answer;
mod ask;
mod audit;
mod eval;
mod exit;
mod guard;
mod map;
mod open;
mod output;
mod sql;
mod sync;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand, ValueEnum};

/// Syntax trees are many small allocations: this allocator takes a fifth off the time to vet a statement.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Ask your data: plain questions in, checked and explained answers out.
///
/// Without --db the bundled sample company is asked. A bare `leo QUESTION` is `leo ask QUESTION`; several words need no quotes.
#[derive(Debug, Parser)]
#[command(name = "leo", version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, after_help = exit::HELP)]
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
    if std::env::args_os().len() == 1 {
        return ExitCode::from(output::text(&Cli::command().render_help().to_string()));
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(output::usage(&error)),
    };
    if let (None, Some(word)) = (&cli.command, cli.ask.misplaced_command()) {
        let message =
            format!("the command comes first: leo {word} [OPTIONS] …; a question that begins with this word needs quotes");
        return ExitCode::from(output::failure(&leo::Error::config(message), cli.ask.format()));
    }
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
