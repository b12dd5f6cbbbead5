//! Charts: chosen from the shape of a result and the intent of the question; rendered to Vega-Lite, ECharts, SVG and text.
//!
//! [`choose`] gives a [`ChartSpec`], plain data that refers to the result's columns by name. The renderers take that and the
//! result: [`vega_lite()`], [`echarts()`], [`svg()`], [`terminal()`]. A renderer never fails: a spec that does not fit its table
//! (columns that are gone, nothing to draw) comes out as an empty chart that says so.
//!
//! ```
//! use leo::chart::{ChartKind, Hint, TerminalOptions, choose, terminal};
//! let table = leo::Table::from_rows(&["country", "orders"], &[
//!     vec!["Germany".into(), 42.into()],
//!     vec!["France".into(), 17.into()],
//! ])?;
//! let spec = choose(&table, &Hint::default());
//! assert_eq!(spec.kind, ChartKind::Bar);
//! assert!(terminal(&spec, &table, &TerminalOptions::default()).contains("Germany"));
//! # Ok::<(), leo::Error>(())
//! ```

mod choose;
mod data;
mod echarts;
pub mod format;
mod hint;
mod scale;
mod shape;
mod spec;
mod svg;
mod terminal;
mod vega_lite;
mod words;

pub use choose::choose;
pub use echarts::echarts;
pub use hint::{ColumnHint, Hint, Intent, Role, Unit};
pub use shape::{ColumnKind, ColumnShape, Shape, TimeShape, number};
pub use spec::{Arrangement, ChartKind, ChartSpec, Encoding, Scale, Sort, SortBy};
pub use svg::{SvgOptions, Theme, svg};
pub use terminal::{TerminalOptions, sparkline, terminal};
pub use vega_lite::{VegaLiteOptions, VegaLiteVersion, vega_lite};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_render;
