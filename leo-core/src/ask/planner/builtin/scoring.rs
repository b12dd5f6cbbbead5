//! Every weight of the planner in one place, and the confidence made of them.

/// Weights of links and readings.
pub(super) mod weights {
    /// A word that is the name's own word.
    pub(in super::super) const SAME_WORD: f64 = 1.0;
    /// A word whose abbreviation is in the name.
    pub(in super::super) const ABBREVIATION: f64 = 0.96;
    /// A synonym of the name's word.
    pub(in super::super) const SYNONYM: f64 = 0.8;
    /// Times the strength of the name that a misspelled word is taken for.
    pub(in super::super) const MISSPELLED: f64 = 0.75;
    /// Added for names and metrics the host gave.
    pub(in super::super) const GOVERNED: f64 = 0.1;
    /// Part of a name with its last word.
    pub(in super::super) const PART_WITH_HEAD: f64 = 0.6;
    /// Part of a name without its last word.
    pub(in super::super) const PART: f64 = 0.42;
    /// Less for tables, whose names are seldom cut short.
    pub(in super::super) const PART_OF_TABLE: f64 = 0.05;
    /// Times the covered share of the name.
    pub(in super::super) const COVERAGE: f64 = 0.32;
    /// Links below are not kept.
    pub(in super::super) const WEAKEST_LINK: f64 = 0.45;
    /// Exponent of the number of words: longer stretches win.
    pub(in super::super) const LONGER: f64 = 1.15;

    pub(in super::super) const VALUE_PHRASE: f64 = 0.93;
    pub(in super::super) const VALUE_QUOTED: f64 = 1.2;
    pub(in super::super) const VALUE_CAPITAL: f64 = 0.95;
    pub(in super::super) const VALUE_WORD: f64 = 0.78;
    pub(in super::super) const VALUE_DEMONYM: f64 = 0.85;
    pub(in super::super) const VALUE_LEADING: f64 = 0.6;
    pub(in super::super) const SAME_SPELLING: f64 = 0.05;
    /// Less for values of key columns.
    pub(in super::super) const KEY_VALUE: f64 = 0.04;

    pub(in super::super) const TIME: f64 = 1.1;
    pub(in super::super) const OPERATION: f64 = 0.84;
    pub(in super::super) const OPERATION_WORD: f64 = 0.3;
    pub(in super::super) const OPERATION_CONTENT: f64 = 1.05;
    /// A name said with a word like "number" behind it.
    pub(in super::super) const VAGUE_TAIL: f64 = 0.97;
    /// "name" of a table that has no such column.
    pub(in super::super) const NAMING_COLUMN: f64 = 0.72;
    /// Added for a table named in the plural.
    pub(in super::super) const PLURAL_TABLE: f64 = 0.08;
    /// Less for names in views.
    pub(in super::super) const VIEW: f64 = 0.06;
    pub(in super::super) const LIGHT_WORD: f64 = 0.1;
    pub(in super::super) const OPENING: f64 = 0.5;
    pub(in super::super) const NUMBER: f64 = 0.5;
    pub(in super::super) const QUOTED: f64 = 1.0;
    pub(in super::super) const STOPWORD: f64 = 0.05;

    /// A column of the table its phrase names: "name of the singer".
    pub(in super::super) const GOVERNED_BY: f64 = 0.5;
    /// A column of the table named before it: "singers whose age".
    pub(in super::super) const FOLLOWS: f64 = 0.3;
    /// A column of a table mentioned anywhere.
    pub(in super::super) const SAME_TABLE: f64 = 0.2;
    /// A column one step away.
    pub(in super::super) const NEAR: f64 = 0.08;
    /// A column that cannot be reached.
    pub(in super::super) const FAR: f64 = -0.3;
    /// A column of those who buy, where sales are meant.
    pub(in super::super) const BUYER: f64 = 0.1;
    /// A value behind its column: "city is Paris".
    pub(in super::super) const COLUMN_NAMED: f64 = 0.6;
    /// A table named where rows are meant: "how many singers".
    pub(in super::super) const ROWS_MEANT: f64 = 0.15;
    /// A table behind "how many".
    pub(in super::super) const ROWS_COUNTED: f64 = 0.4;
}

/// Below this a plan is not offered at all.
pub(super) const FLOOR: f64 = 0.2;
/// Assignments this far behind the strongest are second choices.
pub(super) const SECOND_CHOICE: f64 = 0.25;
/// Two readings closer than this are a question back.
pub(super) const CLOSE: f64 = 0.03;

/// What the confidence is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Features {
    /// Words with content.
    pub(super) words: usize,
    /// Of those, linked to nothing.
    pub(super) unknown: usize,
    /// Linked, but of no use to the reading.
    pub(super) unused: usize,
    /// Names and values that were understood and are not in the query.
    pub(super) lost_names: usize,
    /// The same of windows and operations.
    pub(super) lost_operations: usize,
    /// Doubts of grammar and building.
    pub(super) doubts: u32,
    /// Steps of joins.
    pub(super) steps: usize,
    /// The weakest and the mean link.
    pub(super) weakest: f64,
    pub(super) mean: f64,
    /// Tokens of the question.
    pub(super) tokens: usize,
    /// Whether it was said what to return.
    pub(super) asked: bool,
}

/// How sure a reading is, 0–1: a logistic regression on whether readings of training questions gave the right answer.
/// `margin` is its lead over the next reading.
pub(super) fn confidence(features: &Features, margin: f64) -> f64 {
    let unknown = features.unknown as f64;
    let evidence = 2.1
        - 0.75 * unknown / features.words.max(1) as f64
        - 0.33 * unknown.min(3.0)
        - 2.9 * features.unused.min(3) as f64
        - 1.05 * features.lost_names.min(3) as f64
        - 2.7 * features.lost_operations.min(3) as f64
        - 1.06 * f64::from(features.doubts.min(3))
        - 0.13 * features.steps.min(6) as f64
        - 0.54 * (1.0 - features.weakest)
        - 1.45 * (1.0 - features.mean)
        - 1.58 * (-3.0 * margin.max(0.0)).exp()
        - if features.asked { 0.0 } else { 1.35 }
        - 0.09 * features.tokens.saturating_sub(8) as f64;
    1.0 / (1.0 + (-evidence).exp())
}

/// What a reading loses against others of the same question.
pub(super) fn penalty(features: &Features) -> f64 {
    let left_out = features.unused + features.lost_names + features.lost_operations;
    0.4 * f64::from(features.doubts) + 0.3 * left_out as f64 + 0.04 * features.steps as f64
}
