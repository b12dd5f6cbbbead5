//! One behaviour suite for every engine: what a connector promises, whatever is behind it.
//!
//! A [`Fixture`] brings a server with the suite's tables; [`run`] takes every case to it, prints what came of each, and fails when one
//! failed or when fewer were run than there are. A file per idea; a case that an engine cannot have names the [`Skill`] it needs.

mod cancel;
mod catalog;
mod errors;
mod fixture;
mod limits;
mod pool;
mod query;
mod report;
mod statement;
mod values;

use std::pin::Pin;

pub use fixture::{Fixture, SOURCE, Skill};
pub use report::Matrix;
pub use statement::{Asked, ask, ctx, with_params};

/// What a case says when it is not as it should be.
pub type Outcome = Result<(), String>;

type Work = for<'f> fn(&'f dyn Fixture) -> Pin<Box<dyn Future<Output = Outcome> + 'f>>;

/// One promise.
#[derive(Clone, Copy)]
pub struct Case {
    /// The promise in words, with underscores.
    pub name: &'static str,
    /// What the engine must be able to do for it.
    pub needs: Option<Skill>,
    work: Work,
}

const fn first(skills: &[Skill]) -> Option<Skill> {
    if skills.is_empty() { None } else { Some(skills[0]) }
}

macro_rules! cases {
    ($($room:ident: $($name:ident $(needs $skill:ident)?),* $(,)?;)*) => {
        /// Every case, in the order in which they are run.
        pub const CASES: &[Case] = &[$($(Case {
            name: stringify!($name),
            needs: first(&[$(Skill::$skill)?]),
            work: |fixture| Box::pin($room::$name(fixture)),
        }),*),*];
    };
}

cases! {
    catalog: tables_are_found needs Tables, views_are_found needs Views, keys_and_indexes_are_found needs Keys,
        comments_are_found needs Comments, globs_choose_tables needs Tables;
    query: rows_come_back, placeholders_are_bound, nothing_comes_back_with_its_columns, many_columns, text_of_every_kind, large_values,
        null_in_every_type;
    values: numbers_keep_every_digit, days_and_moments_come_back needs Temporal, exact_decimals_stay_exact needs Decimals;
    limits: rows_end_at_the_cap, bytes_end_the_stream, batches_have_the_asked_size, time_ends_a_statement, streaming_keeps_little;
    cancel: a_dropped_stream_ends_on_the_server needs Sessions, a_cancelled_call_ends_on_the_server needs Sessions,
        a_passed_deadline_ends_on_the_server needs Sessions, a_stopped_statement_leaves_the_source_usable;
    pool: statements_run_side_by_side, a_closed_source_says_so, connections_are_used_again needs Sessions;
    errors: what_the_engine_refuses_is_rejected needs Reasons, values_of_rows_stay_out_of_errors needs Reasons,
        another_sources_statement_is_refused;
}

/// Takes every case to the fixture; the matrix of what came of them.
///
/// # Panics
/// When a case failed.
pub async fn run(fixture: &dyn Fixture) -> Matrix {
    let mut matrix = Matrix::new(fixture.name());
    for case in CASES {
        if case.needs.is_some_and(|skill| !fixture.has(skill)) {
            matrix.skipped(case.name);
            continue;
        }
        match (case.work)(fixture).await {
            Ok(()) => matrix.passed(case.name),
            Err(why) => matrix.failed(case.name, why),
        }
    }
    matrix.print(None);
    assert!(matrix.failures().is_empty(), "{:#?}", matrix.failures());
    assert!(matrix.count() >= CASES.len() / 2, "hardly a case was run");
    matrix
}

/// Shows an engine that is not there in the matrix: every case skipped, and why.
pub fn skip(engine: &str, why: &str) {
    println!("skipped: the behaviour suite on {engine} ({why})");
    let mut matrix = Matrix::new(engine);
    CASES.iter().for_each(|case| matrix.skipped(case.name));
    matrix.print(Some(why));
}

/// Fails the case unless `holds`.
pub(crate) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(why()) }
}

/// Fails the case unless both are the same.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Outcome {
    ensure(found == wanted, || format!("found {found:?}, wanted {wanted:?}"))
}

/// An error as the reason of a failure.
pub(crate) fn said(error: leo::Error) -> String {
    format!("{error:?}")
}
