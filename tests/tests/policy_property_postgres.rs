//! The policy property on PostgreSQL, where it is installed: those of the generated statements that mean something there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;

use leo::Dialect;
use leo::Value;
use leo::catalog::Catalog;
use leo::guard::{Purpose, Request, vet};
use leo::settings::GuardLimits;
use leo_tests::generate::{Relation, statement};
use leo_tests::postgres::Server;
use leo_tests::property::database::{World, access, context, rows_of, rule};
use leo_tests::property::policies::{POLICIES, Policy};
use leo_tests::property::schema::{Kind, TABLES, VIEWS};
use leo_tests::property::visible::visible;

/// Policies that mean the same in both dialects.
const NAMES: &[&str] = &[
    "one value",
    "a list, two tables",
    "OR and NULL",
    "hidden columns",
    "masks of text",
    "all together",
    "a filter over what is hidden",
];
/// Statements made for each policy; most say nothing to PostgreSQL, which is stricter about types.
const PER_POLICY: u64 = 6_000;

/// Forms that PostgreSQL does not have.
#[rustfmt::skip]
const FOREIGN: &[&str] = &[
    "name in backticks", "name in brackets", "table with its schema", "column with its schema", "table behind the name of a cte", "recursion over a table", "GLOB", "==",
    "IS", "IS NOT", "value of another kind", "condition as a value", "value as a condition", "placeholder", "placeholder with a number",
    "string in double quotes", "bytes", "COLLATE", "json_each", "json_tree", "json_each of a constant", "row id", "iif", "ifnull", "typeof",
    "LIMIT with a comma", "hex", "quote", "printf", "soundex", "julianday", "unicode", "instr", "strftime", "likely", "json_valid", "group_concat",
    "total", "error oracle by json", "error oracle by json path", "json_extract", "TRUE and FALSE", "column compared with a literal of another kind",
    "json_array_length", "json_group_array", "char", "date", "min of values", "max of values", "json_object", "json_array", "->", "->>",
];

/// The tables without what `policy` hides; with `None` all of it.
fn definitions(policy: Option<&Policy>) -> String {
    let mut script = String::new();
    for table in TABLES {
        let rule = policy.and_then(|policy| rule(policy, table.name));
        let columns = table.columns.iter().filter(|column| !rule.is_some_and(|rule| rule.hidden.contains(&column.name)));
        let columns: Vec<String> = columns
            .map(|column| {
                let kind = match column.kind {
                    Kind::Int => "bigint",
                    Kind::Real => "double precision",
                    Kind::Text | Kind::Json => "text",
                };
                format!("\"{}\" {kind}", column.name)
            })
            .collect();
        script.push_str(&format!("CREATE TABLE \"{}\" ({});\n", table.name, columns.join(", ")));
    }
    for view in VIEWS {
        // One that needs hidden columns is not made, and not named by any statement.
        script.push_str(&format!("CREATE VIEW {}{} AS {};\n", view.name, view.given, view.query));
    }
    script
}

fn literal(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    }
}

fn inserts(connection: &rusqlite::Connection) -> String {
    let mut script = String::new();
    for table in TABLES {
        for row in rows_of(connection, table.name) {
            let row: Vec<String> = row.iter().map(literal).collect();
            script.push_str(&format!("INSERT INTO \"{}\" VALUES ({});\n", table.name, row.join(", ")));
        }
    }
    script
}

#[test]
fn a_vetted_statement_gives_what_the_policy_allows_on_postgresql() {
    let Some(server) = Server::start() else { return };
    let catalog = Catalog::from_ddl(Dialect::Postgres, &definitions(None)).unwrap();
    let ctx = context();
    let settings = GuardLimits { max_joins: 20, max_nesting: 20, cross_join_rows: u64::MAX, ..GuardLimits::default() };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut changed = 0;
    for (at, policy) in POLICIES.iter().filter(|policy| NAMES.contains(&policy.name)).enumerate() {
        let access = access(policy);
        // Its names need quotes of PostgreSQL everywhere, which the generator does not always give.
        let schema: Vec<Relation> = visible(policy).into_iter().filter(|own| own.name != "Odd Name").collect();
        let world = World::new(policy, 7);
        for (name, tables, rows) in [
            (format!("full{at}"), definitions(None), inserts(&world.full)),
            (format!("visible{at}"), definitions(None), inserts(&world.visible)),
            (format!("reference{at}"), definitions(Some(policy)), inserts(&world.reference)),
        ] {
            server.run("postgres", &format!("CREATE DATABASE {name};"));
            server.run(&name, &format!("{tables}BEGIN;\n{rows}COMMIT;"));
        }
        let (mut originals, mut vetted) = (Vec::new(), Vec::new());
        for seed in at as u64 * PER_POLICY..(at as u64 + 1) * PER_POLICY {
            let statement = statement(&schema, seed);
            // With LIMIT, which rows come may depend on the plan.
            if statement.unlimited.is_some() || statement.forms.iter().any(|form| FOREIGN.contains(form)) {
                continue;
            }
            let sql = &statement.sql;
            let (access, settings) = (&access, &settings);
            let request = Request {
                ctx: &ctx,
                source: "shop",
                catalog: &catalog,
                access,
                settings,
                sql,
                params: &[],
                purpose: Purpose::Sql,
            };
            let Some(sent) = vet(&request).vetted else { continue };
            originals.push((statement.sql, Vec::new()));
            vetted.push((sent.sql().to_owned(), sent.params().iter().map(literal).collect()));
        }
        let wanted = server.outcomes(&format!("reference{at}"), &originals);
        let found = server.outcomes(&format!("full{at}"), &vetted);
        let without = server.outcomes(&format!("full{at}"), &originals);
        changed += without.iter().zip(&found).filter(|(without, found)| without.rows != found.rows).count();
        assert_eq!((wanted.len(), found.len()), (originals.len(), vetted.len()), "psql ran all of them");
        for (((original, _), sent), (wanted, found)) in originals.iter().zip(&vetted).zip(wanted.iter().zip(&found)) {
            let ok = |state: &str| state == "00000";
            let how = match (ok(&wanted.prepared), ok(&found.prepared)) {
                (false, false) => "not of PostgreSQL",
                (true, true) if wanted.ran == "57014" || found.ran == "57014" => "takes too long",
                (true, true) if ok(&wanted.ran) && ok(&found.ran) && wanted.rows == found.rows => "rows",
                (true, true) if !ok(&wanted.ran) && !ok(&found.ran) => "failed",
                (true, true) if !ok(&wanted.ran) => "fails by the plan",
                (true, true) if !ok(&found.ran) => {
                    let visible = server.outcomes(&format!("visible{at}"), std::slice::from_ref(sent));
                    if ok(&visible[0].ran) { "different" } else { "fails by the plan" }
                }
                _ => "different",
            };
            *counts.entry(how).or_default() += 1;
            if how == "different" {
                failures.push(format!("`{}`: {original}\n  sent: {sent:?}\n  wanted {wanted:?}\n  found {found:?}", policy.name));
            }
        }
    }
    println!("{counts:?}, {changed} with other rows than without policy");
    let shown = failures.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} differences:\n{shown}", failures.len());
    let compared = counts.get("rows").unwrap_or(&0) + counts.get("failed").unwrap_or(&0);
    assert!(compared >= 1_000, "only {compared} statements were compared");
    assert!(changed > 100, "the policies make no difference");
}
