//! Decision: the best reading with its confidence, a question back, or a refusal that says what is missing.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::build::{Built, build};
use super::candidates::{Assignment, assign};
use super::explain;
use super::gaps::gaps;
use super::grammar;
use super::intake;
use super::lexicon::{self, Op};
use super::linking::{Node, NodeKind, Target, link};
use super::lost::lost;
use super::reading::Reading;
use super::schema::{ColumnId, SchemaIndex};
use super::scoring::{self, CLOSE, FLOOR, Features};
use super::time::TimeReader;
use super::tokens::{Token, TokenKind, tokenize};
use crate::ask::planner::plan::{Abstention, AbstentionKind, Alternative, Clarification, ClarifyOption, Plan, PlannedQuery};
use crate::query::Calendar;

/// Most alternatives told.
const ALTERNATIVES: usize = 3;

/// A reading that became a query.
struct Choice {
    assignment: Assignment,
    reading: Reading,
    built: Built,
    /// Nodes whose meaning is not in the query.
    lost: Vec<usize>,
    features: Features,
    confidence: f64,
    rank: f64,
}

/// A question as its tokens say it, at the moment and over the schema it is asked.
pub(super) struct Asked<'a> {
    pub(super) question: &'a str,
    pub(super) tokens: &'a [Token],
    /// Tokens that stand for a table whatever they say, as a pronoun does.
    pub(super) stands_for: &'a BTreeMap<usize, usize>,
    pub(super) index: &'a SchemaIndex,
    pub(super) today: Date,
    pub(super) calendar: &'a Calendar,
}

/// A plan, and the reading it rests on where it is a query.
pub(super) struct Considered {
    pub(super) plan: Plan,
    pub(super) reading: Option<Reading>,
}

impl From<Plan> for Considered {
    fn from(plan: Plan) -> Self {
        Self { plan, reading: None }
    }
}

pub(super) fn decide(question: &str, index: &SchemaIndex, today: Date, calendar: &Calendar) -> Plan {
    let tokens = tokenize(question);
    if let Some(refusal) = intake::refuse(question, &tokens) {
        return abstain(refusal.kind, refusal.reason.to_owned(), Vec::new(), suggestions(index));
    }
    let stands_for = BTreeMap::new();
    consider(&Asked { question, tokens: &tokens, stands_for: &stands_for, index, today, calendar }).plan
}

/// What is made of a question that was let in.
pub(super) fn consider(asked: &Asked<'_>) -> Considered {
    let Asked { question, tokens, stands_for, index, today, calendar } = *asked;
    if index.tables.is_empty() {
        return abstain(
            AbstentionKind::CannotAnswer,
            "this source has no table to ask about; load data into it, or check which schemas and tables were selected".into(),
            Vec::new(),
            Vec::new(),
        )
        .into();
    }
    let times = TimeReader::new(tokens, today, calendar);
    let nodes = link(question, tokens, stands_for, index, &times);
    let missing = unmatched(tokens, &nodes);
    let linked = nodes.iter().filter(|node| matches!(node.kind, NodeKind::Mention(_))).count();
    if let Some(language) = intake::other_language(tokens) {
        return abstain(
            AbstentionKind::CannotAnswer,
            format!(
                "that seems to be {language}; the built-in planner reads English only, so ask in English or configure a model"
            ),
            missing,
            suggestions(index),
        )
        .into();
    }
    // "our best month": what ranks is known where there is revenue.
    let ranks = nodes.iter().any(|node| matches!(node.kind, NodeKind::Op(Op::Extreme(_) | Op::Top(_))))
        && nodes.iter().any(|node| matches!(node.kind, NodeKind::Op(Op::Grain(_))))
        && index.metrics.iter().any(|metric| metric.output == "revenue");
    if linked == 0 && !ranks {
        let (kind, reason) = if missing.is_empty() {
            (AbstentionKind::TooVague, "the question names nothing in this data; say which rows or figures you mean".to_owned())
        } else {
            (AbstentionKind::CannotAnswer, not_called(&missing))
        };
        return abstain(kind, reason, missing, suggestions(index)).into();
    }
    let assignments = assign(&nodes, index);
    let top = assignments.first().map_or(0.0, |assignment| assignment.score);
    // Why the strongest meanings make no query, if they do not.
    let mut refused: Option<String> = None;
    let mut options: Vec<Choice> = assignments
        .into_iter()
        .filter_map(|assignment| {
            let reading = grammar::read(&nodes, tokens, &assignment, index);
            let built = build(&reading, index)?;
            if let Err(error) = built.query.validate(index.catalog()) {
                if top - assignment.score <= scoring::SECOND_CHOICE {
                    refused.get_or_insert_with(|| error.message().to_owned());
                }
                return None;
            }
            let lost = lost(&nodes, tokens, &assignment, index, &built.query);
            let features = features(tokens, &nodes, &assignment, &reading, &built, &lost);
            // Weaker meanings that were taken only because the stronger ones make no query.
            let features =
                Features { doubts: features.doubts + u32::from(top - assignment.score > scoring::SECOND_CHOICE), ..features };
            let rank = assignment.score - scoring::penalty(&features);
            Some(Choice { assignment, reading, built, lost, features, confidence: 0.0, rank })
        })
        .collect();
    options.sort_by(|a, b| b.rank.total_cmp(&a.rank));
    let mut distinct: Vec<Choice> = Vec::new();
    for option in options {
        if !distinct.iter().any(|known| known.built.query == option.built.query) {
            distinct.push(option);
        }
    }
    for at in 0..distinct.len() {
        let own = &distinct[at];
        let rival = distinct.iter().skip(at + 1).find(|other| other_column(&nodes, index, own, other).is_none());
        let margin = rival.map_or(f64::INFINITY, |rival| own.rank - rival.rank);
        distinct[at].confidence = scoring::confidence(&distinct[at].features, margin);
    }
    let mut rest = distinct.into_iter();
    let named = |reading: &Reading| -> Vec<String> {
        gaps(&nodes, tokens, reading).into_iter().map(|at| words(tokens, &nodes[at])).collect()
    };
    let Some(best) = rest.next() else {
        let gaps = named(&Reading::default());
        let reason = if gaps.is_empty() {
            "the names in the question are known, but not how they go together; ask about one of them at a time".to_owned()
        } else {
            not_called(&gaps)
        };
        return abstain(AbstentionKind::CannotAnswer, reason, missing, suggestions(index)).into();
    };
    if let Some(reason) = refused.filter(|_| top - best.assignment.score > scoring::SECOND_CHOICE) {
        return abstain(AbstentionKind::CannotAnswer, reason, missing, suggestions(index)).into();
    }
    let rest: Vec<Choice> = rest.take(ALTERNATIVES).collect();
    let gaps = named(&best.reading);
    if !gaps.is_empty() {
        return abstain(AbstentionKind::CannotAnswer, not_called(&gaps), gaps, suggestions(index)).into();
    }
    if let Some(clarification) = clarify(&nodes, tokens, index, &best, &rest) {
        return Plan::Clarify(clarification).into();
    }
    let ignored = ignored(tokens, &nodes, &best, &missing);
    if best.confidence < FLOOR {
        let reason = if ignored.is_empty() {
            "the question could not be read with any confidence; say it in shorter sentences or with the names of the data"
                .to_owned()
        } else {
            format!("nothing could be made of {} in this question; say it in other words or leave it out", list(&ignored))
        };
        return abstain(AbstentionKind::CannotAnswer, reason, missing, suggestions(index)).into();
    }
    let mut assumptions = best.built.assumptions.clone();
    assumptions.extend(rest.iter().find_map(|other| other_column(&nodes, index, &best, other)));
    if !ignored.is_empty() {
        assumptions.push(format!("nothing was made of {}", list(&ignored)));
    }
    let plan = Plan::Query(Box::new(PlannedQuery {
        confidence: best.confidence,
        reading: explain::describe(&best.built.query),
        links: explain::links(question, tokens, &nodes, &best.assignment, index),
        assumptions,
        intent: best.built.intent,
        alternatives: rest
            .into_iter()
            .map(|other| Alternative {
                reading: explain::describe(&other.built.query),
                confidence: other.confidence,
                query: other.built.query,
            })
            .collect(),
        query: best.built.query,
    }));
    Considered { plan, reading: Some(best.reading) }
}

/// Words that the reading makes nothing of.
fn ignored(tokens: &[Token], nodes: &[Node], best: &Choice, missing: &[String]) -> Vec<String> {
    let mut ignored = missing.to_vec();
    for at in best.reading.unused.iter().chain(&best.lost) {
        let words = words(tokens, &nodes[*at]);
        if !ignored.contains(&words) {
            ignored.push(words);
        }
    }
    ignored
}

/// What a stretch of the question says.
fn words(tokens: &[Token], node: &Node) -> String {
    tokens[node.first..node.last].iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Whether `other` reads the question like `own` but for the place of a value: Germany as the country of the invoice or of the
/// customer it went to. That is to be said, and no reason to doubt the reading.
fn other_column(nodes: &[Node], index: &SchemaIndex, own: &Choice, other: &Choice) -> Option<String> {
    let mut note = None;
    for at in own.assignment.chosen.keys() {
        let (mine, theirs) = (own.assignment.target(nodes, *at)?, other.assignment.target(nodes, *at)?);
        if mine.target == theirs.target {
            continue;
        }
        let (Target::Value(here, value), Target::Value(there, same)) = (&mine.target, &theirs.target) else { return None };
        let kind = |column: ColumnId| index.info(column).words.last().map(|word| word.stem.clone());
        let joined = index.relations.steps(here.table).any(|step| step.to == there.table);
        if value != same || kind(*here) != kind(*there) || !joined {
            return None;
        }
        let name = |column: ColumnId| format!("{}.{}", index.table(column.table).name.name, index.column(column).name);
        note = Some(format!("“{value}” is looked for in {}, not in {}", name(*here), name(*there)));
    }
    note
}

/// Words with content that nothing matched.
fn unmatched(tokens: &[Token], nodes: &[Node]) -> Vec<String> {
    nodes.iter().filter(|node| matches!(node.kind, NodeKind::Unknown)).map(|node| tokens[node.first].text.clone()).collect()
}

fn features(
    tokens: &[Token],
    nodes: &[Node],
    assignment: &Assignment,
    reading: &Reading,
    built: &Built,
    lost: &[usize],
) -> Features {
    let content = |node: &Node| {
        tokens[node.first..node.last]
            .iter()
            .filter(|token| match token.kind {
                TokenKind::Word => !lexicon::is_stopword(&token.lower),
                TokenKind::Mark => false,
                _ => true,
            })
            .count()
    };
    let total: usize = nodes.iter().map(content).sum();
    let unknown: usize = nodes.iter().filter(|node| matches!(node.kind, NodeKind::Unknown)).count();
    let unused = reading.unused.iter().filter(|at| !matches!(nodes[**at].kind, NodeKind::Unknown)).count();
    let lost_names = lost.iter().filter(|at| matches!(nodes[**at].kind, NodeKind::Mention(_))).count();
    let scores: Vec<f64> =
        (0..nodes.len()).filter_map(|at| assignment.target(nodes, at)).map(|candidate| candidate.score.min(1.0)).collect();
    let weakest = scores.iter().copied().fold(1.0, f64::min);
    let mean = if scores.is_empty() { 0.0 } else { scores.iter().sum::<f64>() / scores.len() as f64 };
    Features {
        words: total,
        unknown,
        unused,
        lost_names,
        lost_operations: lost.len() - lost_names,
        doubts: built.doubts,
        steps: built.steps,
        weakest,
        mean,
        tokens: tokens.len(),
        asked: !reading.asks.is_empty(),
    }
}

/// A question back, when two readings score alike because one word has two meanings of one kind.
fn clarify(nodes: &[Node], tokens: &[Token], index: &SchemaIndex, best: &Choice, rest: &[Choice]) -> Option<Clarification> {
    let second = rest.first()?;
    if best.rank - second.rank > CLOSE || best.confidence < FLOOR {
        return None;
    }
    let at =
        best.assignment.chosen.keys().copied().find(|at| best.assignment.chosen.get(at) != second.assignment.chosen.get(at))?;
    let kinds = |option: &Choice| option.assignment.target(nodes, at).map(|candidate| candidate.target.clone());
    let (first, other) = (kinds(best)?, kinds(second)?);
    let same_kind = match (&first, &other) {
        (Target::Column(a), Target::Column(b)) => a.table != b.table && !index.info(*a).roles.key && !index.info(*b).roles.key,
        (Target::Table(_), Target::Table(_)) => true,
        _ => false,
    };
    if !same_kind {
        return None;
    }
    let options = std::iter::once(best)
        .chain(rest.iter().filter(|option| best.rank - option.rank <= CLOSE))
        .map(|option| ClarifyOption::of_query(explain::describe(&option.built.query), option.built.query.clone()))
        .collect();
    Some(Clarification { question: format!("What does “{}” mean here?", words(tokens, &nodes[at])), options })
}

fn abstain(kind: AbstentionKind, reason: String, missing: Vec<String>, suggestions: Vec<String>) -> Plan {
    Plan::Abstain(Abstention { reason, kind, missing, suggestions })
}

fn not_called(words: &[String]) -> String {
    format!("nothing in this data is called {}; use a name that is in the data, or leave it out", list(words))
}

fn list(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().take(6).map(|word| format!("“{word}”")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} or {last}", all.join(", ")),
    }
}

/// Questions that work on this data: the tables most others hang on.
fn suggestions(index: &SchemaIndex) -> Vec<String> {
    let mut ranked: Vec<(usize, usize)> =
        (0..index.tables.len()).map(|table| (index.relations.steps(table).count(), table)).collect();
    ranked.sort_by_key(|(edges, table)| (std::cmp::Reverse(*edges), *table));
    ranked.iter().take(3).map(|(_, table)| format!("How many {} are there?", index.table(*table).name.name)).collect()
}
