//! Documents that state what the code does: their tables agree with it.

use std::collections::BTreeMap;
use std::path::Path;

use leo::{AnswerStatus, ErrorKind};

/// The rows of the first table below the heading `## {heading}` of `docs/errors.md`, by cell.
fn table(heading: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors.md");
    let text = std::fs::read_to_string(path).unwrap();
    let section = text.split_once(&format!("\n## {heading}\n")).unwrap().1;
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    // Behind the header and the line under it.
    rows.skip(2).map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The words between backticks.
fn names(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_error_kind_is_documented_as_it_is() {
    let documented: Vec<(String, bool)> = table("Error kinds")
        .into_iter()
        .map(|row| {
            let [kind, means, who, retry] = row.as_slice() else { panic!("{row:?}") };
            assert!(!means.is_empty() && !who.is_empty() && (retry == "yes" || retry == "no"), "{row:?}");
            (kind.trim_matches('`').to_owned(), retry == "yes")
        })
        .collect();
    let actual: Vec<(String, bool)> = ErrorKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind.is_retryable())).collect();
    assert_eq!(documented, actual);
}

#[test]
fn every_status_is_documented_with_its_error() {
    let documented: Vec<(String, Option<String>)> = table("Statuses of an answer")
        .into_iter()
        .map(|row| {
            let [status, means, what, kind] = row.as_slice() else { panic!("{row:?}") };
            assert!(!means.is_empty() && !what.is_empty(), "{row:?}");
            (status.trim_matches('`').to_owned(), names(kind).next().map(str::to_owned))
        })
        .collect();
    let actual: Vec<(String, Option<String>)> =
        AnswerStatus::ALL.iter().map(|status| (status.to_string(), status.error_kind().map(|kind| kind.to_string()))).collect();
    assert_eq!(documented, actual);
}

#[test]
fn every_kind_and_status_has_one_exit_code() {
    let mut codes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for row in table("Exit codes of the command line") {
        let code: u8 = row[0].parse().unwrap();
        for name in names(&row[2]).filter(|name| !name.starts_with("leo ")) {
            codes.entry(name.to_owned()).or_default().push(code);
        }
    }
    let every = ErrorKind::ALL.iter().map(|kind| kind.as_str()).chain(AnswerStatus::ALL.iter().map(|status| status.as_str()));
    for name in every {
        assert_eq!(codes.get(name).map(Vec::len), Some(1), "{name}: {codes:?}");
    }
    // A status ends the program like the error it stands for, except that an unanswered question has a code of its own.
    for (status, kind) in AnswerStatus::ALL.iter().map(|status| (status.as_str(), status.error_kind())) {
        let expected = match kind {
            None => 0,
            Some(ErrorKind::Unsupported) => 3,
            Some(kind) => codes[kind.as_str()][0],
        };
        assert_eq!(codes[status], [expected], "{status}");
    }
}
