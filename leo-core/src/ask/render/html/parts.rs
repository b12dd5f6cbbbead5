//! What a card shows of each kind of answer.

use super::{Card, HtmlOptions};
use crate::ask::answer::Answer;
use crate::ask::narrate::{Figure, Format, Sentence};
use crate::ask::render::cells::Columns;
use crate::ask::render::text::{finding_line, hints, says_more, sentence, wants_table};
use crate::chart::{SvgOptions, format, svg};
use crate::export::escape;
use crate::finding::Finding;
use crate::table::Table;

/// Characters of a cell that is broken into lines.
const LONG: usize = 40;

pub(super) fn result(card: &mut Card, answer: &Answer, options: &HtmlOptions) {
    let told = answer.narrative.text();
    if !answer.narrative.is_empty() {
        let sentences: Vec<String> = answer.narrative.sentences.iter().map(marked).collect();
        card.raw(&format!("<p class=\"leo-narrative\">{}</p>\n", sentences.join(" ")));
    }
    let callouts: String = answer
        .callouts
        .iter()
        .filter(|callout| !told.contains(&callout.sentence.text))
        .map(|callout| format!("<li>{}</li>\n", marked(&callout.sentence)))
        .collect();
    if !callouts.is_empty() {
        card.raw(&format!("<ul class=\"leo-callouts\">\n{callouts}</ul>\n"));
    }
    card.warnings(answer);
    let Some(rows) = &answer.table else { return };
    if let Some(spec) = answer.chart.as_ref().filter(|spec| options.chart && says_more(spec.kind, rows)) {
        let size = SvgOptions { width: 620, height: 340, ..SvgOptions::default() };
        card.raw(&format!("<figure class=\"leo-chart\" tabindex=\"0\">\n{}</figure>\n", svg(spec, rows, &size)));
    }
    if wants_table(answer, rows) {
        table(card, answer, rows, options.max_rows);
    }
}

pub(super) fn without_result(card: &mut Card, answer: &Answer) {
    let message = sentence(&answer.message());
    if let Some(approval) = &answer.approval {
        card.paragraph("leo-narrative", "Somebody with the right to approve it has to agree before this runs.");
        let reasons: Vec<String> = approval.reasons.iter().map(|reason| sentence(reason)).collect();
        card.list("leo-reasons", "Because:", "leo-reason", &reasons);
    } else {
        card.paragraph("leo-narrative", &message);
    }
    if let Some(clarification) = &answer.clarification {
        let options: String = clarification
            .options
            .iter()
            .map(|option| format!("<li class=\"leo-option\">{}</li>\n", escape(&option.label)))
            .collect();
        card.raw(&format!("<ol class=\"leo-options\">\n{options}</ol>\n"));
    }
    if let Some(refusal) = &answer.refusal {
        if !refusal.missing.is_empty() && !refusal.missing.iter().any(|word| message.contains(word)) {
            card.paragraph("leo-missing", &format!("Not understood: {}.", refusal.missing.join(", ")));
        }
        let findings: Vec<&Finding> = refusal.findings.iter().filter(|finding| finding.message != refusal.message).collect();
        let findings: Vec<String> = findings.into_iter().map(finding_line).collect();
        card.list("leo-findings", "The guard found:", "leo-finding", &findings);
        card.list("leo-suggestions", "Try:", "leo-suggestion", &refusal.suggestions);
    }
    card.warnings(answer);
}

/// A sentence whose figures are marked: the numbers that were computed, not the names and dates around them.
fn marked(sentence: &Sentence) -> String {
    let (mut out, mut at) = (String::new(), 0);
    let is_number = |figure: &&Figure| !matches!(figure.format, Format::Label | Format::Calendar(_));
    for figure in sentence.figures.iter().filter(is_number) {
        // Positions that do not fit their text mark nothing.
        let (Some(before), Some(shown)) = (sentence.text.get(at..figure.start), sentence.text.get(figure.start..figure.end))
        else {
            continue;
        };
        out.push_str(&format!("{}<b class=\"leo-figure\">{}</b>", escape(before), escape(shown)));
        at = figure.end;
    }
    out.push_str(&escape(sentence.text.get(at..).unwrap_or_default()));
    out
}

fn table(card: &mut Card, answer: &Answer, rows: &Table, max_rows: usize) {
    let columns = Columns::of(rows, hints(answer));
    let class = |column: usize| if columns.is_right(column) { " class=\"leo-number\"" } else { "" };
    let shown = rows.num_rows().min(max_rows);
    let all: Vec<usize> = (0..rows.num_columns()).collect();
    let head: String =
        all.iter().map(|&column| format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&columns.name(column)))).collect();
    let mut body = String::new();
    for row in 0..shown {
        let cells = all.iter().map(|&column| {
            let cell = columns.cell(row, column, false);
            let text = escape(&cell.text);
            let class = if cell.text.chars().count() > LONG { " class=\"leo-long\"" } else { class(column) };
            match cell.dim {
                true => format!("<td{class}><span class=\"leo-empty\">{text}</span></td>"),
                false => format!("<td{class}>{text}</td>"),
            }
        });
        body.push_str(&format!("<tr>{}</tr>\n", cells.collect::<String>()));
    }
    let title = answer.chart.as_ref().map(|spec| format::label(&spec.title, 120)).filter(|title| !title.is_empty());
    let title = title.map_or_else(String::new, |title| format!("{}: ", escape(&title)));
    let count = count(shown, rows.num_rows(), answer.truncated);
    // The caption is for those who hear the table; those who see it find the count below, wherever they have scrolled to.
    card.raw(&format!(
        "<div class=\"leo-rows\" role=\"region\" aria-label=\"Rows of the answer\" tabindex=\"0\">\n<table>\n\
         <caption>{title}{count}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>\n</div>\n\
         <p class=\"leo-count\" aria-hidden=\"true\">{count}</p>\n"
    ));
}

/// How many rows there are, and how many of them are shown.
fn count(shown: usize, all: usize, truncated: bool) -> String {
    let number = |count: usize| i64::try_from(count).map_or_else(|_| count.to_string(), format::integer);
    let rows = if all == 1 { "row" } else { "rows" };
    let more = if truncated { " that were read; there are more" } else { "" };
    if shown < all {
        format!("first {} of {} {rows}{more}", number(shown), number(all))
    } else {
        format!("{} {rows}{more}", number(all))
    }
}
