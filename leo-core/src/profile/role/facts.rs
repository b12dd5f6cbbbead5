//! What of a table's structure and statistics tells what part it plays.

use std::collections::HashMap;

use super::words;
use crate::catalog::{Catalog, Column, LogicalType, Table, TableName, TimeEncoding, expand, split_words};
use crate::profile::relate::stem;

/// A table as the classifier sees it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Words of its name: the one that says what its rows are, then the rest.
    pub head: String,
    pub others: Vec<String>,
    /// Other tables that it refers to, and that refer to it.
    pub links: usize,
    pub referred: usize,
    /// Whether each part of its key refers to another table, of at least two.
    pub key_is_links: bool,
    /// Whether a reference and a point in time are together in its key.
    pub key_has_time: bool,
    /// Whether it has a key of one column that refers to nothing.
    pub own_key: bool,
    /// Whether that key is called a code.
    pub code_key: bool,
    /// Columns that look like keys or references, and the rest.
    pub keys: usize,
    pub payload: usize,
    /// Points in time that may tell when a row happened.
    pub times: usize,
    /// Whether one of them has the time of day.
    pub has_clock: bool,
    /// Whether there is one of when something began, and one of when it ended.
    pub has_period: bool,
    pub amounts: usize,
    pub personal: usize,
    pub technical: usize,
    pub has_name: bool,
    /// Rows, where they are known; and the median of all tables.
    pub rows: Option<u64>,
    pub median: u64,
    /// Whether most rows have a point in time of their own.
    pub spread_in_time: bool,
    /// Whether the rows were read.
    pub profiled: bool,
}

/// The facts of each table of `catalog`, in its order; linear in columns and relationships.
pub(super) fn facts(catalog: &Catalog) -> Vec<Facts> {
    let index: HashMap<&TableName, usize> = catalog.tables.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
    let mut parents: Vec<Vec<usize>> = vec![Vec::new(); catalog.tables.len()];
    let mut children = parents.clone();
    let mut link_columns: Vec<Vec<&str>> = vec![Vec::new(); catalog.tables.len()];
    for relationship in &catalog.relationships {
        let (Some(&child), Some(&parent)) = (index.get(&relationship.child), index.get(&relationship.parent)) else { continue };
        if let Some(columns) = link_columns.get_mut(child) {
            columns.extend(relationship.child_columns.iter().map(String::as_str));
        }
        if child != parent {
            parents.get_mut(child).into_iter().for_each(|list| list.push(parent));
            children.get_mut(parent).into_iter().for_each(|list| list.push(child));
        }
    }
    let mut counts: Vec<u64> = catalog.tables.iter().filter_map(|table| table.rows).collect();
    counts.sort_unstable();
    let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let distinct = |mut list: Vec<usize>| {
        list.sort_unstable();
        list.dedup();
        list.len()
    };
    let mut found = Vec::with_capacity(catalog.tables.len());
    for (((table, parents), children), links) in catalog.tables.iter().zip(parents).zip(children).zip(&link_columns) {
        let mut facts = of_table(table, links);
        (facts.links, facts.referred, facts.median) = (distinct(parents), distinct(children), median);
        found.push(facts);
    }
    found
}

fn of_table(table: &Table, links: &[&str]) -> Facts {
    let (head, others) = named(&table.name.name);
    let is_link = |name: &str| links.contains(&name);
    let key = &table.primary_key;
    let in_key = |name: &str| key.iter().any(|part| part.eq_ignore_ascii_case(name));
    let mut facts = Facts {
        head,
        others,
        key_is_links: key.len() >= 2 && key.iter().all(|part| is_link(part)),
        own_key: matches!(key.as_slice(), [only] if !is_link(only)),
        rows: table.rows,
        profiled: table.statistics.is_some(),
        ..Facts::default()
    };
    let (mut begins, mut ends, mut key_links, mut key_times) = (false, false, false, false);
    for (at, column) in table.columns.iter().enumerate() {
        let words = split(&column.name);
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let (link, keyed) = (is_link(&column.name), in_key(&column.name));
        let says_key = has(&["id", "key", "uuid", "guid", "fk"]) || at == 0 && has(&["code"]);
        if is_time(column, &words) {
            facts.times += 1;
            facts.has_clock |= column.data_type == LogicalType::Timestamp
                || matches!(
                    column.time_encoding,
                    Some(TimeEncoding::IsoTimestamp | TimeEncoding::UnixSeconds | TimeEncoding::UnixMillis)
                );
            begins |= has(&["from", "start", "begin", "valid", "effective"]);
            ends |= has(&["to", "end", "until", "expiry", "closed"]);
            key_times |= keyed;
            facts.spread_in_time |= spread(table, column);
        } else if link || keyed || says_key {
            facts.keys += 1;
            key_links |= link && keyed;
            facts.code_key |= keyed && !link && (has(&["code"]) || column.data_type == LogicalType::Text);
        } else {
            facts.payload += 1;
        }
        facts.amounts += usize::from(column.is_numeric() && !link && !keyed && has(words::AMOUNTS));
        facts.personal += usize::from(has(words::PERSONAL) || words.join(" ").contains("first name"));
        facts.technical += usize::from(has(words::TECHNICAL));
        facts.has_name |= !link && has(words::NAMES);
    }
    facts.has_period = begins && ends;
    facts.key_has_time = key_times && key_links;
    facts
}

/// Whether the column may tell when the row happened; birthdays do not.
fn is_time(column: &Column, words: &[String]) -> bool {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let typed = column.is_temporal() && column.data_type != LogicalType::Time;
    let named = has(&["date", "datetime", "timestamp"]) && !column.is_numeric() && column.data_type != LogicalType::Boolean;
    (typed || named || words == ["year"])
        && !has(&["birth", "birthday", "born", "founded", "opening", "hired", "joined", "release"])
}

/// Whether most rows have a point in time of their own.
fn spread(table: &Table, column: &Column) -> bool {
    let (Some(rows), Some(statistics)) = (table.statistics.as_ref().map(|found| found.rows), column.statistics.as_ref()) else {
        return false;
    };
    rows >= 1_000 && statistics.distinct.saturating_mul(2) >= rows
}

/// Words of a name, abbreviations written out, in the singular.
fn split(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for word in split_words(name) {
        match expand(&word) {
            Some(long) => words.extend(long.split(' ').map(stem)),
            None => words.push(stem(&word)),
        }
    }
    words
}

/// The word of a table's name that says what its rows are: the last one, or the last before `of`, `in`, `by`; and the other words.
fn named(name: &str) -> (String, Vec<String>) {
    let mut words: Vec<String> = split(name).into_iter().filter(|word| !word.chars().all(|c| c.is_ascii_digit())).collect();
    let small = |word: &String| matches!(word.as_str(), "of" | "in" | "by" | "for" | "at" | "with");
    let head = match words.iter().position(small) {
        Some(at @ 1..) => at - 1,
        _ => words.len().saturating_sub(1),
    };
    if words.is_empty() {
        return (String::new(), words);
    }
    let head = words.remove(head);
    (unglued(&head).unwrap_or(head), words)
}

/// The known word that a word without a break ends with: `sbtransaction`, `orderitem`.
fn unglued(word: &str) -> Option<String> {
    let lists = [words::ACTS, words::LINES, words::OBSERVATIONS, words::STATES, words::LISTS, words::THINGS];
    let all = || lists.iter().copied().flatten();
    if all().any(|known| *known == word) {
        return None;
    }
    let ends = all().filter(|known| known.len() >= 5 && word.ends_with(**known)).max_by_key(|known| known.len());
    ends.map(|known| (*known).to_owned())
}
