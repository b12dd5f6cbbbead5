//! The audit file of the command line: complete, verifiable, and nothing runs without it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use leo::audit::{JsonLinesOptions, JsonLinesSink, VerifyOptions, VerifyReport, verify};

use super::support::{Fixture, finished, run};

/// Takes minutes.
const LONG: &str = "SELECT count(*) FROM orders a, orders b, orders c, regions d WHERE a.amount + b.amount + c.amount < -d.id";

fn check(shop: &Fixture, name: &str) -> VerifyReport {
    let report = verify(shop.path(name), &VerifyOptions::default()).unwrap();
    assert!(report.is_intact() && report.torn_bytes.is_none(), "{report:?}");
    report
}

fn text(shop: &Fixture, name: &str) -> String {
    std::fs::read_to_string(shop.path(name)).unwrap()
}

#[test]
fn every_run_adds_to_a_chain_that_verifies() {
    let shop = Fixture::shop();
    shop.shop_leo(&["ask", "how many orders", "--audit", "audit.jsonl"]).well();
    let first = check(&shop, "audit.jsonl");
    assert!(first.attempts_without_outcome.is_empty() && first.records > 4);
    assert_eq!(shop.shop_leo(&["sql", "DROP TABLE orders", "--audit", "audit.jsonl"]).code, 4);
    let second = check(&shop, "audit.jsonl");
    assert!(second.attempts_without_outcome.is_empty() && second.records > first.records);
    let text = text(&shop, "audit.jsonl");
    assert!(
        text.contains("\"question\":\"how many orders\"")
            && text.contains("DROP TABLE orders")
            && text.contains("\"preset\":\"local\"")
    );
}

#[test]
fn a_path_that_cannot_hold_the_audit_stops_everything() {
    let shop = Fixture::shop();
    std::fs::create_dir(shop.path("folder")).unwrap();
    shop.write("notes.txt", b"my notes");
    for (file, part) in [("folder", "is a directory"), ("notes.txt", "is not an audit file; name another one")] {
        let run = shop.shop_leo(&["ask", "how many orders", "--audit", file]);
        assert_eq!((run.code, run.out.as_str(), run.err.contains(part)), (2, "", true), "{}", run.err);
    }
    assert_eq!(text(&shop, "notes.txt"), "my notes");
    #[cfg(target_os = "linux")]
    {
        let run = shop.shop_leo(&["ask", "how many orders", "--audit", "/dev/full"]);
        assert_eq!((run.code, run.err.contains("not a file; name a file")), (2, true), "{}", run.err);
    }
    let _held = JsonLinesSink::open(shop.path("held.jsonl"), JsonLinesOptions::default()).unwrap();
    let run = shop.shop_leo(&["ask", "how many orders", "--audit", "held.jsonl"]);
    assert_eq!((run.code, run.err.contains("written by another process or handle")), (5, true), "{}", run.err);
}

/// The shell refuses the process files beyond `blocks`, as a full disk would.
#[cfg(unix)]
fn on_a_full_disk(shop: &Fixture, blocks: u32, args: &[&str]) -> Command {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_leo")]).args(args).current_dir(shop.folder.path()).stdin(Stdio::null());
    command
}

#[cfg(unix)]
#[test]
fn nothing_runs_when_the_disk_is_full() {
    let shop = Fixture::shop();
    let args = ["ask", "--db", "shop.db", "--audit", "audit.jsonl", "how many orders", "--format", "json"];
    let full = run(&mut on_a_full_disk(&shop, 0, &args));
    assert_eq!(full.code, 5, "{}", full.err);
    assert!(full.err.contains("could not be recorded, so nothing ran") && full.err.contains("start a new file"), "{}", full.err);
    assert_eq!(full.json()["error"]["kind"], "unavailable");
    assert!(text(&shop, "audit.jsonl").is_empty());
    // Full half way: what was written is whole, and what could not be recorded is withheld.
    let full = run(&mut on_a_full_disk(&shop, 2, &args));
    assert_eq!((full.code, &full.json()["error"]["kind"]), (5, &"unavailable".into()));
    check(&shop, "audit.jsonl");
    // With room again the chain goes on.
    shop.leo(&args).well();
    assert!(check(&shop, "audit.jsonl").records > 4);
}

#[cfg(unix)]
#[test]
fn an_interrupt_stops_the_statement_and_is_recorded() {
    let shop = Fixture::shop();
    let mut command =
        shop.command(&["sql", "--db", "shop.db", "--audit", "audit.jsonl", "--timeout", "600", "--format", "json", LONG]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while !std::fs::read_to_string(shop.path("audit.jsonl")).unwrap_or_default().contains("\"purpose\":\"sql\"") {
        assert!(began.elapsed() < Duration::from_secs(60), "the statement did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let interrupted = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let run = finished(&child.wait_with_output().unwrap());
    assert!(interrupted.elapsed() < Duration::from_secs(30), "{:?}", interrupted.elapsed());
    assert_eq!((run.code, run.err.as_str()), (130, "interrupted\n"));
    assert_eq!(run.json()["error"]["kind"], "cancelled");
    assert!(check(&shop, "audit.jsonl").attempts_without_outcome.is_empty());
    assert!(text(&shop, "audit.jsonl").lines().last().unwrap().contains("\"status\":\"cancelled\""));
}
