//! `leo ask`.

use leo::{Answer, AnswerStatus, AskOptions, Error, Result};

use crate::open::{self, Opened};
use crate::{Format, answer, output};

/// Arguments of `leo ask`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The question; several words need no quotes
    #[arg(required_unless_present = "files", value_name = "QUESTION")]
    question: Vec<String>,
    /// When the question has several readings, take the one of this number
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    choose: Option<u16>,
    #[command(flatten)]
    answer: answer::AnswerArgs,
    #[command(flatten)]
    open: open::SourceArgs,
}

impl Args {
    pub(crate) fn format(&self) -> Format {
        self.open.format
    }

    /// A command behind options (`leo --db FILE sync`), which would be read as a question.
    pub(crate) fn misplaced_command(&self) -> Option<&str> {
        let first = self.question.first().map(String::as_str)?;
        ["ask", "sql", "sync", "map", "eval", "guard", "audit", "help"].into_iter().find(|command| *command == first)
    }
}

pub(crate) async fn run(mut args: Args) -> u8 {
    args.open.words_behind_files(&mut args.question);
    let format = args.open.format;
    let (opened, asked) = match ask(&args).await {
        Ok(done) => done,
        Err(error) => return output::failure(&error, format),
    };
    let preview = opened.leo.settings(None).await.map_or(200, |resolved| resolved.settings.ask.preview_rows);
    let code = answer::print(&asked, preview, &args.answer, format);
    if format == Format::Human && asked.status == AnswerStatus::Clarify {
        output::text("\nAsk again with --choose NUMBER, or say it more precisely.\n");
    }
    if let Some(notice) = opened.leo.audit_notice() {
        output::note(&notice);
    }
    code
}

async fn ask(args: &Args) -> Result<(Opened, Answer)> {
    let opened = open::open(&args.open).await?;
    let options = AskOptions { max_rows: args.answer.max_rows, timeout: args.answer.timeout, ..AskOptions::default() };
    let answer = opened.leo.ask_with(&args.question.join(" "), &options).await?;
    let Some(clarification) = answer.clarification.as_ref().filter(|_| args.choose.is_some()) else {
        return Ok((opened, answer));
    };
    let number = usize::from(args.choose.unwrap_or(1));
    let chosen = clarification.options.get(number - 1).ok_or_else(|| {
        Error::config(format!("there is no reading number {number}; there are {}", clarification.options.len()))
    })?;
    let answer = match &chosen.query {
        Some(query) => opened.leo.ask_query(query.clone(), &options).await?,
        None => opened.leo.ask_with(&chosen.label, &options).await?,
    };
    Ok((opened, answer))
}
