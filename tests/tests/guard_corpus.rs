//! What the guard's cases cover: how many there are that differ in more than names, and that every rule is needed.

use std::collections::{BTreeMap, BTreeSet};

use leo::Dialect;
use leo::finding::Verdict;
use leo_tests::guard_cases::{Case, cases, catalogs};
use leo_tests::references::{References, references};
use leo_tests::shape::{grammar, shape};
use sqlparser::parser::Parser;

/// Distinct shapes of statements to refuse and of statements to let run.
type Shapes = [BTreeSet<String>; 2];

fn both(shapes: &Shapes) -> usize {
    shapes[0].union(&shapes[1]).count()
}

#[test]
fn there_are_enough_cases_that_differ_in_more_than_names() {
    let mut all = Shapes::default();
    let mut by_dialect: BTreeMap<Dialect, Shapes> = BTreeMap::new();
    let mut by_class: BTreeMap<String, Shapes> = BTreeMap::new();
    for case in cases() {
        let side = usize::from(!case.is_refused());
        for dialect in &case.dialects {
            let shape = shape(*dialect, &case.sql);
            for shapes in [&mut all, by_dialect.entry(*dialect).or_default(), by_class.entry(case.title.clone()).or_default()] {
                shapes[side].insert(shape.clone());
            }
        }
    }
    for (class, shapes) in &by_class {
        println!("{class}: {} refused, {} run", shapes[0].len(), shapes[1].len());
    }
    for (dialect, shapes) in &by_dialect {
        println!("{dialect}: {} shapes, {} refused, {} run", both(shapes), shapes[0].len(), shapes[1].len());
        assert!(shapes.iter().all(|side| side.len() >= 60), "{dialect}");
        assert!(shapes[1].len() * 20 >= both(shapes) * 9, "{dialect}: too few of its cases are honest");
    }
    println!("{} shapes, {} refused, {} run", both(&all), all[0].len(), all[1].len());
    assert!(all.iter().all(|side| side.len() >= 250) && by_dialect.len() == Dialect::ALL.len());
    assert!(
        all[1].len() * 2 >= both(&all),
        "half of the cases are honest statements near the attacks; write one beside each attack"
    );
}

/// The net under the rewriting: it holds back what was rewritten wrongly, and nothing should be.
const NET: &str = "rewrite_failed";

/// Switching off a rule lets through what only that rule holds back. For each there is a case with nothing else against it; so
/// every rule that was switched off would make a case fail.
#[test]
fn every_rule_is_the_only_one_to_hold_something_back() {
    let catalogs = catalogs();
    let mut alone: BTreeMap<String, (usize, BTreeSet<Dialect>)> = BTreeMap::new();
    for case in cases() {
        for dialect in &case.dialects {
            let vetting = case.vet(&catalogs[dialect]);
            // What weighs: findings that refuse; in a statement that runs, those that say how it was changed.
            let least = if case.is_refused() { Verdict::NeedsApproval } else { Verdict::Rewrite };
            let rules: BTreeSet<&str> =
                vetting.findings.iter().filter(|finding| finding.verdict >= least).map(|finding| finding.rule.as_str()).collect();
            if let [rule] = rules.into_iter().collect::<Vec<_>>()[..] {
                let entry = alone.entry(rule.to_owned()).or_default();
                entry.0 += 1;
                entry.1.insert(*dialect);
            }
        }
    }
    for (rule, (count, dialects)) in &alone {
        println!("{rule}: alone against {count} cases in {} dialects", dialects.len());
    }
    let missing: Vec<&str> =
        leo::guard::rules().iter().map(|rule| rule.id).filter(|id| *id != NET && !alone.contains_key(*id)).collect();
    assert!(!alone.contains_key(NET), "a statement was rewritten wrongly");
    assert!(missing.is_empty(), "no case rests on these rules alone: {missing:?}");
}

/// Where a table may be named. A place that is not listed here has no case, or is one that nobody thought of.
#[rustfmt::skip]
const REFERENCES: &[&str] = &[
    "by a view", "in EXISTS", "in IN", "in PIVOT", "in UNPIVOT", "in a common table expression", "in a derived table",
    "in a function of a query", "in a join in parentheses", "in a lateral derived table", "in a list of relations",
    "in a query in parentheses", "in a scalar subquery", "in capitals", "in quotes", "in the left of EXCEPT",
    "in the left of INTERSECT", "in the left of UNION", "in the right of CrossJoin", "in the right of EXCEPT",
    "in the right of Full", "in the right of INTERSECT", "in the right of Join", "in the right of Left",
    "in the right of LeftAnti", "in the right of LeftSemi", "in the right of Right", "in the right of StraightJoin",
    "in the right of UNION", "in the statement", "somewhere in GROUP BY", "somewhere in HAVING", "somewhere in LIMIT",
    "somewhere in ON", "somewhere in ORDER BY", "somewhere in QUALIFY", "somewhere in UNNEST", "somewhere in VALUES",
    "somewhere in WHERE", "somewhere in a table function", "somewhere in the select list", "with an alias", "with hints",
    "with its schema", "with names for its columns", "without an alias",
];

/// Tables under a row filter, with the filter as it is sent.
fn filtered_tables(case: &Case) -> Vec<(String, String)> {
    let access = serde_json::to_value(&case.access).unwrap();
    let filter = |(table, policy): (&String, &serde_json::Value)| {
        policy["row_filter"].as_str().map(|filter| (table.clone(), format!("({filter})")))
    };
    access["tables"].as_object().into_iter().flatten().filter_map(filter).collect()
}

/// Switching off the filter at one kind of reference leaves it out of a statement that is sent, and it is missed there: every
/// kind that a syntax tree has is among the cases.
#[test]
fn the_row_filter_stands_at_every_kind_of_reference() {
    let catalogs = catalogs();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let (mut statements, mut unread) = (0, 0);
    for case in cases() {
        let tables = filtered_tables(&case);
        if tables.is_empty() {
            continue;
        }
        for dialect in &case.dialects {
            let Ok(vetted) = case.vet(&catalogs[dialect]).into_result() else { continue };
            let read = |sql: &str, tables: &[_]| {
                Parser::parse_sql(grammar(*dialect), sql).ok().map(|statements| references(&statements[0], tables))
            };
            // A view is a reference to what it reads.
            let mut named = tables.clone();
            named.extend(tables.iter().filter(|(table, _)| table == "orders").map(|_| ("paid_orders".to_owned(), String::new())));
            let (Some(written), Some(sent)) = (read(&case.sql, &named), read(vetted.sql(), &tables)) else {
                unread += 1;
                continue;
            };
            let References { all, filtered, .. } = sent;
            assert!(all == filtered && all >= written.all, "{} ({dialect}): {}", case.place, vetted.sql());
            statements += 1;
            for kind in written.kinds {
                *kinds.entry(kind).or_default() += 1;
            }
        }
    }
    println!("{statements} statements under a row filter, {unread} that the plain parser does not read; {kinds:#?}");
    let found: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(found, REFERENCES);
    assert!(statements > 200 && unread * 20 < statements);
}
