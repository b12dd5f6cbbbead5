//! An answer as a person reads it in a terminal or a plain-text notebook: what there is to say first, then what it rests on.

use super::explanation;
use super::page::{Page, Style};
use super::table::{TableOptions, table};
use crate::ask::answer::{Answer, AnswerStatus};
use crate::chart::{self, ChartKind, ColumnHint, Role, TerminalOptions, Unit};
use crate::finding::Finding;
use crate::query::{Measure, Transform};
use crate::table::Table;

/// How an answer is written as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns of the terminal; `None` neither wraps nor cuts (a pipe).
    pub width: Option<usize>,
    /// Whether escape sequences for bold, dim and coloured text may be used. `NO_COLOR` is for the caller to respect.
    pub colour: bool,
    /// Whether a chart is drawn where it shows more than the table.
    pub chart: bool,
    /// Whether reading, links, joins, tables, lineage and SQL follow.
    pub explain: bool,
    /// Rows of the table; the rest is counted.
    pub max_rows: usize,
}

impl Default for TextOptions {
    fn default() -> Self {
        Self { width: Some(80), colour: false, chart: true, explain: false, max_rows: 20 }
    }
}

/// The answer as lines of text, each ended by a line feed.
///
/// # Behavior
/// Narrative, chart, table, what stands out, warnings, questions to ask next, and one line that says how the question was read.
/// Without an answer: the question back with its options, or the reason and what to do next. Nothing in it controls the terminal
/// but the styles that were allowed.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::ask::render::{TextOptions, text};
/// let answer = leo::Leo::sample()?.ask("How many customers do we have?").await?;
/// assert!(text(&answer, &TextOptions::default()).starts_with("There are "));
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
pub fn text(answer: &Answer, options: &TextOptions) -> String {
    let mut page = Page::new(options.width, options.colour);
    match answer.status {
        AnswerStatus::Answered | AnswerStatus::Stale => result(&mut page, answer, options),
        _ => without_result(&mut page, answer),
    }
    for warning in &answer.warnings {
        let suggestion = warning.suggestion.as_deref().map_or_else(String::new, sentence);
        page.paragraph(Style::Warning, "! ", &format!("{} {suggestion}", sentence(&warning.message)));
    }
    if !answer.follow_ups.is_empty() {
        list(&mut page, "Ask next:", &answer.follow_ups);
    }
    if answer.table.is_some() {
        page.gap();
        page.paragraph(Style::Dim, "", &reading(answer));
        // What was decided without being asked is not for the long form only: a word may have been left out.
        if !options.explain && !answer.explain.assumptions.is_empty() {
            page.paragraph(Style::Dim, "", &format!("assumed: {}", answer.explain.assumptions.join("; ")));
        }
    }
    // A statement that did not run is what there is to take away.
    if options.explain {
        explanation::write(&mut page, answer);
    } else if matches!(answer.status, AnswerStatus::NotExecuted | AnswerStatus::NeedsApproval) {
        explanation::sql(&mut page, answer);
    }
    page.finish()
}

/// The plain text of an answer: 80 columns, no colour, 20 rows.
impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&text(self, &TextOptions::default()))
    }
}

fn result(page: &mut Page, answer: &Answer, options: &TextOptions) {
    let told = answer.narrative.text();
    page.paragraph(Style::Bold, "", &told);
    if let Some(rows) = &answer.table {
        if let Some(spec) = answer.chart.as_ref().filter(|spec| options.chart && says_more(spec.kind, rows)) {
            let size = TerminalOptions { width: options.width.unwrap_or(80).min(100), ..TerminalOptions::default() };
            page.gap();
            page.verbatim("", &chart::terminal(spec, rows, &size));
        }
        if wants_table(answer, rows) {
            let columns = hints(answer);
            let form = TableOptions {
                width: options.width,
                max_rows: options.max_rows,
                colour: options.colour,
                columns,
                ..TableOptions::default()
            };
            page.gap();
            page.block(&table(rows, &form));
        }
    }
    page.gap();
    for callout in answer.callouts.iter().filter(|callout| !told.contains(&callout.sentence.text)) {
        page.paragraph(Style::Plain, "• ", &callout.sentence.text);
    }
}

/// Whether a drawing shows what the table does not show at a glance.
pub(super) fn says_more(kind: ChartKind, rows: &Table) -> bool {
    !matches!(kind, ChartKind::Table | ChartKind::Kpi) && rows.num_rows() > 2
}

/// Whether the rows are shown: one figure that was said needs no table, nor does "nothing" that was told.
pub(super) fn wants_table(answer: &Answer, rows: &Table) -> bool {
    let told = !answer.narrative.is_empty();
    let said = rows.num_rows() == 1 && rows.num_columns() == 1 && told;
    let nothing = rows.num_rows() == 0 && (told || !answer.warnings.is_empty());
    !said && !nothing
}

/// What is known of the columns: from the query, or from the chart of a statement somebody wrote.
pub(super) fn hints(answer: &Answer) -> Vec<ColumnHint> {
    let mut columns: Vec<ColumnHint> = Vec::new();
    if let Some(query) = &answer.provenance.query {
        for dimension in &query.dimensions {
            columns.push(ColumnHint::dimension(&dimension.name, dimension.grain));
        }
        let fraction = |measure: &&Measure| matches!(measure.transform, Transform::ShareOfTotal { .. });
        for measure in query.measures.iter().filter(fraction) {
            columns.push(ColumnHint::measure(&measure.name, Unit::Fraction, false));
        }
        for measure in query.measures.iter().filter(|_| query.compare.is_some()) {
            let role = Role::ChangePct { of: measure.name.clone() };
            columns.push(ColumnHint::derived(format!("{}_change_pct", measure.name), role, Unit::Fraction));
        }
        return columns;
    }
    let Some(spec) = &answer.chart else { return columns };
    for encoding in spec.x.iter().chain(&spec.series).chain(&spec.y) {
        let hint = ColumnHint { unit: encoding.unit.clone(), grain: encoding.grain, ..ColumnHint::new(&encoding.column) };
        columns.push(hint);
    }
    columns
}

fn without_result(page: &mut Page, answer: &Answer) {
    let message = sentence(&answer.message());
    if let Some(approval) = &answer.approval {
        page.paragraph(Style::Bold, "", "Somebody with the right to approve it has to agree before this runs.");
        for reason in &approval.reasons {
            page.paragraph(Style::Plain, "• ", &sentence(reason));
        }
    } else {
        page.paragraph(Style::Bold, "", &message);
    }
    if let Some(clarification) = &answer.clarification {
        for (at, option) in clarification.options.iter().enumerate() {
            page.paragraph(Style::Plain, &format!("  {}. ", at + 1), &option.label);
        }
    }
    if let Some(refusal) = &answer.refusal {
        if !refusal.missing.is_empty() && !refusal.missing.iter().any(|word| message.contains(word)) {
            page.paragraph(Style::Plain, "", &format!("Not understood: {}.", refusal.missing.join(", ")));
        }
        let findings: Vec<&Finding> = refusal.findings.iter().filter(|finding| finding.message != refusal.message).collect();
        for finding in findings {
            page.paragraph(Style::Plain, "• ", &finding_line(finding));
        }
        if !refusal.suggestions.is_empty() {
            list(page, "Try:", &refusal.suggestions);
        }
    }
    page.gap();
}

/// A finding with its rule and where in the statement it is.
pub(super) fn finding_line(finding: &Finding) -> String {
    let place = finding.position.map_or_else(String::new, |at| format!("line {}, column {}: ", at.line, at.column));
    format!("{place}{} ({})", finding.message, finding.rule)
}

fn list(page: &mut Page, title: &str, items: &[String]) {
    page.gap();
    page.paragraph(Style::Dim, "", title);
    for item in items {
        page.paragraph(Style::Plain, "  ", item);
    }
}

/// How the question was read, on one line.
pub(super) fn reading(answer: &Answer) -> String {
    let explain = &answer.explain;
    let mut parts = Vec::new();
    for (at, window) in explain.windows.iter().enumerate().filter(|(_, window)| !explain.reading.contains(&window.label)) {
        parts.push(format!("{}{}", if at == 0 { "" } else { "against " }, window.label));
    }
    // A statement somebody wrote brings its own dates.
    if answer.provenance.query.is_some() {
        parts.push(explain.time_zone.clone());
        if explain.as_of {
            parts.push(format!("as of {}", explain.now.split(' ').next().unwrap_or(&explain.now)));
        }
    }
    parts.extend(answer.confidence.map(|confidence| format!("confidence {confidence:.2}")));
    let rows = i64::try_from(answer.row_count).unwrap_or(i64::MAX);
    let more = if answer.truncated { " of more" } else { "" };
    parts.push(format!("{} {}{more}", chart::format::integer(rows), if rows == 1 { "row" } else { "rows" }));
    if answer.from_cache {
        parts.push("from cache".into());
    }
    parts.push(match answer.timings.total_us {
        us if us < 1_000 => "under 1 ms".into(),
        us if us < 1_000_000 => format!("{} ms", us / 1_000),
        us => format!("{:.1} s", us as f64 / 1e6),
    });
    // Parts are broken between, not within.
    let facts = parts.iter().map(|part| part.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(" · ");
    if explain.reading.is_empty() { facts } else { format!("read as: {} · {facts}", explain.reading) }
}

/// A message as a sentence: messages are lowercase, because programs put them into their own.
pub(super) fn sentence(message: &str) -> String {
    let mut chars = message.trim().chars();
    let Some(first) = chars.next() else { return String::new() };
    let ended = message.trim_end().ends_with(['.', '?', '!', ':', '…']);
    format!("{}{}{}", first.to_uppercase(), chars.as_str(), if ended { "" } else { "." })
}
