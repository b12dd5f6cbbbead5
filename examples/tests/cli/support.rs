//! Running the binary on small databases.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

const SHOP: &str = "
CREATE TABLE regions (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO regions VALUES (1, 'North'), (2, 'South'), (3, 'East'), (4, 'West');
CREATE TABLE orders (id INTEGER PRIMARY KEY, region_id INTEGER NOT NULL REFERENCES regions (id), ordered_on TEXT, amount REAL, status TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
INSERT INTO orders SELECT i, 1 + i % 4, date('2024-01-01', '+' || i || ' days'), 10.5 + i % 37, CASE i % 3 WHEN 0 THEN 'open' ELSE 'paid' END FROM n;
";

/// A folder with a database in it.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Fixture {
    /// Regions and their orders, as of 2025-02-04.
    pub(crate) fn shop() -> Self {
        let fixture = Self { folder: tempfile::tempdir().unwrap() };
        fixture.load("shop.db", SHOP);
        fixture
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A database of its own.
    pub(crate) fn load(&self, name: &str, sql: &str) -> PathBuf {
        let path = self.path(name);
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    }

    /// A file that is no database.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The binary in this folder, which also holds the cache.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leo"));
        command.args(args).current_dir(self.folder.path()).env("LEO_CACHE_DIR", self.path("cache")).stdin(Stdio::null());
        command
    }

    pub(crate) fn leo(&self, args: &[&str]) -> Run {
        run(&mut self.command(args))
    }

    /// On the shop's database.
    pub(crate) fn shop_leo(&self, args: &[&str]) -> Run {
        // Options come behind the command.
        let (first, rest) = args.split_first().unwrap();
        self.leo(&[&[*first, "--db", "shop.db", "--as-of", "2025-02-04"], rest].concat())
    }
}

pub(crate) fn run(command: &mut Command) -> Run {
    finished(&command.output().unwrap())
}

pub(crate) fn finished(output: &Output) -> Run {
    Run {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

impl Run {
    /// The run as one that went well: code 0, nothing on stderr.
    #[track_caller]
    pub(crate) fn well(self) -> Self {
        assert_eq!((self.code, self.err.as_str()), (0, ""), "{}", self.out);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

/// Whether nobody can read the file: root reads everything.
pub(crate) fn unreadable(path: &Path) -> bool {
    std::fs::File::open(path).is_err()
}
