//! Matching: how well words fit a name.

use super::lexicon;
use super::schema::{ColumnId, Form, Named, SchemaIndex, word_weight};
use super::scoring::weights;
use super::tokens::stem;
use crate::ask::planner::plan::Evidence;

/// How well words fit a form. A last word like "number" may be missing from the name: "phone number" is `phone`.
pub(super) fn match_form(words: &[&str], form: &Form, glued: bool) -> Option<(f64, Evidence)> {
    let whole = match_words(words, form, glued);
    if whole.is_some() {
        return whole;
    }
    let [rest @ .., last] = words else { return None };
    let vague = matches!(*last, "number" | "name" | "code" | "amount" | "valu" | "level" | "detail" | "id");
    if rest.is_empty() || glued || !vague || !matches!(form.target, Named::Column(_)) {
        return None;
    }
    let (score, evidence) = match_words(rest, form, false)?;
    (score >= weights::SAME_WORD).then_some((score * weights::VAGUE_TAIL, evidence))
}

/// Every word must be in the form; the score falls with what the form has beyond them.
fn match_words(words: &[&str], form: &Form, glued: bool) -> Option<(f64, Evidence)> {
    if words.len() > form.words.len() {
        return None;
    }
    let mut used = 0u16;
    let mut quality = 0.0;
    let mut weight = 0.0;
    let mut evidence = Evidence::Name;
    // Names of metrics are whole phrases with their own synonyms.
    let exact = matches!(form.target, Named::Metric(_));
    let mut head = false;
    let (mut first_at, mut last_at) = (None, None);
    for word in words {
        let concepts = lexicon::concepts(word);
        let mut best: Option<(f64, usize, Evidence)> = None;
        for (at, own) in form.words.iter().enumerate() {
            if used & (1 << at) != 0 {
                continue;
            }
            let found = if own.stem == *word {
                if own.written { (weights::SAME_WORD, Evidence::Name) } else { (weights::ABBREVIATION, Evidence::Abbreviation) }
            } else if !exact && own.concepts().iter().any(|concept| concepts.contains(concept)) {
                (weights::SYNONYM, Evidence::Synonym)
            } else {
                continue;
            };
            if best.is_none_or(|(known, _, _)| found.0 > known) {
                best = Some((found.0, at, found.1));
            }
        }
        let (score, at, found) = best?;
        used |= 1 << at;
        first_at.get_or_insert(at);
        last_at = Some(at);
        quality += score;
        weight += word_weight(&form.words[at].stem);
        evidence = evidence.max(found);
        head |= at + 1 == form.words.len();
    }
    // "last name of customers" is a column of a table, not one name.
    // "discontinued products" is no column of products: its table's words stand before a column's own.
    let own = |at: Option<usize>| at.is_some_and(|at| form.core & (1 << at) != 0);
    if words.len() > 1 && form.core != u16::MAX && own(first_at) && !own(last_at) && !glued {
        return None;
    }
    // "amount of payment" for `amount_payment`: the name itself, word for word.
    let verbatim = words.len() == form.words.len() && words.iter().zip(&form.words).all(|(word, own)| own.stem == *word);
    if used & form.core == 0 || (glued && !verbatim && used & !form.core != 0) {
        return None;
    }
    quality /= words.len() as f64;
    if form.governed {
        evidence = Evidence::Knowledge;
    }
    let coverage = if form.weight > 0.0 { weight / form.weight } else { 0.0 };
    if coverage > 0.999 {
        let score = quality + if form.governed { weights::GOVERNED } else { 0.0 };
        return Some((score, evidence));
    }
    if matches!(form.target, Named::Metric(_)) {
        return None;
    }
    let base = if head { weights::PART_WITH_HEAD } else { weights::PART }
        - if matches!(form.target, Named::Table(_)) { weights::PART_OF_TABLE } else { 0.0 };
    let score = quality * (base + weights::COVERAGE * coverage);
    if evidence == Evidence::Name {
        evidence = Evidence::PartOfName;
    }
    (score >= weights::WEAKEST_LINK).then_some((score, evidence))
}

/// Stem of a word as the index has it, for looking up a property by name.
pub(super) fn property_column(
    index: &SchemaIndex,
    table: usize,
    word: &str,
    fits: impl Fn(ColumnId) -> bool,
) -> Option<ColumnId> {
    let wanted = stem(word);
    let columns = || (0..index.tables[table].columns.len()).map(|column| ColumnId { table, column }).filter(|id| fits(*id));
    let named = |id: &ColumnId| index.info(*id).words.iter().any(|own| own.stem == wanted);
    columns()
        .filter(named)
        .min_by_key(|id| {
            let words = &index.info(*id).words;
            (usize::from(words.last().is_none_or(|last| last.stem != wanted)), words.len())
        })
        .or_else(|| {
            let concepts = lexicon::concepts(&wanted);
            columns()
                .filter(|id| {
                    index
                        .info(*id)
                        .words
                        .last()
                        .is_some_and(|own| own.concepts().iter().any(|concept| concepts.contains(concept)))
                })
                .min_by_key(|id| index.info(*id).words.len())
        })
}
