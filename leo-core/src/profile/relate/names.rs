//! What the names of a column, a key and a table have to do with each other.

use std::collections::HashSet;

use crate::catalog::{Table, split_words};

/// Words that say that a name is a key's, and nothing about of what.
const KEY_WORDS: &[&str] = &["id", "code", "number", "key", "pk", "fk", "uid", "guid", "uuid", "ref", "identifier"];

/// Tables, or keys, of people in general.
const PEOPLE: &[&str] = &["employee", "member", "people", "person", "personnel", "staff", "user", "worker"];

/// What people are to something else; a column so called holds one of them.
const ROLES: &[&str] = &[
    "adviser",
    "advisor",
    "agent",
    "approver",
    "assignee",
    "author",
    "boss",
    "bride",
    "buyer",
    "captain",
    "chief",
    "coach",
    "creator",
    "director",
    "editor",
    "father",
    "female",
    "groom",
    "head",
    "host",
    "husband",
    "instructor",
    "leader",
    "male",
    "manager",
    "mentor",
    "mgr",
    "mother",
    "operator",
    "owner",
    "partner",
    "recipient",
    "rep",
    "representative",
    "reviewer",
    "seller",
    "sender",
    "spouse",
    "supervisor",
    "teacher",
    "tutor",
    "wife",
    "winner",
];

/// Words of all table names, to take apart names that are written without a break: `customerid`.
#[derive(Debug)]
pub(super) struct Vocabulary(HashSet<String>);

impl Vocabulary {
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.flat_map(split_words).map(|word| stem(&word)).collect())
    }

    /// The words of a name: split, stemmed, abbreviations of `number` written out, `customerid` as `customer`, `id`.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        for word in split_words(name) {
            let parts = ["id", "code", "number", "num", "no"].iter().find_map(|key| {
                let head = stem(word.strip_suffix(key)?);
                if self.0.contains(&head) { Some((head, *key)) } else { None }
            });
            match parts {
                Some((head, key)) => found.extend([head, stem(key)]),
                None => found.push(stem(&word)),
            }
        }
        found
    }
}

/// The singular of an English word, roughly; the same rule on both sides of a comparison is what matters.
pub(in crate::profile) fn stem(word: &str) -> String {
    let word = match word {
        "num" | "no" | "nr" | "nbr" => "number",
        word => word,
    };
    let length = word.chars().count();
    if length > 3
        && let Some(head) = word.strip_suffix("ies")
    {
        return format!("{head}y");
    }
    if length > 4 && ["sses", "xes", "ches", "shes"].iter().any(|end| word.ends_with(end)) {
        return word.strip_suffix("es").unwrap_or(word).to_owned();
    }
    if length > 3 && !["ss", "us", "is"].iter().any(|end| word.ends_with(end)) {
        return word.strip_suffix('s').unwrap_or(word).to_owned();
    }
    word.to_owned()
}

/// The words of a column's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ColumnWords {
    /// All of them.
    pub all: Vec<String>,
    /// Without those that only say "key".
    pub core: Vec<String>,
    /// Whether one says "key".
    pub is_key: bool,
}

/// The words of a table's and its columns' names.
#[derive(Debug)]
pub(super) struct TableWords {
    pub table: Vec<String>,
    pub columns: Vec<ColumnWords>,
}

impl TableWords {
    pub(super) fn new(table: &Table, vocabulary: &Vocabulary) -> Self {
        let columns = table.columns.iter().map(|column| {
            let all = vocabulary.words(&column.name);
            let core: Vec<String> = all.iter().filter(|word| !KEY_WORDS.contains(&word.as_str())).cloned().collect();
            let is_key = core.len() < all.len();
            ColumnWords { all, core, is_key }
        });
        Self { table: vocabulary.words(&table.name.name), columns: columns.collect() }
    }
}

/// How a column's name may speak of a table's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// `customer_id` and `customer_id`.
    Same,
    /// `id` and `id`: says nothing.
    SameGeneric,
    /// `customer_id` and `customers.id`.
    TableAndKey,
    /// `billing_customer_id` and `customer_id`, or and `customers.id`.
    EndsWithKey,
    /// `hosting_city` and `cities.id`.
    EndsWithTable,
    /// `customer` and `customers.id`.
    Table,
    /// `customer_in_charge` and `customers.id`.
    BeginsWithTable,
    /// A word in common.
    Shares,
    /// `dept_no` and `departments.id`.
    Abbreviates,
    /// `reports_to`, `created_by` or `sales_rep` and `employees.id`.
    Role,
    /// Nothing in common.
    None,
}

/// The kinship of `column` and the key `key` of the table named `table`.
pub(super) fn kinship(column: &ColumnWords, key: &ColumnWords, table: &[String]) -> Kinship {
    let own_is_table = same(&column.core, table);
    let generic = key.core.is_empty();
    let ends = |words: &[String], end: &[String]| !end.is_empty() && words.ends_with(end);
    if column.all == key.all {
        return if generic { Kinship::SameGeneric } else { Kinship::Same };
    }
    if !column.core.is_empty() {
        if column.core == key.core {
            return Kinship::Same;
        }
        if own_is_table && (generic || within(&key.core, table)) {
            return if column.is_key || !generic { Kinship::TableAndKey } else { Kinship::Table };
        }
    }
    let is_table_and_key = within(table, &column.all)
        && within(&key.all, &column.all)
        && column.all.iter().all(|word| table.contains(word) || key.all.contains(word));
    if is_table_and_key {
        return Kinship::TableAndKey;
    }
    if column.core.is_empty() {
        return Kinship::None;
    }
    if own_is_table {
        return Kinship::Table;
    }
    // `club_id_2`: the number only tells two references apart.
    let numbered = column.all.last().is_some_and(|word| word.chars().all(|c| c.is_ascii_digit()));
    let unnumbered = column.core.get(..column.core.len().saturating_sub(1)).unwrap_or_default();
    if !generic && (ends(&column.all, &key.all) || ends(&column.core, &key.core) || (numbered && ends(unnumbered, &key.core))) {
        return Kinship::EndsWithKey;
    }
    if generic && column.is_key && ends(&column.core, table) {
        return Kinship::EndsWithKey;
    }
    if ends(&column.core, table) || (column.core.last() == table.last()) {
        return Kinship::EndsWithTable;
    }
    if (!table.is_empty() && column.core.starts_with(table)) || column.core.first() == table.last() {
        return Kinship::BeginsWithTable;
    }
    if column.core.iter().any(|word| table.contains(word) || key.core.contains(word)) {
        return Kinship::Shares;
    }
    if column.core.iter().any(|word| table.iter().chain(&key.core).any(|other| abbreviates(word, other))) {
        return Kinship::Abbreviates;
    }
    if is_role(&column.core) && table.iter().chain(&key.core).any(|word| PEOPLE.contains(&word.as_str())) {
        return Kinship::Role;
    }
    Kinship::None
}

/// Whether a column's words say what somebody is or did.
fn is_role(core: &[String]) -> bool {
    match core {
        [.., verb, to] if to == "to" => verb == "report" || verb.starts_with("assign"),
        [.., _, by] if by == "by" => true,
        [.., noun] => ROLES.contains(&noun.as_str()),
        [] => false,
    }
}

/// Whether one word is short for the other.
pub(super) fn abbreviates(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if short.chars().count() < 3 || short == long {
        return false;
    }
    if long.starts_with(short) {
        return true;
    }
    // The letters in order, the first one first, and not too few of them: `dpt` for `department`.
    let mut letters = long.chars();
    let in_order =
        short.chars().next() == long.chars().next() && short.chars().all(|letter| letters.any(|other| other == letter));
    in_order && short.chars().count() * 3 >= long.chars().count()
}

/// Whether the words of a column without key words name the table itself.
pub(super) fn names_table(core: &[String], table: &[String]) -> bool {
    match (core, table) {
        ([], _) => false,
        ([only], [table]) => only == table || abbreviates(only, table),
        _ => same(core, table),
    }
}

/// Whether all of `words` are among the others.
fn within(words: &[String], others: &[String]) -> bool {
    words.iter().all(|word| others.contains(word))
}

/// Whether both are the same words, in whichever order.
fn same(words: &[String], others: &[String]) -> bool {
    within(words, others) && within(others, words)
}
