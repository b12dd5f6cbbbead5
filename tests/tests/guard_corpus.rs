//! What the guard's cases cover: how many there are that differ in more than names, and that every rule is needed.

use std::collections::{BTreeMap, BTreeSet};

use leo::Dialect;
use leo::finding::Verdict;
use leo_tests::guard_cases::{cases, catalogs};
use leo_tests::shape::shape;

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
