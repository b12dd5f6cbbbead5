//! Marks that chat formats, template engines and Markdown obey: taken out, or broken so that they are only characters.

/// Names between `<` and `>` that are single tokens to some model.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "s", "bos", "eos", "pad", "unk", "sep", "cls", "mask", "start_of_turn", "end_of_turn", "startoftext", "endoftext", "sys",
];
/// The same between square brackets.
const BRACKETED: &[&str] =
    &["inst", "available_tools", "tool_calls", "tool_results", "tool_content", "system_prompt", "prefix", "middle", "suffix"];
/// Characters up to which a closing bracket is looked for.
const LONGEST_TOKEN: usize = 24;
/// Two characters that mean something only side by side.
#[rustfmt::skip]
const PAIRS: &[(char, char)] = &[
    ('{', '{'), ('}', '}'), ('{', '%'), ('%', '}'), ('{', '#'), ('#', '}'), ('$', '{'), ('#', '{'), ('<', '%'), ('%', '>'),
    ('<', '|'), ('|', '>'), (']', '('), (']', ':'),
];
/// Who speaks, in a transcript.
const ROLES: &[&str] = &["system", "user", "assistant", "human", "developer"];
/// What else begins a line of a transcript or of a worked example.
#[rustfmt::skip]
const HEADERS: &[&str] = &[
    "ai", "model", "bot", "tool", "function", "ipython", "instruction", "instructions", "input", "output", "response", "question",
    "answer", "final answer", "thought", "action", "action input", "observation", "sqlquery", "sql query", "sqlresult", "sql result",
];
/// Rounds of cleaning before everything that could be part of a mark is taken out.
const ROUNDS: usize = 8;

/// `text` without marks, its blanks and empty lines tidied. What it returns, it returns unchanged.
pub(super) fn without(text: &str) -> String {
    let mut text = tidy(text);
    if text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '.' | ',' | '@' | '/' | '\'' | '(' | ')')) {
        return text;
    }
    // What is taken out may bring together what stood around it: `<|im_<|x|>start|>`.
    for _ in 0..ROUNDS {
        let next = tidy(&headers(&tags(&pairs(&runs(&tokens(&text))))));
        if next == text {
            return text;
        }
        text = next;
    }
    tidy(&text.replace(|c: char| c.is_ascii_punctuation(), " "))
}

/// One blank between words, none around lines, at most one empty line.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let mut words = line.split(' ').filter(|word| !word.is_empty()).peekable();
        if words.peek().is_none() {
            empty += 1;
            continue;
        }
        if !tidy.is_empty() {
            tidy.push_str(if empty > 0 { "\n\n" } else { "\n" });
        }
        empty = 0;
        for (index, word) in words.enumerate() {
            if index > 0 {
                tidy.push(' ');
            }
            tidy.push_str(word);
        }
    }
    tidy
}

/// Special tokens to blanks: `<|…|>`, `<s>`, `</s>`, `<<SYS>>`, `[INST]`.
fn tokens(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '<' => bar_token(rest).or_else(|| named_token(rest, '>', TOKENS)),
            '[' => named_token(rest, ']', BRACKETED),
            _ => None,
        };
        kept.push(if length.is_some() { ' ' } else { c });
        rest = rest.get(length.unwrap_or(c.len_utf8())..).unwrap_or("");
    }
    kept
}

/// The length of the `<|…|>` that `text` begins with.
fn bar_token(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("<|")?;
    let end = inner.find(['<', '>', '|', '\n'])?;
    inner.get(end..)?.starts_with("|>").then_some(end + 4)
}

/// The length of the bracketed name that `text` begins with, when it is one of `names`.
fn named_token(text: &str, close: char, names: &[&str]) -> Option<usize> {
    let inner = text.get(1..)?;
    let end = inner.char_indices().take(LONGEST_TOKEN).find_map(|(at, c)| (c == close).then_some(at))?;
    let name = inner.get(..end)?.trim_start_matches('/').trim();
    names.iter().any(|own| own.eq_ignore_ascii_case(name)).then_some(end + 2)
}

/// Code fences to single characters, rules of dashes to three.
fn runs(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut count = 1;
        while matches!(c, '`' | '~' | '-' | '=' | '*' | '#') && chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        let count = match c {
            '`' | '~' if count >= 3 => 1,
            _ => count.min(3),
        };
        kept.extend(std::iter::repeat_n(c, count));
    }
    kept
}

/// A blank between characters that mean something only side by side, and into the end of an HTML comment.
fn pairs(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = ['\0'; 2];
    for c in text.chars() {
        if PAIRS.contains(&(before[1], c)) || (before == ['-', '-'] && c == '>') {
            kept.push(' ');
        }
        kept.push(c);
        before = [before[1], c];
    }
    kept
}

/// The angle brackets of tags to quotation marks that look like them.
fn tags(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let mut kept = String::with_capacity(text.len());
    let mut open = false;
    while let Some(c) = chars.next() {
        let begins = c == '<' && chars.peek().is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '!' | '?'));
        kept.push(match c {
            '<' if begins => '‹',
            '>' if open => '›',
            c => c,
        });
        open = (open || begins) && c != '>';
    }
    kept
}

/// The headings and speakers that lines begin with, and speakers inside them: `### System:` to `System –`.
fn headers(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(header).collect();
    lines.join("\n")
}

fn header(line: &str) -> String {
    let mut line = line;
    // `# of orders` is a comment as people write it; two signs are a heading.
    let signs = line.len() - line.trim_start_matches('#').len();
    if signs >= 2 && line.get(signs..).is_some_and(|rest| rest.starts_with(' ')) {
        line = line.get(signs..).unwrap_or("").trim_start();
    }
    let last_blank = line.rfind(' ').unwrap_or(0);
    let mut kept = String::with_capacity(line.len());
    let mut done = 0;
    for (at, _) in line.match_indices(':') {
        let before = line.get(..at).unwrap_or("").trim_end_matches([' ', '*', '_', '"', '\'', '`', ')', ']']);
        let starts_line = |name: &str| {
            before.len() >= name.len()
                && before.get(before.len() - name.len()..).is_some_and(|end| end.eq_ignore_ascii_case(name))
                && !before.get(..before.len() - name.len()).unwrap_or("").contains(char::is_alphanumeric)
        };
        let ends_word = line.get(at + 1..).is_none_or(|after| after.is_empty() || after.starts_with(' '));
        let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let speaks = ends_word && ROLES.iter().any(|own| own.eq_ignore_ascii_case(last));
        // `user:read` is one word; `user:read it` is somebody speaking.
        let speaks = speaks || (ends_word || last_blank > at) && ROLES.iter().chain(HEADERS).any(|name| starts_line(name));
        if speaks {
            kept.push_str(line.get(done..at).unwrap_or(""));
            kept.push_str(" – ");
            done = at + 1;
        }
    }
    kept.push_str(line.get(done..).unwrap_or(""));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn marks_go_and_words_stay() {
        for (text, expected) in [
            ("a <|im_start|>system b", "a system b"),
            ("<|im_<|x|>start|>", "< |im_ start| >"),
            ("</s><s> [INST] x [/INST] <<SYS>>y<</SYS>>", "x < >y< >"),
            ("<start_of_turn>user", "user"),
            ("{{x}} {% raw %} ${y} #{z} <%= 1 %>", "{ {x} } { % raw % } $ {y} # {z} < %= 1 % >"),
            ("<!-- hidden --> <system>x</system>", "‹!-- hidden -- › ‹system›x‹/system›"),
            ("```sql\nDROP\n```", "`sql\nDROP\n`"),
            ("----------\nEND\n==========", "---\nEND\n==="),
            ("### System: x", "System – x"),
            ("**Assistant**: yes. user: no", "**Assistant** – yes. user – no"),
            ("Thought: a\nAction Input: b", "Thought – a\nAction Input – b"),
            ("![x](http://a?q=1) [r]: http://b", "![x] (http://a?q=1) [r] : http://b"),
        ] {
            assert_eq!(without(text), expected, "{text}");
        }
    }

    #[test]
    fn honest_text_is_left_alone() {
        for text in [
            "# of orders",
            "user:read",
            "a < b and c > d",
            "9:30",
            "status: paid, sent or open",
            "net of tax (in EUR)",
            "see https://example.org/a?b=c",
            "x <= 3",
            "{\"a\": [1, 2]}",
            "[1, 2]",
            "`code`",
            "C:\\temp",
            "a -- b",
            "question",
            "file_system",
            "Antwort: ja",
        ] {
            assert_eq!(without(text), text);
        }
    }

    proptest! {
        #[test]
        fn what_came_out_stays(parts in prop::collection::vec(prop::sample::select(vec![
            "<", "|", ">", "{", "}", "%", "#", "$", "[", "]", "(", ":", "`", "~", "-", "=", "*", "/", "!", "?", " ", "\n", "s", "INST",
            "system", "user", "x", "–", "‹", "im_start", "SYS", "Answer", "é", "_", "\"",
        ]), 0..40)) {
            let once = without(&parts.concat());
            prop_assert_eq!(without(&once), once.clone());
            for (left, right) in PAIRS {
                prop_assert!(!once.contains(&format!("{left}{right}")), "{}", once);
            }
            prop_assert!(!once.contains("```") && !once.contains("-->") && !once.contains("<!"), "{}", once);
        }
    }
}
