//! The semantic query: what is asked, free of any SQL dialect.
//!
//! The planner, dashboards, memos and alerts all speak it. It is validated against the catalogue, knows fan-out, and compiles to
//! a SQL AST in every dialect.

mod compile;
mod describe;
mod edit;
mod inline;
mod join;
mod layout;
mod literal;
mod model;
mod time;
mod validate;
mod window;

pub use compile::{
    ColumnRole, ColumnUnit, ComparisonColumn, CompileOptions, Compiled, CompiledColumn, JoinKind, JoinNote, compile, compile_with,
};
pub(crate) use compile::{ast, ident};
pub use describe::{describe, describe_filter};
pub use inline::inline_params;
pub use layout::lay_out;
pub use model::{
    Aggregate, Arithmetic, Comparison, ComparisonBase, Dimension, Field, Filter, Grain, Having, HavingValue, Measure, Operator,
    Order, Scalar, SemanticQuery, SetOperator, TextMatch, TopPer, Transform,
};
pub use time::{Calendar, ResolvedWindow, TimeUnit, TimeWindow};
pub(crate) use time::{MONTHS, WEEKDAYS, begins, month_named};
