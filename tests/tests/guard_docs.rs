//! `docs/guard.md` is made from the guard's rules and cases, and `docs/vetting.schema.json` describes what the guard says.
//!
//! `LEO_UPDATE=1 cargo test -p leo-tests --test guard_docs` rewrites the page; what stands between its `measured` marks stays.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use leo::Dialect;
use leo::finding::Finding;
use leo::guard::Rule;
use leo_tests::guard_cases::{Case, cases, catalogs};
use leo_tests::shape::shape;
use serde_json::{Value, json};

fn docs(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)
}

/// Marks around what is written by hand.
const MEASURED: (&str, &str) = ("<!-- measured: written by hand -->\n", "<!-- end of measured -->\n");

/// A case in one dialect, with what the guard says of it.
struct Vetted {
    case: Case,
    dialect: Dialect,
    findings: Vec<Finding>,
}

fn vetted() -> Vec<Vetted> {
    let catalogs = catalogs();
    let each = |case: Case| {
        let vet =
            |dialect: &Dialect| Vetted { findings: case.vet(&catalogs[dialect]).findings, dialect: *dialect, case: case.clone() };
        case.dialects.iter().map(vet).collect::<Vec<_>>()
    };
    cases().into_iter().flat_map(each).collect()
}

fn page(measured: &str) -> String {
    let all = vetted();
    let mut page = String::from(concat!(
        "<!-- Made by tests/tests/guard_docs.rs from the rules in leo-core/src/guard/rules and the cases in tests/guard. -->\n\n",
        "# The guard\n\n",
        "Every statement passes the guard before it runs, whoever wrote it: a person, a model, Leo itself. The guard fails closed. Every\n",
        "relation, column, alias, function, type and clause is resolved against the catalogue and against lists of what is allowed; what\n",
        "is not understood does not run. How it is built stands in [ARCHITECTURE.md](ARCHITECTURE.md#inside-the-guard).\n\n",
        "| verdict | what happens |\n|---|---|\n",
        "| `allow` | the statement runs |\n",
        "| `rewrite` | it runs after changes that are reported with it, and was vetted again as changed |\n",
        "| `needs_approval` | it runs after somebody with the right approves it |\n",
        "| `block` | it does not run |\n\n",
        "A vetting lists every finding, each with the id of its rule, a message for the person, a hint for a model that is to repair the\n",
        "statement, and the place in the text where it is known. As JSON it is described by [vetting.schema.json](vetting.schema.json).\n\n",
        "## Rules\n\n",
    ));
    let rules = leo::guard::rules();
    writeln!(page, "| rule | verdict | what it does |\n|---|---|---|").unwrap();
    for Rule { id, what, .. } in &rules {
        writeln!(page, "| [`{id}`](#{id}) | {} | {what} |", verdicts(&all, id)).unwrap();
    }
    for rule in &rules {
        rule_section(&mut page, rule, &all);
    }
    classes(&mut page);
    write!(page, "\n## Measured\n\n{}{measured}{}", MEASURED.0, MEASURED.1).unwrap();
    page
}

/// The verdicts that findings of the rule `id` have.
fn verdicts(all: &[Vetted], id: &str) -> String {
    let found: BTreeSet<_> = all
        .iter()
        .flat_map(|vetted| &vetted.findings)
        .filter(|finding| finding.rule == id)
        .map(|finding| finding.verdict)
        .collect();
    found.iter().rev().map(|verdict| format!("`{}`", verdict.as_str())).collect::<Vec<_>>().join(", ")
}

fn rule_section(page: &mut String, Rule { id, what, why, verdict: _ }: &Rule, all: &[Vetted]) {
    write!(page, "\n### `{id}`\n\n{what} {why}\n\n").unwrap();
    // Those that break only this rule first, and one from each class.
    let mut examples: Vec<(bool, &Vetted)> = all
        .iter()
        .filter(|vetted| vetted.findings.iter().any(|finding| finding.rule == *id))
        .map(|vetted| (vetted.findings.iter().any(|finding| finding.rule != *id), vetted))
        .collect();
    examples.sort_by_key(|(more, _)| *more);
    let mut classes = BTreeSet::new();
    examples.sort_by_cached_key(|(_, vetted)| !classes.insert(&vetted.case.heading));
    let mut shown = BTreeSet::new();
    examples.retain(|(_, vetted)| shown.insert(&vetted.case.written));
    for (index, (_, Vetted { case, dialect, findings })) in examples.iter().take(3).enumerate() {
        let conditions: String = case.conditions.iter().map(|line| format!("-- {line}\n")).collect();
        write!(page, "```sql\n-- {dialect}\n{conditions}{}\n```\n\n", case.written).unwrap();
        let finding = findings.iter().find(|finding| finding.rule == *id).unwrap();
        if index == 0 {
            write!(page, "> {}\n>\n> For a model: {}\n\n", visible(&finding.message), visible(&finding.hint)).unwrap();
        }
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
}

fn visible(text: &str) -> String {
    let shown = |c: char| {
        if c.is_ascii() || c.is_alphabetic() || "…–".contains(c) { c.to_string() } else { format!("⟨{:x}⟩", c as u32) }
    };
    text.chars().map(shown).collect()
}

type PerDialect<T> = BTreeMap<Dialect, T>;

/// How many cases each class has in each dialect.
fn classes(page: &mut String) {
    let mut rows: Vec<(String, PerDialect<[usize; 2]>)> = Vec::new();
    let (mut shapes, mut by_dialect) = ([BTreeSet::new(), BTreeSet::new()], PerDialect::<[BTreeSet<String>; 2]>::new());
    for case in cases() {
        let class = if case.heading == case.title { case.title.clone() } else { format!("{}: {}", case.title, case.heading) };
        if rows.last().is_none_or(|(last, _)| *last != class) {
            rows.push((class, BTreeMap::new()));
        }
        for dialect in &case.dialects {
            let counts = rows.last_mut().unwrap().1.entry(*dialect).or_default();
            let side = usize::from(!case.is_refused());
            counts[side] += 1;
            let shape = shape(*dialect, &case.sql);
            by_dialect.entry(*dialect).or_default()[side].insert(shape.clone());
            shapes[side].insert(shape);
        }
    }
    let both = |sides: &[BTreeSet<String>; 2]| sides[0].union(&sides[1]).count();
    write!(
        page,
        "\n## Cases\n\nStatements in `tests/guard/`, those to refuse / those to let run. The last rows count distinct shapes: syntax trees without\n\
         names and literals, so that two statements which differ in those only count once. Over all dialects there are {} shapes, {} of\n\
         statements to refuse and {} of statements to let run.\n\n| class |",
        both(&shapes),
        shapes[0].len(),
        shapes[1].len()
    )
    .unwrap();
    for dialect in Dialect::ALL {
        write!(page, " {dialect} |").unwrap();
    }
    writeln!(page, "\n|---|{}", "---|".repeat(Dialect::ALL.len())).unwrap();
    for (class, counts) in &rows {
        write!(page, "| {class} |").unwrap();
        for dialect in Dialect::ALL {
            match counts.get(dialect) {
                Some([refused, allowed]) => write!(page, " {refused} / {allowed} |").unwrap(),
                None => write!(page, " |").unwrap(),
            }
        }
        page.push('\n');
    }
    for (name, of) in [("**shapes**", 0), ("**shapes, both**", 1)] {
        write!(page, "| {name} |").unwrap();
        for dialect in Dialect::ALL {
            let sides = &by_dialect[dialect];
            match of {
                0 => write!(page, " {} / {} |", sides[0].len(), sides[1].len()).unwrap(),
                _ => write!(page, " {} |", both(sides)).unwrap(),
            }
        }
        page.push('\n');
    }
    let least = by_dialect.values().map(both).min().unwrap();
    println!(
        "shapes: {} in all, {} refused, {} run, at least {least} per dialect",
        both(&shapes),
        shapes[0].len(),
        shapes[1].len()
    );
}

/// The committed file is `made`; with `LEO_UPDATE` set it is made so.
fn assert_committed(name: &str, made: &str) {
    let committed = std::fs::read_to_string(docs(name)).unwrap_or_default();
    if std::env::var_os("LEO_UPDATE").is_some() {
        std::fs::write(docs(name), made).unwrap();
        return;
    }
    let same = made.lines().zip(committed.lines()).take_while(|(new, old)| new == old).count();
    assert!(
        made == committed,
        "docs/{name} is not what rules and cases say, from line {}; run LEO_UPDATE=1 cargo test -p leo-tests --test guard_docs",
        same + 1
    );
}

#[test]
fn the_page_says_what_the_rules_and_cases_say() {
    let committed = std::fs::read_to_string(docs("guard.md")).unwrap_or_default();
    let measured =
        committed.split_once(MEASURED.0).and_then(|(_, rest)| rest.split_once(MEASURED.1)).map_or("", |(text, _)| text);
    assert_committed("guard.md", &page(measured));
}

/// What a vetting looks like as JSON.
fn schema() -> Value {
    let ids: Vec<&str> = leo::guard::rules().iter().map(|rule| rule.id).collect();
    let text = |what: &str| json!({"type": "string", "description": what});
    let list = |of: &str, what: &str| json!({"type": "array", "items": {"$ref": format!("#/$defs/{of}")}, "description": what});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Vetting",
        "description": "What the guard says of a statement.",
        "type": "object",
        "required": ["verdict", "findings", "rewritten", "tables", "columns", "functions", "lineage", "micros"],
        "properties": {
            "verdict": {"$ref": "#/$defs/verdict"},
            "findings": list("finding", "what the rules found, in order of the text as far as known"),
            "rewritten": {"type": ["string", "null"], "description": "the changed text, when there is one"},
            "tables": list("table", "tables and views that are read; complete unless the verdict is block"),
            "columns": list("column", "columns that are read; complete unless the verdict is block"),
            "functions": {"type": "array", "items": {"type": "string"}, "description": "functions that are called, lower case"},
            "lineage": list("output", "the columns of the result, in order"),
            "micros": {"type": "integer", "minimum": 0, "description": "microseconds that vetting took"},
        },
        "$defs": {
            "verdict": {"enum": ["allow", "rewrite", "needs_approval", "block"]},
            "finding": {
                "type": "object",
                "required": ["rule", "verdict", "message", "hint"],
                "properties": {
                    "rule": {"enum": ids, "description": "stable id of the rule"},
                    "verdict": {"$ref": "#/$defs/verdict"},
                    "message": text("for the person"),
                    "hint": text("for a model that is to repair the statement"),
                    "position": {
                        "type": "object",
                        "required": ["line", "column"],
                        "properties": {
                            "line": {"type": "integer", "minimum": 1},
                            "column": {"type": "integer", "minimum": 1, "description": "in characters"},
                        },
                    },
                },
            },
            "table": {"type": "object", "required": ["name"], "properties": {"schema": text("where the engine has schemas"), "name": text("in the engine's spelling")}},
            "column": {"type": "object", "required": ["table", "column"], "properties": {"table": {"$ref": "#/$defs/table"}, "column": text("in the engine's spelling")}},
            "output": {
                "type": "object",
                "required": ["name", "sources"],
                "properties": {
                    "name": text("the name that the engine returns"),
                    "sources": list("column", "columns it derives from, through every level"),
                    "redacted": text("the kind of personal data that is kept from the user here"),
                },
            },
        },
    })
}

/// What of `value` does not fit `schema`. Members that the schema does not name count as wrong: it describes all of them.
fn misfits(value: &Value, schema: &Value, root: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return misfits(value, root.pointer(&name[1..]).unwrap(), root, at);
    }
    let mut wrong = Vec::new();
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "null" => value.is_null(),
        other => panic!("no check for {other}"),
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if !types.is_empty() && !types.iter().any(|kind| is(kind)) {
        wrong.push(format!("{at} is no {types:?}: {value}"));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        wrong.push(format!("{at} is not listed: {value}"));
    }
    if schema["minimum"].as_u64().is_some_and(|least| value.as_u64() < Some(least)) {
        wrong.push(format!("{at} is too small: {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(name).is_none() {
            wrong.push(format!("{at} has no {name}"));
        }
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => wrong.extend(misfits(member, schema, root, &format!("{at}.{name}"))),
            None => wrong.push(format!("{at} has {name}, which is not described")),
        }
    }
    for item in value.as_array().into_iter().flatten() {
        wrong.extend(misfits(item, &schema["items"], root, &format!("{at}[]")));
    }
    wrong
}

#[test]
fn the_schema_describes_every_vetting() {
    let schema = schema();
    assert_committed("vetting.schema.json", &format!("{}\n", serde_json::to_string_pretty(&schema).unwrap()));
    let catalogs = catalogs();
    let mut count = 0;
    for case in cases() {
        for dialect in &case.dialects {
            let vetting = serde_json::to_value(case.vet(&catalogs[dialect])).unwrap();
            assert_eq!(misfits(&vetting, &schema, &schema, "vetting"), [""; 0], "{}", case.place);
            count += 1;
        }
    }
    assert!(count > 300);
    // The check itself sees what is wrong.
    let wrong =
        json!({"verdict": "perhaps", "findings": [{"rule": 1, "position": {"line": 0, "column": 1}}], "rewritten": 1, "more": 1});
    assert_eq!(misfits(&wrong, &schema, &schema, "vetting").len(), 13);
}
