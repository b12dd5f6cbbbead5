//! The words that a model may write: a closed list, and what the rows are called.
//!
//! What is not in it cannot be checked: figures in any language, names that are typed and not referred to, reasons, forecasts, judgements,
//! comparisons. A list of what is forbidden would never be whole; this one is, and the model is told it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::rows::Rows;
use crate::ask::planner::{Link, LinkTarget};
use crate::ask::wording::{plural, singular};
use crate::catalog::split_words;

/// Words that claim nothing by themselves.
pub(super) const PLAIN: &str = "\
a an the this that these those it its they them their there here which who whose what when where s \
is are was were be been being has have had having do does did \
of in on at by for from to with within between across over through during until per among as into \
and or while also but whereas \
come comes came make makes made making account accounts accounting accounted show shows showing shown give gives giving given \
hold holds held holding stand stands standing amount amounts amounting contain contains containing include includes including \
list lists listed name names named call called belong belongs bring brings brought cover covers covered covering count counts counted \
add adds adding go goes went run runs move moved sit sits lie lies see seen found contribute contributes contributed contributing \
generate generates generated represent represents represented representing return returns returned \
row rows column columns value values figure figures number numbers group groups entry entries item items record records \
period periods time date dates year years month months week weeks day days hour hours today current \
monthly yearly weekly daily quarterly annual annually data table rest other others part parts difference size \
total totals totaling totalling together altogether combined overall sum sums whole share shares respectively following about";
/// Words for the greatest; each needs a column of which the sentence quotes the greatest value.
pub(super) const MOST: &str = "highest largest greatest biggest most maximum top peak";
/// Words for being it; they need one such column, however many there are of them.
pub(super) const LEADS: &str = "lead leads leading led leader peaks peaked tops topped";
/// Words for the least.
pub(super) const LEAST: &str = "lowest smallest least fewest minimum bottom";
/// Words for an order; the rows that are quoted have to be the first of it.
pub(super) const ORDER: &str = "followed follows then next";
/// Words for the mean or the median, of which the sentence quotes one.
pub(super) const AVERAGE: &str = "average averages averaging averaged mean median";
/// Words for all between least and greatest, of which the sentence quotes both.
pub(super) const RANGE: &str = "range ranges ranging ranged";
/// Words that call a sum what it is.
const TOTAL: &str = "total totals totaling totalling together altogether combined overall sum sums whole";
/// Numbers, also where a name has one of them.
const NUMBERS: &str = "\
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty \
thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion billions trillion dozen dozens \
half halves third thirds fourth fifth tenth double doubled triple tripled twice thrice once single pair couple both none percent";

/// What a word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Plain,
    Most,
    Leads,
    Least,
    Order,
    Average,
    Range,
}

static CLASSES: LazyLock<HashMap<&'static str, Class>> = LazyLock::new(|| {
    let lists = [
        (PLAIN, Class::Plain),
        (MOST, Class::Most),
        (LEADS, Class::Leads),
        (LEAST, Class::Least),
        (ORDER, Class::Order),
        (AVERAGE, Class::Average),
        (RANGE, Class::Range),
    ];
    lists.into_iter().flat_map(|(words, class)| words.split_whitespace().map(move |word| (word, class))).collect()
});

/// Whether `word` calls a sum what it is.
pub(super) fn is_total(word: &str) -> bool {
    TOTAL.split_whitespace().any(|own| own == word)
}

/// The list, and what the rows, their columns and their tables are called.
#[derive(Debug)]
pub(super) struct Vocabulary {
    names: HashSet<String>,
    /// What rows are called, where they are counted.
    rows: HashSet<String>,
}

impl Vocabulary {
    /// Of `rows` that were read from `tables`, with the words of a question that name tables, columns and measures.
    pub(super) fn new(rows: &Rows<'_>, tables: &[String], links: &[Link]) -> Self {
        let mut names = HashSet::new();
        let (layout, subject) = (&rows.layout, rows.input.subject.as_deref());
        for column in 0..rows.table.num_columns() {
            add(&mut names, rows.table.column_name(column));
            add(&mut names, layout.label(column));
        }
        subject.into_iter().chain(tables.iter().map(String::as_str)).for_each(|name| add(&mut names, name));
        let is_name =
            |link: &&Link| matches!(link.target, LinkTarget::Table(_) | LinkTarget::Column { .. } | LinkTarget::Measure(_));
        links.iter().filter(is_name).for_each(|link| add(&mut names, &link.words));
        let mut counted: HashSet<String> =
            "row rows entry entries group groups item items record records".split(' ').map(str::to_owned).collect();
        if layout.measures.is_empty() {
            subject.into_iter().for_each(|name| add(&mut counted, name));
        }
        for column in &layout.dimensions {
            add(&mut counted, layout.label(*column));
        }
        if let Some(time) = layout.timeline() {
            add(&mut names, layout.periods(time));
            add(&mut counted, layout.periods(time));
        }
        Self { names, rows: counted }
    }

    /// What `word`, in lower case, says; nothing where it may not be written.
    pub(super) fn class(&self, word: &str) -> Option<Class> {
        CLASSES.get(word).copied().or_else(|| self.names.contains(word).then_some(Class::Plain))
    }

    /// Whether `word` is what the rows are called.
    pub(super) fn is_row(&self, word: &str) -> bool {
        self.rows.contains(word)
    }
}

/// The words of a name, each also in the singular and the plural; without those that are numbers.
fn add(names: &mut HashSet<String>, name: &str) {
    let of_letters = |word: &String| !word.is_empty() && word.chars().all(char::is_alphabetic);
    for word in split_words(name).into_iter().map(|word| word.to_lowercase()).filter(of_letters) {
        if NUMBERS.split_whitespace().all(|number| number != word) {
            names.extend([singular(&word), plural(&word), word]);
        }
    }
}

/// Whether a figure is in a name, in digits or in words.
pub(super) fn has_number(name: &str) -> bool {
    let is_number = |word: &String| NUMBERS.split_whitespace().any(|number| number == word);
    name.contains(char::is_numeric) || split_words(name).iter().any(is_number)
}

/// Whether two words in a row say what neither says alone: a majority, a fourth.
pub(super) fn is_figure(word: &str, next: &str) -> bool {
    next == "of" && ["most", "quarter", "quarters", "second", "seconds"].contains(&word)
}
