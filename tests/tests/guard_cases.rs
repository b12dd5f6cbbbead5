//! The guard's cases (`tests/guard/*.md`, read by `leo_tests::guard_cases`): each gets its verdict, its rules and what else it says.

use std::collections::BTreeMap;

use leo::Dialect;
use leo::catalog::Catalog;
use leo::guard::Vetting;
use leo_tests::guard::rules;
use leo_tests::guard_cases::{Case, cases, catalogs};

fn redacted(vetting: &Vetting) -> String {
    let column = |output: &leo::guard::OutputColumn| output.redacted.as_ref().map(|kind| format!("{}={kind}", output.name));
    vetting.lineage.iter().filter_map(column).collect::<Vec<_>>().join(", ")
}

fn lineage(vetting: &Vetting) -> String {
    let column = |output: &leo::guard::OutputColumn| {
        let sources: Vec<String> =
            output.sources.iter().map(|source| format!("{}.{}", source.table.name, source.column)).collect();
        format!("{}={}", output.name, if sources.is_empty() { "-".to_owned() } else { sources.join("+") })
    };
    vetting.lineage.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn problems(case: &Case, dialect: Dialect, catalog: &Catalog) -> Vec<String> {
    let Case { verdict, rules: wanted, .. } = case;
    let vetting = case.vet(catalog);
    let mut problems = Vec::new();
    if vetting.verdict.as_str() != verdict {
        problems.push(format!("is {}, {:?}", vetting.verdict.as_str(), rules(&vetting)));
    }
    if vetting.vetted.is_some() == case.is_refused() {
        problems.push("the statement that may run does not fit the verdict".to_owned());
    }
    for rule in wanted {
        if !vetting.findings.iter().any(|finding| finding.rule == *rule) {
            problems.push(format!("has no finding {rule}: {:?}", rules(&vetting)));
        }
    }
    for (key, value) in &case.expectations {
        let found = match key.as_str() {
            "rewritten" => vetting.rewritten.clone().unwrap_or_default(),
            "lineage" => lineage(&vetting),
            "redacted" => redacted(&vetting),
            "tables" => vetting.tables.iter().map(|table| table.name.clone()).collect::<Vec<_>>().join(", "),
            "functions" => vetting.functions.iter().cloned().collect::<Vec<_>>().join(", "),
            "rules" => vetting.findings.iter().map(|finding| finding.rule.clone()).collect::<Vec<_>>().join(", "),
            "says" => vetting.findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>().join("; "),
            other => panic!("{}: unknown expectation {other}", case.place),
        };
        let same = if key == "says" { found.contains(value.as_str()) } else { found == *value };
        if !same {
            problems.push(format!("{key}: {found}\n    expected: {value}"));
        }
    }
    problems.into_iter().map(|problem| format!("{} ({dialect}): {}\n    {problem}", case.place, case.sql)).collect()
}

#[test]
fn every_case_gets_its_verdict() {
    let catalogs = catalogs();
    let mut failures = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases() {
        for dialect in &case.dialects {
            *counts.entry(case.verdict.clone()).or_default() += 1;
            failures.extend(problems(&case, *dialect, &catalogs[dialect]));
        }
    }
    println!("cases by verdict {counts:?}, {} problems", failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let total: usize = counts.values().sum();
    assert!(total >= 300, "only {total} cases ran");
}
