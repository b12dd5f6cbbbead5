//! Text of others in prompts: Markdown cases under `tests/prompt_injection/`, and public payloads in every place.
//!
//! The info string of a block is the place (`table`, `column`, `comment`, `value`, `glossary`, `header`), the block the payload;
//! `> becomes:` is what a prompt gets, `> unchanged` that it gets the payload as it is. `\u{…}` and, below a block, `\n` stand for
//! characters.

use std::path::Path;

use leo::untrusted::{self, Block, Safe};
use leo_tests::guard::shared;
use proptest::prelude::*;

/// Places and how many characters they may have.
const PLACES: &[(&str, usize)] =
    &[("table", 128), ("column", 128), ("header", 128), ("comment", 300), ("value", 120), ("glossary", 4_000)];

fn clean(place: &str, text: &str) -> Safe {
    match place {
        "table" | "column" | "header" => untrusted::identifier(text),
        "comment" => untrusted::comment(text),
        "value" => untrusted::value(text),
        "glossary" => untrusted::text(text),
        other => panic!("unknown place {other}"),
    }
}

/// Characters behind their escapes.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        plain.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        plain.push_str(rest);
    }
    plain
}

struct Case {
    line: String,
    place: String,
    payload: String,
    /// Nothing, when it stays as it is.
    becomes: Option<String>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("prompt_injection")).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some(place) = line.strip_prefix("````") else { continue };
            let payload: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "````").collect();
            let outcome = lines.next().unwrap().1;
            cases.push(Case {
                line: format!("{}:{}", path.file_name().unwrap().to_string_lossy(), number + 1),
                place: place.to_owned(),
                payload: unescaped(&payload.join("\n")),
                becomes: outcome.strip_prefix("> becomes: ").map(|text| unescaped(&text.replace("\\n", "\n"))),
            });
            assert!(cases.last().unwrap().becomes.is_some() || outcome == "> unchanged", "{}", cases.last().unwrap().line);
        }
    }
    cases
}

/// What holds of everything that comes out, whatever went in.
fn assert_safe(place: &str, payload: &str) -> Result<(), String> {
    let limit = PLACES.iter().find(|(own, _)| *own == place).unwrap().1;
    let safe = clean(place, payload);
    let text = safe.as_str();
    let fail = |what: &str| Err(format!("{what} ({place}): {payload:?} became {text:?}"));
    if safe.is_changed() != (text != payload) {
        return fail("changed");
    }
    if clean(place, text).is_changed() {
        return fail("not settled");
    }
    if text.chars().count() > limit {
        return fail("too long");
    }
    let hidden =
        |c: char| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    if text.contains(|c| hidden(c) && !(c == '\n' && place == "glossary")) {
        return fail("hidden characters");
    }
    let marks = ["<|", "|>", "{{", "}}", "{%", "${", "```", "~~~", "<!", "</", "[INST]", "⟦", "⟧", "](", "\u{feff}", "\n\n\n"];
    if marks.iter().any(|mark| text.contains(mark)) {
        return fail("a mark");
    }
    let speaker =
        |line: &str| ["system: ", "user: ", "assistant: ", "human: "].iter().any(|own| line.to_lowercase().starts_with(own));
    if text.lines().any(speaker) {
        return fail("a speaker");
    }
    // Inside a block it cannot reach the end of it.
    let block = Block::new("schema").say("- ").data(&safe).finish();
    let (first, rest) = block.as_str().split_once('\n').unwrap();
    let hash = first.strip_prefix("⟦data schema ").and_then(|rest| rest.strip_suffix('⟧')).unwrap();
    let end = format!("\n⟦end {hash}⟧\n");
    if rest.strip_suffix(&end).is_none_or(|body| body.contains(['⟦', '⟧'])) {
        return fail("fence");
    }
    Ok(())
}

#[test]
fn every_case_becomes_what_it_says() {
    let cases = cases();
    let mut wrong = Vec::new();
    for case in &cases {
        let safe = clean(&case.place, &case.payload);
        let expected = case.becomes.as_ref().unwrap_or(&case.payload);
        if safe.as_str() != expected {
            wrong.push(format!("{}: {:?}\n    expected {expected:?}", case.line, safe.as_str()));
        }
        wrong.extend(assert_safe(&case.place, &case.payload).err());
    }
    println!("{} cases, {} wrong", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 60 && PLACES.iter().all(|(place, _)| cases.iter().any(|case| case.place == *place)));
}

#[test]
fn public_payloads_come_out_safe_in_every_place() {
    let mut payloads = Vec::new();
    for (file, keys) in [("injection_payloads", &["text"][..]), ("prompt_to_sql_attacks", &["prompt", "injected"])] {
        let Some(path) = shared(&format!("guard/{file}.jsonl")) else { continue };
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            payloads.extend(keys.iter().filter_map(|key| row[key].as_str().map(str::to_owned)));
        }
    }
    let mut changed = 0;
    for payload in &payloads {
        // Alone, and behind words that look honest.
        for text in [payload.clone(), format!("Paid orders.\n\n{payload}")] {
            for (place, _) in PLACES {
                changed += usize::from(clean(place, &text).is_changed());
                assert_safe(place, &text).unwrap();
            }
        }
    }
    println!("{} payloads, 2 texts, {} places: {changed} changed", payloads.len(), PLACES.len());
    assert!(payloads.is_empty() || payloads.len() >= 1_615);
}

/// Pieces that marks are made of, and letters they may hide in.
const PIECES: &[&str] = &[
    "<",
    "|",
    ">",
    "{",
    "}",
    "%",
    "#",
    "$",
    "[",
    "]",
    "(",
    ":",
    "`",
    "~",
    "-",
    "=",
    "*",
    "/",
    "!",
    "?",
    " ",
    "\n",
    "\r",
    "\t",
    "system",
    "USER",
    "im_start",
    "INST",
    "s",
    "SYS",
    "Answer",
    "⟦",
    "⟧",
    "end",
    "\u{200b}",
    "\u{301}",
    "\u{202e}",
    "\u{e0041}",
    "＜",
    "｜",
    "：",
    "é",
    "ｓ",
    "🇩",
    "🏽",
    "\u{0}",
    "\u{1fef}",
    "\u{37e}",
    "…",
    "x",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_marks_come_out_safe(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..400), place in 0usize..6) {
        prop_assert_eq!(assert_safe(PLACES[place].0, &pieces.concat()), Ok(()));
    }

    #[test]
    fn any_text_comes_out_safe(text in "\\PC{0,200}|(?s:.{0,200})", place in 0usize..6) {
        prop_assert_eq!(assert_safe(PLACES[place].0, &text), Ok(()));
    }
}

#[test]
fn long_text_is_cut_and_says_so() {
    for (place, limit) in PLACES {
        for piece in ["a", "é", "🇩🇪", ":", "[", "<|", "`", "{", "\u{301}", "<", "\n", "a: ", "\u{200b}", "system: "] {
            let text = format!("start {}", piece.repeat(300_000));
            let safe = clean(place, &text);
            assert!(safe.as_str().starts_with("start") && safe.as_str().chars().count() <= *limit, "{place} {piece:?}");
            assert!(safe.is_changed() && assert_safe(place, &text) == Ok(()), "{place} {piece:?}");
        }
        assert!(clean(place, &"a".repeat(limit + 1)).as_str().ends_with('…'));
        assert!(!clean(place, &"a".repeat(*limit)).is_changed());
    }
}
