//! The policy property: on generated statements over generated rows, what the guard lets through gives on the full database what
//! the original gives on a database that holds only what the policy allows, and neither fails, or both do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use leo::guard::{Purpose, Request, Vetting, vet};
use leo::settings::GuardLimits;
use leo_tests::generate::forms::FORMS;
use leo_tests::generate::{Statement, statement};
use leo_tests::property::database::{World, access, catalog, context};
use leo_tests::property::policies::POLICIES;
use leo_tests::property::run::{Outcome, contains, run, sorted};
use leo_tests::property::visible::visible;

const STATEMENTS: u64 = 10_000;
/// What is said of statements that decide nothing.
const OPEN: &[&str] = &["takes too long", "fails by the plan", "refused by the engine's whim", "several right answers"];
/// Statements over the same rows, before other rows are made.
const PER_ROWS: u64 = 1_000;
/// Rows a statement may return.
const ROW_CAP: usize = 1_000;

/// How a statement compared.
#[derive(Debug, PartialEq)]
enum Verdict {
    Same(&'static str),
    /// Nothing can be said: the statement itself has several right answers, or fails or not by the engine's choice of plan.
    Open(&'static str),
    Different(String),
}

fn compare(world: &World, statement: &Statement, vetted: Outcome, sql: &str, params: &[leo::Value]) -> Verdict {
    let wanted = run(&world.reference, &statement.sql, &statement.params);
    let different = |why: &str| Verdict::Different(format!("{why}\n  vetted: {vetted}\n  wanted: {wanted}"));
    match (&vetted, &wanted) {
        (Outcome::Stopped, _) | (_, Outcome::Stopped) => Verdict::Open("takes too long"),
        (Outcome::Unprepared(_), Outcome::Unprepared(_)) => Verdict::Same("not prepared"),
        (Outcome::Unprepared(_), _) => different("only the vetted statement cannot be prepared"),
        // SQLite refuses some uses of aggregates when an item of a subquery has no alias, and the guard gives it one.
        (_, Outcome::Unprepared(why)) if why.contains("misuse of aggregate") => Verdict::Open("refused by the engine's whim"),
        (_, Outcome::Unprepared(_)) => different("only the original cannot be prepared"),
        (Outcome::Failed(_), Outcome::Failed(_)) => Verdict::Same("failed"),
        (Outcome::Failed(_), Outcome::Rows(..)) => {
            // A visible row may cause it, where the engine's order of work is another.
            match run(&world.visible, sql, params) {
                Outcome::Failed(_) => Verdict::Open("fails by the plan"),
                _ => different("a hidden row makes it fail"),
            }
        }
        (Outcome::Rows(..), Outcome::Failed(_)) => Verdict::Open("fails by the plan"),
        (Outcome::Rows(names, rows), Outcome::Rows(wanted_names, wanted_rows)) => {
            // Inside a join in parentheses the engine numbers row ids of tables, not those of derived tables.
            let spelled = |names: &[String]| names.iter().map(|name| name.to_lowercase().replace(":1", "")).collect::<Vec<_>>();
            if spelled(names) != spelled(wanted_names) {
                return different("other names of columns");
            }
            if sorted(rows) == sorted(wanted_rows) {
                return Verdict::Same("rows");
            }
            let Outcome::Rows(_, reversed) = run(&world.reversed, &statement.sql, &statement.params) else {
                return Verdict::Open("fails by the plan");
            };
            let determined = sorted(&reversed) == sorted(wanted_rows);
            let capped = (rows.len() > ROW_CAP).then_some(&statement.sql);
            match statement.unlimited.as_ref().or(capped) {
                None if determined => different("other rows"),
                None => Verdict::Open("several right answers"),
                Some(unlimited) => {
                    if capped.is_none() && rows.len() != wanted_rows.len() && reversed.len() == wanted_rows.len() {
                        return different("another number of rows");
                    }
                    match run(&world.reference, unlimited, &statement.params) {
                        Outcome::Rows(_, all) if contains(&all, rows) => Verdict::Same("rows of a limit"),
                        Outcome::Rows(..) if determined => different("other rows"),
                        _ => Verdict::Open("several right answers"),
                    }
                }
            }
        }
    }
}

/// What a run over some seeds found.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    /// Those that gave rows.
    filled: usize,
    /// Those that give other rows without the policy.
    changed: usize,
    verdicts: BTreeMap<&'static str, usize>,
    forms: BTreeMap<&'static str, usize>,
    refusals: BTreeMap<String, (usize, String)>,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.accepted += other.accepted;
        self.filled += other.filled;
        self.changed += other.changed;
        other.verdicts.into_iter().for_each(|(how, count)| *self.verdicts.entry(how).or_default() += count);
        other.forms.into_iter().for_each(|(form, count)| *self.forms.entry(form).or_default() += count);
        for (rule, (count, example)) in other.refusals {
            self.refusals.entry(rule).or_insert((0, example)).0 += count;
        }
        self.failures.extend(other.failures);
    }
}

/// Checks the statements of these seeds.
fn check(seeds: Range<u64>) -> Tally {
    let (catalog, ctx) = (catalog(), context());
    let settings = GuardLimits {
        max_joins: 20,
        max_nesting: 20,
        row_cap: ROW_CAP as u64,
        cross_join_rows: u64::MAX,
        ..GuardLimits::default()
    };
    let policies: Vec<_> = POLICIES.iter().map(|policy| (policy, access(policy), visible(policy))).collect();
    let mut tally = Tally::default();
    let mut worlds: Vec<World> = Vec::new();
    for seed in seeds {
        if worlds.is_empty() || seed % PER_ROWS == 0 {
            worlds = POLICIES.iter().map(|policy| World::new(policy, seed / PER_ROWS)).collect();
        }
        let at = seed as usize % policies.len();
        let (policy, access, schema) = &policies[at];
        let (statement, world) = (statement(schema, seed), &worlds[at]);
        let Statement { sql, params, .. } = &statement;
        let request = Request {
            ctx: &ctx,
            source: "shop",
            catalog: &catalog,
            access,
            settings: &settings,
            sql,
            params,
            purpose: Purpose::Sql,
        };
        let Vetting { vetted, findings, .. } = vet(&request);
        let Some(vetted) = vetted else {
            let finding = findings.iter().max_by_key(|finding| finding.verdict).unwrap();
            let example = format!("{seed}: {}\n    {sql}", finding.message);
            if std::env::var_os("LEO_SHOW_REFUSED").is_some() {
                println!("{} {example}", finding.rule);
            }
            // No statement means what is hidden: its name is that of a column of another table, which the user may see. Only a
            // column of a query around is no answer to a name that the query itself hides.
            let hidden = policy.rules.iter().flat_map(|rule| rule.hidden);
            if !statement.forms.contains("column of a query around")
                && hidden.map(|name| format!("no column `{name}`")).any(|refused| finding.message.contains(&refused))
            {
                tally.failures.push(format!("{seed}, policy `{}`: {}\n  {sql}", policy.name, finding.message));
            }
            tally.refusals.entry(finding.rule.clone()).or_insert((0, example)).0 += 1;
            continue;
        };
        tally.accepted += 1;
        for form in &statement.forms {
            *tally.forms.entry(form).or_default() += 1;
        }
        let outcome = run(&world.full, vetted.sql(), vetted.params());
        if let Outcome::Rows(_, rows) = &outcome {
            tally.filled += usize::from(!rows.is_empty());
            tally.changed += usize::from(run(&world.full, sql, params) != outcome);
        }
        let how = match compare(world, &statement, outcome, vetted.sql(), vetted.params()) {
            Verdict::Same(how) | Verdict::Open(how) => how,
            Verdict::Different(why) => {
                let sent = vetted.sql();
                let name = policy.name;
                tally.failures.push(format!("{seed}, policy `{name}`: {why}\n  original: {sql}\n  sent: {sent}\n  {params:?}"));
                "different"
            }
        };
        *tally.verdicts.entry(how).or_default() += 1;
    }
    tally
}

/// Row ids are places of rows among all rows: where some are hidden, they tell of them.
#[test]
fn row_ids_of_restricted_tables_are_refused() {
    let (catalog, ctx, settings) = (catalog(), context(), GuardLimits::default());
    for policy in POLICIES {
        for rule in policy.rules {
            for (alias, row_id) in [("", "rowid"), (" AS t", "t.oid"), (" t", "\"_rowid_\"")] {
                let sql = format!("SELECT {row_id} FROM \"{}\"{alias}", rule.table);
                let (access, params, purpose) = (&access(policy), &[], Purpose::Sql);
                let request = Request {
                    ctx: &ctx,
                    source: "shop",
                    catalog: &catalog,
                    access,
                    settings: &settings,
                    sql: &sql,
                    params,
                    purpose,
                };
                assert!(vet(&request).vetted.is_none(), "{sql} under `{}`", policy.name);
            }
        }
    }
}

#[test]
fn a_vetted_statement_gives_what_the_policy_allows() {
    let start = Instant::now();
    let setting = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (from, count) = (setting("LEO_PROPERTY_FROM", 0), setting("LEO_PROPERTY_STATEMENTS", STATEMENTS));
    let half = from + count / 2 / PER_ROWS * PER_ROWS;
    let (mut tally, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| check(half..from + count));
        (check(from..half), second.join().unwrap())
    });
    tally.add(second);
    let Tally { accepted, filled, changed, verdicts, forms, refusals, failures } = tally;
    println!(
        "{count} statements, {accepted} accepted, {filled} with rows, {changed} with other rows than without policy: {verdicts:?}"
    );
    println!("{} forms, in {:?}", forms.len(), start.elapsed());
    for (form, count) in &forms {
        println!("{count:6} {form}");
    }
    for (rule, (count, example)) in &refusals {
        println!("{count:6} refused by {rule}, such as {example}");
    }
    let rare: Vec<_> = FORMS.iter().filter(|form| forms.get(*form).is_none_or(|count| *count < 20)).collect();
    let unlisted: Vec<_> = forms.keys().filter(|form| !FORMS.contains(form)).collect();
    let open: usize = OPEN.iter().filter_map(|how| verdicts.get(how)).sum();
    let shown = failures.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(failures.is_empty(), "{} differences:\n{shown}", failures.len());
    assert!(open * 100 <= accepted, "nothing can be said about {open} statements");
    assert!(unlisted.is_empty(), "forms without a place in the list: {unlisted:?}");
    assert!(rare.is_empty() || count < STATEMENTS, "forms in fewer than 20 accepted statements: {rare:?}");
    assert!(accepted * 100 >= count as usize * 80, "only {accepted} of {count} statements were accepted");
}
