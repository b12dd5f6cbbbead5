//! The guard's cases: Markdown files under `tests/guard/`, each block a statement with the verdict and the rules it must get.
//!
//! The info string of a block is `dialects verdict rule…`: dialects joined by `+` or `all`. After a block, `> rewritten:`,
//! `> lineage:`, `> tables:`, `> functions:`, `> rules:` and `> says:` say what else must come out. `access:` lines set the access for the blocks that follow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::Path;

use leo::Dialect;
use leo::adapter::Access;
use leo::catalog::Catalog;
use leo::guard::Vetting;
use leo_tests::guard::{check_with, rules};

#[derive(Debug, Default)]
struct Case {
    place: String,
    info: String,
    sql: String,
    access: String,
    expectations: Vec<(String, String)>,
}

fn cases(path: &Path) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut access = String::new();
    let mut open = false;
    for (number, line) in std::fs::read_to_string(path).unwrap().lines().enumerate() {
        if let Some(info) = line.strip_prefix("```") {
            open = !open;
            if open {
                let place = format!("{}:{}", path.file_name().unwrap().to_string_lossy(), number + 1);
                cases.push(Case { place, info: info.to_owned(), access: access.clone(), ..Case::default() });
            }
        } else if open {
            let case = cases.last_mut().unwrap();
            if !case.sql.is_empty() {
                case.sql.push('\n');
            }
            case.sql.push_str(line);
        } else if let Some(text) = line.strip_prefix("access: ") {
            access = text.trim_matches('`').to_owned();
        } else if let Some((key, value)) = line.strip_prefix("> ").and_then(|line| line.split_once(":")) {
            cases.last_mut().unwrap().expectations.push((key.to_owned(), value.trim().trim_matches('`').to_owned()));
        }
    }
    cases
}

fn catalog(dialect: Dialect) -> Catalog {
    let ddl = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("guard/schema.sql")).unwrap();
    let ddl = match dialect {
        Dialect::Bigquery => {
            ddl.replace("CREATE TABLE ", "CREATE TABLE shop.main.").replace("CREATE VIEW ", "CREATE VIEW shop.main.")
        }
        _ => ddl,
    };
    let mut catalog = Catalog::from_ddl(dialect, &ddl).unwrap();
    for table in &mut catalog.tables {
        table.rows = Some(if table.name.name == "order_lines" { 50_000 } else { 1_000 });
    }
    catalog
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
    let mut words = case.info.split_whitespace().skip(1);
    let verdict = words.next().unwrap_or("");
    let wanted: Vec<&str> = words.collect();
    let access: Access = if case.access.is_empty() { Access::full() } else { serde_json::from_str(&case.access).unwrap() };
    let vetting = check_with(catalog, &case.sql, &access, &[]);
    let mut problems = Vec::new();
    if vetting.verdict.as_str() != verdict {
        problems.push(format!("is {}, {:?}", vetting.verdict.as_str(), rules(&vetting)));
    }
    if vetting.vetted.is_some() != matches!(verdict, "allow" | "rewrite") {
        problems.push("the statement that may run does not fit the verdict".to_owned());
    }
    for rule in wanted {
        if !vetting.findings.iter().any(|finding| finding.rule == rule) {
            problems.push(format!("has no finding {rule}: {:?}", rules(&vetting)));
        }
    }
    for (key, value) in &case.expectations {
        let found = match key.as_str() {
            "rewritten" => vetting.rewritten.clone().unwrap_or_default(),
            "lineage" => lineage(&vetting),
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
    let catalogs: BTreeMap<Dialect, Catalog> = Dialect::ALL.iter().map(|dialect| (*dialect, catalog(*dialect))).collect();
    let mut failures = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut files: Vec<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("guard"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    files.sort();
    for file in &files {
        for case in cases(file) {
            let names = case.info.split_whitespace().next().unwrap_or("");
            let dialects: Vec<Dialect> =
                if names == "all" { Dialect::ALL.to_vec() } else { names.split('+').map(|name| name.parse().unwrap()).collect() };
            for dialect in dialects {
                *counts.entry(case.info.split_whitespace().nth(1).unwrap_or("?").to_owned()).or_default() += 1;
                failures.extend(problems(&case, dialect, &catalogs[&dialect]));
            }
        }
    }
    println!("{} files, cases by verdict {counts:?}, {} problems", files.len(), failures.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let total: usize = counts.values().sum();
    assert!(total >= 300, "only {total} cases ran");
}
