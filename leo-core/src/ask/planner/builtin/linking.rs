//! Linking: which words of the question name a table, a column, a metric or a value, which operate, and which say nothing.
//!
//! Every stretch of words is looked up; the cut of the question into stretches with the highest total is taken.

use std::collections::{BTreeMap, BTreeSet};

use super::lexicon::{self, Op};
use super::matching::match_form;
use super::schema::{ColumnId, Named, SchemaIndex, normalize};
use super::scoring::weights;
use super::time::{TimeMention, TimeReader};
use super::tokens::{Token, TokenKind, stem};
use crate::ask::planner::plan::Evidence;

/// What a mention may mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    Table(usize),
    Column(ColumnId),
    Metric(usize),
    /// A value of a column, as stored.
    Value(ColumnId, String),
}

impl Target {
    /// The table it belongs to.
    pub(super) fn table(&self, index: &SchemaIndex) -> usize {
        match self {
            Self::Table(table) => *table,
            Self::Column(column) | Self::Value(column, _) => column.table,
            Self::Metric(metric) => index.metrics[*metric].table,
        }
    }
}

/// One meaning with its strength.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) target: Target,
    pub(super) score: f64,
    pub(super) evidence: Evidence,
}

/// What a stretch of the question is.
#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    Op(Op),
    /// Names or values, best first; never empty.
    Mention(Vec<Candidate>),
    Number(f64),
    /// Quoted text, or words that look like a name the data may hold.
    Literal(String),
    Time(TimeMention),
    /// A word with content that nothing matches.
    Unknown,
    /// A word without content.
    Skip,
}

/// A stretch of the question.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// First token.
    pub(super) first: usize,
    /// Token after the last.
    pub(super) last: usize,
}

/// Most tokens of one name.
const LONGEST_NAME: usize = 6;
/// Most tokens of one value.
const LONGEST_VALUE: usize = 8;
/// Names behind a word that is in more forms than this are looked up among the tables at hand only.
const COMMON_WORD: usize = 150;
/// Letters of the shortest word that is taken for a misspelled name.
const SHORTEST_MISSPELLED: usize = 6;
/// Most meanings kept for a stretch.
const MOST_CANDIDATES: usize = 10;

/// Cuts the question into linked stretches. Tokens in `stands_for` mean the table they stand for, and nothing else.
pub(super) fn link(
    question: &str,
    tokens: &[Token],
    stands_for: &BTreeMap<usize, usize>,
    index: &SchemaIndex,
    times: &TimeReader<'_>,
) -> Vec<Node> {
    let linker = Linker { question, tokens, stands_for, index };
    let context = linker.context();
    let mut spans: BTreeMap<usize, Vec<(usize, Vec<Candidate>)>> = BTreeMap::new();
    for at in 0..tokens.len() {
        spans.insert(at, linker.mentions(at, Some(&context)));
    }
    let mut nodes = linker.cut(&spans, times);
    for node in nodes.iter_mut().filter(|node| matches!(node.kind, NodeKind::Unknown)) {
        let meant = linker.misspelled(&tokens[node.first], &context);
        if !meant.is_empty() {
            node.kind = NodeKind::Mention(meant);
        }
    }
    linker.merge_names(nodes)
}

struct Linker<'a> {
    question: &'a str,
    tokens: &'a [Token],
    stands_for: &'a BTreeMap<usize, usize>,
    index: &'a SchemaIndex,
}

impl Linker<'_> {
    /// Tables the question plainly speaks of, and their neighbours.
    fn context(&self) -> BTreeSet<usize> {
        let mut tables = BTreeSet::new();
        for at in 0..self.tokens.len() {
            for (_, candidates) in self.mentions(at, None) {
                for candidate in candidates.iter().filter(|candidate| candidate.score >= 0.7) {
                    tables.insert(candidate.target.table(self.index));
                }
            }
        }
        let mut all = tables.clone();
        for table in tables {
            all.extend(self.index.relations.steps(table).map(|step| step.to));
        }
        all
    }

    /// Stretches that begin at `at`, with their meanings.
    fn mentions(&self, at: usize, context: Option<&BTreeSet<usize>>) -> Vec<(usize, Vec<Candidate>)> {
        if let Some(table) = self.stands_for.get(&at) {
            let score = weights::SAME_WORD + weights::PLURAL_TABLE;
            return vec![(1, vec![Candidate { target: Target::Table(*table), score, evidence: Evidence::Grammar }])];
        }
        let mut found = Vec::new();
        for length in 1..=LONGEST_VALUE.min(self.tokens.len() - at) {
            let span = &self.tokens[at..at + length];
            if (at..at + length).any(|at| self.stands_for.contains_key(&at)) {
                break;
            }
            let mut candidates = Vec::new();
            if length <= LONGEST_NAME {
                candidates = self.names(span, context);
            }
            candidates.extend(self.values(span));
            if candidates.is_empty() {
                continue;
            }
            candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
            let mut kept: Vec<Candidate> = Vec::new();
            for candidate in candidates {
                if kept.len() < MOST_CANDIDATES && !kept.iter().any(|known| known.target == candidate.target) {
                    kept.push(candidate);
                }
            }
            found.push((length, kept));
        }
        found
    }

    fn names(&self, span: &[Token], context: Option<&BTreeSet<usize>>) -> Vec<Candidate> {
        let linkable = |token: &Token| matches!(token.kind, TokenKind::Word | TokenKind::Number(_));
        let [first, .., last] = span else {
            return match span {
                // "first and last name" is said short; "first order date" is not about names.
                [only] if matches!(only.lower.as_str(), "first" | "last" | "middle") => {
                    if self.names_follow(only) {
                        self.matching(&[&only.stem, "name"], context)
                    } else {
                        Vec::new()
                    }
                }
                [only] if linkable(only) && !is_function_word(only) => {
                    let mut found = self.matching(&[&only.stem], context);
                    if only.stem == "name" {
                        found.extend(self.naming_columns(context));
                    }
                    // Rows are named in the plural, columns seldom.
                    if only.lower.ends_with('s') {
                        for candidate in &mut found {
                            if matches!(candidate.target, Target::Table(_)) && candidate.score >= weights::SAME_WORD {
                                candidate.score += weights::PLURAL_TABLE;
                            }
                        }
                    }
                    // A verb is a name only by itself: "placed" is no address.
                    if only.lower.ends_with("ed") || only.lower.ends_with("ing") {
                        found.retain(|candidate| candidate.evidence != Evidence::Synonym);
                    }
                    found
                }
                _ => Vec::new(),
            };
        };
        if !linkable(first) || !linkable(last) || lexicon::is_glue(&first.lower) || lexicon::is_glue(&last.lower) {
            return Vec::new();
        }
        let words: Vec<&str> =
            span.iter().filter(|token| !lexicon::is_glue(&token.lower)).map(|token| token.stem.as_str()).collect();
        // "name and age" is two names; a name with "and" in it is written without other glue.
        let joins = span.iter().filter(|token| matches!(token.lower.as_str(), "and" | "'s")).count();
        let inner = span.iter().any(|token| !linkable(token) && token.lower != "'s");
        if inner || words.len() < 2 || (joins > 0 && words.len() < 2) || span.iter().any(|token| token.lower == "and") {
            return Vec::new();
        }
        if span.iter().any(|token| is_function_word(token) && !lexicon::is_glue(&token.lower)) {
            return Vec::new();
        }
        let mut found = self.matching_words(&words, context, words.len() < span.len());
        if words == ["full", "name"] {
            found.extend(self.full_names(context));
        }
        found
    }

    /// Whether "and last name" or the like follows.
    fn names_follow(&self, token: &Token) -> bool {
        let rest = self.tokens.iter().skip_while(|other| other.span.start <= token.span.start);
        let rest: Vec<&str> = rest.take(5).map(|token| token.lower.as_str()).collect();
        matches!(rest.first(), Some(&"and" | &"," | &"or" | &"&")) && rest.iter().any(|word| matches!(*word, "name" | "names"))
    }

    /// "full name": tables whose rows are named by two columns.
    fn full_names(&self, context: Option<&BTreeSet<usize>>) -> Vec<Candidate> {
        let tables = context.into_iter().flatten().copied();
        tables
            .filter(|table| self.index.tables[*table].display.len() == 2)
            .filter_map(|table| {
                let column = *self.index.tables[table].display.first()?;
                let target = Target::Column(ColumnId { table, column });
                Some(Candidate { target, score: weights::ABBREVIATION, evidence: Evidence::Structure })
            })
            .collect()
    }

    /// What "name" means for tables without a column called so: whatever names their rows.
    fn naming_columns(&self, context: Option<&BTreeSet<usize>>) -> Vec<Candidate> {
        let tables = context.into_iter().flatten().copied();
        tables
            .filter(|table| {
                let info = &self.index.tables[*table];
                let named =
                    |column: &usize| info.columns[*column].words.iter().any(|word| matches!(word.stem.as_str(), "name" | "titl"));
                info.display.len() == 2 || !info.display.iter().any(named)
            })
            .filter_map(|table| {
                let column = *self.index.tables[table].display.first()?;
                let target = Target::Column(ColumnId { table, column });
                Some(Candidate { target, score: weights::NAMING_COLUMN, evidence: Evidence::Structure })
            })
            .collect()
    }

    fn matching(&self, words: &[&str], context: Option<&BTreeSet<usize>>) -> Vec<Candidate> {
        self.matching_words(words, context, false)
    }

    /// `glued`: the words had "of" or the like between them.
    fn matching_words(&self, words: &[&str], context: Option<&BTreeSet<usize>>, glued: bool) -> Vec<Candidate> {
        // "firstname" for a name of two words.
        let parts: Vec<(String, String)> = words
            .iter()
            .filter(|word| self.index.postings(word).next().is_none())
            .filter_map(|word| {
                let long = lexicon::expand(word)
                    .and_then(|long| long.split_once(' '))
                    .map(|(head, tail)| (head.to_owned(), tail.to_owned()));
                long.or_else(|| lexicon::split_glued(word, |head| self.index.postings(&stem(head)).next().is_some()))
            })
            .map(|(head, tail)| (stem(&head), stem(&tail)))
            .collect();
        let mut split: Vec<&str> = Vec::new();
        if !parts.is_empty() {
            let mut next = parts.iter();
            for word in words {
                match self.index.postings(word).next().is_none().then(|| next.next()).flatten() {
                    Some((head, tail)) => split.extend([head.as_str(), tail.as_str()]),
                    None => split.push(word),
                }
            }
        }
        let words = if split.is_empty() { words } else { &split[..] };
        // The rarest word decides which forms are looked at.
        let Some(rarest) = words.iter().min_by_key(|word| self.index.postings(word).count()) else { return Vec::new() };
        let common = self.index.postings(rarest).count() > COMMON_WORD;
        if common && context.is_none() {
            return Vec::new();
        }
        let mut found: Vec<Candidate> = Vec::new();
        for at in self.index.postings(rarest) {
            let form = &self.index.forms[at as usize];
            if common
                && let (Some(context), Named::Column(column)) = (context, form.target)
                && !context.contains(&column.table)
            {
                continue;
            }
            let Some((score, evidence)) = match_form(words, form, glued) else { continue };
            let target = match form.target {
                Named::Table(table) => Target::Table(table),
                Named::Column(column) => Target::Column(column),
                Named::Metric(metric) => Target::Metric(metric),
            };
            // What a view shows is in the tables it is made of.
            let score = if self.index.is_view(&target) { score - weights::VIEW } else { score };
            match found.iter_mut().find(|known| known.target == target) {
                Some(known) if known.score >= score => {}
                Some(known) => (known.score, known.evidence) = (score, evidence),
                None => found.push(Candidate { target, score, evidence }),
            }
        }
        found
    }

    fn values(&self, span: &[Token]) -> Vec<Candidate> {
        if self.index.values.is_empty() {
            return Vec::new();
        }
        let [first, .., last] = span else {
            return match span {
                [only] => self.single_value(only),
                _ => Vec::new(),
            };
        };
        if span.iter().any(Token::is_quoted) || matches!(first.kind, TokenKind::Mark) || matches!(last.kind, TokenKind::Mark) {
            return Vec::new();
        }
        if span.iter().any(|token| matches!(token.lower.as_str(), "," | "?" | ";" | ":")) {
            return Vec::new();
        }
        let text = self.question.get(first.span.start..last.span.end).unwrap_or_default();
        let content = span.iter().any(|token| token.is_word() && !lexicon::is_stopword(&token.lower));
        if !content && !span.iter().any(|token| token.capital) {
            return Vec::new();
        }
        self.value_candidates(text, weights::VALUE_PHRASE)
    }

    fn value_candidates(&self, text: &str, base: f64) -> Vec<Candidate> {
        let normal = normalize(text);
        let places = self.index.values.exact(&normal);
        places
            .iter()
            .map(|place| {
                let column = ColumnId { table: place.table as usize, column: place.column as usize };
                let same = *place.value == *text;
                let key = self.index.info(column).roles.key;
                let score = base + if same { weights::SAME_SPELLING } else { 0.0 } - if key { weights::KEY_VALUE } else { 0.0 };
                Candidate { target: Target::Value(column, place.value.to_string()), score, evidence: Evidence::Value }
            })
            .collect()
    }

    fn single_value(&self, token: &Token) -> Vec<Candidate> {
        match token.kind {
            TokenKind::Quoted => return self.value_candidates(&token.text, weights::VALUE_QUOTED),
            TokenKind::Word => {}
            _ => return Vec::new(),
        }
        if is_function_word(token) && !token.capital {
            return Vec::new();
        }
        let base = if token.capital { weights::VALUE_CAPITAL } else { weights::VALUE_WORD };
        let mut found = if token.lower.chars().count() == 1 && !token.capital {
            Vec::new()
        } else {
            self.value_candidates(&token.text, base)
        };
        for other in lexicon::demonym(&token.lower) {
            found.extend(self.value_candidates(other, weights::VALUE_DEMONYM));
        }
        if found.is_empty() && token.capital {
            let places = self.index.values.leading(&normalize(&token.text));
            // One value only: a first word shared by several says too little.
            if let [place] = places {
                let column = ColumnId { table: place.table as usize, column: place.column as usize };
                found.push(Candidate {
                    target: Target::Value(column, place.value.to_string()),
                    score: weights::VALUE_LEADING,
                    evidence: Evidence::Value,
                });
            }
        }
        found
    }

    /// What the further words of a phrase add: words with content as much as names.
    fn operation_words(&self, from: usize, count: usize) -> f64 {
        let words = self.tokens.get(from..from + count).unwrap_or_default();
        words
            .iter()
            .map(|token| {
                let light = lexicon::is_stopword(&token.lower) || token.kind == TokenKind::Mark;
                if light { weights::OPERATION_WORD } else { weights::OPERATION_CONTENT }
            })
            .sum()
    }

    /// Whether the word before asks for a number.
    fn compared(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| {
            matches!(
                self.tokens[before].lower.as_str(),
                "made"
                    | "make"
                    | "took"
                    | "wrote"
                    | "than"
                    | "least"
                    | "most"
                    | "exactly"
                    | "only"
                    | "just"
                    | "over"
                    | "under"
                    | "above"
                    | "below"
                    | "have"
                    | "has"
                    | "top"
                    | "="
                    | "or"
            )
        })
    }

    /// The cut with the highest total, by dynamic programming from the right.
    fn cut(&self, spans: &BTreeMap<usize, Vec<(usize, Vec<Candidate>)>>, times: &TimeReader<'_>) -> Vec<Node> {
        let count = self.tokens.len();
        let mut best: Vec<(f64, Node)> = Vec::new();
        let mut totals = vec![0.0f64; count + 1];
        for at in (0..count).rev() {
            let token = &self.tokens[at];
            let mut choice: Option<(f64, Node)> = None;
            let mut offer = |score: f64, kind: NodeKind, length: usize| {
                let total = score + totals[at + length];
                if choice.as_ref().is_none_or(|(known, _)| total > *known + 1e-9) {
                    choice = Some((total, Node { kind, first: at, last: at + length }));
                }
            };
            if let Some(found) = times.read(at) {
                let length = found.length;
                offer(weights::TIME * length as f64, NodeKind::Time(found), length);
            }
            for (length, candidates) in spans.get(&at).into_iter().flatten() {
                let content = self.tokens[at..at + length]
                    .iter()
                    .filter(|token| !lexicon::is_glue(&token.lower) && token.kind != TokenKind::Mark)
                    .count();
                let Some(top) = candidates.first() else { continue };
                let score = top.score * (content.max(1) as f64).powf(weights::LONGER);
                offer(score, NodeKind::Mention(candidates.clone()), *length);
            }
            for found in lexicon::matches_at(self.tokens, at) {
                // "greater than 300 or less than 100" has no "or less".
                let cut_short = matches!(found.op, Op::OrMore | Op::OrLess)
                    && self.tokens.get(at + found.length).is_some_and(|token| token.lower == "than");
                // "ordered by year" orders; a column called year groups better than the unit.
                let ordered = at.checked_sub(1).is_some_and(|before| {
                    matches!(
                        self.tokens[before].lower.as_str(),
                        "ordered" | "sorted" | "sort" | "order" | "ranked" | "arranged" | "listed" | "them" | "results"
                    )
                });
                let unit = at + found.length - 1;
                let named = matches!(found.op, Op::Grain(crate::query::Grain::Year))
                    && spans.get(&unit).into_iter().flatten().any(|(length, candidates)| {
                        *length == 1
                            && candidates.iter().any(|c| c.evidence == Evidence::Name && matches!(c.target, Target::Column(_)))
                    });
                if cut_short || (matches!(found.op, Op::Grain(_)) && found.length > 1 && (ordered || named)) {
                    continue;
                }
                let start = at == 0 && matches!(found.op, Op::Ask | Op::Which | Op::Who | Op::HowMany);
                let light = matches!(
                    found.op,
                    Op::Preposition
                        | Op::And
                        | Op::Or
                        | Op::Comma
                        | Op::Have
                        | Op::Be
                        | Op::Pronoun
                        | Op::Relative
                        | Op::With
                        | Op::By
                );
                let score = if light { weights::LIGHT_WORD } else { weights::OPERATION }
                    + self.operation_words(at + 1, found.length - 1)
                    + if start { weights::OPENING } else { 0.0 };
                offer(score, NodeKind::Op(found.op), found.length);
            }
            match token.kind {
                // "the youngest one", "which one": a number only where something is compared.
                TokenKind::Number(_) if token.lower == "one" && !self.compared(at) => offer(weights::STOPWORD, NodeKind::Skip, 1),
                TokenKind::Number(value) => offer(weights::NUMBER, NodeKind::Number(value), 1),
                TokenKind::Quoted => offer(weights::QUOTED, NodeKind::Literal(token.text.clone()), 1),
                TokenKind::Date(_) | TokenKind::Mark => offer(0.0, NodeKind::Skip, 1),
                TokenKind::Word if lexicon::is_stopword(&token.lower) => offer(weights::STOPWORD, NodeKind::Skip, 1),
                TokenKind::Word => offer(0.0, NodeKind::Unknown, 1),
            }
            let (total, node) = choice.unwrap_or((totals[at + 1], Node { kind: NodeKind::Skip, first: at, last: at + 1 }));
            totals[at] = total;
            best.push((total, node));
        }
        best.reverse();
        let mut nodes = Vec::new();
        let mut at = 0;
        while let Some((_, node)) = best.get(at) {
            at = node.last;
            nodes.push(node.clone());
        }
        nodes
    }

    /// What a word with a typing error names: long words only, because among short ones another word is as near.
    fn misspelled(&self, token: &Token, context: &BTreeSet<usize>) -> Vec<Candidate> {
        let plain = token.lower.chars().all(char::is_alphabetic);
        if token.capital || !plain || token.lower.chars().count() < SHORTEST_MISSPELLED {
            return Vec::new();
        }
        let Some(meant) = self.index.misspelled(&token.lower) else { return Vec::new() };
        let mut found = self.matching(&[meant], Some(context));
        found.retain(|candidate| candidate.score >= weights::SAME_WORD);
        for candidate in &mut found {
            candidate.score *= weights::MISSPELLED;
            candidate.evidence = Evidence::Spelling;
        }
        found
    }

    /// Words nothing matches that are written like names become literals: `Der Kapitan`, `ACCT-211`.
    fn merge_names(&self, nodes: Vec<Node>) -> Vec<Node> {
        let mut merged: Vec<Node> = Vec::new();
        for node in nodes {
            let token = &self.tokens[node.first];
            let nameish = match node.kind {
                NodeKind::Unknown => token.capital || token.text.chars().any(|c| c.is_ascii_digit()),
                // A number glued to a name before it.
                NodeKind::Number(_) => merged.last().is_some_and(|last| {
                    matches!(last.kind, NodeKind::Literal(_))
                        && !self.tokens[last.first].is_quoted()
                        && self.tokens[last.last - 1].span.end + 1 >= token.span.start
                }),
                _ => false,
            };
            if !nameish {
                merged.push(node);
                continue;
            }
            match merged.last_mut() {
                Some(last)
                    if matches!(last.kind, NodeKind::Literal(_))
                        && last.last == node.first
                        && !self.tokens[last.first].is_quoted() =>
                {
                    last.last = node.last;
                    let text = self.question.get(self.tokens[last.first].span.start..token.span.end).unwrap_or_default();
                    last.kind = NodeKind::Literal(text.to_owned());
                }
                _ => merged.push(Node { kind: NodeKind::Literal(token.text.clone()), ..node }),
            }
        }
        merged
    }
}

/// Words too small to be a name, unless quoted or capitalised.
fn is_function_word(token: &Token) -> bool {
    token.is_word()
        && lexicon::is_stopword(&token.lower)
        && !matches!(
            token.lower.as_str(),
            "type" | "kind" | "item" | "items" | "list" | "result" | "results" | "people" | "contain" | "use" | "used" | "kinds"
        )
}
