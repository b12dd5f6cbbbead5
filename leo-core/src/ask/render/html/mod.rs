//! An answer as a card: what a notebook or a page of a host shows.

mod parts;
#[cfg(all(test, feature = "sqlite"))]
mod tests;

use serde::{Deserialize, Serialize};

use super::explanation;
use super::text::{reading, sentence};
use crate::ask::answer::{Answer, AnswerStatus};
use crate::export::escape;

/// The style sheet of cards, for hosts that serve it themselves because their content security policy allows no `<style>` in pages.
pub const CARD_STYLE: &str = include_str!("card.css");

/// How an answer is written as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "CardOptions"))]
#[serde(default, deny_unknown_fields)]
pub struct HtmlOptions {
    /// Whether the question stands above its answer.
    pub question: bool,
    /// Whether a chart is drawn where it shows more than the table.
    pub chart: bool,
    /// Whether the explanation and the statement are there to be unfolded.
    pub explain: bool,
    /// Rows of the table; the rest is counted.
    pub max_rows: usize,
    /// Whether the card brings [`CARD_STYLE`] with it.
    pub style: bool,
    /// Whether a page of its own is written around the card, to be saved as a file.
    pub page: bool,
}

impl Default for HtmlOptions {
    fn default() -> Self {
        Self { question: true, chart: true, explain: true, max_rows: 50, style: true, page: false }
    }
}

/// The answer as one `<section class="leo-card">`.
///
/// # Behavior
/// Narrative with its figures marked, what stands out, warnings, chart, table, questions to ask next, how the question was read; the
/// explanation and the statement with its values unfold. Without an answer: the question back with its options, what has to be approved,
/// or the reason and what to do next.
///
/// There are no scripts, no handlers, no styles on elements, no links, and nothing is loaded from elsewhere; the chart is SVG that a
/// strict content security policy shows. Whatever comes from data, names or people is escaped, and what cannot be seen in it is shown
/// as `�`. Every class begins with `leo-`. Colours follow the reader's system, JupyterLab and VS Code.
///
/// # Example
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use leo::ask::render::{HtmlOptions, html};
/// let answer = leo::Leo::sample()?.ask("How many customers do we have?").await?;
/// assert!(html(&answer, &HtmlOptions::default()).contains(r#"<b class="leo-figure">"#));
/// # Ok::<(), leo::Error>(()) }).unwrap();
/// ```
pub fn html(answer: &Answer, options: &HtmlOptions) -> String {
    let mut card = Card::new(answer, options);
    match answer.status {
        AnswerStatus::Answered | AnswerStatus::Stale => parts::result(&mut card, answer, options),
        _ => parts::without_result(&mut card, answer),
    }
    card.list("leo-next", "Ask next:", "leo-follow-up", &answer.follow_ups);
    if answer.table.is_some() {
        card.paragraph("leo-reading", &reading(answer));
        // What was decided without being asked is not for those alone who unfold: a word may have been left out.
        if !answer.explain.assumptions.is_empty() {
            card.paragraph("leo-reading", &format!("assumed: {}", answer.explain.assumptions.join("; ")));
        }
    }
    // A statement that did not run is what there is to take away.
    let waiting = matches!(answer.status, AnswerStatus::NotExecuted | AnswerStatus::NeedsApproval);
    if options.explain {
        card.explanation(answer);
    }
    if options.explain || waiting {
        card.statement(answer, waiting);
    }
    let card = card.finish();
    if options.page { page(&card) } else { card }
}

/// A page that loads nothing, even if somebody found a way to ask for it.
fn page(card: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Answer</title>\n</head>\n<body>\n{card}</body>\n</html>\n"
    )
}

/// The card so far. Every text goes through [`escape`] here or in [`parts`].
struct Card {
    out: String,
}

impl Card {
    fn new(answer: &Answer, options: &HtmlOptions) -> Self {
        let label = escape(&crate::chart::format::label(&answer.question, 200));
        let mut out =
            format!("<section class=\"leo-card leo-status-{}\" lang=\"en\" aria-label=\"Answer: {label}\">\n", answer.status);
        if options.style {
            out.push_str(&format!("<style>\n{CARD_STYLE}</style>\n"));
        }
        let mut card = Self { out };
        if options.question {
            card.paragraph("leo-question", &answer.question);
        }
        card
    }

    /// Markup whose texts are escaped already.
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn paragraph(&mut self, class: &str, text: &str) {
        self.raw(&format!("<p class=\"{class}\">{}</p>\n", escape(text).replace('\n', "<br>")));
    }

    /// A list under its title; nothing when there is nothing in it.
    fn list(&mut self, class: &str, title: &str, item_class: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let items: String = items.iter().map(|item| format!("<li class=\"{item_class}\">{}</li>\n", escape(item))).collect();
        self.raw(&format!("<div class=\"{class}\"><p>{title}</p>\n<ul>\n{items}</ul></div>\n"));
    }

    fn warnings(&mut self, answer: &Answer) {
        for warning in &answer.warnings {
            let suggestion = warning.suggestion.as_deref().map_or_else(String::new, sentence);
            let text = escape(format!("{} {suggestion}", sentence(&warning.message)).trim_end());
            self.raw(&format!("<p class=\"leo-warning\" role=\"note\"><b>Note:</b> {text}</p>\n"));
        }
    }

    fn explanation(&mut self, answer: &Answer) {
        let facts: String = explanation::facts(answer)
            .iter()
            .map(|(label, texts)| {
                // Several texts under one label stand below each other.
                let texts: Vec<String> = texts.iter().map(|text| escape(text)).collect();
                format!("<dt>{label}</dt><dd>{}</dd>\n", texts.join("<br>"))
            })
            .collect();
        if !facts.is_empty() {
            self.raw(&format!("<details>\n<summary>How this was answered</summary>\n<dl>\n{facts}</dl>\n</details>\n"));
        }
    }

    fn statement(&mut self, answer: &Answer, open: bool) {
        if let Some(sql) = answer.sql_with_values.as_ref().or(answer.sql.as_ref()) {
            let open = if open { " open" } else { "" };
            self.raw(&format!(
                "<details{open}>\n<summary>SQL</summary>\n<pre tabindex=\"0\"><code>{}</code></pre>\n</details>\n",
                escape(sql)
            ));
        }
    }

    fn finish(mut self) -> String {
        self.raw("</section>\n");
        self.out
    }
}
