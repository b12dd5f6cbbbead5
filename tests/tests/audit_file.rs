//! The audit file under hostile conditions: killed writers, full disks, tampering, and a second verifier.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use leo::adapter::{AuditEvent, AuditSink};
use leo::audit::{JsonLinesOptions, JsonLinesSink, VerifyOptions, VerifyReport, event, tail, verify};
use leo::{Context, ErrorKind};
use serde_json::{Value, json};

const CHILD_FILE: &str = "LEO_TEST_AUDIT_FILE";

fn open(path: &Path) -> JsonLinesSink {
    JsonLinesSink::open(path, JsonLinesOptions::default()).unwrap()
}

fn check(path: &Path) -> VerifyReport {
    verify(path, &VerifyOptions::default()).unwrap()
}

fn numbered(number: u64) -> AuditEvent {
    let ctx = Context::new("acme", "ada").unwrap();
    AuditEvent { rows: Some(number), question: Some("how much, in € or \u{1F4B6}?".into()), ..event(&ctx, "question") }
}

/// This test binary again, running the one ignored test `name` on `file`.
fn child(name: &str, file: &Path, limit_blocks: Option<u32>) -> Command {
    let exe = std::env::current_exe().unwrap();
    let mut command = match limit_blocks {
        // The limit on file sizes stands in for a full disk; the signal that comes with it is ignored, as the error is what counts.
        Some(blocks) => {
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]).arg(exe);
            shell
        }
        None => Command::new(exe),
    };
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(CHILD_FILE, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
#[ignore = "runs as a child process"]
fn child_appends_until_killed() {
    let Ok(path) = std::env::var(CHILD_FILE) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let sink = Arc::new(open(Path::new(&path)));
        let tasks: Vec<_> = (0..4_u64)
            .map(|task| {
                let sink = Arc::clone(&sink);
                tokio::spawn(async move {
                    for number in 0.. {
                        sink.append(vec![numbered(task * 1_000_000 + number)]).await.unwrap();
                        println!("acknowledged");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

#[test]
#[ignore = "runs as a child process"]
fn child_appends_until_full() {
    let Ok(path) = std::env::var(CHILD_FILE) else { return };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let sink = open(Path::new(&path));
        let mut written = 0;
        let error = loop {
            match sink.append(vec![numbered(written), numbered(written)]).await {
                Ok(()) => written += 2,
                Err(error) => break error,
            }
        };
        // The sink goes on: what fits is written, what does not leaves nothing behind.
        let again = sink.append(vec![numbered(0), numbered(0)]).await.unwrap_err();
        println!("\nfull after {written}: {} / {again}", error.kind());
    });
}

#[cfg(unix)]
#[test]
fn a_killed_writer_leaves_a_file_that_verifies_and_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let mut before = 0;
    for turn in 0..6 {
        let mut process = child("child_appends_until_killed", &path, None).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut acknowledged = 0_u64;
        while acknowledged < 40 + turn * 57 {
            let line = output.next().unwrap().unwrap();
            acknowledged += u64::from(line.contains("acknowledged"));
        }
        process.kill().unwrap();
        process.wait().unwrap();
        // What it had said before it died, the pipe still holds; a half-written word at its end was not said.
        acknowledged += output.map_while(Result::ok).filter(|line| line == "acknowledged").count() as u64;

        let report = check(&path);
        assert!(report.is_intact(), "{report:?}");
        assert!(report.records >= before + acknowledged, "{} records, {before} + {acknowledged} acknowledged", report.records);
        let torn = u64::from(report.torn_bytes.is_some());
        // The next writer takes the lock the dead one held.
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(open(&path).append(vec![numbered(0)])).unwrap();
        let after = check(&path);
        assert!(after.is_intact() && after.torn_bytes.is_none());
        assert_eq!(after.records, report.records + torn + 1);
        before = after.records;
    }
    assert_eq!(check(&path).segments, 12);
}

#[cfg(unix)]
#[test]
fn a_full_disk_fails_the_append_and_leaves_nothing_half_written() {
    for blocks in [8, 9, 13, 32] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("audit.jsonl");
        let mut process = child("child_appends_until_full", &path, Some(blocks)).spawn().unwrap();
        let mut output = String::new();
        process.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        assert!(process.wait().unwrap().success(), "{output}");
        let said = output.lines().find(|line| line.starts_with("full after")).unwrap_or_else(|| panic!("{output}"));
        let written: u64 = said.split([' ', ':']).nth(2).unwrap().parse().unwrap();
        assert!(said.contains("unavailable") && said.contains("size limit") && said.contains("start a new file"), "{said}");
        let report = check(&path);
        assert!(report.is_intact() && report.torn_bytes.is_none());
        assert_eq!(report.records, written);
        assert!(written > 2);
        // Without the limit it goes on where it stood.
        tokio::runtime::Runtime::new().unwrap().block_on(open(&path).append(vec![numbered(0)])).unwrap();
        assert_eq!((check(&path).records, check(&path).is_intact()), (written + 1, true));
    }
}

#[test]
fn a_file_that_is_no_audit_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("notes.txt", "my notes"), ("notes.md", "# notes\n\nmore"), ("data.json", "{\"a\": 1}")] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let error = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3, "nothing is moved aside");
}

#[cfg(unix)]
#[test]
fn two_processes_do_not_share_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("audit.jsonl");
    let mut process = child("child_appends_until_killed", &path, None).spawn().unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
    while !output.next().unwrap().unwrap().contains("acknowledged") {}
    let error = JsonLinesSink::open(&path, JsonLinesOptions::default()).unwrap_err();
    // Readers are not kept out.
    let readable = tail(&path, 1).unwrap().records.len();
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!((error.kind(), readable), (ErrorKind::Conflict, 1));
}

fn second_verifier() -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/audit_verify.py");
    let works = Command::new("python3").args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]).status();
    if works.is_ok_and(|status| status.success()) {
        Some(script)
    } else {
        println!("skipped: no python3 of version 3.10 or later");
        None
    }
}

/// What both verifiers say, in one form.
fn summary(report: &VerifyReport) -> Value {
    json!({
        "records": report.records,
        "first_bad": report.first_bad.as_ref().map(|bad| json!({ "line": bad.line, "reason": bad.reason })),
        "torn_bytes": report.torn_bytes,
        "segments": report.segments,
        "head": report.head,
        "attempts_without_outcome": report.attempts_without_outcome.iter().map(|open| open.seq).collect::<Vec<_>>(),
        "intact": report.is_intact(),
    })
}

/// Runs the second verifier over all files at once and compares each report with ours.
fn compare(script: &Path, files: &[PathBuf], options: &VerifyOptions) {
    let mut command = Command::new("python3");
    command.arg(script).args(files);
    if let Some(head) = &options.expect_head {
        command.args(["--expect-head", head]);
    }
    if let Some(count) = options.expect_count {
        command.args(["--expect-count", &count.to_string()]);
    }
    let output = command.output().unwrap();
    let theirs: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(theirs.len(), files.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut intact = true;
    for (file, theirs) in files.iter().zip(&theirs) {
        let report = verify(file, options).unwrap();
        let ours = summary(&report);
        intact &= report.is_intact();
        for (name, value) in ours.as_object().unwrap() {
            assert_eq!(&theirs[name], value, "{name} of {}", file.display());
        }
        assert_eq!(theirs["unexpected"].is_null(), report.unexpected.is_none());
    }
    assert_eq!(output.status.code(), Some(i32::from(!intact)));
}

/// A file whose events use all a record can hold, over two openings, with one attempt left open.
fn sample(path: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ctx = Context::new("acme", "ada").unwrap().with_session("s\u{7f}\u{85}\u{2028}");
    let attempt =
        AuditEvent { sql: Some("SELECT \"a\\b\"\t\u{1}\n".into()), rules: vec!["row_cap".into()], ..event(&ctx, "statement") };
    let outcome = AuditEvent {
        attempt: Some(attempt.id.clone()),
        rows: Some(9_007_199_254_740_991),
        truncated: Some(true),
        ..event(&ctx, "statement_outcome")
    };
    let odd = AuditEvent {
        question: Some("\u{E000} \u{1F600} é e\u{301} \u{FFFF} /".into()),
        rows: Some(0),
        ..event(&ctx, "question")
    };
    runtime.block_on(async {
        open(path).append(vec![numbered(1), attempt, odd]).await.unwrap();
        open(path).append(vec![outcome, event(&ctx, "tool_invocation"), numbered(u64::from(u32::MAX))]).await.unwrap();
    });
}

#[test]
fn both_verifiers_agree_on_every_kind_of_damage() {
    let Some(script) = second_verifier() else { return };
    let directory = tempfile::tempdir().unwrap();
    let good = directory.path().join("good.jsonl");
    sample(&good);
    let bytes = std::fs::read(&good).unwrap();
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    let mut files = vec![good.clone()];
    let mut add = |name: String, bytes: Vec<u8>| {
        let path = directory.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        files.push(path);
    };
    // Single bytes: a sample of places with several changes each, all of the last record's frame among them.
    let places = (0..bytes.len()).filter(|at| at % 11 == 0 || bytes.len() - at < 200);
    for at in places {
        for mask in [0x01, 0x20, 0x80, bytes[at] ^ b'\n', bytes[at] ^ b'0'] {
            if mask != 0 {
                let mut changed = bytes.clone();
                changed[at] ^= mask;
                add(format!("flip-{at}-{mask}"), changed);
            }
        }
    }
    for at in 0..lines.len() {
        let without: Vec<_> = lines.iter().enumerate().filter(|(line, _)| *line != at).map(|(_, line)| *line).collect();
        add(format!("deleted-{at}"), without.concat());
        let mut swapped = lines.clone();
        swapped.swap(at, (at + 1) % lines.len());
        add(format!("swapped-{at}"), swapped.concat());
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        add(format!("doubled-{at}"), doubled.concat());
    }
    for cut in [1, 2, 50, lines[5].len() - 1] {
        add(format!("torn-{cut}"), bytes[..bytes.len() - cut].to_vec());
    }
    // Text that says the same in other words, and text that says what JSON cannot.
    let text = String::from_utf8(bytes.clone()).unwrap();
    for (number, (from, to)) in [
        ("\"rows\":0", "\"rows\":-0"),
        ("\"rows\":0", "\"rows\":0.0"),
        ("\"rows\":0", "\"rows\":NaN"),
        ("\"rows\":0", "\"rows\":1e999"),
        ("\"rows\":0", "\"rows\":1e21"),
        ("\"rows\":0", "\"rows\":1e+21"),
        ("\"rows\":0", "\"rows\":00"),
        ("\"rows\":0", "\"rows\":123456789012345680000"),
        ("\"rows\":0", "\"rows\":0.000001"),
        ("\"rows\":0", "\"rows\":1e-7"),
        ("\"rows\":0", "\"rows\":1.7976931348623157e+308"),
        ("\"rows\":0", "\"rows\":5e-324"),
        ("\"rows\":0", "\"rows\":333333333.3333333"),
        ("\"rows\":0", "\"rows\":{\"\u{E000}\":1,\"\u{1F600}\":2}"),
        ("\"rows\":0", "\"rows\":{\"\u{1F600}\":2,\"\u{E000}\":1}"),
        ("\"rows\":0", "\"rows\":0,\"rows\":0"),
        ("\"rows\":0", "\"rows\":\"\\ud83d\""),
        ("\"rows\":0", "\"rows\":\"\\u0041\""),
        ("\"rows\":0", "\"rows\":[null,true,false,[],{}]"),
        ("\"rows\":0", "\"rows\":[ ]"),
        ("\"format\":1", "\"format\":2"),
        ("\"format\":1", "\"format\":\"1\""),
        ("\"format\":1", "\"format\":true"),
        ("\"format\":1", "\"format\":100000000000000000000"),
        ("\"seq\":3}", "\"seq\":3,\"z\":1}"),
        ("\"seq\":3}", "\"seq\":3.5}"),
        ("\"seq\":3}", "\"seq\":-3}"),
        ("\"seq\":3}", "\"seq\":3} "),
        ("\"seq\":3}", "\"seq\":3}\r"),
        ("\"segment\":\"", "\"segment\":\"\\n"),
        ("{\"event\"", "\u{FEFF}{\"event\""),
        ("{\"event\"", "\n{\"event\""),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(text.contains(from), "{from}");
        add(format!("said-{number}"), text.replacen(from, to, 1).into_bytes());
    }
    add("empty".into(), Vec::new());
    add("newline".into(), b"\n".to_vec());
    add("zeros".into(), vec![0; 100]);
    add("long-line".into(), [vec![b' '; (4 << 20) + 1], bytes.clone()].concat());
    add("long-torn".into(), [bytes.clone(), vec![b' '; (4 << 20) + 1]].concat());

    for chunk in files.chunks(500) {
        compare(&script, chunk, &VerifyOptions::default());
    }
    // Each changed byte is found where it was changed.
    let mut flips = 0;
    for file in &files {
        let name = file.file_name().unwrap().to_str().unwrap();
        let Some(at) = name.strip_prefix("flip-").and_then(|rest| rest.split('-').next()).map(|at| at.parse::<usize>().unwrap())
        else {
            continue;
        };
        flips += 1;
        let report = check(file);
        if at == bytes.len() - 1 {
            assert!(report.torn_bytes.is_some());
        } else {
            let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            assert_eq!(report.first_bad.map(|bad| bad.line), Some(line), "{name}");
        }
    }
    assert!(flips > 1_000, "{flips} changed bytes");
    println!("{} files, {flips} of them with a changed byte", files.len());

    let head = check(&good).head.unwrap();
    let hash = || Some(head.hash.clone());
    for (expect_head, expect_count) in [
        (hash(), Some(6)),
        (hash(), None),
        (None, Some(6)),
        (None, Some(7)),
        (hash(), Some(5)),
        (hash(), Some(7)),
        (Some("0".repeat(64)), None),
        (None, Some(0)),
        (hash(), Some(0)),
    ] {
        let options = VerifyOptions { expect_head, expect_count };
        compare(&script, &[good.clone(), directory.path().join("deleted-5")], &options);
    }
}

#[test]
fn the_documents_example_is_a_record() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/audit-format.md");
    let document = std::fs::read_to_string(document).unwrap();
    let line = document.lines().find(|line| line.starts_with("{\"event\"")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("example.jsonl");
    std::fs::write(&path, format!("{line}\n")).unwrap();
    let report = check(&path);
    assert_eq!((report.records, report.first_bad), (1, None));
}
