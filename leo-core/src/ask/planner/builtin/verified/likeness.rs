//! How alike two questions are, item by item.

use std::collections::HashSet;

use super::wording::Item;

/// How two questions agree; more is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// The same in the same order, but for words that are said twice, or that name the column of the value beside them.
    Nearly,
    /// The same, with values or signs in other places: "songs in English" and "English songs".
    Moved,
    /// The same in the same order.
    Same,
}

/// A question, in items.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side<'i> {
    pub(super) items: &'i [Item],
    /// For each slot the words of the name of its column.
    pub(super) columns: &'i [Vec<String>],
    /// Words that are never left out.
    pub(super) kept: &'i HashSet<String>,
}

impl Likeness {
    /// Of a verified question and another; `None` where they ask for different things.
    pub(super) fn of(verified: Side<'_>, asked: Side<'_>) -> Option<Self> {
        if are_like(verified.items, asked.items) {
            return Some(Self::Same);
        }
        if !signs_agree(verified.items, asked.items) {
            return None;
        }
        if has_same_items(verified.items, asked.items) && are_like(&words(verified.items), &words(asked.items)) {
            return Some(Self::Moved);
        }
        let is_nearly = differ_by_little(verified, asked);
        is_nearly.then_some(Self::Nearly)
    }
}

fn are_like(one: &[Item], two: &[Item]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.is_like(two))
}

/// What is neither sign nor value.
fn words(items: &[Item]) -> Vec<Item> {
    items.iter().filter(|item| matches!(item, Item::Word(_) | Item::Number(_))).cloned().collect()
}

fn has_same_items(one: &[Item], two: &[Item]) -> bool {
    let mut rest: Vec<&Item> = two.iter().collect();
    let all = one.iter().all(|item| rest.iter().position(|other| other.is_like(item)).map(|at| rest.remove(at)).is_some());
    all && rest.is_empty()
}

/// Whether both have the same signs, each before the same content.
fn signs_agree(verified: &[Item], asked: &[Item]) -> bool {
    let (one, mut two) = (bound(verified), bound(asked));
    one.len() == two.len()
        && one.iter().all(|(sign, content)| {
            let same = |(other, next): &(&Item, Option<&Item>)| {
                other == sign
                    && match (content, next) {
                        (Some(content), Some(next)) => content.is_like(next),
                        (None, None) => true,
                        _ => false,
                    }
            };
            two.iter().position(same).map(|at| two.remove(at)).is_some()
        })
}

/// Each sign with the content behind it.
fn bound(items: &[Item]) -> Vec<(&Item, Option<&Item>)> {
    items
        .iter()
        .enumerate()
        .filter(|(_, item)| !item.is_content())
        .map(|(at, sign)| (sign, items.iter().skip(at).find(|item| item.is_content())))
        .collect()
}

/// Whether both are the same in the same order once words that say nothing more are left out.
fn differ_by_little(verified: Side<'_>, asked: Side<'_>) -> bool {
    let (one, two) = (verified.items, asked.items);
    let (mut at, mut other) = (0, 0);
    loop {
        match (one.get(at), two.get(other)) {
            (None, None) => return true,
            (Some(item), Some(like)) if item.is_like(like) => (at, other) = (at + 1, other + 1),
            _ if says_nothing_more(verified, at, two) => at += 1,
            _ if says_nothing_more(asked, other, one) => other += 1,
            _ => return false,
        }
    }
}

/// Whether a word is said elsewhere on its own side and on the other, or names the column of the value beside it.
fn says_nothing_more(side: Side<'_>, at: usize, others: &[Item]) -> bool {
    let Some(word @ Item::Word(stem)) = side.items.get(at) else { return false };
    let is_again = !side.kept.contains(stem)
        && side.items.iter().enumerate().any(|(other, item)| other != at && item == word)
        && others.contains(word);
    let beside = [at.checked_sub(1), Some(at + 1)];
    let names_it = beside.into_iter().flatten().filter_map(|at| side.items.get(at)).any(|item| match item {
        Item::Slot(slot) => side.columns.get(*slot).is_some_and(|names| names.contains(stem)),
        _ => false,
    });
    is_again || names_it
}
