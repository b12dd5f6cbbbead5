//! What goes wrong gets an exit code, one or two plain sentences on stderr, and an error kind in JSON.

use rusqlite::Connection;

use super::support::{Fixture, Run, run, unreadable};

/// Runs it for people and for programs, and looks at both.
#[track_caller]
fn fails(shop: &Fixture, args: &[&str], code: i32, kind: &str, part: &str) -> Run {
    let human = shop.leo(args);
    assert_eq!(human.code, code, "{args:?}: {}{}", human.out, human.err);
    assert!(human.out.is_empty(), "{}", human.out);
    assert!(human.err.contains(part), "{}", human.err);
    assert!(human.err.starts_with("leo: ") && human.err.ends_with('\n') && human.err.lines().count() <= 3, "{}", human.err);
    let program = shop.leo(&[args, &["--format", "json"]].concat());
    assert_eq!((program.code, &program.err), (code, &human.err));
    let error = &program.json()["error"];
    assert_eq!(error["kind"], kind);
    assert!(error["message"].as_str().unwrap().contains(part), "{error}");
    program
}

#[test]
fn files_that_cannot_be_opened() {
    let shop = Fixture::shop();
    std::fs::create_dir(shop.path("folder")).unwrap();
    shop.write("notes.txt", b"CREATE TABLE t (a);");
    let noise: Vec<u8> = (0..8_192u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    shop.write("encrypted.db", &noise);
    fails(&shop, &["--db", "none.db", "how many orders"], 2, "not_found", "no file `none.db`; check the path");
    fails(&shop, &["--db", "folder", "how many orders"], 2, "config", "is a directory; name the SQLite file in it");
    fails(&shop, &["--db", "notes.txt", "how many orders"], 2, "malformed", "looks like text");
    fails(&shop, &["--db", "encrypted.db", "how many orders"], 2, "malformed", "another format or encrypted");
    let locked_away = shop.load("secret.db", "CREATE TABLE t (a);");
    #[cfg(unix)]
    std::fs::set_permissions(&locked_away, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    if unreadable(&locked_away) {
        fails(&shop, &["--db", "secret.db", "how many orders"], 2, "config", "no permission to read");
    }
}

#[test]
fn a_database_that_ends_in_the_middle() {
    let shop = Fixture::shop();
    let whole = std::fs::read(shop.path("shop.db")).unwrap();
    shop.write("cut.db", &whole[..whole.len() / 2]);
    let run = shop.leo(&["sql", "--db", "cut.db", "SELECT count(*) FROM orders"]);
    assert_eq!((run.code, run.err.contains("damaged; restore a backup")), (2, true), "{}", run.err);
}

#[test]
fn a_locked_database_is_busy() {
    let shop = Fixture::shop();
    let writer = Connection::open(shop.path("shop.db")).unwrap();
    writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
    fails(&shop, &["--db", "shop.db", "how many orders"], 5, "unavailable", "locked by another program; try again");
    writer.execute_batch("ROLLBACK").unwrap();
    shop.leo(&["--db", "shop.db", "how many orders"]).well();
}

#[test]
fn questions_that_cannot_be_taken() {
    let shop = Fixture::shop();
    fails(&shop, &["--db", "shop.db", ""], 2, "malformed", "the question is empty; ask for something in the data");
    fails(&shop, &["--db", "shop.db", " \t "], 2, "malformed", "the question is empty");
    let long = "orders ".repeat(300);
    fails(&shop, &["--db", "shop.db", &long], 2, "limit_exceeded", "longer than 2000 characters; say it in fewer words");
}

#[test]
fn settings_that_make_no_sense() {
    let shop = Fixture::shop();
    fails(
        &shop,
        &["--time-zone", "Mars/City", "--db", "shop.db", "how many orders"],
        2,
        "config",
        "unknown time zone `Mars/City`",
    );
    fails(&shop, &["--db", "shop.db", "sync"], 2, "config", "the command comes first: leo sync");
    for (args, part) in [
        (&["--bogus", "x"][..], "unexpected argument '--bogus'"),
        (&["--as-of", "tomorrow", "x"], "a day is written as 2025-06-30"),
        (&["--timeout", "0", "x"], "a number of seconds"),
        (&["--max-rows", "0", "x"], "'0'"),
        (&["--format", "yaml", "x"], "human, json"),
        (&["ask"], "<QUESTION>"),
        (&["sql"], "<SQL>"),
    ] {
        let run = shop.leo(args);
        assert_eq!((run.code, run.out.as_str(), run.err.contains(part)), (2, "", true), "{args:?}: {}", run.err);
    }
    let run = shop.leo(&["--format", "json", "--bogus"]);
    assert_eq!((run.code, &run.json()["error"]["kind"]), (2, &"config".into()));
}

#[test]
fn a_cache_folder_that_cannot_be_made() {
    let shop = Fixture::shop();
    shop.write("file", b"");
    let run = run(shop.command(&["how many orders"]).env("LEO_CACHE_DIR", shop.path("file/cache")));
    assert_eq!((run.code, run.err.contains("set LEO_CACHE_DIR to one you can write")), (5, true), "{}", run.err);
}

#[test]
fn statements_the_guard_refuses() {
    let shop = Fixture::shop();
    let before = std::fs::read(shop.path("shop.db")).unwrap();
    for (sql, rule, part) in [
        ("DROP TABLE orders", "not_a_query", "only queries may run"),
        ("SELECT 1; DELETE FROM orders", "multiple_statements", "more than one statement"),
        ("SELECT * FROM ordres", "unknown_table", "did you mean `orders`?"),
        ("SELECT * FROM sqlite_master", "outside_source", "outside the tables that may be read"),
        ("SELECT load_extension('x')", "function_not_allowed", "may not be called"),
        ("SELEC 1", "syntax", "not valid sqlite SQL"),
    ] {
        let run = fails(&shop, &["sql", "--db", "shop.db", sql], 4, "rejected", part);
        assert_eq!(run.json()["error"]["findings"][0]["rule"], rule);
    }
    assert_eq!(std::fs::read(shop.path("shop.db")).unwrap(), before);
}

#[test]
fn statements_that_need_approval_or_time() {
    let shop = Fixture::shop();
    let all = "SELECT count(*) FROM orders a, orders b, orders c, orders d";
    fails(&shop, &["sql", "--db", "shop.db", all], 4, "needs_approval", "without a join condition");
    let long = "SELECT count(*) FROM orders a, orders b, orders c WHERE a.amount + b.amount + c.amount < -1";
    fails(&shop, &["sql", "--db", "shop.db", "--timeout", "0.05", long], 5, "timeout", "or raise the timeout");
}
