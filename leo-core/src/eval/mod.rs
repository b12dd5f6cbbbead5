//! Evaluation: question suites scored by execution match.
//!
//! A [`Suite`] is read from JSON lines or YAML, an [`Answerer`] answers its questions, a [`Runner`] runs reference statements and answers
//! through the same door, [`evaluate`] scores them and makes a [`Report`]. [`compare`] sets two runs side by side, [`Gates`] say whether a
//! build goes on, and [`report_html`] shows a run as a page. [`Leo::evaluate`](crate::Leo::evaluate) asks a host's own handle.
//!
//! The rule is that of test-suite execution match on one database: errors are wrong; two empty results are equal; otherwise the
//! numbers of rows and columns must agree and the rows must be equal as a multiset, or as a list when the reference has
//! `ORDER BY`, under some permutation of columns. Names of columns are ignored, `DISTINCT` is dropped from both sides first. A row of a suite may
//! ask for less ([`RowMatch`], [`ColumnMatch`]), and [`soft_score`] says how much of a wrong answer is right.

mod assignment;
mod compare;
mod database;
#[cfg(feature = "sqlite")]
mod door;
mod evaluation;
mod expand;
mod gates;
mod html;
mod judge;
#[cfg(feature = "sqlite")]
mod load;
mod matching;
mod references;
mod report;
mod result;
mod retrieval;
mod risk;
mod row;
mod run;
mod score;
mod search;
mod soft;
mod statistics;
mod suite;
mod yaml;

pub use compare::{QuestionChange, QuestionName, QuestionOutcome, RunComparison, compare, read_results};
pub use database::{Database, Databases};
#[cfg(feature = "sqlite")]
pub use door::GateRunner;
pub use evaluation::Evaluation;
pub use expand::alternatives;
pub use gates::Gates;
pub use html::{HtmlReport, report_html};
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use judge::comparable;
pub use judge::{Judgement, Matches, Runner, judge};
pub use matching::{ColumnMatch, Mismatch, RowMatch, results_match, results_match_in_column_order};
pub use report::{Latency, Report, Retrieval, Share, Spent, Strict};
pub use result::QuestionResult;
pub use risk::{RiskPoint, operating_point};
pub use run::{AnswerRequest, Answered, Answerer, EvalOptions, PastTurn, evaluate};
pub use score::{Rows, ScoreOptions, rows_equal, rows_equal_in_column_order};
pub use soft::soft_score;
pub use statistics::{Interval, McNemar, wilson_interval};
pub use suite::{GoldRows, Item, Suite, Turn};
