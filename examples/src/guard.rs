//! `leo guard`: vets statements as they come, without running them.

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _, Write};
use std::path::{Path, PathBuf};

use leo::adapter::Access;
use leo::catalog::{Catalog, TableName};
use leo::context::Attribute;
use leo::finding::{Finding, Verdict};
use leo::guard::{OutputColumn, Purpose, Request, SourceColumn, Vetting, vet, visible_catalog};
use leo::settings::GuardLimits;
use leo::sync::SyncOptions;
use leo::{Context, Dialect, Error, Leo, Result, Value};
use serde::{Deserialize, Serialize};

use crate::{Format, exit, output};

/// Bytes of the longest line that is read; the guard refuses long statements far earlier.
const LONGEST_LINE: u64 = 8 << 20;

/// Arguments of `leo guard`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Reads JSON lines of {id, sql} from standard input, optionally with `params`, the values of placeholders. Writes \
{id, verdict, rules, findings, rewritten, tables, columns, functions, lineage, micros} for each with --format json. A line that \
cannot be read is answered with {id, line, error}; the others still are vetted, and the exit code is 2."
)]
pub(crate) struct Args {
    /// Dialect of the statements: sqlite, postgres, mysql, tsql, bigquery or datafusion.
    #[arg(long, value_name = "D", value_parser = dialect)]
    dialect: Dialect,
    /// A SQLite database whose tables the statements may name.
    #[arg(long, value_name = "FILE", conflicts_with = "ddl")]
    db: Option<PathBuf>,
    /// CREATE statements of those tables, in the same dialect.
    #[arg(long, value_name = "FILE")]
    ddl: Option<PathBuf>,
    /// What the user may see, as JSON: `{"allow_tables", "deny_tables", "mask_key", "show_personal_data", "min_group_size", "tables": {NAME: {"deny_columns", "row_filter", "masks", "past_versions"}}}`.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A column with personal data and its kind, for instance `customers.email=email`. With `"show_personal_data": false` in the
    /// policy it comes back redacted, and uses that could give its values away need approval.
    #[arg(long = "personal", value_name = "TABLE.COLUMN=KIND", value_parser = personal)]
    personal_data: Vec<(String, String)>,
    /// An attribute of the user for row filters: JSON where VALUE is JSON, else text.
    #[arg(long = "user", value_name = "NAME=VALUE", value_parser = attribute)]
    attributes: Vec<(String, Attribute)>,
    /// How verdicts are printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A dialect by name.
pub(crate) fn dialect(name: &str) -> std::result::Result<Dialect, String> {
    name.parse().map_err(|error: Error| error.message().to_owned())
}

fn attribute(text: &str) -> std::result::Result<(String, Attribute), String> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("write it as NAME=VALUE")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Attribute::One(value.into()));
    Ok((name.to_owned(), value))
}

fn personal(text: &str) -> std::result::Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(column, kind)| column.contains('.') && !kind.is_empty());
    let (column, kind) = parts.ok_or("write it as TABLE.COLUMN=KIND")?;
    Ok((column.to_owned(), kind.to_owned()))
}

pub(crate) async fn run(args: Args) -> u8 {
    let format = args.format;
    let desk = match Desk::open(args).await {
        Ok(desk) => desk,
        Err(error) => return output::failure(&error, format),
    };
    match desk.serve(std::io::stdin().lock(), std::io::stdout().lock()) {
        Ok(0) => exit::OK,
        Ok(_) => exit::USAGE,
        // Whoever closed the pipe has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => exit::OK,
        Err(error) => {
            let error = Error::unavailable("the statements could not be read or answered; look at the pipe").with_source(error);
            output::failure(&error, format)
        }
    }
}

/// What statements are vetted against.
struct Desk {
    ctx: Context,
    catalog: Catalog,
    access: Access,
    format: Format,
}

/// A line of the input; other members are ignored.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    id: serde_json::Value,
    sql: String,
    #[serde(default)]
    params: Vec<Value>,
}

/// What a statement is answered with.
#[derive(Serialize)]
struct Reply<'a> {
    id: &'a serde_json::Value,
    verdict: Verdict,
    rules: Vec<&'a str>,
    findings: &'a [Finding],
    rewritten: Option<&'a str>,
    tables: Vec<String>,
    columns: Vec<String>,
    functions: &'a BTreeSet<String>,
    lineage: Vec<Lineage<'a>>,
    micros: u64,
}

#[derive(Serialize)]
struct Lineage<'a> {
    column: &'a str,
    sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redacted: Option<&'a str>,
}

/// What a line that cannot be read is answered with.
#[derive(Serialize)]
struct Unreadable {
    #[serde(skip_serializing_if = "serde_json::Value::is_null")]
    id: serde_json::Value,
    line: u64,
    error: String,
}

impl Desk {
    async fn open(args: Args) -> Result<Self> {
        let mut catalog = match (&args.db, &args.ddl) {
            (Some(_), _) if args.dialect != Dialect::Sqlite => {
                return Err(Error::config(format!(
                    "--db is a SQLite file, whose dialect is not {}; give --ddl with the CREATE statements",
                    args.dialect
                )));
            }
            (Some(file), _) => {
                // Names are enough to vet: the tables themselves are not read.
                let options = SyncOptions { profile: false, relate: None, ..SyncOptions::default() };
                Catalog::clone(&*Leo::open(file)?.sync(None, &options, &|_| {}).await?)
            }
            (None, Some(file)) => Catalog::from_ddl(args.dialect, &read(file)?)?,
            (None, None) => return Err(Error::config("name the tables with --db or --ddl")),
        };
        for (column, kind) in &args.personal_data {
            catalog.mark_personal_data(column, kind)?;
        }
        let access = match &args.policy {
            Some(file) => serde_json::from_str(&read(file)?).map_err(|error| {
                // The reader's message names member and place, never a value of the data.
                Error::config(format!("the policy cannot be read: {error}")).with_context("file", file.display().to_string())
            })?,
            None => Access::full(),
        };
        // A policy that names what does not exist is a typing error, and every statement would be refused for it.
        visible_catalog(&catalog, &access)?;
        let ctx = Context::new("local", "local")?.with_roles(["owner"]);
        let ctx = args.attributes.into_iter().fold(ctx, |ctx, (name, value)| ctx.with_attribute(name, value));
        Ok(Self { ctx, catalog, access, format: args.format })
    }

    /// Answers line by line; returns how many lines could not be read.
    fn serve(&self, mut input: impl BufRead, mut output: impl Write) -> std::io::Result<u64> {
        let (mut number, mut unreadable) = (0_u64, 0_u64);
        let mut line = Vec::new();
        loop {
            line.clear();
            if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
                return Ok(unreadable);
            }
            number += 1;
            let reply = if line.len() as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
                input.skip_until(b'\n')?;
                Err(Unreadable { id: serde_json::Value::Null, line: number, error: "the line is too long".into() })
            } else if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            } else {
                parse(&line, number)
            };
            unreadable += u64::from(reply.is_err());
            let text = match (&reply, self.format) {
                (Ok(row), _) => self.reply(row)?,
                (Err(unreadable), Format::Json) => serde_json::to_string(unreadable)?,
                (Err(Unreadable { line, error, .. }), Format::Human) => format!("line {line}: {error}"),
            };
            writeln!(output, "{text}")?;
            output.flush()?;
        }
    }

    fn reply(&self, row: &Row) -> std::io::Result<String> {
        let vetting = vet(&Request {
            ctx: &self.ctx,
            source: "guard",
            catalog: &self.catalog,
            access: &self.access,
            settings: &GuardLimits::default(),
            sql: &row.sql,
            params: &row.params,
            purpose: Purpose::Sql,
        });
        Ok(match self.format {
            Format::Human => leo::ask::render::printable(&for_people(&row.id, &vetting)).into_owned(),
            Format::Json => serde_json::to_string(&self.for_programs(&row.id, &vetting))?,
        })
    }

    fn for_programs<'a>(&self, id: &'a serde_json::Value, vetting: &'a Vetting) -> Reply<'a> {
        let lineage = |OutputColumn { name, sources, redacted }: &'a OutputColumn| Lineage {
            column: name,
            redacted: redacted.as_deref(),
            sources: sources.iter().map(|source| self.column(source)).collect(),
        };
        Reply {
            id,
            verdict: vetting.verdict,
            rules: rules(&vetting.findings),
            findings: &vetting.findings,
            rewritten: vetting.rewritten.as_deref(),
            tables: vetting.tables.iter().map(|table| self.table(table)).collect(),
            columns: vetting.columns.iter().map(|column| self.column(column)).collect(),
            functions: &vetting.functions,
            lineage: vetting.lineage.iter().map(lineage).collect(),
            micros: vetting.micros,
        }
    }

    /// The name, with its schema where that is not the default one.
    fn table(&self, table: &TableName) -> String {
        let default = self.catalog.default_schema.as_deref().or(self.catalog.dialect.default_schema());
        match table.schema.as_deref() {
            Some(schema) if Some(schema) != default => table.to_string(),
            _ => table.name.clone(),
        }
    }

    fn column(&self, column: &SourceColumn) -> String {
        format!("{}.{}", self.table(&column.table), column.column)
    }
}

fn parse(line: &[u8], number: u64) -> std::result::Result<Row, Unreadable> {
    serde_json::from_slice(line).map_err(|error| {
        // The id, where at least that can be read, finds the row again.
        let id = serde_json::from_slice::<serde_json::Value>(line).ok();
        let id = id.and_then(|mut row| row.get_mut("id").map(serde_json::Value::take)).unwrap_or_default();
        Unreadable { id, line: number, error: format!("not an object with `sql`, a text: {error}") }
    })
}

/// Rule ids, each once.
fn rules(findings: &[Finding]) -> Vec<&str> {
    let mut rules: Vec<&str> = Vec::new();
    for finding in findings {
        if !rules.contains(&finding.rule.as_str()) {
            rules.push(&finding.rule);
        }
    }
    rules
}

fn for_people(id: &serde_json::Value, vetting: &Vetting) -> String {
    let id = id.as_str().map_or_else(|| if id.is_null() { String::new() } else { id.to_string() }, str::to_owned);
    let micros = format!("{} µs", vetting.micros);
    let mut lines = vec![format!("{id:<10}  {:<14}  {micros:>9}", vetting.verdict.as_str())];
    lines.extend(vetting.findings.iter().map(|Finding { rule, message, position, .. }| {
        let place = position.map(|at| format!(" (line {}, column {})", at.line, at.column)).unwrap_or_default();
        format!("    {rule}: {message}{place}")
    }));
    lines.extend(vetting.rewritten.iter().map(|text| format!("    as {}", text.replace('\n', " "))));
    // Names in the messages come from the statement, and a terminal obeys control characters.
    let clean = |line: String| line.chars().filter(|letter| !letter.is_control()).collect::<String>();
    lines.into_iter().map(clean).collect::<Vec<_>>().join("\n")
}

/// The text of a file; what is not UTF-8 in it is replaced, because dumps come in every encoding and names are plain.
fn read(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| {
        let message = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no file with this name",
            _ => "could not read the file",
        };
        Error::not_found(message).with_context("file", path.display().to_string()).with_source(error)
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
