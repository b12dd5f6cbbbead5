//! What rules make of the words of a question, for who reads it otherwise.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::linking::{NodeKind, Target, link};
use super::schema::SchemaIndex;
use super::time::TimeReader;
use super::tokens::tokenize;
use crate::ask::planner::plan::{Evidence, Link, LinkTarget};
use crate::query::{Calendar, TimeWindow};

/// The stretches of a question that mean something, each with its likeliest meaning, in order, whether or not a query comes of them.
pub(in crate::ask) fn linked(question: &str, index: &SchemaIndex, today: Date, calendar: &Calendar) -> Vec<Link> {
    let tokens = tokenize(question);
    let times = TimeReader::new(&tokens, today, calendar);
    let mut links = Vec::new();
    for node in link(question, &tokens, &BTreeMap::new(), index, &times) {
        let (Some(first), Some(last)) = (tokens.get(node.first), tokens.get(node.last.saturating_sub(1))) else { continue };
        let span = first.span.start..last.span.end;
        let (target, evidence, score) = match &node.kind {
            NodeKind::Mention(candidates) => {
                let Some(best) = candidates.first() else { continue };
                let column = |id: &super::schema::ColumnId| (index.table(id.table).name.clone(), index.column(*id).name.clone());
                let target = match &best.target {
                    Target::Table(table) => LinkTarget::Table(index.table(*table).name.clone()),
                    Target::Metric(metric) => LinkTarget::Measure(index.metrics[*metric].formula.clone()),
                    Target::Column(id) => {
                        let (table, column) = column(id);
                        LinkTarget::Column { table, column }
                    }
                    Target::Value(id, value) => {
                        let (table, column) = column(id);
                        LinkTarget::Value { table, column, value: value.clone() }
                    }
                };
                (target, best.evidence, best.score.clamp(0.0, 1.0))
            }
            NodeKind::Time(found) => (LinkTarget::Time(found.label.clone()), Evidence::Grammar, 1.0),
            _ => continue,
        };
        let words = question.get(span.clone()).unwrap_or_default().to_owned();
        links.push(Link { words, span, target, evidence, score });
    }
    links
}

/// The window that `words` mean as a whole: `last quarter`, `2024`, `since March`.
pub(in crate::ask) fn window(words: &str, today: Date, calendar: &Calendar) -> Option<TimeWindow> {
    // Two days with a slash or a word between them are how services write intervals.
    let interval = words.split_once('/').or_else(|| words.split_once(" to "));
    if let Some((from, until)) = interval
        && let (Ok(start), Ok(last)) = (from.trim().parse::<Date>(), until.trim().parse::<Date>())
    {
        return Some(TimeWindow::Absolute { start: Some(start), end: Some(last.tomorrow().ok()?) });
    }
    // A bare year is a number until something says that it is a time.
    [words.to_owned(), format!("in {words}")].iter().find_map(|words| {
        let tokens = tokenize(words);
        let found = TimeReader::new(&tokens, today, calendar).read(0)?;
        (found.length == tokens.len()).then_some(found.window)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::query::TimeUnit;

    #[test]
    fn periods_are_read_as_a_whole() {
        let today: Date = "2024-06-30".parse().unwrap();
        let of = |words: &str| window(words, today, &Calendar::default());
        assert_eq!(of("last quarter"), Some(TimeWindow::Last { unit: TimeUnit::Quarter, count: 1 }));
        let day = |text: &str| Some(text.parse().unwrap());
        assert_eq!(of("2023"), Some(TimeWindow::Absolute { start: day("2023-01-01"), end: day("2024-01-01") }));
        assert_eq!(of("in 2023"), of("2023"));
        assert_eq!(
            of("2024-01-05 to 2024-01-07"),
            Some(TimeWindow::Absolute { start: day("2024-01-05"), end: day("2024-01-08") })
        );
        for none in ["", "soon", "last quarter and then some", "31/02", "2024-02-30 to 2024-03-01"] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
