//! What an engine brings to the suite.

use std::sync::Arc;

use async_trait::async_trait;
use leo::gate::Connector;

/// The id under which fixtures connect.
pub const SOURCE: &str = "shop";

/// What not every engine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Skill {
    /// Tables of the suite's own, which introspection finds.
    Tables,
    /// Views.
    Views,
    /// Declared keys and indexes.
    Keys,
    /// Comments on tables and columns.
    Comments,
    /// Types for days and moments.
    Temporal,
    /// Exact decimals.
    Decimals,
    /// A server that tells which statements it runs.
    Sessions,
    /// Errors that say by kind and words why a statement failed. A host's are attached as they are, for its developers alone.
    Reasons,
}

/// A server with the suite's tables in it, or one that only reads them out of each statement's [`prelude`](Fixture::prelude).
///
/// The tables, with types of the engine's own:
/// ```text
/// customers(id integer primary key, name text not null, city text, born date)
/// orders(id integer primary key, customer_id integer references customers(id), total decimal(12, 2), note text, placed timestamp)
///     index (customer_id); unique (customer_id, id)
/// readings(id integer primary key, small, whole, wide: integers of 16, 32 and 64 bits, ratio double, label text)    10,000 rows
/// big_orders: a view of orders above 100
/// ```
/// `readings` has id 1 to 10,000, small = id % 100, whole = id * 1000, wide = id * 1000000000, ratio = id / 4.0, label = 'reading ' || id.
/// `customers` has 1 Ann Oslo 1990-01-02, 2 Bob NULL NULL, 3 'Zoë 🦀' '' 1969-12-31. `orders` has 1 1 99.50 NULL '2024-02-29 23:59:59',
/// 2 1 250.00 'late' '2024-03-31 02:30:00', 3 2 0.01 '' NULL.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The engine's name in the matrix.
    fn name(&self) -> &'static str;

    /// Whether the engine has something that not every engine has.
    fn has(&self, skill: Skill) -> bool;

    /// Opens the database as a login that may only read, under the id [`SOURCE`].
    async fn connect(&self) -> leo::Result<Arc<dyn Connector>>;

    /// What stands before each statement, where the suite's tables are none of the database's: `WITH customers AS (…), … `.
    fn prelude(&self) -> &'static str {
        ""
    }

    /// A statement over `readings` that takes a minute at least, sends rows from the start, and holds `mark` in its text.
    fn slow(&self, mark: &str) -> String {
        format!(
            "SELECT a.id, '{mark}' AS mark FROM readings a CROSS JOIN readings b CROSS JOIN readings c WHERE a.small + b.small <> c.wide"
        )
    }

    /// How many statements the server runs that hold `mark`.
    ///
    /// # Panics
    /// When the server does not tell; cases that ask need [`Skill::Sessions`].
    fn running(&self, mark: &str) -> usize {
        panic!("{} does not tell what it runs: {mark}", self.name())
    }

    /// How many connections the source's login has to the server.
    ///
    /// # Panics
    /// As [`running`](Self::running).
    fn connections(&self) -> usize {
        panic!("{} does not tell who is connected", self.name())
    }

    /// A statement that the engine's own parser refuses although the guard accepts it, and a word that its error must hold.
    fn refused(&self) -> (&'static str, &'static str);

    /// A statement over `orders` that fails on a value in one of its rows, `late`.
    fn failing(&self) -> &'static str;
}
