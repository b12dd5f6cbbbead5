//! What part a table plays: entity, transaction, event stream, state, reference or bridge.
//!
//! Each observation on names, keys, columns and row counts speaks for or against a part by a weight; the part with the most says
//! what the table is, and how far it is ahead says how sure that is. A reason has neither names nor numbers: whoever may see the
//! table may read it.

mod facts;
mod starters;
#[cfg(test)]
mod tests;
mod words;

use facts::{Facts, facts};
pub use starters::{Starter, starter_tables};

use crate::catalog::{Catalog, RoleKind, TableKind, TableRole};

/// The parts, in the order in which ties are settled.
const KINDS: [RoleKind; 6] = [
    RoleKind::Entity,
    RoleKind::Transaction,
    RoleKind::Reference,
    RoleKind::Bridge,
    RoleKind::StateTracking,
    RoleKind::EventStream,
];

/// A part is given from this confidence on.
const LEAST: f64 = 0.4;
/// What confidence is multiplied by where no rows were read, and where rows come from other tables.
const UNREAD: f64 = 0.85;

/// The part each table of `catalog` plays, in its order; none where nothing speaks clearly enough.
///
/// # Behavior
/// Deterministic. Structure is enough; statistics add row counts and how rows spread in time. Linear in columns and relationships.
pub fn classify_tables(catalog: &Catalog) -> Vec<Option<TableRole>> {
    let classify = |(facts, table): (Facts, &crate::catalog::Table)| {
        let trust = if facts.profiled { 1.0 } else { UNREAD } * if table.kind == TableKind::Table { 1.0 } else { UNREAD };
        if table.columns.is_empty() { None } else { role(&facts, trust) }
    };
    facts(catalog).into_iter().zip(&catalog.tables).map(classify).collect()
}

/// Gives each table of `catalog` its part; what a person said stays.
pub fn assign_roles(catalog: &mut Catalog) {
    let found = classify_tables(catalog);
    for (table, role) in catalog.tables.iter_mut().zip(found) {
        if !table.role.as_ref().is_some_and(|role| role.confirmed) {
            table.role = role;
        }
    }
}

/// Why a table might play a part, and how much that weighs.
type Evidence = (RoleKind, f64, &'static str);

fn role(facts: &Facts, trust: f64) -> Option<TableRole> {
    let evidence = weigh(facts);
    let sum = |kind: RoleKind| -> f64 { evidence.iter().filter(|(own, ..)| *own == kind).map(|(_, weight, _)| weight).sum() };
    let scores: Vec<(RoleKind, f64)> = KINDS.into_iter().map(|kind| (kind, sum(kind))).collect();
    // `max_by` takes the last of equals; the first is wanted.
    let (kind, top) = scores.iter().copied().rev().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let share = 1.0 / scores.iter().map(|(_, score)| (score - top).exp()).sum::<f64>();
    let confidence = (share * trust * 100.0).round() / 100.0;
    if confidence < LEAST {
        return None;
    }
    let mut said: Vec<&Evidence> =
        evidence.iter().filter(|(own, weight, why)| *own == kind && *weight > 0.0 && !why.is_empty()).collect();
    said.sort_by(|a, b| b.1.total_cmp(&a.1));
    let because: Vec<&str> = said.iter().take(2).map(|(_, _, why)| *why).collect();
    let reason = match because.as_slice() {
        [] => format!("It looks like {}, and nothing speaks against it.", noun(kind)),
        because => format!("It looks like {}: {}.", noun(kind), because.join(", and ")),
    };
    Some(TableRole { kind, confidence, reason, confirmed: false })
}

fn noun(kind: RoleKind) -> &'static str {
    match kind {
        RoleKind::Entity => "a list of things",
        RoleKind::Transaction => "a record of acts",
        RoleKind::EventStream => "a stream of events",
        RoleKind::StateTracking => "a record of how things stood",
        RoleKind::Bridge => "a link between other tables",
        _ => "a list that others refer to",
    }
}

/// What speaks for which part, and against it.
fn weigh(facts: &Facts) -> Vec<Evidence> {
    use RoleKind::{Bridge, Entity, EventStream, Reference, StateTracking, Transaction};
    let mut found: Vec<Evidence> = Vec::with_capacity(32);
    let mut say = |holds: bool, kind, weight, why| {
        if holds {
            found.push((kind, weight, why));
        }
    };
    let head = |list: &[&str]| list.contains(&facts.head.as_str());
    let other = |list: &[&str]| facts.others.iter().any(|word| list.contains(&word.as_str()));
    let few_rows = facts.rows.is_some_and(|rows| rows <= 60);
    let many_rows = facts.rows.is_some_and(|rows| rows >= 1_000 && rows >= facts.median.saturating_mul(5));
    let line = head(words::LINES) && (other(words::ACTS) || facts.amounts > 0) && facts.links > 0;
    let act = head(words::ACTS) || line;

    say(true, Entity, 1.2, "");
    say(head(words::THINGS) && !line, Entity, 1.2, "it is called after things");
    say(facts.has_name, Entity, 0.7, "its rows have names");
    say(facts.own_key, Entity, 0.4, "it has a key of its own");
    say(facts.referred > 0, Entity, 0.5, "other tables refer to it");
    say(facts.referred > 2, Entity, 0.5, "");
    say(facts.personal > 0, Entity, 0.7, "it tells of people or places");
    say(facts.personal > 2, Entity, 0.8, "");
    say(facts.payload >= 3, Entity, 0.6, "it describes each row in several columns");
    say(facts.links == 0, Entity, 0.3, "");

    say(act, Transaction, 2.2, "it is called after acts");
    say(!act && other(words::ACTS), Transaction, 0.6, "its name speaks of acts");
    say(facts.times > 0, Transaction, 0.9, "each row has a time");
    say(facts.times > 0 && facts.links > 0, Transaction, 0.9, "it refers to what took part");
    let meets = facts.times > 0 && facts.links > 1 && !facts.has_period;
    say(meets, Transaction, 0.8, "others meet in it at a time");
    say(facts.amounts > 0, Transaction, 0.6, "it counts money or goods");
    say(facts.amounts > 0 && facts.links > 1, Transaction, 0.4, "");
    say(line, Transaction, 0.8, "it holds the lines of another table");
    say(facts.has_name && !act, Transaction, -0.7, "");
    say(facts.personal > 2, Transaction, -0.8, "");
    say(facts.links == 0 && facts.keys < 3, Transaction, -0.6, "");

    say(head(words::OBSERVATIONS), EventStream, 2.2, "it is called after what is observed");
    say(!head(words::OBSERVATIONS) && other(words::OBSERVATIONS), EventStream, 0.8, "its name speaks of what is observed");
    say(facts.times > 0, EventStream, 0.5, "each row has a time");
    say(facts.has_clock, EventStream, 0.6, "that time is exact");
    say(facts.technical > 1, EventStream, 1.0, "it notes devices, addresses or sessions");
    say(many_rows, EventStream, 0.6, "it has far more rows than other tables");
    say(facts.spread_in_time, EventStream, 0.7, "most rows have a moment of their own");
    say(facts.referred > 0, EventStream, -1.2, "");
    say(facts.times == 0, EventStream, -1.2, "");
    say(facts.has_name, EventStream, -0.8, "");
    say(facts.amounts > 0, EventStream, -0.5, "");

    let timed_state = facts.times > 0 || facts.links > 0 || facts.keys > 0;
    say(head(words::STATES) && timed_state, StateTracking, 2.2, "it is called after how things stand");
    say(!head(words::STATES) && other(words::STATES), StateTracking, 1.0, "its name speaks of how things stand");
    say(facts.has_period, StateTracking, 1.2, "each row holds from one time to another");
    say(facts.has_period && facts.links > 0 && !facts.has_name, StateTracking, 1.0, "it says of what");
    say(facts.has_period && facts.links > 1 && !facts.own_key, StateTracking, 1.0, "");
    say(facts.key_has_time, StateTracking, 1.8, "its key is a thing and a time");
    say(facts.times > 0 && facts.keys > 0, StateTracking, 0.5, "each row has a time");
    say(facts.referred > 0, StateTracking, -0.8, "");
    say(facts.times == 0, StateTracking, -0.7, "");

    say(other(&["ref", "reference", "lookup", "lkp"]) || head(&["lookup", "lkp", "ref"]), Reference, 2.4, "its name says so");
    say(head(words::LISTS), Reference, 1.8, "it is called after a list of choices");
    say(facts.code_key && facts.payload <= 3, Reference, 0.9, "its key is a code");
    say(facts.links == 0 && facts.keys + facts.payload <= 3, Reference, 0.9, "it has hardly more than a key and a name");
    say(few_rows && facts.referred > 0, Reference, 0.2, "it has few rows, and others refer to them");
    say(facts.referred > 0, Reference, 0.3, "other tables refer to it");
    say(facts.links > 0, Reference, -1.2, "");
    say(facts.times > 0, Reference, -1.2, "");
    say(facts.personal > 0, Reference, -1.2, "");
    say(facts.payload > 4, Reference, -1.0, "");
    say(many_rows, Reference, -1.0, "");

    say(facts.key_is_links, Bridge, 2.0, "its key is made of references to other tables");
    say(facts.links >= 2, Bridge, 0.9, "it refers to several tables");
    let only_keys = facts.payload == 0 && facts.keys >= 2 && facts.times == 0;
    say(only_keys, Bridge, 2.4, "it has no columns beside keys");
    say(facts.payload == 1 && facts.keys >= 2, Bridge, 0.9, "it has hardly a column beside keys");
    say(facts.payload > 2, Bridge, -1.2, "");
    say(facts.links + usize::from(facts.keys >= 2) < 2, Bridge, -1.0, "");
    say(facts.referred > 0, Bridge, -1.2, "");
    say(facts.times > 0, Bridge, -0.9, "");
    say(act, Bridge, -0.9, "");
    found
}
