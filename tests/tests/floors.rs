//! The floors of the house: imports of `leo-core` go down only, and files stay small.
//!
//! Read from the source text: `use crate::…` and paths such as `crate::query::Grain` in code, `super::` chains that leave the
//! room, groups, and names that `lib.rs` re-exports. Comments, strings and test code do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Rooms by floor, lowest first. A room may import the rooms of the floors below it.
const FLOORS: &[&[&str]] = &[
    &["adapter", "breaker", "context", "settings", "error", "finding", "value", "table", "dialect", "untrusted", "spec"],
    &["catalog", "query", "seal"],
    &["guard", "audit", "profile", "chart", "sample", "export", "store", "knowledge", "index", "minilm", "model"],
    &["gate", "workflow", "map"],
    &["source", "sync"],
    &["ask", "eval"],
    &["registry"],
    &["leo", "builder", "sources", "answerer", "schema"],
];

/// Imports between rooms of one floor, each with its reason.
const ARROWS: &[(&str, &str, &str)] = &[
    ("adapter", "context", "a host's code is called with the context as plain data"),
    ("adapter", "dialect", "a host describes its source, and in which dialect it speaks"),
    ("adapter", "error", "traits return `Result`"),
    ("adapter", "finding", "an audit event carries the verdict"),
    ("adapter", "spec", "a resolver says what a source is"),
    ("adapter", "value", "a mask key is shown as its hash, in hexadecimal"),
    ("breaker", "error", "what is left alone says why, and until when"),
    ("model", "audit", "recorded prompts are masked as records are"),
    ("context", "error", "a context is checked when it is made"),
    ("context", "value", "attributes for row filters are values"),
    ("dialect", "error", "an unknown dialect's name is an error"),
    ("error", "finding", "a refusal carries the guard's findings"),
    ("spec", "context", "session values come from the call's context"),
    ("spec", "dialect", "an engine has a dialect"),
    ("spec", "error", "a spec is checked"),
    ("spec", "value", "attributes in session values are values"),
    ("settings", "error", "an unknown setting is an error"),
    ("settings", "value", "hashes are written as hexadecimal digits"),
    ("table", "error", "rows of different lengths are an error"),
    ("value", "error", "a text that is no decimal is an error"),
    ("table", "value", "cells are values"),
    ("query", "catalog", "a query is validated against the catalogue and joins along its graph"),
    ("export", "chart", "what cannot be seen is made visible by one rule"),
    ("leo", "builder", "the handle offers its builder"),
    ("leo", "sources", "the handle offers its sources"),
    ("sources", "leo", "sources are those of a handle"),
    ("sources", "builder", "sources are added as they are built"),
    ("builder", "leo", "the builder makes the handle"),
    ("schema", "sources", "sources are described, too"),
    ("schema", "leo", "what the handle gives is described, too"),
    ("answerer", "leo", "suites are asked through the handle"),
    ("answerer", "builder", "each database of a suite gets a handle of its own"),
];

/// Lines a file may have, its test modules not counted.
const LINES: usize = 600;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Path,
    Sign(char),
}

impl Token {
    fn word(&self) -> Option<&str> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }
}

/// Words and signs of Rust source with their lines; comments, strings, characters and lifetimes left out.
fn lex(text: &str) -> Vec<(usize, Token)> {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut tokens = Vec::new();
    let (mut index, mut line) = (0, 1);
    while index < bytes.len() {
        let start = index;
        let token = match at(index) {
            b'/' if at(index + 1) == b'/' => {
                while index < bytes.len() && at(index) != b'\n' {
                    index += 1;
                }
                None
            }
            b'/' if at(index + 1) == b'*' => {
                let mut depth = 0;
                while index < bytes.len() {
                    match (at(index), at(index + 1)) {
                        (b'/', b'*') => (depth, index) = (depth + 1, index + 2),
                        (b'*', b'/') => (depth, index) = (depth - 1, index + 2),
                        _ => index += 1,
                    }
                    if depth == 0 {
                        break;
                    }
                }
                None
            }
            b'"' => {
                index = end_of_string(bytes, index);
                None
            }
            // A character, or a lifetime.
            b'\'' => {
                index += 1;
                if at(index) == b'\\' {
                    index += 2;
                    while index < bytes.len() && at(index) != b'\'' {
                        index += 1;
                    }
                    index += 1;
                } else {
                    let width = text[index..].chars().next().map_or(1, char::len_utf8);
                    if at(index + width) == b'\'' {
                        index += width + 1;
                    }
                }
                None
            }
            byte if is_word(byte) => {
                while index < bytes.len() && is_word(at(index)) {
                    index += 1;
                }
                let word = &text[start..index];
                let hashes = bytes[index..].iter().take_while(|byte| **byte == b'#').count();
                if matches!(word, "r" | "br" | "cr") && at(index + hashes) == b'"' {
                    let close = format!("\"{}", "#".repeat(hashes));
                    let body = index + hashes + 1;
                    index = text[body..].find(&close).map_or(bytes.len(), |length| body + length + close.len());
                    None
                } else if matches!(word, "b" | "c") && at(index) == b'"' {
                    index = end_of_string(bytes, index);
                    None
                } else {
                    Some(Token::Word(word.to_owned()))
                }
            }
            b':' if at(index + 1) == b':' => {
                index += 2;
                Some(Token::Path)
            }
            byte => {
                index += 1;
                (!byte.is_ascii_whitespace()).then_some(Token::Sign(char::from(byte)))
            }
        };
        tokens.extend(token.map(|token| (line, token)));
        line += bytes[start..index.min(bytes.len())].iter().filter(|byte| **byte == b'\n').count();
    }
    tokens
}

/// The index behind the string that begins at `index` with a quote.
fn end_of_string(bytes: &[u8], mut index: usize) -> usize {
    index += 1;
    while index < bytes.len() && bytes[index] != b'"' {
        index += if bytes[index] == b'\\' { 2 } else { 1 };
    }
    index + 1
}

/// The tokens without the items under `#[cfg(test)]`, and how many lines those have.
fn without_tests(tokens: Vec<(usize, Token)>) -> (Vec<(usize, Token)>, usize) {
    let (mut kept, mut lines, mut index) = (Vec::new(), 0, 0);
    while index < tokens.len() {
        let Some(mut end) = end_of_attribute(&tokens, index) else {
            kept.push(tokens[index].clone());
            index += 1;
            continue;
        };
        let words: Vec<&str> = tokens[index..end].iter().filter_map(|(_, token)| token.word()).collect();
        if words.first() != Some(&"cfg") || !words.contains(&"test") || words.contains(&"not") {
            kept.extend_from_slice(&tokens[index..end]);
            index = end;
            continue;
        }
        while let Some(next) = end_of_attribute(&tokens, end) {
            end = next;
        }
        end = end_of_item(&tokens, end);
        lines += tokens[end - 1].0 - tokens[index].0 + 1;
        index = end;
    }
    (kept, lines)
}

/// The index behind the attribute `#[…]` that begins at `index`.
fn end_of_attribute(tokens: &[(usize, Token)], index: usize) -> Option<usize> {
    let begins = tokens.get(index)?.1.is('#') && tokens.get(index + 1)?.1.is('[');
    begins.then(|| end_of_group(tokens, index + 1))
}

/// The index behind the bracket that closes the one at `index`.
fn end_of_group(tokens: &[(usize, Token)], index: usize) -> usize {
    let mut depth = 0;
    for (offset, (_, token)) in tokens[index..].iter().enumerate() {
        match token {
            Token::Sign('(' | '[' | '{') => depth += 1,
            Token::Sign(')' | ']' | '}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index + offset + 1;
        }
    }
    tokens.len()
}

/// The index behind the item that begins at `index`: behind its `;`, or behind its `{…}`.
fn end_of_item(tokens: &[(usize, Token)], mut index: usize) -> usize {
    // The braces of `use a::{b, c};` do not end it.
    let is_use = tokens[index..].iter().map_while(|(_, token)| token.word()).any(|word| word == "use");
    while index < tokens.len() {
        match &tokens[index].1 {
            Token::Sign(';') => return index + 1,
            Token::Sign('{') if !is_use => return end_of_group(tokens, index),
            Token::Sign('(' | '[' | '{') => index = end_of_group(tokens, index),
            _ => index += 1,
        }
    }
    index
}

/// What a file of the crate imports from the crate's root: line and name. `file` is its path below `src`.
fn imports(file: &Path, tokens: &[(usize, Token)]) -> Vec<(usize, String)> {
    let own = usize::from(!file.ends_with("mod.rs"));
    let depth = file.components().count() - 1 + own;
    let mut found = Vec::new();
    for (index, (line, token)) in tokens.iter().enumerate() {
        let begins = index == 0 || tokens[index - 1].1 != Token::Path;
        let mut rest = match token.word() {
            Some("crate") => index + 1,
            Some("super") if begins => {
                let supers = tokens[index..].chunks(2).take_while(|pair| pair[0].1.word() == Some("super")).count();
                if supers != depth {
                    continue;
                }
                index + 2 * supers - 1
            }
            _ => continue,
        };
        if tokens.get(rest).map(|(_, token)| token) != Some(&Token::Path) {
            continue;
        }
        rest += 1;
        match tokens.get(rest).map(|(_, token)| token) {
            Some(Token::Word(name)) => found.push((*line, name.clone())),
            Some(Token::Sign('{')) => {
                let group = &tokens[rest + 1..end_of_group(tokens, rest) - 1];
                let (mut level, mut first) = (0, true);
                for (line, token) in group {
                    match token {
                        Token::Sign('{') => level += 1,
                        Token::Sign('}') => level -= 1,
                        Token::Sign(',') if level == 0 => first = true,
                        Token::Word(name) if first => {
                            found.push((*line, name.clone()));
                            first = false;
                        }
                        _ => {}
                    }
                }
            }
            // `crate::*` brings in everything.
            _ => found.push((*line, "*".to_owned())),
        }
    }
    found
}

/// The rooms that `lib.rs` declares, and the room of each name it re-exports.
fn root(text: &str) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let (tokens, _) = without_tests(lex(text));
    let (mut rooms, mut names) = (BTreeSet::new(), BTreeMap::new());
    for (index, (_, token)) in tokens.iter().enumerate() {
        let Some(room) = tokens.get(index + 1).and_then(|(_, token)| token.word()) else { continue };
        match token.word() {
            Some("mod") => _ = rooms.insert(room.to_owned()),
            Some("use") => {
                let rest = tokens[index + 2..].iter().take_while(|(_, token)| !token.is(';'));
                names.extend(rest.filter_map(|(_, token)| token.word()).map(|name| (name.to_owned(), room.to_owned())));
            }
            _ => {}
        }
    }
    (rooms, names)
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// Whether `from` may import `to`, and why not.
fn allowed(from: &str, to: &str) -> Result<(), String> {
    if from == to {
        return Ok(());
    }
    let (Some(own), Some(other)) = (floor(from), floor(to)) else {
        let unknown = if floor(from).is_none() { from } else { to };
        return Err(format!("`{unknown}` has no floor; give it one in tests/tests/floors.rs and docs/ARCHITECTURE.md"));
    };
    if other < own || (other == own && ARROWS.iter().any(|(a, b, _)| (*a, *b) == (from, to))) {
        return Ok(());
    }
    let hint = if other == own { "; if it has to, list the arrow with its reason in tests/tests/floors.rs" } else { "" };
    Err(format!("`{from}` (floor {own}) may not import `{to}` (floor {other}){hint}"))
}

/// What is wrong with the imports of one file, and the rooms it imports.
fn check(file: &Path, text: &str, names: &BTreeMap<String, String>) -> (Vec<String>, Vec<(String, String)>) {
    let first = file.iter().next().unwrap().to_str().unwrap();
    let from = first.strip_suffix(".rs").unwrap_or(first);
    let (tokens, _) = without_tests(lex(text));
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    for (line, name) in imports(file, &tokens) {
        let to = names.get(&name).unwrap_or(&name);
        match allowed(from, to) {
            Ok(()) => seen.push((from.to_owned(), to.clone())),
            Err(why) => wrong.push(format!("leo-core/src/{}:{line}: {why}", file.display())),
        }
    }
    (wrong, seen)
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../leo-core/src")
}

/// Every file of the crate except `lib.rs` and the files of tests: path below `src` and text.
fn files() -> Vec<(PathBuf, String)> {
    let (root, mut folders, mut files) = (source(), vec![source()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let is_test = name == "tests" || name == "tests.rs" || name.starts_with("tests_");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if name.ends_with(".rs") && !is_test {
                let below = path.strip_prefix(&root).unwrap().to_owned();
                files.push((below, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.retain(|(file, _)| file != Path::new("lib.rs"));
    files.sort();
    assert!(files.len() > 150, "only {} files were found", files.len());
    files
}

#[test]
fn imports_go_down() {
    let (rooms, names) = root(&std::fs::read_to_string(source().join("lib.rs")).unwrap());
    assert!(rooms.len() > 15 && names["Value"] == "value", "{rooms:?} {names:?}");
    let (mut wrong, mut seen) = (Vec::new(), Vec::new());
    wrong.extend(rooms.iter().filter(|room| floor(room).is_none()).map(|room| format!("`{room}` has no floor")));
    for (file, text) in files() {
        let (bad, good) = check(&file, &text, &names);
        wrong.extend(bad);
        seen.extend(good);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen.len() > 600, "only {} imports were found", seen.len());
    for (from, to, _) in ARROWS {
        let used = seen.iter().any(|(a, b)| (a, b) == (&(*from).to_owned(), &(*to).to_owned()));
        assert!(used || !rooms.contains(*from), "the arrow {from} → {to} is not used any more; take it out");
        assert_eq!(floor(from), floor(to), "the arrow {from} → {to} leaves its floor");
    }
}

#[test]
fn the_checker_sees_every_kind_of_import() {
    let (_, names) = root("pub mod gate;\npub use gate::{Door, Key as Latch};\npub use leo::Leo;");
    let wrong = |file: &str, text: &str| check(Path::new(file), text, &names).0.join("\n");
    // Up: alone, in a group, in a nested group, inline, through the root's re-export, by `super`, all at once.
    for text in [
        "use crate::ask::Plan;",
        "pub(crate) use crate::{error::{Error, Result}, ask::Plan};",
        "use crate::{\n    error::Error,\n    ask,\n};",
        "fn f() -> u8 { let c = '\"'; crate::ask::plan(c) }",
        "fn f<'a>(x: &'a str) { g!(x, crate::ask::plan) }",
        "use crate::{Door, Leo};",
        "use super::super::ask::Plan;",
        "use crate::*;",
        "#[cfg(not(test))]\nuse crate::ask::Plan;",
        "#[cfg(test)]\nuse crate::{ask::Plan, eval};\nuse crate::leo::Leo;",
    ] {
        assert_eq!(wrong("gate/run.rs", text).lines().count(), 1, "{text}: {}", wrong("gate/run.rs", text));
    }
    assert_eq!(
        wrong("gate/run.rs", "//! a\n/* /* b */ */\n\nuse crate::{value::Value, ask::Plan};"),
        "leo-core/src/gate/run.rs:4: `gate` (floor 3) may not import `ask` (floor 5)"
    );
    // Sideways, with and without an arrow; a room nobody knows.
    assert_eq!(wrong("query/model.rs", "use crate::catalog::Catalog;"), "");
    assert!(wrong("catalog/model.rs", "use crate::query::Grain;").contains("list the arrow"));
    assert!(wrong("gate/run.rs", "use crate::cellar::Wine;").contains("`cellar` has no floor"));
    // Down, inside the room, in comments, strings and tests.
    for text in [
        "use crate::guard::VettedSql; use crate::gate::record; use super::record; use crate::{Result, Key};",
        "/// [`crate::ask`]\n// crate::ask\n/* crate::ask */ const A: &str = \"crate::ask::B\"; const C: &str = r#\"\" crate::ask::B\"#;",
        "#[cfg(test)]\n#[allow(clippy::unwrap_used)]\nmod tests {\n    use crate::ask::Plan;\n}\n#[cfg(all(test, unix))] fn f(x: [u8; 2]) { crate::ask::g() }",
    ] {
        let names = BTreeMap::from([("Result".to_owned(), "error".to_owned()), ("Key".to_owned(), "value".to_owned())]);
        assert_eq!(check(Path::new("gate/run.rs"), text, &names).0, [""; 0], "{text}");
    }
}

#[test]
fn files_are_short() {
    let length = |text: &str| text.lines().count() - without_tests(lex(text)).1;
    assert_eq!(length("fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n"), 2);
    let long: Vec<String> = files()
        .iter()
        .map(|(file, text)| (file, length(text)))
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| format!("leo-core/src/{} has {lines} lines; split it", file.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_architecture_page_shows_the_house_as_it_is() {
    let repository = source().join("../..");
    let page = std::fs::read_to_string(repository.join("docs/ARCHITECTURE.md")).unwrap();
    fn quoted(text: &str) -> impl Iterator<Item = &str> {
        text.split('`').skip(1).step_by(2)
    }
    for (floor, rooms) in FLOORS.iter().enumerate() {
        let row = page.lines().find_map(|line| line.strip_prefix(&format!("| {floor} | "))).unwrap();
        let shown: Vec<&str> = quoted(row.split('|').next().unwrap()).collect();
        assert_eq!(shown, *rooms, "floor {floor}");
    }
    // Files and folders that it names exist, below the crate's sources or the repository's root.
    let is_path = |text: &&str| text.contains('/') && (text.ends_with(".rs") || text.ends_with('/')) && !text.contains(' ');
    let paths: BTreeSet<&str> = page.lines().flat_map(quoted).filter(is_path).collect();
    let missing: Vec<&&str> =
        paths.iter().filter(|path| !source().join(path).exists() && !repository.join(path).exists()).collect();
    assert!(missing.is_empty() && paths.len() > 50, "{} paths, not there: {missing:?}", paths.len());
    let links: Vec<&str> = page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(links.len() > 5 && links.iter().all(|link| repository.join("docs").join(link).exists()), "{links:?}");
}
