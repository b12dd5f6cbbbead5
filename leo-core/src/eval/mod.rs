//! Evaluation: question suites scored by execution match.
//!
//! A [`Suite`] is read from JSON lines, an [`Answerer`] answers its questions, a [`Runner`] runs reference statements and answers
//! through the same door, [`evaluate`] scores them and makes a [`Report`], and [`compare`] sets two runs side by side.
//!
//! The rule is that of test-suite execution match on one database: errors are wrong; two empty results are equal; otherwise the
//! numbers of rows and columns must agree and the rows must be equal as a multiset, or as a list when the reference has
//! `ORDER BY`, under some permutation of columns. Names of columns are ignored, `DISTINCT` is dropped from both sides first.

mod compare;
mod database;
#[cfg(feature = "sqlite")]
mod door;
mod expand;
mod judge;
#[cfg(feature = "sqlite")]
mod load;
mod report;
mod run;
mod score;
mod suite;

pub use compare::{QuestionChange, RunComparison, compare, read_results};
pub use database::{Database, Databases};
#[cfg(feature = "sqlite")]
pub use door::GateRunner;
pub use expand::alternatives;
pub use judge::{Judgement, Matches, Runner, judge};
pub use report::{Latency, QuestionResult, Report, RiskPoint, Share, Strict};
pub use run::{AnswerRequest, Answered, Answerer, EvalOptions, Evaluation, PastTurn, evaluate};
pub use score::{Rows, ScoreOptions, rows_equal, rows_equal_in_column_order};
pub use suite::{Item, Suite, Turn};
