//! What `leo ask` and `leo sql` share: how an answer is limited, printed and drawn.

use std::path::{Path, PathBuf};
use std::time::Duration;

use leo::ask::render::{HtmlOptions, TextOptions, html, text};
use leo::chart::{SvgOptions, VegaLiteOptions, svg, vega_lite};
use leo::{Answer, Error, Result};

use crate::{Format, exit, output};

/// Limits of an answer and what it is printed with.
#[derive(Debug, clap::Args)]
pub(crate) struct AnswerArgs {
    /// Rows to read and show at most [default: read 5000, show 200]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Limits")]
    pub(crate) max_rows: Option<u64>,
    /// Time for the statement [default: 8]
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Limits")]
    pub(crate) timeout: Option<Duration>,
    /// Show how the question was read, what the figures come from, and the SQL
    #[arg(long, help_heading = "Output")]
    explain: bool,
    /// Leave the chart out
    #[arg(long, help_heading = "Output")]
    no_chart: bool,
    /// Write the answer as a page: chart, table, explanation and SQL
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Write the chart as a picture
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    svg: Option<PathBuf>,
    /// Write the chart as a Vega-Lite specification
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    vega_lite: Option<PathBuf>,
}

fn seconds(text: &str) -> std::result::Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds > 0.0 && *seconds <= 86_400.0)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "a number of seconds up to 86400 is needed, such as 30".into())
}

/// Prints the answer; the exit code is that of its status.
pub(crate) fn print(answer: &Answer, preview_rows: u64, args: &AnswerArgs, format: Format) -> u8 {
    let printed = match format {
        Format::Json => output::json(answer),
        Format::Human => {
            let rows = args.max_rows.unwrap_or(preview_rows);
            let options = TextOptions {
                width: output::width(),
                colour: output::colour(),
                chart: !args.no_chart,
                explain: args.explain,
                max_rows: usize::try_from(rows).unwrap_or(usize::MAX),
            };
            output::text(&text(answer, &options))
        }
    };
    if printed != exit::OK {
        return printed;
    }
    match draw(answer, args) {
        Ok(()) => exit::of_status(answer.status),
        // The answer is printed already: the message alone says what is missing.
        Err(error) => output::failure(&error, Format::Human),
    }
}

fn draw(answer: &Answer, args: &AnswerArgs) -> Result<()> {
    if let Some(file) = &args.html {
        write("page", file, &html(answer, &HtmlOptions { page: true, chart: !args.no_chart, ..HtmlOptions::default() }))?;
    }
    let (Some(spec), Some(table)) = (&answer.chart, &answer.table) else { return Ok(()) };
    if let Some(file) = &args.svg {
        write("chart", file, &svg(spec, table, &SvgOptions::default()))?;
    }
    if let Some(file) = &args.vega_lite {
        write("chart", file, &format!("{:#}\n", vega_lite(spec, table, &VegaLiteOptions::default())))?;
    }
    Ok(())
}

fn write(what: &str, file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).map_err(|error| {
        Error::config(format!(
            "could not write the {what} to `{}`: {error}; name a file in a folder you can write",
            file.display()
        ))
    })
}
